// SPDX-License-Identifier: GPL-2.0
/*
 * calls.c: every DMA call the module makes, each counted as its caller sees it: one call, failed
 * or not, and the bytes it asked for when it worked. Must not know why a call is made.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include "oracle.h"

void *oracle_alloc(size_t size, dma_addr_t *addr, gfp_t gfp, unsigned long attrs)
{
	void *cpu = dma_alloc_attrs(oracle.dev, size, addr, gfp, attrs);

	oracle_count(OP_ALLOC, DMA_NONE, cpu, size);
	oracle_saw_alloc(cpu, cpu ? *addr : 0, size, gfp, attrs);
	return cpu;
}

void oracle_free(size_t size, void *cpu, dma_addr_t addr, unsigned long attrs)
{
	dma_free_attrs(oracle.dev, size, cpu, addr, attrs);
	oracle_count(OP_FREE, DMA_NONE, true, size);
}

struct page *oracle_alloc_pages(size_t size, dma_addr_t *addr, enum dma_data_direction dir,
				gfp_t gfp)
{
	struct page *page = dma_alloc_pages(oracle.dev, size, addr, dir, gfp);

	oracle_count(OP_ALLOC_PAGES, dir, page, size);
	oracle_saw_pages(page, page ? *addr : 0, size, dir);
	return page;
}

void oracle_free_pages(size_t size, struct page *page, dma_addr_t addr,
		       enum dma_data_direction dir)
{
	dma_free_pages(oracle.dev, size, page, addr, dir);
	oracle_count(OP_FREE_PAGES, dir, true, size);
}

struct sg_table *oracle_alloc_noncontiguous(size_t size, enum dma_data_direction dir, gfp_t gfp)
{
	struct sg_table *sgt = dma_alloc_noncontiguous(oracle.dev, size, dir, gfp, 0);

	oracle_count(OP_ALLOC_NONCONTIGUOUS, dir, sgt, size);
	oracle_saw_noncontiguous(sgt, size, dir);
	return sgt;
}

void oracle_free_noncontiguous(size_t size, struct sg_table *sgt, enum dma_data_direction dir)
{
	dma_free_noncontiguous(oracle.dev, size, sgt, dir);
	oracle_count(OP_FREE_NONCONTIGUOUS, dir, true, size);
}

/* For those who time it: they call oracle_saw_map() when they are done. */
bool oracle_map_only(struct mapping *m, void *cpu)
{
	bool ok;

	switch (m->how) {
	case MAP_SINGLE:
		m->addr = dma_map_single_attrs(oracle.dev, cpu, m->size, m->dir, m->attrs);
		break;
	case MAP_PHYS:
		m->addr = compat_map_phys(oracle.dev, virt_to_phys(cpu), m->size, m->dir, m->attrs);
		break;
	default:
		m->addr = dma_map_page_attrs(oracle.dev, virt_to_page(cpu), offset_in_page(cpu),
					     m->size, m->dir, m->attrs);
	}
	ok = !dma_mapping_error(oracle.dev, m->addr);
	oracle_count(OP_MAP, m->dir, ok, m->size);
	return ok;
}

bool oracle_map(struct mapping *m, void *cpu)
{
	bool ok = oracle_map_only(m, cpu);

	oracle_saw_map(OP_MAP, virt_to_phys(cpu), m->addr, m->size, m->dir, ok);
	return ok;
}

void oracle_unmap(const struct mapping *m)
{
	if (m->how == MAP_PHYS)
		compat_unmap_phys(oracle.dev, m->addr, m->size, m->dir, m->attrs);
	else
		dma_unmap_page_attrs(oracle.dev, m->addr, m->size, m->dir, m->attrs);
	oracle_count(OP_UNMAP, m->dir, true, m->size);
}

/*
 * The skipped call is not made at all: the flag can only change from "skip" to "needed" behind our
 * back, so asking first and then calling would let an uncounted call through.
 */
static bool sync_skipped(void)
{
	if (compat_need_sync(oracle.dev))
		return false;
	oracle_info_add(INFO_SYNC_SKIPPED, 1);
	return true;
}

