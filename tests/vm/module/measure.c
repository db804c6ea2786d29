// SPDX-License-Identifier: GPL-2.0
/*
 * measure.c: simple calls repeated, buffers held, and what map and unmap cost seen from their
 * caller. Must not know how the calls are made or counted: that is calls.c.
 */
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "oracle.h"

#define IOVA_BASE	0x10000000UL	/* of the domain nobody is attached to: any will do */

struct held {
	struct list_head list;
	struct mapping m;
	void *cpu;
	bool alloc;
	struct sg_table sgt;		/* instead, if it has a list */
	struct sg_table *table;		/* instead, of memory that is not contiguous */
	u64 before, after;		/* ns, of the call that made it */
};

static LIST_HEAD(held);

unsigned int oracle_held(void)
{
	struct list_head *pos;
	unsigned int n = 0;

	list_for_each(pos, &held)
		n++;
	return n;
}

/* "held OP ADDRESS PHYS VIRT SIZE DIR"; PHYS 0: not in one piece.  Not of scatterlists. */
void oracle_held_show(struct seq_file *s)
{
	struct held *h;

	list_for_each_entry(h, &held, list) {
		if (h->sgt.sgl || h->table)
			continue;
		seq_printf(s, "held %s %#llx %#llx %#lx %zu %s\n", h->alloc ? "alloc" : "map",
			   (u64)h->m.addr,
			   is_vmalloc_addr(h->cpu) ? 0 : (u64)virt_to_phys(h->cpu),
			   (unsigned long)h->cpu, h->m.size,
			   h->alloc ? "none" : oracle_dir_names[h->m.dir]);
	}
}

/* Entry i covers SIZE bytes, OFFSET bytes into the i-th stride of the buffer. */
int oracle_sg_fill(struct sg_table *sgt, unsigned int nents, size_t stride, size_t offset,
		   size_t size)
{
	struct scatterlist *sg;
	int i, err;

	if (!nents || !size || offset + size > stride || nents > BUF_SIZE / stride)
		return -EINVAL;
	err = sg_alloc_table(sgt, nents, GFP_KERNEL);
	if (err)
		return err;
	for_each_sgtable_sg(sgt, sg, i)
		sg_set_buf(sg, page_address(oracle.buf) + i * stride + offset, size);
	return 0;
}

/* map N SIZE DIR */
int cmd_map(const u64 *arg)
{
	struct mapping m = { .size = arg[1], .dir = arg[2] };
	u64 i;

	if (!m.size || m.size > BUF_SIZE)
		return -EINVAL;
	for (i = 0; i < arg[0]; i++) {
		if (oracle_interrupted())
			return -EINTR;
		if (oracle_map(&m, page_address(oracle.buf)))
			oracle_unmap(&m);
	}
	return 0;
}

/* alloc N SIZE GFP */
int cmd_alloc(const u64 *arg)
{
	dma_addr_t addr;
	void *cpu;
	u64 i;

	if (!arg[1])
		return -EINVAL;
	for (i = 0; i < arg[0]; i++) {
		if (oracle_interrupted())
			return -EINTR;
		cpu = oracle_alloc(arg[1], &addr, (gfp_t)arg[2] | __GFP_NOWARN, 0);
		if (cpu)
			oracle_free(arg[1], cpu, addr, 0);
	}
	return 0;
}

/* sg N NENTS SIZE DIR */
int cmd_sg(const u64 *arg)
{
	struct sg_table sgt;
	int err;
	u64 i;

	if (arg[1] > UINT_MAX || arg[2] > BUF_SIZE)
		return -EINVAL;
	err = oracle_sg_fill(&sgt, arg[1], PAGE_ALIGN(arg[2]), 0, arg[2]);
	if (err)
		return err;
	for (i = 0; i < arg[0] && !err; i++) {
		if (oracle_interrupted())
			err = -EINTR;
		else if (oracle_map_sg(&sgt, arg[3], false))
			oracle_unmap_sg(&sgt, arg[3]);
	}
	sg_free_table(&sgt);
	return err;
}

/* resource N */
int cmd_resource(const u64 *arg)
{
	struct mapping m = { .size = PAGE_SIZE, .dir = DMA_BIDIRECTIONAL };
	u64 i;

	for (i = 0; i < arg[0]; i++) {
		if (oracle_interrupted())
			return -EINTR;
		if (oracle_map_resource(&m, oracle.bar))
			oracle_unmap_resource(&m);
	}
	return 0;
}

