// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace stat: trace, then report per device and operation.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "cmds.h"
#include "device.h"
#include "err.h"
#include "live.h"
#include "report.h"
#include "run.h"
#include "source.h"

struct stat_opts {
	struct source_opts source;
	unsigned long long duration_ns;
	const char *device, *driver;
};

static const struct stat_opts stat_defaults;

static const struct opt stat_options[] = {
	OPT_TIME('d', "duration", struct stat_opts, duration_ns, "TIME",
		 "trace for TIME (10s, 500ms), then end COMMAND; default: until Ctrl-C"),
	OPT_STR('D', "device", struct stat_opts, device, "GLOB", "only devices of this name"),
	OPT_STR('r', "driver", struct stat_opts, driver, "GLOB", "only devices of this driver"),
	OPT_SOURCE(struct stat_opts, source),
};

/* The report first, the command's own result last. */
static int finish(struct live *live, const struct stat_opts *o, const struct wishes *wishes,
		  const struct run *run)
{
	struct model m = { 0 };
	int err = live_finish(live, &m);

	if (!err) {
		model_filter(&m, o->device, o->driver, wishes->ops);
		model_sort(&m);
		err = source_print(&o->source, report_stat(&m));
	}
	model_release(&m);
	/* a reader that left, as head(1) does, has seen enough */
	if (err)
		return err == -EPIPE ? EXIT_OK : source_exit(err) ? EXIT_FAILED : EXIT_OK;
	if (run->command && run->status > 0) {
		if (WIFSIGNALED(run->status))
			warn("'%s' was killed by signal %d", run->command[0],
			     WTERMSIG(run->status));
		else if (WIFEXITED(run->status))
			warn("'%s' exited with %d", run->command[0], WEXITSTATUS(run->status));
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int stat_run(const void *opts, int argc, char **argv)
{
	const struct stat_opts *o = opts;
	struct run run = { .duration_ns = o->duration_ns, .command = argc ? argv : NULL };
	struct live *live = NULL;
	struct wishes wishes;
	int err, code;

	if (source_wishes("stat", &o->source, &wishes))
		return EXIT_USAGE;
	err = run_check(&run);
	if (err)
		return run_exit_code(err);
	if (o->device && !device_matches(o->device))
		warn("no device is named '%s' now; waiting for one", o->device);
	note("attaching; this takes a moment");
	err = live_open(&live, &wishes);
	if (!err) {
		run_prepare();
		note(run.command ? "tracing '%s'" : "tracing%s; Ctrl-C ends it and reports",
		     run.command ? run.command[0] : "");
		err = run_wait(&run);
		code = err ? run_exit_code(err) : finish(live, o, &wishes, &run);
	} else {
		code = source_exit(err);
	}
	fclose(stdout);		/* whoever reads us need not wait for the rest */
	live_close(live);
	return code;
}

const struct cmd cmd_stat = {
	.name = "stat", .help = "count and time every DMA call, per device and operation",
	.args = "[-- COMMAND ...]",
	.options = stat_options, .noptions = sizeof(stat_options) / sizeof(*stat_options),
	.defaults = &stat_defaults, .opts_size = sizeof(struct stat_opts), .run = stat_run,
};
