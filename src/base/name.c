// SPDX-License-Identifier: GPL-2.0
/*
 * Names, see name.h.
 */
#include <string.h>
#include "base/name.h"

bool name_same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

int name_compare(const char *a, const char *b)
{
	bool none_a = !a || !*a, none_b = !b || !*b;

	return none_a || none_b ? none_a - none_b : strcmp(a, b);
}

char *name_copy(const char *name)
{
	return name && *name ? strdup(name) : NULL;
}