/* iova N SIZE */
int cmd_iova(const u64 *arg)
{
	phys_addr_t phys = page_to_phys(oracle.buf);
	struct dma_iova_state state;
	u64 i;

	if (oracle.unsupported[OP_IOVA_ALLOC])
		return -EOPNOTSUPP;
	if (!arg[1] || arg[1] > BUF_SIZE)
		return -EINVAL;
	for (i = 0; i < arg[0]; i++) {
		if (oracle_interrupted())
			return -EINTR;
		if (!oracle_iova_alloc(&state, phys, arg[1]))
			continue;
		if (oracle_iova_link(&state, phys, 0, arg[1], DMA_TO_DEVICE))
			oracle_iova_unlink(&state, 0, arg[1], DMA_TO_DEVICE);
		oracle_iova_free(&state);
	}
	return 0;
}

/* iommu N SIZE */
int cmd_iommu(const u64 *arg)
{
	u64 i;

	if (!oracle.domain)
		return -EOPNOTSUPP;
	if (!arg[1] || arg[1] > BUF_SIZE || !PAGE_ALIGNED(arg[1]))
		return -EINVAL;
	for (i = 0; i < arg[0]; i++) {
		if (oracle_interrupted())
			return -EINTR;
		if (oracle_iommu_map(IOVA_BASE, page_to_phys(oracle.buf), arg[1],
				     DMA_BIDIRECTIONAL))
			oracle_iommu_unmap(IOVA_BASE, arg[1]);
	}
	return 0;
}

static int hold_one(size_t size)
{
	struct held *h = kzalloc(sizeof(*h), GFP_KERNEL);

	if (!h)
		return -ENOMEM;
	h->m.size = size;
	h->m.dir = DMA_FROM_DEVICE;
	/* Its own memory: without an IOMMU one buffer mapped twice has one address. */
	h->cpu = alloc_pages_exact(size, GFP_KERNEL | __GFP_NOWARN);
	h->before = ktime_get_ns();
	if (!h->cpu || !oracle_map(&h->m, h->cpu)) {
		if (h->cpu)
			free_pages_exact(h->cpu, size);
		kfree(h);
		return -ENOMEM;
	}
	h->after = ktime_get_ns();
	list_add(&h->list, &held);
	return 0;
}

static int hold_one_alloc(size_t size)
{
	struct held *h = kzalloc(sizeof(*h), GFP_KERNEL);

	if (!h)
		return -ENOMEM;
	h->alloc = true;
	h->m.size = size;
	h->before = ktime_get_ns();
	h->cpu = oracle_alloc(size, &h->m.addr, GFP_KERNEL | __GFP_NOWARN, 0);
	if (!h->cpu) {
		kfree(h);
		return -ENOMEM;
	}
	h->after = ktime_get_ns();
	list_add(&h->list, &held);
	return 0;
}

static int hold_one_noncontiguous(size_t size)
{
	struct held *h = kzalloc(sizeof(*h), GFP_KERNEL);

	if (!h)
		return -ENOMEM;
	h->m.size = size;
	h->m.dir = DMA_FROM_DEVICE;
	h->before = ktime_get_ns();
	h->table = oracle_alloc_noncontiguous(size, h->m.dir, GFP_KERNEL | __GFP_NOWARN);
	if (!h->table) {
		kfree(h);
		return -ENOMEM;
	}
	h->m.addr = sg_dma_address(h->table->sgl);
	h->after = ktime_get_ns();
	list_add(&h->list, &held);
	return 0;
}

static int hold_one_sg(bool as_table, unsigned int nents)
{
	struct held *h = kzalloc(sizeof(*h), GFP_KERNEL);
	int err = h ? oracle_sg_fill(&h->sgt, nents, PAGE_SIZE, 0, PAGE_SIZE) : -ENOMEM;

	if (!err) {
		h->m.dir = DMA_FROM_DEVICE;
		h->before = ktime_get_ns();
		err = oracle_map_sg(&h->sgt, h->m.dir, as_table) ? 0 : -ENOMEM;
		h->after = ktime_get_ns();
		if (err)
			sg_free_table(&h->sgt);
	}
	if (err)
		kfree(h);
	else
		list_add(&h->list, &held);
	return err;
}

/* hold N SIZE: what got held stays until "release", also when a later one fails */
int cmd_hold(const u64 *arg)
{
	u64 i;
	int err = 0;

	if (!arg[1] || arg[1] > BUF_SIZE)
		return -EINVAL;
	for (i = 0; i < arg[0] && !err; i++)
		err = oracle_interrupted() ? -EINTR : hold_one(arg[1]);
	return err;
}

/* hold_alloc N SIZE */
int cmd_hold_alloc(const u64 *arg)
{
	u64 i;
	int err = 0;

	for (i = 0; i < arg[0] && !err; i++)
		err = oracle_interrupted() ? -EINTR : hold_one_alloc(arg[1]);
	return err;
}

