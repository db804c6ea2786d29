// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace export: trace, and say it to a monitoring system.
 */
#include <string.h>
#include "base/list.h"
#include "cmd/cmds.h"
#include "base/err.h"
#include "report/report.h"
#include "session/trace.h"

struct export_opts {
	struct trace_opts trace;
	bool live;
	int buckets;
};

static const struct export_opts export_defaults = { .trace = { TRACE_DEFAULTS } };

static const char *const bucket_names[] = { "used", "log2", NULL };

static const struct opt export_options[] = {
	OPT_STR('L', "listen", struct export_opts, trace.listen, "WHERE",
		"serve http://WHERE/metrics; WHERE is PORT (of 127.0.0.1) or ADDRESS:PORT"),
	OPT_ENUM('b', "buckets", struct export_opts, buckets, bucket_names, "WHICH",
		 "histogram buckets: exact, or powers of two that can be added up over machines"),
	OPT_FLAG(0, "live", struct export_opts, live,
		 "also export outstanding mappings, at a higher cost"),
	OPT_TRACE(struct export_opts, trace),
	OPT_OPS(struct export_opts, trace.source),
	OPT_WAYS(struct export_opts, trace.source),
	OPT_NO_LATENCY(struct export_opts, trace.source),
	OPT_INPUT(struct export_opts, trace),
};

static int export_run(const void *opts, int argc, char **argv)
{
	const struct export_opts *o = opts;
	const struct report_opts report = { .powers_of_two = o->buckets };
	struct trace_opts trace = o->trace;
	struct wishes wishes;

	if (!argc || strcmp(argv[0], "openmetrics")) {
		fail_as(-EINVAL, "export", "%s%s%s; there is: openmetrics",
			argc ? "unknown format '" : "no format named", argc ? argv[0] : "",
			argc ? "'" : "");
		return EXIT_USAGE;
	}
	if (source_wishes("export", &o->trace.source, &wishes))
		return EXIT_USAGE;
	if (o->live && o->trace.source.no_latency) {
		fail_as(-EINVAL, "export", "--no-latency only counts: without --live");
		return EXIT_USAGE;
	}
	trace.source.format = FORMAT_OPENMETRICS;
	if (o->live)
		wishes.extras = DMT_WANTS_LIVE;
	return trace_run(&trace, &wishes, argc > 1 ? argv + 1 : NULL, &report_metrics,
			 &report);
}

const struct cmd cmd_export = {
	.name = "export", .help = "print or serve the counters as OpenMetrics, for Prometheus",
	.args = "openmetrics [-- COMMAND ...]",
	.options = export_options, .noptions = ARRAY_SIZE(export_options),
	.defaults = &export_defaults, .opts_size = sizeof(struct export_opts), .run = export_run,
};
