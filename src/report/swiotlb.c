// SPDX-License-Identifier: GPL-2.0
/*
 * The swiotlb: who bounced and why, what copying cost, what the pools hold and for whom.
 */
#include <string.h>
#include "analysis/diagnose.h"
#include "base/list.h"
#include "base/name.h"
#include "report/report.h"

/* Of maps, how many bounced, and how many failed although they did. */
static dmt_ops swiotlb_ops(void)
{
	return OP(BOUNCE) | OP(BOUNCE_COPY) | OP(MAP) | OP(MAP_SG) | OP(IOVA_LINK);
}

#define SLOT_SIZE 2048		/* IO_TLB_SIZE, v5.10 to 7.2 */

static const struct column bounce_columns[] = {
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL, 6 },
	{ "bounce_reason", "REASON", "why", UNIT_TEXT, SHOW_ALL },
	{ "context", "CONTEXT", "task, softirq or hardirq", UNIT_TEXT, SHOW_ALL },
	{ "bounces", "BOUNCES", "buffers that asked for slots", UNIT_COUNT, SHOW_ALL },
	{ "failed", "FAILED", "those that got none", UNIT_COUNT, SHOW_ALL },
	{ "bytes", "BYTES", "of those that got some", UNIT_BYTES, SHOW_ALL },
	{ "latency", "LATENCY", "time to find slots and fill them", UNIT_HIST_NS, SHOW_ALL },
};

static const struct column copy_columns[] = {
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL, 6 },
	{ "phase", "AT", "map, sync or unmap", UNIT_TEXT, SHOW_ALL },
	{ "context", "CONTEXT", "task, softirq or hardirq", UNIT_TEXT, SHOW_ALL },
	{ "copies", "COPIES", "between buffer and slot", UNIT_COUNT, SHOW_ALL },
	{ "bytes", "BYTES", "copied", UNIT_BYTES, SHOW_ALL },
	{ "ns", "TIME", "all copies together", UNIT_NS, SHOW_ALL },
	{ "latency", "LATENCY", "of one", UNIT_HIST_NS, SHOW_ALL },
};

static const struct column pool_columns[] = {
	{ "pool", "POOL", "which", UNIT_TEXT, SHOW_ALL },
	{ "nslabs", "SLOTS", "of 2 KiB", UNIT_COUNT, SHOW_ALL },
	{ "used", "USED", "slots taken at the end", UNIT_COUNT, SHOW_ALL },
	{ "transient", "TRANSIENT", "of them in pools made for one buffer each, not in SLOTS",
	  UNIT_COUNT, SHOW_ALL },
	{ "used_hiwater", "HIGH", "most ever taken at a time", UNIT_COUNT, SHOW_ALL },
	{ "areas", "AREAS", "parts with a lock of their own", UNIT_COUNT, SHOW_ALL },
	{ "holders", NULL, "who took slots and keeps them", UNIT_TABLE, SHOW_DATA },
};

static const struct column holder_columns[] = {
	{ "device", "DEVICE", "that slots are held for", UNIT_TEXT, SHOW_ALL },
	{ "driver", "DRIVER", "its driver", UNIT_TEXT, SHOW_ALL, 6 },
	{ "count", "HELD", "buffers", UNIT_COUNT, SHOW_ALL },
	{ "bytes", "BYTES", "of them", UNIT_BYTES, SHOW_ALL },
	{ "site", "CALLED FROM", "who mapped them", UNIT_TEXT, SHOW_TEXT, 16 },
	{ "stack", NULL, "the same with all in between, innermost first", UNIT_NAMES, SHOW_DATA },
};

/* Of one operation, both directions together. */
static void merge(struct model *to, const struct model *m, enum dmt_op op)
{
	for (size_t i = 0; i < m->naggregates; i++) {
		const struct aggregate *a = &m->aggregates[i];
		struct aggregate like = *a, *sum;

		if (a->op != op)
			continue;
		like.direction = DMT_UNKNOWN;
		sum = model_aggregate(to, &like);
		if (!sum)
			continue;
		sum->calls += a->calls;
		sum->errors += a->errors;
		sum->bytes += a->bytes;
		sum->errors_known &= a->errors_known;
		sum->latency_known &= a->latency_known;
		report_must(hist_merge(&sum->latency, &a->latency));
	}
}

