// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace check: trace, or take a recording, and hold limits against it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "analysis/check.h"
#include "base/list.h"
#include "cmd/cmds.h"
#include "analysis/compare.h"
#include "base/err.h"
#include "base/outfile.h"
#include "analysis/policy.h"
#include "render/render.h"
#include "report/report.h"
#include "session/run.h"
#include "session/sandbox.h"
#include "session/trace.h"

struct check_opts {
	struct trace_opts trace;
	struct opt_list max, min, policies;
	const char *max_loss, *max_regression, *baseline, *junit;
	int annotate;
};

static const char *const annotate_names[] = { "none", "github", NULL };

static const struct check_opts check_defaults = { .trace = { TRACE_DEFAULTS } };

static const struct opt check_options[] = {
	OPT_LIST('m', "max", struct check_opts, max, "LIMIT",
		 "upper limit, such as 'map.p99=20us' (repeatable)"),
	OPT_LIST('n', "min", struct check_opts, min, "LIMIT",
		 "lower limit, such as 'map.calls=1' (repeatable)"),
	OPT_LIST('P', "policy", struct check_opts, policies, "FILE",
		 "read limits from this file, too (repeatable)"),
	OPT_STR('L', "max-loss", struct check_opts, max_loss, "N",
		"allow N calls, or N% of them, to be lost; default: none"),
	OPT_STR('R', "max-regression", struct check_opts, max_regression, "PERCENT",
		"fail if calls became slower by more than this, beyond noise"),
	OPT_STR('b', "baseline", struct check_opts, baseline, "FILE",
		"baseline recording (requires -i or -o)"),
	OPT_STR('j', "junit", struct check_opts, junit, "FILE",
		"also write the verdicts to this file as JUnit XML"),
	OPT_ENUM('a', "annotate", struct check_opts, annotate, annotate_names, "HOW",
		 "write CI annotations to stderr"),
	OPT_TRACE(struct check_opts, trace),
	OPT_FORM(struct check_opts, trace.source),
	OPT_INPUT(struct check_opts, trace),
	OPT_OUTPUT(struct check_opts, trace),
};

struct checking {
	const struct check_opts *o;
	struct limits limits;
	struct recorded baseline, now;	/* valid where there is a limit for them */
	struct outfile junit;		/* of a recording's verdicts; fd -1: not made before them */
};

static int exit_of(enum judgement verdict)
{
	switch (verdict) {
	case JUDGED_PASSED:
		return EXIT_OK;
	case JUDGED_INCOMPLETE:
		return EXIT_INCOMPLETE;
	case JUDGED_UNMATCHED:
		return EXIT_USAGE;
	default:
		return EXIT_THRESHOLD;
	}
}

static int print_as(FILE *out, const struct doc *doc, const char *name)
{
	const struct render_opts opts = { .utf8 = true };

	return renderer_find(name)->render(out, doc, &opts);
}

/* In memory first: the file is there as a whole, or not at all. */
static int junit_save(struct checking *c, const struct doc *doc)
{
	char *page = NULL;
	size_t size;
	FILE *to = open_memstream(&page, &size);
	int err;

	if (!to)
		return fail(-ENOMEM, "out of memory while writing verdicts");
	err = print_as(to, doc, "junit");
	fclose(to);
	if (!err)
		err = c->junit.fd >= 0 ? outfile_finish(&c->junit, page, size) :
					 outfile_save(c->o->junit, 0666, page, size);
	free(page);
	return err;
}

/* What CI systems read first, so that a reader of stdout who leaves does not keep it from them. */
static int print_all(struct checking *c, struct doc *doc)
{
	int err = c->o->junit ? junit_save(c, doc) : 0, printed;

	if (!err && c->o->annotate)
		err = print_as(stderr, doc, annotate_names[c->o->annotate]);
	printed = source_print(&c->o->trace.source, doc);
	return err ? err : printed == -EPIPE ? 0 : printed;
}

