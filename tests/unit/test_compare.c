// SPDX-License-Identifier: GPL-2.0
/*
 * Comparing made-up recordings: of the same work, however noisy, none is called changed that is
 * not; changes of the size that matter are found; what cannot be known is not judged.
 */
#include <math.h>
#include <stdio.h>

#include "analysis/compare.h"
#include "made.h"
#include "model/part.h"

#define THRESHOLD 0.1

/* What a run is made of; all that is random comes from it. */
struct work {
	size_t parts;
	unsigned calls;			/* in a part, of each operation */
	double slower;			/* factor of the latency of map */
	double between;			/* standard deviations of logarithms: of runs, */
	double drift, within;		/* of parts, half of it kept in the next; of calls */
	double bounced, failed;		/* shares of maps */
	unsigned held, burst;		/* in the end; errors all in one part */
};

static const struct work usual = {
	.parts = 20, .calls = 300, .slower = 1, .between = 0.02, .drift = 0.05, .within = 0.4,
};

static double normal(void)
{
	return sqrt(-2 * log(1 - drand48())) * cos(2 * M_PI * drand48());
}

static void call(struct hist *h, double ns)
{
	assert_int_equal(hist_put(h, ns, 1), 0);
}

static struct aggregate *aggregate(struct model *m, enum dmt_op op, enum path path)
{
	const struct aggregate like = { .device = (char *)"0000:00:02.0", .driver = (char *)"nvme",
					.op = op, .direction = DMT_TO_DEVICE, .path = path };
	struct aggregate *a = model_aggregate(m, &like);

	assert_non_null(a);
	return a;
}

/* Some calls, seen by the run and by the part. */
static void calls_make(struct model *whole, struct model *part, const struct work *w,
		       enum dmt_op op, double level)
{
	for (unsigned n = 0; n < w->calls; n++) {
		bool bounced = op == DMT_OP_MAP && drand48() < w->bounced;
		bool failed = op == DMT_OP_MAP && drand48() < w->failed;
		enum path path = op != DMT_OP_MAP ? VIA_NONE : bounced ? VIA_BOUNCE : VIA_DIRECT;
		/* one in 200 meets an interrupt */
		double ns = level * exp(w->within * normal()) + (drand48() < 0.005 ? 50000 : 0);
		struct aggregate *seen[2] = { aggregate(whole, op, path),
					      aggregate(part, op, path) };

		for (int i = 0; i < 2; i++) {
			call(&seen[i]->latency, ns);
			seen[i]->calls++;
			seen[i]->errors += failed;
			seen[i]->bytes += failed ? 0 : 4096;
		}
	}
}

static void burst(struct model *whole, struct model *parts, unsigned count)
{
	aggregate(whole, DMT_OP_MAP, VIA_DIRECT)->errors += count;
	aggregate(&parts[3], DMT_OP_MAP, VIA_DIRECT)->errors += count;
}

/* As a recording has them: with the calls of the whole run. */
static void parts_put(struct model *whole, struct model *parts, size_t nparts)
{
	for (size_t i = 0; i < nparts; i++) {
		for (size_t n = 0; n < parts[i].naggregates; n++) {
			const struct aggregate *a = &parts[i].aggregates[n];
			struct come came = { .calls = a->calls, .errors = a->errors };

			hist_sum_add(&came.latency, &a->latency);
			assert_int_equal(part_add(&aggregate_like(whole, a)->parts, i, &came), 0);
		}
		model_release(&parts[i]);
	}
}

static void hold(struct model *m, unsigned count)
{
	make_followed(m);
	call(&m->lifetimes->lifetime, 800000);
	/* in flight, and nobody's */
	age_add(m->ages, 100000, 3);
	if (count)
		age_add(m->ages, 900000000, count);
}

static void hooks_on(struct model *m, enum way way)
{
	m->hooks[DMT_HOOK_MAP] = (struct hook_state){ .op = DMT_OP_MAP, .on = true, .wanted = true,
						      .way = way };
	m->hooks[DMT_HOOK_UNMAP] = (struct hook_state){ .op = DMT_OP_UNMAP, .on = true,
							.wanted = true, .way = way };
}

static void run_make(struct recorded *r, const struct work *w)
{
	double drift[2] = { 0 }, run[2] = { w->between * normal(), w->between * normal() };
	static struct model parts[STATS_BLOCKS];

	*r = (struct recorded){ .nparts = w->parts, .intervals = w->parts };
	r->whole.duration_ns = 1000000000ull * w->parts;
	hooks_on(&r->whole, WAY_FENTRY);
	for (size_t i = 0; i < w->parts; i++)
		for (int n = 0; n < 2; n++) {
			double level = n ? 400 : 1000 * w->slower;

			drift[n] = drift[n] / 2 + w->drift * normal();
			calls_make(&r->whole, &parts[i], w, n ? DMT_OP_UNMAP : DMT_OP_MAP,
				   level * exp(run[n] + drift[n]));
		}
	if (w->burst)
		burst(&r->whole, parts, w->burst);
	parts_put(&r->whole, parts, w->parts);
	hold(&r->whole, w->held);
}

