// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms, see hist.h.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include "hist.h"

unsigned long long hist_bucket_min(unsigned bucket)
{
	if (bucket < 16)
		return bucket;
	return (8ull + bucket % 8) << (bucket / 8 - 1);
}

unsigned long long hist_bucket_max(unsigned bucket)
{
	if (bucket >= DMT_HIST_BUCKETS - 1)
		return ULLONG_MAX;
	return hist_bucket_min(bucket + 1) - 1;
}

unsigned long long hist_add(struct hist *to, const __u64 *buckets, unsigned long long sum,
			    unsigned long long max)
{
	unsigned long long added = 0;

	for (unsigned i = 0; i < DMT_HIST_BUCKETS; i++) {
		to->buckets[i] += buckets[i];
		added += buckets[i];
		if (buckets[i] && hist_bucket_min(i) > max)
			max = hist_bucket_min(i);
	}
	to->count += added;
	to->sum += sum;
	if (max > to->max)
		to->max = max;
	return added;
}

void hist_merge(struct hist *to, const struct hist *from)
{
	for (unsigned i = 0; i < DMT_HIST_BUCKETS; i++)
		to->buckets[i] += from->buckets[i];
	to->count += from->count;
	to->sum += from->sum;
	to->max = from->max > to->max ? from->max : to->max;
}

unsigned long long hist_quantile(const struct hist *h, double q)
{
	unsigned long long rank = ceil(q * h->count), seen = 0;
	unsigned bucket;

	for (bucket = 0; bucket < DMT_HIST_BUCKETS - 1; bucket++) {
		seen += h->buckets[bucket];
		if (seen && seen >= rank)
			break;
	}
	if (bucket == DMT_HIST_BUCKETS - 1)
		return h->max;
	rank = hist_bucket_min(bucket) / 2 + hist_bucket_max(bucket) / 2;
	/* halves of two odd numbers */
	rank += hist_bucket_min(bucket) & hist_bucket_max(bucket) & 1;
	return rank < h->max ? rank : h->max;
}

/* The C library's way is slow for what is done so often. */
static char *decimal(char *to, unsigned long long value)
{
	char digits[20];
	int n = 0;

	do
		digits[n++] = '0' + value % 10;
	while (value /= 10);
	while (n)
		*to++ = digits[--n];
	return to;
}

size_t hist_print(const struct hist *h, char text[HIST_TEXT])
{
	unsigned empty = 0;
	char *to = text;

	for (unsigned i = 0; i < DMT_HIST_BUCKETS; i++) {
		if (!h->buckets[i]) {
			empty++;
			continue;
		}
		*to = to == text ? '[' : ',';
		to++;
		if (empty) {
			*to++ = '-';
			to = decimal(to, empty);
			*to++ = ',';
		}
		to = decimal(to, h->buckets[i]);
		empty = 0;
	}
	if (to != text)
		*to++ = ']';
	*to = '\0';
	return to - text;
}

int hist_scan(struct hist *h, const char *text)
{
	unsigned long long bucket = 0;
	char *end;

	if (!text)
		return 0;
	if (*text != '[')
		return -EINVAL;
	do {
		long long value = strtoll(++text, &end, 10);

		if (end == text || value < -DMT_HIST_BUCKETS ||
		    (value >= 0 && bucket >= DMT_HIST_BUCKETS))
			return -EINVAL;
		if (value < 0)
			bucket -= value;
		else
			h->buckets[bucket++] += value;
		text = end;
	} while (*text == ',');
	return *text == ']' && !text[1] ? 0 : -EINVAL;
}

struct doc_hist *hist_doc(const struct hist *h)
{
	struct doc_hist *doc;
	size_t used = 0;

	for (unsigned i = 0; i < DMT_HIST_BUCKETS; i++)
		used += h->buckets[i] != 0;
	doc = doc_hist_new(used);
	doc->count = h->count;
	doc->sum = h->sum;
	doc->max = h->max;
	used = 0;
	for (unsigned i = 0; i < DMT_HIST_BUCKETS; i++)
		if (h->buckets[i])
			doc->buckets[used++] = (struct doc_bucket){ hist_bucket_min(i),
						hist_bucket_max(i), h->buckets[i] };
	if (h->count) {
		doc->p50 = hist_quantile(h, 0.5);
		doc->p90 = hist_quantile(h, 0.9);
		doc->p99 = hist_quantile(h, 0.99);
	}
	return doc;
}
