/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hooks, one row a prototype, no logic.  src/kernel/hooks.c lists which row is for which
 * prototype; adapter.bpf.h makes name__fsession, __fentry, __fexit, __kprobe and __kretprobe of a
 * PROBE and name__tp of a POINT.
 *
 * name           symbol                          args hook  device result    what the arguments say
 */
PROBE(alloc,          dma_alloc_attrs,            5, ALLOC, DEV, POINTER,    SIZE(1) HANDLE(2)
						     GFP(3) ATTRS(4))
PROBE(free,           dma_free_attrs,             5, FREE, DEV, VOID,
						     SIZE(1) VIRT(2) WHERE(3))
PROBE(alloc_pages,    dma_alloc_pages,            5, ALLOC_PAGES, DEV, PAGE,
						     SIZE(1) HANDLE(2) DIR(3) GFP(4))
PROBE(free_pages,     dma_free_pages,             5, FREE_PAGES, DEV, VOID,
						     SIZE(1) STRUCT_PAGE(2) WHERE(3) DIR(4))
PROBE(alloc_nc,       dma_alloc_noncontiguous,    5, ALLOC_NONCONTIGUOUS, DEV, POINTER,
						     SIZE(1) DIR(2) GFP(3) ATTRS(4))
PROBE(free_nc,        dma_free_noncontiguous,     4, FREE_NONCONTIGUOUS, DEV, VOID,
						     SIZE(1) TABLE(2) DIR(3))
PROBE(map_phys,       dma_map_phys,               5, MAP, DEV, ADDRESS,
						     PHYS(1) SIZE(2) DIR(3)
						     MMIO_IS(4, MAP_RESOURCE) ATTRS(4))
PROBE(map_page,       dma_map_page_attrs,         6, MAP, DEV, ADDRESS,
						     STRUCT_PAGE(1) OFFSET(2) SIZE(3) DIR(4)
						     ATTRS(5))
PROBE(unmap_phys,     dma_unmap_phys,             5, UNMAP, DEV, VOID,
						     WHERE(1) SIZE(2) DIR(3)
						     MMIO_IS(4, UNMAP_RESOURCE))
PROBE(unmap_page,     dma_unmap_page_attrs,       5, UNMAP, DEV, VOID,
						     WHERE(1) SIZE(2) DIR(3))
PROBE(map_sg_inner,   __dma_map_sg_attrs,         5, MAP_SG, DEV, NENTS,
						     SG(1, 2) DIR(3) ATTRS(4))
PROBE(map_sg,         dma_map_sg_attrs,           5, MAP_SG, DEV, NENTS,
						     SG(1, 2) DIR(3) ATTRS(4))
PROBE(unmap_sg,       dma_unmap_sg_attrs,         5, UNMAP_SG, DEV, VOID,    SG(1, 2) DIR(3))
PROBE(map_resource,   dma_map_resource,           5, MAP_RESOURCE, DEV, ADDRESS,
						     PHYS(1) SIZE(2) DIR(3) ATTRS(4))
PROBE(unmap_resource, dma_unmap_resource,         5, UNMAP_RESOURCE, DEV, VOID,
						     WHERE(1) SIZE(2) DIR(3))
PROBE(sync_cpu,       dma_sync_single_for_cpu,    4, SYNC_CPU, DEV, VOID,
						     WHERE(1) SIZE(2) DIR(3))
PROBE(sync_cpu2,      __dma_sync_single_for_cpu,  4, SYNC_CPU, DEV, VOID,
						     WHERE(1) SIZE(2) DIR(3))
PROBE(sync_sg_cpu,    dma_sync_sg_for_cpu,        4, SYNC_SG_CPU, DEV, VOID, SG(1, 2) DIR(3))
PROBE(sync_sg_cpu2,   __dma_sync_sg_for_cpu,      4, SYNC_SG_CPU, DEV, VOID, SG(1, 2) DIR(3))
PROBE(sync_dev,       dma_sync_single_for_device, 4, SYNC_DEVICE, DEV, VOID,
						     WHERE(1) SIZE(2) DIR(3))
PROBE(sync_dev2,      __dma_sync_single_for_device, 4, SYNC_DEVICE, DEV, VOID,
						     WHERE(1) SIZE(2) DIR(3))
PROBE(sync_sg_dev,    dma_sync_sg_for_device,     4, SYNC_SG_DEVICE, DEV, VOID, SG(1, 2) DIR(3))
PROBE(sync_sg_dev2,   __dma_sync_sg_for_device,   4, SYNC_SG_DEVICE, DEV, VOID, SG(1, 2) DIR(3))
PROBE(mmap,           dma_mmap_attrs,             6, MMAP, DEV, ERRNO,
						     VIRT(2) WHERE(3) SIZE(4))

