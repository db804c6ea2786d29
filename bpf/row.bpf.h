/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a row of hooks.bpf.h reads of a call.  Rows are constants and all of this is inline, so that
 * of describe() what the row asks for is left.  Knows no kernel function.
 */
#ifndef ROW_BPF_H
#define ROW_BPF_H

/* In a row, the n-th argument counted from 0; what is not named is not read. */
#define ARG(n) ((n) + 1)
#define READS(...) __VA_ARGS__

/*
 * Of 64 bits: of less that is first compared and then an index, clang 14 for BPF hides the value
 * from itself, lest it be moved ahead of the comparison, and a constant is none any more.
 */
struct reads {
	/* the memory, as the CPU has it; an offset is from the start of its page */
	__u64 phys, page, offset, virt;
	/* gone when the call returns: its address tells it from others, its content is not read */
	__u64 table;
	/* the address for the device, or what leads to it: dma_addr_t *, struct dma_iova_state * */
	__u64 where, handle, state;
	/* struct dma_iova_state *, which knows its size, too */
	__u64 space;
	__u64 sg, nents;
	__u64 size;
	/* the callee adds to a size_t its caller zeroed: the size is known at the end */
	__u64 size_at;
	/* memory in pages of the CPU, 4K on all that is supported: how many, or their order */
	__u64 pages, order;
	/* a length, as VT-d counts it: in 4K on every x86; of 64 and of 32 bits */
	__u64 vtd_pages, vtd_pages32;
	/* a page size; or a length, of which x86's smallest page alone says what pages it takes */
	__u64 page_size, length;
	__u64 gather;		/* struct iommu_iotlb_gather * */
	__u64 domain;		/* struct iommu_domain * */
	/* of I/O addresses: whose, which in pages of the domain, how many, and up to which */
	__u64 iovad, iova_pfn, iova_pages, limit_pfn;
	__u64 rcache_pages;	/* how many, where the rcache is asked first */
	__u64 last_try;		/* only that one empties the rcaches before it gives up */
	__u64 dir;
	/* IOMMU_READ, IOMMU_WRITE; IOMMU_MMIO as well, with which v6.18 maps registers */
	__u64 prot, prot_mmio;
	__u64 mmio;		/* DMA_ATTR_MMIO here means a call of the hook .also, v6.18 */
	__u64 bounced;		/* why a slot is taken for this address, and by whom */
	bool context;		/* in which context it is called */
	/* of a failing call only: trampolines read them then, kprobes keep them from the entry */
	__u64 attrs, gfp, align;
};

/* What follows in a row: for the plan, see struct sight. */
struct row_plan {
	__u8 also, unless;
};

/* An argument that a trampoline hands over as a pointer the verifier knows (typed). */
static __always_inline __u64 pointer(const __u64 *a, __u64 arg, bool typed)
{
	return typed ? number_of((void *)a[arg - 1]) : a[arg - 1];
}

/* Larger pages than the usual ones are rare. */
__noinline __u32 page_note_large(__u64 size)
{
	for (__u32 bits = 0; bits < 64; bits++)
		if (size >> bits == 1)
			return bits << DMT_NOTE_PAGE;
	return 0;
}

static __always_inline __u32 page_note(__u64 size)
{
	return size == 4096 ? 12 << DMT_NOTE_PAGE : page_note_large(size);
}

static __always_inline void describe_memory(const struct reads *r, const __u64 *a,
					    struct dmt_call *call, bool typed)
{
	if (r->domain)
		call->domain = pointer(a, r->domain, typed);
	if (r->iovad)
		call->domain = pointer(a, r->iovad, typed);
	if (r->page) {
		call->base = pointer(a, r->page, typed);
		call->memory = DMT_MEMORY_PAGE;
	}
	if (r->virt) {
		call->base = a[r->virt - 1];
		call->memory = DMT_MEMORY_VIRT;
	}
	if (r->table) {
		call->base = pointer(a, r->table, typed);
		call->memory = DMT_MEMORY_TABLE;
	}
	if (r->phys)
		call->phys = a[r->phys - 1];
	if (r->offset)
		call->phys = a[r->offset - 1];
}

