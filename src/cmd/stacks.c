// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace stacks: trace, then say who called.
 */
#include "base/list.h"
#include "cmd/cmds.h"
#include "base/err.h"
#include "report/report.h"
#include "session/trace.h"

struct stacks_opts {
	struct trace_opts trace;
	int by;
	unsigned long long sample, max_stacks;
};

static const struct stacks_opts stacks_defaults = {
	.trace = { TRACE_DEFAULTS }, .sample = 1, .max_stacks = 16384,
};

/* In the order of enum weight. */
static const char *const weight_names[] = { "calls", "bytes", "ns", NULL };

static const struct opt stacks_options[] = {
	OPT_ENUM('b', "by", struct stacks_opts, by, weight_names, "WEIGHT",
		 "sort by, and count in folded lines"),
	OPT_U64('s', "sample", struct stacks_opts, sample, "N",
		"take the stack of one call in N, on average", .min = 1, .max = 1000000000),
	OPT_U64('m', "max-stacks", struct stacks_opts, max_stacks, "N",
		"keep at most N stacks", .min = 1, .max = 1 << 22),
	OPT_TRACE(struct stacks_opts, trace),
	OPT_OPS(struct stacks_opts, trace.source),
	OPT_FORM_AS(struct stacks_opts, trace.source, folded_format_names),
	OPT_INPUT(struct stacks_opts, trace),
	OPT_OUTPUT(struct stacks_opts, trace),
};

static int stacks_run(const void *opts, int argc, char **argv)
{
	const struct stacks_opts *o = opts;
	const struct report_opts report = { .weight = o->by };
	struct wishes wishes;

	if (source_wishes("stacks", &o->trace.source, &wishes))
		return EXIT_USAGE;
	/* of layers that call each other the same path would come several times */
	if (!wishes.ops && !wishes.layers)
		wishes.layers = 1u << LAYER_API;
	wishes.extras = DMT_WANTS_STACKS;
	wishes.sample = o->sample;
	wishes.max_stacks = o->max_stacks;
	if (trace_filter("stacks", &wishes, &o->trace))
		return EXIT_USAGE;
	return trace_run(&o->trace, &wishes, argc ? argv : NULL, &report_stacks, &report);
}

const struct cmd cmd_stacks = {
	.name = "stacks", .help = "who calls: stacks by calls, bytes and time",
	.args = "[-- COMMAND ...]",
	.options = stacks_options,
	.noptions = ARRAY_SIZE(stacks_options),
	.defaults = &stacks_defaults, .opts_size = sizeof(struct stacks_opts), .run = stacks_run,
};