static void add_bounces(struct doc *doc, const struct model *m)
{
	struct model sums = { 0 };
	struct table *t;

	merge(&sums, m, DMT_OP_BOUNCE);
	t = DOC_TABLE(doc, "bounces", bounce_columns, sums.naggregates ? SHOW_ALL : SHOW_DATA);
	if (!sums.naggregates)
		report_nothing(doc, m, OP(BOUNCE), "no bounce was seen");
	for (size_t i = 0; i < sums.naggregates; i++) {
		const struct aggregate *a = &sums.aggregates[i];

		table_row(t);
		cell_text(t, a->device);
		cell_text(t, a->driver);
		cell_name(t, reason_names[a->reason]);
		cell_name(t, context_names[a->context]);
		cell_u64(t, a->calls);
		cell_when(t, a->errors_known, a->errors);
		cell_u64(t, a->bytes);
		cell_hist(t, a->latency_known ? hist_doc(&a->latency) : NULL);
	}
	model_release(&sums);
}

static void add_copies(struct doc *doc, const struct model *m)
{
	struct model sums = { 0 };
	struct table *t;

	merge(&sums, m, DMT_OP_BOUNCE_COPY);
	t = DOC_TABLE(doc, "copies", copy_columns, sums.naggregates ? SHOW_ALL : SHOW_DATA);
	for (size_t i = 0; i < sums.naggregates; i++) {
		const struct aggregate *a = &sums.aggregates[i];

		table_row(t);
		cell_text(t, a->device);
		cell_text(t, a->driver);
		cell_name(t, phase_names[a->phase]);
		cell_name(t, context_names[a->context]);
		cell_u64(t, a->calls);
		cell_u64(t, a->bytes);
		cell_when(t, a->latency_known, a->latency.sum);
		cell_hist(t, a->latency_known ? hist_doc(&a->latency) : NULL);
	}
	model_release(&sums);
}

static void cell_slots(struct table *t, long long bytes)
{
	cell_when(t, bytes >= 0, bytes / SLOT_SIZE);
}

static size_t holder_hash(const void *row)
{
	return hash_name(0, ((const struct holder *)row)->pool);
}

static bool holder_same(const void *a, const void *b)
{
	return name_same(((const struct holder *)a)->pool, ((const struct holder *)b)->pool);
}

static size_t traced_hash(const void *row)
{
	return hash_name(0, ((const struct traced_device *)row)->pool);
}

static bool traced_same(const void *a, const void *b)
{
	return name_same(((const struct traced_device *)a)->pool,
			 ((const struct traced_device *)b)->pool);
}

static const struct index_key holders_by_pool = {
	sizeof(struct holder), holder_hash, holder_same
};
static const struct index_key traced_by_pool = {
	sizeof(struct traced_device), traced_hash, traced_same
};

/* Who uses which pool, by its directory in debugfs. */
struct users {
	const struct model *m;
	struct index holders, traced;
	bool told_apart;	/* the pool of every holder is known */
};

static char *directory_of(const struct pool *p)
{
	return p->name && !strcmp(p->name, "default") ? (char *)"swiotlb" : p->name;
}

static void holder_row(struct table *t, const struct holder *h)
{
	table_row(t);
	cell_text(t, h->device);
	cell_text(t, h->driver);
	cell_u64(t, h->count);
	cell_u64(t, h->bytes);
	cell_text(t, frames_site(&h->stack));
	cell_names(t, h->stack.names, h->stack.count);
}

static void holder_rows(struct table *t, const struct model *m)
{
	for (size_t i = 0; i < m->nholders; i++)
		holder_row(t, &m->holders[i]);
}

