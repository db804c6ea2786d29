// SPDX-License-Identifier: GPL-2.0
/*
 * What an IOMMU's page tables take: pages of which size, and how much of a call's time.  How much
 * I/O addresses take, memory, and mapping it for the CPU.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/name.h"
#include "model/owner.h"
#include "report/report.h"

static const struct column page_columns[] = {
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL, 6 },
	{ "page", "PAGE", "size of the pages", UNIT_TEXT, SHOW_TEXT },
	{ "page_size", NULL, "the same in bytes", UNIT_BYTES, SHOW_DATA },
	{ "calls", "CALLS", "of pgtable_map", UNIT_COUNT, SHOW_ALL },
	{ "calls_per_map", "CALLS/MAP", "of them for each iommu_map", UNIT_RATIO, SHOW_ALL },
	{ "pages", "PAGES", "mapped", UNIT_COUNT, SHOW_ALL },
	{ "bytes", "BYTES", "mapped", UNIT_BYTES, SHOW_ALL },
};

/* memory: where people see what only an allocation has, SHOW_*. */
#define SPLIT_COLUMNS(memory) {								\
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },	\
	{ "driver", "DRIVER", "driver bound when the device was first seen",		\
	  UNIT_TEXT, SHOW_ALL, 6 },							\
	{ "op", "OP", "operation", UNIT_TEXT, SHOW_ALL },				\
	{ "calls", "CALLS", "all calls, failed ones included", UNIT_COUNT, SHOW_ALL },	\
	{ "ns", "TIME", "in all of them together", UNIT_NS, SHOW_ALL },			\
	{ "page_table_calls", "MAPS", "iommu_map inside them", UNIT_COUNT, SHOW_ALL },	\
	{ "page_table_ns", NULL, "time in these", UNIT_NS, SHOW_DATA },			\
	{ "page_table_share", "PAGE TABLES", "of the time", UNIT_SHARE, SHOW_ALL },	\
	{ "iova_calls", NULL, "ranges of I/O addresses taken", UNIT_COUNT, SHOW_DATA },	\
	{ "iova_ns", NULL, "time to take them", UNIT_NS, SHOW_DATA },			\
	{ "iova_share", "IOVA", "of the time", UNIT_SHARE, SHOW_ALL },			\
	{ "pages_calls", NULL, "calls of the page allocator", UNIT_COUNT, SHOW_DATA },	\
	{ "pages_ns", NULL, "time in these", UNIT_NS, SHOW_DATA },			\
	{ "pages_share", "PAGES", "of the time", UNIT_SHARE, memory },			\
	{ "cma_calls", NULL, "calls of cma_alloc", UNIT_COUNT, SHOW_DATA },		\
	{ "cma_ns", NULL, "time in these", UNIT_NS, SHOW_DATA },			\
	{ "cma_share", "CMA", "of the time", UNIT_SHARE, memory },			\
	{ "remap_calls", NULL, "times memory was mapped anew", UNIT_COUNT, SHOW_DATA },	\
	{ "remap_ns", NULL, "time that took", UNIT_NS, SHOW_DATA },			\
	{ "remap_share", "REMAP", "of the time", UNIT_SHARE, memory },			\
	{ "rest_ns", NULL, "time in all else", UNIT_NS, SHOW_DATA },			\
	{ "rest_share", "REST", "of the time", UNIT_SHARE, SHOW_ALL },			\
}
static const struct column split_columns[] = SPLIT_COLUMNS(SHOW_DATA);
static const struct column memory_columns[] = SPLIT_COLUMNS(SHOW_ALL);

/* All page-table calls of a device with pages of one size. */
struct pages {
	const char *device, *driver;
	unsigned long long size, calls, inside, bytes;	/* inside: of an iommu_map */
	unsigned long long maps;			/* calls of iommu_map, of any size */
};

static size_t pages_hash(const void *row)
{
	const struct pages *p = row;

	return hash_number(hash_name(hash_name(0, p->device), p->driver), p->size);
}

static bool pages_same(const void *left, const void *right)
{
	const struct pages *a = left, *b = right;

	return a->size == b->size && name_same(a->device, b->device) &&
	       name_same(a->driver, b->driver);
}

static const struct index_key pages_key = { sizeof(struct pages), pages_hash, pages_same };

/* By the first aggregate of its owner: calls of iommu_map. */
static unsigned long long *maps_count(const struct model *m, const struct index *owners)
{
	unsigned long long *maps = calloc(m->naggregates + 1, sizeof(*maps));

	for (size_t i = 0; maps && i < m->naggregates; i++)
		if (m->aggregates[i].op == DMT_OP_IOMMU_MAP)
			maps[index_first(owners, i)] += m->aggregates[i].calls;
	return maps;
}

/* The row of an aggregate, new if need be; rows keep the order of their devices. */
static struct pages *pages_of(struct pages *rows, struct index *x, const struct aggregate *a)
{
	const struct pages like = { a->device, a->driver, a->page_size };
	size_t found = index_find(x, rows, &like);

	if (found != INDEX_NONE)
		return &rows[found];
	rows[x->count] = like;
	report_must(index_add(x, rows));
	return &rows[x->count - 1];
}

