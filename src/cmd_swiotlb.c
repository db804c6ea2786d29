// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace swiotlb: trace bounces and copies, and see what the pools hold.
 */
#include "cmds.h"
#include "err.h"
#include "report.h"
#include "trace.h"

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

/* Of maps, how many bounced, and how many failed although they did. */
static const unsigned swiotlb_ops = 1u << DMT_OP_BOUNCE | 1u << DMT_OP_BOUNCE_COPY |
				    1u << DMT_OP_MAP | 1u << DMT_OP_MAP_SG |
				    1u << DMT_OP_IOVA_LINK;

static int swiotlb_run(const void *opts, int argc, char **argv)
{
	const struct swiotlb_opts *o = opts;
	struct wishes wishes;

	if (source_wishes("swiotlb", &o->trace.source, &wishes))
		return EXIT_USAGE;
	wishes.ops = swiotlb_ops;
	return trace_run(&o->trace, &wishes, argc ? argv : NULL, report_swiotlb);
}

const struct cmd cmd_swiotlb = {
	.name = "swiotlb", .help = "who bounces and why, what copying costs, who holds slots",
	.args = "[-- COMMAND ...]",
	.options = swiotlb_options,
	.noptions = sizeof(swiotlb_options) / sizeof(*swiotlb_options),
	.defaults = &swiotlb_defaults, .opts_size = sizeof(struct swiotlb_opts),
	.run = swiotlb_run,
};
