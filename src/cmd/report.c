// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace report: print all that a recording holds.
 */
#include <errno.h>
#include "base/list.h"
#include "cmd/cmds.h"
#include "base/err.h"
#include "report/report.h"
#include "session/trace.h"

struct report_cmd_opts {
	struct trace_opts trace;
};

static const struct report_cmd_opts report_defaults = { .trace = { TRACE_DEFAULTS } };

static const struct opt report_options[] = {
	OPT_INPUT(struct report_cmd_opts, trace),
	OPT_DEVICES(struct report_cmd_opts, trace),
	OPT_FORMAT(struct report_cmd_opts, trace.source, format_names),
	OPT_VERBOSE(struct report_cmd_opts, trace.source),
};

static int recording_report(const void *opts, int argc, char **argv)
{
	const struct report_cmd_opts *o = opts;
	struct wishes none;

	(void)argc;
	(void)argv;
	if (source_wishes("report", &o->trace.source, &none))
		return EXIT_USAGE;
	if (!o->trace.input) {
		fail_as(-EINVAL, "report", "missing -i FILE, the recording to report; "
			"'dmatrace record' makes one");
		return EXIT_USAGE;
	}
	return trace_run(&o->trace, NULL, NULL, &report_all, NULL);
}

const struct cmd cmd_report = {
	.name = "report", .help = "print all that a recording holds",
	.options = report_options, .noptions = ARRAY_SIZE(report_options),
	.defaults = &report_defaults, .opts_size = sizeof(struct report_cmd_opts),
	.run = recording_report,
};
