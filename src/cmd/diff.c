// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace diff: what changed between two recordings.
 */
#include <stdlib.h>
#include "base/list.h"
#include "cmd/cmds.h"
#include "analysis/compare.h"
#include "base/err.h"
#include "report/report.h"
#include "session/sandbox.h"
#include "session/source.h"

struct diff_opts {
	struct source_opts source;
	struct opt_list again;
	const char *device, *driver;
	unsigned long long threshold;
	bool all, exit_code;
};

static const struct diff_opts diff_defaults = { .threshold = 1000 };

static const struct opt diff_options[] = {
	OPT_PERCENT('t', "threshold", struct diff_opts, threshold, "PERCENT",
		    "do not report smaller differences", .max = 100000),
	OPT_LIST('A', "again", struct diff_opts, again, "FILE",
		 "another recording of the BEFORE workload (repeatable): more noise is known"),
	OPT_FLAG('a', "all", struct diff_opts, all, "also show what did not change"),
	OPT_FLAG('e', "exit-code", struct diff_opts, exit_code, "exit with 4 if something changed"),
	OPT_STR('D', "device", struct diff_opts, device, "GLOB", "only devices whose name matches GLOB"),
	OPT_STR('r', "driver", struct diff_opts, driver, "GLOB", "only devices whose driver matches GLOB"),
	OPT_LIST('p', "op", struct diff_opts, source.ops, "OP",
		 "only this operation, repeatable (see 'dmatrace hooks')"),
	OPT_ENUM('f', "format", struct diff_opts, source.format, format_names, "FORMAT",
		 "output format"),
	OPT_COUNTER('v', "verbose", struct diff_opts, source.verbose, "verbose"),
};

static bool changed(const struct comparison *c)
{
	for (size_t i = 0; i < c->nchanges; i++)
		if (change_found(&c->changes[i]))
			return true;
	return false;
}

/* What differs from every recording of the first work; their numbers are those of the first. */
static int compare_all(const struct diff_opts *o, const struct recorded *before, size_t nbefore,
		       const struct recorded *after, struct comparison *c)
{
	double threshold = o->threshold / 1e4;
	int err = comparison_make(c, &before[0], after, threshold);

	for (size_t i = 1; !err && i < nbefore; i++) {
		struct comparison again;

		err = comparison_make(&again, &before[i], after, threshold);
		if (!err)
			comparison_confirm(c, &again);
		comparison_release(&again);
	}
	return err ? fail(err, "out of memory while comparing") : 0;
}

static int report(const struct diff_opts *o, const struct recorded *before, size_t nbefore,
		  const struct recorded *after)
{
	struct comparison c;
	int err = compare_all(o, before, nbefore, after, &c), code = EXIT_OK;

	if (!err) {
		if (o->exit_code && changed(&c))
			code = EXIT_THRESHOLD;
		err = source_print(&o->source, report_diff(before, nbefore, after, &c, o->all));
	}
	comparison_release(&c);
	return err && err != -EPIPE ? EXIT_FAILED : code;
}

static int read_one(const struct diff_opts *o, dmt_ops ops_wanted, struct recorded *r)
{
	int err = recorded_read(r);

	if (!err)
		recorded_filter(r, o->device, o->driver, ops_wanted);
	return err;
}

/* Files are opened with all privileges, and read with none.  before: BEFORE, then --again. */
static int read_all(const struct diff_opts *o, char *const *paths, dmt_ops ops_wanted,
		    struct recorded *before, struct recorded *after)
{
	size_t nbefore = 1 + o->again.count;
	int err = recorded_new(&before[0], paths[0]);

	for (size_t i = 1; !err && i < nbefore; i++)
		err = recorded_new(&before[i], o->again.items[i - 1]);
	if (!err)
		err = recorded_new(after, paths[1]);
	if (!err)
		sandbox_enter(0);
	for (size_t i = 0; !err && i < nbefore; i++)
		err = read_one(o, ops_wanted, &before[i]);
	return err ? err : read_one(o, ops_wanted, after);
}

/* The exit code.  They are too large for a stack. */
static int diff(const struct diff_opts *o, char *const *paths, dmt_ops ops_wanted)
{
	size_t nbefore = 1 + o->again.count;
	struct recorded *before = calloc(nbefore + 1, sizeof(*before)), *after;
	int err, code;

	if (!before)
		return fail(-ENOMEM, "out of memory%s", err_remedy(-ENOMEM)), EXIT_FAILED;
	after = &before[nbefore];
	err = read_all(o, paths, ops_wanted, before, after);
	code = err ? EXIT_FAILED : report(o, before, nbefore, after);
	for (size_t i = 0; i <= nbefore; i++)
		recorded_close(&before[i]);
	free(before);
	return code;
}

static int diff_run(const void *opts, int argc, char **argv)
{
	const struct diff_opts *o = opts;
	struct wishes wishes;

	if (source_wishes("diff", &o->source, &wishes))
		return EXIT_USAGE;
	if (argc != 2) {
		fail_as(-EINVAL, "diff", "it takes two recordings, of before and after; "
			"'dmatrace record' makes them");
		return EXIT_USAGE;
	}
	return diff(o, argv, wishes.ops ? wishes.ops : OPS_ALL);
}

const struct cmd cmd_diff = {
	.name = "diff", .help = "what changed between two recordings, beyond noise",
	.args = "BEFORE AFTER",
	.options = diff_options, .noptions = ARRAY_SIZE(diff_options),
	.defaults = &diff_defaults, .opts_size = sizeof(struct diff_opts), .run = diff_run,
};
