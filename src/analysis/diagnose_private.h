/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by diagnose.c and diagnose_*.c; nobody else includes it.
 */
#ifndef DIAGNOSE_PRIVATE_H
#define DIAGNOSE_PRIVATE_H

#include <errno.h>
#include <stdio.h>
#include "analysis/diagnose.h"
#include "base/fmt.h"
#include "model/growth.h"
#include "model/owner.h"

#define BUFFER_MAPS (OP(MAP) | OP(MAP_SG) | OP(IOVA_LINK))
#define MAPS (BUFFER_MAPS | OP(MAP_RESOURCE))
#define UNMAPS (OP(UNMAP) | OP(UNMAP_SG) | OP(UNMAP_RESOURCE))
#define ALLOCS (OP(ALLOC) | OP(ALLOC_PAGES) | OP(ALLOC_NONCONTIGUOUS))
#define FREES (OP(FREE) | OP(FREE_PAGES) | OP(FREE_NONCONTIGUOUS))
#define ANY (~0u)
#define BOUNCED_PATHS (1u << VIA_BOUNCE | 1u << VIA_IOMMU_BOUNCE)
#define POOL_PATHS (1u << VIA_ATOMIC_POOL | 1u << VIA_IOMMU_POOL)

/* A finding that is being written.  Of many, a finding itself has no room to spare. */
struct draft {
	const struct finding_kind *kind;	/* NULL: no draft */
	bool advised;				/* the remedy is no longer that of its kind */
	char subject[256], evidence[256], cause[256], remedy[400];
};

/* What is being looked at, and where findings go. */
struct diagnosis {
	const struct model *m;
	struct findings *out;
	/* of the model's rows by owner, of its devices by name, of failing iommu_map() by cause */
	struct index aggregates, failed, live, devices, traced, refused;
	struct growths growths;
	struct owner owner;
	size_t first_aggregate, first_failed, first_live;	/* of the owner; INDEX_NONE: none */
	const struct device *device;	/* the owner in the inventory, or NULL */
	const struct traced_device *seen;	/* as it was when it mapped, or NULL */
	struct draft draft;
	int err;
};

/* The owner's rows in the order of the model: the one behind another, or the first; NULL: none. */
const struct aggregate *next_aggregate(const struct diagnosis *d, const struct aggregate *before);
const struct failed *next_failed(const struct diagnosis *d, const struct failed *before);
const struct live_row *next_live(const struct diagnosis *d, const struct live_row *before);

struct tally {
	unsigned long long calls, errors, bytes, ns, fell_back;
	bool untimed;		/* some have no latency: ns is too low */
};

/* Calls of the owner; bits of operations, paths and reasons. */
struct tally calls_tally(const struct diagnosis *d, dmt_ops ops_wanted, unsigned paths,
		   unsigned reasons);
/*
 * One more about the owner, and the caller if the stack tells; NULL without memory, remembered.  It
 * is finished when the next is raised.
 */
struct draft *raise_finding(struct diagnosis *d, enum finding_id id, const struct frames *stack);
/* The draft, if there is one, is finished. */
int draft_keep(struct diagnosis *d);

/* Appends, and cuts what does not fit. */
void text_add(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#define ADD(array, ...) text_add(array, sizeof(array), __VA_ARGS__)
const char *plural(unsigned long long count);
/* Instead of that of its kind: what is told first is to be tried first. */
void advise_more(struct draft *f);
#define ADVISE(f, ...) (advise_more(f), ADD((f)->remedy, __VA_ARGS__))

/* The call path of most failing calls of these operations, or NULL. */
const struct frames *failed_stack(const struct diagnosis *d, dmt_ops ops_wanted);
/* Time not worth a word: below a hundredth of one CPU. */
bool negligible(const struct diagnosis *d, unsigned long long ns);

/* What an IOMMU does for the owner. */
enum iommu_use {
	IOMMU_NOT_KNOWN,
	IOMMU_NONE,		/* this machine has none */
	IOMMU_TURNED_OFF,	/* by the command line */
	IOMMU_OF_OTHERS,	/* for other devices, or for what is not the DMA API */
	IOMMU_PASSTHROUGH,	/* lets its addresses through */
	IOMMU_TRANSLATES,
};
enum iommu_use iommu_use(const struct diagnosis *d);
bool translated(const struct diagnosis *d);
bool on_x86(const struct diagnosis *d);

/* Which limit ends the owner's reach below the end of memory. */
enum extent_end { ENDS_NOT_KNOWN, ENDS_NOWHERE, ENDS_AT_MASK, ENDS_AT_BUS, ENDS_AT_BOTH };
struct extent {
	enum extent_end end;
	bool bus_too;		/* its bus ends below that end as well, the first to end or not */
	unsigned long long highest;	/* physical address, see reach_phys() */
};
struct extent streaming_extent(const struct diagnosis *d);
struct extent coherent_extent(const struct diagnosis *d);
/* Of what may lie above memory: registers, and memory of other devices. */
struct extent registers_extent(const struct diagnosis *d);
/* "the device's mask" */
const char *extent_word(const struct extent *e);
/* Is one of the page allocator's zones all within reach?  False where they are not known. */
bool zone_within(const struct diagnosis *d, const struct extent *e);

/* Advice that this machine can follow, or none. */
void advise_iommu(const struct diagnosis *d, struct draft *f);
void advise_reach(const struct diagnosis *d, struct draft *f, const struct extent *e,
		  const char *mask);
void advise_lazy(const struct diagnosis *d, struct draft *f);
void advise_memory(const struct diagnosis *d, struct draft *f, const struct extent *e);

/* There is no swiotlb; or the device has one of its own and may use no other memory. */
bool no_pool(const struct diagnosis *d);
bool restricted(const struct diagnosis *d);
/* With swiotlb=noforce some kernels find slots in no pool: this may be one of them. */
bool unsearched(const struct diagnosis *d);
/* Why most of its buffers were to bounce; REASON_UNKNOWN: none was. */
enum reason bounces_mostly(const struct diagnosis *d);
/* Does cma=SIZE set the size of an area there is? */
bool cma_enlarged(const struct diagnosis *d);
/* What to do where there is none, and buffers are out of reach. */
void poolless_words(const struct diagnosis *d, struct draft *f);
/* What of these operations' failures neither bounces nor the IOMMU explain. */
void diagnose_maps(struct diagnosis *d, unsigned long long left);
void diagnose_allocs(struct diagnosis *d, unsigned long long left);
/* "; alloc returned NULL", of each value that one of these returned. */
void values_evidence(const struct diagnosis *d, struct draft *f, dmt_ops ops_wanted);
/* Says how many failing maps it explains that took no slot because there is no pool. */
unsigned long long diagnose_swiotlb_full(struct diagnosis *d);
extern const struct index_key failed_by_refusal;
void diagnose_iommu(struct diagnosis *d);
void diagnose_flush(struct diagnosis *d);
void diagnose_iova(struct diagnosis *d);
void diagnose_mask(struct diagnosis *d);
void diagnose_live(struct diagnosis *d);
void diagnose_nothing(struct diagnosis *d);

#endif
