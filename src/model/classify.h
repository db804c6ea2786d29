/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Paths and reasons: what the notes BPF takes of a call (DMT_NOTE_*) and the facts of its device
 * amount to.  Pure functions, so that every rule has a test, also those for paths no kernel at
 * hand can take.  The rules follow kernel/dma/ and drivers/iommu/dma-iommu.c, v5.10 to 7.2.
 */
#ifndef CLASSIFY_H
#define CLASSIFY_H

#include <stdbool.h>
#include "kernel/plan.h"

/* NONE: the operation has no such thing.  UNKNOWN: it has, and it could not be told. */
enum path {
	VIA_NONE, VIA_UNKNOWN,
	/* of a mapping */
	VIA_DIRECT, VIA_BOUNCE, VIA_IOMMU, VIA_IOMMU_BOUNCE, VIA_BYPASS, VIA_MMIO, VIA_P2P_BUS,
	VIA_P2P_HOST,
	/* of an allocation */
	VIA_DEV_POOL, VIA_GLOBAL_POOL, VIA_ATOMIC_POOL, VIA_RESTRICTED_POOL, VIA_DIRECT_CMA,
	VIA_DIRECT_PAGES, VIA_DIRECT_REMAP, VIA_DIRECT_CMA_REMAP, VIA_IOMMU_REMAP,
	VIA_IOMMU_NONCONTIGUOUS, VIA_IOMMU_CONTIGUOUS, VIA_IOMMU_POOL,
	/* of a range of I/O addresses */
	VIA_RCACHE, VIA_RCACHE_MISS, VIA_ABOVE_RCACHE, VIA_RETRIED,
	/* of memory got inside a call */
	VIA_CMA, VIA_PAGES,
	/* of both: the device's own DMA ops, none we know */
	VIA_DRIVER_OPS,
	VIA_MAX
};
_Static_assert(VIA_MAX <= 32, "sets of paths have 32 bits");

enum reason {
	REASON_NONE, REASON_UNKNOWN, REASON_FORCED, REASON_RESTRICTED_POOL, REASON_MASK,
	REASON_BUS_LIMIT, REASON_UNTRUSTED, REASON_UNALIGNED_KMALLOC, REASON_ENCRYPTED_GUEST,
	REASON_XEN, REASON_MAX
};
_Static_assert(REASON_MAX <= 32, "sets of reasons have 32 bits");

enum context {
	CONTEXT_NONE, CONTEXT_UNKNOWN, CONTEXT_TASK, CONTEXT_SOFTIRQ, CONTEXT_HARDIRQ, CONTEXT_MAX
};

/* What a copy was for. */
enum phase { PHASE_NONE, PHASE_UNKNOWN, PHASE_MAP, PHASE_SYNC, PHASE_UNMAP, PHASE_MAX };

/* Inside of which operation's call: enum dmt_op counted from 1, or one of these. */
enum { WITHIN_NONE, WITHIN_UNKNOWN = DMT_OP_MAX + 1 };

/* As JSON says them; NULL for NONE. */
extern const char *const path_names[VIA_MAX];
extern const char *const reason_names[REASON_MAX];
extern const char *const context_names[CONTEXT_MAX];
extern const char *const phase_names[PHASE_MAX];

/* What holds for all calls of a run. */
struct circumstances {
	bool bounces_seen;	/* no bounce can have escaped: hooked, or not in this kernel */
	bool pools_seen;	/* likewise all that tells allocations apart */
	bool tree_seen;		/* likewise of the tree of I/O addresses */
	bool callers_seen;	/* likewise all that an iommu_map can be inside of */
	bool force_asked;	/* swiotlb=force on the kernel command line */
	bool xen;		/* a Xen guest */
	bool kmalloc_unaligned;	/* DMA_BOUNCE_UNALIGNED_KMALLOC can be built, v6.5; not on x86 */
};

void circumstances_read(struct circumstances *c, const struct plan *plan, const char *arch,
			bool force_asked);

/* device NULL: not known.  notes: DMT_NOTE_*. */
enum path path_of(enum dmt_hook hook, unsigned notes, const struct dmt_device *device,
		  const struct circumstances *c);
enum reason reason_of(enum dmt_hook hook, unsigned notes, const struct dmt_device *device,
		      const struct circumstances *c);
enum context context_of(enum dmt_hook hook, unsigned notes);
enum phase phase_of(enum dmt_hook hook, unsigned notes);

/* An allocation that was to be of contiguous memory, and is of other pages. */
bool cma_fell_back(enum dmt_hook hook, unsigned notes);
unsigned within_of(enum dmt_hook hook, unsigned notes, const struct circumstances *c);
const char *within_name(unsigned within);	/* NULL: none */
/* Of a pgtable_map, in bytes; 0: not known. */
unsigned long long page_size_of(enum dmt_hook hook, unsigned notes);
/* As people call it: 4K, 2M; NULL for 0. */
#define PAGE_SIZE_NAME 8
const char *page_size_name(unsigned long long size, char buf[PAGE_SIZE_NAME]);

/* Does it map through an IOMMU, as far as struct device says? */
bool device_behind_iommu(const struct dmt_device *device);

/*
 * Who maps for it: "direct"; "passthrough", which is direct behind an IOMMU that lets it;
 * "iommu-dma"; or the name of its DMA ops.  symbol: the name of these ops, or of the function in
 * them that maps, NULL: none or not known.  arch_ops: the architecture may have ops for all devices
 * that have none.  NULL: not known.
 */
const char *device_mapper(const struct dmt_device *device, const char *symbol, bool arch_ops);

/* The type of its domain as sysfs writes it; NULL: it has none, or one that nobody names. */
const char *device_domain_name(const struct dmt_device *device);

#endif
