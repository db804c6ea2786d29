/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is it noise?  Estimates with the uncertainty a run shows of itself, and the distributions that
 * judge them.  Pure functions.
 *
 * Calls of one run are not independent: what disturbs one disturbs its neighbours.  So the
 * uncertainty of a number is not taken from how many calls there were but from how much it differs
 * between blocks of the run, a block being what some time of it saw.
 */
#ifndef STATS_H
#define STATS_H

#include <stdbool.h>
#include <stddef.h>
#include "model/hist.h"

#define STATS_BLOCKS 32		/* at most */
#define STATS_BLOCKS_LEAST 5	/* of about equal weight; with fewer nothing is known of noise */

/* P(T > t) of Student's distribution with df degrees of freedom. */
double stats_t_above(double t, double df);
/* The t that is exceeded with probability p, 0 < p <= 0.5. */
double stats_t_exceeded(double p, double df);
/* P(X >= k) of n trials of probability p each; k and n need not be whole. */
double stats_at_least(double k, double n, double p);
/*
 * Each probability made that of all of them together (Holm): if none of them is below 0.05, then
 * with a probability of 0.95 noise would have given none, however they depend on each other.
 */
void stats_holm(double *const *p, size_t n);

struct estimate {
	double value, variance;
	double df;		/* degrees of freedom of the variance */
	bool known;		/* the variance is: there were blocks enough */
};

/*
 * The jackknife that leaves out a block at a time: all is the number, without[i] the same number
 * of everything but block i.  Where neighbours are alike, the variance is larger.
 */
struct estimate stats_jackknife(double all, const double *without, const double *weight, size_t n);

/*
 * Mean of the fastest share of 1 of all values, 0 < share <= 1.  It is exact for share 1; else as
 * exact as the histogram's sum and buckets together allow.  count must not be 0.
 */
double stats_mean(const struct hist *h, double share);
/* Which bucket has the value below which q of 1 lie. */
unsigned stats_quantile_bucket(const struct hist *h, double q);
/* How much of 1 lies in higher buckets. */
double stats_share_above(const struct hist *h, unsigned bucket);

#endif
