// SPDX-License-Identifier: GPL-2.0
/*
 * mix.c: the scripted mix. Every call the module knows, in every context a driver has, with sizes
 * and directions from a seeded generator, each undone before the command returns. Must not count:
 * that is calls.c.
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include "oracle.h"

#define TURNS		48		/* of the script per round */
#define BATCH		8		/* mappings alive at a time */
#define IOVA_BASE	0x40000000UL
#define NO_SUCH_SIZE	(1UL << 34)	/* no allocator has it, nor do 32 bits of address */
#define TASK_BYTES	8192		/* of the two sides of the nesting test */
#define HARD_BYTES	512
#define BURST		8		/* pairs per interrupt at most */
#define GAP_NS		4000		/* between two interrupts at least */

struct rnd {
	u64 state;
};

static u32 rnd_below(struct rnd *r, u32 limit)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return (u32)(r->state >> 16) % limit;
}

static enum dma_data_direction rnd_dir(struct rnd *r)
{
	return rnd_below(r, 3);		/* DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE */
}

/* Every magnitude is as likely: an exact power of two, one beside it, or anything below. */
static size_t rnd_size(struct rnd *r, size_t max)
{
	size_t power = 1UL << rnd_below(r, ilog2(max) + 1);

	switch (rnd_below(r, 4)) {
	case 0:
		return power;
	case 1:
		return max_t(size_t, power - 1, 1);
	case 2:
		return min_t(size_t, power + 1, max);
	default:
		return rnd_below(r, power) + 1;
	}
}

static gfp_t rnd_gfp(struct rnd *r)
{
	return (rnd_below(r, 3) ? GFP_KERNEL : GFP_ATOMIC) | __GFP_NOWARN;
}

/* What an interrupt may allocate is small, and comes from a small pool on some machines. */
static size_t rnd_alloc_size(struct rnd *r, gfp_t gfp)
{
	return rnd_size(r, gfpflags_allow_blocking(gfp) ? BUF_SIZE : SZ_64K);
}

static size_t map_limit(void)
{
	return min_t(size_t, dma_max_mapping_size(oracle.dev), BUF_SIZE);
}

static void mix_alloc(struct rnd *r)
{
	gfp_t gfp = rnd_gfp(r);
	size_t size = rnd_alloc_size(r, gfp);
	unsigned long attrs = rnd_below(r, 4) ? 0 : DMA_ATTR_FORCE_CONTIGUOUS;
	dma_addr_t addr;
	void *cpu = oracle_alloc(size, &addr, gfp, attrs);

	if (cpu)
		oracle_free(size, cpu, addr, attrs);
}

static void mix_alloc_pages(struct rnd *r)
{
	gfp_t gfp = rnd_gfp(r);
	size_t size = rnd_alloc_size(r, gfp);
	enum dma_data_direction dir = rnd_dir(r);
	dma_addr_t addr;
	struct page *page = oracle_alloc_pages(size, &addr, dir, gfp);

	if (page)
		oracle_free_pages(size, page, addr, dir);
}

static void mix_alloc_noncontiguous(struct rnd *r)
{
	size_t size = rnd_size(r, BUF_SIZE);
	enum dma_data_direction dir = rnd_dir(r);
	struct sg_table *sgt;

	if (oracle.unsupported[OP_ALLOC_NONCONTIGUOUS])
		return;
	sgt = oracle_alloc_noncontiguous(size, dir, GFP_KERNEL | __GFP_NOWARN);
	if (sgt)
		oracle_free_noncontiguous(size, sgt, dir);
}

static void mix_sync(struct rnd *r, const struct mapping *m)
{
	size_t size = rnd_size(r, m->size);

	oracle_sync(m, true, rnd_below(r, m->size - size + 1), size);
	oracle_sync(m, false, 0, m->size);
}

