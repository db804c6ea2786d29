// SPDX-License-Identifier: GPL-2.0
/*
 * Events in recordings: what is written is what is read and printed, to the letter; what is in the
 * file when; files that are cut short, damaged or written by two.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/list.h"
#include "model/event.h"
#include "file.h"
#include "recording/record.h"
#include "render/stream.h"
#include "report/report.h"

#define AT_ONCE 65536		/* events after which they are in the file for good */

static char *const callers[] = { "dma_map_page_attrs", "probe [drv]", "\033[31mred" };
static const struct frames deep = { .names = (char **)callers, .count = 3 };
static const struct frames flat = { .names = (char **)callers, .count = 1 };

static const struct event odd[] = {
	{ .time_ns = 1234567890, .cpu = 3, .task = "sh", .thread = 42, .device = "0000:00:02.0",
	  .bus = "pci", .driver = "nvme", .op = DMT_OP_MAP, .direction = DMT_TO_DEVICE,
	  .size = 4096, .address = 0xfffff000, .phys = 0x1000, .virt = 0xffff888000001000,
	  .path = VIA_DIRECT, .context = CONTEXT_TASK, .latency_known = true, .latency_ns = 850,
	  .failure = FAILS_ADDRESS, .stack = &deep },
	/* nothing known but that it was there, and that it failed */
	{ .op = DMT_OP_BOUNCE, .direction = DMT_UNKNOWN, .reason = REASON_MASK, .failed = true,
	  .failure = FAILS_ADDRESS, .value = -1, .context = CONTEXT_HARDIRQ,
	  .latency_ns = ULLONG_MAX },
	/* names that would do something to a terminal, to JSON, to SQL or to UTF-8 */
	{ .op = DMT_OP_ALLOC, .direction = DMT_NONE, .task = "\033[31m\"',;\\%s", .thread = UINT_MAX,
	  .device = "\xff\xfe\xc3(", .bus = "'); DROP TABLE run; --", .driver = "\n\t\r\x7f\x9b",
	  .context = CONTEXT_UNKNOWN, .path = VIA_UNKNOWN, .stack = &flat },
	{ .op = DMT_OP_UNMAP, .direction = DMT_BIDIRECTIONAL, .time_ns = ULLONG_MAX,
	  .cpu = INT_MAX, .size = ULLONG_MAX, .address = ULLONG_MAX, .phys = ULLONG_MAX,
	  .virt = ULLONG_MAX, .latency_known = true, .latency_ns = ULLONG_MAX, .failed = true,
	  .failure = FAILS_ERRNO, .value = LLONG_MIN, .task = "", .device = "", .driver = "" },
	{ .op = DMT_OP_BOUNCE_COPY, .direction = DMT_FROM_DEVICE, .phase = PHASE_SYNC,
	  .reason = REASON_FORCED, .device = "", .stack = &deep },
};
#define ODD ARRAY_SIZE(odd)

/* The nth of as many as one likes: of several devices and kinds, few of which follow each other. */
static struct event nth(unsigned n)
{
	static const char *const devices[] = { "0000:00:02.0", "0000:00:03.0", NULL };
	struct event e = odd[0];

	e.time_ns = n;
	e.device = devices[n % 3];
	e.op = n / 3 % 2 ? DMT_OP_UNMAP : DMT_OP_MAP;
	e.context = n % 7 ? CONTEXT_TASK : CONTEXT_SOFTIRQ;
	e.task = n % 7 ? n % 2 ? "sh" : "dd" : NULL;
	e.thread = e.task ? n : 0;
	e.failed = n % 5 == 0;
	e.latency_ns = n;
	e.stack = NULL;
	return e;
}

static void write_run(struct recording *r, unsigned extras, bool last)
{
	struct model m = { .host = (char *)"host", .release = (char *)"6.12",
			   .arch = (char *)"x86_64", .duration_ns = 1, .extras = extras };

	assert_int_equal(recording_write(r, &m, last), 0);
}

static void write_nth(struct recording *r, unsigned from, unsigned to)
{
	for (unsigned n = from; n < to; n++) {
		struct event e = nth(n);

		assert_int_equal(recording_event(r, &e), 0);
	}
}

static struct recording *create(void)
{
	struct recording *r;

	assert_int_equal(recording_create(&r, path, true), 0);
	return r;
}

/* A whole recording of the odd ones, then so many others. */
static void record(unsigned count)
{
	struct recording *r = create();

	for (size_t i = 0; i < ODD; i++)
		assert_int_equal(recording_event(r, &odd[i]), 0);
	write_nth(r, 0, count);
	write_run(r, DMT_WANTS_EVENTS | DMT_WANTS_EVENT_STACKS, true);
	recording_close(r);
}

