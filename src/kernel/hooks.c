// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of operations and hooks; see hooks.h.  A kernel that renames or reshapes a
 * function costs one row in bpf/hooks.bpf.h and one here.
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

/*
 * Where a wrapper and the function it wraps both exist, the inner one comes first: some
 * callers skip the wrapper (block and dma-buf call dma_map_phys, 6.18), and
 * __dma_map_sg_attrs alone knows the errno (6.1).
 */
const struct sight probes[] = {
	{ DMT_HOOK_ALLOC, "alloc", "dma_alloc_attrs",
	  "void*(device*,size_t,dma_addr_t*,gfp_t,ulong)", FAILS_NULL },
	{ DMT_HOOK_FREE, "free", "dma_free_attrs",
	  "void(device*,size_t,void*,dma_addr_t,ulong)", FAILS_NEVER },
	{ DMT_HOOK_ALLOC_PAGES, "alloc_pages", "dma_alloc_pages",
	  "page*(device*,size_t,dma_addr_t*,dma_data_direction,gfp_t)", FAILS_NULL },
	{ DMT_HOOK_FREE_PAGES, "free_pages", "dma_free_pages",
	  "void(device*,size_t,page*,dma_addr_t,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_ALLOC_NONCONTIGUOUS, "alloc_nc", "dma_alloc_noncontiguous",
	  "sg_table*(device*,size_t,dma_data_direction,gfp_t,ulong)", FAILS_NULL },
	{ DMT_HOOK_FREE_NONCONTIGUOUS, "free_nc", "dma_free_noncontiguous",
	  "void(device*,size_t,sg_table*,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_MAP, "map_phys", "dma_map_phys",
	  "dma_addr_t(device*,phys_addr_t,size_t,dma_data_direction,ulong)",
	  FAILS_ADDRESS, .also = DMT_HOOK_MAP_RESOURCE },
	{ DMT_HOOK_MAP, "map_page", "dma_map_page_attrs",
	  "dma_addr_t(device*,page*,size_t,size_t,dma_data_direction,ulong)", FAILS_ADDRESS },
	{ DMT_HOOK_UNMAP, "unmap_phys", "dma_unmap_phys",
	  "void(device*,dma_addr_t,size_t,dma_data_direction,ulong)",
	  FAILS_NEVER, .also = DMT_HOOK_UNMAP_RESOURCE },
	{ DMT_HOOK_UNMAP, "unmap_page", "dma_unmap_page_attrs",
	  "void(device*,dma_addr_t,size_t,dma_data_direction,ulong)", FAILS_NEVER },
	{ DMT_HOOK_MAP_SG, "map_sg_inner", "__dma_map_sg_attrs",
	  "int(device*,scatterlist*,int,dma_data_direction,ulong)", FAILS_ERRNO },
	{ DMT_HOOK_MAP_SG, "map_sg", "dma_map_sg_attrs",
	  "int(device*,scatterlist*,int,dma_data_direction,ulong)|"
	  "uint(device*,scatterlist*,int,dma_data_direction,ulong)", FAILS_ERRNO },
	{ DMT_HOOK_UNMAP_SG, "unmap_sg", "dma_unmap_sg_attrs",
	  "void(device*,scatterlist*,int,dma_data_direction,ulong)", FAILS_NEVER },
	{ DMT_HOOK_MAP_RESOURCE, "map_resource", "dma_map_resource",
	  "dma_addr_t(device*,phys_addr_t,size_t,dma_data_direction,ulong)", FAILS_ADDRESS },
	{ DMT_HOOK_UNMAP_RESOURCE, "unmap_resource", "dma_unmap_resource",
	  "void(device*,dma_addr_t,size_t,dma_data_direction,ulong)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_CPU, "sync_cpu", "dma_sync_single_for_cpu",
	  "void(device*,dma_addr_t,size_t,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_CPU, "sync_cpu2", "__dma_sync_single_for_cpu",
	  "void(device*,dma_addr_t,size_t,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_SG_CPU, "sync_sg_cpu", "dma_sync_sg_for_cpu",
	  "void(device*,scatterlist*,int,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_SG_CPU, "sync_sg_cpu2", "__dma_sync_sg_for_cpu",
	  "void(device*,scatterlist*,int,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_DEVICE, "sync_dev", "dma_sync_single_for_device",
	  "void(device*,dma_addr_t,size_t,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_DEVICE, "sync_dev2", "__dma_sync_single_for_device",
	  "void(device*,dma_addr_t,size_t,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_SG_DEVICE, "sync_sg_dev", "dma_sync_sg_for_device",
	  "void(device*,scatterlist*,int,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_SG_DEVICE, "sync_sg_dev2", "__dma_sync_sg_for_device",
	  "void(device*,scatterlist*,int,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_MMAP, "mmap", "dma_mmap_attrs",
	  "int(device*,vm_area_struct*,void*,dma_addr_t,size_t,ulong)", FAILS_ERRNO },
	{ DMT_HOOK_IOVA_ALLOC, "iova_alloc", "dma_iova_try_alloc",
	  "bool(device*,dma_iova_state*,phys_addr_t,size_t)", FAILS_FALSE },
	{ DMT_HOOK_IOVA_LINK, "iova_link", "dma_iova_link",
	  "int(device*,dma_iova_state*,phys_addr_t,size_t,size_t,dma_data_direction,ulong)", FAILS_ERRNO },
	{ DMT_HOOK_IOVA_UNLINK, "iova_unlink", "dma_iova_unlink",
	  "void(device*,dma_iova_state*,size_t,size_t,dma_data_direction,ulong)", FAILS_NEVER },
	{ DMT_HOOK_IOVA_FREE, "iova_free", "dma_iova_free",
	  "void(device*,dma_iova_state*)", FAILS_NEVER },
	{ DMT_HOOK_IOVA_DESTROY, "iova_destroy", "dma_iova_destroy",
	  "void(device*,dma_iova_state*,size_t,dma_data_direction,ulong)", FAILS_NEVER },
	{ DMT_HOOK_BOUNCE, "bounce_61", "swiotlb_tbl_map_single",
	  "phys_addr_t(device*,phys_addr_t,size_t,size_t,uint,dma_data_direction,ulong)", FAILS_ADDRESS },
	{ DMT_HOOK_BOUNCE, "bounce", "swiotlb_tbl_map_single",
	  "phys_addr_t(device*,phys_addr_t,size_t,size_t,dma_data_direction,ulong)|"
	  "phys_addr_t(device*,phys_addr_t,size_t,uint,dma_data_direction,ulong)", FAILS_ADDRESS },
	{ DMT_HOOK_BOUNCE_COPY, "copy", "swiotlb_bounce",
	  "void(device*,phys_addr_t,size_t,dma_data_direction,io_tlb_pool*)", FAILS_NEVER },
	{ DMT_HOOK_BOUNCE_COPY, "copy_61", "swiotlb_bounce",
	  "void(device*,phys_addr_t,size_t,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_BOUNCE_COPY, "copy_510", "swiotlb_bounce",
	  "void(phys_addr_t,phys_addr_t,size_t,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_IOMMU_ALLOC, "iommu_alloc", "iommu_dma_alloc",
	  "void*(device*,size_t,dma_addr_t*,gfp_t,ulong)", FAILS_NULL },
	{ DMT_HOOK_INTEL_ALLOC, "intel_alloc", "intel_alloc_coherent",
	  "void*(device*,size_t,dma_addr_t*,gfp_t,ulong)", FAILS_NULL },
	{ DMT_HOOK_IOMMU_MAP, "iommu_map", "__iommu_map",
	  "int(iommu_domain*,ulong,phys_addr_t,size_t,int,gfp_t)", FAILS_ERRNO },
	{ DMT_HOOK_IOMMU_MAP, "iommu_map2", "iommu_map_nosync",
	  "int(iommu_domain*,ulong,phys_addr_t,size_t,int,gfp_t)", FAILS_ERRNO },
	{ DMT_HOOK_IOMMU_UNMAP, "iommu_unmap", "__iommu_unmap",
	  "size_t(iommu_domain*,ulong,size_t,iommu_iotlb_gather*)", FAILS_SHORT },
	{ DMT_HOOK_LPAE_MAP, "lpae_pages", "arm_lpae_map_pages",
	  "int(io_pgtable_ops*,ulong,phys_addr_t,size_t,size_t,int,gfp_t,size_t*)", FAILS_ERRNO },
	{ DMT_HOOK_LPAE_MAP, "lpae_map", "arm_lpae_map",
	  "int(io_pgtable_ops*,ulong,phys_addr_t,size_t,int,gfp_t)", FAILS_ERRNO },
	{ DMT_HOOK_INTEL_MAP, "intel_510", "domain_mapping",
	  "int(dmar_domain*,ulong,scatterlist*,ulong,ulong,int)", FAILS_ERRNO },
	{ DMT_HOOK_INTEL_MAP, "intel_pages", "intel_iommu_map_pages",
	  "int(iommu_domain*,ulong,phys_addr_t,size_t,size_t,int,gfp_t,size_t*)", FAILS_ERRNO },
	{ DMT_HOOK_INTEL_MAP, "intel_range", "vtdss_map_range",
	  "int(pt_iommu*,dma_addr_t,phys_addr_t,dma_addr_t,uint,gfp_t,size_t*)", FAILS_ERRNO },
	{ DMT_HOOK_AMD_MAP, "amd_510", "amd_iommu_map",
	  "int(iommu_domain*,ulong,phys_addr_t,size_t,int,gfp_t)", FAILS_ERRNO },
	{ DMT_HOOK_AMD_MAP, "amd_pages", "amd_iommu_map_pages",
	  "int(iommu_domain*,ulong,phys_addr_t,size_t,size_t,int,gfp_t,size_t*)", FAILS_ERRNO },
	{ DMT_HOOK_AMD_MAP, "amd_range", "amdv1_map_range",
	  "int(pt_iommu*,dma_addr_t,phys_addr_t,dma_addr_t,uint,gfp_t,size_t*)", FAILS_ERRNO },
	{ DMT_HOOK_X86_64_MAP, "x86_64_range", "x86_64_map_range",
	  "int(pt_iommu*,dma_addr_t,phys_addr_t,dma_addr_t,uint,gfp_t,size_t*)", FAILS_ERRNO },
	{ DMT_HOOK_IOVA_FAST_ALLOC, "iova_fast_alloc", "alloc_iova_fast",
	  "ulong(iova_domain*,ulong,ulong,bool)", FAILS_ZERO },
	{ DMT_HOOK_IOVA_FAST_FREE, "iova_fast_free", "free_iova_fast",
	  "void(iova_domain*,ulong,ulong)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_INTEL, "sync_intel", "intel_iommu_tlb_sync",
	  "void(iommu_domain*,iommu_iotlb_gather*)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_INTEL, "sync_intel_510", "iommu_flush_iotlb_psi",
	  "void(intel_iommu*,dmar_domain*,ulong,uint,int,int)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_AMD, "sync_amd", "amd_iommu_iotlb_sync",
	  "void(iommu_domain*,iommu_iotlb_gather*)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_SMMU, "sync_smmu_7", "arm_smmu_domain_inv_range",
	  "void(arm_smmu_domain*,ulong,size_t,uint,bool)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_SMMU, "sync_smmu", "__arm_smmu_tlb_inv_range",
	  "void(arm_smmu_cmdq_ent*,ulong,size_t,size_t,arm_smmu_domain*)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_SMMU, "sync_smmu_510", "arm_smmu_tlb_inv_range",
	  "void(ulong,size_t,size_t,bool,arm_smmu_domain*)", FAILS_NEVER },
	{ DMT_HOOK_FLUSH, "flush", "fq_flush_iotlb", "void(iommu_dma_cookie*)", FAILS_NEVER },
	{ DMT_HOOK_FLUSH, "flush_510", "iova_domain_flush", "void(iova_domain*)", FAILS_NEVER },
	{ DMT_HOOK_FLUSH_INTEL, "flush_intel", "intel_flush_iotlb_all", "void(iommu_domain*)",
	  FAILS_NEVER, .unless = DMT_HOOK_FLUSH },
	{ DMT_HOOK_FLUSH_AMD, "flush_amd", "amd_iommu_flush_iotlb_all", "void(iommu_domain*)",
	  FAILS_NEVER, .unless = DMT_HOOK_FLUSH },
	{ DMT_HOOK_MSI_MAP, "msi_map", "iommu_dma_prepare_msi", "int(msi_desc*,phys_addr_t)",
	  FAILS_ERRNO },
	{ DMT_HOOK_MSI_MAP, "msi_map_7", "iommu_dma_sw_msi",
	  "int(iommu_domain*,msi_desc*,phys_addr_t)", FAILS_ERRNO },
	{ DMT_HOOK_PAGES, "pages", "__alloc_pages_noprof",
	  "page*(gfp_t,uint,int,nodemask_t*)", FAILS_NULL },
	{ DMT_HOOK_PAGES, "pages_61", "__alloc_pages",
	  "page*(gfp_t,uint,int,nodemask_t*)", FAILS_NULL },
	{ DMT_HOOK_PAGES, "pages_510", "__alloc_pages_nodemask",
	  "page*(gfp_t,uint,int,nodemask_t*)", FAILS_NULL },
	{ DMT_HOOK_CMA, "cma", "cma_alloc",
	  "page*(cma*,ulong,uint,bool)|page*(cma*,size_t,uint,bool)", FAILS_NULL },
	{ DMT_HOOK_REMAP, "remap", "dma_common_contiguous_remap",
	  "void*(page*,size_t,pgprot_t,void*)", FAILS_NULL },
	{ DMT_HOOK_REMAP_PAGES, "remap_pages", "dma_common_pages_remap",
	  "void*(page**,size_t,pgprot_t,void*)", FAILS_NULL },
	{ DMT_HOOK_IN_DEV_POOL, "in_dev_pool", "dma_alloc_from_dev_coherent",
	  "int(device*,ssize_t,dma_addr_t*,void**)", FAILS_NEVER },
	{ DMT_HOOK_IN_GLOBAL_POOL, "in_global_pool", "dma_alloc_from_global_coherent",
	  "void*(device*,ssize_t,dma_addr_t*)", FAILS_NEVER },
	{ DMT_HOOK_IN_ATOMIC_POOL, "in_atomic_pool", "dma_alloc_from_pool",
	  "page*(device*,size_t,void**,gfp_t,fn*)", FAILS_NEVER },
	{ DMT_HOOK_IN_RESTRICTED_POOL, "in_restricted", "swiotlb_alloc",
	  "page*(device*,size_t)", FAILS_NEVER },
	{ DMT_HOOK_IN_CMA, "in_cma", "cma_alloc",
	  "page*(cma*,ulong,uint,bool)|page*(cma*,size_t,uint,bool)", FAILS_NEVER,
	  .unless = DMT_HOOK_CMA },
	{ DMT_HOOK_IN_REMAP, "in_remap", "dma_common_contiguous_remap",
	  "void*(page*,size_t,pgprot_t,void*)", FAILS_NEVER, .unless = DMT_HOOK_REMAP },
	{ DMT_HOOK_IN_PAGES_REMAP, "in_pages_remap", "dma_common_pages_remap",
	  "void*(page**,size_t,pgprot_t,void*)", FAILS_NEVER, .unless = DMT_HOOK_REMAP_PAGES },
	{ DMT_HOOK_IN_IOVA_TREE, "in_iova_tree", "alloc_iova",
	  "iova*(iova_domain*,ulong,ulong,bool)", FAILS_NEVER },
	{ DMT_HOOK_IN_P2P, "in_p2p", "__pci_p2pdma_update_state",
	  "void(pci_p2pdma_map_state*,device*,page*)", FAILS_NEVER },
	{ DMT_HOOK_SLOT_FREE, "slot", "__swiotlb_tbl_unmap_single",
	  "void(device*,phys_addr_t,size_t,dma_data_direction,ulong,io_tlb_pool*)", FAILS_NEVER },
	{ DMT_HOOK_SLOT_FREE, "slot_61", "swiotlb_tbl_unmap_single",
	  "void(device*,phys_addr_t,size_t,dma_data_direction,ulong)", FAILS_NEVER },
	{ DMT_HOOK_SLOT_FREE, "slot_510", "swiotlb_tbl_unmap_single",
	  "void(device*,phys_addr_t,size_t,size_t,dma_data_direction,ulong)", FAILS_NEVER },
	{ DMT_HOOK_RESTRICTED_FREE, "restricted", "swiotlb_free",
	  "bool(device*,page*,size_t)", FAILS_NEVER },
	{ 0 }
};

