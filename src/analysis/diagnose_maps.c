// SPDX-License-Identifier: GPL-2.0
/*
 * Why maps failed that neither the swiotlb nor the IOMMU explains: by what the caller asked for,
 * then by what the device is.
 */
#include <string.h>
#include "analysis/diagnose_private.h"
#include "base/flags.h"
#include "base/list.h"
#include "base/name.h"

void values_evidence(const struct diagnosis *d, struct draft *f, dmt_ops ops_wanted)
{
	const struct aggregate *a = NULL;
	char buf[32];

	while ((a = next_aggregate(d, a))) {
		if (!(ops_wanted & op_bit(a->op)))
			continue;
		for (size_t n = 0; n < a->nvalues; n++)
			ADD(f->evidence, "; %s returned %s", ops[a->op].name,
			    failure_name(a->values[n].kind, a->values[n].value, buf,
					   sizeof(buf)));
	}
}

/* Failing maps of one cause. */
struct maps {
	unsigned long long count;
	const struct failed *most;
};

static void maps_add(struct maps *maps, const struct failed *f)
{
	if (!maps->most || f->count > maps->most->count)
		maps->most = f;
	maps->count += f->count;
}

static struct draft *maps_raise(struct diagnosis *d, const struct maps *maps,
				  unsigned long long count)
{
	struct draft *f = raise_finding(d, FINDING_MAP_FAILED,
					  maps->most ? &maps->most->stack : NULL);
	char attrs[160], size[FMT_MAX];

	if (!f)
		return NULL;
	ADD(f->evidence, "%llu of %llu maps failed", count, calls_tally(d, MAPS, ANY, ANY).calls);
	values_evidence(d, f, MAPS);
	if (maps->most && maps->most->size)
		ADD(f->evidence, "; %s asked for",
		    fmt_bytes(size, sizeof(size), maps->most->size));
	if (maps->most && maps->most->attrs)
		ADD(f->evidence, ", with %s", attrs_name(maps->most->attrs, attrs, sizeof(attrs)));
	if (d->seen && d->seen->reach.mask)
		ADD(f->evidence, "; the mask has %u bits", device_mask_bits(d->seen->reach.mask));
	return f;
}

/* The device has nothing to map for it to be bounced for, but that everything is. */
static bool all_bounced(const struct diagnosis *d)
{
	return streaming_extent(d).end == ENDS_NOWHERE;
}

/* What is in the way of memory that must neither be bounced nor be cleaned from caches. */
static void coherent_cause(const struct diagnosis *d, struct draft *f)
{
	const struct reach *reach = d->seen ? &d->seen->reach : NULL;
	const struct extent e = streaming_extent(d);

	ADD(f->cause, "the caller forbade bouncing and cleaning of caches "
	    "(DMA_ATTR_REQUIRE_COHERENT), and ");
	if (!reach) {
		ADD(f->cause, "the buffer needs one of them");
	} else if (reach->caches == CACHES_NOT_COHERENT) {
		ADD(f->cause, "the device is not cache-coherent");
	} else if (reach->restricted) {
		ADD(f->cause, "all that this device maps is bounced, into its restricted pool");
	} else if (translated(d)) {
		ADD(f->cause, "the device is not trusted: what does not fill pages is bounced%s",
		    d->m->hooks[DMT_HOOK_IOVA_FAST_ALLOC].on ? "" :
		    "; or no I/O address was free, which was not traced");
		ADVISE(f, "map whole pages");
	} else if (d->m->inventory.facts.bounce_forced) {
		ADD(f->cause, "swiotlb=force has every buffer bounced");
		ADVISE(f, "boot without swiotlb=force");
	} else if (all_bounced(d)) {
		ADD(f->cause, "every buffer is bounced, as in confidential guests");
	} else {
		ADD(f->cause, "the buffer would have been bounced: it ends above what the device "
		    "reaches");
		advise_memory(d, f, &e);
		advise_reach(d, f, &e, "mask");
		advise_iommu(d, f);
	}
	ADVISE(f, "map without DMA_ATTR_REQUIRE_COHERENT, and sync");
}

/*
 * Of registers it does not matter what the device does with caches.  Where all is bounced they are
 * refused: since v6.18, "dma-mapping: convert dma_direct_*map_page to be phys_addr_t based", which
 * made an attribute of what they are.
 */
static void registers_cause(const struct diagnosis *d, struct draft *f, const struct failed *most)
{
	const struct extent e = registers_extent(d);
	bool marked = most && most->attrs & ATTR_MMIO;

	if (marked && restricted(d)) {
		ADD(f->cause, "everything is bounced, into the device's restricted pool, which "
		    "registers cannot be");
	} else if (marked && d->m->inventory.facts.bounce_forced) {
		ADD(f->cause, "swiotlb=force has everything bounced, which registers cannot be");
		ADVISE(f, "boot without swiotlb=force");
	} else if (marked && e.end == ENDS_NOWHERE) {
		ADD(f->cause, "everything is bounced, as in confidential guests, which registers "
		    "cannot be");
	} else {
		ADD(f->cause, "the device cannot reach the registers of another one");
		advise_reach(d, f, &e, "mask");
		advise_iommu(d, f);
	}
	ADVISE(f, "copy through memory: registers cannot be bounced");
}

