// SPDX-License-Identifier: GPL-2.0
/*
 * path.c: which way a call went, told from what came back and from nothing else: where the
 * address leads, whether memory was mapped a second time, what arrived on the other side. Must
 * not know which function of the kernel does what.
 */
#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/seq_file.h>
#include "oracle.h"

#define DIRS		(DMA_NONE + 1)

struct sum {
	atomic64_t calls, bytes;
};

static struct sum paths[OP_MAX][DIRS][PATHS];
static struct sum bounces[DIRS][CONTEXTS];		/* slots got for a mapping */
static struct sum copies[PHASES][DIRS][CONTEXTS];	/* seen to have happened */

static const char * const path_names[] = { ORACLE_PATHS(AS_NAME) };
static const char * const phase_names[] = { "map", "sync", "unmap" };
const char * const oracle_context_names[] = { "task", "softirq", "hardirq" };

static void add(struct sum *s, u64 bytes)
{
	atomic64_inc(&s->calls);
	atomic64_add(bytes, &s->bytes);
}

void oracle_paths_reset(void)
{
	memset(paths, 0, sizeof(paths));
	memset(bounces, 0, sizeof(bounces));
	memset(copies, 0, sizeof(copies));
}

static void show(struct seq_file *s, const char *kind, const char *first, const char *second,
		 const char *third, const struct sum *sum)
{
	if (atomic64_read(&sum->calls))
		seq_printf(s, "%s %s %s%s%s %lld %lld\n", kind, first, second, third ? " " : "",
			   third ?: "", atomic64_read(&sum->calls), atomic64_read(&sum->bytes));
}

void oracle_paths_show(struct seq_file *s)
{
	int op, dir, path, phase, context;

	for (op = 0; op < OP_MAX; op++)
		for (dir = 0; dir < DIRS; dir++)
			for (path = 0; path < PATHS; path++)
				show(s, "path", oracle_op_names[op], oracle_dir_names[dir],
				     path_names[path], &paths[op][dir][path]);
	for (dir = 0; dir < DIRS; dir++)
		for (context = 0; context < CONTEXTS; context++)
			show(s, "bounces", oracle_dir_names[dir], oracle_context_names[context],
			     NULL, &bounces[dir][context]);
	for (phase = 0; phase < PHASES; phase++)
		for (dir = 0; dir < DIRS; dir++)
			for (context = 0; context < CONTEXTS; context++)
				show(s, "copies", phase_names[phase], oracle_dir_names[dir],
				     oracle_context_names[context], &copies[phase][dir][context]);
}

enum oracle_context oracle_context_here(void)
{
	if (compat_in_hardirq())
		return CONTEXT_HARDIRQ;
	return in_serving_softirq() ? CONTEXT_SOFTIRQ : CONTEXT_TASK;
}

/* The domain that translates for the device, or NULL. */
static struct iommu_domain *translator(void)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(oracle.dev);

	return domain && domain->type & __IOMMU_DOMAIN_PAGING ? domain : NULL;
}

/* Both architectures of the lab address memory by its physical address where nobody translates. */
phys_addr_t oracle_phys_behind(dma_addr_t addr)
{
	struct iommu_domain *domain = translator();

	return domain ? iommu_iova_to_phys(domain, addr) : addr;
}

bool oracle_is_bounced(phys_addr_t phys, dma_addr_t addr)
{
	return oracle_phys_behind(addr) != phys;
}

static enum oracle_path path_of_map(bool bounced)
{
	if (translator())
		return bounced ? ROUTE_IOMMU_BOUNCE : ROUTE_IOMMU;
	if (bounced)
		return ROUTE_BOUNCE;
	/* there is one, and it lets the device through */
	return iommu_get_domain_for_dev(oracle.dev) ? ROUTE_BYPASS : ROUTE_DIRECT;
}

static enum oracle_path path_of_pages(dma_addr_t addr)
{
	if (addr >= oracle.restricted && addr < oracle.restricted_end)
		return ROUTE_RESTRICTED_POOL;
	return addr >= oracle.cma && addr < oracle.cma_end ? ROUTE_DIRECT_CMA : ROUTE_DIRECT_PAGES;
}

