/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads a call as its row of hooks.bpf.h says.  Rows are constants and these functions are inline,
 * so the compiler keeps only the reads that a row asks for.  Names no kernel function.
 */
#ifndef ROW_BPF_H
#define ROW_BPF_H

const volatile __u32 page_shift = 12;	/* of the CPU's pages; set before load */

/* In a row, the n-th argument counted from 0; what is not named is not read. */
#define ARG(n) ((n) + 1)
#define READS(...) __VA_ARGS__

/*
 * Members have 64 bits.  clang 14 hides a smaller value that is compared and then used as an index,
 * to keep the comparison first; it no longer folds the constant, and the program grows.
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
	/* memory in pages of the CPU: how many, or their order */
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

/*
 * The device column: DEV, always the first argument, or NONE; MSI0 and MSI1, that of a struct
 * msi_desc; IOVAD, COOKIE and DOMAIN, where no call is around, the one that has taken addresses
 * there.
 */
enum device_column {
	DEVICE_NONE, DEVICE_DEV, DEVICE_MSI0, DEVICE_MSI1, DEVICE_IOVAD, DEVICE_COOKIE,
	DEVICE_DOMAIN
};

/* The result column: what the function returns, and so what a failure looks like. */
enum result_column {
	RESULT_VOID, RESULT_POINTER, RESULT_PAGE, RESULT_ADDRESS, RESULT_SLOT, RESULT_ERRNO,
	RESULT_NENTS, RESULT_UNMAPPED, RESULT_RESERVED, RESULT_IOVA
};

struct row {
	struct reads reads;
	__u64 args;
	enum dmt_hook hook;
	enum device_column device;
	enum result_column result;
	/* as in struct sight; who else sees the same is for the plan alone */
	enum dmt_hook also, unless;
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

/* Of an IOMMU's page, none of which is smaller than 4K whatever the CPU's are. */
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
		call->size = a[r->pages - 1] << page_shift;
	if (r->order)
		call->size = 1ull << page_shift << (a[r->order - 1] & 31);
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
static __always_inline void describe(const struct row *row, const __u64 *a, struct dmt_call *call,
				     bool typed)
{
	call->hook = row->hook;
	call->dir = DMT_NONE;
	describe_memory(&row->reads, a, call, typed);
	describe_address(&row->reads, a, call, typed);
	describe_size(&row->reads, a, call, typed);
	describe_iova(&row->reads, a, call);
	describe_rest(&row->reads, a, call, row->also);
}

static __always_inline void describe_late(const struct row *row, const __u64 *a,
					  struct dmt_call *call)
{
	const struct reads *r = &row->reads;

	if (r->attrs)
		call->attrs = a[r->attrs - 1];
	if (r->gfp)
		call->detail = a[r->gfp - 1];
	if (r->align)
		call->detail = a[r->align - 1];
}

/* Does the function take the device of the call around it? */
static __always_inline bool device_inherited(const struct row *row)
{
	return row->device != DEVICE_DEV && row->device != DEVICE_MSI0 &&
	       row->device != DEVICE_MSI1;
}

/* The device a call begins with. */
static __always_inline __u64 device_given(const struct row *row, const __u64 *a, bool typed)
{
	switch (row->device) {
	case DEVICE_DEV:
		return a[0];
	case DEVICE_MSI0:
		return msi_device(pointer(a, ARG(0), typed));
	case DEVICE_MSI1:
		return msi_device(pointer(a, ARG(1), typed));
	case DEVICE_IOVAD:
		return iova_owner(pointer(a, ARG(0), typed));
	case DEVICE_COOKIE:
		return iova_owner(cookie_iovad(pointer(a, ARG(0), typed)));
	case DEVICE_DOMAIN:
		return iova_owner(domain_iovad(pointer(a, ARG(0), typed)));
	default:
		return 0;
	}
}

/* The result comes after the arguments in a trampoline program's context; void has none. */
static __always_inline __u64 result_given(const struct row *row, const __u64 *a)
{
	return row->result == RESULT_VOID ? 0 :
	       row->result == RESULT_PAGE ? number_of((void *)a[row->args]) : a[row->args];
}

/* Hooks of which some functions say how much it was when they return. */
#define LATE_SIZES (1ull << DMT_HOOK_LPAE_MAP | 1ull << DMT_HOOK_INTEL_MAP |		\
		    1ull << DMT_HOOK_AMD_MAP | 1ull << DMT_HOOK_X86_64_MAP)

/* Into a variable of its own: a struct whose address a helper gets stays in memory. */
static __always_inline __u64 read_size(__u64 addr)
{
	__u64 size = 0;

	bpf_probe_read_kernel(&size, sizeof(size), (void *)addr);
	return size;
}

/* A range of I/O addresses, in pages of its domain; 0: none. */
static __always_inline bool iova_failed(struct dmt_call *call, __u64 returned)
{
	bool failed = !returned && !(call->notes & DMT_NOTE_RETRIED);

	if (returned) {
		call->notes &= ~DMT_NOTE_RETRIED;
		call->where = returned * iova_granule(call->domain);
		iova_taken(call->domain, call->dev);
	} else if (!failed) {
		call->size = 0;
	}
	return failed;
}

/* Of functions whose result says so in a way of their own. */
static __always_inline struct result judge_rest(const struct row *row, struct dmt_call *call,
						__u64 returned)
{
	struct result result = {};

	switch (row->result) {
	case RESULT_UNMAPPED:	/* how much it did */
		result.failed = returned < call->size;
		result.value = returned;
		call->size = returned;
		break;
	case RESULT_RESERVED:
		result.failed = !(__u8)returned && uses_dma_iommu(call->dev);
		if (!(__u8)returned)
			call->size = 0;
		break;
	case RESULT_IOVA:
		result.failed = iova_failed(call, returned);
		break;
	default:
		break;
	}
	return result;
}

/* Did it fail, and with what? */
static __always_inline struct result judge(const struct row *row, struct dmt_call *call,
					   __u64 returned)
{
	struct result result = {};

	if (LATE_SIZES >> row->hook & 1 && call->size_at)
		call->size = read_size(call->size_at);
	switch (row->result) {
	case RESULT_POINTER:
	case RESULT_PAGE:
		result.failed = !returned;
		/* it says so in its notes: its path may not be known */
		if (!returned)
			call->notes |= DMT_NOTE_FAILED;
		return result;
	case RESULT_ADDRESS:
		result.failed = returned == ~0ull;
		result.value = -1;
		return result;
	case RESULT_SLOT:
		result.failed = returned == ~0ull;
		result.value = returned;
		return result;
	case RESULT_ERRNO:
		result.failed = (__s32)returned < 0;
		result.value = (__s32)returned;
		return result;
	case RESULT_NENTS:
		result.failed = (__s32)returned <= 0;
		result.value = (__s32)returned;
		return result;
	default:
		return judge_rest(row, call, returned);
	}
}

#endif
