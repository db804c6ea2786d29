/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hooks: one row for a function or tracepoint of one prototype, no logic.  A kernel that
 * renames or reshapes a function costs one row.  adapter.bpf.h makes name__fsession, __fentry,
 * __fexit, __kprobe and __kretprobe of a row, and name__tp of a POINT; src/kernel/hooks.c makes the
 * tables that the plan chooses from.
 *
 * Rows of a hook stand together, best first: the first one wins whose function the kernel has with
 * that prototype.  Where a wrapper and the function it wraps both exist, the inner one comes first:
 * some callers skip the wrapper (block and dma-buf call dma_map_phys, 6.18), and __dma_map_sg_attrs
 * alone knows the errno (6.1).
 *
 * The prototype is as `dmatrace hooks --facts` prints it, alternatives that one program can read
 * separated by |.  READS() names the arguments that are read; row.bpf.h says what each is.
 * .also may follow, another hook whose calls the program tells apart too; or .unless, a hook of an
 * earlier row: where that is wanted, it sees the same.
 *
 * name, symbol, arguments, hook, device, result,
 * prototype, READS()
 */
PROBE(alloc, dma_alloc_attrs, 5, ALLOC, DEV, POINTER,
	"void*(device*,size_t,dma_addr_t*,gfp_t,ulong)",
	READS(.size = ARG(1), .handle = ARG(2), .gfp = ARG(3), .attrs = ARG(4)))
PROBE(free, dma_free_attrs, 5, FREE, DEV, VOID,
	"void(device*,size_t,void*,dma_addr_t,ulong)",
	READS(.size = ARG(1), .virt = ARG(2), .where = ARG(3)))
PROBE(alloc_pages, dma_alloc_pages, 5, ALLOC_PAGES, DEV, PAGE,
	"page*(device*,size_t,dma_addr_t*,dma_data_direction,gfp_t)",
	READS(.size = ARG(1), .handle = ARG(2), .dir = ARG(3), .gfp = ARG(4)))
PROBE(free_pages, dma_free_pages, 5, FREE_PAGES, DEV, VOID,
	"void(device*,size_t,page*,dma_addr_t,dma_data_direction)",
	READS(.size = ARG(1), .page = ARG(2), .where = ARG(3), .dir = ARG(4)))
PROBE(alloc_nc, dma_alloc_noncontiguous, 5, ALLOC_NONCONTIGUOUS, DEV, POINTER,
	"sg_table*(device*,size_t,dma_data_direction,gfp_t,ulong)",
	READS(.size = ARG(1), .dir = ARG(2), .gfp = ARG(3), .attrs = ARG(4)))
PROBE(free_nc, dma_free_noncontiguous, 4, FREE_NONCONTIGUOUS, DEV, VOID,
	"void(device*,size_t,sg_table*,dma_data_direction)",
	READS(.size = ARG(1), .table = ARG(2), .dir = ARG(3)))
PROBE(map_phys, dma_map_phys, 5, MAP, DEV, ADDRESS,
	"dma_addr_t(device*,phys_addr_t,size_t,dma_data_direction,ulong)",
	READS(.phys = ARG(1), .size = ARG(2), .dir = ARG(3), .mmio = ARG(4), .attrs = ARG(4)),
	.also = DMT_HOOK_MAP_RESOURCE)
PROBE(map_page, dma_map_page_attrs, 6, MAP, DEV, ADDRESS,
	"dma_addr_t(device*,page*,size_t,size_t,dma_data_direction,ulong)",
	READS(.page = ARG(1), .offset = ARG(2), .size = ARG(3), .dir = ARG(4), .attrs = ARG(5)))
PROBE(unmap_phys, dma_unmap_phys, 5, UNMAP, DEV, VOID,
	"void(device*,dma_addr_t,size_t,dma_data_direction,ulong)",
	READS(.where = ARG(1), .size = ARG(2), .dir = ARG(3), .mmio = ARG(4)),
	.also = DMT_HOOK_UNMAP_RESOURCE)
PROBE(unmap_page, dma_unmap_page_attrs, 5, UNMAP, DEV, VOID,
	"void(device*,dma_addr_t,size_t,dma_data_direction,ulong)",
	READS(.where = ARG(1), .size = ARG(2), .dir = ARG(3)))
