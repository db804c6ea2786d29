// SPDX-License-Identifier: GPL-2.0
/*
 * special.c: calls that take one certain way, or fail in one certain way, or are never undone.
 * Must not know how the calls are made or counted: that is calls.c.
 */
#include <linux/ioport.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/of_reserved_mem.h>
#include <linux/slab.h>
#include "oracle.h"

#define MAX_FILL	65536
#define SLOT_SIZE	2048		/* of swiotlb: IO_TLB_SIZE */

/* What one bug report had: nothing of it is a multiple of a page. */
#define UNALIGNED_IOVA	0xffffe000UL
#define UNALIGNED_PHYS	0x30830040UL
#define UNALIGNED_SIZE	0x2001UL

/* Further than the IOMMUs here translate, but for AMD's with six levels of tables. */
#define BEYOND_IOVA	(1UL << 60)
#define USUAL_IOVA	0x10000000UL

#define MAX_KEPT	256

static struct mapping *filled;
static u64 fill_count;

static struct kept {
	void *cpu;
	dma_addr_t addr;
	size_t size;
} kept[MAX_KEPT];
static unsigned int kept_count;

/* alloc_contiguous N SIZE GFP */
int cmd_alloc_contiguous(const u64 *arg)
{
	gfp_t gfp = (gfp_t)arg[2] | __GFP_NOWARN;
	dma_addr_t addr;
	void *cpu;
	u64 i;

	for (i = 0; i < arg[0]; i++) {
		if (oracle_interrupted())
			return -EINTR;
		cpu = oracle_alloc(arg[1], &addr, gfp, DMA_ATTR_FORCE_CONTIGUOUS);
		if (cpu)
			oracle_free(arg[1], cpu, addr, DMA_ATTR_FORCE_CONTIGUOUS);
	}
	return 0;
}

/* alloc_pages N SIZE DIR */
int cmd_alloc_pages(const u64 *arg)
{
	struct page *page;
	dma_addr_t addr;
	u64 i;

	for (i = 0; i < arg[0]; i++) {
		if (oracle_interrupted())
			return -EINTR;
		page = oracle_alloc_pages(arg[1], &addr, arg[2], GFP_KERNEL | __GFP_NOWARN);
		if (page)
			oracle_free_pages(arg[1], page, addr, arg[2]);
	}
	return 0;
}

/* alloc_noncontiguous N SIZE DIR */
int cmd_alloc_noncontiguous(const u64 *arg)
{
	struct sg_table *sgt;
	u64 i;

	if (oracle.unsupported[OP_ALLOC_NONCONTIGUOUS])
		return -EOPNOTSUPP;
	for (i = 0; i < arg[0]; i++) {
		if (oracle_interrupted())
			return -EINTR;
		sgt = oracle_alloc_noncontiguous(arg[1], arg[2], GFP_KERNEL | __GFP_NOWARN);
		if (sgt)
			oracle_free_noncontiguous(arg[1], sgt, arg[2]);
	}
	return 0;
}

/* cma BASE SIZE */
int cmd_cma(const u64 *arg)
{
	oracle.cma = arg[0];
	oracle.cma_end = arg[0] + arg[1];
	return 0;
}

/* restricted BASE SIZE */
int cmd_restricted(const u64 *arg)
{
	oracle.restricted = arg[0];
	oracle.restricted_end = arg[0] + arg[1];
	return 0;
}

/* The memory the device tree sets aside for us, and where it is. */
static int pool_find(struct device_node **owner, struct resource *where)
{
	struct device_node *memory;
	int err = -ENODEV;

	*owner = of_find_compatible_node(NULL, NULL, "dmatrace,oracle");
	memory = *owner ? of_parse_phandle(*owner, "memory-region", 0) : NULL;
	if (memory)
		err = of_address_to_resource(memory, 0, where);
	of_node_put(memory);
	return err;
}