static void check_text(const char *got, const char *want)
{
	if (!got != !want || (want && strcmp(got, want)))
		fail_msg("'%s', not '%s'", got ? got : "(none)", want ? want : "(none)");
}

static void check_stack(const struct frames *got, const struct frames *want)
{
	assert_int_equal(!got, !want);
	assert_int_equal(got ? got->count : 0, want ? want->count : 0);
	for (size_t i = 0; want && i < want->count; i++)
		check_text(got->names[i], want->names[i]);
}

static void check_event(const struct event *got, const struct event *want)
{
	struct event numbers[2] = { *got, *want };

	check_text(got->task, want->task);
	check_text(got->device, want->device);
	check_text(got->bus, want->bus);
	check_text(got->driver, want->driver);
	check_stack(got->stack, want->stack);
	for (int i = 0; i < 2; i++) {
		numbers[i].task = numbers[i].device = numbers[i].bus = numbers[i].driver = NULL;
		numbers[i].stack = NULL;
	}
	assert_memory_equal(&numbers[0], &numbers[1], sizeof(struct event));
}

struct reading {
	unsigned count, most;		/* so many are expected at the most */
};

static int check_next(void *arg, const struct event *e)
{
	struct reading *reading = arg;
	unsigned n = reading->count++;
	struct event want = n < ODD ? odd[n] : nth(n - ODD);

	assert_true(n < reading->most);
	check_event(e, &want);
	return 0;
}

static void all_that_is_written_is_read(void **state)
{
	struct reading reading = { .most = ODD + 5000 };
	struct model m = { 0 };
	struct replay *r;
	int got, rounds = 0;

	(void)state;
	record(5000);
	assert_int_equal(replay_open(&r, path, &m), 0);
	assert_int_equal(m.extras, DMT_WANTS_EVENTS | DMT_WANTS_EVENT_STACKS);
	for (; (got = replay_events(r, 1024, check_next, &reading)) > 0; rounds++)
		assert_in_range(got, 1, 1024);
	assert_int_equal(got, 0);
	assert_int_equal(replay_events(r, 1024, check_next, &reading), 0);
	assert_int_equal(rounds, 5);
	assert_int_equal(reading.count, ODD + 5000);
	model_release(&m);
	replay_close(r);
}

struct printing {
	struct table *rows;
	bool stacks;
};

static int print_next(void *arg, const struct event *e)
{
	struct printing *p = arg;

	report_event(p->rows, e, p->stacks);
	return 0;
}

/* As cmd/trace.c prints them, from a recording or from where they came; freed by the caller. */
static char *printed(bool json, bool stacks, struct replay *r)
{
	struct render_opts opts = { .utf8 = true };
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	struct stream *s = stream_new(fd, json, &opts);
	struct doc *doc = doc_new();
	struct printing p = { report_events(doc, stacks), stacks };
	char *text = calloc(1, 65536);

	if (r)
		assert_int_equal(replay_events(r, INT_MAX, print_next, &p), ODD);
	for (size_t i = 0; !r && i < ODD; i++)
		print_next(&p, &odd[i]);
	assert_int_equal(stream_rows(s, p.rows), 0);
	assert_int_equal(stream_flush(s, -1), 0);
	assert_true(pread(fd, text, 65535, 0) > 500);
	doc_free(doc);
	stream_free(s);
	close(fd);
	return text;
}

static void they_are_printed_as_they_would_have_been(void **state)
{
	(void)state;
	record(0);
	for (int i = 0; i < 4; i++) {
		struct model m = { 0 };
		struct replay *r;
		char *live = printed(i & 1, i & 2, NULL), *again;

		assert_int_equal(replay_open(&r, path, &m), 0);
		again = printed(i & 1, i & 2, r);
		assert_string_equal(again, live);
		assert_null(strchr(again, '\033'));
		free(live);
		free(again);
		model_release(&m);
		replay_close(r);
	}
}

static int count_next(void *arg, const struct event *e)
{
	unsigned *count = arg;

	(void)e;
	++*count;
	return 0;
}

/* Of a file that may be anything: how many there are, or -errno. */
static int count(void)
{
	struct replay *r = NULL;
	struct model m = { 0 };
	unsigned events = 0;
	int err = replay_open(&r, path, &m);

	while (!err && (err = replay_events(r, 1000, count_next, &events)) > 0)
		err = 0;
	model_release(&m);
	replay_close(r);
	return err ? err : (int)events;
}

static int enough(void *arg, const struct event *e)
{
	(void)arg;
	(void)e;
	return -EPIPE;
}