static __always_inline void describe_address(const struct reads *r, const __u64 *a,
					     struct dmt_call *call, bool typed)
{
	if (r->where) {
		call->where = a[r->where - 1];
		call->via = DMT_VIA_VALUE;
	}
	/* 5.10 lets no trampoline load a pointer that is not to a struct: where it stands, then */
	if (r->handle) {
		call->where = typed ? number_of(&a[r->handle - 1]) : a[r->handle - 1];
		call->via = typed ? DMT_VIA_ARGUMENT : DMT_VIA_HANDLE;
	}
	if (r->state) {
		call->where = pointer(a, r->state, typed);
		call->via = DMT_VIA_STATE;
	}
	if (r->space) {
		call->size = iova_bytes(a[r->space - 1]);
		call->where = pointer(a, r->space, typed);
		call->via = DMT_VIA_STATE;
	}
	if (r->sg) {
		call->where = pointer(a, r->sg, typed);
		call->via = DMT_VIA_SG;
		call->size = sg_bytes(call->where, (__u32)a[r->nents - 1]);
	}
}

static __always_inline void describe_size(const struct reads *r, const __u64 *a,
					  struct dmt_call *call, bool typed)
{
	if (r->size)
		call->size = a[r->size - 1];
	if (r->size_at)
		call->size_at = a[r->size_at - 1];
	if (r->pages)
		call->size = a[r->pages - 1] << 12;
	if (r->order)
		call->size = 4096ull << (a[r->order - 1] & 31);
	if (r->vtd_pages) {
		call->size = a[r->vtd_pages - 1] << 12;
		if (a[r->vtd_pages - 1] == 1)
			call->notes |= page_note(4096);
	}
	if (r->vtd_pages32)
		call->size = (__u64)(__u32)a[r->vtd_pages32 - 1] << 12;
	if (r->page_size)
		call->notes |= page_note(a[r->page_size - 1]);
	if (r->length && a[r->length - 1] == 4096)
		call->notes |= page_note(4096);
	if (r->gather)
		call->size = gather_bytes(pointer(a, r->gather, typed));
}

/* Of I/O addresses, in pages of their domain. */
static __always_inline void describe_iova(const struct reads *r, const __u64 *a,
					  struct dmt_call *call)
{
	if (r->iova_pfn) {
		call->where = a[r->iova_pfn - 1] * iova_granule(call->domain);
		call->via = DMT_VIA_VALUE;
	}
	if (r->iova_pages)
		call->size = a[r->iova_pages - 1] * iova_granule(call->domain);
	if (r->rcache_pages && a[r->rcache_pages - 1] > DMT_RCACHE_PAGES)
		call->notes |= DMT_NOTE_ABOVE_RCACHE;
	if (r->limit_pfn) {
		call->where = (a[r->limit_pfn - 1] + 1) * iova_granule(call->domain) - 1;
		call->via = DMT_VIA_VALUE;
	}
	/* another try follows this one */
	if (r->last_try && !(a[r->last_try - 1] & 0xff))
		call->notes |= DMT_NOTE_RETRIED;
}

/* IOMMU_READ 1 and IOMMU_WRITE 2 are as seen from the device; VT-d's own bits are the same. */
static __always_inline __u16 prot_direction(__u64 prot)
{
	return (prot & 3) == 3 ? DMT_BIDIRECTIONAL :
	       prot & 1 ? DMT_TO_DEVICE :
	       prot & 2 ? DMT_FROM_DEVICE : DMT_NONE;
}

static __always_inline void describe_rest(const struct reads *r, const __u64 *a,
					  struct dmt_call *call, enum dmt_hook also)
{
	if (r->dir)
		call->dir = a[r->dir - 1] & 3;
	if (r->prot)
		call->dir = prot_direction(a[r->prot - 1]);
	/* with the hook around it tells what the call around it maps */
	if (r->prot_mmio && a[r->prot_mmio - 1] & 1 << 4)
		call->notes |= DMT_NOTE_MMIO;
	if (r->mmio && a[r->mmio - 1] & 1 << 10)
		call->hook = also;
	if (r->bounced)
		call->notes |= bounce_why(call->dev, a[r->bounced - 1], call->size, call->dir) |
			       bounce_context();
	if (r->context)
		call->notes |= bounce_context();
}

/* All that the arguments say of a call, but for what is late. */
static __always_inline void describe(const struct reads *r, enum dmt_hook hook, enum dmt_hook also,
				     const __u64 *a, struct dmt_call *call, bool typed)
{
	call->hook = hook;
	call->dir = DMT_NONE;
	describe_memory(r, a, call, typed);
	describe_address(r, a, call, typed);
	describe_size(r, a, call, typed);
	describe_iova(r, a, call);
	describe_rest(r, a, call, also);
}

static __always_inline void describe_late(const struct reads *r, const __u64 *a,
					  struct dmt_call *call)
{
	if (r->attrs)
		call->attrs = a[r->attrs - 1];
	if (r->gfp)
		call->detail = a[r->gfp - 1];
	if (r->align)
		call->detail = a[r->align - 1];
}

#endif
