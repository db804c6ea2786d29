// SPDX-License-Identifier: GPL-2.0
/*
 * Names among the kernel's symbols: asked for one by one by a BPF program, or all of them read.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/list.h"
#include "kernel/kernel_probe.h"
#include "kernel/kernel_symbols.h"

/* Came with a kallsyms_lookup_name() that searches by halves, in v6.2, and went where that went. */
#define QUICK "kallsyms_on_each_match_symbol"

static const char *const variables[VARIABLES] = {
	[VAR_PREEMPT_COUNT] = "__preempt_count", [VAR_PCPU_HOT] = "pcpu_hot",
	[VAR_PER_CPU_OFFSET] = "__per_cpu_offset", [VAR_MAP_PAGE] = "dma_map_page_attrs",
	[VAR_MAP_SG] = "dma_map_sg_attrs", [VAR_MAP_SGTABLE] = "dma_map_sgtable",
	[VAR_KRETPROBE_510] = "kretprobe_trampoline", [VAR_KRETPROBE_61] = "__kretprobe_trampoline",
	[VAR_KRETPROBE] = "arch_rethook_trampoline", [VAR_GRAPH] = "return_to_handler",
	[VAR_MEM_SECTION] = "mem_section",
	[VAR_PAGE_OFFSET_BASE] = "page_offset_base", [VAR_MEMSTART_ADDR] = "memstart_addr",
	[VAR_HIGH_MEMORY] = "high_memory", [VAR_MAX_PFN] = "max_pfn",
};

struct found *names_find(struct names *n, const char *name)
{
	ENTRY *entry;

	return hsearch_r((ENTRY){ .key = (char *)name }, FIND, &entry, &n->table) ? entry->data :
										    NULL;
}

struct found names_found(struct names *n, const char *name)
{
	const struct found *f = names_find(n, name);

	return f ? *f : (struct found){ 0 };
}

static int names_add(struct names *n, const char *name)
{
	ENTRY *entry;

	if (names_find(n, name))
		return 0;
	if (n->count == FOUND_MAX)
		return -ENOSPC;
	n->found[n->count].name = name;
	return hsearch_r((ENTRY){ (char *)name, &n->found[n->count++] }, ENTER, &entry,
			 &n->table) ? 0 : -ENOMEM;
}

int names_make(struct names *n)
{
	int err = hcreate_r(FOUND_MAX * 2, &n->table) ? 0 : -ENOMEM;

	for (int i = 0; !err && probes[i].prog; i++)
		err = names_add(n, probes[i].target);
	n->functions = n->count;
	for (int i = 0; !err && i < VARIABLES; i++)
		err = names_add(n, variables[i]);
	n->symbols = n->count;
	for (int i = 0; !err && points[i].prog; i++)
		err = names_add(n, points[i].target);
	if (!err)
		err = names_add(n, KERNEL_FORGETS);
	if (!err)
		err = names_add(n, QUICK);
	return err ? fail(err, "cannot list the hook table: %s", strerror(-err)) : 0;
}

bool symbols_quick(struct names *n)
{
	return names_found(n, QUICK).function;
}

#define NAME_SIZE 64

/* What the program is asked, and its answer: the one value of a map. */
struct question {
	char name[NAME_SIZE];
	__u64 address;
};

/* bpf_kallsyms_lookup_name(name, NAME_SIZE, 0, &address), which says how it went. */
static int question_load(int map)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_LD | BPF_DW, .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = map },
		{ .imm = offsetof(struct question, name) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = NAME_SIZE },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 0 },
		{ .code = BPF_LD | BPF_DW, .dst_reg = BPF_REG_4,
		  .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = map },
		{ .imm = offsetof(struct question, address) },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_kallsyms_lookup_name },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_SLEEPABLE);
	int fd = bpf_prog_load(BPF_PROG_TYPE_SYSCALL, "dmt_symbols", "GPL", insns,
			       ARRAY_SIZE(insns), &opts);

	return fd < 0 ? -errno : fd;
}

/* 0 with its address, 0 if there is none; or -errno. */
static int ask(int map, int prog, const char *name, unsigned long long *address)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	struct question q = { 0 };
	const __u32 key = 0;
	int err;

	snprintf(q.name, sizeof(q.name), "%s", name);
	if (bpf_map_update_elem(map, &key, &q, BPF_ANY) || bpf_prog_test_run_opts(prog, &run))
		return -errno;
	err = (int)run.retval;
	if (err && err != -ENOENT)
		return err;
	if (bpf_map_lookup_elem(map, &key, &q))
		return -errno;
	*address = q.address;
	return 0;
}

static int ask_all(struct names *n, int map, int prog)
{
	int err = 0;

	for (size_t i = 0; !err && i < n->symbols; i++) {
		struct found *f = &n->found[i];

		err = f->ambiguous ? -EEXIST : ask(map, prog, f->name, &f->address);
		f->copies = f->address != 0;
	}
	return err;
}

int symbols_look_up(struct names *n)
{
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "dmt_symbol", sizeof(__u32),
				 sizeof(struct question), 1, NULL);
	int prog = map < 0 ? -errno : question_load(map);
	int err = prog < 0 ? prog : ask_all(n, map, prog);

	if (prog >= 0)
		close(prog);
	if (map >= 0)
		close(map);
	debug("symbols looked up: %s", err ? strerror(-err) : "all known");
	return err;
}

/* One symbol: "ffffffff81000000 T name", perhaps with a module behind a tab. */
static void symbol_note(struct names *n, char *line)
{
	char *type = strchr(line, ' ');
	struct found *f;

	if (!type || !type[1] || type[2] != ' ')
		return;
	type[3 + strcspn(type + 3, "\t\n")] = '\0';
	f = names_find(n, type + 3);
	if (!f)
		return;
	f->copies += type[1] == 't' || type[1] == 'T';
	f->address = strtoull(line, NULL, 16);
}

static void *file_read(void *arg)
{
	FILE *in = fopen("/proc/kallsyms", "re");
	struct names *n = arg;
	char line[512];

	if (!in) {
		n->err = fail(-errno, "cannot read /proc/kallsyms: %s%s", strerror(errno),
			      err_remedy(-errno));
		return NULL;
	}
	for (size_t i = 0; i < n->count; i++)
		n->found[i].copies = 0;
	while (fgets(line, sizeof(line), in))
		symbol_note(n, line);
	fclose(in);
	return NULL;
}

void symbols_begin(struct names *n)
{
	if (!n->reading)
		n->reading = !pthread_create(&n->reader, NULL, file_read, n);
}

int symbols_read(struct names *n)
{
	if (n->reading)
		pthread_join(n->reader, NULL);
	else
		file_read(n);
	n->reading = false;
	debug("symbols read");
	return n->err;
}

void symbols_note(struct names *n, struct kernel *k)
{
	for (size_t i = 0; i < k->nfunctions; i++)
		k->functions[i].copies = names_found(n, k->functions[i].name).copies;
	for (int i = 0; i < VARIABLES; i++)
		k->variables[i] = names_found(n, variables[i]).address;
}
