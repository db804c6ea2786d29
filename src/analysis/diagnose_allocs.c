// SPDX-License-Identifier: GPL-2.0
/*
 * Why allocations failed: by size, mask and flags of each failing call, held against what this
 * machine has: zones, the page allocator's largest piece, contiguous memory.
 */
#include <string.h>
#include "analysis/diagnose_private.h"
#include "base/flags.h"
#include "base/name.h"

enum lack {
	NO_MASK, DEV_POOL, RESTRICTED, TOO_LARGE, LARGER_THAN_AREA, AREA_FULL, AREA_SLEEPS, ZONE,
	NO_PIECE, NO_SLEEP, PAGES, HIDDEN, NOT_TOLD, LACK_MAX
};

/* Failing calls of one cause. */
struct group {
	unsigned long long count;
	const struct failed *most;
};

/* Bytes of contiguous memory set aside; 0: none. */
static unsigned long long area_size(const struct diagnosis *d)
{
	const struct inventory *inv = &d->m->inventory;
	unsigned long long size = 0;

	for (size_t i = 0; i < inv->npools; i++)
		if (name_same(inv->pools[i].kind, "cma") && inv->pools[i].size > 0)
			size += inv->pools[i].size;
	return size;
}

/* The zone such memory comes from: the last that is wholly within reach, else the first of all. */
static const struct zone *zone_below(const struct diagnosis *d)
{
	const struct inventory *inv = &d->m->inventory;
	const struct zone *zone = inv->nzones ? inv->zones : NULL;
	const struct extent e = coherent_extent(d);

	for (size_t i = 0; i < inv->nzones; i++)
		if (inv->zones[i].end - 1 <= e.highest)
			zone = &inv->zones[i];
	return zone;
}

/* This kernel has no such function: not off because another hook sees the same calls. */
static bool lacks(const struct diagnosis *d, enum dmt_hook part, enum dmt_hook seen_as)
{
	return d->m->hooks[part].absent && !d->m->hooks[seen_as].on;
}

/* Must not be taken apart, as its caller wants it, though the kernel could map pages anew. */
static bool contiguous_asked(const struct failed *f)
{
	return f->attrs & ATTR_FORCE_CONTIGUOUS || f->op == DMT_OP_ALLOC_PAGES ||
	       (f->gfp && !gfp_sleeps(f->gfp));
}

/* Behind an IOMMU single pages do, unless the kernel cannot map them anew or must not. */
static bool contiguous(const struct diagnosis *d, const struct failed *f)
{
	bool remaps = !lacks(d, DMT_HOOK_IN_PAGES_REMAP, DMT_HOOK_REMAP_PAGES) && d->seen &&
		      name_same(d->seen->dma_ops, "iommu-dma");

	return !translated(d) || !remaps || contiguous_asked(f);
}

/* More than the page allocator has in one piece. */
static enum lack lack_of_large(const struct failed *f, unsigned long long area)
{
	if (!area)
		return TOO_LARGE;
	if (f->size > area)
		return LARGER_THAN_AREA;
	return f->gfp && !gfp_sleeps(f->gfp) ? AREA_SLEEPS : AREA_FULL;
}

/* There is an IOMMU that translates for it, and nobody asked what it does. */
static bool iommu_hidden(const struct diagnosis *d)
{
	const struct hook_state *h = &d->m->hooks[DMT_HOOK_IOMMU_MAP];

	return !h->on && !h->absent && !h->wanted && d->m->inventory.niommus &&
	       (!d->seen || translated(d));
}

static enum lack lack_of(const struct diagnosis *d, const struct failed *f,
			 unsigned long long area)
{
	const struct dma_facts *facts = &d->m->inventory.facts;

	if (d->seen && !d->seen->reach.coherent_mask)
		return NO_MASK;
	if (d->seen && d->seen->reach.restricted)
		return RESTRICTED;
	if (iommu_hidden(d))
		return HIDDEN;
	if (!d->seen || !facts->largest_block)
		return NOT_TOLD;
	if (!contiguous(d, f))
		return PAGES;
	if (f->size > facts->largest_block)
		return lack_of_large(f, area);
	if (!translated(d) && coherent_extent(d).end >= ENDS_AT_MASK)
		return ZONE;
	return f->gfp && !gfp_sleeps(f->gfp) ? NO_SLEEP : NO_PIECE;
}

/* The kernel has no contiguous memory to set aside; or it is known that it has. */
static bool without_cma(const struct diagnosis *d)
{
	return lacks(d, DMT_HOOK_IN_CMA, DMT_HOOK_CMA);
}

static bool with_cma(const struct diagnosis *d)
{
	return d->m->hooks[DMT_HOOK_IN_CMA].on || d->m->hooks[DMT_HOOK_CMA].on || area_size(d);
}

