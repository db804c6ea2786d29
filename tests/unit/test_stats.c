// SPDX-License-Identifier: GPL-2.0
/*
 * Distributions against values integrated numerically elsewhere; the jackknife, Holm's correction
 * and means against results worked out by hand.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/stats.h"

static void near(double got, double want)
{
	if (!(fabs(got - want) <= 1e-9 * fabs(want)))
		fail_msg("%.15g, expected %.15g", got, want);
}

/* By integrating the density with 30 digits. */
static void student(void **state)
{
	(void)state;
	near(stats_t_above(0, 3), 0.5);
	near(stats_t_above(1, 1), 0.25);
	near(stats_t_above(-1.5, 7.5), 0.912759714706768);
	near(stats_t_above(6, 4), 0.00194126852348026);
	near(stats_t_above(3.2, 8.6), 0.00574025168822345);
	near(stats_t_above(12, 30), 2.79009270759963e-13);
	near(stats_t_exceeded(0.025, 10), 2.228138851964939);
	near(stats_t_exceeded(0.25, 1), 1);
	/* 1 / (pi t), nearly */
	near(stats_t_above(1e9, 1) * 1e9 * M_PI, 1);
	assert_true(stats_t_above(INFINITY, 5) == 0);
}

/* By adding up terms with 30 digits. */
static void binomial(void **state)
{
	(void)state;
	near(stats_at_least(1, 10, 0.1), 0.6513215599);
	near(stats_at_least(7, 10, 0.5), 0.171875);
	near(stats_at_least(100, 100, 0.5238095238095238), 8.26683067746617e-29);
	near(stats_at_least(60, 200, 0.25), 0.062472231056464);
	near(stats_at_least(3, 5000, 0.001), 0.875474345802252);
	near(stats_at_least(0, 10, 0.1), 1);
	assert_true(stats_at_least(11, 10, 0.9) == 0);
	/* between its neighbours where it is not whole */
	assert_true(stats_at_least(7.5, 10, 0.5) < stats_at_least(7, 10, 0.5));
	assert_true(stats_at_least(7.5, 10, 0.5) > stats_at_least(8, 10, 0.5));
}

static void holm(void **state)
{
	double p[] = { 0.04, 0.01, 0.5, 0.02 };
	double *all[] = { &p[0], &p[1], &p[2], &p[3] };

	(void)state;
	stats_holm(all, 4);
	near(p[1], 0.04);
	near(p[3], 0.06);
	near(p[0], 0.08);
	near(p[2], 0.5);
	/* never below one before it, never above 1 */
	p[0] = 0.010;
	p[1] = 0.011;
	p[2] = 0.6;
	stats_holm(all, 3);
	near(p[0], 0.030);
	near(p[1], 0.030);
	near(p[2], 0.6);
	stats_holm(all, 0);
}

/* Of the mean of values, each with a weight. */
static struct estimate of_mean(const double *values, const double *weight, size_t n)
{
	double without[STATS_BLOCKS], sum = 0, total = 0;

	for (size_t i = 0; i < n; i++) {
		sum += values[i] * weight[i];
		total += weight[i];
	}
	for (size_t i = 0; i < n; i++)
		without[i] = (sum - values[i] * weight[i]) / (total - weight[i]);
	return stats_jackknife(sum / total, without, weight, n);
}

static void the_jackknife_of_a_mean_is_its_standard_error(void **state)
{
	static const double values[] = { 1, 6, 2, 5, 3, 4 }, ones[] = { 1, 1, 1, 1, 1, 1 };
	struct estimate e = of_mean(values, ones, 6);

	(void)state;
	assert_true(e.known);
	near(e.value, 3.5);
	near(e.df, 5);
	/* neighbours differ more than others: sum of squares 17.5, over n - 1, over n */
	near(e.variance, 17.5 / 5 / 6);
}