PROBE(map_sg_inner, __dma_map_sg_attrs, 5, MAP_SG, DEV, NENTS,
	"int(device*,scatterlist*,int,dma_data_direction,ulong)",
	READS(.sg = ARG(1), .nents = ARG(2), .dir = ARG(3), .attrs = ARG(4)))
PROBE(map_sg, dma_map_sg_attrs, 5, MAP_SG, DEV, NENTS,
	"int(device*,scatterlist*,int,dma_data_direction,ulong)|"
	"uint(device*,scatterlist*,int,dma_data_direction,ulong)",
	READS(.sg = ARG(1), .nents = ARG(2), .dir = ARG(3), .attrs = ARG(4)))
PROBE(unmap_sg, dma_unmap_sg_attrs, 5, UNMAP_SG, DEV, VOID,
	"void(device*,scatterlist*,int,dma_data_direction,ulong)",
	READS(.sg = ARG(1), .nents = ARG(2), .dir = ARG(3)))
PROBE(map_resource, dma_map_resource, 5, MAP_RESOURCE, DEV, ADDRESS,
	"dma_addr_t(device*,phys_addr_t,size_t,dma_data_direction,ulong)",
	READS(.phys = ARG(1), .size = ARG(2), .dir = ARG(3), .attrs = ARG(4)))
PROBE(unmap_resource, dma_unmap_resource, 5, UNMAP_RESOURCE, DEV, VOID,
	"void(device*,dma_addr_t,size_t,dma_data_direction,ulong)",
	READS(.where = ARG(1), .size = ARG(2), .dir = ARG(3)))
PROBE(sync_cpu, dma_sync_single_for_cpu, 4, SYNC_CPU, DEV, VOID,
	"void(device*,dma_addr_t,size_t,dma_data_direction)",
	READS(.where = ARG(1), .size = ARG(2), .dir = ARG(3)))
PROBE(sync_cpu2, __dma_sync_single_for_cpu, 4, SYNC_CPU, DEV, VOID,
	"void(device*,dma_addr_t,size_t,dma_data_direction)",
	READS(.where = ARG(1), .size = ARG(2), .dir = ARG(3)))
PROBE(sync_sg_cpu, dma_sync_sg_for_cpu, 4, SYNC_SG_CPU, DEV, VOID,
	"void(device*,scatterlist*,int,dma_data_direction)",
	READS(.sg = ARG(1), .nents = ARG(2), .dir = ARG(3)))
PROBE(sync_sg_cpu2, __dma_sync_sg_for_cpu, 4, SYNC_SG_CPU, DEV, VOID,
	"void(device*,scatterlist*,int,dma_data_direction)",
	READS(.sg = ARG(1), .nents = ARG(2), .dir = ARG(3)))
PROBE(sync_dev, dma_sync_single_for_device, 4, SYNC_DEVICE, DEV, VOID,
	"void(device*,dma_addr_t,size_t,dma_data_direction)",
	READS(.where = ARG(1), .size = ARG(2), .dir = ARG(3)))
PROBE(sync_dev2, __dma_sync_single_for_device, 4, SYNC_DEVICE, DEV, VOID,
	"void(device*,dma_addr_t,size_t,dma_data_direction)",
	READS(.where = ARG(1), .size = ARG(2), .dir = ARG(3)))
PROBE(sync_sg_dev, dma_sync_sg_for_device, 4, SYNC_SG_DEVICE, DEV, VOID,
	"void(device*,scatterlist*,int,dma_data_direction)",
	READS(.sg = ARG(1), .nents = ARG(2), .dir = ARG(3)))
PROBE(sync_sg_dev2, __dma_sync_sg_for_device, 4, SYNC_SG_DEVICE, DEV, VOID,
	"void(device*,scatterlist*,int,dma_data_direction)",
	READS(.sg = ARG(1), .nents = ARG(2), .dir = ARG(3)))
PROBE(mmap, dma_mmap_attrs, 6, MMAP, DEV, ERRNO,
	"int(device*,vm_area_struct*,void*,dma_addr_t,size_t,ulong)",
	READS(.virt = ARG(2), .where = ARG(3), .size = ARG(4)))

PROBE(iova_alloc, dma_iova_try_alloc, 4, IOVA_ALLOC, DEV, RESERVED,
	"bool(device*,dma_iova_state*,phys_addr_t,size_t)",
	READS(.state = ARG(1), .phys = ARG(2), .size = ARG(3)))
