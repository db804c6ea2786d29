// SPDX-License-Identifier: GPL-2.0
/*
 * What reports take grows with the number of rows and no faster, in time and in memory; and a call
 * path may be of any length, on a small stack.
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "analysis/check.h"
#include "analysis/compare.h"
#include "analysis/diagnose.h"
#include "base/list.h"
#include "file.h"
#include "many.h"
#include "recording/record.h"
#include "analysis/recorded.h"
#include "render/render.h"
#include "report/report.h"

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 1	/* it takes time and memory of its own */
#else
#define SANITIZED 0
#endif

#define SMALL_STACK (512 << 10)

static const struct report_opts usual = {
	.by = ~0u >> (32 - AXIS_MAX), .ops = OPS_ALL,
}, coarse = { .powers_of_two = true };

/* Limits of each device, and of what it holds.  The document borrows texts from them. */
static struct limits limits;
static struct checks checks;

static struct doc *checked(const struct model *m, const struct findings *f)
{
	char why[LIMIT_WHY];

	if (limits_add(&limits, BOUND_MAX, "*:errors=0", why) ||
	    limits_add(&limits, BOUND_MAX, "*:map.p99=1us", why) ||
	    limits_add(&limits, BOUND_MAX, "*:live-growth=0", why) ||
	    limits_check(&checks, m, f, &limits))
		_exit(1);
	return report_check(m, &checks, "2026-11-21T18:00:00");
}

/* NULL: verdicts */
static const struct report *const all[] = {
	&report_stat, &report_hist, &report_swiotlb, &report_iommu, &report_stacks, &report_live,
	&report_all, NULL,
};
#define REPORTS ARRAY_SIZE(all)

static void print(struct doc *doc, const char *format)
{
	const struct render_opts opts = { .width = 100 };
	FILE *nowhere = fopen("/dev/null", "w");

	if (!nowhere || renderer_find(format)->render(nowhere, doc, &opts))
		_exit(1);
	fclose(nowhere);
}

static void report(const struct model *m, const struct report *r, const struct report_opts *o,
		   const char *format)
{
	struct findings f;
	struct doc *doc;

	if (diagnose(m, &f))
		_exit(1);
	doc = r ? report_make(r, m, &f, o) : checked(m, &f);
	print(doc, format);
	doc_free(doc);
	findings_release(&f);
	checks_release(&checks);
	limits_release(&limits);
	checks = (struct checks){ 0 };
	limits = (struct limits){ 0 };
}

/* What a child took, which must have succeeded. */
static struct rusage took(pid_t child)
{
	struct rusage used;
	int status;

	assert_true(child > 0);
	assert_int_equal(wait4(child, &status, 0, &used), child);
	assert_int_equal(status, 0);
	return used;
}

/* Without what the kernel takes to hand out memory. */
static double cpu_s(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return used.ru_utime.tv_sec + used.ru_utime.tv_usec / 1e6;
}

/* Of a report, as text. */
static double seconds(const struct model *m, const struct report *r, const struct report_opts *o,
		      const char *format)
{
	double start = cpu_s();

	report(m, r, o, format);
	return cpu_s() - start;
}

#define FEW 1000
#define MORE 20000

/* Within twice what it would be if each row took the same. */
static bool linear(const struct model *few, const struct model *more, const struct report *r,
		   double *few_s, double *more_s)
{
	*few_s = seconds(few, r, &usual, "text");
	*more_s = seconds(more, r, &usual, "text");
	return *more_s < 0.05 || *more_s < 2 * *few_s * MORE / FEW;
}

/* Others use the machine, too, and what one of them disturbs is not disturbed again and again. */
static bool ever_linear(const struct model *few, const struct model *more, const struct report *r,
			double *few_s, double *more_s)
{
	for (int i = 0; i < 5; i++)
		if (linear(few, more, r, few_s, more_s))
			return true;
	return false;
}

