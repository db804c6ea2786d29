/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oracle.h: what the parts of dmt_oracle share.
 *   main.c     the device node: commands in, totals out
 *   calls.c    one counted function per DMA call, for everybody but the timed loops
 *   path.c     which way a call went, told from what came back
 *   mix.c      the scripted mix and the nesting test
 *   measure.c  simple repeated calls, latency
 *   bench.c    what pairs of calls cost
 *   special.c  calls of one kind: kinds of memory, failures, mappings left behind
 *   bounce.c   mappings used from both sides, in any context
 *   slow.c     mapping made slower
 *   scale.c    cost where there are many of something
 * Knows nothing of dmatrace: it must be wrong for reasons of its own.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <linux/scatterlist.h>
#include "compat.h"

/* id, name as printed */
#define ORACLE_OPS(X) \
	X(ALLOC,		"alloc") \
	X(FREE,			"free") \
	X(ALLOC_PAGES,		"alloc_pages") \
	X(FREE_PAGES,		"free_pages") \
	X(ALLOC_NONCONTIGUOUS,	"alloc_noncontiguous") \
	X(FREE_NONCONTIGUOUS,	"free_noncontiguous") \
	X(MAP,			"map") \
	X(UNMAP,		"unmap") \
	X(MAP_SG,		"map_sg") \
	X(UNMAP_SG,		"unmap_sg") \
	X(MAP_RESOURCE,		"map_resource") \
	X(UNMAP_RESOURCE,	"unmap_resource") \
	X(SYNC_CPU,		"sync_cpu") \
	X(SYNC_DEVICE,		"sync_device") \
	X(MMAP,			"mmap") \
	X(IOVA_ALLOC,		"iova_alloc") \
	X(IOVA_LINK,		"iova_link") \
	X(IOVA_UNLINK,		"iova_unlink") \
	X(IOVA_FREE,		"iova_free") \
	X(IOMMU_MAP,		"iommu_map") \
	X(IOMMU_UNMAP,		"iommu_unmap")

/* facts that are not calls, printed as "info NAME VALUE" */
#define ORACLE_INFOS(X) \
	X(SYNC_SKIPPED,		"sync_skipped") \
	X(NEST_INSIDE,		"nest_inside") \
	X(NEST_HARD_MAP_SUM,	"nest_hard_map_sum_ns") \
	X(NEST_HARD_MAP_MAX,	"nest_hard_map_max_ns") \
	X(NEST_HARD_UNMAP_SUM,	"nest_hard_unmap_sum_ns") \
	X(NEST_HARD_UNMAP_MAX,	"nest_hard_unmap_max_ns") \
	X(NEST_TASK_MAP_SUM,	"nest_task_map_sum_ns") \
	X(NEST_TASK_MAP_MAX,	"nest_task_map_max_ns") \
	X(NEST_TASK_UNMAP_SUM,	"nest_task_unmap_sum_ns") \
	X(NEST_TASK_UNMAP_MAX,	"nest_task_unmap_max_ns") \
	X(LATENCY_CLOCK,	"latency_clock_ns") \
	X(LATENCY_MAP_P50,	"latency_map_p50_ns") \
	X(LATENCY_MAP_P90,	"latency_map_p90_ns") \
	X(LATENCY_MAP_P99,	"latency_map_p99_ns") \
	X(LATENCY_MAP_MAX,	"latency_map_max_ns") \
	X(LATENCY_UNMAP_P50,	"latency_unmap_p50_ns") \
	X(LATENCY_UNMAP_P90,	"latency_unmap_p90_ns") \
	X(LATENCY_UNMAP_P99,	"latency_unmap_p99_ns") \
	X(LATENCY_UNMAP_MAX,	"latency_unmap_max_ns") \
	X(UNALIGNED_ERRNO,	"unaligned_errno") \
	X(AGAIN_ERRNO,		"again_errno") \
	X(BEYOND_ERRNO,		"beyond_errno") \
	X(NEITHER_ERRNO,	"neither_errno") \
	X(LEAKED,		"leaked") \
	X(P2P_BUS,		"p2p_bus_bytes") \
	X(P2P_HOST,		"p2p_host_bytes") \
	X(P2P_FAILED,		"p2p_failed") \
	X(STRAYED,		"strayed") \
	X(HELD_LEAST,		"held_least_ns") \
	X(HELD_MOST,		"held_most_ns") \
	X(BENCH_TOTAL,		"bench_ns_total") \
	X(BENCH_PAIR,		"bench_ns_per_pair_thousandths")

