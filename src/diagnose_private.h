/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by diagnose.c and diagnose_*.c; nobody else includes it.
 */
#ifndef DIAGNOSE_PRIVATE_H
#define DIAGNOSE_PRIVATE_H

#include <errno.h>
#include <stdio.h>
#include "diagnose.h"
#include "fmt.h"
#include "growth.h"
#include "owner.h"

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
	char subject[256], evidence[256], cause[256], remedy[256];
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
struct tally tally(const struct diagnosis *d, dmt_ops ops_wanted, unsigned paths,
		   unsigned reasons);
/*
 * One more about the owner, and the caller if the stack tells; NULL without memory, remembered.  It
 * is finished when the next is raised.
 */
struct draft *raise_finding(struct diagnosis *d, enum finding_id id, const struct frames *stack);

/* Appends, and cuts what does not fit. */
void add(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#define ADD(array, ...) add(array, sizeof(array), __VA_ARGS__)
const char *plural(unsigned long long count);
/* Instead of that of its kind. */
#define REMEDY(f, ...) snprintf((f)->remedy, sizeof((f)->remedy), __VA_ARGS__)

/* The call path of most failing calls of these operations, or NULL. */
const struct frames *failed_stack(const struct diagnosis *d, dmt_ops ops_wanted);
/* Time not worth a word: below a hundredth of one CPU. */
bool negligible(const struct diagnosis *d, unsigned long long ns);

/* There is no swiotlb. */
bool no_pool(const struct diagnosis *d);
/* What of these operations' failures neither bounces nor the IOMMU explain. */
void diagnose_maps(struct diagnosis *d, unsigned long long left);
void diagnose_allocs(struct diagnosis *d, unsigned long long left);
/* "; alloc returned NULL", of each value that one of these returned. */
void values_evidence(const struct diagnosis *d, struct draft *f, dmt_ops ops_wanted);
/* The DMA API translates for it. */
bool translated(const struct diagnosis *d);
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
