// SPDX-License-Identifier: GPL-2.0
/*
 * Messages on stderr.  Names in them (devices, tasks, arguments) come from outside, so say()
 * escapes every message, in the encoding of the locale.
 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fmt.h"

int verbose;

static void say(const char *who, const char *line)
{
	char *safe = fmt_printable(line, fmt_locale_utf8());

	/* One call, so that lines of several processes do not interleave. */
	fprintf(stderr, "dmatrace%s%s: %s\n", who ? " " : "", who ? who : "",
		safe ? safe : "out of memory");
	free(safe);
}

static void vsay(const char *who, const char *fmt, va_list args)
{
	char message[1024];

	vsnprintf(message, sizeof(message), fmt, args);
	say(who, message);
}

/* The names are in parentheses because err.h wraps them in macros. */
int (fail)(int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsay(NULL, fmt, args);
	va_end(args);
	return err;
}

int (fail_as)(int err, const char *who, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsay(who, fmt, args);
	va_end(args);
	return err;
}

const char *err_remedy(int err)
{
	switch (err) {
	case -EMFILE:
		return "; raise 'ulimit -n'";
	case -ENFILE:
		return "; the whole system has no descriptors left, see /proc/sys/fs/file-max";
	case -ENOMEM:
		return "; raise 'ulimit -v' or the memory.max of the cgroup, or free some memory";
	case -EAGAIN:
		return "; there are too many processes, raise 'ulimit -u' or the cgroup's pids.max";
	default:
		return "";
	}
}

const char *error_text(int err)
{
	struct rlimit limit;

	err = abs(err);
	if (err == EFBIG && !getrlimit(RLIMIT_FSIZE, &limit) && limit.rlim_cur != RLIM_INFINITY)
		return "the limit on file sizes is reached; raise it with 'ulimit -f'";
	return strerror(err);
}

void warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsay(NULL, fmt, args);
	va_end(args);
}

void note(const char *fmt, ...)
{
	va_list args;

	if (!verbose && !isatty(STDERR_FILENO))
		return;
	va_start(args, fmt);
	vsay(NULL, fmt, args);
	va_end(args);
}

/* libbpf and the verifier speak in several lines at a time. */
void debug(const char *fmt, ...)
{
	char message[8192], *rest = message, *line;
	va_list args;

	if (!verbose)
		return;
	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	while ((line = strsep(&rest, "\n")))
		if (*line)
			say(NULL, line);
}
