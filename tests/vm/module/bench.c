// SPDX-License-Identifier: GPL-2.0
/*
 * bench.c: what a map and its unmap, or an alloc and its free, cost their caller; see
 * oracle_pair().
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include "oracle.h"

#define TIMED	100		/* pairs that no other task interrupts */
#define DIR	DMA_TO_DEVICE

struct bench {
	enum oracle_op first, second;
	enum dma_data_direction dir;	/* that these count as */
	void *cpu;
	size_t size;		/* bytes, of one pair */
	struct sg_table sgt;
	u64 ns;			/* in all */
};

typedef bool pair_fn(const struct bench *b);

static __always_inline bool pair_map(const struct bench *b)
{
	return oracle_pair(oracle.dev, b->cpu, b->size);
}

static __always_inline bool pair_sg(const struct bench *b)
{
	if (unlikely(dma_map_sg(oracle.dev, b->sgt.sgl, b->sgt.orig_nents, DIR) <= 0))
		return false;
	dma_unmap_sg(oracle.dev, b->sgt.sgl, b->sgt.orig_nents, DIR);
	return true;
}

static __always_inline bool pair_alloc(const struct bench *b)
{
	dma_addr_t addr;
	void *cpu = dma_alloc_coherent(oracle.dev, b->size, &addr, GFP_NOWAIT | __GFP_NOWARN);

	if (unlikely(!cpu))
		return false;
	dma_free_coherent(oracle.dev, b->size, cpu, addr);
	return true;
}

/* Nobody else runs meanwhile, as who reads what a tracer wrote: that is not the pairs' time. */
static __always_inline u64 pairs(struct bench *b, u64 n, pair_fn *pair)
{
	u64 i, part, start, failed = 0;

	for (; n; n -= part) {
		part = min_t(u64, n, TIMED);
		preempt_disable();
		start = ktime_get_ns();
		for (i = 0; i < part; i++)
			failed += !pair(b);
		b->ns += ktime_get_ns() - start;
		preempt_enable();
	}
	return failed;
}

void oracle_bench_took(u64 ns, u64 pairs)
{
	oracle_info_set(INFO_BENCH_TOTAL, ns);
	oracle_info_set(INFO_BENCH_PAIR, ns * 1000 / pairs);
}

/* In pieces that no watchdog minds, counted after each. */
static __always_inline int repeat(struct bench *b, u64 n, pair_fn *pair)
{
	u64 piece, failed;

	b->ns = 0;
	for (; n; n -= piece) {
		if (oracle_interrupted())
			return -EINTR;
		piece = min_t(u64, n, ORACLE_PIECE);
		failed = pairs(b, piece, pair);
		oracle_count_many(b->first, b->dir, piece, failed, (piece - failed) * b->size);
		oracle_count_many(b->second, b->dir, piece - failed, 0, (piece - failed) * b->size);
		if (failed)
			return -EIO;
	}
	return 0;
}

/* Those that warm up are counted as well.  Inlined, so that a pair is no indirect call. */
static __always_inline int bench(struct bench *b, u64 n, pair_fn *pair)
{
	int err;

	if (!n || n > U32_MAX)
		return -EINVAL;
	err = repeat(b, n / 10 + 1, pair);
	if (!err)
		err = repeat(b, n, pair);
	if (err)
		return err;
	oracle_bench_took(b->ns, n);
	return 0;
}

/* bench N SIZE */
int cmd_bench(const u64 *arg)
{
	struct bench b = { OP_MAP, OP_UNMAP, DIR, page_address(oracle.buf), arg[1] };

	if (!b.size || b.size > BUF_SIZE)
		return -EINVAL;
	return bench(&b, arg[0], pair_map);
}

/* bench_sg N NENTS SIZE */
int cmd_bench_sg(const u64 *arg)
{
	struct bench b = { OP_MAP_SG, OP_UNMAP_SG, DIR };
	int err;

	if (arg[1] > UINT_MAX || arg[2] > BUF_SIZE)
		return -EINVAL;
	err = oracle_sg_fill(&b.sgt, arg[1], PAGE_ALIGN(arg[2]), 0, arg[2]);
	if (err)
		return err;
	b.size = arg[1] * arg[2];
	err = bench(&b, arg[0], pair_sg);
	sg_free_table(&b.sgt);
	return err;
}

/* bench_alloc N SIZE */
int cmd_bench_alloc(const u64 *arg)
{
	struct bench b = { OP_ALLOC, OP_FREE, DMA_NONE, NULL, arg[1] };

	if (!b.size)
		return -EINVAL;
	return bench(&b, arg[0], pair_alloc);
}