PROBE(iova_link, dma_iova_link, 7, IOVA_LINK, DEV, ERRNO,
	"int(device*,dma_iova_state*,phys_addr_t,size_t,size_t,dma_data_direction,ulong)",
	READS(.state = ARG(1), .phys = ARG(2), .size = ARG(4), .dir = ARG(5), .attrs = ARG(6)))
PROBE(iova_unlink, dma_iova_unlink, 6, IOVA_UNLINK, DEV, VOID,
	"void(device*,dma_iova_state*,size_t,size_t,dma_data_direction,ulong)",
	READS(.state = ARG(1), .size = ARG(3), .dir = ARG(4)))
PROBE(iova_free, dma_iova_free, 2, IOVA_FREE, DEV, VOID,
	"void(device*,dma_iova_state*)", READS(.space = ARG(1)))
PROBE(iova_destroy, dma_iova_destroy, 5, IOVA_DESTROY, DEV, VOID,
	"void(device*,dma_iova_state*,size_t,dma_data_direction,ulong)",
	READS(.space = ARG(1), .dir = ARG(3)))

/* with alloc_size and alloc_align_mask both on 6.1, one of them before and after */
PROBE(bounce_61, swiotlb_tbl_map_single, 7, BOUNCE, DEV, SLOT,
	"phys_addr_t(device*,phys_addr_t,size_t,size_t,uint,dma_data_direction,ulong)",
	READS(.phys = ARG(1), .size = ARG(2), .dir = ARG(5), .bounced = ARG(1), .align = ARG(4),
	      .attrs = ARG(6)))
PROBE(bounce, swiotlb_tbl_map_single, 6, BOUNCE, DEV, SLOT,
	"phys_addr_t(device*,phys_addr_t,size_t,size_t,dma_data_direction,ulong)|"
	"phys_addr_t(device*,phys_addr_t,size_t,uint,dma_data_direction,ulong)",
	READS(.phys = ARG(1), .size = ARG(2), .dir = ARG(4), .bounced = ARG(1), .align = ARG(3),
	      .attrs = ARG(5)))
PROBE(copy, swiotlb_bounce, 5, BOUNCE_COPY, DEV, VOID,
	"void(device*,phys_addr_t,size_t,dma_data_direction,io_tlb_pool*)",
	READS(.size = ARG(2), .dir = ARG(3), .context = true))
PROBE(copy_61, swiotlb_bounce, 4, BOUNCE_COPY, DEV, VOID,
	"void(device*,phys_addr_t,size_t,dma_data_direction)",
	READS(.size = ARG(2), .dir = ARG(3), .context = true))
PROBE(copy_510, swiotlb_bounce, 4, BOUNCE_COPY, NONE, VOID,
	"void(phys_addr_t,phys_addr_t,size_t,dma_data_direction)",
	READS(.size = ARG(2), .dir = ARG(3), .context = true))
PROBE(iommu_alloc, iommu_dma_alloc, 5, IOMMU_ALLOC, DEV, POINTER,
	"void*(device*,size_t,dma_addr_t*,gfp_t,ulong)", READS(.size = ARG(1), .handle = ARG(2)))
PROBE(intel_alloc, intel_alloc_coherent, 5, INTEL_ALLOC, DEV, POINTER,
	"void*(device*,size_t,dma_addr_t*,gfp_t,ulong)", READS(.size = ARG(1)))

/* no device from here on: a call takes that of the call around it */
PROBE(iommu_map, __iommu_map, 6, IOMMU_MAP, NONE, ERRNO,
	"int(iommu_domain*,ulong,phys_addr_t,size_t,int,gfp_t)",
	READS(.domain = ARG(0), .where = ARG(1), .phys = ARG(2), .size = ARG(3), .prot = ARG(4),
	      .prot_mmio = ARG(4)))
PROBE(iommu_map2, iommu_map_nosync, 6, IOMMU_MAP, NONE, ERRNO,
	"int(iommu_domain*,ulong,phys_addr_t,size_t,int,gfp_t)",
	READS(.domain = ARG(0), .where = ARG(1), .phys = ARG(2), .size = ARG(3), .prot = ARG(4),
	      .prot_mmio = ARG(4)))
