// SPDX-License-Identifier: GPL-2.0
/*
 * From a model to findings.  Device by device: what bounced and why, then what failed, each
 * failing call under one finding only: what explains it best.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/diagnose_private.h"
#include "base/list.h"
#include "base/name.h"

/* Bounces */

/* Of buffers beyond the reach: what makes it longer, or makes do with it. */
static void advise_beyond(const struct diagnosis *d, struct draft *f)
{
	const struct extent e = streaming_extent(d);

	if (e.end == ENDS_AT_BOTH)
		ADD(f->cause, ", which is the limit of its bus as well");
	advise_reach(d, f, &e, "mask");
	advise_memory(d, f, &e);
	advise_iommu(d, f);
}

static const struct {
	enum reason reason;
	enum finding_id id;
	const char *cause;
	void (*advise)(const struct diagnosis *d, struct draft *f);	/* NULL: as its kind says */
} bounce_findings[] = {
	{ REASON_FORCED, FINDING_BOUNCE_FORCED, "swiotlb=force is on the kernel command line",
	  NULL },
	{ REASON_MASK, FINDING_BOUNCE_MASK, "the buffers end above the device's DMA mask",
	  advise_beyond },
	{ REASON_BUS_LIMIT, FINDING_BOUNCE_BUS_LIMIT,
	  "the buffers end above what the bus of the device carries", advise_beyond },
	{ REASON_UNTRUSTED, FINDING_BOUNCE_UNTRUSTED,
	  "the device is not trusted, and the buffers do not fill pages", NULL },
	{ REASON_UNALIGNED_KMALLOC, FINDING_BOUNCE_UNALIGNED_KMALLOC,
	  "the buffers share cache lines with other data, and the device is not coherent", NULL },
	{ REASON_RESTRICTED_POOL, FINDING_BOUNCE_RESTRICTED_POOL,
	  "the device tree allows the device nothing but a pool of its own", NULL },
	{ REASON_ENCRYPTED_GUEST, FINDING_BOUNCE_ENCRYPTED_GUEST,
	  "devices cannot read the memory of this guest", NULL },
};

/* Shares and copies are the device's, so they are told only if one reason has them all. */
static void bounce_evidence(const struct diagnosis *d, struct draft *f,
			    const struct tally *bounced, bool only)
{
	struct tally maps = calls_tally(d, BUFFER_MAPS, ANY, ANY);
	struct tally through = calls_tally(d, BUFFER_MAPS, BOUNCED_PATHS, ANY);
	struct tally copies = calls_tally(d, OP(BOUNCE_COPY), ANY, ANY);
	char bytes[FMT_MAX], ns[FMT_MAX];
	unsigned long long count = bounced->calls - bounced->errors;

	fmt_bytes(bytes, sizeof(bytes), bounced->bytes);
	ADD(f->evidence, "%llu bounce%s, %s", count, plural(count), bytes);
	if (only && maps.calls && through.calls)
		ADD(f->evidence, "; %llu of %llu maps (%llu %%)", through.calls, maps.calls,
		    through.calls * 100 / maps.calls);
	if (only && copies.calls) {
		fmt_bytes(bytes, sizeof(bytes), copies.bytes);
		ADD(f->evidence, "; %s copied", bytes);
		fmt_ns(ns, sizeof(ns), copies.ns);
		if (!copies.untimed)
			ADD(f->evidence, " in %s", ns);
	}
}

/* What bounced in vain is told by what then failed. */
static void diagnose_bounces(struct diagnosis *d)
{
	struct tally all = calls_tally(d, OP(BOUNCE), ANY, ANY);
	struct tally maps = calls_tally(d, BUFFER_MAPS, BOUNCED_PATHS, ANY);

	if (maps.calls && maps.calls == maps.errors)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(bounce_findings); i++) {
		struct tally some = calls_tally(d, OP(BOUNCE), ANY,
						1u << bounce_findings[i].reason);
		struct draft *f;

		if (some.calls == some.errors)
			continue;
		f = raise_finding(d, bounce_findings[i].id, NULL);
		if (!f)
			return;
		ADD(f->cause, "%s", bounce_findings[i].cause);
		if (bounce_findings[i].advise)
			bounce_findings[i].advise(d, f);
		bounce_evidence(d, f, &some, some.calls == all.calls);
	}
}

