// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace hooks: what this kernel offers and what really attaches; also the template for a
 * bug report, and with --facts the fact file the plan of any kernel can be tested with.  With
 * --verifier, what it takes to load all there is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/list.h"
#include "cmd/cmds.h"
#include "base/err.h"
#include "kernel/kernel_probe.h"
#include "live/live.h"
#include "render/render.h"
#include "report/report.h"
#include "session/source.h"
#include "model/verified.h"

struct hooks_opts {
	struct source_opts source;
	bool facts, verifier;
	const char *kernel;
};

static const struct hooks_opts hooks_defaults;

static const struct opt hooks_options[] = {
	OPT_FLAG('F', "facts", struct hooks_opts, facts,
		 "print the kernel facts the plan is made from, and attach nothing"),
	OPT_STR('k', "kernel", struct hooks_opts, kernel, "FILE",
		"plan for the kernel described in FILE; attach nothing"),
	OPT_FLAG(0, "verifier", struct hooks_opts, verifier,
		 "print how many instructions the kernel's verifier walks; attach nothing"),
	OPT_SOURCE(struct hooks_opts, source),
	OPT_NO_LATENCY(struct hooks_opts, source),
};

static int privileges_check(void)
{
	if (kernel_privileged())
		return 0;
	return fail(-EPERM, "trying what attaches takes privilege; run it as root (sudo), or with "
		    "CAP_BPF and CAP_PERFMON");
}

static int facts_print(void)
{
	const struct wishes any = { 0 };
	struct kernel k = { 0 };
	struct plan plan;
	int err = privileges_check();

	if (err)
		return err;
	err = live_plan(&k, &plan, &any);
	if (!err) {
		kernel_save(&k, stdout);
		err = render_flush(stdout);
	}
	kernel_release(&k);
	return err;
}

/* What would be done on another kernel. */
static int plan_print(const struct hooks_opts *o, const struct wishes *wishes)
{
	struct model *m = model_new();
	struct kernel k = { 0 };
	struct plan plan;
	int err = m ? kernel_load(&k, o->kernel) : -ENOMEM;

	if (!err) {
		plan_make(&plan, &k, wishes, NULL, 0);
		model_plan(m, &plan);
		m->release = strdup(k.release);
		m->arch = strdup(k.arch);
		err = source_print(&o->source, report_hooks(m));
	}
	model_free(m);
	kernel_release(&k);
	return err;
}

static int verification_print(const struct hooks_opts *o, const struct wishes *wishes)
{
	struct verification v = { 0 };
	int err = privileges_check();

	if (err)
		return err;
	err = live_verify(&v, wishes);
	if (!err)
		err = source_print(&o->source, report_verification(&v));
	verification_release(&v);
	return err;
}

static int hooks_print(const struct hooks_opts *o, const struct wishes *wishes)
{
	struct live *live = NULL;
	struct model *m = model_new();
	int err = m ? live_open(&live, wishes) : -ENOMEM, print_err = 0;

	/* what does not attach at all is what this command is asked about most */
	if (!err)
		err = live_finish(live, m);
	if (!err || (err != -EINTR && live_refused(live, m)))
		print_err = source_print(&o->source, report_hooks(m));
	model_free(m);
	fclose(stdout);
	live_close(live);
	return err ? err : print_err;
}

static int hooks_run(const void *opts, int argc, char **argv)
{
	const struct hooks_opts *o = opts;
	struct wishes wishes;
	int err;

	(void)argc;
	(void)argv;
	if (source_wishes("hooks", &o->source, &wishes))
		return EXIT_USAGE;
	if (o->facts + !!o->kernel + o->verifier > 1) {
		fail_as(-EINVAL, "hooks", "--facts, --kernel and --verifier are reports of their own; "
			"take one");
		return EXIT_USAGE;
	}
	err = o->facts ? facts_print() : o->verifier ? verification_print(o, &wishes) :
	      o->kernel ? plan_print(o, &wishes) :
	      hooks_print(o, &wishes);
	if (err == -EPIPE)
		return EXIT_OK;
	/* a bad file is no fault of this kernel */
	return err && o->kernel ? EXIT_FAILED : source_exit(err);
}

const struct cmd cmd_hooks = {
	.name = "hooks", .help = "what can be traced on this kernel, how, and why not",
	.options = hooks_options, .noptions = ARRAY_SIZE(hooks_options),
	.defaults = &hooks_defaults, .opts_size = sizeof(struct hooks_opts), .run = hooks_run,
};
