/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the BPF side and user space say to each other: operations, hooks, losses, map values.
 * Fixed-width types only; every name starts with dmt_ or DMT_.  All times are ns of the
 * monotonic clock, all sizes bytes.  Knows nothing of libbpf or of any kernel structure.
 */
#ifndef DMATRACE_H
#define DMATRACE_H

#include <linux/types.h>

/*
 * Operations: id, name as printed and as JSON says it, layer, what it is.
 * Recordings store the name, so the order is free.
 */
#define DMT_OPS(X) \
	X(ALLOC, "alloc", API, "coherent allocation (dma_alloc_attrs)") \
	X(FREE, "free", API, "coherent free (dma_free_attrs)") \
	X(ALLOC_PAGES, "alloc_pages", API, "page allocation (dma_alloc_pages)") \
	X(FREE_PAGES, "free_pages", API, "page free (dma_free_pages)") \
	X(ALLOC_NONCONTIGUOUS, "alloc_noncontiguous", API, "sg_table allocation") \
	X(FREE_NONCONTIGUOUS, "free_noncontiguous", API, "sg_table free") \
	X(MAP, "map", API, "streaming map of one buffer (dma_map_page/single/phys)") \
	X(UNMAP, "unmap", API, "its unmap") \
	X(MAP_SG, "map_sg", API, "streaming map of a scatterlist") \
	X(UNMAP_SG, "unmap_sg", API, "its unmap") \
	X(MAP_RESOURCE, "map_resource", API, "map of an MMIO resource") \
	X(UNMAP_RESOURCE, "unmap_resource", API, "its unmap") \
	X(SYNC_CPU, "sync_cpu", API, "hand a buffer back to the CPU (single and sg)") \
	X(SYNC_DEVICE, "sync_device", API, "hand a buffer to the device (single and sg)") \
	X(MMAP, "mmap", API, "map a coherent buffer into user space") \
	X(IOVA_ALLOC, "iova_alloc", API, "two-step API: reserve IOVA space") \
	X(IOVA_LINK, "iova_link", API, "two-step API: link memory into it") \
	X(IOVA_UNLINK, "iova_unlink", API, "two-step API: unlink memory") \
	X(IOVA_FREE, "iova_free", API, "two-step API: free or destroy the IOVA space") \
	X(BOUNCE, "bounce", BACKEND, "bounce slot taken (swiotlb_tbl_map_single)") \
	X(BOUNCE_COPY, "bounce_copy", BACKEND, "copy between buffer and slot (swiotlb_bounce)") \
	X(IOMMU_ALLOC, "iommu_alloc", BACKEND, "allocation behind an IOMMU (iommu_dma_alloc)") \
	X(IOMMU_MAP, "iommu_map", CORE, "map into an IOMMU domain (__iommu_map)") \
	X(IOMMU_UNMAP, "iommu_unmap", CORE, "unmap from an IOMMU domain (__iommu_unmap)") \
	X(PGTABLE_MAP, "pgtable_map", PGTABLE, "page-table write (arm_lpae_map and kin)") \
	X(IOVA_FAST_ALLOC, "iova_fast_alloc", CORE, "range of I/O addresses (alloc_iova_fast)") \
	X(IOVA_FAST_FREE, "iova_fast_free", CORE, "its return, now or from a flush queue") \
	X(IOTLB_SYNC, "iotlb_sync", CORE, "flush of a range that an unmap waits for") \
	X(IOTLB_FLUSH, "iotlb_flush", CORE, "flush of a whole domain, for a queue of unmaps") \
	X(MSI_MAP, "msi_map", BACKEND, "doorbell of MSIs mapped (iommu_dma_prepare_msi)") \
	X(PAGE_ALLOC, "page_alloc", BACKEND, "memory got inside a call (page allocator, CMA)") \
	X(REMAP, "remap", BACKEND, "memory mapped anew for the CPU (dma_common_*_remap)")

enum dmt_op {
#define X(id, name, layer, help) DMT_OP_##id,
	DMT_OPS(X)
#undef X
	DMT_OP_MAX
};

/* A bit of a set of at most 32 things, which operations are not. */
#define BIT(n) (1u << (n))

