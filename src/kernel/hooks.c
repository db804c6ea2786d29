// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of operations and hooks; see hooks.h.  What is watched, and by which prototype, stands
 * in bpf/hooks.bpf.h alone: a kernel that renames or reshapes a function costs one row there.
 */
#include "kernel/hooks.h"

const struct op ops[DMT_OP_MAX] = {
#define X(id, name, layer, help) [DMT_OP_##id] = { name, help, LAYER_##layer },
	DMT_OPS(X)
#undef X
};

const char *const way_names[WAY_MAX] = {
	[WAY_FSESSION] = "fsession", [WAY_FENTRY] = "fentry", [WAY_KPROBE] = "kprobe",
	[WAY_TRACEPOINT] = "tracepoint",
};

const char *const layer_names[LAYER_MAX] = {
	[LAYER_API] = "api", [LAYER_BACKEND] = "backend", [LAYER_CORE] = "core",
	[LAYER_PGTABLE] = "pgtable",
};

const char *const direction_names[DMT_DIR_MAX] = {
	[DMT_BIDIRECTIONAL] = "bidirectional", [DMT_TO_DEVICE] = "to_device",
	[DMT_FROM_DEVICE] = "from_device", [DMT_NONE] = "none",
};

const char *const hook_names[DMT_HOOK_MAX] = {
#define X(id, op) [DMT_HOOK_##id] = #id,
	DMT_HOOKS(X)
#undef X
};

enum dmt_op hook_op(enum dmt_hook hook)
{
	static const enum dmt_op of[DMT_HOOK_MAX] = {
#define X(id, op) [DMT_HOOK_##id] = DMT_OP_##op,
		DMT_HOOKS(X)
#undef X
	};

	return of[hook];
}

const dmt_ops ops_on_request = OP(IOVA_FAST_ALLOC) | OP(IOVA_FAST_FREE) | OP(IOTLB_SYNC) |
			       OP(IOTLB_FLUSH) | OP(MSI_MAP) | OP(PAGE_ALLOC) | OP(REMAP);

const dmt_ops ops_of_iommu = OP(IOMMU_ALLOC) | OP(IOMMU_MAP) | OP(IOMMU_UNMAP) |
			     OP(PGTABLE_MAP) | OP(IOVA_FAST_ALLOC) | OP(IOVA_FAST_FREE) |
			     OP(IOTLB_SYNC) | OP(IOTLB_FLUSH) | OP(MSI_MAP);

const dmt_ops ops_without_size = OP(IOTLB_FLUSH) | OP(MSI_MAP);

#define TAKING										\
	(OP(ALLOC) | OP(ALLOC_PAGES) | OP(ALLOC_NONCONTIGUOUS) | OP(MAP) | OP(MAP_SG) |	\
	 OP(MAP_RESOURCE) | OP(IOVA_ALLOC))

const dmt_ops ops_taking = TAKING;
const dmt_ops ops_followed = TAKING | OP(FREE) | OP(FREE_PAGES) |
			     OP(FREE_NONCONTIGUOUS) | OP(UNMAP) | OP(UNMAP_SG) |
			     OP(UNMAP_RESOURCE) | OP(IOVA_FREE);

