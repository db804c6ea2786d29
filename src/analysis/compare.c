// SPDX-License-Identifier: GPL-2.0
/*
 * One number of two runs: is the difference more than a threshold, and more than noise?  See
 * compare.h.  The hypothesis that is refused is never "they are equal", which with calls enough
 * no two runs are, but "they differ by no more than the threshold".
 */
#include <math.h>
#include "analysis/compare.h"

#define FASTEST 0.95		/* of calls, that make the mean: the rest are outliers */
#define LEAST_CALLS 30
#define LEAST_BEYOND 10		/* calls beyond a quantile, for it to mean anything */
/*
 * A quantile has moved when half as many calls again as it leaves are beyond where it was: what
 * lies close to a step of the distribution moves far from little.
 */
#define BEYOND 1.5

const char *const measure_names[MEASURE_MAX] = {
	[MEASURE_MEAN] = "mean", [MEASURE_P50] = "p50", [MEASURE_P90] = "p90",
	[MEASURE_P99] = "p99", [MEASURE_ERRORS] = "errors", [MEASURE_PATH] = "path",
	[MEASURE_HELD] = "held",
};

static const double quantiles[] = {
	[MEASURE_P50] = 0.5, [MEASURE_P90] = 0.9, [MEASURE_P99] = 0.99,
};

unsigned long long measure_of(const struct hist *latency, enum measure measure)
{
	if (measure == MEASURE_MEAN)
		return llround(stats_mean(latency, FASTEST));
	return hist_quantile(latency, quantiles[measure]);
}

/* What is estimated of latencies; the mean ignores the bucket. */
typedef double hist_fn(const struct hist *h, unsigned bucket);

/* Of which differences are ratios. */
static double log_mean(const struct hist *h, unsigned bucket)
{
	(void)bucket;
	return log(fmax(stats_mean(h, FASTEST), 0.5));
}

/* A sample, and all its parts together: the whole, if the recording does not contradict itself. */
struct merged {
	const struct sample *s;
	struct hist_sum sum;
	struct hist all;		/* of the sum */
};

static void merge(const struct sample *s, struct merged *m)
{
	m->s = s;
	hist_sum_clear(&m->sum);
	for (size_t i = 0; i < s->nparts; i++)
		if (s->parts[i]) {
			const struct hist part = hist_of(s->parts[i]);

			hist_sum_add(&m->sum, &part);
		}
	m->all = hist_of(&m->sum);
}

static struct estimate estimate(const struct merged *m, hist_fn *fn, unsigned bucket)
{
	double without[STATS_BLOCKS], weight[STATS_BLOCKS];
	const struct sample *s = m->s;
	size_t n = 0;

	for (size_t i = 0; i < s->nparts; i++) {
		struct hist part, rest;
		struct hist_sum sum;

		if (!s->parts[i] || !s->parts[i]->count)
			continue;
		part = hist_of(s->parts[i]);
		hist_sum_clear(&sum);
		hist_sum_add(&sum, &m->all);
		hist_sum_take(&sum, &part);
		rest = hist_of(&sum);
		if (!rest.count)
			break;		/* the only one */
		weight[n] = part.count;
		without[n++] = fn(&rest, bucket);
	}
	return stats_jackknife(n ? fn(&m->all, bucket) : 0, without, weight, n);
}

/* Welch and Satterthwaite's degrees of freedom of a difference. */
static double freedom(const struct estimate *a, double va, const struct estimate *b, double vb)
{
	double sum = va * va / a->df + vb * vb / b->df;

	return sum > 0 ? (va + vb) * (va + vb) / sum : a->df + b->df;
}

/* How many standard errors; of none there are infinitely many in anything. */
static double errors_in(double difference, double error)
{
	return error > 0 ? difference / error : difference > 0 ? INFINITY : -INFINITY;
}

static struct difference difference_few(double ratio)
{
	return (struct difference){ VERDICT_FEW, ratio, NAN, NAN, NAN };
}

static enum verdict verdict(double p, bool more)
{
	return p >= DOUBT ? VERDICT_SAME : more ? VERDICT_MORE : VERDICT_LESS;
}

static struct difference compare_means(const struct merged *a, const struct merged *b,
				       double threshold)
{
	struct estimate first = estimate(a, log_mean, 0), second = estimate(b, log_mean, 0);
	double shift = second.value - first.value, limit = log1p(threshold);
	double error = sqrt(first.variance + second.variance), df, reach;
	struct difference d = difference_few(exp(shift));

	if (!first.known || !second.known)
		return d;
	df = freedom(&first, first.variance, &second, second.variance);
	reach = stats_t_exceeded(DOUBT / 2, df) * error;
	d.low = exp(shift - reach);
	d.high = exp(shift + reach);
	/* beyond the limit on its side, or on the other */
	d.p = fmin(1, stats_t_above(errors_in(fabs(shift) - limit, error), df) +
			      stats_t_above(errors_in(fabs(shift) + limit, error), df));
	d.verdict = verdict(d.p, shift > 0);
	return d;
}