PROBE(iommu_unmap, __iommu_unmap, 4, IOMMU_UNMAP, NONE, UNMAPPED,
	"size_t(iommu_domain*,ulong,size_t,iommu_iotlb_gather*)",
	READS(.where = ARG(1), .size = ARG(2)))
/* one page up to 5.10, then pages of one size; VT-d on 5.10 and generic_pt get a length */
PROBE(lpae_pages, arm_lpae_map_pages, 8, LPAE_MAP, NONE, ERRNO,
	"int(io_pgtable_ops*,ulong,phys_addr_t,size_t,size_t,int,gfp_t,size_t*)",
	READS(.page_size = ARG(3), .size_at = ARG(7), .prot = ARG(5)))
PROBE(lpae_map, arm_lpae_map, 6, LPAE_MAP, NONE, ERRNO,
	"int(io_pgtable_ops*,ulong,phys_addr_t,size_t,int,gfp_t)",
	READS(.size = ARG(3), .page_size = ARG(3), .prot = ARG(4)))
PROBE(intel_510, domain_mapping, 6, INTEL_MAP, NONE, ERRNO,
	"int(dmar_domain*,ulong,scatterlist*,ulong,ulong,int)",
	READS(.vtd_pages = ARG(4), .prot = ARG(5)))
PROBE(intel_pages, intel_iommu_map_pages, 8, INTEL_MAP, NONE, ERRNO,
	"int(iommu_domain*,ulong,phys_addr_t,size_t,size_t,int,gfp_t,size_t*)",
	READS(.page_size = ARG(3), .size_at = ARG(7), .prot = ARG(5)))
PROBE(intel_range, vtdss_map_range, 7, INTEL_MAP, NONE, ERRNO,
	"int(pt_iommu*,dma_addr_t,phys_addr_t,dma_addr_t,uint,gfp_t,size_t*)",
	READS(.length = ARG(3), .size_at = ARG(6), .prot = ARG(4)))
PROBE(amd_510, amd_iommu_map, 6, AMD_MAP, NONE, ERRNO,
	"int(iommu_domain*,ulong,phys_addr_t,size_t,int,gfp_t)",
	READS(.size = ARG(3), .page_size = ARG(3), .prot = ARG(4)))
PROBE(amd_pages, amd_iommu_map_pages, 8, AMD_MAP, NONE, ERRNO,
	"int(iommu_domain*,ulong,phys_addr_t,size_t,size_t,int,gfp_t,size_t*)",
	READS(.page_size = ARG(3), .size_at = ARG(7), .prot = ARG(5)))
PROBE(amd_range, amdv1_map_range, 7, AMD_MAP, NONE, ERRNO,
	"int(pt_iommu*,dma_addr_t,phys_addr_t,dma_addr_t,uint,gfp_t,size_t*)",
	READS(.length = ARG(3), .size_at = ARG(6), .prot = ARG(4)))
PROBE(x86_64_range, x86_64_map_range, 7, X86_64_MAP, NONE, ERRNO,
	"int(pt_iommu*,dma_addr_t,phys_addr_t,dma_addr_t,uint,gfp_t,size_t*)",
	READS(.length = ARG(3), .size_at = ARG(6), .prot = ARG(4)))

/*
 * I/O addresses and flushes, outside of any call where a queue is worked off.  What of a flush all
 * kernels have by name differs: before 7.0 the queue's function, else the driver's.
 */
PROBE(iova_fast_alloc, alloc_iova_fast, 4, IOVA_FAST_ALLOC, NONE, IOVA,
	"ulong(iova_domain*,ulong,ulong,bool)",
	READS(.iovad = ARG(0), .iova_pages = ARG(1), .rcache_pages = ARG(1), .limit_pfn = ARG(2),
	      .last_try = ARG(3)))
PROBE(iova_fast_free, free_iova_fast, 3, IOVA_FAST_FREE, IOVAD, VOID,
	"void(iova_domain*,ulong,ulong)",
	READS(.iovad = ARG(0), .iova_pfn = ARG(1), .iova_pages = ARG(2)))
PROBE(sync_intel, intel_iommu_tlb_sync, 2, SYNC_INTEL, NONE, VOID,
	"void(iommu_domain*,iommu_iotlb_gather*)", READS(.gather = ARG(1)))
