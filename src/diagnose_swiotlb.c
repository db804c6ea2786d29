// SPDX-License-Identifier: GPL-2.0
/*
 * Why there was no slot in the swiotlb: decided for each failing call, told once for each cause.
 */
#include <string.h>
#include "diagnose_private.h"
#include "segment.h"

enum shortage {
	ABOVE_LIMIT, EXHAUSTED, FRAGMENTED, EITHER, NO_POOL, NOT_SEARCHED, NOT_KNOWN, SHORTAGE_MAX
};

static const struct {
	const char *cause, *remedy;	/* NULL: that of the kind */
} shortages[SHORTAGE_MAX] = {
	[ABOVE_LIMIT] = {
		"the request is above the segment limit of 256 KiB (128 slots of 2 KiB)", NULL },
	[EXHAUSTED] = {
		"the pool was exhausted: fewer slots were free than the request takes", NULL },
	[FRAGMENTED] = {
		"fragmented or alignment: enough slots were free, but not next to each other, "
		"not aligned as the device needs them, or not in the CPU's part of the pool",
		NULL },
	[EITHER] = {
		"the pool was exhausted for some calls, and for others fragmented: enough slots "
		"free, but not next to each other", NULL },
	[NO_POOL] = {
		"there is no pool (0 slots), and the device cannot reach the buffers",
		"let the kernel have a pool: no swiotlb=noforce; else an IOMMU" },
	[NOT_SEARCHED] = {
		"swiotlb=noforce: a kernel with SWIOTLB_DYNAMIC then finds slots in no pool, "
		"restricted ones included",
		"boot without swiotlb=noforce" },
	[NOT_KNOWN] = { "unknown: the state of the pool at that time is not known", NULL },
};

/* How many slots those are; what alignment takes comes on top. */
static unsigned long long slots_of(unsigned long long bytes)
{
	return segment_slots(bytes);
}

/* One that cannot fit, however large the pool is and however little of it is taken. */
static bool never_fits(const struct diagnosis *d, const struct failed *f)
{
	const struct reach *reach = d->seen ? &d->seen->reach : NULL;
	const struct segment_wish wish = {
		.size = f->size, .offset = f->offset, .alloc_align = f->align,
		.align_mask = reach ? reach->align_mask : 0,
		.boundary = reach ? reach->boundary : 0,
	};

	return segment_never_fits(&wish);
}

bool no_pool(const struct diagnosis *d)
{
	const struct dma_facts *facts = &d->m->inventory.facts;

	/* 5.10 keeps a pool of one slot then, and does not use it */
	return facts->bounce_off || (facts->pool_known && !facts->pool);
}

static bool restricted(const struct diagnosis *d)
{
	return d->seen && d->seen->reach.restricted;
}

static enum shortage shortage_of(const struct diagnosis *d, const struct failed *f)
{
	unsigned long long need = slots_of(f->size);

	/* a restricted pool is there whatever the command line says of the other */
	if (no_pool(d) && !restricted(d))
		return NO_POOL;
	if (never_fits(d, f))
		return ABOVE_LIMIT;
	if (!f->slots)
		return NOT_KNOWN;
	if (!f->used_max && need <= f->slots && d->m->inventory.facts.bounce_off)
		return NOT_SEARCHED;
	if (f->used_min + need > f->slots)
		return EXHAUSTED;
	return f->used_max + need <= f->slots ? FRAGMENTED : EITHER;
}

/* Failing calls of one cause. */
struct group {
	unsigned long long count, slots, used_min, used_max, size_min, size_max;
	const struct failed *most;
};

static void group_add(struct group *g, const struct failed *f)
{
	if (!g->count || f->used_min < g->used_min)
		g->used_min = f->used_min;
	if (!g->count || f->size < g->size_min)
		g->size_min = f->size;
	if (f->used_max > g->used_max)
		g->used_max = f->used_max;
	if (f->size > g->size_max)
		g->size_max = f->size;
	if (f->slots > g->slots)
		g->slots = f->slots;
	if (!g->most || f->count > g->most->count)
		g->most = f;
	g->count += f->count;
}

