// SPDX-License-Identifier: GPL-2.0
/*
 * bounce.c: mappings used from both sides, in any context. The module plays the device as well:
 * it finds the memory behind the address and reads and writes there, so that every copy between
 * buffer and slot is seen to happen, or not to. Must not expect any.
 */
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/string.h>
#include "oracle.h"

#define GAP_NS		100000		/* between two timer interrupts */
#define MAX_BOUNCES	4096
#define STEPS		32		/* of some 256 bytes: half of an interrupt's stack */

struct bounce {
	u64 left;
	size_t size;
	enum dma_data_direction dir;
	u8 fill;			/* never twice the same within 255 fills */
	struct tasklet_struct tasklet;
	struct hrtimer timer;
	struct completion done;
};

/* Write something new on one side; see whether it has got to the other. */
static void put(struct bounce *b, void *to)
{
	if (!++b->fill)
		b->fill++;
	memset(to, b->fill, b->size);
}

static void look(struct bounce *b, const void *at, enum oracle_phase phase,
		 enum dma_data_direction dir)
{
	if (!memchr_inv(at, b->fill, b->size))
		oracle_saw_copy(phase, dir, b->size);
}

static void bounce_once(struct bounce *b)
{
	struct mapping m = { .size = b->size, .dir = b->dir };
	void *buffer = page_address(oracle.buf), *slot;

	put(b, buffer);
	if (!oracle_map(&m, buffer))
		return;
	if (!oracle_is_bounced(virt_to_phys(buffer), m.addr)) {
		oracle_unmap(&m);
		return;
	}
	slot = phys_to_virt(oracle_phys_behind(m.addr));
	look(b, slot, PHASE_MAP, DMA_TO_DEVICE);
	put(b, buffer);
	oracle_sync(&m, false, 0, b->size);
	look(b, slot, PHASE_SYNC, DMA_TO_DEVICE);
	put(b, slot);
	oracle_sync(&m, true, 0, b->size);
	look(b, buffer, PHASE_SYNC, DMA_FROM_DEVICE);
	put(b, slot);
	oracle_unmap(&m);
	look(b, buffer, PHASE_UNMAP, DMA_FROM_DEVICE);
}

static void bounce_softirq(struct tasklet_struct *t)
{
	struct bounce *b = container_of(t, struct bounce, tasklet);

	for (; b->left; b->left--)
		bounce_once(b);
	complete(&b->done);
}

/* With that many steps more of the stack in use: a tracer may tell calls by where they are. */
static noinline void bounce_below(struct bounce *b, unsigned int steps)
{
	char step[192];

	barrier_data(step);
	if (steps)
		bounce_below(b, steps - 1);
	else
		bounce_once(b);
	barrier_data(step);
}

static enum hrtimer_restart bounce_hardirq(struct hrtimer *timer)
{
	struct bounce *b = container_of(timer, struct bounce, timer);

	bounce_below(b, b->left % STEPS);
	if (--b->left) {
		hrtimer_forward_now(timer, ns_to_ktime(GAP_NS));
		return HRTIMER_RESTART;
	}
	complete(&b->done);
	return HRTIMER_NORESTART;
}

static int bounce_task(struct bounce *b)
{
	for (; b->left; b->left--) {
		if (oracle_interrupted())
			return -EINTR;
		bounce_once(b);
	}
	return 0;
}

/* bounce N SIZE DIR CONTEXT */
int cmd_bounce(const u64 *arg)
{
	struct bounce b = { .left = arg[0], .size = arg[1], .dir = arg[2] };

	if (!b.left || b.left > MAX_BOUNCES || !b.size || b.size > BUF_SIZE)
		return -EINVAL;
	init_completion(&b.done);
	switch (arg[3]) {
	case CONTEXT_SOFTIRQ:
		tasklet_setup(&b.tasklet, bounce_softirq);
		tasklet_schedule(&b.tasklet);
		wait_for_completion(&b.done);
		tasklet_kill(&b.tasklet);
		return 0;
	case CONTEXT_HARDIRQ:
		compat_hrtimer_setup(&b.timer, bounce_hardirq, HRTIMER_MODE_REL_HARD);
		hrtimer_start(&b.timer, ns_to_ktime(GAP_NS), HRTIMER_MODE_REL_HARD);
		wait_for_completion(&b.done);
		hrtimer_cancel(&b.timer);
		return 0;
	default:
		return bounce_task(&b);
	}
}
