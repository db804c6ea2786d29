// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace live: trace, then say what was mapped and not unmapped.
 */
#include <errno.h>
#include "base/list.h"
#include "cmd/cmds.h"
#include "base/err.h"
#include "report/report.h"
#include "session/trace.h"

struct live_opts {
	struct trace_opts trace;
	bool each, stack;
	unsigned long long rows, max_mappings, sample;
};

static const struct live_opts live_defaults = {
	.trace = { TRACE_DEFAULTS }, .rows = 100, .max_mappings = 65536,
};

static const struct opt live_options[] = {
	OPT_FLAG('e', "each", struct live_opts, each, "also list them one by one, with addresses"),
	OPT_U64('n', "rows", struct live_opts, rows, "N",
		"with --each: at most N of them, the oldest", .min = 1, .max = 1 << 24),
	OPT_U64('m', "max-mappings", struct live_opts, max_mappings, "N",
		"track at most N mappings", .min = 1, .max = 1 << 24),
	OPT_FLAG('S', "stack", struct live_opts, stack, "show whole stacks, at a higher cost"),
	OPT_U64('s', "sample", struct live_opts, sample, "N",
		"with --stack: take the stack of one call in N, on average", .min = 1, .max = 1000000000),
	OPT_TRACE(struct live_opts, trace),
	OPT_FORM(struct live_opts, trace.source),
	OPT_INPUT(struct live_opts, trace),
	OPT_OUTPUT(struct live_opts, trace),
};

static int live_run(const void *opts, int argc, char **argv)
{
	const struct live_opts *o = opts;
	struct wishes wishes;

	if (source_wishes("live", &o->trace.source, &wishes))
		return EXIT_USAGE;
	wishes.ops = ops_followed;
	wishes.extras = DMT_WANTS_LIVE | DMT_WANTS_NO_LATENCY;
	if (o->stack || o->sample)
		wishes.extras |= DMT_WANTS_LIVE_STACKS;
	wishes.each = o->each ? o->rows : 0;
	wishes.sample = o->sample ? o->sample : 1;
	wishes.max_mappings = o->max_mappings;
	if (trace_filter("live", &wishes, &o->trace))
		return EXIT_USAGE;
	return trace_run(&o->trace, &wishes, argc ? argv : NULL, &report_live, NULL);
}

const struct cmd cmd_live = {
	.name = "live", .help = "outstanding mappings, by caller and age",
	.args = "[-- COMMAND ...]",
	.options = live_options, .noptions = ARRAY_SIZE(live_options),
	.defaults = &live_defaults, .opts_size = sizeof(struct live_opts), .run = live_run,
};
