// SPDX-License-Identifier: GPL-2.0
/*
 * What the IOMMU refused, what it costs, and what would need one.
 */
#include <string.h>
#include "analysis/diagnose_private.h"
#include "base/list.h"
#include "base/name.h"

const char *iommu_offender(const struct failed *f)
{
	static const char *const names[] = {
		NULL, "iova", "paddr", "iova+paddr", "size", "iova+size", "paddr+size",
		"iova+paddr+size",
	};
	unsigned long long below = f->min_pagesz - 1;

	if (f->op != DMT_OP_IOMMU_MAP || !f->min_pagesz)
		return NULL;
	return names[(f->iova & below ? 1 : 0) + (f->paddr & below ? 2 : 0) +
		     (f->size & below ? 4 : 0)];
}

/* Whose it is to do something: a caller of the DMA API passes neither addresses nor flags on. */
enum caller { CALLER_NOT_KNOWN, CALLER_DRIVER, CALLER_DMA_API };

#define OUT_OF_RANGE "stay within the geometry of the domain",				\
	"give the device memory and a mask that the IOMMU's address width covers"
#define MAPPED_ALREADY "the I/O address is mapped already",				\
	"unmap it first, or find who maps it too",					\
	"find who maps into the device's domain with iommu_map()"

static const struct {
	long long value;
	const char *cause, *driver, *dma_api;	/* what to do; NULL: as the kind says */
} refusals[] = {
	{ -ENOMEM, "there was no memory for a page table",
	  "map where the caller may sleep: with GFP_KERNEL, not with iommu_map_atomic()",
	  "look for who takes the memory, or hold fewer mappings at a time" },
	{ -EADDRINUSE, MAPPED_ALREADY },
	{ -EEXIST, MAPPED_ALREADY },
	{ -ERANGE, "an address is out of the range of the IOMMU", OUT_OF_RANGE },
	{ -EFAULT, "the I/O address is out of the range of the IOMMU", OUT_OF_RANGE },
	{ -EOVERFLOW, "address and size together overflow", OUT_OF_RANGE },
	{ -ENODEV, "the domain cannot map", "give the device a domain that maps pages", NULL },
};

/* All calls that returned this were within a call to the DMA API, or none was. */
static enum caller caller_of(const struct diagnosis *d, long long value)
{
	bool within = false, outside = false, unknown = false;
	const struct aggregate *a = NULL;

	while ((a = next_aggregate(d, a)))
		for (size_t n = 0; a->op == DMT_OP_IOMMU_MAP && n < a->nvalues; n++) {
			if (a->values[n].value != value)
				continue;
			unknown |= a->within == WITHIN_UNKNOWN;
			outside |= a->within == WITHIN_NONE;
			within |= a->within != WITHIN_NONE;
		}
	if (unknown || within == outside)
		return CALLER_NOT_KNOWN;
	return within ? CALLER_DMA_API : CALLER_DRIVER;
}

static void refusal_decode(const struct diagnosis *d, struct draft *f, long long value,
			   bool aligned)
{
	enum caller caller = caller_of(d, value);
	char buf[32];

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		const char *remedy = caller == CALLER_DMA_API ? refusals[i].dma_api :
				     caller == CALLER_DRIVER ? refusals[i].driver : NULL;

		if (refusals[i].value != value)
			continue;
		ADD(f->cause, "%s", refusals[i].cause);
		if (remedy)
			ADVISE(f, "%s", remedy);
		return;
	}
	if (value == -EINVAL && aligned) {
		ADD(f->cause, "addresses and size are aligned, so it is the permission (neither "
		    "read nor write) or the domain (not one that maps pages)");
		if (caller == CALLER_DRIVER)
			ADVISE(f, "ask for IOMMU_READ or IOMMU_WRITE, in a paging domain");
	} else if (value == -EINVAL || value == -ENXIO) {
		ADD(f->cause, "unaligned, or neither read nor write asked for: the addresses were "
		    "not kept");
	} else {
		ADD(f->cause, "the IOMMU driver returned %s",
		    failure_name(FAILS_ERRNO, value, buf, sizeof(buf)));
	}
}

/* Failing iommu_map() calls, alike but for their addresses: the first and the most frequent. */
struct refused {
	const struct failed *first, *most;
	unsigned long long count;
};

static bool refusal_same(const void *left, const void *right)
{
	const struct failed *a = left, *b = right;

	return a->op == b->op && a->value == b->value && iommu_offender(a) == iommu_offender(b) &&
	       name_same(a->device, b->device) && name_same(a->driver, b->driver);
}

static size_t refusal_hash(const void *row)
{
	const struct failed *f = row;

	return hash_number(hash_number(hash_name(hash_name(0, f->device), f->driver), f->op),
			   f->value);
}

const struct index_key failed_by_refusal = { sizeof(struct failed), refusal_hash, refusal_same };

/* False where it is none of them, or not the first of those that are alike. */
static bool refused_first(const struct diagnosis *d, const struct failed *first,
			  struct refused *r)
{
	const struct failed *rows = d->m->failed;
	size_t n = first - rows;