static const struct change *find(const struct comparison *c, enum dmt_op op, enum measure measure,
				 enum path path)
{
	for (size_t i = 0; i < c->nchanges; i++)
		if (c->changes[i].op == op && c->changes[i].measure == measure &&
		    (path == VIA_NONE || (c->changes[i].keys[AXIS_PATH] &&
		     !strcmp(c->changes[i].keys[AXIS_PATH], path_names[path]))))
			return &c->changes[i];
	return NULL;
}

static size_t changed(const struct comparison *c)
{
	size_t count = 0;

	for (size_t i = 0; i < c->nchanges; i++)
		count += c->changes[i].difference.verdict == VERDICT_MORE ||
			 c->changes[i].difference.verdict == VERDICT_LESS;
	return count;
}

/* Of pairs of a run of the first and one of the second: how many are found to differ, ... */
static int pairs_that_differ(const struct work *first, const struct work *second, int pairs)
{
	int differ = 0;

	srand48(1);
	for (int i = 0; i < pairs; i++) {
		struct recorded a, b;
		struct comparison c;

		run_make(&a, first);
		run_make(&b, second);
		assert_int_equal(comparison_make(&c, &a, &b, THRESHOLD), 0);
		differ += changed(&c) > 0;
		comparison_release(&c);
		recorded_close(&a);
		recorded_close(&b);
	}
	return differ;
}

/* ... and of one such pair: what is said of something, or VERDICT_SAME if nothing is. */
static struct difference difference_of(const struct work *first, const struct work *second,
				       enum dmt_op op, enum measure measure, enum path path)
{
	struct difference d = { VERDICT_SAME, NAN, NAN, NAN, NAN };
	const struct change *change;
	struct recorded a, b;
	struct comparison c;

	srand48(2);
	run_make(&a, first);
	run_make(&b, second);
	assert_int_equal(comparison_make(&c, &a, &b, THRESHOLD), 0);
	change = find(&c, op, measure, path);
	if (change)
		d = change->difference;
	comparison_release(&c);
	recorded_close(&a);
	recorded_close(&b);
	return d;
}

static void the_same_work_is_not_called_changed(void **state)
{
	struct work quiet = usual, noisy = usual, short_ = usual, bouncing = usual;

	(void)state;
	quiet.between = quiet.drift = quiet.within = 0;
	noisy.between = 0.04;
	noisy.drift = 0.2;
	noisy.within = 1;
	short_.parts = 6;
	short_.calls = 100;
	bouncing.bounced = 0.02;
	bouncing.failed = 0.001;
	bouncing.held = 40;
	assert_in_range(pairs_that_differ(&usual, &usual, 100), 0, 5);
	assert_in_range(pairs_that_differ(&quiet, &quiet, 20), 0, 1);
	assert_in_range(pairs_that_differ(&noisy, &noisy, 40), 0, 2);
	assert_in_range(pairs_that_differ(&short_, &short_, 100), 0, 5);
	assert_in_range(pairs_that_differ(&bouncing, &bouncing, 40), 0, 2);
}

static void a_fifth_slower_is_found(void **state)
{
	struct work calm = usual, slower;
	struct difference d;

	(void)state;
	calm.between = 0.01;
	calm.drift = 0.02;
	slower = calm;
	slower.slower = 1.2;
	assert_in_range(pairs_that_differ(&calm, &slower, 20), 19, 20);
	d = difference_of(&calm, &slower, DMT_OP_MAP, MEASURE_MEAN, VIA_DIRECT);
	assert_int_equal(d.verdict, VERDICT_MORE);
	assert_true(d.low < 1.2 && d.high > 1.2 && d.low > 1.1 && d.p < 0.05);
	d = difference_of(&slower, &calm, DMT_OP_MAP, MEASURE_MEAN, VIA_DIRECT);
	assert_int_equal(d.verdict, VERDICT_LESS);
	d = difference_of(&calm, &slower, DMT_OP_UNMAP, MEASURE_MEAN, VIA_NONE);
	assert_int_equal(d.verdict, VERDICT_SAME);
}

