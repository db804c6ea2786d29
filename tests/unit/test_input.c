// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace trace -i: the filters of a trace, on what was recorded without; and what cannot be had,
 * also of live -i.
 */
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/list.h"
#include "model/event.h"
#include "file.h"
#include "made.h"
#include "recording/record.h"

/* Events of three devices, one of which is not known; every fifth fails, the nth takes n ns. */
static void record(unsigned extras, unsigned count)
{
	static const char *const devices[] = { "0000:00:02.0", "0000:00:03.0", NULL };
	struct model m = { .host = strdup("host"), .extras = extras };
	struct recording *r;

	assert_int_equal(recording_create(&r, path, true), 0);
	for (unsigned n = 0; n < count; n++) {
		const struct event e = {
			.device = devices[n % 3], .driver = n % 3 < 2 ? "nvme" : NULL,
			.op = n / 3 % 2 ? DMT_OP_UNMAP : DMT_OP_MAP, .failed = n % 5 == 0,
			.failure = FAILS_ADDRESS, .value = -1, .latency_known = n != 2099,
			.latency_ns = n,
		};

		new_aggregate(&m, (char *)e.device, NULL, (char *)e.driver, e.op,
			      e.direction)->calls++;
		assert_int_equal(recording_event(r, &e), 0);
	}
	assert_int_equal(recording_write(r, &m, true), 0);
	recording_close(r);
	model_release(&m);
}

/* What the program prints of it: exit code; the lines are counted. */
static int command(const char *options, unsigned *lines, char *first, int size)
{
	char words[256], line[32768];
	FILE *out;

	snprintf(words, sizeof(words), "./dmatrace trace -i %s %s 2>&1", path, options);
	out = popen(words, "r");
	assert_non_null(out);
	for (*lines = 0; fgets(line, sizeof(line), out); ++*lines)
		if (!*lines)
			snprintf(first, size, "%.*s", size - 1, line);
	return WEXITSTATUS(pclose(out));
}

/* Lines that are events; the other one is the end. */
static unsigned events(const char *options)
{
	char first[256], words[256];
	unsigned lines;

	snprintf(words, sizeof(words), "-f json %s", options);
	assert_int_equal(command(words, &lines, first, sizeof(first)), 0);
	return lines - 1;
}

static void filters_are_those_of_a_trace(void **state)
{
	unsigned sampled;

	(void)state;
	record(DMT_WANTS_EVENTS, 2100);
	assert_int_equal(events(""), 2100);
	assert_int_equal(events("-D 0000:00:02.0"), 700);
	assert_int_equal(events("-D '0000*'"), 1400);
	assert_int_equal(events("-r 'nv*'"), 1400);
	assert_int_equal(events("-r e1000e"), 0);
	assert_int_equal(events("-p map"), 1050);
	assert_int_equal(events("-l backend"), 0);
	assert_int_equal(events("-e"), 420);
	assert_int_equal(events("-m 2us"), 99);
	assert_int_equal(events("-m 2us -e -p map -D 0000:00:02.0"), 3);
	sampled = events("-s 10");
	/* five standard deviations */
	assert_in_range(sampled, 210 - 69, 210 + 69);
}

/* What the end says of some of all events. */
static void check_end(const char *options, unsigned seen, unsigned filtered)
{
	char words[256], first[256], want[256];
	unsigned lines;

	snprintf(words, sizeof(words), "-f json %s | tail -n 1", options);
	assert_int_equal(command(words, &lines, first, sizeof(first)), 0);
	snprintf(want, sizeof(want), "{\"end\":true,\"events\":%u,\"events_filtered\":%u,", seen,
		 filtered);
	if (strncmp(first, want, strlen(want)))
		fail_msg("%s: %s, not %s", options, first, want);
}

/* Calls of others are counted, those that another filter drops are not. */
static void the_end_says_what_was_filtered(void **state)
{
	(void)state;
	record(DMT_WANTS_EVENTS, 2100);
	check_end("", 2100, 0);
	check_end("-D 0000:00:02.0", 700, 1400);
	check_end("-r 'nv*' -p map", 700, 350);
	check_end("-D 0000:00:02.0 -e -m 2us", 6, 1400);
	check_end("-e", 420, 0);
}

