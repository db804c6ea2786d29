// SPDX-License-Identifier: GPL-2.0
/*
 * Tracing for a report, see trace.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "model/device.h"
#include "analysis/diagnose.h"
#include "base/err.h"
#include "base/glob.h"
#include "session/keep.h"
#include "session/listen.h"
#include "live/live.h"
#include "recording/record.h"
#include "report/report.h"
#include "session/run.h"
#include "session/sandbox.h"
#include "model/settle.h"
#include "session/trace.h"

int trace_filter(const char *cmd, struct wishes *wishes, const struct trace_opts *o)
{
	struct dmt_glob glob;

	wishes->device = o->device;
	wishes->driver = o->driver;
	if (glob_compile(&glob, o->device) || glob_compile(&glob, o->driver))
		return fail_as(-EINVAL, cmd, "a pattern may have %d parts", DMT_GLOB_PARTS);
	return 0;
}

/* What was asked for, and what it is answered from. */
struct job {
	const struct trace_opts *o;
	const struct wishes *wishes;
	const struct report *report;	/* NULL, and judge too: it is only recorded */
	const struct report_opts *opts;
	judge_fn *judge;
	void *arg;			/* of judge */
	unsigned more;			/* that judge takes, see sandbox.h */
	struct run run;
	struct keep *keep;		/* NULL: nothing is recorded */
	struct listener *listener;	/* NULL: the report is printed */
	struct live *live;		/* NULL: it is a recording's */
	struct model *recorded;		/* NULL: it is traced */
};

/* The exit code of printing.  A reader that left, as head(1) does, has seen enough. */
static int printed(int err)
{
	return err && err != -EPIPE ? EXIT_FAILED : EXIT_OK;
}

/* Findings want to see all operations, as one explains the other.  Returns the exit code. */
static int conclude(FILE *out, struct model *m, const struct job *j)
{
	struct findings findings = { 0 };
	int err, code = EXIT_FAILED;

	model_filter(m, j->o->device, j->o->driver, OPS_ALL);
	err = settle_paths(m);
	if (!err)
		err = model_sort(m);
	if (!err)
		err = model_learn(m);
	if (!err)
		err = diagnose(m, &findings);
	if (j->wishes)
		model_filter(m, NULL, NULL, wishes_ops(j->wishes));
	if (err)
		fail(err, "out of memory while looking for findings");
	else if (j->judge)
		code = j->judge(m, &findings, j->live ? &j->run : NULL, j->arg);
	else if (j->report)
		code = printed(source_print_to(out, &j->o->source,
					       report_make(j->report, m, &findings, j->opts)));
	findings_release(&findings);
	return code;
}

/* Render the page served over HTTP. */
static int page(void *arg, FILE *out)
{
	struct job *j = arg;
	struct model *m;
	int err;

	if (!j->live)
		return conclude(out, j->recorded, j) ? -EIO : 0;
	m = model_new();
	err = m ? live_peek(j->live, m) : -ENOMEM;
	if (!err && conclude(out, m, j))
		err = -EIO;
	model_free(m);
	return err;
}

static int serve_start(struct job *j)
{
	int err = listen_start(j->listener, page, j);

	if (err)
		return err;
	j->run.work = listen_serve;
	j->run.arg = j->listener;
	j->run.fd = listen_fd(j->listener);
	return 0;
}

/* The report first, the command's own result last. */
static int finish(struct job *j)
{
	struct model *m = model_new();
	int err = m ? live_finish(j->live, m) : -ENOMEM;
	int kept = j->run.work_err, code = EXIT_OK, status;

	if (!err && !kept && j->keep)
		kept = keep_finish(j->keep, m);
	if (!err && (j->report || j->judge) && !j->listener)
		code = conclude(stdout, m, j);
	model_free(m);
	status = err || kept ? EXIT_FAILED : run_command_exit(&j->run);
	return status ? status : code;
}

static int measure(struct job *j)
{
	bool prints = j->report && !j->listener;
	int err = j->keep ? keep_start(j->keep, j->live, j->wishes, &j->run) :
			    j->listener ? serve_start(j) : 0, code;

	if (err)
		return EXIT_FAILED;
	note(j->run.command ? "tracing '%s'" :
	     prints ? "tracing%s; Ctrl-C ends it and reports" : "tracing%s; Ctrl-C ends it",
	     j->run.command ? j->run.command[0] : "");
	code = run_wait(&j->run);
	return code ? code : finish(j);
}

/*
 * What a run holds: with latencies, too, all that one without them has, and with call paths for any
 * purpose those of what lives.
 */
