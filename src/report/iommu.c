// SPDX-License-Identifier: GPL-2.0
/*
 * What an IOMMU costs: I/O addresses taken, flushes waited for, doorbells of MSIs, and what failed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/diagnose.h"
#include "model/owner.h"
#include "report/report.h"

/* Syncs move no mapping, and below the API it is the IOMMU alone, not memory. */
static dmt_ops iommu_ops(void)
{
	dmt_ops wanted = OP(IOMMU_MAP) | OP(IOMMU_UNMAP) | OP(PGTABLE_MAP) |
			  (ops_on_request & ~(OP(PAGE_ALLOC) | OP(REMAP)));

	for (int op = 0; op < DMT_OP_MAX; op++)
		if (ops[op].layer == LAYER_API && op != DMT_OP_SYNC_CPU &&
		    op != DMT_OP_SYNC_DEVICE && op != DMT_OP_MMAP)
			wanted |= op_bit(op);
	return wanted;
}

static const struct column domain_columns[] = {
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL, 6 },
	{ "domain", "DOMAIN", "strict, lazy, identity", UNIT_TEXT, SHOW_ALL },
	{ "iova_allocs", "RANGES", "of I/O addresses asked for", UNIT_COUNT, SHOW_ALL },
	{ "iova_failed", "FAILED", "those that got none", UNIT_COUNT, SHOW_ALL },
	{ "iova_bytes", "BYTES", "of those that got some", UNIT_BYTES, SHOW_ALL },
	{ "iova_frees", NULL, "ranges given back", UNIT_COUNT, SHOW_DATA },
	{ "retried", NULL, "first tries below 4 GiB that found nothing", UNIT_COUNT, SHOW_DATA },
	{ "above_rcache", NULL, "ranges larger than the rcache keeps", UNIT_COUNT, SHOW_DATA },
	{ "above_percent", "ABOVE%", "the same, of a hundred", UNIT_COUNT, SHOW_ALL },
	{ "tree", NULL, "ranges that the tree was searched for", UNIT_COUNT, SHOW_DATA },
	{ "tree_percent", "TREE%", "the same, of a hundred", UNIT_COUNT, SHOW_ALL },
	{ "latency", "LATENCY", "time to get a range", UNIT_HIST_NS, SHOW_ALL },
};

static const struct column flush_columns[] = {
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL, 6 },
	{ "op", "FLUSH", "iotlb_sync: of one unmap; iotlb_flush: of a queue of them", UNIT_TEXT, SHOW_ALL },
	{ "flushes", "FLUSHES", "calls", UNIT_COUNT, SHOW_ALL },
	{ "bytes", "BYTES", "of addresses; absent where it is all of them", UNIT_BYTES, SHOW_ALL },
	{ "ns", "TIME", "all of them together", UNIT_NS, SHOW_ALL },
	{ "unmap_percent", "UNMAP%", "of the time of the device's unmaps", UNIT_COUNT, SHOW_ALL },
	{ "latency", "LATENCY", "of one", UNIT_HIST_NS, SHOW_ALL },
};

static const struct column msi_columns[] = {
	{ "device", "DEVICE", "whose interrupt", UNIT_TEXT, SHOW_ALL },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL, 6 },
	{ "msi_maps", "MSIS", "interrupts prepared", UNIT_COUNT, SHOW_ALL },
	{ "failed", "FAILED", "those that could not be", UNIT_COUNT, SHOW_ALL },
	{ "latency", "LATENCY", "of one", UNIT_HIST_NS, SHOW_ALL },
};

static const struct column failure_columns[] = {
	{ "device", "DEVICE", "that got no address", UNIT_TEXT, SHOW_ALL },
	{ "size", "SIZE", "asked for", UNIT_BYTES, SHOW_ALL },
	{ "limit", "LIMIT", "the highest address that would do", UNIT_ADDRESS, SHOW_ALL },
	{ "count", "FAILED", "calls", UNIT_COUNT, SHOW_ALL },
	{ "site", "CALLED FROM", "who asked", UNIT_TEXT, SHOW_TEXT, 16 },
	{ "stack", NULL, "the same with all in between, innermost first", UNIT_NAMES, SHOW_DATA },
};