/* A set of operations: a bit for each. */
typedef __u64 dmt_ops;
#define OP(id) (1ull << DMT_OP_##id)
#define OPS_ALL (~0ull >> (64 - DMT_OP_MAX))
_Static_assert(DMT_OP_MAX <= 64, "operations are bits of dmt_ops");

/*
 * Hooks: one point of observation.  An operation may have several (single and sg syncs), a
 * call passes exactly one of them.  The last ones count nothing: they tell which path the call
 * around them takes, or what became of what a call took.  id, operation.
 */
#define DMT_HOOKS(X) \
	X(ALLOC, ALLOC) X(FREE, FREE) \
	X(ALLOC_PAGES, ALLOC_PAGES) X(FREE_PAGES, FREE_PAGES) \
	X(ALLOC_NONCONTIGUOUS, ALLOC_NONCONTIGUOUS) X(FREE_NONCONTIGUOUS, FREE_NONCONTIGUOUS) \
	X(MAP, MAP) X(UNMAP, UNMAP) X(MAP_SG, MAP_SG) X(UNMAP_SG, UNMAP_SG) \
	X(MAP_RESOURCE, MAP_RESOURCE) X(UNMAP_RESOURCE, UNMAP_RESOURCE) \
	X(SYNC_CPU, SYNC_CPU) X(SYNC_SG_CPU, SYNC_CPU) \
	X(SYNC_DEVICE, SYNC_DEVICE) X(SYNC_SG_DEVICE, SYNC_DEVICE) \
	X(MMAP, MMAP) \
	X(IOVA_ALLOC, IOVA_ALLOC) X(IOVA_LINK, IOVA_LINK) X(IOVA_UNLINK, IOVA_UNLINK) \
	X(IOVA_FREE, IOVA_FREE) X(IOVA_DESTROY, IOVA_FREE) \
	X(BOUNCE, BOUNCE) X(BOUNCE_COPY, BOUNCE_COPY) \
	X(IOMMU_ALLOC, IOMMU_ALLOC) X(INTEL_ALLOC, IOMMU_ALLOC) \
	X(IOMMU_MAP, IOMMU_MAP) X(IOMMU_UNMAP, IOMMU_UNMAP) \
	X(LPAE_MAP, PGTABLE_MAP) X(INTEL_MAP, PGTABLE_MAP) X(AMD_MAP, PGTABLE_MAP) \
	X(X86_64_MAP, PGTABLE_MAP) \
	X(IOVA_FAST_ALLOC, IOVA_FAST_ALLOC) X(IOVA_FAST_FREE, IOVA_FAST_FREE) \
	X(SYNC_INTEL, IOTLB_SYNC) X(SYNC_AMD, IOTLB_SYNC) X(SYNC_SMMU, IOTLB_SYNC) \
	X(FLUSH, IOTLB_FLUSH) X(FLUSH_INTEL, IOTLB_FLUSH) X(FLUSH_AMD, IOTLB_FLUSH) \
	X(MSI_MAP, MSI_MAP) \
	X(PAGES, PAGE_ALLOC) X(CMA, PAGE_ALLOC) X(REMAP, REMAP) X(REMAP_PAGES, REMAP) \
	X(IN_DEV_POOL, ALLOC) X(IN_GLOBAL_POOL, ALLOC) X(IN_ATOMIC_POOL, ALLOC) \
	X(IN_RESTRICTED_POOL, ALLOC) X(IN_CMA, ALLOC) X(IN_REMAP, ALLOC) X(IN_PAGES_REMAP, ALLOC) \
	X(IN_IOVA_TREE, IOVA_FAST_ALLOC) X(IN_P2P, MAP_SG) X(SLOT_FREE, BOUNCE) \
	X(RESTRICTED_FREE, BOUNCE)

enum dmt_hook {
#define X(id, op) DMT_HOOK_##id,
	DMT_HOOKS(X)
#undef X
	DMT_HOOK_MAX
};

/*
 * What is noted of a call besides its direction: which functions succeeded inside it, and facts
 * that explain a bounce.  Calls that differ in it are counted apart; user space makes paths and
 * reasons of it (model/classify.h), so the rules can be tested without a kernel.
 */
