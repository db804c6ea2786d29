// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes, see attr.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/attr.h"

#define ATTR_MAX 4096		/* a page: no sysfs attribute is longer, COMMAND_LINE_SIZE less */

/* False for a path too long to exist. */
static bool path_make(char *path, const char *fmt, va_list args)
{
	return vsnprintf(path, PATH_MAX, fmt, args) < PATH_MAX;
}

#define PATH_FROM(path, fmt)				\
	char path[PATH_MAX];				\
	bool path##_fits;				\
	va_list args;					\
	va_start(args, fmt);				\
	path##_fits = path_make(path, fmt, args);	\
	va_end(args)

static char *read_line(const char *path)
{
	char buf[ATTR_MAX + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, buf, ATTR_MAX);

	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return NULL;
	buf[len] = 0;
	buf[strcspn(buf, "\n")] = 0;
	return *buf ? strdup(buf) : NULL;
}

char *attr_text(const char *fmt, ...)
{
	PATH_FROM(path, fmt);

	return path_fits ? read_line(path) : NULL;
}

char *attr_link(const char *fmt, ...)
{
	char target[PATH_MAX];
	ssize_t len;
	PATH_FROM(path, fmt);

	len = path_fits ? readlink(path, target, sizeof(target) - 1) : -1;
	if (len <= 0)
		return NULL;
	target[len] = 0;
	return strdup(basename(target));
}

bool attr_s64(long long *value, const char *fmt, ...)
{
	char *text, *end;
	long long parsed;
	bool whole;
	PATH_FROM(path, fmt);

	text = path_fits ? read_line(path) : NULL;
	if (!text)
		return false;
	errno = 0;
	parsed = strtoll(text, &end, 0);
	whole = end != text && !*end && !errno;
	free(text);
	if (whole)
		*value = parsed;
	return whole;
}

bool attr_exists(const char *fmt, ...)
{
	PATH_FROM(path, fmt);

	return path_fits && !access(path, F_OK);
}
