/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading kernel structures that differ between kernels: one accessor a fact, BTF decides.
 */
#ifndef COMPAT_BPF_H
#define COMPAT_BPF_H

/*
 * Does the device map through dma-iommu?  dma_iova_try_alloc() says false at once when not,
 * and that is no failure.  A bitfield of struct device from v6.12, a bit of device::flags
 * since 7.0; struct device has had a `flags` in stable kernels before, so ask for the enumerator.
 */
static __always_inline bool uses_dma_iommu(__u64 addr)
{
	if (bpf_core_enum_value_exists(enum struct_device_flags___dma, DEV_FLAG_DMA_IOMMU)) {
		struct device___flags *dev = (void *)addr;
		unsigned long flags = BPF_CORE_READ(dev, flags[0]);

		return flags >> bpf_core_enum_value(enum struct_device_flags___dma,
						    DEV_FLAG_DMA_IOMMU) & 1;
	}
	if (bpf_core_field_exists(struct device___dma_iommu, dma_iommu)) {
		struct device___dma_iommu *dev = (void *)addr;

		return BPF_CORE_READ_BITFIELD_PROBED(dev, dma_iommu);
	}
	return false;
}

/* Does this kernel say so at all?  Up to v6.11 its DMA ops do. */
static __always_inline bool tells_dma_iommu(void)
{
	return bpf_core_enum_value_exists(enum struct_device_flags___dma, DEV_FLAG_DMA_IOMMU) ||
	       bpf_core_field_exists(struct device___dma_iommu, dma_iommu);
}

/* Maps directly and coherently: syncs, and since v6.18 unmaps, need not be called. */
static __always_inline bool skips_sync(__u64 addr)
{
	if (bpf_core_enum_value_exists(enum struct_device_flags___dma, DEV_FLAG_DMA_SKIP_SYNC)) {
		struct device___flags *dev = (void *)addr;
		unsigned long flags = BPF_CORE_READ(dev, flags[0]);

		return flags >> bpf_core_enum_value(enum struct_device_flags___dma,
						    DEV_FLAG_DMA_SKIP_SYNC) & 1;
	}
	if (bpf_core_field_exists(struct device___skip_sync, dma_skip_sync)) {
		struct device___skip_sync *dev = (void *)addr;

		return BPF_CORE_READ_BITFIELD_PROBED(dev, dma_skip_sync);
	}
	return false;
}

/*
 * Do its DMA and the CPUs' caches agree?  Firmware says so of each device, where they do not
 * always.
 */
static __always_inline bool says_coherent(__u64 addr)
{
	if (bpf_core_enum_value_exists(enum struct_device_flags___dma, DEV_FLAG_DMA_COHERENT)) {
		struct device___flags *dev = (void *)addr;
		unsigned long flags = BPF_CORE_READ(dev, flags[0]);

		return flags >> bpf_core_enum_value(enum struct_device_flags___dma,
						    DEV_FLAG_DMA_COHERENT) & 1;
	}
	if (bpf_core_field_exists(struct device___coherent, dma_coherent)) {
		struct device___coherent *dev = (void *)addr;

		return BPF_CORE_READ_BITFIELD_PROBED(dev, dma_coherent);
	}
	return true;
}

/* What slots of a bounce have to have in common with the buffer's address. */
static __always_inline __u32 min_align_mask(struct device_dma_parameters *parms)
{
	struct device_dma_parameters___align *aligned = (void *)parms;

	return bpf_core_field_exists(aligned->min_align_mask) ?
		       BPF_CORE_READ(aligned, min_align_mask) : 0;
}

/* The function in DMA ops that maps a buffer: its name is known where that of data is not. */
static __always_inline __u64 ops_map(struct dma_map_ops *ops)
{
	if (bpf_core_field_exists(ops->map_phys))
		return (__u64)BPF_CORE_READ(ops, map_phys);
	return (__u64)BPF_CORE_READ(ops, map_page);
}

/* Parts of a swiotlb with a lock of their own, since v6.0; 0: not known. */
static __always_inline __u32 pool_areas(__u64 addr)
{
	struct io_tlb_mem___pool *with_pool = (void *)addr;
	struct io_tlb_mem___areas *with_areas = (void *)addr;

	if (bpf_core_field_exists(with_pool->defpool))
		return BPF_CORE_READ(with_pool, defpool.nareas);
	if (bpf_core_field_exists(with_areas->nareas))
		return BPF_CORE_READ(with_areas, nareas);
	return 0;
}

/* Bit 63 of the size says that the reservation bounces (DMA_IOVA_USE_SWIOTLB, v6.16). */
static __always_inline __u64 iova_bytes(__u64 state)
{
	return BPF_CORE_READ((struct dma_iova_state *)state, __size) & ~(1ull << 63);
}

/*
 * An address as the bus has it of a physical one, or back: /soc/dma-ranges, kept since v5.10 in
 * dma_range_map.
 */
static __always_inline __u64 address_for(struct device *dev, __u64 at, bool bus)
{
	struct bus_dma_region *map = BPF_CORE_READ(dev, dma_range_map);

	for (int i = 0; map && i < 8; i++, map = (void *)map + bpf_core_type_size(*map)) {
		__u64 cpu = BPF_CORE_READ(map, cpu_start), dma = BPF_CORE_READ(map, dma_start);
		__u64 size = BPF_CORE_READ(map, size), start = bus ? cpu : dma;

		if (!size)
			break;
		if (at - start < size)
			return at - start + (bus ? dma : cpu);
	}
	return at;
}

#endif
