// SPDX-License-Identifier: GPL-2.0
/*
 * slow.c: mapping made slower, from within: a probe on the kernel's own tracepoint, which it passes
 * before it returns. Must not know who measures that.
 */
#include <linux/ktime.h>
#include <linux/processor.h>
#include <linux/tracepoint.h>
#include "oracle.h"

#define MAX_NS		1000000

static struct tracepoint *point;	/* while probed */
static u64 delay;			/* ns */

static void delay_probe(void *unused)
{
	u64 end = ktime_get_ns() + delay;

	while (ktime_get_ns() < end)
		cpu_relax();
}

static void point_find(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, compat_map_event))
		*(struct tracepoint **)found = tp;
}

/* slow NS: each map takes that much longer; 0: none does */
int cmd_slow(const u64 *arg)
{
	struct tracepoint *found = NULL;
	int err = 0;

	if (arg[0] > MAX_NS)
		return -EINVAL;
	delay = arg[0];
	if (point && !delay) {
		tracepoint_probe_unregister(point, delay_probe, NULL);
		tracepoint_synchronize_unregister();
		point = NULL;
	} else if (!point && delay) {
		for_each_kernel_tracepoint(point_find, &found);
		err = found ? tracepoint_probe_register(found, delay_probe, NULL) : -EOPNOTSUPP;
		point = err ? NULL : found;
	}
	return err;
}