/* which way a call went, printed as "path OP DIR PATH CALLS BYTES" */
#define ORACLE_PATHS(X) \
	X(DEV_COHERENT_POOL,	"dev_coherent_pool") \
	X(ATOMIC_POOL,		"atomic_pool") \
	X(RESTRICTED_POOL,	"restricted_pool") \
	X(DIRECT_CMA,		"direct_cma") \
	X(DIRECT_PAGES,		"direct_pages") \
	X(DIRECT_REMAP,		"direct_remap") \
	X(DIRECT_CMA_REMAP,	"direct_cma_remap") \
	X(IOMMU_REMAP,		"iommu_remap") \
	X(IOMMU_NONCONTIGUOUS,	"iommu_noncontiguous") \
	X(IOMMU_CONTIGUOUS,	"iommu_contiguous") \
	X(IOMMU_POOL,		"iommu_pool") \
	X(DIRECT,		"direct") \
	X(BOUNCE,		"bounce") \
	X(IOMMU,		"iommu") \
	X(IOMMU_BOUNCE,		"iommu_bounce") \
	X(BYPASS,		"bypass") \
	X(MMIO,			"mmio") \
	X(FAILED,		"failed")	/* nothing came back to tell from */

#define AS_OP(id, name)		OP_##id,
#define AS_INFO(id, name)	INFO_##id,
#define AS_PATH(id, name)	ROUTE_##id,
#define AS_NAME(id, name)	name,

enum oracle_op { ORACLE_OPS(AS_OP) OP_MAX };
enum oracle_info { ORACLE_INFOS(AS_INFO) INFO_MAX };
enum oracle_path { ORACLE_PATHS(AS_PATH) PATHS };
enum oracle_phase { PHASE_MAP, PHASE_SYNC, PHASE_UNMAP, PHASES };
enum oracle_context { CONTEXT_TASK, CONTEXT_SOFTIRQ, CONTEXT_HARDIRQ, CONTEXTS };

#define BUF_ORDER	10
#define BUF_SIZE	(PAGE_SIZE << BUF_ORDER)	/* 4 MiB with 4 KiB pages */

struct oracle {
	struct pci_dev *pdev;
	struct device *dev;
	struct page *buf;		/* BUF_SIZE bytes, the memory that gets mapped */
	phys_addr_t bar;
	size_t bar_size;
	unsigned int mask_bits;
	struct iommu_domain *domain;	/* nobody is attached to it */
	phys_addr_t cma, cma_end;	/* contiguous memory, as the kernel's log has it */
	phys_addr_t restricted, restricted_end;	/* restricted pool, likewise */
	u64 strayed;			/* pages of buf that "stray" has mapped */
	phys_addr_t pool, pool_end;	/* coherent memory of this device alone, while it has it */
	const char *unsupported[OP_MAX];	/* why not, or NULL */
};

extern struct oracle oracle;

/* main.c */
void oracle_count(enum oracle_op op, enum dma_data_direction dir, bool ok, u64 bytes);
void oracle_count_many(enum oracle_op op, enum dma_data_direction dir, u64 calls, u64 errors,
		       u64 bytes);
void oracle_info_set(enum oracle_info info, u64 value);
void oracle_info_add(enum oracle_info info, u64 value);
bool oracle_interrupted(void);

extern const char * const oracle_dir_names[];
extern const char * const oracle_op_names[];
extern const char * const oracle_context_names[];

/* path.c */
void oracle_paths_reset(void);
void oracle_paths_show(struct seq_file *s);
enum oracle_context oracle_context_here(void);
phys_addr_t oracle_phys_behind(dma_addr_t addr);
bool oracle_is_bounced(phys_addr_t phys, dma_addr_t addr);
void oracle_saw_alloc(void *cpu, dma_addr_t addr, size_t size, gfp_t gfp, unsigned long attrs);
void oracle_saw_pages(struct page *page, dma_addr_t addr, size_t size,
		      enum dma_data_direction dir);
void oracle_saw_noncontiguous(struct sg_table *sgt, size_t size, enum dma_data_direction dir);
void oracle_saw_map(enum oracle_op op, phys_addr_t phys, dma_addr_t addr, size_t size,
		    enum dma_data_direction dir, bool ok);
void oracle_saw_map_sg(struct sg_table *sgt, unsigned int mapped, u64 bytes,
		       enum dma_data_direction dir);
void oracle_saw_resource(size_t size, enum dma_data_direction dir, bool ok);
void oracle_saw_copy(enum oracle_phase phase, enum dma_data_direction dir, size_t size);

/* calls.c */
enum map_how { MAP_PAGE, MAP_SINGLE, MAP_PHYS, MAP_HOWS };

struct mapping {
	dma_addr_t addr;
	size_t size;
	enum dma_data_direction dir;
	unsigned long attrs;
	enum map_how how;
};

void oracle_probe_ops(void);
void oracle_remove_ops(void);
void *oracle_alloc(size_t size, dma_addr_t *addr, gfp_t gfp, unsigned long attrs);
void oracle_free(size_t size, void *cpu, dma_addr_t addr, unsigned long attrs);
struct page *oracle_alloc_pages(size_t size, dma_addr_t *addr, enum dma_data_direction dir,
				gfp_t gfp);
void oracle_free_pages(size_t size, struct page *page, dma_addr_t addr,
		       enum dma_data_direction dir);
