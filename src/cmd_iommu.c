// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace iommu: trace I/O addresses, flushes and page tables behind an IOMMU.
 */
#include "cmds.h"
#include "err.h"
#include "report.h"
#include "trace.h"

struct iommu_opts {
	struct trace_opts trace;
};

static const struct iommu_opts iommu_defaults = { .trace = { TRACE_DEFAULTS } };

static const struct opt iommu_options[] = {
	OPT_TRACE(struct iommu_opts, trace),
	OPT_FORM(struct iommu_opts, trace.source),
	OPT_INPUT(struct iommu_opts, trace),
	OPT_OUTPUT(struct iommu_opts, trace),
};

/* Syncs move no mapping, and below the API it is the IOMMU alone. */
static unsigned iommu_ops(void)
{
	unsigned wanted = 1u << DMT_OP_IOMMU_MAP | 1u << DMT_OP_IOMMU_UNMAP |
			  1u << DMT_OP_PGTABLE_MAP | ops_on_request;

	for (int op = 0; op < DMT_OP_MAX; op++)
		if (ops[op].layer == LAYER_API && op != DMT_OP_SYNC_CPU &&
		    op != DMT_OP_SYNC_DEVICE && op != DMT_OP_MMAP)
			wanted |= 1u << op;
	return wanted;
}

static int iommu_run(const void *opts, int argc, char **argv)
{
	const struct iommu_opts *o = opts;
	struct wishes wishes;

	if (source_wishes("iommu", &o->trace.source, &wishes))
		return EXIT_USAGE;
	wishes.ops = iommu_ops();
	return trace_run(&o->trace, &wishes, argc ? argv : NULL, report_iommu);
}

const struct cmd cmd_iommu = {
	.name = "iommu", .help = "I/O addresses, flushes and failures behind an IOMMU",
	.args = "[-- COMMAND ...]",
	.options = iommu_options,
	.noptions = sizeof(iommu_options) / sizeof(*iommu_options),
	.defaults = &iommu_defaults, .opts_size = sizeof(struct iommu_opts),
	.run = iommu_run,
};
