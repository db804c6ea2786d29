// SPDX-License-Identifier: GPL-2.0
/*
 * Why allocations failed: by size, mask and flags of each failing call, held against what this
 * machine has: zones, the page allocator's largest piece, contiguous memory.
 */
#include <string.h>
#include "diagnose_private.h"
#include "flags.h"
#include "name.h"

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

/* Highest address of coherent memory; 0: any. */
static unsigned long long highest(const struct diagnosis *d)
{
	const struct reach *r = d->seen ? &d->seen->reach : NULL;

	if (!r)
		return 0;
	return r->bus_limit && r->bus_limit < r->coherent_mask ? r->bus_limit : r->coherent_mask;
}

/* The zone such memory comes from: the last that is wholly within reach, else the first of all. */
static const struct zone *zone_below(const struct diagnosis *d)
{
	const struct inventory *inv = &d->m->inventory;
	unsigned long long limit = highest(d);
	const struct zone *zone = inv->nzones ? inv->zones : NULL;

	for (size_t i = 0; i < inv->nzones; i++)
		if (!limit || inv->zones[i].end - 1 <= limit)
			zone = &inv->zones[i];
	return zone;
}

/* Behind an IOMMU single pages do, unless the kernel cannot map them anew or must not. */
static bool contiguous(const struct diagnosis *d, const struct failed *f)
{
	bool remaps = !d->m->hooks[DMT_HOOK_IN_PAGES_REMAP].absent && d->seen &&
		      name_same(d->seen->dma_ops, "iommu-dma");

	return !translated(d) || !remaps || f->attrs & ATTR_FORCE_CONTIGUOUS ||
	       f->op == DMT_OP_ALLOC_PAGES || (f->gfp && !gfp_sleeps(f->gfp));
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
	unsigned long long limit = highest(d);

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
	if (!translated(d) && limit && limit < facts->memory_top - 1)
		return ZONE;
	return f->gfp && !gfp_sleeps(f->gfp) ? NO_SLEEP : NO_PIECE;
}

/* The kernel has no contiguous memory to set aside. */
static bool without_cma(const struct diagnosis *d)
{
	return d->m->hooks[DMT_HOOK_IN_CMA].absent;
}

static void large_words(const struct diagnosis *d, struct draft *f)
{
	char block[FMT_MAX];

	fmt_bytes(block, sizeof(block), d->m->inventory.facts.largest_block);
	if (without_cma(d)) {
		ADD(f->cause, "the page allocator has pieces of up to %s, and this kernel has no "
		    "contiguous memory allocator (CMA)", block);
		REMEDY(f, "allocate in pieces of at most %s, or let an IOMMU translate for the "
		       "device", block);
	} else {
		ADD(f->cause, "the page allocator has pieces of up to %s, and no contiguous memory "
		    "is set aside", block);
		REMEDY(f, "allocate in pieces of at most %s, or set contiguous memory aside with "
		       "cma=SIZE", block);
	}
}

static void area_words(const struct diagnosis *d, struct draft *f, enum lack lack)
{
	char area[FMT_MAX], block[FMT_MAX];

	fmt_bytes(area, sizeof(area), area_size(d));
	fmt_bytes(block, sizeof(block), d->m->inventory.facts.largest_block);
	if (lack == LARGER_THAN_AREA) {
		ADD(f->cause, "it is more than all contiguous memory, %s", area);
		REMEDY(f, "allocate less at once, or set more aside with cma=SIZE");
	} else if (lack == AREA_SLEEPS) {
		ADD(f->cause, "contiguous memory is for callers that may sleep, and the page "
		    "allocator has pieces of up to %s", block);
		REMEDY(f, "allocate with GFP_KERNEL, or in pieces of at most %s", block);
	} else {
		ADD(f->cause, "of %s contiguous memory no piece of that size was free, or none that "
		    "the device reaches", area);
		REMEDY(f, "allocate early and in smaller pieces, or set more aside with cma=SIZE");
	}
}

