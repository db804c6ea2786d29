// SPDX-License-Identifier: GPL-2.0
/*
 * Why maps failed that neither the swiotlb nor the IOMMU explains: by what the caller asked for,
 * then by what the device is.
 */
#include <string.h>
#include "diagnose_private.h"
#include "flags.h"
#include "name.h"

bool translated(const struct diagnosis *d)
{
	const char *domain = d->seen ? d->seen->domain : d->device ? d->device->domain : NULL;

	return name_same(domain, "DMA") || name_same(domain, "DMA-FQ");
}

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
	ADD(f->evidence, "%llu of %llu maps failed", count, tally(d, MAPS, ANY, ANY).calls);
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

/* What is in the way of memory that must neither be bounced nor be cleaned from caches. */
static void coherent_cause(const struct diagnosis *d, struct draft *f)
{
	const struct reach *reach = d->seen ? &d->seen->reach : NULL;
	const struct dma_facts *facts = &d->m->inventory.facts;

	ADD(f->cause, "the caller forbade bouncing and cleaning of caches "
	    "(DMA_ATTR_REQUIRE_COHERENT), and ");
	REMEDY(f, "map without DMA_ATTR_REQUIRE_COHERENT, and sync");
	if (reach && reach->caches == CACHES_NOT_COHERENT) {
		ADD(f->cause, "the device is not cache-coherent");
	} else if (reach && reach->restricted) {
		ADD(f->cause, "all that this device maps is bounced, into its restricted pool");
	} else if (translated(d)) {
		ADD(f->cause, "the device is not trusted: what does not fill pages is bounced");
		REMEDY(f, "map whole pages, or without DMA_ATTR_REQUIRE_COHERENT");
	} else if (facts->bounce_forced) {
		ADD(f->cause, "swiotlb=force has every buffer bounced");
		REMEDY(f, "boot without swiotlb=force, or map without "
		       "DMA_ATTR_REQUIRE_COHERENT and sync");
	} else {
		ADD(f->cause, "the buffer would have been bounced: it ends above what the device "
		    "reaches");
		REMEDY(f, "give it memory below the mask, raise the mask if the hardware reaches "
		       "further, or map without DMA_ATTR_REQUIRE_COHERENT");
	}
}

/* Of registers it does not matter what the device does with caches. */
static void registers_cause(const struct diagnosis *d, struct draft *f)
{
	if (d->m->inventory.facts.bounce_forced && d->seen && d->seen->reach.mask == ~0ull)
		ADD(f->cause, "swiotlb=force has everything bounced, which registers cannot be");
	else
		ADD(f->cause, "the device cannot reach the registers of another one");
	REMEDY(f, "raise the mask if the hardware reaches further; registers cannot be bounced");
}

/* What would tell the cause was not asked for, cannot be seen, or is not timed. */
static void cause_unwatched(const struct diagnosis *d, struct draft *f)
{
	static const enum dmt_hook tell[] = { DMT_HOOK_BOUNCE, DMT_HOOK_IOMMU_MAP };
	const struct hook_state *off = NULL;

	for (size_t i = 0; i < sizeof(tell) / sizeof(*tell); i++)
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
		REMEDY(f, "trace the same load with 'dmatrace stat', which tells the cause");
}

static void other_cause(const struct diagnosis *d, struct draft *f, const struct failed *most)
{
	unsigned direct = 1u << VIA_DIRECT | 1u << VIA_BYPASS;
	unsigned iommu = 1u << VIA_IOMMU | 1u << VIA_IOMMU_BOUNCE;

	if (d->seen && !d->seen->reach.mask) {
		ADD(f->cause, "the device has no DMA mask");
		REMEDY(f, "let the driver call dma_set_mask_and_coherent()");
	} else if (most && most->kind == FAILS_ERRNO && most->value == -EREMOTEIO) {
		ADD(f->cause, "it is memory of another device, and nothing between the two is known "
		    "to carry it");
		REMEDY(f, "put both behind one PCIe switch, or copy through memory");
	} else if (tally(d, MAPS, 1u << VIA_MMIO, ANY).errors) {
		registers_cause(d, f);
	} else if (tally(d, MAPS, direct, ANY).errors && no_pool(d)) {
		ADD(f->cause, "the device cannot reach the buffers, and there is no swiotlb");
	} else if (tally(d, MAPS, direct, ANY).errors) {
		ADD(f->cause, "refused before bouncing: %smemory of another device that this one "
		    "cannot reach", d->seen ? "" : "no DMA mask, or ");
	} else if (tally(d, MAPS, iommu, ANY).errors && d->m->hooks[DMT_HOOK_IOMMU_MAP].on) {
		ADD(f->cause, "no I/O address was free below the mask, or an untrusted device had "
		    "no swiotlb");
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