	*r = (struct refused){ .first = first, .most = first };
	if (first->op != DMT_OP_IOMMU_MAP || index_first(&d->refused, n) != n)
		return false;
	for (; n != INDEX_NONE; n = index_next(&d->refused, n)) {
		if (rows[n].count > r->most->count)
			r->most = &rows[n];
		r->count += rows[n].count;
	}
	return true;
}

static void refused_evidence(struct draft *f, const struct refused *r)
{
	const struct failed *like = r->first;
	char buf[32];

	ADD(f->evidence, "%llu call%s returned %s; ", r->count, plural(r->count),
	    failure_name(like->kind, like->value, buf, sizeof(buf)));
	ADD(f->evidence, "%siova 0x%llx", r->count > like->count ? "first " : "", like->iova);
	if (like->min_pagesz)
		ADD(f->evidence, ", paddr 0x%llx", like->paddr);
	ADD(f->evidence, ", size 0x%llx", like->size);
	if (like->min_pagesz)
		ADD(f->evidence, ", smallest page 0x%llx", like->min_pagesz);
}

static void refused_raise(struct diagnosis *d, const struct refused *r)
{
	const char *offender = iommu_offender(r->first);
	struct draft *f = raise_finding(d, offender ? FINDING_IOMMU_UNALIGNED :
					  FINDING_IOMMU_MAP_FAILED, &r->most->stack);

	if (!f)
		return;
	refused_evidence(f, r);
	if (offender)
		ADD(f->cause, "%s: not a multiple of the smallest page", offender);
	else
		refusal_decode(d, f, r->first->value, r->first->min_pagesz);
}

/* Of an error: counted, less those that were kept one by one. */
static unsigned long long unkept(const struct diagnosis *d, long long value)
{
	unsigned long long counted = 0, kept = 0;
	const struct aggregate *a = NULL;
	const struct failed *f = NULL;

	while ((a = next_aggregate(d, a)))
		for (size_t n = 0; a->op == DMT_OP_IOMMU_MAP && n < a->nvalues; n++)
			if (a->values[n].value == value)
				counted += a->values[n].count;
	while ((f = next_failed(d, f)))
		if (f->op == DMT_OP_IOMMU_MAP && f->value == value)
			kept += f->count;
	return counted > kept ? counted - kept : 0;
}

static void diagnose_unkept(struct diagnosis *d, long long value)
{
	unsigned long long count = unkept(d, value);
	struct draft *f;
	char buf[32];

	f = count ? raise_finding(d, FINDING_IOMMU_MAP_FAILED, NULL) : NULL;
	if (!f)
		return;
	ADD(f->evidence, "%llu call%s returned %s", count, plural(count),
	    failure_name(FAILS_ERRNO, value, buf, sizeof(buf)));
	refusal_decode(d, f, value, false);
}

void diagnose_iommu(struct diagnosis *d)
{
	const struct aggregate *a = NULL;
	const struct failed *f = NULL;
	long long told[64];
	size_t ntold = 0;

	while ((f = next_failed(d, f))) {
		struct refused r;

		if (refused_first(d, f, &r))
			refused_raise(d, &r);
	}
	/* an error stands in several aggregates, by direction */
	while ((a = next_aggregate(d, a)))
		for (size_t n = 0; a->op == DMT_OP_IOMMU_MAP && n < a->nvalues && ntold < 64; n++) {
			size_t t = 0;

			while (t < ntold && told[t] != a->values[n].value)
				t++;
			if (t < ntold)
				continue;
			told[ntold++] = a->values[n].value;
			diagnose_unkept(d, a->values[n].value);
		}
}

/* Latencies of an operation's calls in a direction, DMT_DIR_MAX: any. */
static struct hist_sum latency(const struct diagnosis *d, enum dmt_op op, enum dmt_dir direction)
{
	const struct aggregate *a = NULL;
	struct hist_sum sum = { 0 };

	while ((a = next_aggregate(d, a)))
		if (a->op == op && a->latency_known &&
		    (direction == DMT_DIR_MAX || a->direction == direction))
			hist_sum_add(&sum, &a->latency);
	return sum;
}

/* 0: too few calls to say. */
static unsigned long long median(const struct hist_sum *sum, unsigned long long few)
{
	const struct hist h = hist_of(sum);

	return h.count > few ? hist_quantile(&h, 0.5) : 0;
}

/* What a map takes besides its page tables, in the direction in which that is most. */
static unsigned long long map_rest(const struct diagnosis *d)
{
	unsigned long long most = 0;

	for (int direction = 0; direction < DMT_DIR_MAX; direction++) {
		struct hist_sum map = latency(d, DMT_OP_MAP, direction);
		struct hist_sum tables = latency(d, DMT_OP_IOMMU_MAP, direction);
		unsigned long long all = median(&map, 0), part = median(&tables, 0);

		if (all > part && all - part > most)
			most = all - part;
	}
	return most;
}