/* Safe in any context. Several at a time, undone in another order than made. */
static void mix_map(struct rnd *r)
{
	unsigned int n = rnd_below(r, BATCH) + 1, first = rnd_below(r, n), i;
	size_t stride = BUF_SIZE / n & PAGE_MASK, offset;
	struct mapping m[BATCH] = {}, *one;
	bool ok[BATCH];

	for (i = 0; i < n; i++) {
		one = &m[i];
		one->how = rnd_below(r, MAP_HOWS);
		one->dir = rnd_dir(r);
		one->size = rnd_size(r, min_t(size_t, map_limit(), stride));
		one->attrs = rnd_below(r, 8) ? 0 : DMA_ATTR_SKIP_CPU_SYNC;
		offset = rnd_below(r, min_t(size_t, stride - one->size + 1, 2 * PAGE_SIZE));
		ok[i] = oracle_map(one, page_address(oracle.buf) + i * stride + offset);
		if (ok[i] && rnd_below(r, 2))
			mix_sync(r, one);
	}
	for (i = 0; i < n; i++)
		if (ok[(first + i) % n])
			oracle_unmap(&m[(first + i) % n]);
}

static void mix_sg(struct rnd *r)
{
	unsigned int nents = rnd_below(r, 64) + 1;
	size_t size = rnd_size(r, SZ_16K);
	size_t stride = BUF_SIZE / 64;
	enum dma_data_direction dir = rnd_dir(r);
	struct scatterlist *sg;
	struct sg_table sgt;
	int i;

	if (oracle_sg_fill(&sgt, nents, stride, rnd_below(r, stride - SZ_16K), size))
		return;
	for_each_sgtable_sg(&sgt, sg, i)
		sg->length = rnd_size(r, size);
	if (oracle_map_sg(&sgt, dir, rnd_below(r, 2))) {
		if (rnd_below(r, 2)) {
			oracle_sync_sg(&sgt, dir, true);
			oracle_sync_sg(&sgt, dir, false);
		}
		oracle_unmap_sg(&sgt, dir);
	}
	sg_free_table(&sgt);
}

static void mix_resource(struct rnd *r)
{
	struct mapping m = { .dir = rnd_dir(r), .size = rnd_size(r, oracle.bar_size) };

	if (oracle_map_resource(&m, oracle.bar))
		oracle_unmap_resource(&m);
}

/* The window may not be larger than the buffer: one try in eight is. */
static void mix_mmap(struct rnd *r)
{
	size_t size = rnd_size(r, SZ_64K);
	dma_addr_t addr;
	void *cpu = oracle_alloc(size, &addr, GFP_KERNEL | __GFP_NOWARN, 0);

	if (!cpu)
		return;
	oracle_mmap(cpu, addr, size, PAGE_ALIGN(size) + (rnd_below(r, 8) ? 0 : PAGE_SIZE));
	oracle_free(size, cpu, addr, 0);
}

/* Two ranges linked side by side, then taken down in one of the two ways there are. */
static void mix_iova(struct rnd *r)
{
	size_t half = PAGE_ALIGN(rnd_size(r, BUF_SIZE / 2));
	phys_addr_t phys = page_to_phys(oracle.buf);
	enum dma_data_direction dir = rnd_dir(r);
	struct dma_iova_state state;
	size_t linked = 0;

	if (oracle.unsupported[OP_IOVA_ALLOC] || !oracle_iova_alloc(&state, phys, 2 * half))
		return;
	if (oracle_iova_link(&state, phys, 0, half, dir))
		linked = half;
	if (linked && oracle_iova_link(&state, phys + half, half, half, dir))
		linked += half;
	if (linked && rnd_below(r, 2)) {
		oracle_iova_destroy(&state, linked, dir);
		return;
	}
	if (linked)
		oracle_iova_unlink(&state, 0, linked, dir);
	oracle_iova_free(&state);
}

static void mix_iommu(struct rnd *r)
{
	size_t size = PAGE_ALIGN(rnd_size(r, BUF_SIZE));
	unsigned long iova = IOVA_BASE + rnd_below(r, 256) * PAGE_SIZE;

	if (oracle.domain && oracle_iommu_map(iova, page_to_phys(oracle.buf), size, rnd_dir(r)))
		oracle_iommu_unmap(iova, size);
}

static void (* const script[])(struct rnd *) = {
	mix_alloc, mix_map, mix_alloc_pages, mix_sg, mix_map, mix_alloc_noncontiguous,
	mix_resource, mix_map, mix_mmap, mix_iova, mix_sg, mix_iommu,
};