/* pool 1|0 */
int cmd_pool(const u64 *arg)
{
	struct device_node *owner;
	struct resource where;
	int err;

	if (oracle.pool_end)
		of_reserved_mem_device_release(oracle.dev);
	oracle.pool = oracle.pool_end = 0;
	if (!arg[0])
		return 0;
	err = pool_find(&owner, &where);
	if (!err)
		err = of_reserved_mem_device_init_by_idx(oracle.dev, owner, 0);
	of_node_put(owner);
	if (err)
		return err;
	oracle.pool = where.start;
	oracle.pool_end = where.end + 1;
	return 0;
}

/* fill N SIZE DIR: tries all N, also when one fails; what is kept already stays */
int cmd_fill(const u64 *arg)
{
	struct mapping m = { .size = arg[1], .dir = arg[2] }, *grown;
	u64 i;

	if (!arg[0] || arg[0] > MAX_FILL - fill_count || !m.size || m.size > BUF_SIZE)
		return -EINVAL;
	grown = kvmalloc_array(fill_count + arg[0], sizeof(*filled), GFP_KERNEL);
	if (!grown)
		return -ENOMEM;
	if (fill_count)
		memcpy(grown, filled, fill_count * sizeof(*filled));
	kvfree(filled);
	filled = grown;
	for (i = 0; i < arg[0]; i++) {
		if (oracle_interrupted())
			return -EINTR;
		if (oracle_map(&m, page_address(oracle.buf)))
			filled[fill_count++] = m;
	}
	return 0;
}

/* spill N: give back the first N of what "fill" kept */
int cmd_spill(const u64 *arg)
{
	u64 i;

	if (arg[0] > fill_count)
		return -EINVAL;
	for (i = 0; i < arg[0]; i++)
		oracle_unmap(&filled[i]);
	fill_count -= arg[0];
	memmove(filled, filled + arg[0], fill_count * sizeof(*filled));
	return 0;
}

/* thin: give back those in odd slots, so that no two free ones of a full pool are neighbours */
int cmd_thin(const u64 *arg)
{
	u64 i, kept = 0;

	for (i = 0; i < fill_count; i++) {
		if (oracle_phys_behind(filled[i].addr) / SLOT_SIZE % 2)
			oracle_unmap(&filled[i]);
		else
			filled[kept++] = filled[i];
	}
	fill_count = kept;
	return 0;
}

/* keep N SIZE GFP: tries all N, also when one fails */
int cmd_keep(const u64 *arg)
{
	struct kept k = { .size = arg[1] };
	u64 i;

	if (!k.size || arg[0] > MAX_KEPT - kept_count)
		return -EINVAL;
	for (i = 0; i < arg[0]; i++) {
		if (oracle_interrupted())
			return -EINTR;
		k.cpu = oracle_alloc(k.size, &k.addr, (gfp_t)arg[2] | __GFP_NOWARN, 0);
		if (k.cpu)
			kept[kept_count++] = k;
	}
	return 0;
}

int cmd_drain(const u64 *arg)
{
	struct kept *k;

	while (kept_count) {
		k = &kept[--kept_count];
		oracle_free(k->size, k->cpu, k->addr, 0);
	}
	while (fill_count)
		oracle_unmap(&filled[--fill_count]);
	kvfree(filled);
	filled = NULL;
	return 0;
}

/* One page into the domain nobody is attached to, and out again; what came back for it. */
static int map_page_at(unsigned long iova, int prot, enum dma_data_direction dir, bool keep)
{
	int err = compat_iommu_map(oracle.domain, iova, page_to_phys(oracle.buf), PAGE_SIZE, prot);

	oracle_count(OP_IOMMU_MAP, dir, !err, PAGE_SIZE);
	if (!err && !keep)
		oracle_iommu_unmap(iova, PAGE_SIZE);
	return err;
}

int cmd_again(const u64 *arg)
{
	const int prot = IOMMU_READ | IOMMU_WRITE;

	if (!oracle.domain)
		return -EOPNOTSUPP;
	if (map_page_at(USUAL_IOVA, prot, DMA_BIDIRECTIONAL, true))
		return -EIO;
	oracle_info_set(INFO_AGAIN_ERRNO, map_page_at(USUAL_IOVA, prot, DMA_BIDIRECTIONAL, true));
	oracle_iommu_unmap(USUAL_IOVA, PAGE_SIZE);
	return 0;
}