/* Calls of some operations on a device, by the paths that matter here. */
struct sum {
	unsigned long long calls, errors, bytes, retried, above, tree, unknown;
	struct hist_sum latency;
	bool errors_known, latency_known;
};

/* The model, and its rows by owner. */
struct view {
	const struct model *m;
	struct index owners;	/* of aggregates */
	struct index devices;	/* of the inventory */
};

/* n: of an aggregate of the owner. */
static struct sum sum_of(const struct view *v, size_t n, dmt_ops ops_wanted)
{
	struct sum s = { .errors_known = true, .latency_known = true };

	for (n = index_first(&v->owners, n); n != INDEX_NONE; n = index_next(&v->owners, n)) {
		const struct aggregate *a = &v->m->aggregates[n];

		if (!(ops_wanted & op_bit(a->op)))
			continue;
		s.calls += a->calls;
		s.errors += a->errors;
		s.bytes += a->bytes;
		s.retried += a->path == VIA_RETRIED ? a->calls : 0;
		s.above += a->path == VIA_ABOVE_RCACHE ? a->calls : 0;
		s.tree += a->path == VIA_ABOVE_RCACHE || a->path == VIA_RCACHE_MISS ? a->calls : 0;
		s.unknown += a->path == VIA_UNKNOWN ? a->calls : 0;
		s.errors_known &= a->errors_known;
		s.latency_known &= a->latency_known;
		hist_sum_add(&s.latency, &a->latency);
	}
	return s;
}

/*
 * Of each aggregate: is it the first of its owner that is of one of these operations?  The caller's
 * to free.
 */
static bool *firsts(const struct view *v, dmt_ops ops_wanted)
{
	bool *first = calloc(v->m->naggregates + 1, sizeof(*first));
	bool *seen = calloc(v->m->naggregates + 1, sizeof(*seen));

	report_must(first && seen ? 0 : -ENOMEM);
	for (size_t i = 0; i < v->m->naggregates; i++) {
		size_t owner = index_first(&v->owners, i);

		if (!(ops_wanted & op_bit(v->m->aggregates[i].op)))
			continue;
		first[i] = !seen[owner];
		seen[owner] = true;
	}
	free(seen);
	return first;
}

static bool watched(const struct model *m, enum dmt_op op)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		if (m->hooks[hook].on && m->hooks[hook].op == op && !hook_marks(hook))
			return true;
	return false;
}

static void cell_percent(struct table *t, bool known, unsigned long long part,
			 unsigned long long whole)
{
	cell_when(t, known && whole, whole ? part * 100 / whole : 0);
}

static void cell_latency(struct table *t, const struct sum *s)
{
	const struct hist latency = hist_of(&s->latency);

	cell_hist(t, s->latency_known && latency.count ? hist_doc(&latency) : NULL);
}

static bool has_iommu(const struct inventory *inv)
{
	bool any = inv->niommus;

	for (size_t i = 0; !any && i < inv->ndevices; i++)
		any = inv->devices[i].group;
	return any;
}

/* NULL: sysfs does not show it. */
static const struct device *device_of(const struct view *v, char *name)
{
	const struct inventory *inv = &v->m->inventory;
	const struct device like = { .name = name };
	size_t n = name ? index_find(&v->devices, inv->devices, &like) : INDEX_NONE;

	return n != INDEX_NONE ? &inv->devices[n] : NULL;
}