/* hold_noncontiguous N SIZE */
int cmd_hold_noncontiguous(const u64 *arg)
{
	u64 i;
	int err = oracle.unsupported[OP_ALLOC_NONCONTIGUOUS] ? -EOPNOTSUPP : 0;

	for (i = 0; i < arg[0] && !err; i++)
		err = oracle_interrupted() ? -EINTR : hold_one_noncontiguous(arg[1]);
	return err;
}

static void unhold(struct held *h);

/* refill N: as a ring does: the one that is held longest goes, and a new one comes */
int cmd_refill(const u64 *arg)
{
	struct held *oldest;
	size_t size;
	u64 i;
	int err = 0;

	for (i = 0; i < arg[0] && !err; i++) {
		if (list_empty(&held))
			return -ENOENT;
		oldest = list_last_entry(&held, struct held, list);
		size = oldest->m.size;
		unhold(oldest);
		err = oracle_interrupted() ? -EINTR : hold_one(size);
	}
	return err;
}

/* hold_sg AS_TABLE NENTS: one, by dma_map_sgtable() or dma_map_sg_attrs() */
int cmd_hold_sg(const u64 *arg)
{
	return hold_one_sg(arg[0], arg[1]);
}

/* The life of each is no shorter and no longer than what lies between these times. */
static void unhold(struct held *h)
{
	u64 begun = ktime_get_ns();

	if (h->table) {
		oracle_free_noncontiguous(h->m.size, h->table, h->m.dir);
	} else if (h->sgt.sgl) {
		oracle_unmap_sg(&h->sgt, h->m.dir);
		sg_free_table(&h->sgt);
	} else if (h->alloc) {
		oracle_free(h->m.size, h->cpu, h->m.addr, 0);
	} else {
		oracle_unmap(&h->m);
		free_pages_exact(h->cpu, h->m.size);
	}
	oracle_info_add(INFO_HELD_LEAST, begun - h->after);
	oracle_info_add(INFO_HELD_MOST, ktime_get_ns() - h->before);
	list_del(&h->list);
	kfree(h);
}

/* release */
int cmd_release(const u64 *arg)
{
	struct held *h, *next;

	list_for_each_entry_safe(h, next, &held, list)
		unhold(h);
	return 0;
}

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static void report(u64 *ns, u64 n, enum oracle_info first)
{
	sort(ns, n, sizeof(*ns), by_value, NULL);
	oracle_info_set(first, ns[(n - 1) / 2]);
	oracle_info_set(first + 1, ns[(n - 1) * 90 / 100]);
	oracle_info_set(first + 2, ns[(n - 1) * 99 / 100]);
	oracle_info_set(first + 3, ns[n - 1]);
}

/*
 * The API is called without the wrappers of calls.c: counting inside would be part of what is
 * measured.
 */
static int measure(u64 *clock, u64 *map, u64 *unmap, u64 n, size_t size)
{
	void *cpu = page_address(oracle.buf);
	u64 i, before, start, end;
	dma_addr_t addr;
	bool ok;

	for (i = 0; i < n; i++) {
		if (oracle_interrupted())
			return -EINTR;
		before = ktime_get_ns();
		start = ktime_get_ns();
		addr = dma_map_single(oracle.dev, cpu, size, DMA_TO_DEVICE);
		end = ktime_get_ns();
		clock[i] = start - before;
		map[i] = end - start;
		ok = !dma_mapping_error(oracle.dev, addr);
		oracle_count(OP_MAP, DMA_TO_DEVICE, ok, size);
		if (!ok)
			return -EIO;
		start = ktime_get_ns();
		dma_unmap_single(oracle.dev, addr, size, DMA_TO_DEVICE);
		unmap[i] = ktime_get_ns() - start;
		oracle_count(OP_UNMAP, DMA_TO_DEVICE, true, size);
	}
	return 0;
}

/* latency N SIZE */
int cmd_latency(const u64 *arg)
{
	u64 n = arg[0], *ns;
	int err;

	if (!n || n > 1000000 || !arg[1] || arg[1] > BUF_SIZE)
		return -EINVAL;
	ns = kvmalloc_array(3 * n, sizeof(*ns), GFP_KERNEL);
	if (!ns)
		return -ENOMEM;
	err = measure(ns, ns + n, ns + 2 * n, n, arg[1]);
	if (!err) {
		sort(ns, n, sizeof(*ns), by_value, NULL);
		oracle_info_set(INFO_LATENCY_CLOCK, ns[(n - 1) / 2]);
		report(ns + n, n, INFO_LATENCY_MAP_P50);
		report(ns + 2 * n, n, INFO_LATENCY_UNMAP_P50);
	}
	kvfree(ns);
	return err;
}