int cmd_beyond(const u64 *arg)
{
	if (!oracle.domain)
		return -EOPNOTSUPP;
	oracle_info_set(INFO_BEYOND_ERRNO, map_page_at(BEYOND_IOVA, IOMMU_READ | IOMMU_WRITE,
						       DMA_BIDIRECTIONAL, false));
	return 0;
}

/* SMMUs up to 5.10 map nothing then and call it success: there is nothing to unmap. */
int cmd_neither(const u64 *arg)
{
	if (!oracle.domain)
		return -EOPNOTSUPP;
	oracle_info_set(INFO_NEITHER_ERRNO, map_page_at(2 * USUAL_IOVA, 0, DMA_NONE, true));
	return 0;
}

/*
 * unaligned: on 7.x for x86 a size that is the only one unaligned makes the kernel recurse until
 * it panics; these three together are refused at once.
 */
static int map_unaligned(struct iommu_domain *domain)
{
	int err;

	if (!domain)
		return -EOPNOTSUPP;
	err = compat_iommu_map(domain, UNALIGNED_IOVA, UNALIGNED_PHYS, UNALIGNED_SIZE,
			       IOMMU_READ | IOMMU_WRITE);
	oracle_count(OP_IOMMU_MAP, DMA_BIDIRECTIONAL, !err, UNALIGNED_SIZE);
	oracle_info_set(INFO_UNALIGNED_ERRNO, err);
	return 0;
}

int cmd_unaligned(const u64 *arg)
{
	return map_unaligned(oracle.domain);
}

/* The same into the domain that the device's own calls go through. */
int cmd_unaligned_attached(const u64 *arg)
{
	return map_unaligned(iommu_get_domain_for_dev(oracle.dev));
}

/* The call site to be found. */
static noinline bool oracle_leak(void *cpu)
{
	struct mapping m = { .size = PAGE_SIZE, .dir = DMA_FROM_DEVICE };

	return oracle_map(&m, cpu);
}

static noinline void oracle_balanced(void *cpu)
{
	struct mapping m = { .size = PAGE_SIZE, .dir = DMA_FROM_DEVICE };

	if (oracle_map(&m, cpu))
		oracle_unmap(&m);
}

/*
 * stray N SHIFT STEP: each of the N has a page of its own, and what is unmapped is its address and
 * SHIFT and STEP for each before it, which nobody was given.
 */
int cmd_stray(const u64 *arg)
{
	struct mapping m = { .size = PAGE_SIZE, .dir = DMA_FROM_DEVICE };
	u64 i;

	for (i = 0; i < arg[0]; i++) {
		/* of the buffer's pages the next: they are not used again */
		if (oracle_interrupted() || oracle.strayed >= BUF_SIZE / PAGE_SIZE)
			return -EINTR;
		if (!oracle_map(&m, page_address(oracle.buf) + oracle.strayed++ * PAGE_SIZE))
			return -EIO;
		m.addr += arg[1] + oracle.strayed * arg[2];
		oracle_unmap(&m);
		oracle_info_add(INFO_STRAYED, 1);
	}
	return 0;
}

/* leak N M: spread evenly; each of the N has a page, and so an address, of its own */
int cmd_leak(const u64 *arg)
{
	u64 n = arg[0], m = arg[1], leaked = 0, i;
	void *cpu = page_address(oracle.buf);

	if (n + m < n || n >= BUF_SIZE / PAGE_SIZE)
		return -EINVAL;
	for (i = 0; i < n + m; i++) {
		if (oracle_interrupted())
			return -EINTR;
		if (leaked * (n + m) <= i * n && leaked < n) {
			if (!oracle_leak(cpu + ++leaked * PAGE_SIZE))
				return -EIO;
		} else {
			oracle_balanced(cpu);
		}
	}
	oracle_info_add(INFO_LEAKED, leaked);
	return 0;
}