static void group_evidence(struct draft *f, const struct group *g, unsigned long long calls)
{
	char from[FMT_MAX], to[FMT_MAX];

	ADD(f->evidence, "%llu of %llu bounce%s failed", g->count, calls, plural(calls));
	if (!g->most)
		return;
	fmt_bytes(from, sizeof(from), g->size_min);
	fmt_bytes(to, sizeof(to), g->size_max);
	if (g->size_min == g->size_max)
		ADD(f->evidence, "; %s (%llu slot%s) asked for", to, slots_of(g->size_max),
		    plural(slots_of(g->size_max)));
	else
		ADD(f->evidence, "; %s to %s (%llu to %llu slots) asked for", from, to,
		    slots_of(g->size_min), slots_of(g->size_max));
	if (!g->slots)
		return;
	if (g->used_min == g->used_max)
		ADD(f->evidence, "; %llu of %llu slots used", g->used_max, g->slots);
	else
		ADD(f->evidence, "; %llu to %llu of %llu slots used", g->used_min, g->used_max,
		    g->slots);
}

/* What of the segment is this device's, and that no pool is large enough. */
static void limit_words(const struct diagnosis *d, struct draft *f, const struct group *g)
{
	const struct reach *reach = d->seen ? &d->seen->reach : NULL;
	unsigned long long align = reach ? reach->align_mask : 0;
	unsigned long long boundary = reach ? reach->boundary : 0;
	unsigned long long most = segment_most(align, boundary);

	if (align)
		ADD(f->cause, ", of which its min_align_mask, %llu, leaves this device %llu bytes "
		    "wherever a buffer begins", align, most);
	else if (boundary && boundary < SEGMENT_SLOTS * SLOT_SIZE)
		ADD(f->cause, ", and the device's segment boundary allows %llu bytes", most);
	if (g->most && g->most->align)
		ADD(f->cause, "; whole pages of the IOMMU are taken");
	REMEDY(f, "map in pieces of at most %llu bytes, as dma_max_mapping_size() says; a larger "
	       "pool does not help", most);
}

static void group_raise(struct diagnosis *d, enum shortage shortage, const struct group *g,
			unsigned long long calls)
{
	struct draft *f = raise_finding(d, FINDING_SWIOTLB_FULL,
					  g->most ? &g->most->stack : NULL);

	if (!f)
		return;
	group_evidence(f, g, calls);
	ADD(f->cause, "%s", shortages[shortage].cause);
	if (shortages[shortage].remedy)
		REMEDY(f, "%s", shortages[shortage].remedy);
	else if (shortage == ABOVE_LIMIT)
		limit_words(d, f, g);
	else if (restricted(d))
		REMEDY(f, "enlarge the device's restricted-dma-pool in the device tree, or find who "
		       "holds its slots");
}

/* Without a pool the kernel does not even try to bounce: the map itself fails. */
static unsigned long long poolless_maps(struct diagnosis *d)
{
	struct tally maps = tally(d, BUFFER_MAPS, 1u << VIA_DIRECT | 1u << VIA_BYPASS, ANY);
	const struct device *dev = d->device;
	struct draft *f;

	if (!maps.errors || !no_pool(d) || !dev ||
	    !device_too_narrow(dev, &d->m->inventory.facts))
		return 0;
	f = raise_finding(d, FINDING_SWIOTLB_FULL, NULL);
	if (!f)
		return 0;
	ADD(f->evidence, "%llu of %llu maps failed; the mask has %lld bits", maps.errors,
	    maps.calls, dev->mask_bits);
	ADD(f->cause, "%s", shortages[NO_POOL].cause);
	REMEDY(f, "%s", shortages[NO_POOL].remedy);
	return maps.errors;
}

unsigned long long diagnose_swiotlb_full(struct diagnosis *d)
{
	struct tally bounces = tally(d, OP(BOUNCE), ANY, ANY);
	unsigned long long decoded = 0;
	struct group groups[SHORTAGE_MAX] = { 0 };
	const struct failed *f = NULL;

	while ((f = next_failed(d, f))) {
		if (f->op != DMT_OP_BOUNCE)
			continue;
		group_add(&groups[shortage_of(d, f)], f);
		decoded += f->count;
	}
	/* counted, but not kept one by one */
	if (bounces.errors > decoded)
		groups[no_pool(d) ? NO_POOL : NOT_KNOWN].count += bounces.errors - decoded;
	for (int i = 0; i < SHORTAGE_MAX; i++)
		if (groups[i].count)
			group_raise(d, i, &groups[i], bounces.calls);
	return poolless_maps(d);
}