#define DMT_NOTE_PAIRED (1u << 0)	/* nothing was missed: a bit not set below means no */
#define DMT_NOTE_BOUNCED (1u << 1)	/* swiotlb_tbl_map_single gave a slot... */
#define DMT_NOTE_UNBOUNCED (1u << 2)	/* ...or failed to */
#define DMT_NOTE_DEV_POOL (1u << 3)
#define DMT_NOTE_GLOBAL_POOL (1u << 4)
#define DMT_NOTE_ATOMIC_POOL (1u << 5)
#define DMT_NOTE_RESTRICTED_POOL (1u << 6)
#define DMT_NOTE_CMA (1u << 7)
#define DMT_NOTE_REMAP (1u << 8)	/* dma_common_contiguous_remap */
#define DMT_NOTE_PAGES_REMAP (1u << 9)	/* dma_common_pages_remap */
#define DMT_NOTE_POOL_EMPTY (1u << 10)	/* the atomic pool was asked, in vain */
#define DMT_NOTE_FAILED (1u << 11)	/* the allocation did */
#define DMT_NOTE_CMA_FULL (1u << 22)	/* contiguous memory was asked for, in vain */
/* of a bounce */
#define DMT_NOTE_POOL_KNOWN (1u << 12)	/* the next two are, since v5.14 */
#define DMT_NOTE_FORCED (1u << 13)	/* the device's pool takes everything */
#define DMT_NOTE_FOR_ALLOC (1u << 14)	/* ... is a restricted one */
#define DMT_NOTE_ABOVE_MASK (1u << 15)
#define DMT_NOTE_ABOVE_LIMIT (1u << 16)	/* of the bus */
#define DMT_NOTE_UNTRUSTED (1u << 17)
#define DMT_NOTE_SMALL (1u << 18)	/* may share a cache line with other data */
/* of a bounce and of a copy */
#define DMT_NOTE_CONTEXT (1u << 19)	/* the next two are known */
#define DMT_NOTE_SOFTIRQ (1u << 20)
#define DMT_NOTE_HARDIRQ (1u << 21)
/* of an IOVA allocation */
#define DMT_NOTE_TREE (1u << 31)	/* the rcache did not serve it: the tree was searched */
#define DMT_NOTE_ABOVE_RCACHE (1u << 23)	/* too large for the rcache */
#define DMT_NOTE_RETRIED (1u << 30)	/* nothing below 4 GiB: the caller asks again above */
/* of a map_sg: some of it is memory of another device, and how the two get at each other */
#define DMT_NOTE_P2P (1u << 13)
#define DMT_NOTE_P2P_BUS (1u << 14)	/* by what a bus in between carries; nothing translates */
#define DMT_NOTE_P2P_HOST (1u << 15)	/* across the host bridge, as memory is */
/* of an iommu_map: of device registers, not memory */
#define DMT_NOTE_MMIO (1u << 12)
/* of a pgtable_map: log2 of the page size in six bits, 0: not known */
#define DMT_NOTE_PAGE 12
/* of a copy, and of what is part of other calls: the hook of the call around it, counted from 1 */
#define DMT_NOTE_WITHIN 24
_Static_assert(DMT_HOOK_MAX <= 63, "DMT_NOTE_WITHIN: six bits hold 63 hooks, and 0 for none");
_Static_assert(!(63u << DMT_NOTE_WITHIN & (DMT_NOTE_CMA_FULL | DMT_NOTE_ABOVE_RCACHE |
					   DMT_NOTE_RETRIED | DMT_NOTE_TREE)),
	       "notes beside DMT_NOTE_WITHIN");
_Static_assert(DMT_NOTE_PAGE + 6 <= DMT_NOTE_WITHIN, "a pgtable_map has both");

/*
 * The rcache keeps ranges of up to 2^5 pages: IOVA_RANGE_CACHE_MAX_SIZE is 6 in v5.10 to 7.2, and
 * up to v5.18 the length of an array in struct iova_domain says so.
 */
#define DMT_RCACHE_PAGES 32