PROBE(sync_intel_510, iommu_flush_iotlb_psi, 6, SYNC_INTEL, NONE, VOID,
	"void(intel_iommu*,dmar_domain*,ulong,uint,int,int)", READS(.vtd_pages32 = ARG(3)))
PROBE(sync_amd, amd_iommu_iotlb_sync, 2, SYNC_AMD, NONE, VOID,
	"void(iommu_domain*,iommu_iotlb_gather*)", READS(.gather = ARG(1)))
PROBE(sync_smmu_7, arm_smmu_domain_inv_range, 5, SYNC_SMMU, NONE, VOID,
	"void(arm_smmu_domain*,ulong,size_t,uint,bool)", READS(.size = ARG(2)))
PROBE(sync_smmu, __arm_smmu_tlb_inv_range, 5, SYNC_SMMU, NONE, VOID,
	"void(arm_smmu_cmdq_ent*,ulong,size_t,size_t,arm_smmu_domain*)", READS(.size = ARG(2)))
PROBE(sync_smmu_510, arm_smmu_tlb_inv_range, 5, SYNC_SMMU, NONE, VOID,
	"void(ulong,size_t,size_t,bool,arm_smmu_domain*)", READS(.size = ARG(1)))
PROBE(flush, fq_flush_iotlb, 1, FLUSH, COOKIE, VOID,
	"void(iommu_dma_cookie*)", READS())
PROBE(flush_510, iova_domain_flush, 1, FLUSH, IOVAD, VOID,
	"void(iova_domain*)", READS())
PROBE(flush_intel, intel_flush_iotlb_all, 1, FLUSH_INTEL, DOMAIN, VOID,
	"void(iommu_domain*)", READS(), .unless = DMT_HOOK_FLUSH)
PROBE(flush_amd, amd_iommu_flush_iotlb_all, 1, FLUSH_AMD, DOMAIN, VOID,
	"void(iommu_domain*)", READS(), .unless = DMT_HOOK_FLUSH)
PROBE(msi_map, iommu_dma_prepare_msi, 2, MSI_MAP, MSI0, ERRNO,
	"int(msi_desc*,phys_addr_t)", READS(.phys = ARG(1)))
PROBE(msi_map_7, iommu_dma_sw_msi, 3, MSI_MAP, MSI1, ERRNO,
	"int(iommu_domain*,msi_desc*,phys_addr_t)", READS(.phys = ARG(2)))

/*
 * Parts of allocations, counted inside of calls that are watched; the last three instead of the
 * marks on the same functions.
 */
PROBE(pages, __alloc_pages_noprof, 4, PAGES, NONE, PAGE,
	"page*(gfp_t,uint,int,nodemask_t*)", READS(.order = ARG(1)))
PROBE(pages_61, __alloc_pages, 4, PAGES, NONE, PAGE,
	"page*(gfp_t,uint,int,nodemask_t*)", READS(.order = ARG(1)))
PROBE(pages_510, __alloc_pages_nodemask, 4, PAGES, NONE, PAGE,
	"page*(gfp_t,uint,int,nodemask_t*)", READS(.order = ARG(1)))
PROBE(cma, cma_alloc, 4, CMA, NONE, PAGE,
	"page*(cma*,ulong,uint,bool)|"
	"page*(cma*,size_t,uint,bool)", READS(.pages = ARG(1)))
PROBE(remap, dma_common_contiguous_remap, 4, REMAP, NONE, POINTER,
	"void*(page*,size_t,pgprot_t,void*)", READS(.size = ARG(1)))
PROBE(remap_pages, dma_common_pages_remap, 4, REMAP_PAGES, NONE, POINTER,
	"void*(page**,size_t,pgprot_t,void*)", READS(.size = ARG(1)))

/*
 * What tells the path of the allocation around it.
 * name, symbol, arguments, hook, result,
 * note when it succeeds, when not, prototype
 */
MARK(in_dev_pool, dma_alloc_from_dev_coherent, 4, IN_DEV_POOL, INT,
	DMT_NOTE_DEV_POOL, 0,
	"int(device*,ssize_t,dma_addr_t*,void**)")
MARK(in_global_pool, dma_alloc_from_global_coherent, 3, IN_GLOBAL_POOL, POINTER,
	DMT_NOTE_GLOBAL_POOL, 0,
	"void*(device*,ssize_t,dma_addr_t*)")
