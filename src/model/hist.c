// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms, see hist.h.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "model/hist.h"

/* Buckets side by side. */
struct window {
	unsigned first, used;
};

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

void hist_release(struct hist *h)
{
	free(h->buckets);
	*h = (struct hist){ 0 };
}

/* The window that covers both. */
static struct window window_join(struct window a, struct window b)
{
	unsigned end_a = a.first + a.used, end_b = b.first + b.used;
	unsigned first = a.first < b.first ? a.first : b.first;

	if (!a.used || !b.used)
		return a.used ? a : b;
	return (struct window){ first, (end_a > end_b ? end_a : end_b) - first };
}

/* Moves buckets to where they are in a larger window; the others there are 0. */
static void window_grow(unsigned long long *buckets, struct window from, struct window to)
{
	unsigned below = from.used ? from.first - to.first : 0;

	if (below)
		memmove(buckets + below, buckets, from.used * sizeof(*buckets));
	memset(buckets, 0, below * sizeof(*buckets));
	memset(buckets + below + from.used, 0, (to.used - below - from.used) * sizeof(*buckets));
}

/* Makes room for some buckets: the first of these; NULL without memory. */
static unsigned long long *hist_room(struct hist *h, struct window wanted)
{
	struct window had = { h->first, h->used }, has = window_join(had, wanted);
	unsigned long long *grown;

	if (has.used != had.used) {
		grown = reallocarray(h->buckets, has.used, sizeof(*grown));
		if (!grown)
			return NULL;
		h->buckets = grown;
		window_grow(grown, had, has);
		h->first = has.first;
		h->used = has.used;
	}
	return h->buckets + (wanted.first - h->first);
}

static unsigned long long *hist_sum_room(struct hist_sum *s, struct window wanted)
{
	struct window had = { s->first, s->used }, has = window_join(had, wanted);

	if (has.used != had.used)
		window_grow(s->buckets, had, has);
	s->first = has.first;
	s->used = has.used;
	return s->buckets + (wanted.first - s->first);
}

void hist_sum_clear(struct hist_sum *s)
{
	s->count = s->sum = s->max = 0;
	s->first = s->used = 0;
}

void hist_sum_add(struct hist_sum *to, const struct hist *part)
{
	unsigned long long *buckets;

	to->count += part->count;
	to->sum += part->sum;
	to->max = part->max > to->max ? part->max : to->max;
	if (!part->used)
		return;
	buckets = hist_sum_room(to, (struct window){ part->first, part->used });
	for (unsigned i = 0; i < part->used; i++)
		buckets[i] += part->buckets[i];
}

void hist_sum_take(struct hist_sum *from, const struct hist *part)
{
	unsigned long long *buckets;

	from->count -= part->count;
	from->sum -= part->sum;
	if (!part->used)
		return;
	buckets = hist_sum_room(from, (struct window){ part->first, part->used });
	for (unsigned i = 0; i < part->used; i++)
		buckets[i] -= part->buckets[i];
}

struct hist hist_of(const struct hist_sum *s)
{
	return (struct hist){ s->count, s->sum, s->max, s->first, s->used,
			      (unsigned long long *)s->buckets };
}

int hist_put(struct hist *to, unsigned long long value, unsigned long long count)
{
	const struct hist alike = { count, value * count, value, dmt_bucket(value), 1, &count };

	return hist_merge(to, &alike);
}

int hist_add(struct hist *to, const __u64 *buckets, unsigned long long sum, unsigned long long max,
	     unsigned long long *added)
{
	struct hist part = { .sum = sum, .max = max, .used = DMT_HIST_BUCKETS };

	while (part.used && !buckets[part.used - 1])
		part.used--;
	if (part.used && hist_bucket_min(part.used - 1) > max)
		part.max = hist_bucket_min(part.used - 1);
	for (; part.used && !buckets[part.first]; part.used--)
		part.first++;
	part.buckets = (unsigned long long *)&buckets[part.first];
	for (unsigned i = 0; i < part.used; i++)
		part.count += part.buckets[i];
	*added = part.count;
	return hist_merge(to, &part);
}