static unsigned extras_held(const struct model *m)
{
	return m->extras | DMT_WANTS_NO_LATENCY |
	       (m->extras & DMT_WANTS_PATHS ? DMT_WANTS_LIVE_STACKS : 0);
}

/* Does it hold what the report needs?  What it has beyond that is not shown. */
static bool holds(struct model *m, const struct wishes *wishes)
{
	bool costed = false;

	if (!wishes)
		return true;
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		costed |= m->hooks[hook].cost_known;
		m->hooks[hook].cost_known &= wishes->cost;
	}
	if (wishes->cost && !costed)
		return false;
	if (wishes->extras & ~extras_held(m) || (wishes->each && !m->each))
		return false;
	m->each = wishes->each;
	return true;
}

/* What it lacks, and how to have it the next time. */
static const char *missing(const struct model *m, const struct wishes *wishes)
{
	unsigned lacks = wishes->extras & ~extras_held(m);

	if (lacks & DMT_WANTS_STACKS)
		return "call paths; record with '--with stacks'";
	if (lacks & DMT_WANTS_LIVE)
		return "which mappings are outstanding; record with '--with live'";
	if (wishes->cost)
		return "what tracing cost; write it with 'stat --cost -o'";
	return "mappings one by one; write it with 'live --each -o', and --stack for call paths";
}

static int serve_recorded(struct job *j)
{
	int code = serve_start(j) ? EXIT_FAILED : run_wait(&j->run);

	return j->run.work_err ? EXIT_FAILED : code;
}

/* A report of what was recorded, if what it needs was. */
static int replay(struct job *j)
{
	struct replay *from = NULL;
	int err, code = EXIT_FAILED;

	j->recorded = model_new();
	err = j->recorded ? replay_new(&from, j->o->input) : -ENOMEM;
	if (!err) {
		sandbox_enter(j->more | (j->listener ? SANDBOX_SERVE : 0));
		err = replay_read(from, j->recorded);
	}
	if (!err && !holds(j->recorded, j->wishes)) {
		fail(-EOPNOTSUPP, "%s does not hold %s", j->o->input,
		     missing(j->recorded, j->wishes));
		code = EXIT_CANNOT;
	} else if (!err) {
		code = j->listener ? serve_recorded(j) : conclude(stdout, j->recorded, j);
	}
	listen_close(j->listener);
	model_free(j->recorded);
	replay_close(from);
	return code;
}

static int trace(struct job *j)
{
	int err = j->o->output ? keep_open(&j->keep, j->o) : 0, code = EXIT_FAILED;

	if (!err) {
		note("attaching; this takes a moment");
		err = live_open(&j->live, j->wishes);
		code = err ? source_exit(err) : measure(j);
	}
	keep_close(j->keep);
	listen_close(j->listener);
	fclose(stdout);		/* whoever reads us need not wait for the rest */
	live_close(j->live);
	return code;
}

int trace_input_check(const struct trace_opts *o, char *const *command)
{
	if (o->input && o->source.no_latency)
		return fail(-EINVAL, "-i reads a recording; --no-latency cannot be combined with it");
	if (!o->input || !(o->output || command))
		return 0;
	return fail(-EINVAL, "-i reads a recording; %s cannot be combined with it",
		    command ? "COMMAND" : "--output");
}

static int job_do(struct job *j, char **command)
{
	int err, code;

	if (trace_input_check(j->o, command))
		return EXIT_USAGE;
	j->run.command = command;
	j->run.duration_ns = j->o->duration_ns;
	j->run.recording = j->o->writes_file;
	code = j->o->input ? EXIT_OK : run_check(&j->run);
	if (code)
		return code;
	err = j->o->listen ? listen_open(&j->listener, j->o->listen) : 0;
	if (err) {
		listen_close(j->listener);
		return err == -EINVAL ? EXIT_USAGE : source_exit(err);
	}
	if (j->o->input)
		return replay(j);
	if (j->o->device && !device_matches(j->o->device))
		warn("no device is named '%s' now; waiting for one", j->o->device);
	return trace(j);
}

int trace_run(const struct trace_opts *o, const struct wishes *wishes, char **command,
	      const struct report *report, const struct report_opts *opts)
{
	struct job j = { .o = o, .wishes = wishes, .report = report, .opts = opts };

	return job_do(&j, command);
}

int trace_judge(const struct trace_opts *o, const struct wishes *wishes, char **command,
		judge_fn *judge, void *arg, unsigned more)
{
	struct job j = { .o = o, .wishes = wishes, .judge = judge, .arg = arg, .more = more };

	return job_do(&j, command);
}
