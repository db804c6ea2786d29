// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace: which command, and nothing else.
 */
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cmd/cmds.h"
#include "base/err.h"
#include "base/opt.h"
#include "session/privileges.h"
#include "render/render.h"
#include "base/signals.h"

static const struct cmd *const cmds[] = {
	&cmd_stat, &cmd_hist, &cmd_swiotlb, &cmd_iommu, &cmd_stacks, &cmd_live, &cmd_trace,
	&cmd_record, &cmd_report, &cmd_diff, &cmd_check, &cmd_export, &cmd_devices, &cmd_hooks,
	&cmd_explain, NULL,
};

static void usage(FILE *out)
{
	fputs("usage: dmatrace [COMMAND] [OPTION ...]\n\n"
	      "Trace the kernel's DMA-mapping layer. Without a command: stat.\n\n", out);
	for (int i = 0; cmds[i]; i++)
		fprintf(out, "  %-10s %s\n", cmds[i]->name, cmds[i]->help);
	fputs("\n'dmatrace COMMAND --help' lists a command's options.\n", out);
}

/* The exit code after printing past the renderers, which check for themselves. */
static int printed(void)
{
	int err = render_flush(stdout);

	return err && err != -EPIPE ? EXIT_FAILED : EXIT_OK;
}

static const struct cmd *find(const char *name)
{
	for (int i = 0; cmds[i]; i++)
		if (!strcmp(cmds[i]->name, name))
			return cmds[i];
	return NULL;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
	void *opts = calloc(1, cmd->opts_size);
	int err, code;

	if (!opts)
		return fail(-ENOMEM, "out of memory%s", err_remedy(-ENOMEM)), EXIT_FAILED;
	err = opt_parse(cmd, opts, &argc, &argv);
	if (err)
		code = err == OPT_DONE ? printed() : EXIT_USAGE;
	else
		code = cmd->run(opts, argc, argv);
	free(opts);
	return code;
}

/* Closed at the start, their numbers would go to files of ours, and messages into those. */
static int streams_check(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		/* cppcheck-suppress leakReturnValNotUsed	; it is to stay open */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) == STDOUT_FILENO)
			return fail(-EBADF, "stdout is closed, so there is nowhere to report to; "
				    "redirect it to a file");
	return 0;
}

/* Options of every command, for the tests that hold them against the manual pages. */
static int dump(void)
{
	for (int i = 0; cmds[i]; i++)
		opt_dump(stdout, cmds[i]);
	return printed();
}

static int unknown(const char *word)
{
	const struct cmd *near = cmd_suggest(cmds, word);

	fail(-EINVAL, "unknown command '%s'; %s%s%stry 'dmatrace help'", word,
	     near ? "did you mean '" : "", near ? near->name : "", near ? "'? " : "");
	return EXIT_USAGE;
}

static int start(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	const struct cmd *cmd;

	if (streams_check())
		return EXIT_FAILED;
	/* we would trace for anybody */
	if (privileges_borrowed())
		return fail(-EPERM, "refusing to run setuid, setgid or with file capabilities; "
			    "use sudo, or ambient capabilities"), EXIT_CANNOT;
	if (!strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h"))
		return usage(stdout), printed();
	if (!strcmp(word, "--version") || !strcmp(word, "-V"))
		return printf("dmatrace %s\n", VERSION), printed();
	if (!strcmp(word, "--dump-options"))
		return dump();
	if (!*word || *word == '-')
		return run(&cmd_stat, argc - 1, argv + 1);
	cmd = find(word);
	return cmd ? run(cmd, argc - 2, argv + 2) : unknown(word);
}

int main(int argc, char **argv)
{
	signals_take();
	setlocale(LC_ALL, "");
	return signals_exit(start(argc, argv));
}