/* A driver sets the mask of what does the DMA: another than that has no place for one. */
static void maskless_cause(const struct diagnosis *d, struct draft *f)
{
	static const char *const have_place[] = { "pci", "platform", "amba" };
	const char *bus = d->seen->bus;

	ADD(f->cause, "the device has no DMA mask");
	for (size_t i = 0; i < ARRAY_SIZE(have_place); i++)
		if (name_same(bus, have_place[i]))
			ADVISE(f, "let the driver call dma_set_mask_and_coherent()");
	if (!f->advised && bus)
		ADVISE(f, "map for the device that does the DMA, often the parent of this one");
	else if (!bus)
		ADVISE(f, "give the device a mask before it maps");
}

/* Memory of another device is not bounced, whatever the reason to bounce. */
static void foreign_cause(const struct diagnosis *d, struct draft *f)
{
	const struct extent e = registers_extent(d);

	ADD(f->cause, "refused before bouncing: %smemory of another device that this one cannot "
	    "reach", d->seen ? "" : "no DMA mask, or ");
	if (d->m->inventory.facts.bounce_forced)
		ADVISE(f, "boot without swiotlb=force");
	advise_reach(d, f, &e, "mask");
	advise_iommu(d, f);
	ADVISE(f, "copy through memory");
}

/* What is watched is explained: this is of what is not. */
static void translated_cause(const struct diagnosis *d, struct draft *f)
{
	bool addresses = !d->m->hooks[DMT_HOOK_IOVA_FAST_ALLOC].on;

	if (addresses) {
		ADD(f->cause, "no I/O address was free below the mask%s",
		    no_pool(d) ? ", or an untrusted device had no swiotlb" : "");
		ADVISE(f, "look with 'dmatrace live' for mappings that are never unmapped");
	} else if (no_pool(d)) {
		ADD(f->cause, "there is no swiotlb, and the device is not trusted: what does not "
		    "fill pages is bounced");
		ADVISE(f, "map whole pages");
		if (d->m->inventory.facts.bounce_off)
			ADVISE(f, "boot without swiotlb=noforce");
	} else {
		ADD(f->cause, "not known: nothing that was watched tells");
		ADVISE(f, "check the kernel log");
	}
}

/* What would tell the cause was not asked for, cannot be seen, or is not timed. */
static void cause_unwatched(const struct diagnosis *d, struct draft *f)
{
	static const enum dmt_hook tell[] = { DMT_HOOK_BOUNCE, DMT_HOOK_IOMMU_MAP };
	const struct hook_state *off = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(tell); i++)
		if (!off && !d->m->hooks[tell[i]].on && !d->m->hooks[tell[i]].absent)
			off = &d->m->hooks[tell[i]];
	if (off && off->wanted)
		ADD(f->cause, "not known: %s could not be watched", ops[off->op].name);
	else if (off)
		ADD(f->cause, "not known here: %s was not watched; 'dmatrace stat' watches it",
		    ops[off->op].name);
	else if (d->m->extras & DMT_WANTS_NO_LATENCY)
		ADD(f->cause, "not known here: a map that is not timed does not tell; 'dmatrace "
		    "stat' times them");
	else
		ADD(f->cause, "not known: nothing that was watched tells");
	if (!off || !off->wanted)
		ADVISE(f, "trace the same load with 'dmatrace stat', which tells the cause");
}

static void other_cause(const struct diagnosis *d, struct draft *f, const struct failed *most)
{
	unsigned direct = 1u << VIA_DIRECT | 1u << VIA_BYPASS;
	unsigned iommu = 1u << VIA_IOMMU | 1u << VIA_IOMMU_BOUNCE;
	bool watched = d->m->hooks[DMT_HOOK_IOMMU_MAP].on;

	/* registers go where memory does where an IOMMU translates */
	if (translated(d)) {
		iommu |= 1u << VIA_MMIO;
	} else if (calls_tally(d, MAPS, 1u << VIA_MMIO, ANY).errors) {
		registers_cause(d, f, most);
		return;
	}
	if (d->seen && !d->seen->reach.mask) {
		maskless_cause(d, f);
	} else if (most && most->kind == FAILS_ERRNO && most->value == -EREMOTEIO) {
		ADD(f->cause, "it is memory of another device, and nothing between the two is known "
		    "to carry it");
		ADVISE(f, "put both behind one PCIe switch, or copy through memory");
	} else if (calls_tally(d, MAPS, direct, ANY).errors && no_pool(d) && !all_bounced(d)) {
		ADD(f->cause, "%sthe device cannot reach the buffers, and there is no swiotlb",
		    d->seen ? "" : "no DMA mask, or ");
		poolless_words(d, f);
	} else if (calls_tally(d, MAPS, direct, ANY).errors) {
		foreign_cause(d, f);
	} else if (calls_tally(d, MAPS, iommu, ANY).errors && watched) {
		translated_cause(d, f);
	} else {
		cause_unwatched(d, f);
	}
}

void diagnose_maps(struct diagnosis *d, unsigned long long left)
{
	struct maps coherent = { 0 }, others = { 0 };
	const struct failed *row = NULL;
	struct draft *f;

	while (left && (row = next_failed(d, row)))
		if (MAPS & op_bit(row->op))
			maps_add(row->attrs & ATTR_REQUIRE_COHERENT ? &coherent : &others, row);
	if (coherent.count > left)
		coherent.count = left;
	f = coherent.count ? maps_raise(d, &coherent, coherent.count) : NULL;
	if (f)
		coherent_cause(d, f);
	left -= coherent.count;
	f = left ? maps_raise(d, &others, left) : NULL;
	if (f)
		other_cause(d, f, others.most);
}
