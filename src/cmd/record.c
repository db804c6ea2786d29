// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace record: trace, and keep what was seen for later.
 */
#include <string.h>
#include "base/list.h"
#include "cmd/cmds.h"
#include "base/err.h"
#include "session/trace.h"

struct record_opts {
	struct trace_opts trace;
	struct opt_list with;
	bool events;
	unsigned long long buffer;
};

static const struct record_opts record_defaults = {
	.trace = { TRACE_DEFAULTS, .output = "dmatrace.db" }, .buffer = 16 << 20,
};

static const struct opt record_options[] = {
	OPT_OUTPUT(struct record_opts, trace),
	OPT_FLAG('e', "events", struct record_opts, events, "also record every call, for 'dmatrace trace -i'"),
	OPT_SIZE('b', "buffer", struct record_opts, buffer, "SIZE",
		 "with --events: buffer for events not yet read, a power of two",
		 .min = 4096, .max = 1 << 30),
	OPT_LIST('W', "with", struct record_opts, with, "WHAT",
		 "also record this, at a higher cost (repeatable): stacks, live"),
	OPT_DURATION(struct record_opts, trace),
	OPT_OPS(struct record_opts, trace.source),
	OPT_WAYS(struct record_opts, trace.source),
	OPT_NO_LATENCY(struct record_opts, trace.source),
};

static int extras_read(const struct record_opts *o, unsigned *extras)
{
	const struct opt_list *with = &o->with;

	for (size_t i = 0; i < with->count; i++)
		if (!strcmp(with->items[i], "stacks"))
			*extras |= DMT_WANTS_STACKS;
		else if (!strcmp(with->items[i], "live"))
			*extras |= DMT_WANTS_LIVE;
		else
			return fail_as(-EINVAL, "record", "--with: '%s' is none of: stacks, live; for "
				       "events there is --events",
				       with->items[i]);
	if (o->trace.source.no_latency && (o->events || with->count))
		return fail_as(-EINVAL, "record", "--no-latency only counts: without --events and "
			       "--with");
	if (o->events)
		*extras |= DMT_WANTS_EVENTS;
	/* whoever wants both gets the call path of each event, too */
	if (o->events && *extras & DMT_WANTS_STACKS)
		*extras |= DMT_WANTS_EVENT_STACKS;
	return 0;
}

static int record_run(const void *opts, int argc, char **argv)
{
	const struct record_opts *o = opts;
	struct wishes wishes;

	if (source_wishes("record", &o->trace.source, &wishes) ||
	    extras_read(o, &wishes.extras))
		return EXIT_USAGE;
	wishes.sample = 1;
	wishes.event_bytes = o->buffer;
	return trace_run(&o->trace, &wishes, argc ? argv : NULL, NULL, NULL);
}

const struct cmd cmd_record = {
	.name = "record", .help = "write a recording, for later reports",
	.args = "[-- COMMAND ...]",
	.options = record_options, .noptions = ARRAY_SIZE(record_options),
	.defaults = &record_defaults, .opts_size = sizeof(struct record_opts), .run = record_run,
};