static void who_reads_may_have_enough(void **state)
{
	struct model m = { 0 };
	struct replay *r;

	(void)state;
	record(10);
	assert_int_equal(replay_open(&r, path, &m), 0);
	assert_int_equal(replay_events(r, 100, enough, NULL), -EPIPE);
	model_release(&m);
	replay_close(r);
}

/* Others see them with the next interval, or before that when there are many. */
static void they_are_there_with_the_interval(void **state)
{
	struct recording *r = create();

	(void)state;
	write_run(r, DMT_WANTS_EVENTS, false);
	write_nth(r, 0, 10);
	assert_int_equal(count(), 0);
	write_run(r, DMT_WANTS_EVENTS, false);
	assert_int_equal(count(), 10);
	write_nth(r, 10, 10 + AT_ONCE - 1);
	assert_int_equal(count(), 10);
	write_nth(r, 0, 1);
	assert_int_equal(count(), 10 + AT_ONCE);
	write_nth(r, 0, 5);
	write_run(r, DMT_WANTS_EVENTS, true);
	assert_int_equal(count(), 15 + AT_ONCE);
	recording_close(r);
}

/* Who began to read sees what was there then, and keeps nobody from writing. */
static void reading_and_writing_go_together(void **state)
{
	struct recording *r = create();
	struct model m = { 0 };
	struct replay *reader;
	unsigned seen = 0;

	(void)state;
	write_nth(r, 0, 3000);
	write_run(r, DMT_WANTS_EVENTS, false);
	assert_int_equal(replay_open(&reader, path, &m), 0);
	assert_int_equal(replay_events(reader, 1000, count_next, &seen), 1000);
	write_nth(r, 3000, 4000);
	write_run(r, DMT_WANTS_EVENTS, true);
	while (replay_events(reader, 1000, count_next, &seen) > 0)
		;
	assert_int_equal(seen, 3000);
	assert_int_equal(count(), 4000);
	model_release(&m);
	replay_close(reader);
	recording_close(r);
}

/* kill -9 with events that are not in the file yet, nor the kinds they are of. */
static void a_killed_recorder_leaves_what_was_written(void **state)
{
	struct recording *r;
	int status;
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		r = create();
		write_nth(r, 0, 1);
		write_run(r, DMT_WANTS_EVENTS, false);
		write_nth(r, 0, AT_ONCE + 1000);
		raise(SIGKILL);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(count(), 1 + AT_ONCE);
	/* what it held of the file went with it */
	recording_close(create());
}

/* A file that may not grow is as good as a full disk. */
static void without_room_what_was_written_stays(void **state)
{
	struct rlimit limit, small = { 8 << 20, RLIM_INFINITY };
	struct recording *r = create();
	struct event e = nth(0);
	int err = 0;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	write_run(r, DMT_WANTS_EVENTS, false);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int n = 0; !err && n < 10 * AT_ONCE; n++)
		err = recording_event(r, &e);
	recording_close(r);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_in_range(-err, 1, 200);
	assert_in_range(count(), AT_ONCE, 9 * AT_ONCE);
	assert_int_equal(count() % AT_ONCE, 0);
}

/* Dies when some of a change is in the file, and the rest is not. */
static void die_writing(void)
{
	sqlite3 *db;

	sqlite3_open(path, &db);
	sqlite3_exec(db, "PRAGMA cache_size = 1; BEGIN; UPDATE event_rows SET owner = 99;", NULL,
		     NULL, NULL);
	raise(SIGKILL);
}

