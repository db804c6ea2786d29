// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms: buckets without gaps, as narrow as promised, and quantiles against sorted samples.
 */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/list.h"
#include "model/hist.h"

#define SAMPLES 20000
#define LAST (DMT_HIST_BUCKETS - 1)
#define OPEN (1ull << 36)	/* what the last bucket begins with */

static void check_value(__u64 v)
{
	unsigned bucket = dmt_bucket(v);
	__u64 min = hist_bucket_min(bucket), max = hist_bucket_max(bucket);

	if (bucket > LAST || v < min || v > max || (v && dmt_bucket(v - 1) > bucket))
		fail_msg("%llu in bucket %u, %llu to %llu", v, bucket, min, max);
	if (bucket < LAST && v > 15 && (max - min + 1) * 8 > min)
		fail_msg("bucket %u of %llu is wide: %llu to %llu", bucket, v, min, max);
}

static void values_lie_in_their_buckets(void **state)
{
	(void)state;
	for (__u64 v = 0; v <= 1 << 20; v++)
		check_value(v);
	for (unsigned shift = 0; shift < 64; shift++)
		for (int off = -1; off <= 1; off++)
			check_value((1ull << shift) + off);
	check_value(ULLONG_MAX);
}

static void buckets_join_and_the_last_is_open(void **state)
{
	(void)state;
	assert_int_equal(hist_bucket_min(0), 0);
	for (unsigned bucket = 0; bucket < LAST; bucket++) {
		assert_true(hist_bucket_max(bucket) + 1 == hist_bucket_min(bucket + 1));
		assert_int_equal(dmt_bucket(hist_bucket_min(bucket)), bucket);
		assert_int_equal(dmt_bucket(hist_bucket_max(bucket)), bucket);
	}
	assert_true(hist_bucket_min(LAST) == OPEN);
	assert_true(hist_bucket_max(LAST) == ULLONG_MAX);
	assert_int_equal(dmt_bucket(OPEN - 1), LAST - 1);
	assert_int_equal(dmt_bucket(OPEN), LAST);
	assert_int_equal(dmt_bucket(ULLONG_MAX), LAST);
}

static void collect(struct hist *h, const __u64 *samples, size_t n)
{
	static __u64 buckets[DMT_HIST_BUCKETS];
	unsigned long long added;
	__u64 sum = 0, max = 0;

	memset(buckets, 0, sizeof(buckets));
	for (size_t i = 0; i < n; i++) {
		buckets[dmt_bucket(samples[i])]++;
		sum += samples[i];
		max = samples[i] > max ? samples[i] : max;
	}
	assert_int_equal(hist_add(h, buckets, sum, max, &added), 0);
	assert_int_equal(added, n);
}

/* That they have all in common; which buckets they keep is their own affair. */
static void assert_same(const struct hist *a, const struct hist *b)
{
	assert_true(a->count == b->count && a->sum == b->sum && a->max == b->max);
	for (unsigned i = 0; i < DMT_HIST_BUCKETS; i++)
		assert_int_equal(hist_in(a, i), hist_in(b, i));
}

static int by_value(const void *left, const void *right)
{
	const __u64 *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void check_quantiles(__u64 *samples, size_t n)
{
	static const double quantiles[] = { 0.001, 0.01, 0.1, 0.5, 0.75, 0.9, 0.99, 0.999, 1 };
	struct hist h = { 0 };

	collect(&h, samples, n);
	assert_int_equal(h.count, n);
	qsort(samples, n, sizeof(*samples), by_value);
	for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++) {
		__u64 truth = samples[(size_t)ceil(quantiles[i] * n) - 1];
		__u64 seen = hist_quantile(&h, quantiles[i]);

		if (fabs((double)seen - (double)truth) > 0.0625 * truth || seen > h.max)
			fail_msg("quantile %g of %zu: %llu, not %llu", quantiles[i], n, seen, truth);
	}
	hist_release(&h);
}