static void fail_allocs(void)
{
	dma_addr_t addr;

	/* Contiguous, or the IOMMU layer first looks for an array of that many pages. */
	oracle_alloc(NO_SUCH_SIZE, &addr, GFP_KERNEL | __GFP_NOWARN, DMA_ATTR_FORCE_CONTIGUOUS);
	oracle_alloc(NO_SUCH_SIZE, &addr, GFP_ATOMIC | __GFP_NOWARN, DMA_ATTR_FORCE_CONTIGUOUS);
	oracle_alloc_pages(NO_SUCH_SIZE, &addr, DMA_TO_DEVICE, GFP_KERNEL | __GFP_NOWARN);
}

/*
 * Lengths no memory stands behind are safe here: nothing touches the data of a mapping that fails.
 */
static void fail_sg(void)
{
	struct scatterlist *sg;
	struct sg_table sgt;
	int i;

	if (oracle_sg_fill(&sgt, 2, PAGE_SIZE, 0, PAGE_SIZE))
		return;
	for_each_sgtable_sg(&sgt, sg, i)
		sg->length = 0xfffff000;
	oracle_map_sg(&sgt, DMA_TO_DEVICE, false);
	oracle_map_sg(&sgt, DMA_FROM_DEVICE, true);
	sg_free_table(&sgt);
}

/*
 * The one mapping that fails everywhere: larger than what 32 bits of mask can address. Without an
 * IOMMU the kernel warns about it, once per boot.
 */
static void fail_maps(void)
{
	struct mapping m = { .size = NO_SUCH_SIZE, .attrs = DMA_ATTR_NO_WARN };
	u64 mask = dma_get_mask(oracle.dev);

	if (dma_set_mask(oracle.dev, min_t(u64, mask, DMA_BIT_MASK(32))))
		return;
	for (m.dir = DMA_BIDIRECTIONAL; m.dir < DMA_NONE; m.dir++)
		oracle_map(&m, page_address(oracle.buf));
	m.dir = DMA_TO_DEVICE;
	oracle_map_resource(&m, oracle.bar);
	fail_sg();
	dma_set_mask(oracle.dev, mask);
}

static void fail_iommu(void)
{
	if (oracle.domain)
		oracle_iommu_map(IOVA_BASE, page_to_phys(oracle.buf) + 0x40, PAGE_SIZE,
				 DMA_BIDIRECTIONAL);
}

struct bottom_half {
	struct tasklet_struct tasklet;
	struct completion done;
	struct rnd *rnd;
};

static void bottom_half_run(struct tasklet_struct *t)
{
	struct bottom_half *bh = container_of(t, struct bottom_half, tasklet);
	int i;

	for (i = 0; i < TURNS / 4; i++)
		mix_map(bh->rnd);
	complete(&bh->done);
}

static void mix_bottom_half(struct rnd *r)
{
	struct bottom_half bh = { .rnd = r };

	init_completion(&bh.done);
	tasklet_setup(&bh.tasklet, bottom_half_run);
	tasklet_schedule(&bh.tasklet);
	wait_for_completion(&bh.done);
	tasklet_kill(&bh.tasklet);
}

/* Time in calls, by our own clock around each: an upper bound of what any tracer may see. */
struct side {
	u64 map_sum, map_max, unmap_sum, unmap_max;
	bool inside;			/* in the middle of a call */
};

struct nest {
	struct hrtimer timer;
	struct side hard_side, task_side;
	struct rnd rnd;
	u64 hard, task;			/* how many pairs each side has to make at least */
	u64 hard_done, task_done;	/* each written by its own side only */
	u64 hits;			/* pairs of the timer made inside a call of the task */
};

static void nest_pair(size_t size, enum dma_data_direction dir, struct side *side)
{
	struct mapping m = { .size = size, .dir = dir };
	u64 ns = ktime_get_ns();
	bool mapped;

	WRITE_ONCE(side->inside, true);
	mapped = oracle_map_only(&m, page_address(oracle.buf));
	WRITE_ONCE(side->inside, false);
	ns = ktime_get_ns() - ns;
	oracle_saw_map(OP_MAP, page_to_phys(oracle.buf), m.addr, size, dir, mapped);
	side->map_sum += ns;
	side->map_max = max(side->map_max, ns);
	if (!mapped)
		return;
	ns = ktime_get_ns();
	WRITE_ONCE(side->inside, true);
	oracle_unmap(&m);
	WRITE_ONCE(side->inside, false);
	ns = ktime_get_ns() - ns;
	side->unmap_sum += ns;
	side->unmap_max = max(side->unmap_max, ns);
}

