// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace iommu: trace I/O addresses, flushes and page tables behind an IOMMU.
 */
#include "base/list.h"
#include "cmd/cmds.h"
#include "base/err.h"
#include "report/report.h"
#include "session/trace.h"

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

static int iommu_run(const void *opts, int argc, char **argv)
{
	const struct iommu_opts *o = opts;
	struct wishes wishes;

	if (source_wishes("iommu", &o->trace.source, &wishes))
		return EXIT_USAGE;
	wishes.ops = report_iommu.about();
	return trace_run(&o->trace, &wishes, argc ? argv : NULL, &report_iommu, NULL);
}

const struct cmd cmd_iommu = {
	.name = "iommu", .help = "what I/O addresses, flushes and page tables cost, and what fails",
	.args = "[-- COMMAND ...]",
	.options = iommu_options,
	.noptions = ARRAY_SIZE(iommu_options),
	.defaults = &iommu_defaults, .opts_size = sizeof(struct iommu_opts),
	.run = iommu_run,
};