static struct pages *pages_collect(const struct model *m, size_t *count)
{
	struct index owners = report_index(&aggregates_by_owner, m->aggregates, m->naggregates);
	struct pages *rows = calloc(m->naggregates + 1, sizeof(*rows));
	unsigned long long *maps = maps_count(m, &owners);
	struct index x = index_of(&pages_key);

	report_must(rows && maps ? 0 : -ENOMEM);
	for (size_t i = 0; i < m->naggregates; i++) {
		const struct aggregate *a = &m->aggregates[i];
		struct pages *row;

		if (a->op != DMT_OP_PGTABLE_MAP)
			continue;
		row = pages_of(rows, &x, a);
		row->maps = maps[index_first(&owners, i)];
		row->calls += a->calls;
		row->bytes += a->bytes;
		if (a->within == DMT_OP_IOMMU_MAP + 1)
			row->inside += a->calls;
	}
	*count = x.count;
	index_release(&owners);
	index_release(&x);
	free(maps);
	return rows;
}

static int by_size(const void *left, const void *right)
{
	const struct pages *a = left, *b = right;
	int order = !a->device - !b->device;

	if (!order)
		order = strcmp(a->device ? a->device : "", b->device ? b->device : "");
	if (!order)
		order = strcmp(a->driver ? a->driver : "", b->driver ? b->driver : "");
	/* what is not known comes last */
	return order ? order : (a->size - 1 > b->size - 1) - (a->size - 1 < b->size - 1);
}

/* In hundredths. */
static void cell_share(struct table *t, bool known, unsigned long long part,
		       unsigned long long whole)
{
	cell_when(t, known && whole, whole ? (part * 100 + whole / 2) / whole : 0);
}

static void pages_row(struct table *t, const struct pages *row)
{
	char name[PAGE_SIZE_NAME];

	table_row(t);
	cell_name(t, row->device);
	cell_name(t, row->driver);
	cell_text(t, page_size_name(row->size, name));
	cell_when(t, row->size, row->size);
	cell_u64(t, row->calls);
	cell_share(t, row->inside, row->inside, row->maps);
	cell_when(t, row->size, row->size ? row->bytes / row->size : 0);
	cell_u64(t, row->bytes);
}

/* "domain_mapping", and others that get a length. */
static void unknown_line(struct doc *doc, const struct model *m)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		if (m->hooks[hook].op == DMT_OP_PGTABLE_MAP && m->hooks[hook].calls)
			doc_line(doc, "page size not known: %s gets lengths, and only 4K says it",
				 m->hooks[hook].target);
}

void report_pages(struct doc *doc, const struct model *m)
{
	struct pages *rows;
	bool unknown = false;
	struct table *t;
	size_t count;

	rows = pages_collect(m, &count);
	if (count)
		qsort(rows, count, sizeof(*rows), by_size);
	t = DOC_TABLE(doc, "iommu_pages", page_columns, count ? SHOW_ALL : SHOW_DATA);
	for (size_t i = 0; i < count; i++) {
		pages_row(t, &rows[i]);
		unknown |= !rows[i].size;
	}
	if (unknown)
		unknown_line(doc, m);
	free(rows);
}

/* What is inside a call, in the order of the columns. */
enum part { PART_TABLES, PART_IOVA, PART_PAGES, PART_CMA, PART_REMAP, PART_MAX };

/* Calls of one operation of a device, and what was inside them. */
struct split {
	const char *device, *driver;
	enum dmt_op op;
	unsigned long long calls, ns;
	bool timed;
	struct { unsigned long long calls, ns; bool seen; } parts[PART_MAX];
};

/* The operation whose time this is part of, DMT_OP_MAX: none. */
static enum dmt_op whole_of(const struct aggregate *a)
{
	enum dmt_op op = a->within ? a->within - 1 : DMT_OP_MAX;

	/* VT-d up to v5.10 maps without iommu_map; elsewhere page tables are inside that */
	if (op == DMT_OP_IOMMU_MAP)
		return DMT_OP_MAX;
	/* which is inside an alloc, always */
	return op == DMT_OP_IOMMU_ALLOC ? DMT_OP_ALLOC : op;
}

static enum part part_of(const struct aggregate *a)
{
	switch (a->op) {
	case DMT_OP_IOVA_FAST_ALLOC:
		return PART_IOVA;
	case DMT_OP_PAGE_ALLOC:
		return a->path == VIA_CMA ? PART_CMA : PART_PAGES;
	case DMT_OP_REMAP:
		return PART_REMAP;
	default:
		return PART_TABLES;
	}
}

static void split_add(struct split *row, const struct aggregate *a)
{
	enum part part = part_of(a);

	if (a->op == row->op) {
		row->calls += a->calls;
		row->ns += a->latency.sum;
		row->timed &= a->latency_known;
	} else if (whole_of(a) == row->op) {
		row->parts[part].calls += a->calls;
		row->parts[part].ns += a->latency.sum;
	}
}

