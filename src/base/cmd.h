/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a command is: a name, a table of options, defaults, and a function.
 * main.c owns the list; opt.c turns words into the options struct.
 */
#ifndef CMD_H
#define CMD_H

#include <stddef.h>
#include <stdint.h>

struct opt;

struct cmd {
	const char *name, *help;
	/*
	 * Operands as the usage line shows them: "FINDING", "A B", "[-- COMMAND ...]".
	 * NULL: none.  A command to run is accepted only if "--" is in here, and other
	 * operands only if something stands before it.
	 */
	const char *args;
	const struct opt *options;
	size_t noptions;
	const void *defaults;	/* NULL: all zero */
	size_t opts_size;
	int (*run)(const void *opts, int argc, char **argv);
};

/* How far name is from word, as people mistype; SIZE_MAX: not meant by it. */
size_t name_distance(const char *word, const char *name);
/* The command that word most likely meant, or NULL; cmds ends with NULL. */
const struct cmd *cmd_suggest(const struct cmd *const *cmds, const char *word);

#endif