static void nest_report(const struct side *side, enum oracle_info first)
{
	oracle_info_set(first, side->map_sum);
	oracle_info_set(first + 1, side->map_max);
	oracle_info_set(first + 2, side->unmap_sum);
	oracle_info_set(first + 3, side->unmap_max);
}

/*
 * Hard IRQ. A few pairs, more when the task is ahead, then a gap counted from the end of them: a
 * timer that leaves the task no time would nest over nothing.
 */
static enum hrtimer_restart nest_fire(struct hrtimer *timer)
{
	struct nest *n = container_of(timer, struct nest, timer);
	u64 task_done = READ_ONCE(n->task_done);
	u64 due = n->task ? div64_u64(n->hard * task_done, n->task) : n->hard;
	u64 pairs = due > n->hard_done ? min_t(u64, due - n->hard_done, BURST) : 1;

	while (pairs-- && n->hard_done < n->hard) {
		nest_pair(HARD_BYTES, DMA_TO_DEVICE, &n->hard_side);
		n->hits += READ_ONCE(n->task_side.inside);
		WRITE_ONCE(n->hard_done, n->hard_done + 1);
	}
	if (n->hard_done >= n->hard)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, ns_to_ktime(GAP_NS + rnd_below(&n->rnd, GAP_NS)));
	return HRTIMER_RESTART;
}

/*
 * The task goes on until the timer has done its share: an emulator's timer can be so late that all
 * of the task's own would be over.
 */
static int nest_task(struct nest *n)
{
	while (n->task_done < n->task || READ_ONCE(n->hard_done) < n->hard) {
		if (oracle_interrupted())
			return -EINTR;
		nest_pair(TASK_BYTES, DMA_FROM_DEVICE, &n->task_side);
		WRITE_ONCE(n->task_done, n->task_done + 1);
	}
	return 0;
}

/* The timer is pinned to this CPU and so is the task, else it would not interrupt it. */
static int nest(u64 hard, u64 task, u64 seed)
{
	struct nest n = { .hard = hard, .task = task, .rnd = { seed | 1 } };
	cpumask_var_t allowed;
	int err;

	if (hard > U32_MAX || task > U32_MAX)
		return -EINVAL;
	if (!alloc_cpumask_var(&allowed, GFP_KERNEL))
		return -ENOMEM;
	cpumask_copy(allowed, current->cpus_ptr);
	set_cpus_allowed_ptr(current, cpumask_of(raw_smp_processor_id()));
	compat_hrtimer_setup(&n.timer, nest_fire, HRTIMER_MODE_REL_PINNED_HARD);
	if (hard)
		hrtimer_start(&n.timer, ns_to_ktime(GAP_NS), HRTIMER_MODE_REL_PINNED_HARD);
	err = nest_task(&n);
	hrtimer_cancel(&n.timer);
	set_cpus_allowed_ptr(current, allowed);
	free_cpumask_var(allowed);
	oracle_info_add(INFO_NEST_INSIDE, n.hits);
	nest_report(&n.hard_side, INFO_NEST_HARD_MAP_SUM);
	nest_report(&n.task_side, INFO_NEST_TASK_MAP_SUM);
	return err;
}

/* nest HARD TASK */
int cmd_nest(const u64 *arg)
{
	return nest(arg[0], arg[1], 1);
}

static int mix_round(struct rnd *r)
{
	int turn, step;

	for (turn = 0; turn < TURNS; turn++)
		for (step = 0; step < ARRAY_SIZE(script); step++) {
			if (oracle_interrupted())
				return -EINTR;
			script[step](r);
		}
	mix_bottom_half(r);
	fail_allocs();
	fail_maps();
	fail_iommu();
	return nest(400, 200, r->state);
}

/* mix SEED ROUNDS */
int cmd_mix(const u64 *arg)
{
	struct rnd r = { (arg[0] + 1) * 0x9e3779b97f4a7c15ULL | 1 };
	u64 round;
	int err = 0;

	for (round = 0; round < arg[1] && !err; round++)
		err = mix_round(&r);
	return err;
}