static void time_grows_with_the_rows(void **state)
{
	(void)state;
	if (SANITIZED)
		return;
	for (size_t i = 0; i < MANY; i++) {
		struct model few, more;
		double few_s, more_s;

		many_make(&many[i], &few, FEW);
		many_make(&many[i], &more, MORE);
		for (size_t r = 0; r < REPORTS; r++)
			if (!ever_linear(&few, &more, all[r], &few_s, &more_s))
				fail_msg("report %zu of %s: %.3f s of %d rows, and %.3f s of %d", r,
					 many[i].name, few_s, FEW, more_s, MORE);
		model_release(&few);
		model_release(&more);
	}
}

/* What Prometheus scrapes of a machine with many devices, without and with buckets. */
static void a_page_of_many_devices_takes_less_than_a_second(void **state)
{
	const struct report_opts *const pages[] = { &usual, &coarse };
	const struct many shape = { "page", many_series };
	struct model m;

	(void)state;
	if (SANITIZED)
		return;
	many_make(&shape, &m, 1024);
	assert_int_equal(m.naggregates, 1024 * MANY_SERIES);
	for (int n = 0; n < 2; n++) {
		double took = 1;

		for (int i = 0; i < 3 && took >= 1; i++)
			took = seconds(&m, &report_metrics, pages[n], "openmetrics");
		if (took >= 1)
			fail_msg("page %d: %.2f s", n, took);
	}
	model_release(&m);
}

/* Recordings of many series in as many intervals as there are parts. */
static void write_series(const char *to, unsigned series)
{
	struct recording *r;
	struct model m;

	many_make(&many[0], &m, series);
	if (recording_create(&r, to, true))
		_exit(1);
	for (unsigned n = 1; n <= STATS_BLOCKS; n++) {
		for (unsigned i = 0; i < series; i++) {
			m.aggregates[i].calls += 10;
			for (unsigned k = 0; k < 10; k++)
				many_values(&m.aggregates[i].latency, 500 + 50 * ((n + k) % 10), 1);
		}
		m.duration_ns = n * 1000000000ull;
		if (recording_write(r, &m, n == STATS_BLOCKS))
			_exit(1);
	}
	recording_close(r);
	model_release(&m);
}

/* Of a recording and itself; KiB it took, and CPU time. */
static long compared(unsigned series, double *cpu)
{
	pid_t child = fork();
	struct rusage used;

	if (!child) {
		struct recorded a, b;
		struct comparison c;

		if (recorded_open(&a, path) || recorded_open(&b, path) ||
		    comparison_make(&c, &a, &b, 0.1) || c.nchanges < 4 * series)
			_exit(1);
		_exit(0);
	}
	used = took(child);
	*cpu = used.ru_utime.tv_sec + used.ru_utime.tv_usec / 1e6;
	return used.ru_maxrss;
}

static void comparing_takes_little_for_each_series(void **state)
{
	double few_s, more_s;
	long few, more;

	(void)state;
	if (SANITIZED)
		return;
	write_series(path, 250);
	few = compared(250, &few_s);
	write_series(path, 1250);
	more = compared(1250, &more_s);
	/* KiB */
	assert_in_range((more - few) / 1000, 0, 20);
	assert_true(more_s < 20 * few_s);
}

/* Where it runs, such a stack is all there is; set before a program starts. */
static pid_t run(char *const *argv)
{
	pid_t child = fork();

	if (!child) {
		const struct rlimit small = { SMALL_STACK, SMALL_STACK };
		int nowhere = open("/dev/null", O_WRONLY);

		if (setrlimit(RLIMIT_STACK, &small) || dup2(nowhere, STDOUT_FILENO) < 0)
			_exit(126);
		execv(argv[0], argv);
		_exit(127);
	}
	return child;
}

static struct frames deep(unsigned count)
{
	struct frames stack = { many_rows(count, sizeof(*stack.names)), count };