static int baseline_read(struct checking *c)
{
	int err = recorded_read(&c->baseline);

	if (!err)
		recorded_filter(&c->baseline, c->o->trace.device, c->o->trace.driver, OPS_ALL);
	return err;
}

/* Against the baseline; what this run was is in its recording by now. */
static int regression_check(struct checks *checks, struct checking *c)
{
	const struct trace_opts *o = &c->o->trace;
	struct comparison comparison;
	int err = o->input ? baseline_read(c) : recorded_new(&c->now, o->output);

	if (!err)
		err = recorded_read(&c->now);
	if (!err) {
		recorded_filter(&c->now, o->device, o->driver, OPS_ALL);
		err = comparison_make(&comparison, &c->baseline, &c->now,
				      c->limits.regression.value / 1e4);
		if (!err)
			err = check_regression(checks, &comparison, &c->limits.regression);
		comparison_release(&comparison);
	}
	return err;
}

static int judge(const struct model *m, const struct findings *f, const struct run *run,
		 void *arg)
{
	struct checking *c = arg;
	int unasked = check_unasked(m, &c->limits), code = EXIT_FAILED;
	char when[32];
	time_t now = time(NULL);
	struct checks checks;
	int err;

	strftime(when, sizeof(when), "%FT%T", gmtime(&now));
	if (unasked >= 0) {
		fail_as(-EOPNOTSUPP, "check", "%s was not watched: nobody asked for it; record it "
			"with '--op %s', or without --op and --layers",
			ops[unasked].name, ops[unasked].name);
		return EXIT_CANNOT;
	}
	err = limits_check(&checks, m, f, &c->limits);
	if (!err && c->limits.regression.text)
		err = regression_check(&checks, c);
	if (!err && run && run->command)
		err = check_command(&checks, run->command[0], run->status, run->interrupted);
	if (err == -ENOMEM)
		fail_as(-ENOMEM, "check", "out of memory while judging");
	else if (!err && !print_all(c, report_check(m, &checks, when)))
		code = exit_of(checks.verdict);
	checks_release(&checks);
	return code;
}

static int bounds_read(struct limits *l, const struct opt_list *list, enum bound bound)
{
	char why[LIMIT_WHY];

	for (size_t i = 0; i < list->count; i++)
		if (limits_add(l, bound, list->items[i], why))
			return fail_as(-EINVAL, "check", "--%s: '%s' %s", bound_names[bound],
				       list->items[i], why);
	return 0;
}

/* What the command line says goes before the files' word. */
static int limits_read(struct limits *l, const struct check_opts *o)
{
	char why[LIMIT_WHY];
	int err = bounds_read(l, &o->max, BOUND_MAX);

	if (!err)
		err = bounds_read(l, &o->min, BOUND_MIN);
	for (size_t i = 0; !err && i < o->policies.count; i++)
		err = policy_read(l, o->policies.items[i]);
	if (!err && o->max_loss && allowance_parse(&l->max_loss, o->max_loss, why))
		err = fail_as(-EINVAL, "check", "--max-loss: '%s' %s", o->max_loss, why);
	if (!err && o->max_regression && limits_regression(l, o->max_regression, why))
		err = fail_as(-EINVAL, "check", "--max-regression: '%s' %s", o->max_regression, why);
	if (!err && !l->count && !l->regression.text)
		err = fail_as(-EINVAL, "check", "there is no limit to check; give one with --max, "
			      "--min or --policy");
	if (!err && !o->baseline != !l->regression.text)
		err = fail_as(-EINVAL, "check", "%s", o->baseline ?
			      "--baseline requires --max-regression" :
			      "--max-regression, or max-regression in a policy, requires --baseline");
	if (!err && o->baseline && !o->trace.input && !o->trace.output)
		err = fail_as(-EINVAL, "check", "recordings are what is compared: keep this run in "
			      "one, with --output");
	return err;
}