/* With so much noise between its parts, a run does not know its own mean. */
static void what_noise_may_be_is_not_called_slower(void **state)
{
	struct work noisy = usual, slower;

	(void)state;
	noisy.drift = 0.4;
	slower = noisy;
	slower.slower = 1.2;
	assert_int_equal(difference_of(&noisy, &slower, DMT_OP_MAP, MEASURE_MEAN,
				       VIA_DIRECT).verdict, VERDICT_SAME);
}

static void a_longer_tail_is_found(void **state)
{
	struct work spread = usual;
	struct difference d;

	(void)state;
	spread.within = 0.8;
	d = difference_of(&usual, &spread, DMT_OP_MAP, MEASURE_P90, VIA_DIRECT);
	assert_int_equal(d.verdict, VERDICT_MORE);
	assert_true(isnan(d.low) && d.ratio > 1.3);
	assert_int_equal(difference_of(&usual, &spread, DMT_OP_MAP, MEASURE_P50,
				       VIA_DIRECT).verdict, VERDICT_SAME);
}

static void one_in_a_hundred_bounces(void **state)
{
	struct work bouncing = usual;
	struct difference d;

	(void)state;
	bouncing.bounced = 0.01;
	d = difference_of(&usual, &bouncing, DMT_OP_MAP, MEASURE_PATH, VIA_BOUNCE);
	assert_int_equal(d.verdict, VERDICT_MORE);
	assert_true(isnan(d.ratio));
	/* of the others there are hardly fewer */
	assert_int_equal(difference_of(&usual, &bouncing, DMT_OP_MAP, MEASURE_PATH,
				       VIA_DIRECT).verdict, VERDICT_SAME);
	assert_int_equal(difference_of(&bouncing, &usual, DMT_OP_MAP, MEASURE_PATH,
				       VIA_BOUNCE).verdict, VERDICT_LESS);
	assert_in_range(pairs_that_differ(&usual, &bouncing, 20), 20, 20);
}

static void errors_are_found_but_one_burst_is_one_event(void **state)
{
	struct work failing = usual, once = usual;

	(void)state;
	failing.failed = 0.01;
	once.burst = 60;
	assert_int_equal(difference_of(&usual, &failing, DMT_OP_MAP, MEASURE_ERRORS,
				       VIA_NONE).verdict, VERDICT_MORE);
	assert_int_equal(difference_of(&usual, &once, DMT_OP_MAP, MEASURE_ERRORS,
				       VIA_NONE).verdict, VERDICT_SAME);
}

static void one_leak_is_found(void **state)
{
	struct work one = usual, many = usual, few = usual;
	struct difference d;

	(void)state;
	one.held = 1;
	few.held = 100;
	many.held = 200;
	d = difference_of(&usual, &one, DMT_OP_MAP, MEASURE_HELD, VIA_NONE);
	assert_int_equal(d.verdict, VERDICT_MORE);
	assert_true(isnan(d.p));
	assert_int_equal(difference_of(&one, &usual, DMT_OP_MAP, MEASURE_HELD, VIA_NONE).verdict,
			 VERDICT_LESS);
	assert_int_equal(difference_of(&few, &many, DMT_OP_MAP, MEASURE_HELD, VIA_NONE).verdict,
			 VERDICT_MORE);
	few.held = 190;
	assert_int_equal(difference_of(&few, &many, DMT_OP_MAP, MEASURE_HELD, VIA_NONE).verdict,
			 VERDICT_SAME);
	/* what is in flight in both is none */
	assert_true(isnan(difference_of(&usual, &usual, DMT_OP_MAP, MEASURE_HELD,
					VIA_NONE).ratio));
}

/* Runs that differ as a whole, by more than the threshold: only another one shows it. */
static void what_differs_between_runs_of_the_same_is_no_change(void **state)
{
	struct work slow = usual, slower = usual, few = usual;
	struct recorded before, again, after, too_few;
	struct comparison c, confirmed;

	(void)state;
	slow.slower = 1.3;
	slower.slower = 1.4;
	slower.failed = 0.02;
	few.parts = 3;
	srand48(5);
	run_make(&before, &usual);
	run_make(&again, &slow);
	run_make(&after, &slower);
	run_make(&too_few, &few);
	assert_int_equal(comparison_make(&c, &before, &after, THRESHOLD), 0);
	assert_int_equal(comparison_make(&confirmed, &again, &after, THRESHOLD), 0);
	assert_int_equal(find(&c, DMT_OP_MAP, MEASURE_MEAN, VIA_DIRECT)->difference.verdict,
			 VERDICT_MORE);
	comparison_confirm(&c, &confirmed);
	assert_int_equal(find(&c, DMT_OP_MAP, MEASURE_MEAN, VIA_DIRECT)->difference.verdict,
			 VERDICT_SAME);
	assert_true(find(&c, DMT_OP_MAP, MEASURE_MEAN, VIA_DIRECT)->difference.p > DOUBT);
	assert_int_equal(find(&c, DMT_OP_MAP, MEASURE_ERRORS, VIA_NONE)->difference.verdict,
			 VERDICT_MORE);
	comparison_release(&confirmed);
	assert_int_equal(comparison_make(&confirmed, &too_few, &after, THRESHOLD), 0);
	comparison_confirm(&c, &confirmed);
	assert_int_equal(find(&c, DMT_OP_MAP, MEASURE_ERRORS, VIA_NONE)->difference.verdict,
			 VERDICT_FEW);
	comparison_release(&confirmed);
	comparison_release(&c);
	recorded_close(&before);
	recorded_close(&again);
	recorded_close(&after);
	recorded_close(&too_few);
}