static void quantiles_are_near_the_truth(void **state)
{
	static __u64 samples[SAMPLES];
	size_t n;

	(void)state;
	srand48(1);
	for (n = 0; n < SAMPLES; n++)
		samples[n] = 1000 * drand48();
	check_quantiles(samples, n);
	for (n = 0; n < SAMPLES; n++)
		samples[n] = -50000 * log(1 - drand48());
	check_quantiles(samples, n);
	for (n = 0; n < SAMPLES; n++)
		samples[n] = n % 10 ? 300 + 20 * drand48() : 2000000 + 100000 * drand48();
	check_quantiles(samples, n);
	for (n = 0; n < SAMPLES; n++)
		samples[n] = 123457;
	check_quantiles(samples, n);
	for (__u64 v = 0; v < OPEN; v = v * 3 + 1)
		for (int i = 0; i < 2; i++) {
			samples[0] = v;
			samples[1] = v / 2;
			check_quantiles(samples, i + 1);
		}
}

/* Beyond the last bound only the maximum is known. */
static void what_is_too_large_shows_as_the_maximum(void **state)
{
	__u64 samples[] = { 5, OPEN + 7, 3 * OPEN };
	struct hist h = { 0 };

	(void)state;
	collect(&h, samples, 3);
	assert_true(hist_quantile(&h, 0.9) == 3 * OPEN);
	assert_int_equal(hist_quantile(&h, 0.3), 5);
	hist_release(&h);
}

static void histograms_add_up(void **state)
{
	static __u64 samples[3 * 100];
	struct hist all = { 0 }, parts = { 0 };

	(void)state;
	srand48(2);
	for (size_t i = 0; i < 300; i++)
		samples[i] = 1ull << (size_t)(38 * drand48());
	collect(&all, samples, 300);
	for (size_t i = 0; i < 3; i++)
		collect(&parts, samples + 100 * i, 100);
	assert_same(&all, &parts);
	assert_int_equal(all.count, 300);
	hist_release(&all);
	hist_release(&parts);
}

/* Of a greater one, which was overwritten, the bucket is known. */
static void a_maximum_is_in_the_last_bucket(void **state)
{
	static __u64 buckets[DMT_HIST_BUCKETS];
	struct hist h = { 0 };
	unsigned long long added;

	(void)state;
	buckets[dmt_bucket(10)] = buckets[dmt_bucket(1000)] = 1;
	assert_int_equal(hist_add(&h, buckets, 1010, 10, &added), 0);
	assert_int_equal(added, 2);
	assert_int_equal(h.max, hist_bucket_min(dmt_bucket(1000)));
	assert_int_equal(hist_add(&h, buckets, 1010, 1001, &added), 0);
	assert_int_equal(h.max, 1001);
	hist_release(&h);
}

static void documents_get_the_buckets_in_use(void **state)
{
	__u64 samples[] = { 0, 100, 100, OPEN };
	struct hist h = { 0 };
	struct doc_hist *doc = hist_doc(&h);

	(void)state;
	assert_int_equal(doc->count, 0);
	assert_int_equal(doc->nbuckets, 0);
	doc_hist_free(doc);
	collect(&h, samples, 4);
	doc = hist_doc(&h);
	assert_int_equal(doc->count, 4);
	assert_true(doc->sum == 200 + OPEN && doc->max == OPEN && doc->p99 == OPEN);
	assert_int_equal(doc->nbuckets, 3);
	assert_int_equal(doc->buckets[0].max, 0);
	assert_true(doc->buckets[1].min <= 100 && doc->buckets[1].max >= 100);
	assert_int_equal(doc->buckets[1].count, 2);
	assert_true(doc->buckets[2].max == ULLONG_MAX);
	doc_hist_free(doc);
	hist_release(&h);
}

/* As struct hist_sum has them all. */
static void histograms_have_the_buckets_in_use(void **state)
{
	struct hist h = { 0 }, same = { 0 };

	(void)state;
	assert_int_equal(hist_put(&h, 100, 2), 0);
	assert_true(h.first == dmt_bucket(100) && h.used == 1);
	assert_int_equal(hist_put(&h, 400, 1), 0);
	assert_int_equal(hist_put(&h, 3, 5), 0);
	assert_true(h.first == 3 && h.used == dmt_bucket(400) - 2);
	assert_true(hist_in(&h, 3) == 5 && hist_in(&h, dmt_bucket(100)) == 2);
	assert_true(hist_in(&h, 0) == 0 && hist_in(&h, LAST) == 0 && hist_in(&h, 4) == 0);
	assert_int_equal(hist_copy(&same, &h), 0);
	assert_same(&same, &h);
	assert_int_equal(hist_put(&h, OPEN, 1), 0);
	assert_int_equal(hist_copy(&same, &h), 0);
	assert_same(&same, &h);
	assert_int_equal(hist_merge(&h, &h), 0);
	assert_int_equal(hist_in(&h, LAST), 2);
	assert_int_equal(h.count, 18);
	hist_release(&h);
	assert_int_equal(hist_copy(&same, &h), 0);
	assert_same(&same, &h);
	hist_release(&same);
}