void oracle_sync(const struct mapping *m, bool for_cpu, size_t offset, size_t size)
{
	if (sync_skipped())
		return;
	if (for_cpu)
		dma_sync_single_for_cpu(oracle.dev, m->addr + offset, size, m->dir);
	else
		dma_sync_single_for_device(oracle.dev, m->addr + offset, size, m->dir);
	oracle_count(for_cpu ? OP_SYNC_CPU : OP_SYNC_DEVICE, m->dir, true, size);
}

static u64 sg_bytes(struct sg_table *sgt)
{
	struct scatterlist *sg;
	u64 bytes = 0;
	int i;

	for_each_sgtable_sg(sgt, sg, i)
		bytes += sg->length;
	return bytes;
}

bool oracle_map_sg(struct sg_table *sgt, enum dma_data_direction dir, bool as_table)
{
	u64 bytes = sg_bytes(sgt);
	int mapped;

	if (!as_table)
		mapped = dma_map_sg_attrs(oracle.dev, sgt->sgl, sgt->orig_nents, dir, 0);
	else
		mapped = dma_map_sgtable(oracle.dev, sgt, dir, 0) ? 0 : sgt->nents;
	mapped = max(mapped, 0);
	oracle_count(OP_MAP_SG, dir, mapped, bytes);
	oracle_saw_map_sg(sgt, mapped, bytes, dir);
	return mapped;
}

void oracle_unmap_sg(struct sg_table *sgt, enum dma_data_direction dir)
{
	dma_unmap_sg_attrs(oracle.dev, sgt->sgl, sgt->orig_nents, dir, 0);
	oracle_count(OP_UNMAP_SG, dir, true, sg_bytes(sgt));
}

void oracle_sync_sg(struct sg_table *sgt, enum dma_data_direction dir, bool for_cpu)
{
	if (sync_skipped())
		return;
	if (for_cpu)
		dma_sync_sg_for_cpu(oracle.dev, sgt->sgl, sgt->orig_nents, dir);
	else
		dma_sync_sg_for_device(oracle.dev, sgt->sgl, sgt->orig_nents, dir);
	oracle_count(for_cpu ? OP_SYNC_CPU : OP_SYNC_DEVICE, dir, true, sg_bytes(sgt));
}

bool oracle_map_resource(struct mapping *m, phys_addr_t phys)
{
	bool ok;

	m->addr = dma_map_resource(oracle.dev, phys, m->size, m->dir, m->attrs);
	ok = !dma_mapping_error(oracle.dev, m->addr);
	oracle_count(OP_MAP_RESOURCE, m->dir, ok, m->size);
	oracle_saw_resource(m->size, m->dir, ok);
	return ok;
}

void oracle_unmap_resource(const struct mapping *m)
{
	dma_unmap_resource(oracle.dev, m->addr, m->size, m->dir, m->attrs);
	oracle_count(OP_UNMAP_RESOURCE, m->dir, true, m->size);
}

struct mmap_request {
	void *cpu;
	dma_addr_t addr;
	size_t size;
};

static int mmap_file_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct mmap_request *r = file->private_data;
	int err = dma_mmap_attrs(oracle.dev, vma, r->cpu, r->addr, r->size, 0);

	oracle_count(OP_MMAP, DMA_NONE, !err, r->size);
	return err;
}

static const struct file_operations mmap_fops = {
	.owner = THIS_MODULE,
	.mmap = mmap_file_mmap,
};

/* A file of our own: whoever writes the command may have opened the node for writing only. */
bool oracle_mmap(void *cpu, dma_addr_t addr, size_t size, size_t window)
{
	struct mmap_request r = { .cpu = cpu, .addr = addr, .size = size };
	struct file *file = anon_inode_getfile("[dmt_oracle]", &mmap_fops, &r, O_RDWR);
	unsigned long where;

	if (IS_ERR(file))
		return false;
	where = vm_mmap(file, 0, window, PROT_READ, MAP_SHARED, 0);
	fput(file);
	if (IS_ERR_VALUE(where))
		return false;
	vm_munmap(where, window);
	return true;
}

/* False only says that the device does not go through dma-iommu: a call, not an error. */
bool oracle_iova_alloc(struct dma_iova_state *state, phys_addr_t phys, size_t size)
{
	bool ok = dma_iova_try_alloc(oracle.dev, state, phys, size);

	oracle_count(OP_IOVA_ALLOC, DMA_NONE, true, ok ? dma_iova_size(state) : 0);
	return ok;
}

