/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel types dmatrace reads: only the fields used, relocated at load time (CO-RE).
 * A full header of the running kernel, for exploring: `make vmlinux`.
 */
#ifndef KERNEL_H
#define KERNEL_H

/* bpf_tracing.h picks kernel names of registers by this */
#define __VMLINUX_H__

#include <linux/types.h>
#include <linux/bpf.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kobject {
	const char *name;
};

struct bus_type {
	const char *name;
};

struct device_driver {
	const char *name;
};

/* has cpu_start, dma_start and size in every kernel; up to v6.8 an offset as well */
struct bus_dma_region {
	__u64 cpu_start, dma_start, size;
};

struct iommu_domain {
	unsigned type;
	unsigned long pgsize_bitmap;
};

/* as v5.10 to 7.2 have it, of late in a union */
struct iommu_domain___cookie {
	void *iova_cookie;
};

struct iommu_group {
	struct iommu_domain *domain;
};

struct iova_domain {
	unsigned long granule;
};

struct iommu_dma_cookie {
	struct iova_domain iovad;
};

struct iommu_iotlb_gather {
	unsigned long start, end;
};

struct msi_desc {
	struct device *dev;
};

struct device_dma_parameters {
	unsigned int max_segment_size;
	unsigned long segment_boundary_mask;
};

/* v5.12, "driver core: add a min_align_mask field to struct device_dma_parameters"; 5.10.y */
struct device_dma_parameters___align {
	unsigned int min_align_mask;
};

struct device {
	struct kobject kobj;
	const char *init_name;
	const struct bus_type *bus;
	struct device_driver *driver;
	__u64 *dma_mask;
	__u64 coherent_dma_mask;
	__u64 bus_dma_limit;
	struct bus_dma_region *dma_range_map;
	struct device_dma_parameters *dma_parms;
	struct iommu_group *iommu_group;
};

struct mod_kallsyms {
	void *symtab;
	unsigned int num_symtab;
	char *strtab;
	char *typetab;
};

enum module_state {
	MODULE_STATE_LIVE,
	MODULE_STATE_COMING,
};

struct module {
	enum module_state state;
	char name[56];
	struct mod_kallsyms *kallsyms;
};

struct module_layout {
	void *base;
	unsigned int size, text_size;
};

/* up to v6.3, "module: replace module_layout with module_memory" */
struct module___layouts {
	struct module_layout core_layout, init_layout;
};

struct module_memory {
	void *base;
	unsigned int size;
};

enum mod_mem_type {
	MOD_TEXT,
	MOD_INIT_TEXT = 4,
};

struct module___memory {
	struct module_memory mem[7];
};

/* up to v6.18, "dma-mapping: remove unused map_page callback"; then map_phys */
struct dma_map_ops {
	void *map_page;
	void *map_phys;
};

/* where the architecture has any (ARCH_HAS_DMA_OPS, v6.12; DMA_OPS before) */
struct device___ops {
	struct dma_map_ops *dma_ops;
};

struct qstr {
	const unsigned char *name;
};

/* has d_name in every kernel; since v6.15 in a union with a copy for everybody but the VFS */
struct dentry {
	struct qstr d_name;
};

/* since v5.14, "swiotlb: Update is_swiotlb_active to add a struct device argument" */
struct io_tlb_mem {
	unsigned long nslabs;
	struct dentry *debugfs;
	bool force_bounce;
	bool for_alloc;
};

/* v6.0, "swiotlb: split up the global swiotlb lock"; since v6.6 in a pool of it */
struct io_tlb_area {
	unsigned long used;
};

struct io_tlb_mem___areas {
	unsigned int nareas;
	struct io_tlb_area *areas;
};

/* v6.6, "swiotlb: separate memory pool data from other allocator data" */
struct io_tlb_pool {
	unsigned int nareas;
};

struct io_tlb_mem___pool {
	struct io_tlb_pool defpool;
};

/* v6.4, "swiotlb: fix debugfs reporting of reserved memory pools" */
typedef struct {
	long counter;
} atomic_long_t;

struct io_tlb_mem___total {
	atomic_long_t total_used;
};

/* v6.10, "swiotlb: extend buffer pre-padding to alloc_align_mask if necessary" */
struct io_tlb_mem___transient {
	atomic_long_t transient_nslabs;
};

struct device___io_tlb {
	struct io_tlb_mem *dma_io_tlb_mem;
};

/* where devices can be other than coherent: arm64; 7.x: a bit of flags */
struct device___coherent {
	bool dma_coherent:1;
};

/* v6.10, "dma: skip calling no-op sync ops when possible"; 7.x: a bit of flags */
struct device___skip_sync {
	bool dma_skip_sync:1;
};

/* v6.0, "PCI/P2PDMA: Introduce helpers for dma_map_sg implementations"; its values have moved */
enum pci_p2pdma_map_type {
	PCI_P2PDMA_MAP_BUS_ADDR,
	PCI_P2PDMA_MAP_THRU_HOST_BRIDGE,
};

struct pci_p2pdma_map_state {
	enum pci_p2pdma_map_type map;
};

struct pci_dev {
	struct device dev;
	unsigned int untrusted:1;
};

/* v6.12 to v6.18, since "dma-mapping: direct calls for dma-iommu" */
struct device___dma_iommu {
	bool dma_iommu:1;
};

/* 7.x keeps it in struct device::flags, at the bit this enumerator names */
struct device___flags {
	unsigned long flags[1];
};
enum struct_device_flags___dma {
	DEV_FLAG_DMA_IOMMU,
	DEV_FLAG_DMA_SKIP_SYNC,
	DEV_FLAG_DMA_COHERENT,
};

#if defined(__TARGET_ARCH_x86)
struct task_struct {
	void *stack;
};

/* v6.2 to v6.14 */
struct pcpu_hot {
	int preempt_count;
};
#else
struct thread_info {
	__u64 preempt_count;		/* its lower half */
};

struct task_struct {
	struct thread_info thread_info;
	void *stack;
};
#endif

struct scatterlist {
	unsigned long page_link;
	unsigned int offset;
	unsigned int length;
	__u64 dma_address;
};

struct sg_table {
	struct scatterlist *sgl;
};

struct dma_iova_state {
	__u64 addr;
	__u64 __size;
};

struct bpf_prog {
	int *active;
};

/* how large it is, and where the page of frame 0 would be, whatever there is in its place */
struct page {
	unsigned long flags;
};

struct mem_section {
	unsigned long section_mem_map;
};

#pragma clang attribute pop
#endif
