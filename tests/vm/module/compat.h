/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h: what the kernels from 5.10 to 7.x spell differently, under one name.
 * The only file of the module that looks at the kernel's version. A call that a kernel lacks
 * becomes a stub here, and oracle_probe_ops() declares its operation unsupported.
 */
#ifndef ORACLE_COMPAT_H
#define ORACLE_COMPAT_H

#include <linux/dma-map-ops.h>
#include <linux/swiotlb.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/version.h>

#define SINCE(major, minor)	(LINUX_VERSION_CODE >= KERNEL_VERSION(major, minor, 0))

#define HAVE_NONCONTIGUOUS	SINCE(5, 12)
#define HAVE_IOVA		SINCE(6, 16)
#define HAVE_MAP_PHYS		SINCE(6, 18)

/* The tracepoint passed in mapping one buffer; up to 6.11 there is none. */
static const char * const compat_map_event __maybe_unused = HAVE_MAP_PHYS ? "dma_map_phys" :
									     "dma_map_page";

#if !HAVE_NONCONTIGUOUS
static inline struct sg_table *dma_alloc_noncontiguous(struct device *dev, size_t size,
		enum dma_data_direction dir, gfp_t gfp, unsigned long attrs)
{
	return NULL;
}

static inline void dma_free_noncontiguous(struct device *dev, size_t size, struct sg_table *sgt,
		enum dma_data_direction dir) {}
#endif

#if SINCE(6, 12)
#include <linux/iommu-dma.h>
#endif

#if !HAVE_IOVA
struct dma_iova_state { size_t size; };

static inline bool dma_iova_try_alloc(struct device *dev, struct dma_iova_state *state,
		phys_addr_t phys, size_t size)
{
	return false;
}

static inline int dma_iova_link(struct device *dev, struct dma_iova_state *state, phys_addr_t phys,
		size_t offset, size_t size, enum dma_data_direction dir, unsigned long attrs)
{
	return -EOPNOTSUPP;
}

static inline int dma_iova_sync(struct device *dev, struct dma_iova_state *state, size_t offset,
		size_t size)
{
	return -EOPNOTSUPP;
}

static inline size_t dma_iova_size(struct dma_iova_state *state)
{
	return state->size;
}

static inline void dma_iova_unlink(struct device *dev, struct dma_iova_state *state, size_t offset,
		size_t size, enum dma_data_direction dir, unsigned long attrs) {}
static inline void dma_iova_free(struct device *dev, struct dma_iova_state *state) {}
static inline void dma_iova_destroy(struct device *dev, struct dma_iova_state *state,
		size_t mapped_len, enum dma_data_direction dir, unsigned long attrs) {}
#endif

/* Since 6.10 the inline dma_sync_*() returns early for a device that needs no sync. */
static inline bool compat_need_sync(struct device *dev)
{
#if SINCE(6, 10)
	return dma_dev_need_sync(dev);
#else
	return true;
#endif
}

static inline dma_addr_t compat_map_phys(struct device *dev, phys_addr_t phys, size_t size,
		enum dma_data_direction dir, unsigned long attrs)
{
#if HAVE_MAP_PHYS
	return dma_map_phys(dev, phys, size, dir, attrs);
#else
	return dma_map_page_attrs(dev, pfn_to_page(PHYS_PFN(phys)), offset_in_page(phys), size,
				  dir, attrs);
#endif
}

static inline void compat_unmap_phys(struct device *dev, dma_addr_t addr, size_t size,
		enum dma_data_direction dir, unsigned long attrs)
{
#if HAVE_MAP_PHYS
	dma_unmap_phys(dev, addr, size, dir, attrs);
#else
	dma_unmap_page_attrs(dev, addr, size, dir, attrs);
#endif
}

static inline void compat_hrtimer_setup(struct hrtimer *timer,
		enum hrtimer_restart (*fn)(struct hrtimer *), enum hrtimer_mode mode)
{
#if SINCE(6, 13)
	hrtimer_setup(timer, fn, CLOCK_MONOTONIC, mode);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, mode);
	timer->function = fn;
#endif
}

static inline bool compat_in_hardirq(void)
{
#if SINCE(5, 11)
	return in_hardirq();
#else
	return in_irq();
#endif
}

#if HAVE_IOVA
static inline dma_addr_t compat_iova_addr(const struct dma_iova_state *state)
{
	return state->addr;
}
#else
static inline dma_addr_t compat_iova_addr(const struct dma_iova_state *state)
{
	return 0;
}
#endif

/* Since 6.12 dma-iommu is no DMA ops but a flag. */
static inline bool compat_use_dma_iommu(struct device *dev)
{
#if SINCE(6, 12)
	return use_dma_iommu(dev);
#else
	return false;
#endif
}

static inline const struct dma_map_ops *compat_dma_ops(struct device *dev)
{
#if defined(CONFIG_ARCH_HAS_DMA_OPS) || (!SINCE(6, 12) && defined(CONFIG_DMA_OPS))
	return dev->dma_ops;
#else
	return NULL;
#endif
}

/* Of such ops, the function that maps. */
static inline void *compat_ops_map(const struct dma_map_ops *ops)
{
#if SINCE(6, 19)
	return ops->map_phys;
#else
	return ops->map_page;
#endif
}

/*
 * NULL when no IOMMU translates for the device. Older SMMUs build a domain's page table at its
 * first attach, and 5.10 falls over a NULL pointer when it is mapped first: attach it for a moment.
 */
static inline struct iommu_domain *compat_domain_alloc(struct device *dev)
{
#if SINCE(6, 11)
	struct iommu_domain *domain = iommu_paging_domain_alloc(dev);

	return IS_ERR(domain) ? NULL : domain;
#else
	struct iommu_domain *domain = iommu_domain_alloc(dev->bus);

	if (!domain || !IS_ENABLED(CONFIG_ARM64))
		return domain;
	if (iommu_attach_device(domain, dev)) {
		iommu_domain_free(domain);
		return NULL;
	}
	iommu_detach_device(domain, dev);
	return domain;
#endif
}

static inline int compat_iommu_map(struct iommu_domain *domain, unsigned long iova,
		phys_addr_t phys, size_t size, int prot)
{
#if SINCE(6, 3)
	return iommu_map(domain, iova, phys, size, prot, GFP_KERNEL);
#else
	return iommu_map(domain, iova, phys, size, prot);
#endif
}

#endif
