// SPDX-License-Identifier: GPL-2.0
/*
 * Rows in order, and rows of one key made one.  A model that was traced has a key once; a recording
 * that was edited can have it more often, and so would a report.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/model.h"
#include "base/name.h"

int aggregate_compare(const struct aggregate *a, const struct aggregate *b)
{
	int order = name_compare(a->device, b->device);

	if (!order)
		order = name_compare(a->driver, b->driver);
	if (!order)
		order = name_compare(a->bus, b->bus);
	if (!order)
		order = (int)a->op - (int)b->op;
	if (!order)
		order = (int)a->direction - (int)b->direction;
	if (!order)
		order = (int)a->path - (int)b->path;
	if (!order)
		order = (int)a->phase - (int)b->phase;
	if (!order)
		order = (int)a->reason - (int)b->reason;
	if (!order)
		order = (int)a->within - (int)b->within;
	if (!order)
		order = (a->page_size > b->page_size) - (a->page_size < b->page_size);
	return order ? order : (int)a->context - (int)b->context;
}

static int values_merge(struct aggregate *to, const struct aggregate *from)
{
	struct error_count *grown;

	if (!from->nvalues)
		return 0;
	grown = reallocarray(to->values, to->nvalues + from->nvalues, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	to->values = grown;
	for (size_t i = 0; i < from->nvalues; i++) {
		size_t n = 0;

		while (n < to->nvalues && (grown[n].kind != from->values[i].kind ||
					   grown[n].value != from->values[i].value))
			n++;
		if (n == to->nvalues)
			grown[to->nvalues++] = from->values[i];
		else
			grown[n].count += from->values[i].count;
	}
	return 0;
}

static int aggregate_merge(struct aggregate *to, struct aggregate *from)
{
	int err = hist_merge(&to->latency, &from->latency);

	if (!err)
		err = hist_merge(&to->size, &from->size);
	if (!err)
		err = values_merge(to, from);
	if (err)
		return err;
	to->calls += from->calls;
	to->errors += from->errors;
	to->bytes += from->bytes;
	to->fell_back += from->fell_back;
	to->errors_known &= from->errors_known;
	to->latency_known &= from->latency_known;
	aggregate_release(from);
	return 0;
}

static int aggregates_merge(struct model *m)
{
	size_t kept = 0;
	int err = 0;

	for (size_t i = 0; i < m->naggregates; i++) {
		struct aggregate *a = &m->aggregates[i];

		if (!err && kept && !aggregate_compare(&m->aggregates[kept - 1], a)) {
			err = aggregate_merge(&m->aggregates[kept - 1], a);
			if (!err)
				continue;
		}
		if (kept++ != i)
			m->aggregates[kept - 1] = *a;
	}
	m->naggregates = kept;
	return err;
}

static void losses_merge(struct model *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->nlosses; i++) {
		size_t n = 0;

		while (n < kept && !name_same(m->losses[n].name, m->losses[i].name))
			n++;
		if (n < kept)
			m->losses[n].count += m->losses[i].count;
		else
			m->losses[kept++] = m->losses[i];
	}
	m->nlosses = kept;
}

static int pool_compare(const void *left, const void *right)
{
	const struct pool *a = *(const struct pool *const *)left;
	const struct pool *b = *(const struct pool *const *)right;
	int order = name_compare(a->kind, b->kind);

	if (!order)
		order = name_compare(a->name, b->name);
	return order ? order : (a > b) - (a < b);
}

/* Of pools of one name the first is kept: all rows of that name are about the same pool. */
static void pools_merge(struct inventory *inv)
{
	struct pool **sorted = calloc(inv->npools + 1, sizeof(*sorted));
	bool *again = calloc(inv->npools + 1, sizeof(*again));
	size_t kept = 0;

	for (size_t i = 0; sorted && i < inv->npools; i++)
		sorted[i] = &inv->pools[i];
	if (sorted && again && inv->npools)
		qsort(sorted, inv->npools, sizeof(*sorted), pool_compare);
	for (size_t i = 1; sorted && again && i < inv->npools; i++)
		again[sorted[i] - inv->pools] =
			name_same(sorted[i]->kind, sorted[i - 1]->kind) &&
			name_same(sorted[i]->name, sorted[i - 1]->name);
	for (size_t i = 0; again && i < inv->npools; i++)
		if (again[i])
			pool_release(&inv->pools[i]);
		else
			inv->pools[kept++] = inv->pools[i];
	if (again)
		inv->npools = kept;
	free(sorted);
	free(again);
}

static int rows_merge(struct model *m)
{
	losses_merge(m);
	pools_merge(&m->inventory);
	return aggregates_merge(m);
}

static int compare(const void *left, const void *right)
{
	return aggregate_compare(left, right);
}

static int compare_traced(const void *left, const void *right)
{
	const struct traced_device *a = left, *b = right;
	int order = name_compare(a->device, b->device);

	return order ? order : name_compare(a->driver, b->driver);
}

static int lifetime_compare(const void *left, const void *right)
{
	const struct lifetime_row *a = left, *b = right;
	int order = name_compare(a->device, b->device);

	if (!order)
		order = name_compare(a->driver, b->driver);
	return order ? order : (int)a->op - (int)b->op;
}

int model_sort(struct model *m)
{
	if (m->ntraced)
		qsort(m->traced, m->ntraced, sizeof(*m->traced), compare_traced);
	if (m->nlifetimes)
		qsort(m->lifetimes, m->nlifetimes, sizeof(*m->lifetimes), lifetime_compare);
	index_release(&m->by_key);
	if (m->naggregates)
		qsort(m->aggregates, m->naggregates, sizeof(*m->aggregates), compare);
	return rows_merge(m);
}