/* Calls that were open when tracing ended are counted only if they are inner ones. */
static void split_row(struct table *t, const struct split *s)
{
	unsigned long long ns = 0;
	bool known;

	for (int i = 0; i < PART_MAX; i++)
		ns += s->parts[i].ns;
	known = s->timed && ns <= s->ns;
	table_row(t);
	cell_name(t, s->device);
	cell_name(t, s->driver);
	cell_name(t, ops[s->op].name);
	cell_u64(t, s->calls);
	cell_when(t, s->timed, s->ns);
	for (int i = 0; i < PART_MAX; i++) {
		cell_when(t, s->parts[i].seen, s->parts[i].calls);
		cell_when(t, s->parts[i].seen, s->parts[i].ns);
		cell_share(t, known && s->parts[i].seen, s->parts[i].ns, s->ns);
	}
	cell_when(t, known, s->ns - ns);
	cell_share(t, known, s->ns - ns, s->ns);
}

/* What rows are made of. */
struct splitting {
	const struct model *m;
	struct index owners, kinds;	/* of aggregates: by owner; by owner and operation */
	bool seen[PART_MAX];		/* what is inside of calls was watched */
};

/*
 * Since v6.18 both are one function.  An iommu_map says which it is for, a range of I/O addresses
 * does not.
 */
static bool is_mixed(const struct splitting *s, const struct split *row)
{
	const struct aggregate like = { .device = (char *)row->device,
					.driver = (char *)row->driver,
					.op = DMT_OP_MAP_RESOURCE };
	const struct model *m = s->m;
	const char *map = m->hooks[DMT_HOOK_MAP].target;
	const char *resource = m->hooks[DMT_HOOK_MAP_RESOURCE].target;

	return (row->op == DMT_OP_MAP || row->op == DMT_OP_MAP_RESOURCE) && map && resource &&
	       !strcmp(map, resource) &&
	       index_find(&s->kinds, m->aggregates, &like) != INDEX_NONE;
}

/* Was this watched?  It may have been for another report, and left out here. */
static bool is_seen(const struct model *m, enum dmt_hook hook)
{
	for (size_t i = 0; i < m->naggregates; i++)
		if (m->aggregates[i].op == hook_op(hook))
			return m->hooks[hook].on;
	return m->hooks[hook].on && !m->hooks[hook].calls;
}

static struct splitting splitting_begin(const struct model *m)
{
	return (struct splitting){
		.m = m,
		.owners = report_index(&aggregates_by_owner, m->aggregates, m->naggregates),
		.kinds = report_index(&aggregates_by_op, m->aggregates, m->naggregates),
		.seen = {
			[PART_TABLES] = is_seen(m, DMT_HOOK_IOMMU_MAP) ||
					is_seen(m, DMT_HOOK_INTEL_MAP),
			[PART_IOVA] = is_seen(m, DMT_HOOK_IOVA_FAST_ALLOC),
			[PART_PAGES] = is_seen(m, DMT_HOOK_PAGES),
			[PART_CMA] = is_seen(m, DMT_HOOK_CMA),
			[PART_REMAP] = is_seen(m, DMT_HOOK_REMAP) ||
				       is_seen(m, DMT_HOOK_REMAP_PAGES),
		},
	};
}

static void splitting_end(struct splitting *s)
{
	index_release(&s->owners);
	index_release(&s->kinds);
}

/* first: the number of the first aggregate of its owner and operation. */
static struct split split_of(const struct splitting *s, size_t first)
{
	const struct aggregate *rows = s->m->aggregates;
	struct split row = { rows[first].device, rows[first].driver, rows[first].op,
			     .timed = true };
	size_t n = index_first(&s->owners, first);

	for (; n != INDEX_NONE; n = index_next(&s->owners, n))
		split_add(&row, &rows[n]);
	for (int i = 0; i < PART_MAX; i++)
		row.parts[i].seen = row.parts[i].calls || s->seen[i];
	for (int i = PART_IOVA; i < PART_MAX && is_mixed(s, &row); i++)
		memset(&row.parts[i], 0, sizeof(row.parts[i]));
	return row;
}

static bool is_split(const struct split *row)
{
	for (int i = 0; i < PART_MAX; i++)
		if (row->parts[i].calls)
			return true;
	return false;
}

void report_split(struct doc *doc, const struct model *m)
{
	struct split *rows = calloc(m->naggregates + 1, sizeof(*rows));
	struct splitting s = splitting_begin(m);
	bool memory = m->hooks[DMT_HOOK_PAGES].on || m->hooks[DMT_HOOK_REMAP].on;
	struct table *t;
	size_t count = 0;

	for (size_t i = 0; rows && i < m->naggregates; i++) {
		if (ops[m->aggregates[i].op].layer != LAYER_API || index_first(&s.kinds, i) != i)
			continue;
		rows[count] = split_of(&s, i);
		count += is_split(&rows[count]);
	}
	t = memory ? DOC_TABLE(doc, "latency_split", memory_columns, count ? SHOW_ALL : SHOW_DATA) :
		     DOC_TABLE(doc, "latency_split", split_columns, count ? SHOW_ALL : SHOW_DATA);
	for (size_t i = 0; i < count; i++)
		split_row(t, &rows[i]);
	splitting_end(&s);
	free(rows);
}
