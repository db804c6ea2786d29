// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace diff: what changed between two recordings.
 */
#include "cmds.h"
#include "compare.h"
#include "err.h"
#include "report.h"
#include "source.h"

struct diff_opts {
	struct source_opts source;
	const char *device, *driver;
	unsigned long long threshold;
	bool all, exit_code;
};

static const struct diff_opts diff_defaults = { .threshold = 1000 };

static const struct opt diff_options[] = {
	OPT_PERCENT('t', "threshold", struct diff_opts, threshold, "PERCENT",
		    "what differs by no more is the same", .max = 100000),
	OPT_FLAG('a', "all", struct diff_opts, all, "show what is the same, too"),
	OPT_FLAG('e', "exit-code", struct diff_opts, exit_code, "exit with 4 if something changed"),
	OPT_STR('D', "device", struct diff_opts, device, "GLOB", "only devices of this name"),
	OPT_STR('r', "driver", struct diff_opts, driver, "GLOB", "only devices of this driver"),
	OPT_LIST('p', "op", struct diff_opts, source.ops, "OP",
		 "only this operation, repeatable (see 'dmatrace hooks')"),
	OPT_ENUM('f', "format", struct diff_opts, source.format, format_names, "FORMAT",
		 "how to print"),
	OPT_COUNTER('v', "verbose", struct diff_opts, source.verbose, "say more"),
};

static bool changed(const struct comparison *c)
{
	for (size_t i = 0; i < c->nchanges; i++)
		if (change_found(&c->changes[i]))
			return true;
	return false;
}

static int compare(const struct diff_opts *o, const struct recorded *a, const struct recorded *b)
{
	struct comparison c;
	int err = comparison_make(&c, a, b, o->threshold / 1e4), code = EXIT_OK;

	if (err) {
		fail(err, "out of memory while comparing");
		return EXIT_FAILED;
	}
	if (o->exit_code && changed(&c))
		code = EXIT_THRESHOLD;
	err = source_print(&o->source, report_diff(a, b, &c, o->all));
	comparison_release(&c);
	return err && err != -EPIPE ? EXIT_FAILED : code;
}

static int diff_run(const void *opts, int argc, char **argv)
{
	const struct diff_opts *o = opts;
	struct recorded of[2] = { 0 };
	struct wishes wishes;
	int err = 0, code;

	if (source_wishes("diff", &o->source, &wishes))
		return EXIT_USAGE;
	if (argc != 2) {
		fail_as(-EINVAL, "diff", "it takes two recordings, of before and after; "
			"'dmatrace record' makes them");
		return EXIT_USAGE;
	}
	for (int i = 0; !err && i < 2; i++) {
		err = recorded_open(&of[i], argv[i]);
		if (!err)
			recorded_filter(&of[i], o->device, o->driver,
					wishes.ops ? wishes.ops : ~0u);
	}
	code = err ? EXIT_FAILED : compare(o, &of[0], &of[1]);
	recorded_close(&of[0]);
	recorded_close(&of[1]);
	return code;
}

const struct cmd cmd_diff = {
	.name = "diff", .help = "what changed between two recordings, and is no noise",
	.args = "BEFORE AFTER",
	.options = diff_options, .noptions = sizeof(diff_options) / sizeof(*diff_options),
	.defaults = &diff_defaults, .opts_size = sizeof(struct diff_opts), .run = diff_run,
};
