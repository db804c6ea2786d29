// SPDX-License-Identifier: GPL-2.0
/*
 * What tracing costs: the kernel counts and times runs of BPF programs while somebody holds a
 * descriptor that asks for it (v5.8, "bpf: Sharing bpf runtime stats with BPF_ENABLE_STATS").
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "live/private.h"

int live_cost_open(struct live *l)
{
	int fd;

	if (!l->wishes.cost)
		return 0;
	fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (fd < 0 && err_no_descriptors(-errno))
		return fail(-errno, "cannot ask for the kernel's BPF statistics: %s%s",
			    strerror(errno), err_remedy(-errno));
	if (fd < 0)
		return fail(errno == EPERM ? -EPERM : -EOPNOTSUPP,
			    "--cost needs the kernel's BPF statistics: %s%s", strerror(errno),
			    errno == EPERM ? "; run it as root" : "");
	l->stats_fd = fd;
	return 0;
}

/* Of both ends of a hook; false where it has no program of its own, or the kernel does not say. */
static bool spent(const struct live *l, int hook, struct cost *cost)
{
	bool known = false;

	*cost = (struct cost){ 0 };
	for (int i = 0; i < 2; i++) {
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);
		int fd = l->attachments[hook][i].prog_fd;

		if (fd <= 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
			continue;
		cost->runs += info.run_cnt;
		cost->ns += info.run_time_ns;
		known = true;
	}
	return known && l->wishes.cost;
}

void live_cost_baseline(struct live *l)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		spent(l, hook, &l->cost_before[hook]);
}

void live_cost_read(const struct live *l, int hook, struct hook_state *state)
{
	struct cost now;

	state->cost_known = spent(l, hook, &now);
	if (!state->cost_known)
		return;
	state->cost.runs = now.runs - l->cost_before[hook].runs;
	state->cost.ns = now.ns - l->cost_before[hook].ns;
}

void live_cost_close(struct live *l)
{
	if (l->stats_fd > 0)
		close(l->stats_fd);
}
