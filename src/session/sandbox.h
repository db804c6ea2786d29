/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work on files of others with as few rights as it takes.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

enum {
	SANDBOX_SERVE = 1,	/* answer on sockets that are listening */
	SANDBOX_REPLACE = 2,	/* rename or remove a file that is open for writing */
};

/*
 * Give up all capabilities, and all system calls but those that reading files and printing take
 * and what `more` asks for, for good.  Files that take privileges to open have to be open by now.
 * Where the kernel has no seccomp the capabilities alone are given up, with a message with -v.
 */
void sandbox_enter(unsigned more);

#endif