bool oracle_iova_link(struct dma_iova_state *state, phys_addr_t phys, size_t offset, size_t size,
		      enum dma_data_direction dir)
{
	bool ok = !dma_iova_link(oracle.dev, state, phys, offset, size, dir, 0);

	oracle_count(OP_IOVA_LINK, dir, ok, size);
	oracle_saw_map(OP_IOVA_LINK, phys, compat_iova_addr(state) + offset, size, dir, ok);
	return ok && !dma_iova_sync(oracle.dev, state, offset, size);
}

void oracle_iova_unlink(struct dma_iova_state *state, size_t offset, size_t size,
			enum dma_data_direction dir)
{
	dma_iova_unlink(oracle.dev, state, offset, size, dir, 0);
	oracle_count(OP_IOVA_UNLINK, dir, true, size);
}

void oracle_iova_free(struct dma_iova_state *state)
{
	size_t size = dma_iova_size(state);

	dma_iova_free(oracle.dev, state);
	oracle_count(OP_IOVA_FREE, DMA_NONE, true, size);
}

/* With nothing mapped it would call dma_iova_free() from inside: the caller sees to that. */
void oracle_iova_destroy(struct dma_iova_state *state, size_t mapped, enum dma_data_direction dir)
{
	size_t size = dma_iova_size(state);

	dma_iova_destroy(oracle.dev, state, mapped, dir, 0);
	oracle_count(OP_IOVA_FREE, dir, true, size);
}

static int iommu_prot(enum dma_data_direction dir)
{
	return (dir != DMA_FROM_DEVICE ? IOMMU_READ : 0) | (dir != DMA_TO_DEVICE ? IOMMU_WRITE : 0);
}

/* A size that is no multiple of a page makes 7.x on x86 recurse until it panics: never ask. */
bool oracle_iommu_map(unsigned long iova, phys_addr_t phys, size_t size,
		      enum dma_data_direction dir)
{
	bool ok;

	if (WARN_ON(!size || !PAGE_ALIGNED(size)))
		return false;
	ok = !compat_iommu_map(oracle.domain, iova, phys, size, iommu_prot(dir));
	oracle_count(OP_IOMMU_MAP, dir, ok, size);
	return ok;
}

void oracle_iommu_unmap(unsigned long iova, size_t size)
{
	size_t done = iommu_unmap(oracle.domain, iova, size);

	oracle_count(OP_IOMMU_UNMAP, DMA_NONE, done == size, done);
}

static void probe_iommu(void)
{
	oracle.domain = compat_domain_alloc(oracle.dev);
	if (!oracle.domain) {
		oracle.unsupported[OP_IOMMU_MAP] = "no IOMMU behind the device";
		oracle.unsupported[OP_IOMMU_UNMAP] = "no IOMMU behind the device";
	}
}

static void probe_iova(void)
{
	struct dma_iova_state state;
	const char *why = NULL;

	if (!HAVE_IOVA) {
		why = "kernel before 6.16";
		oracle.unsupported[OP_IOVA_ALLOC] = why;
	} else if (dma_iova_try_alloc(oracle.dev, &state, 0, PAGE_SIZE)) {
		dma_iova_free(oracle.dev, &state);
	} else {
		why = "the device does not go through dma-iommu";
	}
	oracle.unsupported[OP_IOVA_LINK] = why;
	oracle.unsupported[OP_IOVA_UNLINK] = why;
	oracle.unsupported[OP_IOVA_FREE] = why;
}

/* What this kernel and this device can do is found out once, before anybody counts. */
void oracle_probe_ops(void)
{
	if (!HAVE_NONCONTIGUOUS) {
		oracle.unsupported[OP_ALLOC_NONCONTIGUOUS] = "kernel before 5.12";
		oracle.unsupported[OP_FREE_NONCONTIGUOUS] = "kernel before 5.12";
	}
	probe_iova();
	probe_iommu();
}

void oracle_remove_ops(void)
{
	if (oracle.domain)
		iommu_domain_free(oracle.domain);
}
