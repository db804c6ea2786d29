// SPDX-License-Identifier: GPL-2.0
/*
 * Why there was no slot in the swiotlb: decided for each failing call, told once for each cause.
 */
#include <string.h>
#include "analysis/diagnose_private.h"
#include "base/name.h"
#include "base/segment.h"

enum shortage {
	ABOVE_LIMIT, EXHAUSTED, FRAGMENTED, EITHER, NO_POOL, NOT_SEARCHED, NOT_KNOWN, SHORTAGE_MAX
};

static const char *const causes[SHORTAGE_MAX] = {
	[ABOVE_LIMIT] = "the request is above the segment limit of 256 KiB (128 slots of 2 KiB)",
	[EXHAUSTED] = "the pool was exhausted: fewer slots were free than the request takes",
	[FRAGMENTED] = "fragmented or alignment: enough slots were free, but not next to each other, "
		"not aligned as the device needs them, or not in the CPU's part of the pool",
	[EITHER] = "the pool was exhausted for some calls, and for others fragmented: enough slots "
		"free, but not next to each other",
	[NO_POOL] = "there is no pool (0 slots), and the device cannot reach the buffers",
	[NOT_SEARCHED] = "swiotlb=noforce: a kernel with SWIOTLB_DYNAMIC then finds slots in no pool, "
		"restricted ones included",
	[NOT_KNOWN] = "unknown: the state of the pool at that time is not known",
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

bool restricted(const struct diagnosis *d)
{
	return d->seen && d->seen->reach.restricted;
}

/*
 * A kernel with SWIOTLB_DYNAMIC (v6.6) makes such a pool larger in the background, but none that is
 * restricted, and one for a single buffer of what memory is free right then, see
 * swiotlb_find_slots().
 */
static bool grows(const struct diagnosis *d)
{
	const struct inventory *inv = &d->m->inventory;

	for (size_t i = 0; i < inv->npools; i++)
		if (name_same(inv->pools[i].kind, "swiotlb") &&
		    name_same(inv->pools[i].name, "default"))
			return inv->pools[i].grows && !restricted(d);
	return false;
}

/* Pools of a kernel with SWIOTLB_DYNAMIC are told by files that others do not have. */
bool unsearched(const struct diagnosis *d)
{
	const struct inventory *inv = &d->m->inventory;
	bool listed = false, dynamic = false;

	for (size_t i = 0; i < inv->npools; i++) {
		if (!name_same(inv->pools[i].kind, "swiotlb"))
			continue;
		listed = true;
		dynamic |= inv->pools[i].grows;
	}
	return inv->facts.bounce_off && (dynamic || !listed);
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
	if (!f->used_max && need <= f->slots && unsearched(d))
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
	ADVISE(f, "map in pieces of at most %llu bytes, as dma_max_mapping_size() says; a larger "
	       "pool does not help", most);
}

/* Not to bounce at all, where that can be had. */
static void advise_less(const struct diagnosis *d, struct draft *f)
{
	const struct extent e = streaming_extent(d);

	switch (bounces_mostly(d)) {
	case REASON_FORCED:
		ADVISE(f, "boot without swiotlb=force");
		break;
	case REASON_MASK:
	case REASON_BUS_LIMIT:
		advise_reach(d, f, &e, "mask");
		advise_iommu(d, f);
		break;
	case REASON_UNTRUSTED:
		ADVISE(f, "map whole pages, which are not bounced");
		break;
	case REASON_UNALIGNED_KMALLOC:
		ADVISE(f, "map multiples of dma_get_cache_alignment() bytes, which are not bounced");
		break;
	default:
		ADVISE(f, "map less at a time");
	}
}

/* Slots were wanting, of a request that an empty pool could serve. */
static void slots_words(const struct diagnosis *d, struct draft *f)
{
	if (restricted(d)) {
		ADVISE(f, "enlarge the device's restricted-dma-pool in the device tree");
		ADVISE(f, "find who holds its slots with 'dmatrace swiotlb'");
		return;
	}
	if (grows(d))
		ADD(f->cause, "; the pool grows in the background, and for one more buffer there was "
		    "no memory right then");
	else
		ADVISE(f, "enlarge the pool with swiotlb=SLOTS%s",
		       d->m->inventory.facts.bounce_forced ? ",force" : "");
	advise_less(d, f);
}

/*
 * Without swiotlb=noforce the kernel makes a pool if there is memory that some device may not
 * reach: on x86 above 4 GiB, see pci_swiotlb_detect(); on arm64 above the zone DMA, which ends
 * there or below, see mem_init().  Where it made none, swiotlb=force does.
 */
void poolless_words(const struct diagnosis *d, struct draft *f)
{
	const struct dma_facts *facts = &d->m->inventory.facts;
	const struct extent e = streaming_extent(d);
	bool made = facts->bounce_off && facts->memory_top > 1ull << 32;

	if (made)
		ADVISE(f, "boot without swiotlb=noforce");
	advise_reach(d, f, &e, "mask");
	advise_memory(d, f, &e);
	advise_iommu(d, f);
	if (!made && !facts->bounce_off)
		ADVISE(f, "boot with swiotlb=force, which makes a pool and bounces everything");
	else if (!made)
		ADVISE(f, "boot with swiotlb=force for swiotlb=noforce, which makes a pool and "
		       "bounces everything");
}

static void group_raise(struct diagnosis *d, enum shortage shortage, const struct group *g,
			unsigned long long calls)
{
	struct draft *f = raise_finding(d, FINDING_SWIOTLB_FULL,
					  g->most ? &g->most->stack : NULL);

	if (!f)
		return;
	group_evidence(f, g, calls);
	ADD(f->cause, "%s", causes[shortage]);
	if (shortage == NO_POOL)
		poolless_words(d, f);
	else if (shortage == NOT_SEARCHED)
		ADVISE(f, "boot without swiotlb=noforce");
	else if (shortage == ABOVE_LIMIT)
		limit_words(d, f, g);
	else if (g->most)
		slots_words(d, f);
	else if (!restricted(d))
		advise_less(d, f);	/* of unknown size: no pool may be large enough */
}

/* Without a pool the kernel does not even try to bounce: the map itself fails. */
static unsigned long long poolless_maps(struct diagnosis *d)
{
	struct tally maps = calls_tally(d, BUFFER_MAPS, 1u << VIA_DIRECT | 1u << VIA_BYPASS, ANY);
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
	if (d->seen && d->seen->reach.bus_limit)
		ADD(f->evidence, ", the limit of the bus is 0x%llx", d->seen->reach.bus_limit);
	ADD(f->cause, "%s", causes[NO_POOL]);
	poolless_words(d, f);
	return maps.errors;
}

unsigned long long diagnose_swiotlb_full(struct diagnosis *d)
{
	struct tally bounces = calls_tally(d, OP(BOUNCE), ANY, ANY);
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