/* Failing maps and allocations: what bounces and the IOMMU do not explain. */

static unsigned long long less(unsigned long long from, unsigned long long what)
{
	return from > what ? from - what : 0;
}

static unsigned long long least(unsigned long long a, unsigned long long b)
{
	return a < b ? a : b;
}

/* Each of these maps asked for slots once, and failed there or after having got them. */
static unsigned long long out_of_reach(const struct diagnosis *d)
{
	if (!d->m->hooks[DMT_HOOK_BOUNCE].on ||
	    calls_tally(d, MAPS, 1u << VIA_IOMMU_BOUNCE, ANY).errors)
		return 0;
	return less(calls_tally(d, MAPS, 1u << VIA_BOUNCE, ANY).errors,
		    calls_tally(d, OP(BOUNCE), ANY, ANY).errors);
}

/* A restricted pool lies where the device tree has it, and is all that the device may use. */
static void out_of_reach_words(const struct diagnosis *d, struct draft *f)
{
	const struct extent e = streaming_extent(d), coherent = coherent_extent(d);
	bool sure = e.end >= ENDS_AT_MASK;

	ADD(f->cause, "the slots lie above %s", sure ? extent_word(&e) :
	    "the device's mask, or the limit of its bus");
	if (restricted(d)) {
		ADVISE(f, "move its restricted-dma-pool in the device tree to where it reaches");
		advise_reach(d, f, &e, "mask");
		return;
	}
	if (bounces_mostly(d) == REASON_FORCED)
		ADVISE(f, "boot without swiotlb=force, for buffers within its reach");
	advise_reach(d, f, &e, "mask");
	advise_iommu(d, f);
	if (zone_within(d, &coherent))
		ADVISE(f, "copy from and to memory of dma_alloc_coherent()");
}

static void diagnose_out_of_reach(struct diagnosis *d, unsigned long long count)
{
	const struct device *dev = d->device;
	struct draft *f = count ? raise_finding(d, FINDING_SWIOTLB_OUT_OF_REACH,
						  failed_stack(d, MAPS)) : NULL;
	struct tally maps = calls_tally(d, MAPS, 1u << VIA_BOUNCE, ANY);

	if (!f)
		return;
	ADD(f->evidence, "%llu of %llu bounced maps failed, though they had slots", count,
	    maps.calls);
	if (dev && dev->mask_bits > 0)
		ADD(f->evidence, "; the mask has %lld bits", dev->mask_bits);
	if (d->seen && d->seen->reach.bus_limit)
		ADD(f->evidence, ", the limit of the bus is 0x%llx", d->seen->reach.bus_limit);
	out_of_reach_words(d, f);
}

/*
 * At boot each pool is made in one piece, no larger than the page allocator has: see
 * atomic_pool_expand().  Of one that large the parameter makes no larger one; it is then that many
 * are in use at a time.
 */
static bool pools_may_be_larger(const struct diagnosis *d)
{
	const struct inventory *inv = &d->m->inventory;
	unsigned long long most = inv->facts.largest_block;
	bool larger = false;

	for (size_t i = 0; most && i < inv->npools; i++) {
		const struct pool *p = &inv->pools[i];

		larger |= name_same(p->kind, "atomic") && p->size > 0 &&
			  (unsigned long long)p->size < most;
	}
	return larger;
}

static void diagnose_atomic_pool(struct diagnosis *d, unsigned long long count)
{
	struct draft *f = count ? raise_finding(d, FINDING_ATOMIC_POOL_EXHAUSTED,
						  failed_stack(d, ALLOCS)) : NULL;

	if (!f)
		return;
	ADD(f->evidence, "%llu of %llu allocations from the pool failed", count,
	    calls_tally(d, ALLOCS, POOL_PATHS, ANY).calls);
	for (size_t i = 0; i < d->m->inventory.npools; i++) {
		const struct pool *p = &d->m->inventory.pools[i];
		char bytes[FMT_MAX];

		if (!name_same(p->kind, "atomic") || p->size <= 0)
			continue;
		ADD(f->evidence, "; pool %s has %s", p->name,
		    fmt_bytes(bytes, sizeof(bytes), p->size));
	}
	ADD(f->cause, "the caller must not sleep, and the atomic pool had nothing that fits");
	ADVISE(f, "allocate with GFP_KERNEL, or at probe time");
	if (pools_may_be_larger(d))
		ADVISE(f, "enlarge the pool with coherent_pool=SIZE");
}