PROBE(iova_alloc,     dma_iova_try_alloc,         4, IOVA_ALLOC, DEV, RESERVED,
						     STATE(1) PHYS(2) SIZE(3))
PROBE(iova_link,      dma_iova_link,              7, IOVA_LINK, DEV, ERRNO,
						     STATE(1) PHYS(2) SIZE(4) DIR(5)
						     ATTRS(6))
PROBE(iova_unlink,    dma_iova_unlink,            6, IOVA_UNLINK, DEV, VOID,
						     STATE(1) SIZE(3) DIR(4))
PROBE(iova_free,      dma_iova_free,              2, IOVA_FREE, DEV, VOID,   IOVA_SPACE(1))
PROBE(iova_destroy,   dma_iova_destroy,           5, IOVA_DESTROY, DEV, VOID,
						     IOVA_SPACE(1) DIR(3))

/* with alloc_size and alloc_align_mask both on 6.1, one of them before and after */
PROBE(bounce_61,      swiotlb_tbl_map_single,     7, BOUNCE, DEV, SLOT,
						     PHYS(1) SIZE(2) DIR(5) WHY(1)
						     ALIGN(4) ATTRS(6))
PROBE(bounce,         swiotlb_tbl_map_single,     6, BOUNCE, DEV, SLOT,
						     PHYS(1) SIZE(2) DIR(4) WHY(1)
						     ALIGN(3) ATTRS(5))
PROBE(copy_510,       swiotlb_bounce,             4, BOUNCE_COPY, NONE, VOID,
						     SIZE(2) DIR(3) CONTEXT)
PROBE(copy_61,        swiotlb_bounce,             4, BOUNCE_COPY, DEV, VOID,
						     SIZE(2) DIR(3) CONTEXT)
PROBE(copy,           swiotlb_bounce,             5, BOUNCE_COPY, DEV, VOID,
						     SIZE(2) DIR(3) CONTEXT)
PROBE(iommu_alloc,    iommu_dma_alloc,            5, IOMMU_ALLOC, DEV, POINTER, SIZE(1) HANDLE(2))
PROBE(intel_alloc,    intel_alloc_coherent,       5, INTEL_ALLOC, DEV, POINTER, SIZE(1))

/* no device from here on: a call takes that of the call around it */
PROBE(iommu_map,      __iommu_map,                6, IOMMU_MAP, NONE, ERRNO,
						     DOMAIN(0) WHERE(1) PHYS(2) SIZE(3) PROT(4)
						     PROT_MMIO(4))
PROBE(iommu_map2,     iommu_map_nosync,           6, IOMMU_MAP, NONE, ERRNO,
						     DOMAIN(0) WHERE(1) PHYS(2) SIZE(3) PROT(4)
						     PROT_MMIO(4))
PROBE(iommu_unmap,    __iommu_unmap,              4, IOMMU_UNMAP, NONE, UNMAPPED,
						     WHERE(1) SIZE(2))
/* one page up to 5.10, then pages of one size; VT-d on 5.10 and generic_pt get a length */
PROBE(lpae_map,       arm_lpae_map,               6, LPAE_MAP, NONE, ERRNO,
						     SIZE(3) PGSIZE(3) PROT(4))
PROBE(lpae_pages,     arm_lpae_map_pages,         8, LPAE_MAP, NONE, ERRNO,
						     PGSIZE(3) SIZE_AT(7) PROT(5))
PROBE(intel_510,      domain_mapping,             6, INTEL_MAP, NONE, ERRNO,
						     PAGES(4) PROT(5))
PROBE(intel_pages,    intel_iommu_map_pages,      8, INTEL_MAP, NONE, ERRNO,
						     PGSIZE(3) SIZE_AT(7) PROT(5))
PROBE(intel_range,    vtdss_map_range,            7, INTEL_MAP, NONE, ERRNO,
						     LENGTH(3) SIZE_AT(6) PROT(4))
PROBE(amd_510,        amd_iommu_map,              6, AMD_MAP, NONE, ERRNO,
						     SIZE(3) PGSIZE(3) PROT(4))
PROBE(amd_pages,      amd_iommu_map_pages,        8, AMD_MAP, NONE, ERRNO,
						     PGSIZE(3) SIZE_AT(7) PROT(5))
PROBE(amd_range,      amdv1_map_range,            7, AMD_MAP, NONE, ERRNO,
						     LENGTH(3) SIZE_AT(6) PROT(4))
