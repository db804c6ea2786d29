// SPDX-License-Identifier: GPL-2.0
/*
 * The live source: opens, reads and closes it, and says why there is nothing to read.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/err.h"
#include "kernel/kernel_probe.h"
#include "live/private.h"
#include "base/signals.h"

static bool anything_on(const struct live *l)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		if (l->attached[hook])
			return true;
	return false;
}

/* Programs that read kernel memory do not load then (EINVAL): the helper is not there. */
static bool locked_down(void)
{
	FILE *in = fopen("/sys/kernel/security/lockdown", "re");
	char line[128] = "";

	if (!in)
		return false;
	if (!fgets(line, sizeof(line), in))
		line[0] = '\0';
	fclose(in);
	return strstr(line, "[confidentiality]");
}

/* Distributions mount it late or never. */
static bool tracefs_unmounted(const struct live *l)
{
	return l->kernel.tries[WAY_KPROBE] == -ENOENT &&
	       access("/sys/kernel/tracing/README", F_OK) && errno == ENOENT &&
	       access("/sys/kernel/debug/tracing/README", F_OK) && errno == ENOENT;
}

#define TRACEFS_HINT "kprobes need tracefs, which is not mounted; " \
		     "mount -t tracefs tracefs /sys/kernel/tracing"

/* What keeps everything away, in one line; the reasons hook by hook are in the plan. */
static int nothing_on(const struct live *l)
{
	int err = l->kernel.tries[WAY_TRACEPOINT];

	if (err == -EPERM && !kernel_privileged())
		return fail(-EPERM, "no privilege to trace; run it as root (sudo), or with CAP_BPF "
			    "and CAP_PERFMON");
	if (locked_down())
		return fail(-EPERM, "kernel lockdown (confidentiality) forbids BPF to read kernel "
			    "memory; boot with lockdown=integrity or without");
	if (err == -EPERM)
		return fail(-EPERM, "the kernel refuses BPF programs even from root: a container or "
			    "seccomp filter forbids them; run it on the host");
	if (err == -ENOSYS)
		return fail(-EOPNOTSUPP, "no bpf() system call: the kernel lacks "
			    "CONFIG_BPF_SYSCALL=y, or a seccomp filter hides it; run it elsewhere");
	if (tracefs_unmounted(l))
		return fail(-EOPNOTSUPP, TRACEFS_HINT);
	if (l->kernel.tries[WAY_FENTRY] && l->kernel.tries[WAY_KPROBE] && geteuid())
		return fail(-EPERM, "this kernel offers kprobes only, and tracefs, which they need, "
			    "is for root; try sudo");
	return fail(-EOPNOTSUPP, "nothing that was asked for can be attached on this kernel; "
		    "'dmatrace hooks' says why");
}

/*
 * For the tables and for what libbpf tries.  With fewer it takes features of the kernel that it
 * could not try for missing, and programs are refused for wrong reasons.
 */
#define DESCRIPTORS 64

static int probe(struct kernel *k)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY }, files;

	if (!getrlimit(RLIMIT_NOFILE, &files) && files.rlim_cur < DESCRIPTORS)
		return fail(-EMFILE, "tracing takes more than %d descriptors%s", (int)files.rlim_cur,
			    err_remedy(-EMFILE));
	libbpf_set_print(live_libbpf_says);
	live_types_give();
	/* up to 5.10 maps are charged to this limit */
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	return kernel_probe(k);
}

int live_plan(struct kernel *k, struct plan *plan, const struct wishes *wishes)
{
	int err = probe(k);

	if (!err)
		err = kernel_count(k);
	if (!err)
		plan_make(plan, k, wishes, NULL, 0);
	return err;
}

/* What only symbols say; programs do without what has no address. */
static void addresses_give(struct live *l)
{
	const unsigned long long *at = l->kernel.variables;
	struct dmatrace_bpf__bss *bss = l->first->bss;

	bss->preempt_count_at = at[VAR_PREEMPT_COUNT] ? at[VAR_PREEMPT_COUNT] : at[VAR_PCPU_HOT];
	bss->per_cpu_offsets_at = at[VAR_PER_CPU_OFFSET];
	bss->map_page_at = at[VAR_MAP_PAGE];
	bss->map_sg_at = at[VAR_MAP_SG];
	bss->map_sgtable_at = at[VAR_MAP_SGTABLE];
	for (int var = VAR_KRETPROBE_510; var <= VAR_KRETPROBE; var++)
		if (at[var])
			bss->kretprobe_at = at[var];
	bss->graph_at = at[VAR_GRAPH];
}

int live_open(struct live **out, const struct wishes *wishes)
{
	struct live *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return fail(-ENOMEM, "cannot trace: out of memory%s", err_remedy(-ENOMEM));
	*out = l;
	l->wishes = *wishes;
	/* 0 is a descriptor, too: the command's stdin */
	for (int i = 0; i < DMT_HOOK_MAX * 2; i++)
		l->probes[i].perf_fd = -1;
	l->forget_probe.perf_fd = -1;
	l->ncpus = libbpf_num_possible_cpus();
	err = signals_catch();
	if (err)
		return err;
	tracefs_open();
	err = probe(&l->kernel);
	if (!err)
		err = signals_check();
	if (!err)
		err = live_cost_open(l);
	if (!err)
		err = live_attach(l);
	if (!err)
		err = signals_check();
	if (err)
		return err;
	if (!anything_on(l))
		return nothing_on(l);
	err = live_names_open(l);
	if (err)
		return err;
	/* with fentry, kprobes are hardly missed */
	if (l->kernel.tries[WAY_FENTRY] && tracefs_unmounted(l))
		warn(TRACEFS_HINT);
	if (!l->forget_attached)
		warn("cannot attach to devres_release_all; a hot-plugged device may be confused "
		     "with the one it replaced");
	live_baseline(l);
	live_cost_baseline(l);
	addresses_give(l);
	/* no event is earlier than that */
	l->start_ns = clock_ns();
	l->first->bss->enabled = 1;
	return 0;
}

int live_finish(struct live *l, struct model *m)
{
	l->first->bss->enabled = 0;
	/* no account is of this one: calls ask whether anybody counts */
	__atomic_fetch_add(&l->first->data->generation, 1, __ATOMIC_RELAXED);
	m->duration_ns = l->duration_ns = clock_ns() - l->start_ns;
	return live_read(l, m);
}

int live_peek(struct live *l, struct model *m)
{
	m->duration_ns = clock_ns() - l->start_ns;
	return live_read(l, m);
}

bool live_refused(const struct live *l, struct model *m)
{
	if (!l || !l->kernel.nfunctions)
		return false;
	m->host = strdup(l->kernel.host);
	m->release = strdup(l->kernel.release);
	m->arch = strdup(l->kernel.arch);
	model_plan(m, &l->plan);
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		m->hooks[hook].on = false;
	return true;
}

void live_close(struct live *l)
{
	if (!l)
		return;
	live_detach(l);
	live_events_close(l);
	live_names_close(l);
	live_cost_close(l);
	live_unload(l);
	kernel_release(&l->kernel);
	free(l);
}
