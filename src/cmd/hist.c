// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace hist: trace, then show how latencies, sizes or lifetimes are distributed.
 */
#include <errno.h>
#include <string.h>
#include "base/list.h"
#include "cmd/cmds.h"
#include "base/err.h"
#include "report/report.h"
#include "session/trace.h"

struct hist_opts {
	struct trace_opts trace;
	struct opt_list by;
	int value;
};

static const struct hist_opts hist_defaults = { .trace = { TRACE_DEFAULTS } };

static const struct opt hist_options[] = {
	OPT_LIST('b', "by", struct hist_opts, by, "AXIS",
		 "group by device, driver, op, path, layer or direction (repeatable); default: op"),
	OPT_ENUM(0, "value", struct hist_opts, value, hist_value_names, "VALUE",
		 "quantity to show"),
	OPT_TRACE(struct hist_opts, trace),
	OPT_SOURCE(struct hist_opts, trace.source),
	OPT_INPUT(struct hist_opts, trace),
	OPT_OUTPUT(struct hist_opts, trace),
};

static int by_read(const struct opt_list *by, enum hist_value value, unsigned *axes)
{
	for (size_t i = 0; i < by->count; i++) {
		int axis = 0;

		while (axis < AXIS_MAX && strcmp(by->items[i], axis_names[axis]))
			axis++;
		if (axis == AXIS_MAX)
			return fail_as(-EINVAL, "hist", "--by: '%s' is none of: device, driver, op, "
				       "path, layer, direction", by->items[i]);
		*axes |= 1u << axis;
		if (value == HIST_LIFETIME && *axes & ~LIFETIME_AXES)
			return fail_as(-EINVAL, "hist", "--by: lifetimes are not known by %s; take "
				       "device, driver, op or layer", by->items[i]);
	}
	if (!by->count)
		*axes = 1u << AXIS_OP;
	return 0;
}

/* They take watching more operations than were asked for. */
static int lifetime_wishes(const struct hist_opts *o, dmt_ops asked, struct wishes *wishes)
{
	if (!(asked & ops_followed))
		return fail_as(-EINVAL, "hist", "--value lifetime: no such operation maps or "
			       "allocates; take others with -p or -l");
	wishes->ops = ops_followed;
	wishes->layers = 0;
	wishes->extras = DMT_WANTS_LIVE | DMT_WANTS_NO_LATENCY;
	return trace_filter("hist", wishes, &o->trace);
}

static int hist_run(const void *opts, int argc, char **argv)
{
	const struct hist_opts *o = opts;
	struct report_opts report = { .value = o->value };
	struct wishes wishes;

	if (source_wishes("hist", &o->trace.source, &wishes) ||
	    by_read(&o->by, report.value, &report.by))
		return EXIT_USAGE;
	report.ops = wishes_ops(&wishes);
	if (report.value == HIST_LIFETIME && lifetime_wishes(o, report.ops, &wishes))
		return EXIT_USAGE;
	return trace_run(&o->trace, &wishes, argc ? argv : NULL, &report_hist, &report);
}

const struct cmd cmd_hist = {
	.name = "hist", .help = "how latencies, sizes or lifetimes are distributed",
	.args = "[-- COMMAND ...]",
	.options = hist_options, .noptions = ARRAY_SIZE(hist_options),
	.defaults = &hist_defaults, .opts_size = sizeof(struct hist_opts), .run = hist_run,
};
