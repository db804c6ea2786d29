// SPDX-License-Identifier: GPL-2.0
/*
 * Tracing for a report, see trace.h.
 */
#include <stdio.h>
#include <string.h>
#include "device.h"
#include "diagnose.h"
#include "err.h"
#include "live.h"
#include "run.h"
#include "trace.h"

/* Findings want to see all operations, as one explains the other. */
static int print(struct model *m, const struct trace_opts *o, const struct wishes *wishes,
		 struct doc *(*report)(const struct model *m, const struct findings *f))
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

/* The report first, the command's own result last. */
static int finish(struct live *live, const struct trace_opts *o, const struct wishes *wishes,
		  const struct run *run,
		  struct doc *(*report)(const struct model *m, const struct findings *f))
{
	struct model m = { 0 };
	int err = live_finish(live, &m);

	if (!err)
		err = print(&m, o, wishes, report);
	model_release(&m);
	/* a reader that left, as head(1) does, has seen enough */
	if (err)
		return err == -EPIPE ? EXIT_OK : source_exit(err) ? EXIT_FAILED : EXIT_OK;
	return run_command_exit(run);
}

int trace_run(const struct trace_opts *o, const struct wishes *wishes, char **command,
	      struct doc *(*report)(const struct model *m, const struct findings *f))
{
	struct run run = { .duration_ns = o->duration_ns, .command = command };
	struct live *live = NULL;
	int err, code;

	err = run_check(&run);
	if (err)
		return run_exit_code(err);
	if (o->device && !device_matches(o->device))
		warn("no device is named '%s' now; waiting for one", o->device);
	note("attaching; this takes a moment");
	err = live_open(&live, wishes);
	if (!err) {
		run_prepare();
		note(run.command ? "tracing '%s'" : "tracing%s; Ctrl-C ends it and reports",
		     run.command ? run.command[0] : "");
		err = run_wait(&run);
		code = err ? run_exit_code(err) : finish(live, o, wishes, &run, report);
	} else {
		code = source_exit(err);
	}
	fclose(stdout);		/* whoever reads us need not wait for the rest */
	live_close(live);
	return code;
}
