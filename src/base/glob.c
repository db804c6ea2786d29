// SPDX-License-Identifier: GPL-2.0
/*
 * Patterns taken apart; what a part fits is fnmatch()'s to say.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include "base/glob.h"

/* The length of "[...]", 0 when it is not closed, and so no set. */
static size_t set_length(const char *pattern)
{
	const char *c = pattern + 1;

	if (*c == '!' || *c == '^')
		c++;
	if (*c == ']')
		c++;
	for (; *c && *c != ']'; c++) {
		const char *inner = c[0] == '[' && strchr(":.=", c[1]) && c[1] ?
				    strstr(c + 2, (char[]){ c[1], ']', '\0' }) : NULL;

		if (inner)
			c = inner + 1;
		else if (*c == '\\' && c[1])
			c++;
	}
	return *c ? c + 1 - pattern : 0;
}

static size_t part_length(const char *pattern)
{
	size_t set = *pattern == '[' ? set_length(pattern) : 0;

	return set ? set : *pattern == '\\' && pattern[1] ? 2 : 1;
}

static void part_add(struct dmt_glob *glob, const char *pattern, size_t length)
{
	char part[256];

	snprintf(part, sizeof(part), "%s%.*s", length == 1 && *pattern == '[' ? "\\" : "",
		 (int)length, pattern);
	for (unsigned c = 1; c < 256; c++)
		if (!fnmatch(part, (char[]){ c, '\0' }, 0))
			glob->accepts[c] |= 1ull << glob->parts;
}

int glob_compile(struct dmt_glob *glob, const char *pattern)
{
	bool star = false;

	*glob = (struct dmt_glob){ .given = pattern != NULL };
	for (size_t length; pattern && *pattern; pattern += length) {
		length = part_length(pattern);
		if (star && *pattern == '*')
			continue;
		if (glob->parts == DMT_GLOB_PARTS || length > 200)
			return -E2BIG;
		star = *pattern == '*';
		if (star)
			glob->stars |= 1ull << glob->parts;
		else
			part_add(glob, pattern, length);
		glob->parts++;
	}
	return 0;
}

bool glob_fits(const char *pattern, const char *name)
{
	return !pattern || (name && !fnmatch(pattern, name, 0));
}