/* As an interval that ends in the middle of a burst: 8 bounces of 834 calls each, and 4 of 4. */
static void what_a_block_weighs_little_matters_little(void **state)
{
	double share[12], calls[12], even;

	(void)state;
	for (size_t i = 0; i < 12; i++) {
		share[i] = i % 2 ? 7.0 / 834 : 9.0 / 834;
		calls[i] = 834;
	}
	even = of_mean(share, calls, 12).variance;
	share[6] = 1;
	calls[6] = 4;
	assert_true(of_mean(share, calls, 12).variance < 3 * even);
}

/* In order, the first autocorrelation is 0.5, and so the variance three times as large. */
static void alike_neighbours_make_it_larger(void **state)
{
	static const double values[] = { 1, 2, 3, 4, 5, 6 }, ones[] = { 1, 1, 1, 1, 1, 1 };

	(void)state;
	near(of_mean(values, ones, 6).variance, 3 * 17.5 / 5 / 6);
}

static void few_or_uneven_blocks_tell_nothing(void **state)
{
	static const double values[] = { 1, 6, 2, 5, 3, 4 }, ones[] = { 1, 1, 1, 1, 1, 1 };
	static const double uneven[] = { 100, 1, 1, 1, 1, 1 };

	(void)state;
	assert_false(of_mean(values, ones, 4).known);
	assert_true(of_mean(values, ones, 5).known);
	assert_false(of_mean(values, uneven, 6).known);
	assert_false(of_mean(values, ones, 0).known);
}

static void put(struct hist *h, unsigned long long value, unsigned long long count)
{
	assert_int_equal(hist_put(h, value, count), 0);
}

static void means(void **state)
{
	struct hist h = { 0 };

	(void)state;
	put(&h, 1000, 95);
	near(stats_mean(&h, 1), 1000);
	/* 9600 to 10235 of 105000 are the rest, which leaves 94765 to 95400 */
	put(&h, 2000, 5);
	near(stats_mean(&h, 1), 1050);
	near(stats_mean(&h, 0.95), (94765. + 95400) / 2 / 95);
	/* of large values the sum says less than the bucket from 960 to 1023 does */
	hist_release(&h);
	put(&h, 1000, 95);
	put(&h, 1000000, 5);
	near(stats_mean(&h, 0.95), (960. + 1023) / 2);
	/* the last bucket has no end */
	hist_release(&h);
	put(&h, 1000, 95);
	put(&h, 1ull << 40, 5);
	near(stats_mean(&h, 0.95), (960. + 1023) / 2);
	near(stats_mean(&h, 1), (95 * 1000 + 5 * 0x1p40) / 100);
	/* a sum that cannot be */
	h.sum = 3;
	near(stats_mean(&h, 0.95), 960);
	hist_release(&h);
}

static void quantiles_and_what_is_above(void **state)
{
	struct hist h = { 0 };

	(void)state;
	put(&h, 100, 90);
	put(&h, 1000, 9);
	put(&h, 10000, 1);
	assert_int_equal(stats_quantile_bucket(&h, 0.9), dmt_bucket(100));
	assert_int_equal(stats_quantile_bucket(&h, 0.91), dmt_bucket(1000));
	assert_int_equal(stats_quantile_bucket(&h, 0.99), dmt_bucket(1000));
	near(stats_share_above(&h, dmt_bucket(100)), 0.1);
	near(stats_share_above(&h, dmt_bucket(1000)), 0.01);
	near(stats_share_above(&h, dmt_bucket(99)), 0.1);
	assert_true(stats_share_above(&h, dmt_bucket(10000)) == 0);
	hist_release(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(student),
		cmocka_unit_test(binomial),
		cmocka_unit_test(holm),
		cmocka_unit_test(the_jackknife_of_a_mean_is_its_standard_error),
		cmocka_unit_test(what_a_block_weighs_little_matters_little),
		cmocka_unit_test(alike_neighbours_make_it_larger),
		cmocka_unit_test(few_or_uneven_blocks_tell_nothing),
		cmocka_unit_test(means),
		cmocka_unit_test(quantiles_and_what_is_above),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
