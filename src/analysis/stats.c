// SPDX-License-Identifier: GPL-2.0
/*
 * Judging noise, see stats.h.
 */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include "analysis/stats.h"

/* GSL's own way is to abort; that a result is no number says it as well. */
__attribute__((constructor)) static void never_abort(void)
{
	gsl_set_error_handler_off();
}

double stats_t_above(double t, double df)
{
	return gsl_cdf_tdist_Q(t, df);
}

double stats_t_exceeded(double p, double df)
{
	return gsl_cdf_tdist_Qinv(p, df);
}

/* Of whole numbers that is a binomial distribution. */
double stats_at_least(double k, double n, double p)
{
	if (k <= 0)
		return 1;
	return k > n ? 0 : gsl_cdf_beta_P(p, k, n - k + 1);
}

static int by_p(const void *left, const void *right)
{
	double a = **(double *const *)left, b = **(double *const *)right;

	return (a > b) - (a < b);
}

void stats_holm(double *const *p, size_t n)
{
	double **sorted = malloc((n + 1) * sizeof(*sorted)), least = 0;

	for (size_t i = 0; sorted && i < n; i++)
		sorted[i] = p[i];
	if (sorted)
		qsort(sorted, n, sizeof(*sorted), by_p);
	for (size_t i = 0; i < n; i++) {
		/* without memory for an order, as if each came first */
		double *each = sorted ? sorted[i] : p[i];

		*each = fmin(1, *each * (double)(sorted ? n - i : n));
		least = sorted ? fmax(least, *each) : *each;
		*each = least;
	}
	free(sorted);
}

/*
 * What a variance of independent blocks has to be multiplied with, as neighbours are alike: by
 * their first autocorrelation, as if it faded from there.
 */
static double inflation(const double *shifts, size_t n)
{
	double products = 0, squares = 0, r;

	for (size_t i = 0; i < n; i++) {
		squares += shifts[i] * shifts[i];
		if (i)
			products += shifts[i] * shifts[i - 1];
	}
	r = squares > 0 ? fmin(fmax(products / squares, 0), 0.8) : 0;
	return (1 + r) / (1 - r);
}

/*
 * Rust and Rao: Variance estimation for complex surveys using replication techniques, 1996.  What
 * a block weighs, it weighs here as well: of a handful of calls, a block says little, however far
 * from the others it is.
 */
struct estimate stats_jackknife(double all, const double *without, const double *weight, size_t n)
{
	struct estimate e = { .value = all };
	double total = 0, squares = 0, shifts[STATS_BLOCKS];

	for (size_t i = 0; i < n; i++) {
		total += weight[i];
		squares += weight[i] * weight[i];
	}
	/* so many blocks of equal weight would be as good */
	e.df = squares > 0 ? total * total / squares - 1 : 0;
	e.known = e.df >= STATS_BLOCKS_LEAST - 1 - 1e-9;
	if (!e.known)
		return e;
	for (size_t i = 0; i < n; i++) {
		shifts[i] = without[i] - all;
		e.variance += shifts[i] * shifts[i];
	}
	e.variance *= e.df / (e.df + 1) * inflation(shifts, n);
	return e;
}

/* Of values in a bucket, so many: what their sum is at least and at most. */
struct bounds {
	double low, high;
};

static void bounds_add(struct bounds *b, unsigned bucket, unsigned long long count)
{
	unsigned long long max = hist_bucket_max(bucket);

	if (!count)
		return;
	b->low += (double)hist_bucket_min(bucket) * count;
	b->high += max == ULLONG_MAX ? INFINITY : (double)max * count;
}

double stats_mean(const struct hist *h, double share)
{
	unsigned long long keep = fmax(1, floor(share * h->count)), left = keep;
	struct bounds body = { 0 }, rest = { 0 };
	double low, high;

	for (unsigned i = 0; i < h->used; i++) {
		unsigned long long in = h->buckets[i] < left ? h->buckets[i] : left;

		bounds_add(&body, h->first + i, in);
		bounds_add(&rest, h->first + i, h->buckets[i] - in);
		left -= in;
	}
	/* what buckets say of these, and what is left of the sum by what they say of the rest */
	low = fmax(body.low, h->sum - rest.high);
	high = fmin(body.high, h->sum - rest.low);
	/* a histogram that contradicts itself: its buckets */
	if (low > high || isinf(high))
		return body.low / keep;
	return (low + high) / 2 / keep;
}

unsigned stats_quantile_bucket(const struct hist *h, double q)
{
	double rank = q * h->count, seen = 0;

	for (unsigned i = 0; i < h->used; i++) {
		seen += h->buckets[i];
		if (seen >= rank)
			return h->first + i;
	}
	return DMT_HIST_BUCKETS - 1;
}

double stats_share_above(const struct hist *h, unsigned bucket)
{
	unsigned long long above = 0;

	for (unsigned i = 0; i < h->used; i++)
		if (h->first + i > bucket)
			above += h->buckets[i];
	return (double)above / h->count;
}