	for (unsigned i = 0; i < count; i++)
		stack.names[i] = many_name("frame_%u", i);
	return stack;
}

/* Everywhere a model has call paths; of two that have a half in common, the rest is a branch. */
static void deep_model(struct model *m, unsigned count)
{
	many_begin(m);
	many_one_device(m);
	m->followed = m->each = m->holders_known = true;
	m->stacks = many_rows(2, sizeof(*m->stacks));
	m->nstacks = 2;
	m->live = many_rows(1, sizeof(*m->live));
	m->failed = many_rows(1, sizeof(*m->failed));
	m->holders = many_rows(1, sizeof(*m->holders));
	m->mappings = many_rows(1, sizeof(*m->mappings));
	m->nlive = m->nfailed = m->nholders = m->nmappings = 1;
	for (int i = 0; i < 2; i++) {
		m->stacks[i] = (struct path_count){ .op = DMT_OP_MAP, .calls = 5,
						    .stack = deep(count) };
		free(m->stacks[i].stack.names[count / 2]);
		m->stacks[i].stack.names[count / 2] = many_name("branch_%u", i);
	}
	m->live[0] = many_live_row(strdup("device"), 0);
	frames_release(&m->live[0].stack);
	m->live[0].stack = deep(count);
	m->failed[0] = (struct failed){ .device = strdup("device"), .op = DMT_OP_IOMMU_MAP,
					.count = 1, .stack = deep(count) };
	m->holders[0] = (struct holder){ .device = strdup("device"), .count = 1,
					 .stack = deep(count) };
	m->mappings[0] = (struct mapping_row){ .device = strdup("device"), .op = DMT_OP_MAP,
					       .count = 1, .stack = deep(count) };
}

/* What the program does when it runs itself: all reports of a call path of so many frames. */
static int report_deep(unsigned count)
{
	static const char *const formats[] = { "text", "json", "folded" };
	struct model m;

	deep_model(&m, count);
	for (size_t r = 0; r < REPORTS; r++)
		for (int i = 0; i < 3; i++)
			report(&m, all[r], &usual, formats[i]);
	model_release(&m);
	return 0;
}

static char self[] = "/proc/self/exe";

static void call_paths_may_be_of_any_length(void **state)
{
	char count[] = "100000";

	(void)state;
	took(run((char *[]){ self, SANITIZED ? (char *)"1000" : count, NULL }));
}

/* With the deepest call path that a recording may have, and comparing two. */
static void commands_need_a_small_stack(void **state)
{
	static const char *const commands[] = { "stat", "swiotlb", "iommu", "stacks", "live",
						"report", "hist" };
	static char input[] = "-i", format[] = "-f", json[] = "json", diff[] = "diff";
	const char *program = getenv("DMATRACE");
	struct recording *r;
	struct model m;

	(void)state;
	if (SANITIZED)
		return;
	program = program ? program : "./dmatrace";
	deep_model(&m, 1000);
	assert_int_equal(recording_create(&r, path, true), 0);
	assert_int_equal(recording_write(r, &m, true), 0);
	recording_close(r);
	model_release(&m);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		char *argv[] = { (char *)program, (char *)commands[i], input, path, NULL, NULL,
				 NULL };

		took(run(argv));
		argv[4] = format;
		argv[5] = json;
		took(run(argv));
	}
	took(run((char *[]){ (char *)program, diff, path, path, NULL }));
}

#define MADE(test) cmocka_unit_test_setup_teardown(test, file_make, file_drop)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_grows_with_the_rows),
		cmocka_unit_test(a_page_of_many_devices_takes_less_than_a_second),
		MADE(comparing_takes_little_for_each_series),
		cmocka_unit_test(call_paths_may_be_of_any_length),
		MADE(commands_need_a_small_stack),
	};

	if (argc > 1)
		return report_deep(strtoul(argv[1], NULL, 0));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