PROBE(x86_64_range,   x86_64_map_range,           7, X86_64_MAP, NONE, ERRNO,
						     LENGTH(3) SIZE_AT(6) PROT(4))

/*
 * I/O addresses and flushes, outside of any call where a queue is worked off.  What of a flush all
 * kernels have by name differs: before 7.0 the queue's function, else the driver's.
 */
PROBE(iova_fast_alloc, alloc_iova_fast,           4, IOVA_FAST_ALLOC, NONE, IOVA,
						     IOVAD(0) PAGES_OF_IOVAD(1) ABOVE_RCACHE(1)
						     LIMIT(2) LAST_TRY(3))
PROBE(iova_fast_free, free_iova_fast,             3, IOVA_FAST_FREE, IOVAD, VOID,
						     IOVAD(0) PAGE(1) PAGES_OF_IOVAD(2))
PROBE(sync_intel_510, iommu_flush_iotlb_psi,      6, SYNC_INTEL, NONE, VOID,     PAGES32(3))
PROBE(sync_intel,     intel_iommu_tlb_sync,       2, SYNC_INTEL, NONE, VOID,     GATHER(1))
PROBE(sync_amd,       amd_iommu_iotlb_sync,       2, SYNC_AMD, NONE, VOID,       GATHER(1))
PROBE(sync_smmu_510,  arm_smmu_tlb_inv_range,     5, SYNC_SMMU, NONE, VOID,      SIZE(1))
PROBE(sync_smmu,      __arm_smmu_tlb_inv_range,   5, SYNC_SMMU, NONE, VOID,      SIZE(2))
PROBE(sync_smmu_7,    arm_smmu_domain_inv_range,  5, SYNC_SMMU, NONE, VOID,      SIZE(2))
PROBE(flush_510,      iova_domain_flush,          1, FLUSH, IOVAD, VOID, )
PROBE(flush,          fq_flush_iotlb,             1, FLUSH, COOKIE, VOID, )
PROBE(flush_intel,    intel_flush_iotlb_all,      1, FLUSH_INTEL, DOMAIN, VOID, )
PROBE(flush_amd,      amd_iommu_flush_iotlb_all,  1, FLUSH_AMD, DOMAIN, VOID, )
PROBE(msi_map,        iommu_dma_prepare_msi,      2, MSI_MAP, MSI0, ERRNO,       PHYS(1))
PROBE(msi_map_7,      iommu_dma_sw_msi,           3, MSI_MAP, MSI1, ERRNO,       PHYS(2))

/*
 * Parts of allocations, counted inside of calls that are watched; the last three instead of the
 * marks on the same functions.
 */
PROBE(pages_510,      __alloc_pages_nodemask,     4, PAGES, NONE, PAGE,      PAGE_ORDER(1))
PROBE(pages_61,       __alloc_pages,              4, PAGES, NONE, PAGE,      PAGE_ORDER(1))
PROBE(pages,          __alloc_pages_noprof,       4, PAGES, NONE, PAGE,      PAGE_ORDER(1))
PROBE(cma,            cma_alloc,                  4, CMA, NONE, PAGE,        PAGE_COUNT(1))
PROBE(remap,          dma_common_contiguous_remap, 4, REMAP, NONE, POINTER,  SIZE(1))
PROBE(remap_pages,    dma_common_pages_remap,     4, REMAP_PAGES, NONE, POINTER, SIZE(1))

/*
 * What tells the path of the allocation around it.
 * name  symbol  args  hook  result  note when it succeeds, when not
 */
MARK(in_dev_pool,     dma_alloc_from_dev_coherent, 4, IN_DEV_POOL, INT, DMT_NOTE_DEV_POOL, 0)
MARK(in_global_pool,  dma_alloc_from_global_coherent, 3, IN_GLOBAL_POOL, POINTER,
						     DMT_NOTE_GLOBAL_POOL, 0)
MARK(in_atomic_pool,  dma_alloc_from_pool,        5, IN_ATOMIC_POOL, POINTER,
						     DMT_NOTE_ATOMIC_POOL, DMT_NOTE_POOL_EMPTY)
MARK(in_cma,          cma_alloc,                  4, IN_CMA, POINTER,
						     DMT_NOTE_CMA, DMT_NOTE_CMA_FULL)
MARK(in_remap,        dma_common_contiguous_remap, 4, IN_REMAP, POINTER, DMT_NOTE_REMAP, 0)
MARK(in_pages_remap,  dma_common_pages_remap,     4, IN_PAGES_REMAP, POINTER,
						     DMT_NOTE_PAGES_REMAP, 0)
