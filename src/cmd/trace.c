// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace trace: every call as it happens, or as it was recorded.
 */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/list.h"
#include "cmd/cmds.h"
#include "model/device.h"
#include "base/err.h"
#include "model/event.h"
#include "base/glob.h"
#include "live/live.h"
#include "recording/record.h"
#include "render/stream.h"
#include "report/report.h"
#include "session/run.h"
#include "session/sandbox.h"
#include "session/trace.h"

#define BATCH 1024		/* events read before signals are looked at */
#define PACE_MS 50		/* between two writes: what a terminal takes may cause events */
#define PLENTY (64 << 10)	/* bytes worth writing at once */
#define TOO_MANY (4 << 20)	/* bytes a slow reader may leave us with */
#define PATIENCE_MS 10		/* to wait for it, before signals are looked at */

struct trace_cmd_opts {
	struct trace_opts trace;
	unsigned long long sample, min_latency_ns, buffer;
	bool errors_only, stack;
};

static const struct trace_cmd_opts trace_defaults = { .sample = 1, .buffer = 4 << 20 };

static const struct opt trace_options[] = {
	OPT_TIME('m', "min-latency", struct trace_cmd_opts, min_latency_ns, "TIME",
		 "only calls that took TIME (10us, 1ms) or longer"),
	OPT_FLAG('e', "errors-only", struct trace_cmd_opts, errors_only, "only calls that failed"),
	OPT_U64('s', "sample", struct trace_cmd_opts, sample, "N",
		"print one call in N, on average", .min = 1, .max = 1000000000),
	OPT_FLAG('S', "stack", struct trace_cmd_opts, stack, "print the stack, innermost first"),
	OPT_SIZE('b', "buffer", struct trace_cmd_opts, buffer, "SIZE",
		 "buffer for events not yet read, a power of two",
		 .min = 4096, .max = 1 << 30),
	OPT_TRACE(struct trace_cmd_opts, trace),
	OPT_OPS(struct trace_cmd_opts, trace.source),
	OPT_FORM(struct trace_cmd_opts, trace.source),
	OPT_INPUT(struct trace_cmd_opts, trace),
};

struct tracing {
	const struct trace_cmd_opts *opts;
	struct live *live;		/* one of these two is the source */
	struct replay *replay;
	struct stream *stream;
	struct doc *doc;		/* of the batch being read */
	struct table *rows;
	dmt_ops ops;			/* whose calls are events, as bits */
	unsigned long long events;
	unsigned long long written_ns;	/* when it was last tried */
};

/* The filters the kernel has while tracing, for calls that were recorded without. */
static bool passes(const struct tracing *t, const struct event *e)
{
	const struct trace_cmd_opts *o = t->opts;

	return t->ops & op_bit(e->op) && glob_fits(o->trace.device, e->device) &&
	       glob_fits(o->trace.driver, e->driver) && (!o->errors_only || e->failed) &&
	       (!o->min_latency_ns || (e->latency_known && e->latency_ns >= o->min_latency_ns)) &&
	       random() % o->sample == 0;
}

static int take(void *arg, const struct event *e)
{
	struct tracing *t = arg;

	if (t->replay && !passes(t, e))
		return 0;
	t->events++;
	report_event(t->rows, e, t->opts->stack);
	return 0;
}

/* Read and print some of what there is: how many, or -errno. */
static int batch(struct tracing *t)
{
	int got, err = 0;

	t->doc = doc_new();
	t->rows = report_events(t->doc, t->opts->stack);
	got = t->replay ? replay_events(t->replay, BATCH, take, t) :
			  live_events_read(t->live, BATCH, take, t);
	if (got >= 0)
		err = stream_rows(t->stream, t->rows);
	doc_free(t->doc);
	return err ? err : got;
}

/* While tracing: see session/run.h. */
static int work(void *arg)
{
	struct tracing *t = arg;
	bool stuck = stream_waiting(t->stream) > TOO_MANY;
	int got = stuck ? 0 : batch(t), err = 0;

	if (got < 0)
		return got;
	if (!stream_waiting(t->stream))
		return 0;
	if (stream_waiting(t->stream) > PLENTY ||
	    clock_ns() - t->written_ns >= PACE_MS * 1000000ull) {
		err = stream_flush(t->stream, stuck ? PATIENCE_MS : 0);
		t->written_ns = clock_ns();
	}
	return err ? err : stream_waiting(t->stream) ? PACE_MS : 0;
}

/* Calls that the kernel made no events of, for their device: the accounts have them all. */
static unsigned long long filtered(const struct tracing *t, const struct model *m)
{
	unsigned long long calls = 0;

	for (size_t i = 0; i < m->naggregates; i++) {
		const struct aggregate *a = &m->aggregates[i];

		if (t->ops & op_bit(a->op) && !(glob_fits(t->opts->trace.device, a->device) &&
					      glob_fits(t->opts->trace.driver, a->driver)))
			calls += a->calls;
	}
	return calls;
}

/* The names of the columns: people want to see that it has begun. */
static int begin(struct tracing *t)
{
	struct render_opts opts = render_opts_for(stdout);
	int err;

	t->stream = stream_new(STDOUT_FILENO, t->opts->trace.source.format, &opts);
	if (!t->stream)
		return -ENOMEM;
	t->doc = doc_new();
	err = stream_rows(t->stream, report_events(t->doc, t->opts->stack));
	doc_free(t->doc);
	return err ? err : stream_flush(t->stream, PATIENCE_MS);
}