/* enum dma_data_direction, plus "the hook cannot tell" */
enum dmt_dir {
	DMT_BIDIRECTIONAL, DMT_TO_DEVICE, DMT_FROM_DEVICE, DMT_NONE, DMT_UNKNOWN, DMT_DIR_MAX
};
_Static_assert(DMT_DIR_MAX <= 8, "account_kind() has three bits");

/* Ways a fact gets lost inside BPF: id, name in reports, what it means. */
#define DMT_LOSSES(X) \
	X(ACCOUNTS, "accounts_full", "calls not counted: no account left for a new device/operation") \
	X(DEVICES, "devices_full", "calls counted without their device: device table full") \
	X(LATENCY, "latency_lost", "calls counted without a latency sample: entry not seen") \
	X(UNPAIRED, "unpaired", "calls not counted: return without its entry (kprobe ways)") \
	X(DEPTH, "nested_too_deep", "calls open on one stack beyond what is kept") \
	X(SG, "sg_truncated", "scatterlists longer than read: their bytes are a floor") \
	X(ERRORS, "error_values_full", "failures whose value was not kept (they are counted)") \
	X(STACKS, "stacks_lost", "call paths not kept: table full, or not to be walked") \
	X(HELD, "held_full", "slots or mappings not followed: table full, or 16 of the same memory") \
	X(PATHS, "stack_counts_full", "calls not counted by call path: table full") \
	X(LIFETIMES, "lifetimes_full", "mappings given back whose lifetime found no room") \
	X(EVENTS, "events_lost", "events that found the ring buffer full") \
	X(NAMES, "names_lost", "modules that came or went whose functions' names were not all kept")

enum dmt_loss {
#define X(id, name, help) DMT_LOSS_##id,
	DMT_LOSSES(X)
#undef X
	DMT_LOSS_MAX
};

/*
 * Log-linear histogram: 8 buckets per power of two, so a bucket is at most 1/8 of its lower
 * bound wide and its middle is within 6.25 % of any value in it.  Values up to 15 have a
 * bucket each; the last bucket takes everything from 2^36 up (68 s, 64 GiB) and has no upper end.
 */
#define DMT_HIST_BUCKETS 273

/* The buckets of values below 2048: one each up to 15, then eight for every power of two. */
#define DMT_2(n) n, n
#define DMT_4(n) DMT_2(n), DMT_2(n)
#define DMT_8(n) DMT_4(n), DMT_4(n)
#define DMT_16(n) DMT_8(n), DMT_8(n)
#define DMT_32(n) DMT_16(n), DMT_16(n)
#define DMT_64(n) DMT_32(n), DMT_32(n)
#define DMT_128(n) DMT_64(n), DMT_64(n)
#define DMT_OCTAVE(times, n)								\
	times(n), times(n + 1), times(n + 2), times(n + 3),				\
	times(n + 4), times(n + 5), times(n + 6), times(n + 7)
#define DMT_BUCKETS_TABLED 2048
static const __u8 dmt_buckets[DMT_BUCKETS_TABLED] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
	DMT_OCTAVE(DMT_2, 16), DMT_OCTAVE(DMT_4, 24), DMT_OCTAVE(DMT_8, 32),
	DMT_OCTAVE(DMT_16, 40), DMT_OCTAVE(DMT_32, 48), DMT_OCTAVE(DMT_64, 56),
	DMT_OCTAVE(DMT_128, 64),
};

/* Of a value below DMT_BUCKETS_TABLED. */
static inline __attribute__((always_inline)) __u32 dmt_bucket_tabled(__u64 v)
{
	return dmt_buckets[v];
}

/*
 * Of a value below 512K, by its upper bits where it is not in the table: eight powers of two are 64
 * buckets.
 */
static inline __attribute__((always_inline)) __u32 dmt_bucket_small(__u64 v)
{
	/*
	 * Compared and used it must be the same register: bounds of what clang reads back from the
	 * stack are forgotten up to 5.10.
	 */
	asm("" : "+r"(v));
	return v < DMT_BUCKETS_TABLED ?
		       dmt_bucket_tabled(v) :
		       dmt_bucket_tabled(v >> 8 & (DMT_BUCKETS_TABLED - 1)) + 64;
}

