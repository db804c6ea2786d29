/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long to trace: a command's lifetime, a duration, or until a signal.
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>

struct run {
	unsigned long long duration_ns;	/* 0: no limit */
	char **command;			/* NULL: none; ends with NULL */
	int status;			/* of the command, from waitpid(); -1: it did not end */
	bool interrupted;		/* a signal ended the measurement */
	/*
	 * NULL, or what to do meanwhile whenever fd can be read.  It must not wait for long.  What
	 * it returns is in how many ms to call it at the latest, 0: when there is something to
	 * read.  Negative ends the measurement, and is kept in work_err.
	 */
	int (*work)(void *arg);
	void *arg;
	int fd, work_err;
	bool recording;			/* work, or what comes after it, writes a file */
};

/* Would the command start?  0, or the exit code, reported. */
int run_check(const struct run *run);

/*
 * Returns when it is over: 0, or the exit code of a run that did not begin, or that cannot be
 * waited for, reported.  Privileges that tracing takes no more are given up once the command runs,
 * which keeps them.  A command still running then is sent SIGTERM and not waited for.  The first
 * Ctrl-C ends the measurement, a second one, or one that comes after the end, the program; see
 * base/signals.h.
 */
int run_wait(struct run *run);

/* The exit code of a run whose command did not end well, which is reported; else EXIT_OK. */
int run_command_exit(const struct run *run);

#endif
