// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of classify.h, in the order the kernel decides in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/attr.h"
#include "base/list.h"
#include "model/classify.h"

const char *const path_names[VIA_MAX] = {
	[VIA_UNKNOWN] = "unknown",
	[VIA_DIRECT] = "direct", [VIA_BOUNCE] = "bounce", [VIA_IOMMU] = "iommu",
	[VIA_IOMMU_BOUNCE] = "iommu_bounce", [VIA_BYPASS] = "bypass", [VIA_MMIO] = "mmio",
	[VIA_P2P_BUS] = "p2p_bus", [VIA_P2P_HOST] = "p2p_host",
	[VIA_DEV_POOL] = "dev_coherent_pool", [VIA_GLOBAL_POOL] = "global_coherent_pool",
	[VIA_ATOMIC_POOL] = "atomic_pool", [VIA_RESTRICTED_POOL] = "restricted_pool",
	[VIA_DIRECT_CMA] = "direct_cma", [VIA_DIRECT_PAGES] = "direct_pages",
	[VIA_DIRECT_REMAP] = "direct_remap", [VIA_DIRECT_CMA_REMAP] = "direct_cma_remap",
	[VIA_IOMMU_REMAP] = "iommu_remap",
	[VIA_IOMMU_NONCONTIGUOUS] = "iommu_noncontiguous",
	[VIA_IOMMU_CONTIGUOUS] = "iommu_contiguous", [VIA_IOMMU_POOL] = "iommu_pool",
	[VIA_RCACHE] = "rcache", [VIA_RCACHE_MISS] = "rcache_miss",
	[VIA_ABOVE_RCACHE] = "above_rcache", [VIA_RETRIED] = "retried",
	[VIA_CMA] = "cma", [VIA_PAGES] = "pages",
	[VIA_DRIVER_OPS] = "driver_ops",
};

const char *const reason_names[REASON_MAX] = {
	[REASON_UNKNOWN] = "unknown", [REASON_FORCED] = "forced",
	[REASON_RESTRICTED_POOL] = "restricted_pool", [REASON_MASK] = "mask",
	[REASON_BUS_LIMIT] = "bus_limit", [REASON_UNTRUSTED] = "untrusted",
	[REASON_UNALIGNED_KMALLOC] = "unaligned_kmalloc",
	[REASON_ENCRYPTED_GUEST] = "encrypted_guest", [REASON_XEN] = "xen",
};

const char *const context_names[CONTEXT_MAX] = {
	[CONTEXT_UNKNOWN] = "unknown", [CONTEXT_TASK] = "task", [CONTEXT_SOFTIRQ] = "softirq",
	[CONTEXT_HARDIRQ] = "hardirq",
};

const char *const phase_names[PHASE_MAX] = {
	[PHASE_UNKNOWN] = "unknown", [PHASE_MAP] = "map", [PHASE_SYNC] = "sync",
	[PHASE_UNMAP] = "unmap",
};

/* enum of <linux/iommu.h>: DMA_FQ came with v5.15, "iommu: Introduce explicit type for
 * non-strict DMA domains" */
#define DOMAIN_DMA 3
#define DOMAIN_IDENTITY 4
#define DOMAIN_DMA_FQ 11

static bool domain_is(const struct dmt_device *device, unsigned type)
{
	return device->flags & DMT_DEVICE_DOMAIN && device->domain_type == type;
}

bool device_behind_iommu(const struct dmt_device *device)
{
	if (device->flags & DMT_DEVICE_IOMMU_KNOWN)
		return device->flags & DMT_DEVICE_IOMMU_FLAG;
	/* before v6.12 dma-iommu, and VT-d up to v5.10, are DMA ops like any other */
	return device->flags & DMT_DEVICE_OPS &&
	       (domain_is(device, DOMAIN_DMA) || domain_is(device, DOMAIN_DMA_FQ));
}

const char *device_domain_name(const struct dmt_device *device)
{
	static const char *const names[] = {
		[0] = "blocked", [1] = "unmanaged", [DOMAIN_DMA] = "DMA",
		[DOMAIN_IDENTITY] = "identity", [DOMAIN_DMA_FQ] = "DMA-FQ",
	};

	if (!(device->flags & DMT_DEVICE_DOMAIN) ||
	    device->domain_type >= ARRAY_SIZE(names))
		return NULL;
	return names[device->domain_type];
}

