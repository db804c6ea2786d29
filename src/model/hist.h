/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Log-linear histograms: adding up and reading quantiles.  The buckets are those of
 * bpf/dmatrace.h.  Values are ns or bytes; the histogram does not know which.
 */
#ifndef HIST_H
#define HIST_H

#include "bpf/dmatrace.h"
#include "base/doc.h"

/*
 * The buckets that are not empty lie side by side, so a histogram has the first to the last of them
 * alone: there are many histograms.  {0} is an empty one.
 */
struct hist {
	unsigned long long count, sum, max;
	unsigned first, used;		/* it has the buckets first to first + used - 1 */
	unsigned long long *buckets;	/* its own */
};
void hist_release(struct hist *h);

/* One to add others up in, for which it needs no memory.  {0} is an empty one, too. */
struct hist_sum {
	unsigned long long count, sum, max;
	unsigned first, used;
	unsigned long long buckets[DMT_HIST_BUCKETS];	/* from the first; others mean nothing */
};
/* Empty a sum for reuse: assigning {0} would also write buckets that are unused. */
void hist_sum_clear(struct hist_sum *s);
void hist_sum_add(struct hist_sum *to, const struct hist *part);
/*
 * Takes a part away, which may be of a file, and more than there is: then numbers are below 0, as
 * unsigned ones are.  Of the maximum nothing is known then, and it stays.
 */
void hist_sum_take(struct hist_sum *from, const struct hist *part);
/* For what reads histograms, while the sum stays where it is: not to be released or changed. */
struct hist hist_of(const struct hist_sum *s);

unsigned long long hist_bucket_min(unsigned bucket);
unsigned long long hist_bucket_max(unsigned bucket);	/* ULLONG_MAX: open-ended */

/* How many values there are in a bucket. */
static inline unsigned long long hist_in(const struct hist *h, unsigned bucket)
{
	return bucket - h->first < h->used ? h->buckets[bucket - h->first] : 0;
}

/* What adds returns 0, or -ENOMEM and has added nothing.  So many values, all alike: */
int hist_put(struct hist *to, unsigned long long value, unsigned long long count);
/*
 * *added: how many values that were.  Who raises a maximum may overwrite a greater one, of another
 * CPU or an interrupt, but not in another bucket: that is the least it is then.
 */
int hist_add(struct hist *to, const __u64 *buckets, unsigned long long sum, unsigned long long max,
	     unsigned long long *added);
int hist_merge(struct hist *to, const struct hist *from);
/* Makes it the same as another. */
int hist_copy(struct hist *to, const struct hist *from);

/* The value below which q of 1 lie, within 6.25 %; never above max.  count must not be 0. */
unsigned long long hist_quantile(const struct hist *h, double q);

/*
 * The buckets as text: a JSON array of the counts of one bucket after the other, in which -n stands
 * for n empty ones.  Behind the last that is not empty it ends.  Returns its length, 0: all are
 * empty.
 */
#define HIST_TEXT (DMT_HIST_BUCKETS * 21 + 3)
size_t hist_print(const struct hist *h, char text[HIST_TEXT]);
/*
 * Adds what was printed to the buckets, and to nothing else; NULL is nothing.  -EINVAL: it was not
 * printed so, and nothing is added.
 */
int hist_scan(struct hist *h, const char *text);
/* Of the sum it counts the values, too. */
int hist_sum_scan(struct hist_sum *s, const char *text);

/* A copy for a document; the caller gives it to cell_hist(). */
struct doc_hist *hist_doc(const struct hist *h);

#endif