int hist_merge(struct hist *to, const struct hist *from)
{
	if (from->used) {
		unsigned long long *room =
			hist_room(to, (struct window){ from->first, from->used });

		if (!room)
			return -ENOMEM;
		for (unsigned i = 0; i < from->used; i++)
			room[i] += from->buckets[i];
	}
	to->count += from->count;
	to->sum += from->sum;
	to->max = from->max > to->max ? from->max : to->max;
	return 0;
}

int hist_copy(struct hist *to, const struct hist *from)
{
	unsigned long long *buckets = to->buckets;

	if (to->used < from->used)
		buckets = reallocarray(buckets, from->used, sizeof(*buckets));
	if (from->used && !buckets)
		return -ENOMEM;
	if (from->used)
		memcpy(buckets, from->buckets, from->used * sizeof(*buckets));
	*to = *from;
	to->buckets = buckets;
	return 0;
}

unsigned long long hist_quantile(const struct hist *h, double q)
{
	unsigned long long rank = ceil(q * h->count), seen = 0;
	unsigned n = 0, bucket;

	for (; n < h->used; n++) {
		seen += h->buckets[n];
		if (seen && seen >= rank)
			break;
	}
	bucket = h->first + n;
	if (n == h->used || bucket == DMT_HIST_BUCKETS - 1)
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
	unsigned empty = h->first;
	char *to = text;

	for (unsigned i = 0; i < h->used; i++) {
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

/* Read a number and move *text behind it; false: no number, or one that is too large. */
static bool number_scan(const char **text, unsigned long long *value)
{
	const char *at = *text;

	for (*value = 0; *at >= '0' && *at <= '9'; at++) {
		if (*value > LLONG_MAX / 10)
			return false;
		*value = *value * 10 + (*at - '0');
	}
	if (at == *text || *value > LLONG_MAX)
		return false;
	*text = at;
	return true;
}

/* The buckets of a text, from the first that it does not call empty to the last; *to is empty. */
static int window_scan(const char *text, struct hist *to)
{
	unsigned long long value, bucket = 0;

	if (*text != '[')
		return -EINVAL;
	do {
		bool empty = *++text == '-';

		text += empty;
		if (!number_scan(&text, &value) ||
		    (empty ? value > DMT_HIST_BUCKETS : bucket >= DMT_HIST_BUCKETS))
			return -EINVAL;
		if (empty) {
			bucket += value;
			continue;
		}
		if (!to->used)
			to->first = bucket;
		while (to->first + to->used < bucket)
			to->buckets[to->used++] = 0;
		to->buckets[to->used++] = value;
		to->count += value;
		bucket++;
	} while (*text == ',');
	return *text == ']' && !text[1] ? 0 : -EINVAL;
}

int hist_sum_scan(struct hist_sum *s, const char *text)
{
	unsigned long long buckets[DMT_HIST_BUCKETS];
	struct hist part = { .buckets = buckets };

	if (text && window_scan(text, &part))
		return -EINVAL;
	hist_sum_add(s, &part);
	return 0;
}

int hist_scan(struct hist *h, const char *text)
{
	unsigned long long buckets[DMT_HIST_BUCKETS];
	struct hist part = { .buckets = buckets };

	if (text && window_scan(text, &part))
		return -EINVAL;
	part.count = 0;
	return hist_merge(h, &part);
}

struct doc_hist *hist_doc(const struct hist *h)
{
	struct doc_hist *doc;
	size_t used = 0;

	for (unsigned i = 0; i < h->used; i++)
		used += h->buckets[i] != 0;
	doc = doc_hist_new(used);
	doc->count = h->count;
	doc->sum = h->sum;
	doc->max = h->max;
	used = 0;
	for (unsigned i = 0; i < h->used; i++)
		if (h->buckets[i])
			doc->buckets[used++] = (struct doc_bucket){
				hist_bucket_min(h->first + i), hist_bucket_max(h->first + i),
				h->buckets[i] };
	if (h->count) {
		doc->p50 = hist_quantile(h, 0.5);
		doc->p90 = hist_quantile(h, 0.9);
		doc->p99 = hist_quantile(h, 0.99);
	}
	return doc;
}