/* dma-iommu was ops like any other up to v6.11. */
static bool is_dma_iommu(const char *symbol)
{
	return !strcmp(symbol, "iommu_dma_ops") || !strcmp(symbol, "iommu_dma_map_page");
}

const char *device_mapper(const struct dmt_device *device, const char *symbol, bool arch_ops)
{
	if (device->flags & DMT_DEVICE_IOMMU_FLAG)
		return "iommu-dma";
	if (device->flags & DMT_DEVICE_OPS)
		return symbol && is_dma_iommu(symbol) ? "iommu-dma" : symbol;
	if (arch_ops)
		return NULL;
	if (device->flags & DMT_DEVICE_RESTRICTED)
		return "restricted";
	return domain_is(device, DOMAIN_IDENTITY) ? "passthrough" : "direct";
}

static enum path mapping_path(unsigned notes, const struct dmt_device *device,
			      const struct circumstances *c)
{
	bool iommu = device_behind_iommu(device);

	/* whatever else is in the list */
	if (notes & DMT_NOTE_P2P)
		return notes & DMT_NOTE_P2P_BUS ? VIA_P2P_BUS :
		       notes & DMT_NOTE_P2P_HOST ? VIA_P2P_HOST : VIA_UNKNOWN;
	if (notes & (DMT_NOTE_BOUNCED | DMT_NOTE_UNBOUNCED))
		return iommu ? VIA_IOMMU_BOUNCE : VIA_BOUNCE;
	if (!c->bounces_seen || !(notes & DMT_NOTE_PAIRED))
		return VIA_UNKNOWN;
	if (iommu)
		return VIA_IOMMU;
	if (device->flags & DMT_DEVICE_OPS)
		return VIA_DRIVER_OPS;
	return domain_is(device, DOMAIN_IDENTITY) ? VIA_BYPASS : VIA_DIRECT;
}

/* Of pools: the allocation came from there, or that is where it failed. */
static enum path pool_path(unsigned notes, bool iommu)
{
	if (notes & DMT_NOTE_DEV_POOL)
		return VIA_DEV_POOL;
	if (notes & DMT_NOTE_GLOBAL_POOL)
		return VIA_GLOBAL_POOL;
	if (notes & DMT_NOTE_RESTRICTED_POOL)
		return VIA_RESTRICTED_POOL;
	if (notes & (DMT_NOTE_ATOMIC_POOL | DMT_NOTE_POOL_EMPTY))
		return iommu ? VIA_IOMMU_POOL : VIA_ATOMIC_POOL;
	return VIA_NONE;
}

static enum path allocation_path(enum dmt_op op, unsigned notes, const struct dmt_device *device,
				 const struct circumstances *c)
{
	bool iommu = device_behind_iommu(device);
	enum path pool = pool_path(notes, iommu);

	if (pool)
		return pool;
	if (!c->pools_seen)
		return VIA_UNKNOWN;
	if (!iommu && device->flags & DMT_DEVICE_OPS)
		return VIA_DRIVER_OPS;
	if (iommu && op == DMT_OP_ALLOC_NONCONTIGUOUS)
		return VIA_IOMMU_NONCONTIGUOUS;
	if (notes & DMT_NOTE_PAGES_REMAP)
		return iommu ? VIA_IOMMU_REMAP : VIA_UNKNOWN;
	if (notes & DMT_NOTE_REMAP && !iommu)
		return notes & DMT_NOTE_CMA ? VIA_DIRECT_CMA_REMAP : VIA_DIRECT_REMAP;
	/* one that failed may have been about to be remapped */
	if (notes & DMT_NOTE_FAILED)
		return VIA_UNKNOWN;
	if (iommu)
		return VIA_IOMMU_CONTIGUOUS;
	return notes & DMT_NOTE_CMA ? VIA_DIRECT_CMA : VIA_DIRECT_PAGES;
}

/* Of a try in vain that is followed by another, what matters is that. */
static enum path iova_path(unsigned notes, const struct circumstances *c)
{
	if (notes & DMT_NOTE_RETRIED)
		return VIA_RETRIED;
	if (notes & DMT_NOTE_ABOVE_RCACHE)
		return VIA_ABOVE_RCACHE;
	if (notes & DMT_NOTE_TREE)
		return VIA_RCACHE_MISS;
	return c->tree_seen && notes & DMT_NOTE_PAIRED ? VIA_RCACHE : VIA_UNKNOWN;
}

