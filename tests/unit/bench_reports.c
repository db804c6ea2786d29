// SPDX-License-Identifier: GPL-2.0
/*
 * What reports of recordings of many rows take, for `make bench`: seconds of CPU time and MiB of
 * memory by shape, report and number of rows; '!': more than is wanted of a machine that is idle.
 *
 *	bench_reports [ROWS...]		1000, 20000 and 100000 if not given
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "many.h"
#include "base/list.h"
#include "recording/record.h"

static char path[64];

static const char *const reports[][8] = {
	{ "stat" }, { "stat", "-f", "json" }, { "hist" }, { "hist", "--value", "lifetime" },
	{ "swiotlb" }, { "iommu" }, { "stacks" }, { "stacks", "-f", "folded" }, { "live" },
	{ "report" }, { "report", "-f", "json" }, { "export", "openmetrics" },
	{ "check", "--max", "*:errors=0", "--max", "*:live-growth=0", "--max", "findings=0" },
	{ "diff" },
};
#define REPORTS ARRAY_SIZE(reports)

static void record(const struct many *shape, unsigned rows)
{
	struct recording *r;
	struct model m;

	many_make(shape, &m, rows);
	if (recording_create(&r, path, true) || recording_write(r, &m, true))
		exit(1);
	recording_close(r);
	_exit(0);	/* to let go of it takes time */
}

/* What a child took, and whether it did what was asked of it. */
static struct rusage took(pid_t child, int *code)
{
	struct rusage used;
	int status;

	if (child < 0 || wait4(child, &status, 0, &used) != child || !WIFEXITED(status))
		exit(1);
	*code = WEXITSTATUS(status);
	return used;
}

/* Of 20,000 rows half a second is enough for any report, and 3 s for comparing so many. */
static bool slow(const char *report, unsigned rows, double seconds)
{
	return seconds > (strcmp(report, "diff") ? 0.5 : 3) * rows / 20000 && rows >= 20000;
}

static void report(const char *const *arguments, const char *program, unsigned rows)
{
	char *argv[16] = { (char *)program };
	int n = 1, code, nowhere = open("/dev/null", O_WRONLY);
	struct rusage used;
	pid_t child = fork();
	double seconds;

	if (!child) {
		for (int i = 0; arguments[i]; i++)
			argv[n++] = (char *)arguments[i];
		if (!strcmp(arguments[0], "diff"))
			argv[n++] = path;
		else
			argv[n++] = (char *)"-i";
		argv[n++] = path;
		dup2(nowhere, STDOUT_FILENO);
		dup2(nowhere, STDERR_FILENO);
		execv(program, argv);
		_exit(127);
	}
	close(nowhere);
	used = took(child, &code);
	if (code == 127)
		exit(1);
	seconds = used.ru_utime.tv_sec + used.ru_stime.tv_sec +
		  (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	printf(" %7.2f s%c %5.0f MiB", seconds, slow(arguments[0], rows, seconds) ? '!' : ' ',
	       used.ru_maxrss / 1024.0);
	fflush(stdout);
}

static void bench(const struct many *shape, const unsigned *rows, int nrows)
{
	const char *program = getenv("DMATRACE");
	char copy[3][80];
	int code;

	for (int n = 0; n < nrows; n++) {
		pid_t child;

		snprintf(copy[n], sizeof(copy[n]), "%s.%d", path, n);
		child = fork();
		if (!child)
			record(shape, rows[n]);
		took(child, &code);
		if (code || rename(path, copy[n]))
			exit(1);
	}
	for (size_t i = 0; i < REPORTS; i++) {
		char name[64] = "";

		for (int n = 0; reports[i][n]; n++)
			snprintf(name + strlen(name), sizeof(name) - strlen(name), "%s%s",
				 n ? " " : "", reports[i][n]);
		printf("%-8s %-24.24s", shape->name, name);
		for (int n = 0; n < nrows; n++) {
			if (rename(copy[n], path))
				exit(1);
			report(reports[i], program ? program : "./dmatrace", rows[n]);
			if (rename(path, copy[n]))
				exit(1);
		}
		putchar('\n');
	}
	for (int n = 0; n < nrows; n++)
		unlink(copy[n]);
}

int main(int argc, char **argv)
{
	unsigned rows[3] = { 1000, 20000, 100000 };
	int nrows = argc > 1 ? 0 : 3;
	char dir[] = "/tmp/dmatrace-bench.XXXXXX";

	for (int i = 1; i < argc && nrows < 3; i++)
		rows[nrows++] = strtoul(argv[i], NULL, 0);
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/many.db", dir);
	printf("%-33s", "rows");
	for (int n = 0; n < nrows; n++)
		printf(" %20u", rows[n]);
	putchar('\n');
	for (size_t i = 0; i < MANY; i++)
		bench(&many[i], rows, nrows);
	return rmdir(dir) ? 1 : 0;
}
