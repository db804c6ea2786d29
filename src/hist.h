/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Log-linear histograms: adding up and reading quantiles.  The buckets are those of
 * bpf/dmatrace.h.  Values are ns or bytes; the histogram does not know which.
 */
#ifndef HIST_H
#define HIST_H

#include "../bpf/dmatrace.h"
#include "doc.h"

struct hist {
	unsigned long long count, sum, max;
	unsigned long long buckets[DMT_HIST_BUCKETS];
};

unsigned long long hist_bucket_min(unsigned bucket);
unsigned long long hist_bucket_max(unsigned bucket);	/* ULLONG_MAX: open-ended */

/*
 * Returns how many values that were.  Who raises a maximum may overwrite a greater one, of another
 * CPU or an interrupt, but not in another bucket: that is the least it is then.
 */
unsigned long long hist_add(struct hist *to, const __u64 *buckets, unsigned long long sum,
			    unsigned long long max);

void hist_merge(struct hist *to, const struct hist *from);

/* The value below which q of 1 lie, within 6.25 %; never above max.  count must not be 0. */
unsigned long long hist_quantile(const struct hist *h, double q);

/*
 * The buckets as text: a JSON array of the counts of one bucket after the other, in which -n stands
 * for n empty ones.  Behind the last that is not empty it ends.  Returns its length, 0: all are
 * empty.
 */
#define HIST_TEXT (DMT_HIST_BUCKETS * 21 + 3)
size_t hist_print(const struct hist *h, char text[HIST_TEXT]);
/* Adds what was printed to the buckets, and to nothing else; NULL is nothing.  0 or -EINVAL. */
int hist_scan(struct hist *h, const char *text);

/* A copy for a document; the caller gives it to cell_hist(). */
struct doc_hist *hist_doc(const struct hist *h);

#endif