static void zone_words(const struct diagnosis *d, struct draft *f)
{
	const struct zone *zone = zone_below(d);
	char size[FMT_MAX], unused[FMT_MAX];

	ADD(f->cause, "the memory below the coherent mask had no such piece left");
	REMEDY(f, "raise the coherent mask if the hardware reaches further; else allocate at probe "
	       "time, and keep it");
	if (!zone)
		return;
	ADD(f->cause, ", zone %s", zone->name);
	ADD(f->evidence, "; zone %s has %s, %s free at the end", zone->name,
	    fmt_bytes(size, sizeof(size), zone->size),
	    fmt_bytes(unused, sizeof(unused), zone->unused));
}

static void piece_words(const struct diagnosis *d, struct draft *f)
{
	ADD(f->cause, "no piece of memory of that size was free: it was used up, or fragmented");
	REMEDY(f, "allocate at probe time, and in smaller pieces%s",
	       without_cma(d) ? "" : area_size(d) ? "; or set more contiguous memory aside with "
						    "cma=SIZE" :
		       "; or set contiguous memory aside with cma=SIZE");
}

static void lack_words(const struct diagnosis *d, struct draft *f, enum lack lack)
{
	switch (lack) {
	case NO_MASK:
		ADD(f->cause, "the device has no coherent DMA mask");
		REMEDY(f, "let the driver call dma_set_mask_and_coherent()");
		break;
	case DEV_POOL:
		ADD(f->cause, "the device has a pool of its own, which had no room");
		REMEDY(f, "enlarge its reserved memory in the device tree, or allocate less");
		break;
	case RESTRICTED:
		ADD(f->cause, "the device gets memory from its restricted pool only, which had no "
		    "such piece");
		REMEDY(f, "%senlarge its restricted-dma-pool in the device tree",
		       d->m->inventory.facts.bounce_off ?
		       "boot without swiotlb=noforce, under which a kernel with SWIOTLB_DYNAMIC "
		       "finds slots in no pool; else " : "");
		break;
	case TOO_LARGE:
		large_words(d, f);
		break;
	case LARGER_THAN_AREA:
	case AREA_FULL:
	case AREA_SLEEPS:
		area_words(d, f, lack);
		break;
	case ZONE:
		zone_words(d, f);
		break;
	case NO_PIECE:
		piece_words(d, f);
		break;
	case NO_SLEEP:
		ADD(f->cause, "the caller must not sleep, and no piece of that size was free "
		    "right then");
		REMEDY(f, "allocate with GFP_KERNEL, or at probe time");
		break;
	case PAGES:
		ADD(f->cause, "memory was short: behind the IOMMU any pages would have done");
		REMEDY(f, "look for who takes the memory, and allocate less");
		break;
	case HIDDEN:
		ADD(f->cause, "no memory of the kind and size the device needs, or no place in the "
		    "IOMMU: iommu_map was not watched; 'dmatrace stat' watches it");
		REMEDY(f, "trace the same load with 'dmatrace stat', which tells the cause");
		break;
	default:
		ADD(f->cause, "the kernel had no memory of the kind and size the device needs");
		REMEDY(f, "allocate early and in smaller pieces");
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
	    tally(d, ALLOCS, ANY, ANY).calls);
	values_evidence(d, f, ALLOCS);
	if (g->most)
		call_evidence(d, f, g->most);
	lack_words(d, f, lack);
}

/* Who must not sleep, of a device that is not coherent, asks the atomic pool and nobody else. */
static bool asks_pool(const struct diagnosis *d, const struct failed *f)
{
	return f->gfp && !gfp_sleeps(f->gfp) && d->seen &&
	       d->seen->reach.caches == CACHES_NOT_COHERENT;
}

void diagnose_allocs(struct diagnosis *d, unsigned long long left)
{
	bool own_pool = tally(d, ALLOCS, 1u << VIA_DEV_POOL, ANY).errors;
	bool pool_failed = tally(d, ALLOCS, POOL_PATHS, ANY).errors;
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