/* Larger ones are rare and may take their time, in a function that the verifier walks once. */
#ifdef __bpf__
__attribute__((noinline)) __u32 dmt_bucket_large(__u64 v)
#else
static inline __u32 dmt_bucket_large(__u64 v)
#endif
{
	__u64 half = v >> 16;

	if (v >> 36)
		return DMT_HIST_BUCKETS - 1;
	if (half < 1 << 19)
		return dmt_bucket_small(half) + 128;
	half >>= 16;
	return half < 1 << 19 ? dmt_bucket_small(half) + 256 : DMT_HIST_BUCKETS - 1;
}

static inline __attribute__((always_inline)) __u32 dmt_bucket(__u64 v)
{
	__u32 bucket = v < 1 << 19 ? dmt_bucket_small(v) : dmt_bucket_large(v);

	return bucket < DMT_HIST_BUCKETS ? bucket : DMT_HIST_BUCKETS - 1;
}

struct dmt_account_key {
	__u32 cpu;
	__u32 device;		/* id in the devices table; 0: no device known */
	__u16 hook;
	__u16 direction;
	__u32 notes;		/* DMT_NOTE_* */
};
_Static_assert(sizeof(struct dmt_account_key) == 16, "hash key without padding");

/* One per CPU, device, hook, direction and notes; monotonic. */
struct dmt_account {
	__u64 dev, kind;	/* whose it is: struct device *, and see account_kind() */
	__u32 generation;
	__u32 index;		/* its own */
	__u32 next;		/* in the ring of those that share a place in the CPU's cache */
	__u32 device;		/* id in the devices table; 0: no device known */
	__u64 errors;		/* calls are these and the ones counted in size[] */
	__u64 bytes;		/* of successful calls */
	__u64 latency_sum;
	__u64 latency_max;
	__u64 size_max;		/* of successful calls */
	__u64 latency[DMT_HIST_BUCKETS];
	__u64 size[DMT_HIST_BUCKETS];
};

#define DMT_CPUS 1024		/* CPU numbers beyond share what is kept per CPU */
#define DMT_CACHED 128

struct dmt_cpu {
	__u32 cache[DMT_CACHED];	/* one of a ring of accounts: each says whose it is */
	__u64 window, token;		/* where the last call began that this CPU saw */
	__u64 switches;			/* how often that was another stack than before */
	__u64 searches;			/* of rings */
	__u64 losses[DMT_LOSS_MAX];
	__u64 spare[60 - DMT_LOSS_MAX];	/* up to a power of two */
};

#define DMT_STACK_DEPTH 48
#define DMT_NO_STACK (-1)

/* Failing calls that are alike in all of this are counted together. */
struct dmt_failure_key {
	__u32 account;		/* index of the account that counted it */
	__s32 stack;		/* id in stack_traces, DMT_NO_STACK */
	__s64 value;		/* as returned: -errno, 0 for NULL, -1 for an invalid address */
	__u64 size;		/* asked for */
	/*
	 * Of iommu_map: iova, paddr.  Of an IOVA allocation where: limit.  Of a bounce that is
	 * large: alloc_align_mask, and the bits of the buffer's address that its slots have, too.
	 */
	__u64 where, phys;
	__u64 grain;		/* iommu_map: min_pagesz; bounce: slots there are; 0: unknown */
	__u64 caller;		/* return address that is not on the stack yet, or 0 */
	__u32 attrs;		/* DMA_ATTR_* */
	__u32 gfp;		/* of an allocation */
};

struct dmt_failure {
	__u64 count;
	__u64 since;		/* ns: when the first of them was */
	__u64 used_min, used_max;	/* of bounce: slots taken then */
};

/* Where a call came from that will fail, as its return may be too late to know. */
struct dmt_entry_path {
	__u64 caller;		/* see struct dmt_failure_key */
	__s32 stack;
	__u32 unused;
};

/* What was taken and not given back. */
enum dmt_held { DMT_HELD_SLOT, DMT_HELD_MAPPING, DMT_HELD_LIST, DMT_HELD_ALLOCATION };

struct dmt_held_key {
	__u64 address;		/* of the slot, or for the device; or of its struct sg_table */
	__u64 whose;		/* struct device *, 0 for slots; see below */
};

