// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace swiotlb: trace bounces and copies, and see what the pools hold.
 */
#include "base/list.h"
#include "cmd/cmds.h"
#include "base/err.h"
#include "report/report.h"
#include "session/trace.h"

struct swiotlb_opts {
	struct trace_opts trace;
};

static const struct swiotlb_opts swiotlb_defaults = { .trace = { TRACE_DEFAULTS } };

static const struct opt swiotlb_options[] = {
	OPT_TRACE(struct swiotlb_opts, trace),
	OPT_FORM(struct swiotlb_opts, trace.source),
	OPT_INPUT(struct swiotlb_opts, trace),
	OPT_OUTPUT(struct swiotlb_opts, trace),
};

static int swiotlb_run(const void *opts, int argc, char **argv)
{
	const struct swiotlb_opts *o = opts;
	struct wishes wishes;

	if (source_wishes("swiotlb", &o->trace.source, &wishes))
		return EXIT_USAGE;
	wishes.ops = report_swiotlb.about();
	return trace_run(&o->trace, &wishes, argc ? argv : NULL, &report_swiotlb, NULL);
}

const struct cmd cmd_swiotlb = {
	.name = "swiotlb", .help = "what bounces and why, what copies cost, who holds slots",
	.args = "[-- COMMAND ...]",
	.options = swiotlb_options,
	.noptions = ARRAY_SIZE(swiotlb_options),
	.defaults = &swiotlb_defaults, .opts_size = sizeof(struct swiotlb_opts),
	.run = swiotlb_run,
};