/* dma:* tracepoints came with 6.12; a failed dma_map_sg fires none (blind). */
const struct sight points[] = {
	{ DMT_HOOK_ALLOC, "alloc", "dma_alloc",
	  "void(device*,void*,dma_addr_t,size_t,dma_data_direction,gfp_t,ulong)", FAILS_NULL },
	{ DMT_HOOK_FREE, "free", "dma_free",
	  "void(device*,void*,dma_addr_t,size_t,dma_data_direction,ulong)", FAILS_NEVER },
	{ DMT_HOOK_ALLOC_PAGES, "alloc_pages", "dma_alloc_pages",
	  "void(device*,void*,dma_addr_t,size_t,dma_data_direction,gfp_t,ulong)", FAILS_NULL },
	{ DMT_HOOK_FREE_PAGES, "free_pages", "dma_free_pages",
	  "void(device*,void*,dma_addr_t,size_t,dma_data_direction,ulong)", FAILS_NEVER },
	{ DMT_HOOK_ALLOC_NONCONTIGUOUS, "alloc_nc", "dma_alloc_sgt",
	  "void(device*,sg_table*,size_t,dma_data_direction,gfp_t,ulong)", FAILS_NULL, .blind = true },
	{ DMT_HOOK_FREE_NONCONTIGUOUS, "free_nc", "dma_free_sgt",
	  "void(device*,sg_table*,size_t,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_MAP, "map_phys", "dma_map_phys",
	  "void(device*,phys_addr_t,dma_addr_t,size_t,dma_data_direction,ulong)", FAILS_ADDRESS,
	  .also = DMT_HOOK_MAP_RESOURCE },
	{ DMT_HOOK_MAP, "map_page", "dma_map_page",
	  "void(device*,phys_addr_t,dma_addr_t,size_t,dma_data_direction,ulong)", FAILS_ADDRESS },
	{ DMT_HOOK_UNMAP, "unmap_phys", "dma_unmap_phys",
	  "void(device*,dma_addr_t,size_t,dma_data_direction,ulong)", FAILS_NEVER,
	  .also = DMT_HOOK_UNMAP_RESOURCE },
	{ DMT_HOOK_UNMAP, "unmap_page", "dma_unmap_page",
	  "void(device*,dma_addr_t,size_t,dma_data_direction,ulong)", FAILS_NEVER },
	{ DMT_HOOK_MAP_SG, "map_sg", "dma_map_sg",
	  "void(device*,scatterlist*,int,int,dma_data_direction,ulong)", FAILS_ERRNO, .blind = true },
	{ DMT_HOOK_UNMAP_SG, "unmap_sg", "dma_unmap_sg",
	  "void(device*,scatterlist*,int,dma_data_direction,ulong)", FAILS_NEVER },
	{ DMT_HOOK_MAP_RESOURCE, "map_resource", "dma_map_resource",
	  "void(device*,phys_addr_t,dma_addr_t,size_t,dma_data_direction,ulong)", FAILS_ADDRESS },
	{ DMT_HOOK_UNMAP_RESOURCE, "unmap_resource", "dma_unmap_resource",
	  "void(device*,dma_addr_t,size_t,dma_data_direction,ulong)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_CPU, "sync_cpu", "dma_sync_single_for_cpu",
	  "void(device*,dma_addr_t,size_t,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_SG_CPU, "sync_sg_cpu", "dma_sync_sg_for_cpu",
	  "void(device*,scatterlist*,int,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_DEVICE, "sync_dev", "dma_sync_single_for_device",
	  "void(device*,dma_addr_t,size_t,dma_data_direction)", FAILS_NEVER },
	{ DMT_HOOK_SYNC_SG_DEVICE, "sync_sg_dev", "dma_sync_sg_for_device",
	  "void(device*,scatterlist*,int,dma_data_direction)", FAILS_NEVER },
	{ 0 }
};