#define DMT_HELD_BITS 3ull	/* of whose: enum dmt_held */
/*
 * From this bit on: which it is, as without an IOMMU the same memory can be held more than once.
 * In addresses of the kernel's all these are set, and so they are in the first; then some are not.
 */
#define DMT_HELD_WHICH 56
#define DMT_HELD_SAME 16	/* so many, and no more */
_Static_assert(DMT_HELD_ALLOCATION <= DMT_HELD_BITS, "DMT_HELD_BITS: two bits hold four kinds");
_Static_assert(DMT_HELD_SAME <= 1 << (64 - DMT_HELD_WHICH), "DMT_HELD_WHICH: eight bits");

struct dmt_held_value {
	__u64 since;		/* ns */
	__u64 size;
	__u32 device;		/* id in devices; 0: not known */
	__s32 stack;		/* DMT_NO_STACK */
	__u8 hook, direction;
	__u8 shared;		/* one of several of the same memory: which is not known */
	__u8 memory;		/* enum dmt_memory: what base and phys are */
	__u32 lifetime;		/* whose it will be: index in lifetimes */
	__u64 base, phys;
	__u64 caller;		/* return address: with a stack one that is not on it yet, or 0 */
};

/* Hooks whose calls take what others give back. */
#define DMT_TAKERS(X)									\
	X(ALLOC) X(ALLOC_PAGES) X(ALLOC_NONCONTIGUOUS) X(MAP) X(MAP_SG) X(MAP_RESOURCE)	\
	X(IOVA_ALLOC)

enum dmt_taker {
#define X(id) DMT_TAKER_##id,
	DMT_TAKERS(X)
#undef X
	DMT_TAKER_MAX
};

/* How long mappings lived: at device id * DMT_TAKER_MAX + who took them. */
struct dmt_lifetime {
	__u64 unseen;		/* given back, but not seen made */
	__u64 unseen_last;	/* when that was for the last time, ns */
	__u64 shared;		/* one of several of the same memory: which is not known */
	__u64 sum, max;		/* ns; max may miss one, when two CPUs raise it at once */
	__u64 buckets[DMT_HIST_BUCKETS];
};

/* An address that was given back and not seen made: some are kept, by dmt_held_key. */
struct dmt_stray {
	__u64 first;		/* when, ns */
	__u64 count;
	__u32 lifetime;		/* index in lifetimes: whose, and what it would have given back */
	__u32 unused;
};
#define DMT_STRAYS 4096

/* What a call says of the memory it is about: base, and phys to go with it. */
enum dmt_memory {
	DMT_MEMORY_PHYS,	/* no base; phys is the address, 0: not known */
	DMT_MEMORY_PAGE,	/* struct page *, phys the offset from there */
	DMT_MEMORY_VIRT,	/* the CPU's address */
	DMT_MEMORY_TABLE,	/* struct sg_table *; phys: its first address for the device */
};

/* What a run is for, besides counting; set before load. */
#define DMT_WANTS_STACKS (1u << 0)
#define DMT_WANTS_LIVE (1u << 1)
#define DMT_WANTS_EVENTS (1u << 2)
#define DMT_WANTS_EVENT_STACKS (1u << 3)	/* events with their call paths */
#define DMT_WANTS_NO_LATENCY (1u << 4)	/* no call to be timed; with LIVE or nothing else */
#define DMT_WANTS_LIVE_STACKS (1u << 5)		/* call paths of what lives, not only callers */
#define DMT_WANTS_END (1u << 6)			/* above all of them */
#define DMT_WANTS_PATHS (DMT_WANTS_STACKS | DMT_WANTS_EVENT_STACKS)
#define DMT_WANTS_ANY_PATHS (DMT_WANTS_PATHS | DMT_WANTS_LIVE_STACKS)

struct dmt_stack_key {
	__u32 account;
	__s32 stack;		/* id in stack_traces, DMT_NO_STACK */
	char task[16];		/* empty: in an interrupt, or that is not known */
	__u64 caller;		/* return address that is not on the stack yet, or 0 */
	__u64 modules;		/* that came or went before: another may have these addresses */
};

struct dmt_stack_count {
	__u64 calls, bytes, ns;
	__u64 since;		/* ns: when the first of them was */
};

