// SPDX-License-Identifier: GPL-2.0
/*
 * scale.c: what a map and unmap cost when there are many of something: devices, live mappings,
 * call paths, CPUs. Must not know how the calls are made or counted: that is calls.c.
 */
#include <linux/completion.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "oracle.h"

#define MAX_DEVICES	128
#define STRIDE		4		/* bytes of a mapping: each has an address of its own */
#define PLACES		(BUF_SIZE / STRIDE)
#define FREE_PLACES	32768		/* of them never piled on */
#define LEVELS		14
#define MAX_STACKS	(1u << LEVELS)

static struct platform_device *devices[MAX_DEVICES];
static unsigned int ndevices;
static dma_addr_t *pile;
static u64 piled;

struct turn {
	u64 n, of;			/* pairs, and how many of something they go through */
	bool (*pair)(const struct turn *turn, u64 which);
};

static __always_inline bool map_unmap(struct device *dev, u64 place)
{
	return oracle_pair(dev, page_address(oracle.buf) + place * STRIDE, STRIDE);
}

static void count_pairs(u64 n, u64 failed)
{
	oracle_count_many(OP_MAP, DMA_TO_DEVICE, n, failed, (n - failed) * STRIDE);
	oracle_count_many(OP_UNMAP, DMA_TO_DEVICE, n - failed, 0, (n - failed) * STRIDE);
}

/* Begun with the first of what they go through. Counted after each piece. */
static int timed(const struct turn *turn)
{
	u64 i, left, piece, start, which = 0, failed, ns = 0;

	for (left = turn->n; left; left -= piece) {
		if (oracle_interrupted())
			return -EINTR;
		piece = min_t(u64, left, ORACLE_PIECE);
		failed = 0;
		start = ktime_get_ns();
		for (i = 0; i < piece; i++) {
			failed += !turn->pair(turn, which);
			which = which + 1 < turn->of ? which + 1 : 0;
		}
		ns += ktime_get_ns() - start;
		count_pairs(piece, failed);
		if (failed)
			return -EIO;
	}
	oracle_bench_took(ns, turn->n);
	return 0;
}

static int devices_make(unsigned int n)
{
	struct platform_device_info info = { .name = "dmt_scale", .dma_mask = DMA_BIT_MASK(64) };
	struct platform_device *made;

	for (; ndevices < n; ndevices++) {
		info.id = ndevices;
		made = platform_device_register_full(&info);
		if (IS_ERR(made))
			return PTR_ERR(made);
		devices[ndevices] = made;
	}
	return 0;
}

static bool pair_of_device(const struct turn *turn, u64 which)
{
	return map_unmap(&devices[which]->dev, 0);
}

/* scale_devices N DEVICES: which have no driver and no IOMMU, and stay */
int cmd_scale_devices(const u64 *arg)
{
	struct turn turn = { .n = arg[0], .of = arg[1], .pair = pair_of_device };

	if (!turn.n || !turn.of || turn.of > MAX_DEVICES)
		return -EINVAL;
	return devices_make(turn.of) ?: timed(&turn);
}

static void pile_lower(u64 n)
{
	u64 before = piled;

	while (piled > n)
		dma_unmap_single(oracle.dev, pile[--piled], STRIDE, DMA_TO_DEVICE);
	oracle_count_many(OP_UNMAP, DMA_TO_DEVICE, before - piled, 0, (before - piled) * STRIDE);
}

static int pile_raise(u64 n)
{
	void *cpu = page_address(oracle.buf);
	u64 before = piled;
	int err = 0;

	while (piled < n && !err) {
		pile[piled] = dma_map_single(oracle.dev, cpu + (FREE_PLACES + piled) * STRIDE,
					     STRIDE, DMA_TO_DEVICE);
		if (dma_mapping_error(oracle.dev, pile[piled]))
			err = -EIO;
		else if (++piled % 1024 == 0 && oracle_interrupted())
			err = -EINTR;
	}
	oracle_count_many(OP_MAP, DMA_TO_DEVICE, piled - before, 0, (piled - before) * STRIDE);
	return err;
}