MARK(in_iova_tree,    alloc_iova,                 4, IN_IOVA_TREE, ANY, DMT_NOTE_TREE, 0)
/* what became of memory of another device in the list around it */
MARK(in_p2p,          __pci_p2pdma_update_state,  3, IN_P2P, P2P, p2p_notes(result), 0)

/*
 * A restricted pool hands out coherent memory in slots.  Its devices get no other memory.
 * name  symbol  args  hook
 */
TAKE(in_restricted,   swiotlb_alloc,              2, IN_RESTRICTED_POOL)

/*
 * Slots given back, in the function that every way back goes through: inside it, those of a pool
 * made for one buffer (v6.6) do not come to swiotlb_release_slots().
 * name  symbol  args  hook  the slot as it was told when it was taken
 */
RELEASE(slot_510,     swiotlb_tbl_unmap_single,   6, SLOT_FREE, A(1))
RELEASE(slot_61,      swiotlb_tbl_unmap_single,   5, SLOT_FREE, A(1))
RELEASE(slot,         __swiotlb_tbl_unmap_single, 6, SLOT_FREE, A(1))
RELEASE(restricted,   swiotlb_free,               3, RESTRICTED_FREE, POINTER_AT(1))

/*
 * Tracepoints.  name  event  hook  device  failed when  what.  The dma: ones came with 6.12; a
 * scatterlist that fails to map, and an iommu_map that fails up to 6.12, fires none.
 */
POINT(alloc,          dma_alloc,          ALLOC, DEV, !A(1),
					  VIRT(1) WHERE(2) SIZE(3) GFP(5) ATTRS(6))
POINT(free,           dma_free,           FREE, DEV, 0,
					  VIRT(1) WHERE(2) SIZE(3))
POINT(alloc_pages,    dma_alloc_pages,    ALLOC_PAGES, DEV, !A(1),
					  VIRT(1) WHERE(2) SIZE(3) DIR(4) GFP(5) ATTRS(6))
POINT(free_pages,     dma_free_pages,     FREE_PAGES, DEV, 0,
					  VIRT(1) WHERE(2) SIZE(3) DIR(4))
POINT(alloc_nc,       dma_alloc_sgt,      ALLOC_NONCONTIGUOUS, DEV, 0,
					  TABLE(1) SIZE(2) DIR(3))
POINT(free_nc,        dma_free_sgt,       FREE_NONCONTIGUOUS, DEV, 0,
					  TABLE(1) SIZE(2) DIR(3))
POINT(map_phys,       dma_map_phys,       MAP, DEV, A(2) == ~0ull,
					  PHYS(1) WHERE(2) SIZE(3) DIR(4) ATTRS(5)
					  MMIO_IS(5, MAP_RESOURCE))
POINT(map_page,       dma_map_page,       MAP, DEV, A(2) == ~0ull,
					  PHYS(1) WHERE(2) SIZE(3) DIR(4) ATTRS(5))
POINT(unmap_phys,     dma_unmap_phys,     UNMAP, DEV, 0,
					  WHERE(1) SIZE(2) DIR(3) MMIO_IS(4, UNMAP_RESOURCE))
POINT(unmap_page,     dma_unmap_page,     UNMAP, DEV, 0,
					  WHERE(1) SIZE(2) DIR(3))
POINT(map_sg,         dma_map_sg,         MAP_SG, DEV, 0,                    SG(1, 2) DIR(4))
POINT(unmap_sg,       dma_unmap_sg,       UNMAP_SG, DEV, 0,                  SG(1, 2) DIR(3))
POINT(map_resource,   dma_map_resource,   MAP_RESOURCE, DEV, A(2) == ~0ull,
					  PHYS(1) WHERE(2) SIZE(3) DIR(4) ATTRS(5))
POINT(unmap_resource, dma_unmap_resource, UNMAP_RESOURCE, DEV, 0,
					  WHERE(1) SIZE(2) DIR(3))
POINT(sync_cpu,       dma_sync_single_for_cpu,    SYNC_CPU, DEV, 0,
					  WHERE(1) SIZE(2) DIR(3))
POINT(sync_sg_cpu,    dma_sync_sg_for_cpu,        SYNC_SG_CPU, DEV, 0,       SG(1, 2) DIR(3))
POINT(sync_dev,       dma_sync_single_for_device, SYNC_DEVICE, DEV, 0,
					  WHERE(1) SIZE(2) DIR(3))
POINT(sync_sg_dev,    dma_sync_sg_for_device,     SYNC_SG_DEVICE, DEV, 0,    SG(1, 2) DIR(3))