/* No share is known better than if calls were independent. */
static double share_variance(const struct estimate *e, double count)
{
	double share = (e->value * count + 1) / (count + 2);

	return fmax(e->variance, share * (1 - share) / count);
}

/*
 * The probability of as many calls of b beyond the quantile of a, raised by the threshold, if there
 * are no more than BEYOND times those a quantile leaves.  Buckets of a are rounded up: what is
 * certain in buckets is so in ns.
 */
static double compare_beyond(const struct merged *a, const struct merged *b, double q,
			     double threshold, bool *known)
{
	unsigned at = stats_quantile_bucket(&a->all, q);
	struct estimate first, second;
	double va, vb, raised;

	first = estimate(a, stats_share_above, at);
	raised = ceil(hist_bucket_max(at) * (1 + threshold));
	*known = first.known;
	if (!*known || raised >= 0x1p63)
		return 1;
	va = BEYOND * BEYOND * share_variance(&first, a->all.count);
	second = estimate(b, stats_share_above, dmt_bucket((unsigned long long)raised));
	*known = second.known;
	if (!*known)
		return 1;
	vb = share_variance(&second, b->all.count);
	return stats_t_above(errors_in(second.value - BEYOND * (1 - q), sqrt(va + vb)),
			     freedom(&first, va, &second, vb));
}

static struct difference compare_quantiles(const struct merged *a, const struct merged *b,
					   double q, double threshold)
{
	const struct hist first = hist_of(a->s->whole), second = hist_of(b->s->whole);
	double before = hist_quantile(&first, q), after = hist_quantile(&second, q);
	struct difference d = difference_few(before > 0 ? after / before : NAN);
	bool known_more, known_less;
	double more, less;

	if ((1 - q) * fmin(first.count, second.count) < LEAST_BEYOND)
		return d;
	more = compare_beyond(a, b, q, threshold, &known_more);
	less = compare_beyond(b, a, q, threshold, &known_less);
	if (!known_more || !known_less)
		return d;
	d.p = fmin(1, 2 * fmin(more, less));
	d.verdict = verdict(d.p, more < less);
	return d;
}

struct difference compare_latency(const struct sample *a, const struct sample *b,
				  enum measure measure, double threshold)
{
	struct merged first, second;

	if (!a->whole || !b->whole)
		return difference_few(NAN);
	if (a->whole->count < LEAST_CALLS || b->whole->count < LEAST_CALLS)
		return difference_few(NAN);
	merge(a, &first);
	merge(b, &second);
	if (measure == MEASURE_MEAN)
		return compare_means(&first, &second, threshold);
	return compare_quantiles(&first, &second, quantiles[measure], threshold);
}

/*
 * How many calls say no more than one would if each were for itself (Rao and Scott's design
 * effect): of a burst all say the same.
 */
static double repeats(const struct shares *s, bool *known)
{
	double without[STATS_BLOCKS] = { 0 }, weight[STATS_BLOCKS] = { 0 };
	double counted = 0, of = 0, share, single;
	struct estimate e;
	size_t n = 0;

	for (size_t i = 0; i < s->nparts; i++) {
		counted += s->counted_in[i];
		of += s->of_in[i];
	}
	for (size_t i = 0; i < s->nparts; i++)
		if (s->of_in[i] > 0 && s->of_in[i] < of) {
			weight[n] = s->of_in[i];
			without[n++] = (counted - s->counted_in[i]) / (of - s->of_in[i]);
		}
	share = of > 0 ? counted / of : 0;
	e = stats_jackknife(share, without, weight, n);
	*known = e.known;
	single = of > 0 ? share * (1 - share) / of : 0;
	return e.known && single > 0 ? fmax(1, e.variance / single) : 1;
}

/*
 * The probability of b counting so many of what both count, if its share is no more than 1 +
 * threshold times that of a: exact for events that are rare, and for others not too small.
 */
static double more_by_chance(double a, double calls_a, double b, double calls_b, double threshold)
{
	double most = calls_b * (1 + threshold);

	return stats_at_least(b, a + b, most / (calls_a + most));
}

struct difference compare_counts(const struct shares *a, const struct shares *b, double repeated,
				 double threshold)
{
	struct difference d = difference_few(NAN);
	double before = a->counted / repeated, after = b->counted / repeated, more, less;

	if (a->of <= 0 || b->of <= 0)
		return d;
	if (a->counted > 0)
		d.ratio = b->counted / b->of / (a->counted / a->of);
	more = more_by_chance(before, a->of, after, b->of, threshold);
	less = more_by_chance(after, b->of, before, a->of, threshold);
	d.p = fmin(1, 2 * fmin(more, less));
	d.verdict = verdict(d.p, more < less);
	return d;
}

struct difference compare_shares(const struct shares *a, const struct shares *b, double threshold)
{
	bool known_a, known_b;
	double in_a = repeats(a, &known_a), in_b = repeats(b, &known_b);
	double counted = a->counted + b->counted;
	struct difference d;

	if (counted <= 0)
		return difference_few(NAN);
	d = compare_counts(a, b, (a->counted * in_a + b->counted * in_b) / counted, threshold);
	if (!known_a || !known_b)
		return difference_few(d.ratio);
	return d;
}