MARK(in_atomic_pool, dma_alloc_from_pool, 5, IN_ATOMIC_POOL, POINTER,
	DMT_NOTE_ATOMIC_POOL, DMT_NOTE_POOL_EMPTY,
	"page*(device*,size_t,void**,gfp_t,fn*)")
MARK(in_cma, cma_alloc, 4, IN_CMA, POINTER,
	DMT_NOTE_CMA, DMT_NOTE_CMA_FULL,
	"page*(cma*,ulong,uint,bool)|"
	"page*(cma*,size_t,uint,bool)", .unless = DMT_HOOK_CMA)
MARK(in_remap, dma_common_contiguous_remap, 4, IN_REMAP, POINTER,
	DMT_NOTE_REMAP, 0,
	"void*(page*,size_t,pgprot_t,void*)", .unless = DMT_HOOK_REMAP)
MARK(in_pages_remap, dma_common_pages_remap, 4, IN_PAGES_REMAP, POINTER,
	DMT_NOTE_PAGES_REMAP, 0,
	"void*(page**,size_t,pgprot_t,void*)", .unless = DMT_HOOK_REMAP_PAGES)
MARK(in_iova_tree, alloc_iova, 4, IN_IOVA_TREE, ANY,
	DMT_NOTE_TREE, 0,
	"iova*(iova_domain*,ulong,ulong,bool)")
/* what became of memory of another device in the list around it */
MARK(in_p2p, __pci_p2pdma_update_state, 3, IN_P2P, P2P,
	p2p_notes(result), 0,
	"void(pci_p2pdma_map_state*,device*,page*)")

/*
 * A restricted pool hands out coherent memory in slots.  Its devices get no other memory.
 * name, symbol, arguments, hook, prototype
 */
TAKE(in_restricted, swiotlb_alloc, 2, IN_RESTRICTED_POOL,
	"page*(device*,size_t)")

/*
 * Slots given back, in the function that every way back goes through: inside it, those of a pool
 * made for one buffer (v6.6) do not come to swiotlb_release_slots().
 * name, symbol, arguments, hook, the slot as it was told when it was taken, prototype
 */
RELEASE(slot, __swiotlb_tbl_unmap_single, 6, SLOT_FREE, A(1),
	"void(device*,phys_addr_t,size_t,dma_data_direction,ulong,io_tlb_pool*)")
RELEASE(slot_61, swiotlb_tbl_unmap_single, 5, SLOT_FREE, A(1),
	"void(device*,phys_addr_t,size_t,dma_data_direction,ulong)")
RELEASE(slot_510, swiotlb_tbl_unmap_single, 6, SLOT_FREE, A(1),
	"void(device*,phys_addr_t,size_t,size_t,dma_data_direction,ulong)")
RELEASE(restricted, swiotlb_free, 3, RESTRICTED_FREE, POINTER_AT(1),
	"bool(device*,page*,size_t)")

/*
 * Tracepoints; those of dma came with 6.12.  The result is that of the function, and which argument
 * has it; UNSEEN: one that fails fires none, as a scatterlist that cannot be mapped.
 * name, event, hook, device, result,
 * prototype, READS()
 */
POINT(alloc, dma_alloc, ALLOC, DEV, POINTER(1),
	"void(device*,void*,dma_addr_t,size_t,dma_data_direction,gfp_t,ulong)",
	READS(.virt = ARG(1), .where = ARG(2), .size = ARG(3), .gfp = ARG(5), .attrs = ARG(6)))
POINT(free, dma_free, FREE, DEV, VOID,
	"void(device*,void*,dma_addr_t,size_t,dma_data_direction,ulong)",
	READS(.virt = ARG(1), .where = ARG(2), .size = ARG(3)))
POINT(alloc_pages, dma_alloc_pages, ALLOC_PAGES, DEV, POINTER(1),
	"void(device*,void*,dma_addr_t,size_t,dma_data_direction,gfp_t,ulong)",
	READS(.virt = ARG(1), .where = ARG(2), .size = ARG(3), .dir = ARG(4), .gfp = ARG(5),
	      .attrs = ARG(6)))
POINT(free_pages, dma_free_pages, FREE_PAGES, DEV, VOID,
	"void(device*,void*,dma_addr_t,size_t,dma_data_direction,ulong)",
	READS(.virt = ARG(1), .where = ARG(2), .size = ARG(3), .dir = ARG(4)))
