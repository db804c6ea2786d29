// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace explain: what a finding means, how it is decided, what to do; without a name, which
 * findings there are.
 */
#include "base/list.h"
#include "cmd/cmds.h"
#include "analysis/diagnose.h"
#include "base/err.h"
#include "base/opt.h"
#include "report/report.h"
#include "session/sandbox.h"
#include "session/source.h"

struct explain_opts {
	struct source_opts source;
};

static const struct opt explain_options[] = {
	OPT_ENUM('f', "format", struct explain_opts, source.format, format_names, "FORMAT",
		 "output format"),
};

static const char *nearest(const char *word)
{
	const char *best = NULL;
	size_t least = SIZE_MAX;

	for (int i = 0; i < FINDING_MAX; i++) {
		size_t edits = name_distance(word, finding_kinds[i].id);

		if (edits < least) {
			least = edits;
			best = finding_kinds[i].id;
		}
	}
	return best;
}

static int explain_run(const void *opts, int argc, char **argv)
{
	const struct explain_opts *o = opts;
	const struct finding_kind *kind = argc ? finding_kind(argv[0]) : NULL;
	const char *near;
	int err;

	sandbox_enter(0);
	if (argc > 1) {
		fail_as(-EINVAL, "explain", "one finding at a time; try 'dmatrace explain %s'",
			argv[0]);
		return EXIT_USAGE;
	}
	if (argc && !kind) {
		near = nearest(argv[0]);
		fail_as(-EINVAL, "explain", "unknown finding '%s'; %s%s%s'dmatrace explain' lists "
			"them", argv[0], near ? "did you mean '" : "", near ? near : "",
			near ? "'? " : "");
		return EXIT_USAGE;
	}
	err = source_print(&o->source, kind ? report_finding_kind(kind) : report_finding_kinds());
	return err && err != -EPIPE ? EXIT_FAILED : EXIT_OK;
}

const struct cmd cmd_explain = {
	.name = "explain", .help = "what a finding means, how it is decided, and what to do",
	.args = "[FINDING]",
	.options = explain_options, .noptions = ARRAY_SIZE(explain_options),
	.opts_size = sizeof(struct explain_opts), .run = explain_run,
};
