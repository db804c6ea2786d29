/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages for people, all on stderr, and the exit codes of the program.
 * Whoever knows the user's noun reports with fail(); everyone above returns the code.
 * stdout belongs to the renderers.
 */
#ifndef ERR_H
#define ERR_H

#include <errno.h>
#include <stdbool.h>

enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,		/* the command line made no sense */
	EXIT_CANNOT = 3,	/* this kernel or these privileges do not allow it */
	EXIT_THRESHOLD = 4,	/* a condition the user set was met */
	EXIT_INCOMPLETE = 5,	/* more was lost than the user accepts */
};

extern int verbose;

/* "dmatrace: message", once; returns err, which is a negative errno. */
int fail(int err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "dmatrace who: message", for what belongs to one command. */
int fail_as(int err, const char *who, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/*
 * strerror() of an errno, negative or not, of a file that was written; of one that has reached the
 * limit on file sizes it names that limit.
 */
const char *error_text(int err);
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "; what to do" where err (-errno) says that something ran out, to end a message; else "". */
const char *err_remedy(int err);
static inline bool err_no_descriptors(int err)
{
	return err == -EMFILE || err == -ENFILE;
}
/* Progress: silent when stderr is not a terminal, unless -v. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Lets the compiler see that a failure is never 0, so it can judge what is initialised. */
static inline int err_negative(int err)
{
	return err < 0 ? err : -EINVAL;
}
#define fail(...) err_negative(fail(__VA_ARGS__))
#define fail_as(...) err_negative(fail_as(__VA_ARGS__))

#endif