/* Where there is no area, nothing was to be had and nothing is wrong. */
static void diagnose_cma(struct diagnosis *d)
{
	struct tally allocs = calls_tally(d, ALLOCS, ANY, ANY);
	struct draft *f = NULL;

	for (size_t i = 0; allocs.fell_back && i < d->m->inventory.npools; i++) {
		const struct pool *p = &d->m->inventory.pools[i];
		char size[FMT_MAX], used[FMT_MAX];

		if (!name_same(p->kind, "cma"))
			continue;
		if (!f && !(f = raise_finding(d, FINDING_CMA_FALLBACK, NULL)))
			return;
		if (!*f->evidence)
			ADD(f->evidence, "%llu of %llu allocations got other pages",
			    allocs.fell_back, allocs.calls);
		ADD(f->evidence, "; area %s has %s", p->name, fmt_bytes(size, sizeof(size), p->size));
		if (p->used >= 0)
			ADD(f->evidence, ", %s of it taken at the end",
			    fmt_bytes(used, sizeof(used), p->used));
	}
	if (!f)
		return;
	ADD(f->cause, "the contiguous memory area had no free range of that size");
	ADVISE(f, "allocate at probe time, or in smaller pieces");
	if (cma_enlarged(d))
		ADVISE(f, "enlarge the area with cma=SIZE");
}

static void diagnose_failures(struct diagnosis *d)
{
	unsigned long long maps = calls_tally(d, MAPS, ANY, ANY).errors;
	unsigned long long allocs = calls_tally(d, ALLOCS, ANY, ANY).errors;
	unsigned long long pool = calls_tally(d, ALLOCS, POOL_PATHS, ANY).errors;
	/* what the IOMMU refused, and what there was no I/O address for */
	unsigned long long iommu = calls_tally(d, OP(IOMMU_MAP) | OP(IOVA_FAST_ALLOC), ANY,
					       ANY).errors;
	unsigned long long explained;
	unsigned long long unreached = out_of_reach(d);

	maps = less(maps, calls_tally(d, OP(BOUNCE), ANY, ANY).errors + unreached);
	maps = less(maps, diagnose_swiotlb_full(d));
	explained = least(maps, iommu);
	maps -= explained;
	allocs = less(less(allocs, pool), iommu - explained);

	diagnose_out_of_reach(d, unreached);
	diagnose_iommu(d);
	diagnose_maps(d, maps);
	diagnose_atomic_pool(d, pool);
	diagnose_allocs(d, allocs);
	diagnose_cma(d);
}

/* The run */

/* A call whose event found no room is counted all the same. */
static unsigned long long uncounted(const struct loss *loss)
{
	return strcmp(loss->name, "events_lost") ? loss->count : 0;
}

static void diagnose_losses(struct diagnosis *d)
{
	const struct model *m = d->m;
	const struct hook_state *first = NULL;
	unsigned lost = 0, off = 0;
	struct draft *f;

	for (int i = 0; i < DMT_HOOK_MAX; i++) {
		const struct hook_state *h = &m->hooks[i];

		if (h->on || !h->wanted || h->absent)
			continue;
		first = first ? first : h;
		off++;
	}
	for (size_t i = 0; i < m->nlosses; i++)
		lost += uncounted(&m->losses[i]) > 0;
	f = lost || off ? raise_finding(d, FINDING_DATA_INCOMPLETE, NULL) : NULL;
	if (!f)
		return;
	for (size_t i = 0; i < m->nlosses; i++)
		if (uncounted(&m->losses[i]))
			ADD(f->evidence, "%s%s %llu", *f->evidence ? ", " : "lost: ",
			    m->losses[i].name, m->losses[i].count);
	if (off)
		ADD(f->evidence, "%s%u hook%s off: %s (%s)%s", lost ? "; " : "", off, plural(off),
		    ops[first->op].name, first->reason, off > 1 ? " and others" : "");
	ADD(f->cause, "%s", lost ? "calls escaped the counters or were not counted in full" :
	    "functions this kernel has could not be watched");
	if (!off)
		ADVISE(f, "see dmatrace-stat(1) for what each loss is; watch less with --layers or --op");
	else if (!lost)
		ADVISE(f, "see 'dmatrace hooks' for why hooks are off");
}