/* Not by contiguous memory: which callers that must not sleep do not get. */
static void advise_apart(const struct diagnosis *d, struct draft *f, const struct failed *like)
{
	if (!translated(d))
		advise_iommu(d, f);
	else if (like->attrs & ATTR_FORCE_CONTIGUOUS)
		ADVISE(f, "allocate without DMA_ATTR_FORCE_CONTIGUOUS");
	else if (like->op == DMT_OP_ALLOC_PAGES && !lacks(d, DMT_HOOK_IN_PAGES_REMAP,
							  DMT_HOOK_REMAP_PAGES))
		ADVISE(f, "allocate with dma_alloc_coherent(), of which the IOMMU makes one piece");
}

static void large_words(const struct diagnosis *d, struct draft *f, const struct failed *like)
{
	bool sleeps = !like->gfp || gfp_sleeps(like->gfp);
	char block[FMT_MAX];

	fmt_bytes(block, sizeof(block), d->m->inventory.facts.largest_block);
	ADD(f->cause, "the page allocator has pieces of up to %s, and %s", block, without_cma(d) ?
	    "this kernel has no contiguous memory allocator (CMA)" :
	    "no contiguous memory is set aside");
	ADVISE(f, "allocate in pieces of at most %s", block);
	if (with_cma(d))
		ADVISE(f, "set contiguous memory aside with cma=SIZE%s",
		       sleeps ? "" : ", and allocate with GFP_KERNEL");
	else if (translated(d) && !sleeps && !lacks(d, DMT_HOOK_IN_PAGES_REMAP,
						    DMT_HOOK_REMAP_PAGES))
		ADVISE(f, "allocate with GFP_KERNEL");
	advise_apart(d, f, like);
}

static void area_words(const struct diagnosis *d, struct draft *f, enum lack lack,
		       const struct failed *like)
{
	char area[FMT_MAX], block[FMT_MAX];

	fmt_bytes(area, sizeof(area), area_size(d));
	fmt_bytes(block, sizeof(block), d->m->inventory.facts.largest_block);
	if (lack == LARGER_THAN_AREA) {
		ADD(f->cause, "it is more than all contiguous memory, %s", area);
		ADVISE(f, "allocate less at once");
	} else if (lack == AREA_SLEEPS) {
		ADD(f->cause, "contiguous memory is for callers that may sleep, and the page "
		    "allocator has pieces of up to %s", block);
		ADVISE(f, "allocate with GFP_KERNEL, or in pieces of at most %s", block);
		return;
	} else {
		ADD(f->cause, "of %s contiguous memory no piece of that size was free, or none that "
		    "the device reaches", area);
		ADVISE(f, "allocate early and in smaller pieces");
	}
	if (cma_enlarged(d))
		ADVISE(f, "set more aside with cma=SIZE");
	advise_apart(d, f, like);
}

static void zone_words(const struct diagnosis *d, struct draft *f)
{
	const struct extent e = coherent_extent(d);
	const struct zone *zone = zone_below(d);
	char size[FMT_MAX], unused[FMT_MAX];

	ADD(f->cause, "the memory below %s had no such piece left", e.end == ENDS_AT_BUS ?
	    "the limit of its bus" : e.end == ENDS_AT_BOTH ?
	    "the coherent mask, which is the limit of its bus as well," : "the coherent mask");
	advise_reach(d, f, &e, "coherent mask");
	ADVISE(f, "allocate at probe time, and keep it");
	advise_iommu(d, f);
	if (!zone)
		return;
	ADD(f->cause, ", zone %s", zone->name);
	ADD(f->evidence, "; zone %s has %s, %s free at the end", zone->name,
	    fmt_bytes(size, sizeof(size), zone->size),
	    fmt_bytes(unused, sizeof(unused), zone->unused));
}

/* A single page is in one piece, and none of contiguous memory, see dma_alloc_contiguous(). */
#define SINGLE_PAGE 4096

static void piece_words(const struct diagnosis *d, struct draft *f, const struct failed *like)
{
	if (like->size <= SINGLE_PAGE) {
		ADD(f->cause, "memory was short: any page would have done");
		ADVISE(f, "look for who takes the memory, and allocate at probe time");
		return;
	}
	ADD(f->cause, "no piece of memory of that size was free: it was used up, or fragmented");
	ADVISE(f, "allocate at probe time, and in smaller pieces");
	if (with_cma(d) && !area_size(d))
		ADVISE(f, "set contiguous memory aside with cma=SIZE");
	else if (cma_enlarged(d))
		ADVISE(f, "set more contiguous memory aside with cma=SIZE");
	advise_apart(d, f, like);
}

/* Set aside by the device tree, or by the driver: on x86 no device tree says so. */
static void own_pool_words(const struct diagnosis *d, struct draft *f)
{
	ADD(f->cause, "the device has a pool of its own, which had no room");
	ADVISE(f, "allocate less");
	if (!on_x86(d))
		ADVISE(f, "enlarge its reserved memory in the device tree, if the pool is from there");
}