/* No more events come: those still to be read, and what is to be said of all. */
static int finish(struct tracing *t, const struct model *m)
{
	struct doc *doc;
	int err = 0, got = 0;

	while (!err && (got = batch(t)) > 0)
		err = stream_flush(t->stream, -1);
	err = err ? err : got;
	if (!err) {
		const struct report_opts end = { .events = t->events,
						 .events_filtered = filtered(t, m) };

		doc = report_make(&report_events_end, m, NULL, &end);
		err = stream_end(t->stream, doc);
		doc_free(doc);
	}
	return err ? err : stream_flush(t->stream, -1);
}

static int finish_live(struct tracing *t)
{
	struct model *m = model_new();
	int err = m ? live_finish(t->live, m) : -ENOMEM;

	if (!err)
		err = finish(t, m);
	model_free(m);
	return err;
}

/* A reader that left, as head(1) does, has seen enough. */
static int exit_of(int err)
{
	return err && err != -EPIPE ? EXIT_FAILED : EXIT_OK;
}

static int trace(struct tracing *t, const struct wishes *wishes, struct run *run)
{
	const char *device = t->opts->trace.device;
	int err, code = run_check(run);

	if (code)
		return code;
	if (device && !device_matches(device))
		warn("no device is named '%s' now; waiting for one", device);
	note("attaching; this takes a moment");
	err = live_open(&t->live, wishes);
	if (err)
		return source_exit(err);
	run->fd = live_events_open(t->live);
	if (run->fd < 0)
		return EXIT_FAILED;
	err = begin(t);
	if (err)
		return exit_of(err);
	note(run->command ? "tracing '%s'" : "tracing%s; Ctrl-C ends it",
	     run->command ? run->command[0] : "");
	code = run_wait(run);
	if (code)
		return code;
	err = run->work_err ? run->work_err : finish_live(t);
	return err ? exit_of(err) : run_command_exit(run);
}

/* What the recording has to have of what is wished for: 0, or an exit code. */
static int holds(const struct model *m, const struct wishes *wishes, const char *input)
{
	unsigned lacks = wishes->extras & ~m->extras;

	if (lacks & DMT_WANTS_EVENTS)
		fail(-EOPNOTSUPP, "%s holds no events; 'dmatrace record --events' does", input);
	else if (lacks)
		fail(-EOPNOTSUPP, "%s holds events without their call paths; "
		     "'dmatrace record --events --with stacks' keeps these, too", input);
	return lacks ? EXIT_CANNOT : EXIT_OK;
}

/* What was recorded. */
static int replay(struct tracing *t, const struct wishes *wishes)
{
	const char *input = t->opts->trace.input;
	struct model *m = model_new();
	int err = m ? replay_new(&t->replay, input) : -ENOMEM, code = EXIT_FAILED;

	if (!err) {
		sandbox_enter(0);
		err = replay_read(t->replay, m);
	}
	if (!err)
		code = holds(m, wishes, input);
	if (!err && !code) {
		err = begin(t);
		code = exit_of(err ? err : finish(t, m));
	}
	model_free(m);
	return code;
}

static int wishes_read(const struct trace_cmd_opts *o, struct wishes *wishes)
{
	if (source_wishes("trace", &o->trace.source, wishes))
		return -EINVAL;
	if (!wishes->ops && !wishes->layers) {
		wishes->layers = 1u << LAYER_API;
		wishes->ops = wishes_ops(wishes) | OP(BOUNCE);
		wishes->layers = 0;
	}
	wishes->extras = DMT_WANTS_EVENTS | (o->stack ? DMT_WANTS_EVENT_STACKS : 0);
	wishes->sample = o->sample;
	wishes->failures_only = o->errors_only;
	wishes->min_latency_ns = o->min_latency_ns;
	wishes->event_bytes = o->buffer;
	return trace_filter("trace", wishes, &o->trace);
}

static int trace_cmd_run(const void *opts, int argc, char **argv)
{
	const struct trace_cmd_opts *o = opts;
	struct tracing t = { .opts = o };
	struct run run = { .duration_ns = o->trace.duration_ns, .command = argc ? argv : NULL,
			   .work = work, .arg = &t };
	struct wishes wishes;
	int code;

	if (wishes_read(o, &wishes) || trace_input_check(&o->trace, run.command))
		return EXIT_USAGE;
	t.ops = wishes_ops(&wishes);
	code = o->trace.input ? replay(&t, &wishes) : trace(&t, &wishes, &run);
	fclose(stdout);		/* whoever reads us need not wait for the rest */
	stream_free(t.stream);
	replay_close(t.replay);
	live_close(t.live);
	return code;
}

const struct cmd cmd_trace = {
	.name = "trace", .help = "print every call as it happens",
	.args = "[-- COMMAND ...]",
	.options = trace_options, .noptions = ARRAY_SIZE(trace_options),
	.defaults = &trace_defaults, .opts_size = sizeof(struct trace_cmd_opts),
	.run = trace_cmd_run,
};