/* Within a severity the order of devices stays. */
static int gravest_first(struct findings *f)
{
	struct finding *sorted = calloc(f->count + 1, sizeof(*sorted));
	size_t n = 0;

	if (!sorted)
		return -ENOMEM;
	for (int severity = SEVERITY_ERROR; severity >= SEVERITY_INFO; severity--)
		for (size_t i = 0; i < f->count; i++)
			if (f->list[i].kind->severity == (enum severity)severity)
				sorted[n++] = f->list[i];
	free(f->list);
	f->list = sorted;
	return 0;
}

static int indexes_make(struct diagnosis *d)
{
	const struct model *m = d->m;
	int err = index_make(&d->aggregates, &aggregates_by_owner, m->aggregates, m->naggregates);

	if (!err)
		err = index_make(&d->failed, &failed_by_owner, m->failed, m->nfailed);
	if (!err)
		err = index_make(&d->refused, &failed_by_refusal, m->failed, m->nfailed);
	if (!err)
		err = index_make(&d->live, &live_by_owner, m->live, m->nlive);
	if (!err)
		err = index_make(&d->traced, &traced_by_owner, m->traced, m->ntraced);
	if (!err)
		err = index_make(&d->devices, &devices_by_name, m->inventory.devices,
				 m->inventory.ndevices);
	return err ? err : growths_make(&d->growths, m);
}

static void indexes_release(struct diagnosis *d)
{
	index_release(&d->aggregates);
	index_release(&d->failed);
	index_release(&d->refused);
	index_release(&d->live);
	index_release(&d->traced);
	index_release(&d->devices);
	growths_release(&d->growths);
}

/* That of the nth aggregate, its first one. */
static void diagnose_owner(struct diagnosis *d, size_t n)
{
	const struct model *m = d->m;
	char *device = m->aggregates[n].device, *driver = m->aggregates[n].driver;
	const struct failed failed = { .device = device, .driver = driver };
	const struct live_row live = { .device = device, .driver = driver };
	const struct traced_device like = { .device = device, .driver = driver };
	const struct device named = { .name = device };
	size_t known = INDEX_NONE, seen = index_find(&d->traced, m->traced, &like);

	if (device)
		known = index_find(&d->devices, m->inventory.devices, &named);
	d->owner = (struct owner){ device, driver };
	d->first_aggregate = n;
	d->first_failed = index_find(&d->failed, m->failed, &failed);
	d->first_live = index_find(&d->live, m->live, &live);
	d->device = known != INDEX_NONE ? &m->inventory.devices[known] : NULL;
	d->seen = device && seen != INDEX_NONE ? &m->traced[seen] : NULL;
	diagnose_failures(d);
	diagnose_bounces(d);
	diagnose_flush(d);
	diagnose_iova(d);
	diagnose_mask(d);
	diagnose_live(d);
}

int diagnose(const struct model *m, struct findings *f)
{
	struct diagnosis d = { .m = m, .out = f };

	*f = (struct findings){ 0 };
	d.err = indexes_make(&d);
	for (size_t i = 0; !d.err && i < m->naggregates; i++)
		if (index_first(&d.aggregates, i) == i)
			diagnose_owner(&d, i);
	diagnose_nothing(&d);
	diagnose_losses(&d);
	if (!d.err)
		d.err = draft_keep(&d);
	indexes_release(&d);
	return d.err ? d.err : gravest_first(f);
}

void findings_release(struct findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->list[i].subject);
	free(f->list);
	*f = (struct findings){ 0 };
}