static void sums_need_no_memory(void **state)
{
	struct hist low = { 0 }, high = { 0 }, all = { 0 }, seen;
	struct hist_sum sum;

	(void)state;
	/* what they begin with means nothing */
	memset(&sum, 0xff, sizeof(sum));
	hist_sum_clear(&sum);
	assert_int_equal(hist_put(&low, 4, 3), 0);
	assert_int_equal(hist_put(&high, 3000, 2), 0);
	assert_int_equal(hist_merge(&all, &high), 0);
	assert_int_equal(hist_merge(&all, &low), 0);
	hist_sum_add(&sum, &high);
	hist_sum_add(&sum, &low);
	seen = hist_of(&sum);
	assert_same(&seen, &all);
	hist_sum_take(&sum, &high);
	seen = hist_of(&sum);
	assert_int_equal(hist_in(&seen, dmt_bucket(3000)), 0);
	assert_true(seen.count == 3 && seen.sum == 12);
	/* more than there is */
	hist_sum_take(&sum, &high);
	seen = hist_of(&sum);
	assert_true(hist_in(&seen, dmt_bucket(3000)) == -2ull && seen.count == 1);
	hist_release(&low);
	hist_release(&high);
	hist_release(&all);
}

/* The counts of buckets are the same; the text has nothing else. */
static void assert_buckets(const struct hist *a, const struct hist *b)
{
	for (unsigned i = 0; i < DMT_HIST_BUCKETS; i++)
		assert_int_equal(hist_in(a, i), hist_in(b, i));
}

static void text_holds_all_buckets(void **state)
{
	__u64 samples[] = { 0, 0, 100, 100, 104, OPEN };
	struct hist h = { 0 }, same = { 0 };
	struct hist_sum full = { .used = DMT_HIST_BUCKETS };
	char text[HIST_TEXT];

	(void)state;
	assert_int_equal(hist_print(&h, text), 0);
	assert_string_equal(text, "");
	assert_int_equal(hist_scan(&same, NULL), 0);
	collect(&h, samples, 6);
	assert_int_equal(hist_print(&h, text), 18);
	assert_string_equal(text, "[2,-35,2,1,-234,1]");
	assert_int_equal(hist_scan(&same, text), 0);
	assert_buckets(&same, &h);
	assert_int_equal(same.count, 0);
	hist_release(&same);
	hist_release(&h);
	for (unsigned i = 0; i < DMT_HIST_BUCKETS; i++)
		full.buckets[i] = LLONG_MAX;
	h = hist_of(&full);
	assert_true(hist_print(&h, text) < HIST_TEXT);
	assert_int_equal(hist_scan(&same, text), 0);
	assert_buckets(&same, &h);
	hist_release(&same);
}

static void other_text_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", "1", "[", "[]", "[1", "[1,", "[1,]", "[1]]", "[1,x]", "{}", "[-273,1]", "[-274]",
		"[-200,-200,1]", "[9223372036854775808]", "[99999999999999999999]", "[-]", "[+1]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct hist h = { 0 };

		if (!hist_scan(&h, wrong[i]))
			fail_msg("'%s' was taken", wrong[i]);
		assert_int_equal(h.used, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_lie_in_their_buckets),
		cmocka_unit_test(buckets_join_and_the_last_is_open),
		cmocka_unit_test(quantiles_are_near_the_truth),
		cmocka_unit_test(what_is_too_large_shows_as_the_maximum),
		cmocka_unit_test(histograms_add_up),
		cmocka_unit_test(a_maximum_is_in_the_last_bucket),
		cmocka_unit_test(documents_get_the_buckets_in_use),
		cmocka_unit_test(histograms_have_the_buckets_in_use),
		cmocka_unit_test(sums_need_no_memory),
		cmocka_unit_test(text_holds_all_buckets),
		cmocka_unit_test(other_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