struct sg_table *oracle_alloc_noncontiguous(size_t size, enum dma_data_direction dir, gfp_t gfp);
void oracle_free_noncontiguous(size_t size, struct sg_table *sgt, enum dma_data_direction dir);
bool oracle_map_only(struct mapping *m, void *cpu);
bool oracle_map(struct mapping *m, void *cpu);
void oracle_unmap(const struct mapping *m);
void oracle_sync(const struct mapping *m, bool for_cpu, size_t offset, size_t size);
bool oracle_map_sg(struct sg_table *sgt, enum dma_data_direction dir, bool as_table);
void oracle_unmap_sg(struct sg_table *sgt, enum dma_data_direction dir);
void oracle_sync_sg(struct sg_table *sgt, enum dma_data_direction dir, bool for_cpu);
bool oracle_map_resource(struct mapping *m, phys_addr_t phys);
void oracle_unmap_resource(const struct mapping *m);
bool oracle_mmap(void *cpu, dma_addr_t addr, size_t size, size_t window);
bool oracle_iova_alloc(struct dma_iova_state *state, phys_addr_t phys, size_t size);
bool oracle_iova_link(struct dma_iova_state *state, phys_addr_t phys, size_t offset, size_t size,
		      enum dma_data_direction dir);
void oracle_iova_unlink(struct dma_iova_state *state, size_t offset, size_t size,
			enum dma_data_direction dir);
void oracle_iova_free(struct dma_iova_state *state);
void oracle_iova_destroy(struct dma_iova_state *state, size_t mapped,
			 enum dma_data_direction dir);
bool oracle_iommu_map(unsigned long iova, phys_addr_t phys, size_t size,
		      enum dma_data_direction dir);
void oracle_iommu_unmap(unsigned long iova, size_t size);

/* commands: arguments parsed as the table in main.c says */
int cmd_mix(const u64 *arg);
int cmd_nest(const u64 *arg);
int cmd_map(const u64 *arg);
int cmd_alloc(const u64 *arg);
int cmd_sg(const u64 *arg);
int cmd_resource(const u64 *arg);
int cmd_iova(const u64 *arg);
int cmd_iommu(const u64 *arg);
int cmd_latency(const u64 *arg);
int cmd_bench(const u64 *arg);
int cmd_bench_sg(const u64 *arg);
int cmd_bench_alloc(const u64 *arg);
int cmd_hold(const u64 *arg);
int cmd_hold_alloc(const u64 *arg);
int cmd_hold_sg(const u64 *arg);
int cmd_hold_noncontiguous(const u64 *arg);
int cmd_refill(const u64 *arg);
int cmd_release(const u64 *arg);
int cmd_alloc_contiguous(const u64 *arg);
int cmd_alloc_pages(const u64 *arg);
int cmd_alloc_noncontiguous(const u64 *arg);
int cmd_cma(const u64 *arg);
int cmd_restricted(const u64 *arg);
int cmd_pool(const u64 *arg);
int cmd_fill(const u64 *arg);
int cmd_spill(const u64 *arg);
int cmd_thin(const u64 *arg);
int cmd_drain(const u64 *arg);
int cmd_unaligned(const u64 *arg);
int cmd_unaligned_attached(const u64 *arg);
int cmd_again(const u64 *arg);
int cmd_beyond(const u64 *arg);
int cmd_neither(const u64 *arg);
int cmd_keep(const u64 *arg);
int cmd_leak(const u64 *arg);
int cmd_stray(const u64 *arg);
int cmd_bounce(const u64 *arg);
int cmd_slow(const u64 *arg);
int cmd_limits(const u64 *arg);
int cmd_map_at(const u64 *arg);
int cmd_map_attrs(const u64 *arg);
int cmd_other(const u64 *arg);
int cmd_p2p(const u64 *arg);
int cmd_scale_devices(const u64 *arg);
int cmd_scale_live(const u64 *arg);
int cmd_scale_stacks(const u64 *arg);
int cmd_scale_cpus(const u64 *arg);

/* measure.c */
int oracle_sg_fill(struct sg_table *sgt, unsigned int nents, size_t stride, size_t offset,
		   size_t size);
unsigned int oracle_held(void);
void oracle_held_show(struct seq_file *s);

/* bench.c */
#define ORACLE_PIECE	65536		/* pairs between two looks at the scheduler */
/* So many ns in all, of so many pairs. */
void oracle_bench_took(u64 ns, u64 pairs);

/*
 * A map and its unmap.  The API is called without the wrappers of calls.c: counting inside would be
 * part of what is measured.
 */
static __always_inline bool oracle_pair(struct device *dev, void *cpu, size_t size)
{
	dma_addr_t addr = dma_map_single(dev, cpu, size, DMA_TO_DEVICE);

	if (unlikely(dma_mapping_error(dev, addr)))
		return false;
	dma_unmap_single(dev, addr, size, DMA_TO_DEVICE);
	return true;
}

/* limits.c */
void oracle_limits_show(struct seq_file *s);

/* scale.c */
void oracle_scale_end(void);

#endif
