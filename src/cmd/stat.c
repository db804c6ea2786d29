// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace stat: trace, then report per device and operation.
 */
#include "base/list.h"
#include "cmd/cmds.h"
#include "base/err.h"
#include "report/report.h"
#include "session/trace.h"

struct stat_opts {
	struct trace_opts trace;
	bool cost;
};

static const struct stat_opts stat_defaults = { .trace = { TRACE_DEFAULTS } };

static const struct opt stat_options[] = {
	OPT_TRACE(struct stat_opts, trace),
	OPT_SOURCE(struct stat_opts, trace.source),
	OPT_NO_LATENCY(struct stat_opts, trace.source),
	OPT_INPUT(struct stat_opts, trace),
	OPT_OUTPUT(struct stat_opts, trace),
	OPT_FLAG(0, "cost", struct stat_opts, cost, "also print what tracing itself costs"),
};

static int stat_run(const void *opts, int argc, char **argv)
{
	const struct stat_opts *o = opts;
	struct wishes wishes;

	if (source_wishes("stat", &o->trace.source, &wishes))
		return EXIT_USAGE;
	wishes.cost = o->cost;
	return trace_run(&o->trace, &wishes, argc ? argv : NULL, &report_stat, NULL);
}

const struct cmd cmd_stat = {
	.name = "stat", .help = "count and time every DMA call, per device and operation",
	.args = "[-- COMMAND ...]",
	.options = stat_options, .noptions = ARRAY_SIZE(stat_options),
	.defaults = &stat_defaults, .opts_size = sizeof(struct stat_opts), .run = stat_run,
};