/* n: of the first aggregate of its owner. */
static void domain_row(struct table *t, const struct view *v, size_t n)
{
	const struct aggregate *a = &v->m->aggregates[n];
	const struct model *m = v->m;
	struct sum allocs = sum_of(v, n, OP(IOVA_FAST_ALLOC));
	struct sum frees = sum_of(v, n, OP(IOVA_FAST_FREE));
	unsigned long long asked = allocs.calls - allocs.retried;
	const struct device *dev = device_of(v, a->device);
	/* one that no IOMMU is in front of takes no addresses: that is not 0 of them */
	bool behind = allocs.calls || frees.calls || (dev ? !!dev->group : m->inventory.niommus);
	bool known = behind && watched(m, DMT_OP_IOVA_FAST_ALLOC);
	/*
	 * What works off a queue gives ranges back.  Up to v5.15 it is in one file with
	 * free_iova_fast(), and the compiler may have put that into it, where nobody sees it.
	 */
	bool unseen = sum_of(v, n, OP(IOTLB_FLUSH)).calls && !frees.calls;

	table_row(t);
	cell_name(t, a->device);
	cell_name(t, a->driver);
	cell_name(t, dev ? device_domain(dev, &m->inventory.facts) : NULL);
	cell_when(t, known, asked);
	cell_when(t, known && allocs.errors_known, allocs.errors);
	cell_when(t, known, allocs.bytes);
	cell_when(t, behind && watched(m, DMT_OP_IOVA_FAST_FREE) && !unseen, frees.calls);
	cell_when(t, known, allocs.retried);
	cell_when(t, known, allocs.above);
	cell_percent(t, known, allocs.above, asked);
	cell_when(t, known && !allocs.unknown, allocs.tree);
	cell_percent(t, known && !allocs.unknown, allocs.tree, asked);
	cell_latency(t, &allocs);
}

/* Who was seen at all: that a device takes no addresses says something, too. */
static void add_domains(struct doc *doc, const struct view *v)
{
	bool *first = firsts(v, ~(OP(MSI_MAP) | OP(IOTLB_FLUSH)));
	const struct model *m = v->m;
	struct table *t = DOC_TABLE(doc, "domains", domain_columns,
				    m->naggregates ? SHOW_ALL : SHOW_DATA);

	for (size_t i = 0; i < m->naggregates; i++)
		if (first[i])
			domain_row(t, v, i);
	free(first);
	if (!m->naggregates)
		report_nothing(doc, m, iommu_ops(), "no DMA call was seen");
	if (!has_iommu(&m->inventory))
		doc_line(doc, "this machine has no IOMMU, as far as sysfs shows");
}

static void flush_row(struct table *t, const struct view *v, size_t n)
{
	const struct aggregate *a = &v->m->aggregates[n];
	struct sum flushes = sum_of(v, n, op_bit(a->op));
	struct sum unmaps = sum_of(v, n, OP(UNMAP) | OP(UNMAP_SG) | OP(UNMAP_RESOURCE) |
				   OP(IOVA_UNLINK) | OP(IOVA_FREE) | OP(FREE) |
				   OP(FREE_PAGES) | OP(FREE_NONCONTIGUOUS));
	bool within = a->op == DMT_OP_IOTLB_SYNC && unmaps.latency.sum >= flushes.latency.sum;

	table_row(t);
	cell_name(t, a->device);
	cell_name(t, a->driver);
	cell_name(t, ops[a->op].name);
	cell_u64(t, flushes.calls);
	cell_when(t, a->op == DMT_OP_IOTLB_SYNC, flushes.bytes);
	cell_when(t, flushes.latency_known, flushes.latency.sum);
	cell_percent(t, within && unmaps.latency_known && flushes.latency_known,
		     flushes.latency.sum, unmaps.latency.sum);
	cell_latency(t, &flushes);
}

static void add_flushes(struct doc *doc, const struct view *v)
{
	bool *sync = firsts(v, OP(IOTLB_SYNC)), *flush = firsts(v, OP(IOTLB_FLUSH));
	const struct model *m = v->m;
	bool any = false;
	struct table *t;

	for (size_t i = 0; i < m->naggregates; i++)
		any |= sync[i] || flush[i];
	t = DOC_TABLE(doc, "flushes", flush_columns, any ? SHOW_ALL : SHOW_DATA);
	for (size_t i = 0; i < m->naggregates; i++)
		if (sync[i] || flush[i])
			flush_row(t, v, i);
	free(sync);
	free(flush);
}

static void add_msis(struct doc *doc, const struct view *v)
{
	bool *first = firsts(v, OP(MSI_MAP)), any = false;
	const struct model *m = v->m;
	struct table *t;

	for (size_t i = 0; i < m->naggregates; i++)
		any |= first[i];
	t = DOC_TABLE(doc, "msis", msi_columns, any ? SHOW_ALL : SHOW_DATA);
	for (size_t i = 0; i < m->naggregates; i++) {
		const struct aggregate *a = &m->aggregates[i];
		struct sum s;

		if (!first[i])
			continue;
		s = sum_of(v, i, OP(MSI_MAP));
		table_row(t);
		cell_name(t, a->device);
		cell_name(t, a->driver);
		cell_u64(t, s.calls);
		cell_when(t, s.errors_known, s.errors);
		cell_latency(t, &s);
	}
	free(first);
}