/* One call; addresses and phys are 0 where not known. */
struct dmt_event {
	__u64 time;		/* ns of the monotonic clock, at the return */
	__s64 latency;		/* ns; -1: not known */
	__s64 value;		/* of a failing call, as returned */
	__u64 size, where, phys;
	__u64 caller;		/* return address that is not on the stack yet, or 0 */
	__u64 base;		/* see memory; phys goes with it */
	__u32 cpu, thread, device, notes;
	__s32 stack;
	__u8 hook, direction, failed, memory;
	char task[16];
};

/*
 * What is kept of a kernel module that comes or goes: a head, and in pieces behind it, among those
 * of others, the symbols and their names, where these are not known yet.
 */
#define DMT_MODULE_LOG (2u << 20)	/* bytes kept until user space reads them */
#define DMT_MODULE_SYMBOL 24		/* bytes of an Elf64_Sym */
enum dmt_module_part { DMT_MODULE_HEAD, DMT_MODULE_SYMBOLS, DMT_MODULE_NAMES };

struct dmt_code {
	__u64 base, size;
};

struct dmt_module_head {
	__u32 part;		/* enum dmt_module_part */
	__u32 comes;		/* 0: it goes */
	__u64 module;		/* struct module *, which its pieces have as well */
	__u64 time;		/* ns */
	__u32 symbols_bytes, names_bytes;	/* in pieces; 0: none follow */
	struct dmt_code code, init;	/* init: freed when it has come */
	char name[56];
};

struct dmt_module_piece {
	__u32 part;
	__u32 bytes;		/* of data; the last piece has some that are not of the table */
	__u64 module;
	__u64 at;		/* where in the table */
	__u8 data[];
};

#define DMT_NAME_LEN 48

/* struct device says so */
#define DMT_DEVICE_IOMMU_FLAG (1u << 0)	/* maps through dma-iommu (v6.12 and later say) */
#define DMT_DEVICE_IOMMU_KNOWN (1u << 1)
#define DMT_DEVICE_OPS (1u << 2)	/* has DMA ops */
#define DMT_DEVICE_DOMAIN (1u << 3)	/* has an IOMMU domain: domain_type holds */
#define DMT_DEVICE_SKIPS_SYNC (1u << 4)
#define DMT_DOMAIN_IDENTITY 4	/* domain_type: nothing is translated */
#define DMT_DEVICE_LEFT_OUT (1u << 5)	/* not one of those asked for, see dmt_glob */
#define DMT_DEVICE_COHERENT (1u << 6)	/* its DMA and the CPUs' caches agree */
#define DMT_DEVICE_RESTRICTED (1u << 7)	/* its swiotlb is a restricted pool */

/*
 * What a device was when first seen; filled in the kernel, so it outlives the device.  How far it
 * reaches is looked at again when a call of it is of a new kind, or fails: drivers set that late.
 */
struct dmt_device {
	char name[DMT_NAME_LEN];
	char bus[DMT_NAME_LEN];
	char driver[DMT_NAME_LEN];
	__u64 mask, coherent_mask;	/* mask 0: none */
	__u64 bus_limit;		/* highest address the bus carries; 0: no limit */
	__u64 boundary;			/* segment_boundary_mask; 0: none was set */
	/* of the first entry of dma_range_map: the CPU's address, the bus's; size 0: it has none */
	__u64 range_cpu, range_bus, range_size;
	__u32 segment;			/* max_segment_size; 0: none was set */
	__u32 align_mask;		/* min_align_mask */
	__u64 ops, ops_map;		/* struct dma_map_ops *, and the function in it that maps */
	__u32 flags;			/* DMT_DEVICE_* */
	__u32 domain_type;		/* as <linux/iommu.h> has it: 4 identity, 3 and 11 DMA */
	__u32 pool_areas;		/* of the swiotlb it bounces through; 0: not known */
	char pool[DMT_NAME_LEN];	/* that swiotlb's directory in debugfs; "": not known */
};

/*
 * A shell pattern as bits, one for each of its parts: a character, a set, or a star.  A name is
 * matched in one pass, with a bit for each number of parts that fit so far.
 */