/*
 * Before a trace it is read, for the same reason, and so that this run can be watched as that one
 * was.  Recordings are only opened: privileges end before they are read.
 */
static int baseline_open(struct checking *c, struct wishes *wishes)
{
	const struct trace_opts *o = &c->o->trace;
	int err = c->o->baseline ? recorded_new(&c->baseline, c->o->baseline) : 0;

	if (err || !c->o->baseline)
		return err;
	if (o->input)
		return recorded_new(&c->now, o->input);
	err = baseline_read(c);
	wishes->extras |= c->baseline.whole.extras & (DMT_WANTS_STACKS | DMT_WANTS_LIVE);
	return err;
}

static int apart(const char *output, const char *to, const char *input, const char *from)
{
	if (!to || !from || !outfile_same(to, from))
		return 0;
	return fail_as(-EINVAL, "check", "%s and %s name one file, %s; take another for %s", output,
		       input, from, output);
}

/* What is to be read must not be replaced, by whatever name. */
static int outputs_check(const struct check_opts *o)
{
	const char *outputs[][2] = { { "--output", o->trace.output }, { "--junit", o->junit } };
	int err = apart("--junit", o->junit, "--output", o->trace.output);

	for (size_t i = 0; !err && i < ARRAY_SIZE(outputs); i++) {
		const char *option = outputs[i][0], *to = outputs[i][1];

		err = apart(option, to, "--input", o->trace.input);
		if (!err)
			err = apart(option, to, "--baseline", o->baseline);
		for (size_t n = 0; !err && n < o->policies.count; n++)
			err = apart(option, to, "--policy", o->policies.items[n]);
	}
	return err;
}

/*
 * To find out after a long run that there is no place for it would be too late.  A recording is
 * read without the right to make files, so then it is made before.
 */
static int junit_open(struct checking *c)
{
	const char *name = c->o->junit;

	if (!name)
		return 0;
	return c->o->trace.input ? outfile_open(&c->junit, name, true, 0666) :
				   outfile_check(name, true);
}

/* 0 or -errno, reported: the limits, and whether there is a place for every output. */
static int prepare(struct checking *c, struct wishes *wishes)
{
	const struct check_opts *o = c->o;
	int err = source_wishes("check", &o->trace.source, wishes);

	if (!err)
		err = trace_filter("check", wishes, &o->trace);
	if (!err)
		err = limits_read(&c->limits, o);
	if (!err)
		err = outputs_check(o);
	wishes->ops = limits_ops(&c->limits);
	wishes->extras = limits_extras(&c->limits);
	return err;
}

static int check_run(const void *opts, int argc, char **argv)
{
	const struct check_opts *o = opts;
	struct checking *c = calloc(1, sizeof(*c));	/* too large for a stack */
	struct trace_opts trace = o->trace;
	struct wishes wishes;
	int err, code;

	if (!c)
		return fail(-ENOMEM, "out of memory%s", err_remedy(-ENOMEM)), EXIT_FAILED;
	c->o = o;
	c->junit.fd = -1;
	err = prepare(c, &wishes);
	code = err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	trace.writes_file = o->junit;
	if (!err && !junit_open(c) && !baseline_open(c, &wishes))
		code = trace_judge(&trace, &wishes, argc ? argv : NULL, judge, c,
				   o->junit ? SANDBOX_REPLACE : 0);
	outfile_close(&c->junit);
	recorded_close(&c->baseline);
	recorded_close(&c->now);
	limits_release(&c->limits);
	free(c);
	return code;
}

const struct cmd cmd_check = {
	.name = "check", .help = "check a run or a recording against limits, for CI",
	.args = "[-- COMMAND ...]",
	.options = check_options, .noptions = ARRAY_SIZE(check_options),
	.defaults = &check_defaults, .opts_size = sizeof(struct check_opts), .run = check_run,
};
