// SPDX-License-Identifier: GPL-2.0
/*
 * Tracing for a report, see trace.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "device.h"
#include "diagnose.h"
#include "err.h"
#include "glob.h"
#include "keep.h"
#include "live.h"
#include "record.h"
#include "run.h"
#include "trace.h"

typedef struct doc *report_fn(const struct model *m, const struct findings *f);

int trace_filter(const char *cmd, struct wishes *wishes, const struct trace_opts *o)
{
	struct dmt_glob glob;

	wishes->device = o->device;
	wishes->driver = o->driver;
	if (glob_compile(&glob, o->device) || glob_compile(&glob, o->driver))
		return fail_as(-EINVAL, cmd, "a pattern may have %d parts", DMT_GLOB_PARTS);
	return 0;
}

/* Findings want to see all operations, as one explains the other. */
static int print(struct model *m, const struct trace_opts *o, const struct wishes *wishes,
		 report_fn *report)
{
	struct findings findings;
	int err;

	model_filter(m, o->device, o->driver, ~0u);
	model_sort(m);
	err = diagnose(m, &findings);
	if (err)
		fail(err, "out of memory while looking for findings");
	model_filter(m, NULL, NULL, wishes_ops(wishes));
	if (!err)
		err = source_print(&o->source, report(m, &findings));
	findings_release(&findings);
	return err;
}

/* A reader that left, as head(1) does, has seen enough. */
static int printed(int err)
{
	if (err)
		return err == -EPIPE ? EXIT_OK : source_exit(err) ? EXIT_FAILED : EXIT_OK;
	return EXIT_OK;
}

/* The report first, the command's own result last. */
static int finish(struct live *live, struct keep *keep, const struct trace_opts *o,
		  const struct wishes *wishes, const struct run *run, report_fn *report)
{
	struct model m = { 0 };
	int err = live_finish(live, &m), kept = run->work_err;

	if (!err && !kept && keep)
		kept = keep_finish(keep, &m);
	if (!err && report)
		err = print(&m, o, wishes, report);
	model_release(&m);
	if (err)
		return printed(err);
	return kept ? EXIT_FAILED : run_command_exit(run);
}

static int measure(struct live *live, struct keep *keep, const struct trace_opts *o,
		   const struct wishes *wishes, struct run *run, report_fn *report)
{
	int err = keep ? keep_start(keep, live, run) : 0;

	if (err)
		return EXIT_FAILED;
	run_prepare();
	note(run->command ? "tracing '%s'" : report ? "tracing%s; Ctrl-C ends it and reports" :
						      "tracing%s; Ctrl-C ends it",
	     run->command ? run->command[0] : "");
	err = run_wait(run);
	return err ? run_exit_code(err) : finish(live, keep, o, wishes, run, report);
}

/* Does it hold what the report needs?  What it has beyond that is not shown. */
static bool holds(struct model *m, const struct wishes *wishes)
{
	if (wishes->extras & ~m->extras || (wishes->each && !m->each))
		return false;
	m->each = wishes->each;
	return true;
}

/* A report of what was recorded, if what it needs was. */
static int replay(const struct trace_opts *o, const struct wishes *wishes, report_fn *report)
{
	struct replay *from = NULL;
	struct model m = { 0 };
	int err = replay_open(&from, o->input, &m), code = EXIT_FAILED;

	if (!err && !holds(&m, wishes)) {
		fail(-EOPNOTSUPP, "%s does not hold what this report needs; record it with the same "
		     "command and -o", o->input);
		code = EXIT_CANNOT;
	} else if (!err) {
		code = printed(print(&m, o, wishes, report));
	}
	model_release(&m);
	replay_close(from);
	return code;
}

static int trace(const struct trace_opts *o, const struct wishes *wishes, struct run *run,
		 report_fn *report)
{
	struct keep *keep = NULL;
	struct live *live = NULL;
	int err = o->output ? keep_open(&keep, o) : 0, code = EXIT_FAILED;

	if (!err) {
		note("attaching; this takes a moment");
		err = live_open(&live, wishes);
		code = err ? source_exit(err) : measure(live, keep, o, wishes, run, report);
	}
	keep_close(keep);
	fclose(stdout);		/* whoever reads us need not wait for the rest */
	live_close(live);
	return code;
}

int trace_run(const struct trace_opts *o, const struct wishes *wishes, char **command,
	      struct doc *(*report)(const struct model *m, const struct findings *f))
{
	struct run run = { .duration_ns = o->duration_ns, .command = command };
	int err;

	if (o->input && (o->output || command)) {
		fail(-EINVAL, "-i reports what was recorded: there is nothing to %s",
		     command ? "run" : "record");
		return EXIT_USAGE;
	}
	if (o->input)
		return replay(o, wishes, report);
	err = run_check(&run);
	if (err)
		return run_exit_code(err);
	if (o->device && !device_matches(o->device))
		warn("no device is named '%s' now; waiting for one", o->device);
	return trace(o, wishes, &run, report);
}
