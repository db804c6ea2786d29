/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Options as data: parsing, help, and a listing for tests all come from one table.
 * A table names fields of the command's options struct; a field of the wrong type does not
 * compile.  It knows nothing of what any option means.
 *
 *	static const struct stat_opts { unsigned long long duration_ns; bool quiet; } defaults;
 *	static const struct opt stat_options[] = {
 *		OPT_TIME('d', "duration", struct stat_opts, duration_ns, "TIME", "stop after TIME"),
 *		OPT_FLAG('q', "quiet", struct stat_opts, quiet, "print no header"),
 *	};
 */
#ifndef OPT_H
#define OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/cmd.h"

enum opt_kind {
	OPT_KIND_FLAG, OPT_KIND_COUNTER, OPT_KIND_STRING, OPT_KIND_TIME, OPT_KIND_SIZE,
	OPT_KIND_U64, OPT_KIND_PERCENT, OPT_KIND_ENUM, OPT_KIND_LIST, OPT_KIND_GROUP,
};

#define OPT_LIST_MAX 32

struct opt_list {			/* a repeatable option; items point into argv */
	size_t count;
	const char *items[OPT_LIST_MAX];
};

struct opt {
	char short_name;		/* 0: none */
	const char *name;
	enum opt_kind kind;
	size_t offset;
	const char *arg, *help;
	const char *const *values;	/* enum: names, then NULL; the field holds the index */
	unsigned long long min, max;	/* time, size, u64, percent; max 0: no limit */
};

#define OPT_IS(type, field, want) \
	__builtin_types_compatible_p(__typeof__(((type *)0)->field), want)
#define OPT_OFFSET(type, field, want) \
	(offsetof(type, field) + 0 * sizeof(char[OPT_IS(type, field, want) ? 1 : -1]))
#define OPT_ENTRY(s, n, k, type, field, want, a, h, ...) \
	{ .short_name = s, .name = n, .kind = k, .offset = OPT_OFFSET(type, field, want), \
	  .arg = a, .help = h, ##__VA_ARGS__ }

/* Fields: bool, int, const char *, unsigned long long (four), int or enum, struct opt_list. */
#define OPT_FLAG(s, n, type, field, h) \
	OPT_ENTRY(s, n, OPT_KIND_FLAG, type, field, bool, NULL, h)
#define OPT_COUNTER(s, n, type, field, h) \
	OPT_ENTRY(s, n, OPT_KIND_COUNTER, type, field, int, NULL, h)
#define OPT_STR(s, n, type, field, a, h) \
	OPT_ENTRY(s, n, OPT_KIND_STRING, type, field, const char *, a, h)
#define OPT_TIME(s, n, type, field, a, h, ...) \
	OPT_ENTRY(s, n, OPT_KIND_TIME, type, field, unsigned long long, a, h, ##__VA_ARGS__)
#define OPT_SIZE(s, n, type, field, a, h, ...) \
	OPT_ENTRY(s, n, OPT_KIND_SIZE, type, field, unsigned long long, a, h, ##__VA_ARGS__)
#define OPT_U64(s, n, type, field, a, h, ...) \
	OPT_ENTRY(s, n, OPT_KIND_U64, type, field, unsigned long long, a, h, ##__VA_ARGS__)
/* In hundredths of one percent. */
#define OPT_PERCENT(s, n, type, field, a, h, ...) \
	OPT_ENTRY(s, n, OPT_KIND_PERCENT, type, field, unsigned long long, a, h, ##__VA_ARGS__)
#define OPT_LIST(s, n, type, field, a, h) \
	OPT_ENTRY(s, n, OPT_KIND_LIST, type, field, struct opt_list, a, h)
#define OPT_ENUM(s, n, type, field, names, a, h) \
	{ .short_name = s, .name = n, .kind = OPT_KIND_ENUM, .values = names, .arg = a, .help = h, \
	  .offset = offsetof(type, field) + \
		    0 * sizeof(char[sizeof(((type *)0)->field) == sizeof(int) ? 1 : -1]) }
/* A heading in the help. */
#define OPT_GROUP(h) { .kind = OPT_KIND_GROUP, .help = h }

/* opt_parse() printed the help the user asked for: nothing is left to do, exit 0. */
#define OPT_DONE 1

/*
 * Fills opts (opts_size bytes) from the defaults and the words of argv, whose first is the
 * one after the command's name.  On return argv holds the operands, then what followed "--",
 * and ends with NULL as before.  Returns 0, OPT_DONE, or -EINVAL, reported, for EXIT_USAGE.
 */
int opt_parse(const struct cmd *cmd, void *opts, int *argc, char ***argv);
void opt_help(FILE *out, const struct cmd *cmd);
/* One line per option: command, -s (or --), --name, ARG or -; separated by tabs. */
void opt_dump(FILE *out, const struct cmd *cmd);

#endif