enum path path_of(enum dmt_hook hook, unsigned notes, const struct dmt_device *device,
		  const struct circumstances *c)
{
	enum dmt_op op = hook_op(hook);

	switch (op) {
	case DMT_OP_MAP_RESOURCE:
		return VIA_MMIO;
	case DMT_OP_MAP:
	case DMT_OP_MAP_SG:
	case DMT_OP_IOVA_LINK:
		return device ? mapping_path(notes, device, c) : VIA_UNKNOWN;
	case DMT_OP_ALLOC:
	case DMT_OP_ALLOC_PAGES:
	case DMT_OP_ALLOC_NONCONTIGUOUS:
		return device && notes & DMT_NOTE_PAIRED ? allocation_path(op, notes, device, c) :
							   VIA_UNKNOWN;
	case DMT_OP_IOVA_FAST_ALLOC:
		return iova_path(notes, c);
	case DMT_OP_PAGE_ALLOC:
		return hook == DMT_HOOK_CMA ? VIA_CMA : VIA_PAGES;
	default:
		return VIA_NONE;
	}
}

/* Where no area is set up, cma_alloc() is called as well, and has nothing: that is no failure. */
bool cma_fell_back(enum dmt_hook hook, unsigned notes)
{
	enum dmt_op op = hook_op(hook);

	return (op == DMT_OP_ALLOC || op == DMT_OP_ALLOC_PAGES ||
		op == DMT_OP_ALLOC_NONCONTIGUOUS) &&
	       notes & DMT_NOTE_CMA_FULL && !(notes & (DMT_NOTE_CMA | DMT_NOTE_FAILED));
}

/* The lower of the two decides, see dma_capable(). */
static enum reason limit_reason(unsigned notes, const struct dmt_device *device)
{
	if (notes & DMT_NOTE_ABOVE_LIMIT &&
	    (!(notes & DMT_NOTE_ABOVE_MASK) || (device && device->bus_limit < device->mask)))
		return REASON_BUS_LIMIT;
	return notes & DMT_NOTE_ABOVE_MASK ? REASON_MASK : REASON_NONE;
}

enum reason reason_of(enum dmt_hook hook, unsigned notes, const struct dmt_device *device,
		      const struct circumstances *c)
{
	bool small = notes & DMT_NOTE_SMALL && c->kmalloc_unaligned;
	enum reason limit = limit_reason(notes, device);

	if (hook_op(hook) != DMT_OP_BOUNCE)
		return REASON_NONE;
	if (notes & DMT_NOTE_FOR_ALLOC)
		return REASON_RESTRICTED_POOL;
	/* an encrypted guest forces it without being asked to */
	if (notes & DMT_NOTE_FORCED)
		return c->force_asked ? REASON_FORCED : REASON_ENCRYPTED_GUEST;
	if (!device)
		return limit ? limit : REASON_UNKNOWN;
	if (device_behind_iommu(device))
		return notes & DMT_NOTE_UNTRUSTED ? REASON_UNTRUSTED :
		       small ? REASON_UNALIGNED_KMALLOC : REASON_UNKNOWN;
	if (device->flags & DMT_DEVICE_OPS)
		return c->xen ? REASON_XEN : REASON_UNKNOWN;
	/* v5.10 keeps force in a variable of its own */
	if (!(notes & DMT_NOTE_POOL_KNOWN) && c->force_asked)
		return REASON_FORCED;
	if (limit)
		return limit;
	if (small)
		return REASON_UNALIGNED_KMALLOC;
	return notes & DMT_NOTE_POOL_KNOWN ? REASON_UNKNOWN : REASON_ENCRYPTED_GUEST;
}

enum context context_of(enum dmt_hook hook, unsigned notes)
{
	if (hook_op(hook) != DMT_OP_BOUNCE && hook_op(hook) != DMT_OP_BOUNCE_COPY)
		return CONTEXT_NONE;
	if (!(notes & DMT_NOTE_CONTEXT))
		return CONTEXT_UNKNOWN;
	return notes & DMT_NOTE_HARDIRQ ? CONTEXT_HARDIRQ :
	       notes & DMT_NOTE_SOFTIRQ ? CONTEXT_SOFTIRQ : CONTEXT_TASK;
}

enum phase phase_of(enum dmt_hook hook, unsigned notes)
{
	unsigned within = notes >> DMT_NOTE_WITHIN;