static void restricted_words(const struct diagnosis *d, struct draft *f)
{
	ADD(f->cause, "the device gets memory from its restricted pool only, which had no such piece");
	if (unsearched(d))
		ADVISE(f, "boot without swiotlb=noforce, under which a kernel with SWIOTLB_DYNAMIC "
		       "finds slots in no pool");
	ADVISE(f, "enlarge its restricted-dma-pool in the device tree");
}

static void lack_words(const struct diagnosis *d, struct draft *f, enum lack lack,
		       const struct failed *like)
{
	switch (lack) {
	case NO_MASK:
		ADD(f->cause, "the device has no coherent DMA mask");
		ADVISE(f, "let the driver call dma_set_coherent_mask()");
		break;
	case DEV_POOL:
		own_pool_words(d, f);
		break;
	case RESTRICTED:
		restricted_words(d, f);
		break;
	case TOO_LARGE:
		large_words(d, f, like);
		break;
	case LARGER_THAN_AREA:
	case AREA_FULL:
	case AREA_SLEEPS:
		area_words(d, f, lack, like);
		break;
	case ZONE:
		zone_words(d, f);
		break;
	case NO_PIECE:
		piece_words(d, f, like);
		break;
	case NO_SLEEP:
		ADD(f->cause, "the caller must not sleep, and no piece of that size was free "
		    "right then");
		ADVISE(f, "allocate with GFP_KERNEL, or at probe time");
		break;
	case PAGES:
		ADD(f->cause, "memory was short: behind the IOMMU any pages would have done");
		ADVISE(f, "look for who takes the memory, and allocate less");
		break;
	case HIDDEN:
		ADD(f->cause, "no memory of the kind and size the device needs, or no place in the "
		    "IOMMU: iommu_map was not watched; 'dmatrace stat' watches it");
		ADVISE(f, "trace the same load with 'dmatrace stat', which tells the cause");
		break;
	default:
		ADD(f->cause, "the kernel had no memory of the kind and size the device needs");
		ADVISE(f, "allocate early and in smaller pieces");
	}
}

static void call_evidence(const struct diagnosis *d, struct draft *f, const struct failed *most)
{
	char size[FMT_MAX], attrs[160];

	ADD(f->evidence, "; %s asked for", fmt_bytes(size, sizeof(size), most->size));
	if (most->gfp)
		ADD(f->evidence, ", %s", gfp_sleeps(most->gfp) ? "may sleep" : "must not sleep");
	if (most->attrs)
		ADD(f->evidence, ", with %s", attrs_name(most->attrs, attrs, sizeof(attrs)));
	if (d->seen && d->seen->reach.coherent_mask)
		ADD(f->evidence, "; coherent mask of %u bits",
		    device_mask_bits(d->seen->reach.coherent_mask));
}

static void lack_raise(struct diagnosis *d, enum lack lack, const struct group *g,
		       unsigned long long count)
{
	struct draft *f = raise_finding(d, FINDING_ALLOC_FAILED,
					  g->most ? &g->most->stack : NULL);

	if (!f)
		return;
	ADD(f->evidence, "%llu of %llu allocations failed", count,
	    calls_tally(d, ALLOCS, ANY, ANY).calls);
	values_evidence(d, f, ALLOCS);
	if (g->most)
		call_evidence(d, f, g->most);
	lack_words(d, f, lack, g->most);
}

/* Who must not sleep, of a device that is not coherent, asks the atomic pool and nobody else. */
static bool asks_pool(const struct diagnosis *d, const struct failed *f)
{
	return f->gfp && !gfp_sleeps(f->gfp) && d->seen &&
	       d->seen->reach.caches == CACHES_NOT_COHERENT;
}

void diagnose_allocs(struct diagnosis *d, unsigned long long left)
{
	bool own_pool = calls_tally(d, ALLOCS, 1u << VIA_DEV_POOL, ANY).errors;
	bool pool_failed = calls_tally(d, ALLOCS, POOL_PATHS, ANY).errors;
	unsigned long long told = 0, area = area_size(d);
	struct group groups[LACK_MAX] = { 0 };
	const struct failed *row = NULL;

	while (left && (row = next_failed(d, row))) {
		struct group *g = &groups[own_pool ? DEV_POOL : lack_of(d, row, area)];

		if (!(ALLOCS & op_bit(row->op)) || (pool_failed && asks_pool(d, row)))
			continue;
		if (!g->most || row->count > g->most->count)
			g->most = row;
		g->count += row->count;
		told += row->count;
	}
	/* counted, but not kept one by one */
	if (left > told) {
		enum lack lack = own_pool ? DEV_POOL : iommu_hidden(d) ? HIDDEN : NOT_TOLD;

		groups[lack].count += left - told;
	}
	for (int i = 0; left && i < LACK_MAX; i++) {
		unsigned long long count = groups[i].count < left ? groups[i].count : left;

		if (count)
			lack_raise(d, i, &groups[i], count);
		left -= count;
	}
}