static bool pair_of_place(const struct turn *turn, u64 which)
{
	return map_unmap(oracle.dev, which);
}

/* scale_live N LIVE: so many are while one of the N is, each of an address of its own; they stay */
int cmd_scale_live(const u64 *arg)
{
	struct turn turn = { .n = arg[0], .of = FREE_PLACES, .pair = pair_of_place };

	if (!turn.n || !arg[1] || arg[1] > PLACES - FREE_PLACES)
		return -EINVAL;
	if (!pile)
		pile = kvmalloc_array(PLACES, sizeof(*pile), GFP_KERNEL);
	if (!pile)
		return -ENOMEM;
	pile_lower(arg[1] - 1);
	return pile_raise(arg[1] - 1) ?: timed(&turn);
}

/* One of two call sites at each level; what follows a call keeps the compiler from joining them. */
static noinline __noclone bool descend(u64 path, unsigned int level)
{
	bool ok;

	if (level == LEVELS)
		return map_unmap(oracle.dev, 0);
	if (path & 1) {
		ok = descend(path >> 1, level + 1);
		asm volatile("# one" : "+r"(ok));
	} else {
		ok = descend(path >> 1, level + 1);
		asm volatile("# the other" : "+r"(ok));
	}
	return ok;
}

static bool pair_of_stack(const struct turn *turn, u64 which)
{
	return descend(which, 0);
}

/* scale_stacks N STACKS: all of the same depth */
int cmd_scale_stacks(const u64 *arg)
{
	struct turn turn = { .n = arg[0], .of = arg[1], .pair = pair_of_stack };

	if (!turn.n || !turn.of || turn.of > MAX_STACKS)
		return -EINVAL;
	return timed(&turn);
}

struct worker {
	struct work_struct work;
	struct completion *go;
	u64 n, failed, start, end;
};

static void worker_run(struct work_struct *work)
{
	struct worker *w = container_of(work, struct worker, work);
	u64 i;

	wait_for_completion(w->go);
	w->start = ktime_get_ns();
	for (i = 0; i < w->n; i++)
		w->failed += !map_unmap(oracle.dev, 0);
	w->end = ktime_get_ns();
}

static void workers_start(struct worker *workers, unsigned int count, u64 n, struct completion *go)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		workers[i].go = go;
		workers[i].n = n;
		INIT_WORK(&workers[i].work, worker_run);
		schedule_work_on(i, &workers[i].work);
	}
}

/* From when the first began to when the last was done; whether all went well. */
static bool workers_wait(struct worker *workers, unsigned int count, u64 *ns)
{
	u64 start = U64_MAX, end = 0, failed = 0;
	unsigned int i;

	for (i = 0; i < count; i++) {
		flush_work(&workers[i].work);
		count_pairs(workers[i].n, workers[i].failed);
		failed += workers[i].failed;
		start = min(start, workers[i].start);
		end = max(end, workers[i].end);
	}
	*ns = end - start;
	return !failed;
}

/* scale_cpus N CPUS: N on each of them, all at once */
int cmd_scale_cpus(const u64 *arg)
{
	DECLARE_COMPLETION_ONSTACK(go);
	struct worker *workers;
	bool ok;
	u64 ns;

	if (!arg[0] || arg[0] > ORACLE_PIECE || !arg[1] || arg[1] > num_online_cpus())
		return -EINVAL;
	workers = kcalloc(arg[1], sizeof(*workers), GFP_KERNEL);
	if (!workers)
		return -ENOMEM;
	workers_start(workers, arg[1], arg[0], &go);
	complete_all(&go);
	ok = workers_wait(workers, arg[1], &ns);
	kfree(workers);
	if (!ok)
		return -EIO;
	oracle_bench_took(ns, arg[0] * arg[1]);
	return 0;
}

void oracle_scale_end(void)
{
	pile_lower(0);
	kvfree(pile);
	pile = NULL;
	while (ndevices)
		platform_device_unregister(devices[--ndevices]);
}