static void few_intervals_are_not_judged(void **state)
{
	struct work few = usual, slower = usual;

	(void)state;
	few.parts = 4;
	slower.slower = 3;
	slower.failed = 0.5;
	assert_int_equal(difference_of(&few, &slower, DMT_OP_MAP, MEASURE_MEAN, VIA_DIRECT).verdict,
			 VERDICT_FEW);
	assert_int_equal(difference_of(&few, &slower, DMT_OP_MAP, MEASURE_P50, VIA_DIRECT).verdict,
			 VERDICT_FEW);
	assert_int_equal(difference_of(&few, &slower, DMT_OP_MAP, MEASURE_ERRORS, VIA_NONE).verdict,
			 VERDICT_FEW);
	few.parts = 20;
	few.calls = 1;
	assert_int_equal(difference_of(&few, &slower, DMT_OP_MAP, MEASURE_MEAN, VIA_DIRECT).verdict,
			 VERDICT_FEW);
}

static void what_is_watched_otherwise_is_not_compared(void **state)
{
	struct work slower = usual;
	struct recorded a, b;
	struct comparison c;

	(void)state;
	slower.slower = 2;
	srand48(3);
	run_make(&a, &usual);
	run_make(&b, &slower);
	b.whole.hooks[DMT_HOOK_MAP].way = WAY_KPROBE;
	assert_int_equal(comparison_make(&c, &a, &b, THRESHOLD), 0);
	assert_int_equal(c.watching.other_way, OP(MAP));
	assert_int_equal(find(&c, DMT_OP_MAP, MEASURE_MEAN, VIA_DIRECT)->difference.verdict,
			 VERDICT_INCOMPARABLE);
	assert_int_equal(find(&c, DMT_OP_UNMAP, MEASURE_MEAN, VIA_NONE)->difference.verdict,
			 VERDICT_SAME);
	comparison_release(&c);
	b.whole.hooks[DMT_HOOK_UNMAP].on = false;
	b.whole.extras = DMT_WANTS_LIVE;
	assert_int_equal(comparison_make(&c, &a, &b, THRESHOLD), 0);
	assert_int_equal(c.watching.before_only, OP(UNMAP));
	assert_true(c.watching.other_extras);
	assert_int_equal(changed(&c), 0);
	comparison_release(&c);
	recorded_close(&a);
	recorded_close(&b);
}

static void other_work_is_told(void **state)
{
	struct work more = usual;
	struct recorded a, b;
	struct comparison c;

	(void)state;
	more.calls = 3 * usual.calls;
	srand48(4);
	run_make(&a, &usual);
	run_make(&b, &more);
	assert_int_equal(comparison_make(&c, &a, &b, THRESHOLD), 0);
	assert_int_equal(c.nloads, 2);
	assert_true(c.loads[0].other && c.loads[1].other);
	assert_int_equal(c.loads[0].calls_after, 3 * c.loads[0].calls_before);
	assert_int_equal(changed(&c), 0);
	comparison_release(&c);
	assert_int_equal(comparison_make(&c, &a, &a, THRESHOLD), 0);
	assert_false(c.loads[0].other);
	comparison_release(&c);
	recorded_close(&a);
	recorded_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_work_is_not_called_changed),
		cmocka_unit_test(a_fifth_slower_is_found),
		cmocka_unit_test(what_noise_may_be_is_not_called_slower),
		cmocka_unit_test(a_longer_tail_is_found),
		cmocka_unit_test(one_in_a_hundred_bounces),
		cmocka_unit_test(errors_are_found_but_one_burst_is_one_event),
		cmocka_unit_test(one_leak_is_found),
		cmocka_unit_test(what_differs_between_runs_of_the_same_is_no_change),
		cmocka_unit_test(few_intervals_are_not_judged),
		cmocka_unit_test(what_is_watched_otherwise_is_not_compared),
		cmocka_unit_test(other_work_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