POINT(alloc_nc, dma_alloc_sgt, ALLOC_NONCONTIGUOUS, DEV, UNSEEN(POINTER),
	"void(device*,sg_table*,size_t,dma_data_direction,gfp_t,ulong)",
	READS(.table = ARG(1), .size = ARG(2), .dir = ARG(3)))
POINT(free_nc, dma_free_sgt, FREE_NONCONTIGUOUS, DEV, VOID,
	"void(device*,sg_table*,size_t,dma_data_direction)",
	READS(.table = ARG(1), .size = ARG(2), .dir = ARG(3)))
POINT(map_phys, dma_map_phys, MAP, DEV, ADDRESS(2),
	"void(device*,phys_addr_t,dma_addr_t,size_t,dma_data_direction,ulong)",
	READS(.phys = ARG(1), .where = ARG(2), .size = ARG(3), .dir = ARG(4), .attrs = ARG(5),
	      .mmio = ARG(5)), .also = DMT_HOOK_MAP_RESOURCE)
POINT(map_page, dma_map_page, MAP, DEV, ADDRESS(2),
	"void(device*,phys_addr_t,dma_addr_t,size_t,dma_data_direction,ulong)",
	READS(.phys = ARG(1), .where = ARG(2), .size = ARG(3), .dir = ARG(4), .attrs = ARG(5)))
POINT(unmap_phys, dma_unmap_phys, UNMAP, DEV, VOID,
	"void(device*,dma_addr_t,size_t,dma_data_direction,ulong)",
	READS(.where = ARG(1), .size = ARG(2), .dir = ARG(3), .mmio = ARG(4)),
	.also = DMT_HOOK_UNMAP_RESOURCE)
POINT(unmap_page, dma_unmap_page, UNMAP, DEV, VOID,
	"void(device*,dma_addr_t,size_t,dma_data_direction,ulong)",
	READS(.where = ARG(1), .size = ARG(2), .dir = ARG(3)))
POINT(map_sg, dma_map_sg, MAP_SG, DEV, UNSEEN(NENTS),
	"void(device*,scatterlist*,int,int,dma_data_direction,ulong)",
	READS(.sg = ARG(1), .nents = ARG(2), .dir = ARG(4)))
POINT(unmap_sg, dma_unmap_sg, UNMAP_SG, DEV, VOID,
	"void(device*,scatterlist*,int,dma_data_direction,ulong)",
	READS(.sg = ARG(1), .nents = ARG(2), .dir = ARG(3)))
POINT(map_resource, dma_map_resource, MAP_RESOURCE, DEV, ADDRESS(2),
	"void(device*,phys_addr_t,dma_addr_t,size_t,dma_data_direction,ulong)",
	READS(.phys = ARG(1), .where = ARG(2), .size = ARG(3), .dir = ARG(4), .attrs = ARG(5)))
POINT(unmap_resource, dma_unmap_resource, UNMAP_RESOURCE, DEV, VOID,
	"void(device*,dma_addr_t,size_t,dma_data_direction,ulong)",
	READS(.where = ARG(1), .size = ARG(2), .dir = ARG(3)))
POINT(sync_cpu, dma_sync_single_for_cpu, SYNC_CPU, DEV, VOID,
	"void(device*,dma_addr_t,size_t,dma_data_direction)",
	READS(.where = ARG(1), .size = ARG(2), .dir = ARG(3)))
POINT(sync_sg_cpu, dma_sync_sg_for_cpu, SYNC_SG_CPU, DEV, VOID,
	"void(device*,scatterlist*,int,dma_data_direction)",
	READS(.sg = ARG(1), .nents = ARG(2), .dir = ARG(3)))
POINT(sync_dev, dma_sync_single_for_device, SYNC_DEVICE, DEV, VOID,
	"void(device*,dma_addr_t,size_t,dma_data_direction)",
	READS(.where = ARG(1), .size = ARG(2), .dir = ARG(3)))
POINT(sync_sg_dev, dma_sync_sg_for_device, SYNC_SG_DEVICE, DEV, VOID,
	"void(device*,scatterlist*,int,dma_data_direction)",
	READS(.sg = ARG(1), .nents = ARG(2), .dir = ARG(3)))