dmt_ops hook_serves(enum dmt_hook hook)
{
	if (hook == DMT_HOOK_SLOT_FREE)
		return OP(BOUNCE) | hook_serves(DMT_HOOK_BOUNCE);
	/* whose slots allocations take, so that both are to be seen */
	if (hook == DMT_HOOK_IN_RESTRICTED_POOL || hook == DMT_HOOK_RESTRICTED_FREE)
		return OP(BOUNCE) | OP(ALLOC) | OP(ALLOC_PAGES) | OP(ALLOC_NONCONTIGUOUS);
	if (hook == DMT_HOOK_IN_IOVA_TREE)
		return OP(IOVA_FAST_ALLOC);
	if (hook == DMT_HOOK_IN_P2P)
		return OP(MAP_SG);
	if (hook_marks(hook))
		return OP(ALLOC) | OP(ALLOC_PAGES) | OP(ALLOC_NONCONTIGUOUS);
	switch (hook_op(hook)) {
	case DMT_OP_BOUNCE:		/* which path */
		return OP(MAP) | OP(MAP_SG) | OP(IOVA_LINK);
	case DMT_OP_IOVA_FAST_ALLOC:	/* whose domain it is */
		return OP(IOVA_FAST_FREE) | OP(IOTLB_FLUSH);
	case DMT_OP_IOMMU_ALLOC:	/* passes on what was noted inside it */
		return OP(ALLOC) | OP(PAGE_ALLOC) | OP(REMAP);
	case DMT_OP_ALLOC:		/* what they are parts of */
	case DMT_OP_ALLOC_PAGES:
	case DMT_OP_ALLOC_NONCONTIGUOUS:
		return OP(PAGE_ALLOC) | OP(REMAP);
	case DMT_OP_IOMMU_MAP:		/* page tables take pages, too */
	case DMT_OP_REMAP:
		return OP(PAGE_ALLOC);
	case DMT_OP_MAP:		/* what a copy was for */
	case DMT_OP_UNMAP:
	case DMT_OP_MAP_SG:
	case DMT_OP_UNMAP_SG:
	case DMT_OP_SYNC_CPU:
	case DMT_OP_SYNC_DEVICE:
	case DMT_OP_IOVA_LINK:
	case DMT_OP_IOVA_UNLINK:
	case DMT_OP_IOVA_FREE:
		return OP(BOUNCE_COPY);
	default:
		return 0;
	}
}

/* How a call with this result fails; SEEN_: of a tracepoint, which has it among its arguments. */
#define RESULT_VOID FAILS_NEVER
#define RESULT_POINTER FAILS_NULL
#define RESULT_PAGE FAILS_NULL
#define RESULT_ADDRESS FAILS_ADDRESS
#define RESULT_SLOT FAILS_ADDRESS
#define RESULT_ERRNO FAILS_ERRNO
#define RESULT_NENTS FAILS_ERRNO
#define RESULT_UNMAPPED FAILS_SHORT
#define RESULT_RESERVED FAILS_FALSE
#define RESULT_IOVA FAILS_ZERO
#define SEEN_VOID FAILS_NEVER
#define SEEN_POINTER(argument) FAILS_NULL
#define SEEN_ADDRESS(argument) FAILS_ADDRESS
#define SEEN_UNSEEN(result) RESULT_##result, .blind = true

#define NO_ROW(...)
#define ROW(hook, name, symbol, failure, proto, ...)					\
	{ DMT_HOOK_##hook, #name, #symbol, proto, failure, __VA_ARGS__ },

const struct sight probes[] = {
#define PROBE(name, symbol, args, hook, dev, ret, proto, what, ...)			\
	ROW(hook, name, symbol, RESULT_##ret, proto, __VA_ARGS__)
#define MARK(name, symbol, args, hook, ret, yes, no, ...)				\
	ROW(hook, name, symbol, FAILS_NEVER, __VA_ARGS__)
#define TAKE(name, symbol, args, hook, ...) ROW(hook, name, symbol, FAILS_NEVER, __VA_ARGS__)
#define RELEASE(name, symbol, args, hook, slot, ...)					\
	ROW(hook, name, symbol, FAILS_NEVER, __VA_ARGS__)
#define POINT NO_ROW
#include "bpf/hooks.bpf.h"
	{ 0 }
};

#undef PROBE
#undef MARK
#undef TAKE
#undef RELEASE
#undef POINT

const struct sight points[] = {
#define PROBE NO_ROW
#define MARK NO_ROW
#define TAKE NO_ROW
#define RELEASE NO_ROW
#define POINT(name, event, hook, dev, ret, proto, what, ...)				\
	ROW(hook, name, event, SEEN_##ret, proto, __VA_ARGS__)
#include "bpf/hooks.bpf.h"
	{ 0 }
};
