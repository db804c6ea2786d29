// SPDX-License-Identifier: GPL-2.0
/*
 * Quantiles of a recording's histograms against the sorted latencies of its events, of the same
 * calls: uniform, exponential, bimodal and constant ones.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/list.h"
#include "model/event.h"
#include "recording/record.h"

#define CALLS 20000

static char path[] = "/tmp/dmatrace-quantiles.XXXXXX";

typedef unsigned long long load_fn(unsigned n);

static unsigned long long uniform(unsigned n)
{
	(void)n;
	return 200 + 20000 * drand48();
}

static unsigned long long exponential(unsigned n)
{
	(void)n;
	return -5000 * log(1 - drand48());
}

static unsigned long long bimodal(unsigned n)
{
	return n % 20 ? 400 + 50 * drand48() : 3000000 + 200000 * drand48();
}

static unsigned long long constant(unsigned n)
{
	(void)n;
	return 123457;
}

/* As a run is: each call counted in the kernel, and an event besides. */
static void record(load_fn *load)
{
	const struct aggregate like = { .device = (char *)"0000:00:02.0", .op = DMT_OP_MAP };
	struct model m = { .extras = DMT_WANTS_EVENTS };
	struct aggregate *a = model_aggregate(&m, &like);
	__u64 buckets[DMT_HIST_BUCKETS] = { 0 };
	unsigned long long sum = 0, max = 0;
	struct recording *r;

	assert_non_null(a);
	assert_int_equal(recording_create(&r, path, true), 0);
	for (unsigned n = 0; n < CALLS; n++) {
		struct event e = { .device = like.device, .op = like.op, .latency_known = true,
				   .latency_ns = load(n) };

		buckets[dmt_bucket(e.latency_ns)]++;
		sum += e.latency_ns;
		max = e.latency_ns > max ? e.latency_ns : max;
		assert_int_equal(recording_event(r, &e), 0);
	}
	assert_int_equal(hist_add(&a->latency, buckets, sum, max, &a->calls), 0);
	a->latency_known = true;
	assert_int_equal(recording_write(r, &m, true), 0);
	recording_close(r);
	model_release(&m);
}

struct samples {
	unsigned long long ns[CALLS];
	size_t count;
};

static int collect(void *arg, const struct event *e)
{
	struct samples *s = arg;

	assert_true(e->latency_known && s->count < CALLS);
	s->ns[s->count++] = e->latency_ns;
	return 0;
}

static int by_value(const void *left, const void *right)
{
	const unsigned long long *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void compare(const struct hist *h, const struct samples *s)
{
	static const double quantiles[] = { 0.5, 0.9, 0.99, 0.999, 1 };

	assert_int_equal(h->count, s->count);
	for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++) {
		unsigned long long truth = s->ns[(size_t)ceil(quantiles[i] * s->count) - 1];
		unsigned long long seen = hist_quantile(h, quantiles[i]);

		if (fabs((double)seen - (double)truth) > 0.0625 * truth)
			fail_msg("quantile %g: %llu, of the events %llu", quantiles[i], seen,
				 truth);
	}
}

static void check(load_fn *load)
{
	static struct samples samples;
	struct model m = { 0 };
	struct replay *r;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	srand48(1);
	record(load);
	samples.count = 0;
	assert_int_equal(replay_open(&r, path, &m), 0);
	while (replay_events(r, 1024, collect, &samples) > 0)
		;
	assert_int_equal(samples.count, CALLS);
	assert_int_equal(m.naggregates, 1);
	qsort(samples.ns, CALLS, sizeof(*samples.ns), by_value);
	compare(&m.aggregates[0].latency, &samples);
	model_release(&m);
	replay_close(r);
	unlink(path);
	strcpy(strrchr(path, '.'), ".XXXXXX");
}

#define LOAD(load) static void load##_calls(void **state) { (void)state; check(load); }

LOAD(uniform)
LOAD(exponential)
LOAD(bimodal)
LOAD(constant)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uniform_calls),
		cmocka_unit_test(exponential_calls),
		cmocka_unit_test(bimodal_calls),
		cmocka_unit_test(constant_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