static void holder_rows_of(struct table *t, const struct users *u, const struct pool *p)
{
	const struct holder *rows = u->m->holders, like = { .pool = directory_of(p) };
	size_t n = index_find(&u->holders, rows, &like);

	for (; n != INDEX_NONE; n = index_next(&u->holders, n))
		holder_row(t, &rows[n]);
}

static bool holders_told_apart(const struct model *m)
{
	for (size_t i = 0; i < m->nholders; i++)
		if (!m->holders[i].pool)
			return false;
	return true;
}

/* No file says it, but the devices that bounce through it do. */
static void cell_areas(struct table *t, const struct users *u, const struct pool *p)
{
	const struct traced_device *rows = u->m->traced, like = { .pool = directory_of(p) };
	size_t n = p->name ? index_find(&u->traced, rows, &like) : INDEX_NONE;

	while (n != INDEX_NONE && !rows[n].areas)
		n = index_next(&u->traced, n);
	cell_when(t, n != INDEX_NONE, n != INDEX_NONE ? rows[n].areas : 0);
}

static struct table *cell_holders(struct table *t)
{
	return cell_table(t, holder_columns, ARRAY_SIZE(holder_columns));
}

static void pool_row(struct table *t, const struct users *u, const struct pool *p, bool only)
{
	table_row(t);
	cell_text(t, p->name);
	cell_slots(t, p->size);
	cell_slots(t, p->used);
	cell_slots(t, p->grows ? p->transient : -1);
	cell_slots(t, p->high);
	cell_areas(t, u, p);
	if (u->m->holders_known && only)
		holder_rows(cell_holders(t), u->m);
	else if (u->m->holders_known && u->told_apart)
		holder_rows_of(cell_holders(t), u, p);
	else
		cell_absent(t);
}

void report_pools(struct doc *doc, const struct model *m, enum show show)
{
	const struct pool unknown = { .size = -1, .used = -1, .high = -1 };
	struct users users = {
		.m = m, .holders = report_index(&holders_by_pool, m->holders, m->nholders),
		.traced = report_index(&traced_by_pool, m->traced, m->ntraced),
		.told_apart = holders_told_apart(m),
	};
	const struct inventory *inv = &m->inventory;
	struct table *t;
	size_t count = 0;

	for (size_t i = 0; i < inv->npools; i++)
		count += !strcmp(inv->pools[i].kind, "swiotlb");
	t = DOC_TABLE(doc, "swiotlb", pool_columns, count ? show : SHOW_DATA);
	for (size_t i = 0; i < inv->npools; i++)
		if (!strcmp(inv->pools[i].kind, "swiotlb"))
			pool_row(t, &users, &inv->pools[i], count == 1);
	/* debugfs may be out of sight */
	if (!count && m->nholders)
		pool_row(t, &users, &unknown, true);
	index_release(&users.holders);
	index_release(&users.traced);
}

static void add_holders(struct doc *doc, const struct model *m)
{
	if (!m->holders_known)
		doc_line(doc, "who holds slots is not known: how they come back is not watched");
	if (m->nholders)
		holder_rows(DOC_TABLE(doc, "holders", holder_columns, SHOW_TEXT), m);
}

/* That no pool is shown has two causes. */
static void no_pool_line(struct doc *doc, const struct inventory *inv)
{
	for (size_t i = 0; i < inv->npools; i++)
		if (name_same(inv->pools[i].kind, "swiotlb"))
			return;
	doc_line(doc, "%s", inv->facts.pool_known ? "there is no swiotlb" :
		 "whether there is a swiotlb is not known: debugfs does not show it");
}

static void swiotlb_build(struct doc *doc, const struct model *m, const struct findings *f,
			  const struct report_opts *o)
{
	(void)f;
	(void)o;
	report_pools(doc, m, SHOW_ALL);
	no_pool_line(doc, &m->inventory);
	add_bounces(doc, m);
	add_copies(doc, m);
	add_holders(doc, m);
}

const struct report report_swiotlb = {
	.name = "swiotlb", .about = swiotlb_ops, .build = swiotlb_build,
};
