// SPDX-License-Identifier: GPL-2.0
/*
 * What came when, in long recordings: all of it, in parts of about the same length, and in no more
 * memory than in short ones.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "file.h"
#include "made.h"
#include "base/list.h"
#include "model/part.h"
#include "recording/record.h"

#define PARTS 32
#define MARKS 128

static struct aggregate *of_device(struct model *m, int n)
{
	char name[16];

	snprintf(name, sizeof(name), "device %d", n);
	return new_aggregate(m, name, NULL, NULL, DMT_OP_MAP, DMT_TO_DEVICE);
}

/* One call of the first device in each, with a latency that says in which; others in some. */
static void write_intervals(int count)
{
	struct model m = { 0 };
	struct recording *r;

	assert_int_equal(recording_create(&r, path, true), 0);
	for (int n = 0; n < count; n++) {
		add_calls(of_device(&m, 0), 1, 4096, 1000 + n);
		if (n == count / 2)
			add_calls(of_device(&m, 1), 7, 512, 300);
		m.duration_ns = (n + 1) * 1000000000ull;
		assert_int_equal(recording_write(r, &m, n == count - 1), 0);
	}
	recording_close(r);
	model_release(&m);
}

/* Of an aggregate; NULL: nothing came in that part. */
static const struct run_part *part_of(const struct aggregate *a, int n)
{
	const struct run_part *p = a->parts;

	while (p && p->n != n)
		p = p->next;
	return p;
}

/* A part has the sum of the latencies of consecutive intervals: from which one on? */
static void check_part(const struct model *m, int n, int *next, int count)
{
	const struct run_part *p = part_of(&m->aggregates[0], n);
	const struct run_part *other = part_of(&m->aggregates[1], n);
	unsigned long long sum = 0, calls = 0, values = 0;
	struct hist_sum latency = { 0 };
	int from = *next;

	assert_non_null(p);
	assert_in_range(p->calls, count / PARTS * 3 / 4, count / PARTS * 5 / 4 + 1);
	while (calls < p->calls) {
		sum += 1000 + (*next)++;
		calls++;
	}
	part_latency_add(&latency, p);
	for (unsigned i = 0; i < latency.used; i++)
		values += latency.buckets[i];
	assert_int_equal(latency.sum, sum);
	assert_int_equal(values, p->calls);
	assert_int_equal(other ? other->calls : 0, from <= count / 2 && count / 2 < *next ? 7 : 0);
}

static void check_parts(int count)
{
	struct model m = { 0 };
	unsigned long long intervals;
	struct replay *r = NULL;
	size_t nparts;
	int next = 0;

	write_intervals(count);
	assert_int_equal(replay_open(&r, path, &m), 0);
	assert_int_equal(replay_parts(r, &m, PARTS, &nparts, &intervals), 0);
	assert_int_equal(intervals, count);
	assert_int_equal(nparts, PARTS);
	assert_int_equal(m.naggregates, 2);
	for (int i = 0; i < PARTS; i++)
		check_part(&m, i, &next, count);
	assert_int_equal(next, count);
	model_release(&m);
	replay_close(r);
	assert_in_range(ask("SELECT count(DISTINCT interval) FROM marks"), 0, MARKS);
	assert_int_equal(ask("SELECT sum(calls) FROM interval_calls"), count + 7);
	assert_int_equal(ask("SELECT sum(count) FROM interval_buckets WHERE value = 'latency'"),
			 count + 7);
}

static void parts_of_long_runs_are_of_like_length(void **state)
{
	static const int counts[] = { 32, 100, 127, 128, 129, 255, 256, 300, 1000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		check_parts(counts[i]);
}

/* A reader may come while more is written: what came after what it read first is not for it. */
static void parts_end_where_the_report_does(void **state)
{
	const struct run_part *part;
	struct model m = { 0 };
	unsigned long long intervals;
	struct replay *r = NULL;
	size_t nparts;

	(void)state;
	write_intervals(200);
	assert_int_equal(replay_open(&r, path, &m), 0);
	m.duration_ns = 100 * 1000000000ull;
	m.aggregates[0].calls = 100;
	m.aggregates[0].latency.sum = 100 * 1000 + 99 * 50;
	assert_int_equal(replay_parts(r, &m, 1, &nparts, &intervals), 0);
	assert_int_equal(intervals, 100);
	assert_int_equal(nparts, 1);
	part = m.aggregates[0].parts;
	assert_int_equal(part->calls, 100);
	assert_null(part->next);
	model_release(&m);
	replay_close(r);
}

/* What a busy machine sees: 80 kinds of calls, with new latencies in each interval. */
static void write_busy(int count)
{
	struct model m = { 0 };
	struct recording *r;

	assert_int_equal(recording_create(&r, path, true), 0);
	for (int i = 0; i < 80; i++)
		of_device(&m, i);
	for (int n = 0; n < count; n++) {
		for (int i = 0; i < 80; i++) {
			struct aggregate *a = &m.aggregates[i];

			for (int bucket = 60; bucket < 80; bucket++) {
				unsigned calls = 1 + (n + bucket) % 7;

				add_samples(&a->latency, calls, hist_bucket_min(bucket));
			}
			a->calls = a->latency.count;
		}
		m.duration_ns = (n + 1) * 1000000000ull;
		assert_int_equal(recording_write(r, &m, n == count - 1), 0);
	}
	recording_close(r);
	model_release(&m);
}

static void read_all(int count)
{
	struct model m = { 0 };
	unsigned long long intervals;
	struct replay *r = NULL;
	size_t nparts;

	assert_int_equal(replay_open(&r, path, &m), 0);
	assert_int_equal(replay_parts(r, &m, PARTS, &nparts, &intervals), 0);
	assert_int_equal(intervals, count);
	model_release(&m);
	replay_close(r);
}

/* The most memory it took, KiB. */
static long peak(void (*work)(int count), int count)
{
	struct rusage used;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		/* a page of 2 MiB would count as a whole */
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
		work(count);
		_exit(0);
	}
	assert_int_equal(wait4(child, &status, 0, &used), child);
	assert_int_equal(status, 0);
	return used.ru_maxrss;
}

static void memory_does_not_grow_with_the_run(void **state)
{
	long written, read, longer;
	struct stat few, many;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	return;		/* it keeps what was let go of */
#endif
	written = peak(write_busy, 300);
	read = peak(read_all, 300);
	assert_int_equal(stat(path, &few), 0);
	longer = peak(write_busy, 3000);
	assert_int_equal(stat(path, &many), 0);
	assert_in_range(longer, 1, written * 12 / 10);
	assert_in_range(peak(read_all, 3000), 1, read * 12 / 10);
	/* and of the file nothing but what came */
	assert_in_range(many.st_size, 1, few.st_size * 10);
}

#define MADE(test) cmocka_unit_test_setup_teardown(test, file_make, file_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MADE(parts_of_long_runs_are_of_like_length),
		MADE(parts_end_where_the_report_does),
		MADE(memory_does_not_grow_with_the_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
