/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a buffer is bounced, and in which context: the facts the kernel decides by, as notes.
 * What they amount to is for user space to say.
 */
#ifndef BOUNCE_BPF_H
#define BOUNCE_BPF_H

/* Of a device's pool, since v6.1 kept with the device. */
static __always_inline __u32 pool_notes(__u64 addr)
{
	struct device___io_tlb *dev = (void *)addr;
	struct io_tlb_mem *mem;
	__u32 notes = DMT_NOTE_POOL_KNOWN;

	if (!bpf_core_field_exists(dev->dma_io_tlb_mem))
		return 0;
	mem = BPF_CORE_READ(dev, dma_io_tlb_mem);
	if (bpf_core_field_exists(mem->force_bounce) && BPF_CORE_READ(mem, force_bounce))
		notes |= DMT_NOTE_FORCED;
	if (bpf_core_field_exists(mem->for_alloc) && BPF_CORE_READ(mem, for_alloc))
		notes |= DMT_NOTE_FOR_ALLOC;
	return notes;
}

/* Up to v6.3 the pool itself counts nothing, its areas do ("swiotlb: Fix debugfs reporting"). */
static __always_inline __u64 areas_used(struct io_tlb_mem *mem)
{
	struct io_tlb_mem___areas *with_areas = (void *)mem;
	struct io_tlb_area *areas = BPF_CORE_READ(with_areas, areas);
	__u32 count = BPF_CORE_READ(with_areas, nareas);
	__u64 used = 0;

	for (__u32 i = 0; i < 128 && i < count; i++) {
		used += BPF_CORE_READ(areas, used);
		areas = (void *)areas + bpf_core_type_size(*areas);
	}
	return used;
}

/*
 * Slots in pools made for one buffer each, where pools grow.  They are taken while they exist, and
 * not among those the pool has.
 */
static __always_inline __u64 transient_slots(struct io_tlb_mem *mem)
{
	struct io_tlb_mem___transient *growing = (void *)mem;

	if (!bpf_core_field_exists(growing->transient_nslabs))
		return 0;
	return BPF_CORE_READ(growing, transient_nslabs.counter);
}

/* Slots of a device's pool, and how many are taken; 0: not to be known (5.10). */
static __noinline __u64 pool_state(__u64 addr, __u64 *used)
{
	struct device___io_tlb *dev = (void *)addr;
	struct io_tlb_mem___total *counting;
	struct io_tlb_mem *mem;
	__u64 transient;

	if (!bpf_core_field_exists(dev->dma_io_tlb_mem))
		return 0;
	mem = BPF_CORE_READ(dev, dma_io_tlb_mem);
	transient = transient_slots(mem);
	counting = (void *)mem;
	if (bpf_core_field_exists(counting->total_used))
		*used = BPF_CORE_READ(counting, total_used.counter);
	else if (bpf_core_field_exists(((struct io_tlb_mem___areas *)mem)->areas))
		*used = areas_used(mem);
	else
		return 0;
	*used = *used > transient ? *used - transient : 0;
	return BPF_CORE_READ(mem, nslabs);
}

/* pci_dev::untrusted; only PCI devices are ever called so. */
static __always_inline bool is_untrusted(struct device *dev)
{
	char bus[4] = {};
	struct pci_dev *pci = (void *)dev - bpf_core_field_offset(struct pci_dev, dev);

	bpf_probe_read_kernel_str(bus, sizeof(bus), BPF_CORE_READ(dev, bus, name));
	return bus[0] == 'p' && bus[1] == 'c' && bus[2] == 'i' &&
	       BPF_CORE_READ_BITFIELD_PROBED(pci, untrusted);
}

__noinline __u32 bounce_why(__u64 addr, __u64 phys, __u64 size, __u32 dir)
{
	struct device *dev = (struct device *)addr;
	__u64 *mask = BPF_CORE_READ(dev, dma_mask), limit = BPF_CORE_READ(dev, bus_dma_limit);
	__u64 last = address_for(dev, phys, true) + size - 1, bits = 0;
	__u32 notes = pool_notes(addr);

	if (mask)
		bpf_probe_read_kernel(&bits, sizeof(bits), mask);
	if (bits && last > bits)
		notes |= DMT_NOTE_ABOVE_MASK;
	if (limit && last > limit)
		notes |= DMT_NOTE_ABOVE_LIMIT;
	if (is_untrusted(dev))
		notes |= DMT_NOTE_UNTRUSTED;
	/*
	 * A kmalloc()ed buffer this small need not have its cache lines to itself, see
	 * dma_kmalloc_safe() of v6.5: less than twice ARCH_DMA_MINALIGN of arm64.
	 */
	if (size < 2 * 128 && dir != DMT_TO_DEVICE)
		notes |= DMT_NOTE_SMALL;
	return notes;
}

/* Of preempt_count: 8 bits preempt, 8 softirq, the lowest of which means serving, 4 hardirq. */
__noinline __u32 bounce_context(void)
{
	__u32 count = 0;

	if (!arch_preempt_count(&count))
		return 0;
	return DMT_NOTE_CONTEXT | (count & 0xf0000 ? DMT_NOTE_HARDIRQ :
				   count & 0x100 ? DMT_NOTE_SOFTIRQ : 0);
}

#endif