/* The most memory it took to print them, KiB. */
static long peak(const char *format)
{
	struct rusage used;
	int status;
	pid_t child = fork();

	if (!child) {
		/* a page of 2 MiB would count as a whole */
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execl("./dmatrace", "dmatrace", "trace", "-i", path, "-f", format, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(wait4(child, &status, 0, &used), child);
	assert_int_equal(status, 0);
	return used.ru_maxrss;
}

static void memory_does_not_grow_with_their_number(void **state)
{
	long text, json;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	return;		/* it keeps what was let go of */
#endif
	record(DMT_WANTS_EVENTS, 50000);
	text = peak("text");
	json = peak("json");
	record(DMT_WANTS_EVENTS, 500000);
	assert_in_range(peak("text"), 1, text * 12 / 10);
	assert_in_range(peak("json"), 1, json * 12 / 10);
}

/* Its messages go to a pipe, where there is no such limit. */
static void a_limit_on_file_sizes_is_as_a_full_disk(void **state)
{
	static const char *const formats[] = { "text", "json" };
	char words[256], got[256];
	FILE *out;

	(void)state;
	record(DMT_WANTS_EVENTS, 2100);
	for (int i = 0; i < 2; i++) {
		snprintf(words, sizeof(words), "(ulimit -f 8; ./dmatrace trace -i %s -f %s "
			 "2>&1 >%s.out; echo $?)", path, formats[i], path);
		out = popen(words, "r");
		assert_non_null(out);
		assert_non_null(fgets(got, sizeof(got), out));
		assert_string_equal(got, "dmatrace: cannot write the trace: the limit on file sizes is "
				    "reached; raise it with 'ulimit -f'\n");
		assert_non_null(fgets(got, sizeof(got), out));
		assert_string_equal(got, "1\n");
		assert_int_equal(pclose(out), 0);
	}
	snprintf(words, sizeof(words), "%s.out", path);
	assert_int_equal(unlink(words), 0);
}

static void what_is_not_there_is_refused(void **state)
{
	char first[256], want[256];
	unsigned lines;

	(void)state;
	record(DMT_WANTS_STACKS, 0);
	assert_int_equal(command("", &lines, first, sizeof(first)), 3);
	assert_int_equal(lines, 1);
	snprintf(want, sizeof(want), "dmatrace: %s holds no events; 'dmatrace record --events' "
		 "does\n", path);
	assert_string_equal(first, want);
	record(DMT_WANTS_STACKS | DMT_WANTS_EVENTS, 1);
	assert_int_equal(command("-S", &lines, first, sizeof(first)), 3);
	assert_int_equal(lines, 1);
	assert_non_null(strstr(first, "holds events without their call paths"));
	assert_int_equal(command("-- true", &lines, first, sizeof(first)), 2);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(command("", &lines, first, sizeof(first)), 1);
	assert_int_equal(lines, 1);
}

/* Of a run for other purposes, too: what live wants besides mappings others have as well. */
static void live_takes_what_is_enough(void **state)
{
	static const struct {
		unsigned extras;
		int callers, paths;	/* exit codes */
	} runs[] = {
		{ DMT_WANTS_LIVE | DMT_WANTS_NO_LATENCY, 0, 3 },
		{ DMT_WANTS_LIVE | DMT_WANTS_NO_LATENCY | DMT_WANTS_LIVE_STACKS, 0, 0 },
		{ DMT_WANTS_LIVE, 0, 3 },
		{ DMT_WANTS_LIVE | DMT_WANTS_STACKS, 0, 0 },
		{ DMT_WANTS_STACKS, 3, 3 },
		{ 0, 3, 3 },
	};
	char words[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		record(runs[i].extras, 0);
		snprintf(words, sizeof(words), "./dmatrace live -i %s >/dev/null 2>&1", path);
		assert_int_equal(WEXITSTATUS(system(words)), runs[i].callers);
		snprintf(words, sizeof(words), "./dmatrace live --stack -i %s >/dev/null 2>&1", path);
		assert_int_equal(WEXITSTATUS(system(words)), runs[i].paths);
	}
}

#define MADE(test) cmocka_unit_test_setup_teardown(test, file_make, file_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MADE(filters_are_those_of_a_trace),
		MADE(the_end_says_what_was_filtered),
		MADE(memory_does_not_grow_with_their_number),
		MADE(a_limit_on_file_sizes_is_as_a_full_disk),
		MADE(what_is_not_there_is_refused),
		MADE(live_takes_what_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