static enum oracle_path path_of_remapped(dma_addr_t addr)
{
	return path_of_pages(addr) == ROUTE_DIRECT_CMA ? ROUTE_DIRECT_CMA_REMAP :
							 ROUTE_DIRECT_REMAP;
}

/* Nobody can map memory anew who must not sleep: what an atomic caller gets so had been before. */
static enum oracle_path path_of_alloc(void *cpu, dma_addr_t addr, gfp_t gfp, unsigned long attrs)
{
	bool remapped = is_vmalloc_addr(cpu), atomic = !gfpflags_allow_blocking(gfp);

	if (addr >= oracle.pool && addr < oracle.pool_end)
		return ROUTE_DEV_COHERENT_POOL;
	if (!translator()) {
		if (remapped)
			return atomic ? ROUTE_ATOMIC_POOL : path_of_remapped(addr);
		return path_of_pages(addr);
	}
	if (remapped && atomic)
		return ROUTE_IOMMU_POOL;
	return remapped && !(attrs & DMA_ATTR_FORCE_CONTIGUOUS) ? ROUTE_IOMMU_REMAP :
								 ROUTE_IOMMU_CONTIGUOUS;
}

void oracle_saw_alloc(void *cpu, dma_addr_t addr, size_t size, gfp_t gfp, unsigned long attrs)
{
	enum oracle_path path = cpu ? path_of_alloc(cpu, addr, gfp, attrs) : ROUTE_FAILED;

	add(&paths[OP_ALLOC][DMA_NONE][path], cpu ? size : 0);
}

void oracle_saw_pages(struct page *page, dma_addr_t addr, size_t size,
		      enum dma_data_direction dir)
{
	enum oracle_path path = ROUTE_FAILED;

	if (page)
		path = translator() ? ROUTE_IOMMU_CONTIGUOUS : path_of_pages(addr);
	add(&paths[OP_ALLOC_PAGES][dir][path], page ? size : 0);
}

void oracle_saw_noncontiguous(struct sg_table *sgt, size_t size, enum dma_data_direction dir)
{
	enum oracle_path path = ROUTE_FAILED;

	if (sgt)
		path = translator() ? ROUTE_IOMMU_NONCONTIGUOUS :
				      path_of_pages(sg_dma_address(sgt->sgl));
	add(&paths[OP_ALLOC_NONCONTIGUOUS][dir][path], sgt ? size : 0);
}

static void saw_bounce(size_t size, enum dma_data_direction dir)
{
	add(&bounces[dir][oracle_context_here()], size);
}

void oracle_saw_map(enum oracle_op op, phys_addr_t phys, dma_addr_t addr, size_t size,
		    enum dma_data_direction dir, bool ok)
{
	bool bounced = ok && oracle_is_bounced(phys, addr);

	if (bounced)
		saw_bounce(size, dir);
	add(&paths[op][dir][ok ? path_of_map(bounced) : ROUTE_FAILED], ok ? size : 0);
}

/*
 * MAPPED is how many addresses there are. Entries bounce one by one, and then each has its own; an
 * IOMMU that joined entries bounced none.
 */
void oracle_saw_map_sg(struct sg_table *sgt, unsigned int mapped, u64 bytes,
		       enum dma_data_direction dir)
{
	bool bounced = false;
	struct scatterlist *sg;
	int i;

	if (!mapped) {
		add(&paths[OP_MAP_SG][dir][ROUTE_FAILED], 0);
		return;
	}
	for_each_sgtable_sg(sgt, sg, i) {
		if (mapped < sgt->orig_nents)
			break;
		if (oracle_is_bounced(sg_phys(sg), sg_dma_address(sg))) {
			saw_bounce(sg->length, dir);
			bounced = true;
		}
	}
	add(&paths[OP_MAP_SG][dir][path_of_map(bounced)], bytes);
}

void oracle_saw_resource(size_t size, enum dma_data_direction dir, bool ok)
{
	add(&paths[OP_MAP_RESOURCE][dir][ok ? ROUTE_MMIO : ROUTE_FAILED], ok ? size : 0);
}

void oracle_saw_copy(enum oracle_phase phase, enum dma_data_direction dir, size_t size)
{
	add(&copies[phase][dir][oracle_context_here()], size);
}