/* What count() returns for somebody who may not write, in a process of its own. */
static int count_as_reader(int wanted)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(!getuid() && setuid(65534) ? 1 : count() == wanted ? 0 : 2);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Reading needs no right to write, and leaves the file and its journal as they are. */
static void what_was_half_done_is_undone(void **state)
{
	char journal[sizeof(path) + 8];
	pid_t pid;

	(void)state;
	record(10000);
	snprintf(journal, sizeof(journal), "%s-journal", path);
	pid = fork();
	if (!pid)
		die_writing();
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(chmod(journal, 0000), 0);
	if (!getuid())
		assert_int_equal(count_as_reader(-EACCES), 0);
	assert_int_equal(chmod(journal, 0444), 0);
	assert_int_equal(count_as_reader(ODD + 10000), 0);
	assert_int_equal(count(), ODD + 10000);
	assert_int_equal(access(journal, F_OK), 0);
	assert_int_equal(unlink(journal), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void two_recorders_get_a_file_each(void **state)
{
	struct recording *first = create(), *second;
	char other[sizeof(path) + 2];

	(void)state;
	snprintf(other, sizeof(other), "%s.2", path);
	write_nth(first, 0, 10);
	assert_int_equal(recording_create(&second, path, true), -EBUSY);
	recording_close(second);
	assert_int_equal(recording_create(&second, path, false), -EEXIST);
	recording_close(second);
	assert_int_equal(recording_create(&second, other, false), 0);
	write_nth(second, 0, 5);
	write_run(first, DMT_WANTS_EVENTS, true);
	write_run(second, DMT_WANTS_EVENTS, true);
	recording_close(first);
	recording_close(second);
	assert_int_equal(count(), 10);
	assert_int_equal(rename(other, path), 0);
	assert_int_equal(count(), 5);
}

/* Three times as many take no more memory, to write or to read. */
static void memory_does_not_grow_with_their_number(void **state)
{
	struct recording *r = create();
	struct model m = { 0 };
	struct replay *reader;
	unsigned seen = 0;
	size_t few, many;

	(void)state;
	/* until SQLite keeps as much as it ever does */
	write_nth(r, 0, 3 * AT_ONCE);
	few = mallinfo2().uordblks;
	write_nth(r, 3 * AT_ONCE, 9 * AT_ONCE);
	many = mallinfo2().uordblks;
	assert_in_range(many, 0, few + 10000);
	write_run(r, DMT_WANTS_EVENTS, true);
	recording_close(r);
	assert_int_equal(replay_open(&reader, path, &m), 0);
	assert_int_equal(replay_events(reader, 3 * AT_ONCE, count_next, &seen), 3 * AT_ONCE);
	few = mallinfo2().uordblks;
	while (replay_events(reader, 1024, count_next, &seen) > 0)
		;
	many = mallinfo2().uordblks;
	assert_in_range(many, 0, few + 10000);
	assert_int_equal(seen, 9 * AT_ONCE);
	model_release(&m);
	replay_close(reader);
}

static void a_run_without_has_none(void **state)
{
	struct recording *r = create();

	(void)state;
	write_run(r, 0, true);
	recording_close(r);
	assert_int_equal(count(), 0);
	/* as one of an older dmatrace */
	change("DROP VIEW events; DROP TABLE event_rows; DROP TABLE event_kinds");
	assert_int_equal(count(), 0);
}

static void damaged_ones_are_refused(void **state)
{
	static const char *const wrong[] = {
		"DROP TABLE event_rows", "DROP TABLE event_kinds", "DROP TABLE event_frames",
		"UPDATE event_kinds SET op = 'teleport'", "UPDATE event_kinds SET context = NULL",
		"UPDATE event_rows SET owner = 99 WHERE id = 3", "DELETE FROM event_kinds",
		"UPDATE event_rows SET owner = NULL", "UPDATE event_frames SET name = NULL",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		record(10);
		assert_int_equal(count(), ODD + 10);
		change(wrong[i]);
		if (count() >= 0)
			fail_msg("%s: %d events", wrong[i], count());
	}
	record(10);
	change("UPDATE event_rows SET time_ns = 'now', task = x'410042', latency_known = 7");
	assert_int_equal(count(), ODD + 10);
}

/* Bytes go missing at the end, or bits flip where events are: most of the file. */
static void cut_and_flipped_files_do_no_harm(void **state)
{
	size_t size;
	char *bytes;

	(void)state;
	record(2000);
	bytes = get(&size);
	srandom(3);
	for (int i = 0; i < 200; i++) {
		put(bytes, random() % size);
		assert_in_range(count() + 1000, 0, 1000 + ODD + 2000);
	}
	for (int i = 0; i < 1000; i++) {
		size_t at = random() % size;
		char bit = 1 << random() % 8;

		bytes[at] ^= bit;
		put(bytes, size);
		assert_in_range(count() + 1000, 0, 1000 + ODD + 2000);
		bytes[at] ^= bit;
	}
	put(bytes, size);
	assert_int_equal(count(), ODD + 2000);
	free(bytes);
}

#define MADE(test) cmocka_unit_test_setup_teardown(test, file_make, file_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MADE(all_that_is_written_is_read),
		MADE(they_are_printed_as_they_would_have_been),
		MADE(who_reads_may_have_enough),
		MADE(they_are_there_with_the_interval),
		MADE(reading_and_writing_go_together),
		MADE(a_killed_recorder_leaves_what_was_written),
		MADE(without_room_what_was_written_stays),
		MADE(what_was_half_done_is_undone),
		MADE(two_recorders_get_a_file_each),
		MADE(memory_does_not_grow_with_their_number),
		MADE(a_run_without_has_none),
		MADE(damaged_ones_are_refused),
		MADE(cut_and_flipped_files_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