	if (hook_op(hook) != DMT_OP_BOUNCE_COPY)
		return PHASE_NONE;
	if (!within || within > DMT_HOOK_MAX)
		return PHASE_UNKNOWN;
	switch (hook_op(within - 1)) {
	case DMT_OP_BOUNCE:
	case DMT_OP_MAP:
	case DMT_OP_MAP_SG:
	case DMT_OP_IOVA_LINK:
		return PHASE_MAP;
	case DMT_OP_UNMAP:
	case DMT_OP_UNMAP_SG:
	case DMT_OP_IOVA_UNLINK:
	case DMT_OP_IOVA_FREE:
		return PHASE_UNMAP;
	case DMT_OP_SYNC_CPU:
	case DMT_OP_SYNC_DEVICE:
		return PHASE_SYNC;
	default:
		return PHASE_UNKNOWN;
	}
}

/* Operations that are part of others. */
#define INSIDES (OP(IOMMU_MAP) | OP(PGTABLE_MAP) | OP(IOVA_FAST_ALLOC) | OP(PAGE_ALLOC) |	\
		 OP(REMAP))

unsigned within_of(enum dmt_hook hook, unsigned notes, const struct circumstances *c)
{
	unsigned within = notes >> DMT_NOTE_WITHIN & 63;
	enum dmt_op op;

	if (!(INSIDES & op_bit(hook_op(hook))))
		return WITHIN_NONE;
	if (!within)
		return c->callers_seen && notes & DMT_NOTE_PAIRED ? WITHIN_NONE : WITHIN_UNKNOWN;
	if (within > DMT_HOOK_MAX)
		return WITHIN_UNKNOWN;
	op = hook_op(within - 1);
	/* since v6.18 both go through dma_map_phys() */
	if (op == DMT_OP_MAP && hook_op(hook) == DMT_OP_IOMMU_MAP && notes & DMT_NOTE_MMIO)
		op = DMT_OP_MAP_RESOURCE;
	return op + 1;
}

const char *within_name(unsigned within)
{
	if (within == WITHIN_NONE)
		return NULL;
	return within < WITHIN_UNKNOWN ? ops[within - 1].name : "unknown";
}

unsigned long long page_size_of(enum dmt_hook hook, unsigned notes)
{
	unsigned bits = notes >> DMT_NOTE_PAGE & 63;

	return hook_op(hook) == DMT_OP_PGTABLE_MAP && bits ? 1ull << bits : 0;
}

const char *page_size_name(unsigned long long size, char buf[PAGE_SIZE_NAME])
{
	static const char units[] = "\0KMGTPE";
	unsigned unit = 0;

	for (; size >= 1024; size /= 1024)
		unit++;
	snprintf(buf, PAGE_SIZE_NAME, "%u%c", (unsigned)size, units[unit]);
	return size ? buf : NULL;
}

/* On, or there is nothing to see. */
static bool complete(const struct planned *p)
{
	return p->sight ? p->way != WAY_TRACEPOINT : p->absent;
}

/* Operations that make an IOMMU map, and that itself. */
#define MAPPERS (OP(ALLOC) | OP(ALLOC_PAGES) | OP(ALLOC_NONCONTIGUOUS) | OP(MAP) |		\
		 OP(MAP_SG) | OP(MAP_RESOURCE) | OP(IOVA_ALLOC) | OP(IOVA_LINK) | OP(IOMMU_MAP))

void circumstances_read(struct circumstances *c, const struct plan *plan, const char *arch,
			bool force_asked)
{
	char *hypervisor = attr_text("/sys/hypervisor/type");

	*c = (struct circumstances){ .force_asked = force_asked, .pools_seen = true };
	c->kmalloc_unaligned = strcmp(arch, "x86_64");
	c->bounces_seen = complete(&plan->hooks[DMT_HOOK_BOUNCE]);
	c->tree_seen = complete(&plan->hooks[DMT_HOOK_IN_IOVA_TREE]);
	c->callers_seen = true;
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		if (hook_marks(hook) && hook_op(hook) == DMT_OP_ALLOC)
			c->pools_seen &= complete(&plan->hooks[hook]);
		if (!hook_marks(hook) && MAPPERS & op_bit(hook_op(hook)))
			c->callers_seen &= complete(&plan->hooks[hook]);
	}
	c->xen = hypervisor && !strcmp(hypervisor, "xen");
	free(hypervisor);
}
