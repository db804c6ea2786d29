// SPDX-License-Identifier: GPL-2.0
/*
 * I/O addresses: what the caches of them did not serve, and what there was no address for.
 */
#include "analysis/diagnose_private.h"

#define ALLOC OP(IOVA_FAST_ALLOC)
#define TREE_PATHS (1u << VIA_RCACHE_MISS | 1u << VIA_ABOVE_RCACHE)
#define FEW 1000		/* searches that caches begin with do not count */

/* The lowest limit of those that failed; 0: not known. */
static unsigned long long limit_of(const struct diagnosis *d)
{
	unsigned long long lowest = 0;
	const struct failed *f = NULL;

	while ((f = next_failed(d, f)))
		if (f->op == DMT_OP_IOVA_FAST_ALLOC && f->limit && (!lowest || f->limit < lowest))
			lowest = f->limit;
	return lowest;
}

/* Addresses are limited by what is the lowest of mask, bus, and what the IOMMU can hold. */
static void limit_words(const struct diagnosis *d, struct draft *f, unsigned long long limit)
{
	const struct reach *reach = d->seen ? &d->seen->reach : NULL;
	const struct extent e = registers_extent(d);
	unsigned long long bus = reach ? reach->bus_limit : 0;
	bool known = reach && reach->mask && limit;
	bool iommu = known && limit < reach->mask && (!bus || limit < bus);

	ADD(f->cause, "no range of that size is left below %s", iommu ?
	    "the highest address of the IOMMU" : known ? extent_word(&e) : "the limit");
	ADVISE(f, "find who maps without unmapping with 'dmatrace live'");
	if (known && !iommu)
		advise_reach(d, f, &e, "mask");
}

static void diagnose_exhausted(struct diagnosis *d, const struct tally *all,
			       unsigned long long asked)
{
	unsigned long long limit = limit_of(d);
	struct draft *f = raise_finding(d, FINDING_IOVA_PRESSURE, failed_stack(d, ALLOC));

	if (!f)
		return;
	ADD(f->evidence, "%llu of %llu ranges of I/O addresses were not to be had", all->errors,
	    asked);
	if (limit)
		ADD(f->evidence, "; the lowest limit was 0x%llx", limit);
	limit_words(d, f, limit);
}

void diagnose_iova(struct diagnosis *d)
{
	unsigned long long retried = calls_tally(d, ALLOC, 1u << VIA_RETRIED, ANY).calls;
	struct tally all = calls_tally(d, ALLOC, ANY, ANY);
	struct tally tree = calls_tally(d, ALLOC, TREE_PATHS, ANY);
	unsigned long long above = calls_tally(d, ALLOC, 1u << VIA_ABOVE_RCACHE, ANY).calls;
	unsigned long long asked = all.calls - retried;
	struct draft *f;
	char ns[FMT_MAX];

	if (all.errors)
		diagnose_exhausted(d, &all, asked);
	if (tree.calls < FEW || tree.calls * 10 < asked || tree.untimed || negligible(d, tree.ns))
		return;
	f = raise_finding(d, FINDING_IOVA_PRESSURE, NULL);
	if (!f)
		return;
	ADD(f->evidence, "%llu of %llu ranges of I/O addresses (%llu %%) were searched for in the "
	    "tree, in %s; %llu were too large for the rcache", tree.calls, asked,
	    tree.calls * 100 / asked, fmt_ns(ns, sizeof(ns), tree.ns), above);
	if (above * 2 > tree.calls) {
		ADD(f->cause, "the buffers have more than %u pages, and the rcache keeps no such range",
		    DMT_RCACHE_PAGES);
		ADVISE(f, "map in pieces of at most %u pages, or reuse mappings", DMT_RCACHE_PAGES);
	} else {
		ADD(f->cause, "the rcaches had none: ranges are held, or given back later or on "
		    "other CPUs than they are asked for");
		ADVISE(f, "hold fewer mappings at a time, or unmap on the CPU that maps");
	}
}