#define DMT_GLOB_PARTS 63
_Static_assert(DMT_GLOB_PARTS < 64, "a bit for each number of parts, and for none");
struct dmt_glob {
	__u64 accepts[256];	/* by character: the parts it fits */
	__u64 stars;		/* the parts any characters fit; no two are neighbours */
	__u32 parts;
	__u32 given;		/* 0: none, everything fits */
};

/* The BPF side's own; here because the skeleton declares its variables. */

/* What an adapter says of a call; size and direction may come from the entry or the return. */
struct dmt_call {
	__u64 dev;		/* struct device *, 0 where the function has none */
	__u64 size;
	__u64 size_at;		/* address of a size_t the callee fills in, or 0 */
	__u64 where;		/* leads to the address for the device, see via */
	__u64 phys;		/* 0: not among the arguments */
	union {
		__u64 domain;	/* struct iommu_domain *, of I/O addresses struct iova_domain * */
		__u64 base;	/* of memory, unless it is DMT_MEMORY_PHYS */
	};
	__u32 hook;
	__u32 notes;		/* DMT_NOTE_* */
	__u16 dir;
	/* of one that failed; of kprobes, which see arguments at the entry only, of any */
	__u16 attrs;		/* DMA_ATTR_*: 7.2 has them up to bit 13 */
	__u32 detail;		/* of an allocation its gfp, of a bounce alloc_align_mask */
	/* from here on for extras only */
	__s32 path;		/* its id and 1; 0: not taken; else enum dmt_path */
	__u8 memory;		/* enum dmt_memory */
	__u8 via;		/* enum dmt_via */
	/* a return address; of kprobes, which take the call path at the entry, one not on it */
	__u64 caller;
};

enum dmt_path { DMT_PATH_LOST = -1, DMT_PATH_UNWANTED = -2 };

/* What `where` is. */
enum dmt_via {
	DMT_VIA_RESULT,		/* nothing: the result is the address, if any */
	DMT_VIA_VALUE,		/* the address itself */
	DMT_VIA_HANDLE,		/* dma_addr_t * */
	DMT_VIA_ARGUMENT,	/* where such a pointer stands */
	DMT_VIA_SG,		/* struct scatterlist *: that of the first entry */
	DMT_VIA_STATE,		/* struct dma_iova_state * */
};

/* A call whose return has not been seen yet. */
struct dmt_frame {
	/*
	 * Stack address, the same at entry and return: a trampoline passes both its programs
	 * the same context, kprobes have the stack pointer.
	 */
	__u64 token;
	__u64 start;		/* ns; of sessions it is in the cookie */
	__u32 hook;		/* of the programs that push and pop it; call.hook may be finer */
	__u32 notes;		/* what calls inside it left here */
	__u64 switches;		/* of its CPU when it began; DMT_FRESH: does not matter */
	struct dmt_call call;	/* of trampolines only dev: their return has the arguments */
};

/*
 * Open calls of one kernel stack, outermost first.  Found by the stack's address, so a call
 * may sleep, be preempted or return on another CPU, and an interrupt over a task has its own:
 * both arches give hard and soft interrupts a stack apart from the task's.  The last frame
 * encloses a call that begins on the same stack: it lends its device to functions without one.
 */
#define DMT_GUARD 4096		/* at least as many bytes are between stacks */
#define DMT_FRAMES 9
#define DMT_FRESH (~0ull)
#define DMT_STACKS 2048
struct dmt_stack {
	__u64 window;		/* address >> ARCH_STACK_SHIFT */
	__u64 end;		/* of open frames, in bytes from the first */
	struct dmt_frame frames[DMT_FRAMES];
};
/* Up to 5.10 the JIT of x86 multiplies in nine instructions, and shifts in one. */
#define DMT_POWER_OF_2(n) (((n) & ((n) - 1)) == 0)
_Static_assert(DMT_POWER_OF_2(sizeof(struct dmt_stack)), "there are many");
_Static_assert(DMT_POWER_OF_2(sizeof(struct dmt_cpu)), "there are many");
_Static_assert(DMT_STACKS * sizeof(struct dmt_stack) + DMT_CPUS * sizeof(struct dmt_cpu) < 4 << 20,
	       "5.10 has no arrays with more than 4 MiB in an element, and they are one");

#endif
