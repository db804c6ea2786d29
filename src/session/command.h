/* SPDX-License-Identifier: GPL-2.0 */
/*
 * COMMAND: which file it is, and starting it.  Both as a shell does.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <sys/types.h>

/*
 * Would it start?  0, or an exit code, reported: 127 when there is no such file, 126 when there is
 * one that cannot be executed.
 */
int command_check(const char *name);

/*
 * Start it, with the signals of our caller.  words: its name, its arguments, NULL.  A text file
 * without #! is run by /bin/sh.  0, or an exit code, reported, and *pid is 0: of command_check(),
 * or EXIT_FAILED when there is no room for a process.
 */
int command_start(char **words, pid_t *pid);

#endif