#define STRICT_CAUSE "the domain is strict: each unmap waits for the IOMMU's invalidation"

/* Kernels that call lazy domains DMA as well say nothing. */
static bool strict(const struct diagnosis *d)
{
	const struct dma_facts *facts = &d->m->inventory.facts;
	const struct device *dev = d->device;

	return dev && dev->domain && !strcmp(dev->domain, "DMA") &&
	       device_domain(dev, facts);
}

bool negligible(const struct diagnosis *d, unsigned long long ns)
{
	return ns < d->m->duration_ns / 100;
}

/* What flushes took of the unmaps they are within, where both were watched; true if they were. */
static bool flush_measured(struct diagnosis *d)
{
	struct tally flushes = calls_tally(d, OP(IOTLB_SYNC), ANY, ANY);
	struct tally unmaps = calls_tally(d, UNMAPS | OP(IOVA_UNLINK) | OP(IOVA_FREE) | FREES, ANY,
				    ANY);
	char all[FMT_MAX], share[FMT_MAX];
	struct draft *f;

	if (!flushes.calls || flushes.untimed || unmaps.untimed)
		return false;
	if (flushes.ns * 2 <= unmaps.ns || flushes.ns > unmaps.ns || negligible(d, flushes.ns))
		return true;
	f = raise_finding(d, FINDING_STRICT_FLUSH_COST, NULL);
	if (!f)
		return true;
	ADD(f->evidence, "%llu flushes took %s of the %s (%llu %%) that %llu unmaps and frees took",
	    flushes.calls, fmt_ns(share, sizeof(share), flushes.ns),
	    fmt_ns(all, sizeof(all), unmaps.ns), flushes.ns * 100 / unmaps.ns, unmaps.calls);
	ADD(f->cause, STRICT_CAUSE);
	advise_lazy(d, f);
	return true;
}

/*
 * Without the flush itself: an unmap is page tables, flush, and giving back the I/O address; a
 * map is page tables and getting one, so that a map's rest is a fair price for an unmap's, if
 * anything too high.  For buffers mapped one by one only: of a list, one unmap answers to several
 * iommu_map().
 */
static void flush_estimated(struct diagnosis *d)
{
	struct hist_sum unmaps = latency(d, DMT_OP_UNMAP, DMT_DIR_MAX);
	struct hist_sum tables = latency(d, DMT_OP_IOMMU_UNMAP, DMT_DIR_MAX);
	unsigned long long unmap = median(&unmaps, 100), part = median(&tables, 100), rest, flush;
	char all[FMT_MAX], share[FMT_MAX], page_tables[FMT_MAX];
	struct draft *f;

	if (calls_tally(d, OP(MAP_SG) | OP(IOVA_LINK), ANY, ANY).calls || !unmap || !part)
		return;
	rest = map_rest(d);
	if (!rest || unmap < part + rest)
		return;
	flush = unmap - part - rest;
	if (flush * 2 <= unmap || negligible(d, flush * unmaps.count))
		return;
	f = raise_finding(d, FINDING_STRICT_FLUSH_COST, NULL);
	if (!f)
		return;
	fmt_ns(all, sizeof(all), unmap);
	fmt_ns(share, sizeof(share), flush);
	fmt_ns(page_tables, sizeof(page_tables), part);
	ADD(f->evidence, "%llu unmaps, p50 %s: about %s (%llu %%) for the flush, %s for page tables",
	    unmaps.count, all, share, flush * 100 / unmap, page_tables);
	ADD(f->cause, STRICT_CAUSE);
	advise_lazy(d, f);
}

void diagnose_flush(struct diagnosis *d)
{
	if (strict(d) && !flush_measured(d))
		flush_estimated(d);
}

void diagnose_mask(struct diagnosis *d)
{
	const struct dma_facts *facts = &d->m->inventory.facts;
	struct tally maps = calls_tally(d, BUFFER_MAPS, ANY, ANY);
	const struct extent e = streaming_extent(d);
	const struct device *dev = d->device;
	char top[FMT_MAX];
	struct draft *f;

	if (!maps.calls || !dev || !device_too_narrow(dev, facts))
		return;
	f = raise_finding(d, FINDING_MASK_TOO_NARROW, NULL);
	if (!f)
		return;
	fmt_bytes(top, sizeof(top), facts->memory_top);
	ADD(f->evidence, "mask of %lld bits; ", dev->mask_bits);
	if (d->seen && d->seen->reach.bus_limit)
		ADD(f->evidence, "the limit of the bus is 0x%llx; ", d->seen->reach.bus_limit);
	ADD(f->evidence, "memory up to %s; %llu maps", top, maps.calls);
	ADD(f->cause, "there is memory above %s, and no IOMMU translates for it%s", extent_word(&e),
	    no_pool(d) ? "; there is no swiotlb to bounce through" : "");
	advise_reach(d, f, &e, "mask");
	advise_iommu(d, f);
}
