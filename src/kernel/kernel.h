/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a kernel offers to a tracer: symbols, prototypes, tracepoints, and which ways of
 * attaching really work.  Read from the running kernel (kernel_probe.c) or from a fact file
 * (tests/kernels), so that the plan for any kernel can be computed anywhere.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdio.h>
#include "kernel/hooks.h"

#define KERNEL_ARGS 13		/* trampolines are tried for 0..12 arguments */

struct fact {
	char *name;
	char *proto;		/* NULL: not in BTF */
	int copies;		/* in kallsyms; 0: a function that is not there, or an event */
};

/* Symbols whose addresses we need. */
enum variable {
	/* x86's preempt count, v6.2 to v6.14 in pcpu_hot; where each CPU has its own */
	VAR_PREEMPT_COUNT, VAR_PCPU_HOT, VAR_PER_CPU_OFFSET,
	/* drivers call these, and they call one we watch */
	VAR_MAP_PAGE, VAR_MAP_SG, VAR_MAP_SGTABLE,
	/* to where functions return that others watch: kretprobes, renamed twice; function_graph */
	VAR_KRETPROBE_510, VAR_KRETPROBE_61, VAR_KRETPROBE, VAR_GRAPH,
	/* how memory is laid out: see live/memory.c */
	VAR_MEM_SECTION, VAR_PAGE_OFFSET_BASE, VAR_MEMSTART_ADDR, VAR_HIGH_MEMORY, VAR_MAX_PFN,
	VARIABLES
};

struct kernel {
	char *release, *arch, *host;
	struct fact *functions, *events;	/* only those the hook table names */
	size_t nfunctions, nevents;
	int tries[WAY_MAX];			/* 0 = works, else -errno */
	int fentry_args[KERNEL_ARGS];		/* the same, for functions of so many arguments */
	bool btf;
	bool no_iommu;		/* none was in this machine then; not in fact files */
	bool counted;		/* copies are; else there is one of each; not in fact files */
	/* addresses, 0: not there, or not for us to see; not in fact files */
	unsigned long long variables[VARIABLES];
};

const struct fact *kernel_function(const struct kernel *k, const char *name);
const struct fact *kernel_event(const struct kernel *k, const char *name);
struct fact *kernel_add(struct fact **list, size_t *count, const char *name, const char *proto,
			int copies);

/* Fact files: one fact a line, "end" the last. 0 or -errno, reported; release k either way. */
int kernel_load(struct kernel *k, const char *path);
int kernel_save(const struct kernel *k, FILE *out);
void kernel_release(struct kernel *k);

/* Arguments of a prototype as written in the hook table. */
int proto_args(const char *proto);
/* Is seen one of the alternatives in wanted? */
bool proto_matches(const char *wanted, const char *seen);

#endif