static void add_failures(struct doc *doc, const struct model *m)
{
	bool any = false;
	struct table *t;

	for (size_t i = 0; i < m->nfailed; i++)
		any |= m->failed[i].op == DMT_OP_IOVA_FAST_ALLOC;
	t = DOC_TABLE(doc, "iova_failures", failure_columns, any ? SHOW_ALL : SHOW_DATA);
	for (size_t i = 0; i < m->nfailed; i++) {
		const struct failed *f = &m->failed[i];

		if (f->op != DMT_OP_IOVA_FAST_ALLOC)
			continue;
		table_row(t);
		cell_name(t, f->device);
		cell_u64(t, f->size);
		/* one that could not be kept in full has none of its addresses */
		cell_when(t, f->limit, f->limit);
		cell_u64(t, f->count);
		cell_name(t, frames_site(&f->stack));
		cell_names(t, f->stack.names, f->stack.count);
	}
}

static const struct column refusal_columns[] = {
	{ "iova", "IOVA", "I/O address", UNIT_ADDRESS, SHOW_ALL },
	{ "paddr", "PADDR", "physical address", UNIT_ADDRESS, SHOW_ALL },
	{ "size", "SIZE", "asked for", UNIT_BYTES, SHOW_ALL },
	{ "min_pagesz", "PAGE", "smallest page of the domain", UNIT_BYTES, SHOW_ALL },
	{ "offender", "OFFENDER", "which of them is no multiple of it", UNIT_TEXT, SHOW_ALL },
	{ "errno", "ERRNO", "what came back", UNIT_TEXT, SHOW_ALL },
	{ "device", "DEVICE", "whose domain, if known", UNIT_TEXT, SHOW_ALL },
	{ "stack", NULL, "who called, innermost first", UNIT_NAMES, SHOW_DATA },
	{ "count", "FAILED", "calls", UNIT_COUNT, SHOW_ALL },
};

void report_iommu_failures(struct doc *doc, const struct model *m, enum show show)
{
	struct table *t;
	bool any = false;

	for (size_t i = 0; i < m->nfailed; i++)
		any |= m->failed[i].op == DMT_OP_IOMMU_MAP;
	t = DOC_TABLE(doc, "iommu_failures", refusal_columns, any ? show : SHOW_DATA);
	for (size_t i = 0; i < m->nfailed; i++) {
		const struct failed *f = &m->failed[i];
		char buf[32];

		if (f->op != DMT_OP_IOMMU_MAP)
			continue;
		table_row(t);
		cell_u64(t, f->iova);
		cell_when(t, f->min_pagesz, f->paddr);
		cell_u64(t, f->size);
		cell_when(t, f->min_pagesz, f->min_pagesz);
		cell_text(t, iommu_offender(f));
		cell_text(t, failure_name(f->kind, f->value, buf, sizeof(buf)));
		cell_name(t, f->device);
		cell_names(t, f->stack.names, f->stack.count);
		cell_u64(t, f->count);
	}
}

static void iommu_build(struct doc *doc, const struct model *m, const struct findings *f,
			const struct report_opts *o)
{
	const struct inventory *inv = &m->inventory;
	struct view v = {
		.m = m,
		.owners = report_index(&aggregates_by_owner, m->aggregates, m->naggregates),
		.devices = report_index(&devices_by_name, inv->devices, inv->ndevices),
	};

	(void)f;
	(void)o;
	add_domains(doc, &v);
	report_pages(doc, m);
	report_split(doc, m);
	add_flushes(doc, &v);
	add_msis(doc, &v);
	index_release(&v.owners);
	index_release(&v.devices);
	add_failures(doc, m);
	report_iommu_failures(doc, m, SHOW_ALL);
}

/* After stat: both split times, and this one knows of I/O addresses, too. */
const struct report report_iommu = { .name = "iommu", .about = iommu_ops, .build = iommu_build };
