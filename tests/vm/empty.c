// SPDX-License-Identifier: GPL-2.0
/*
 * Run a command while functions of the kernel have a program at their entry and one at their
 * return that do nothing, or with -c read the clock: empty [-c] FUNCTION... -- COMMAND [ARG]...
 * It takes the kernel's type information and bpf(2), no library.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST (64 << 20)		/* bytes of type information */

static void fail(const char *what)
{
	perror(what);
	exit(100);
}

static char *type_information(void)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY);
	char *to = malloc(MOST);
	size_t size = 0;
	ssize_t n = 1;

	if (fd < 0 || !to)
		fail("/sys/kernel/btf/vmlinux");
	while (n > 0 && size < MOST) {
		n = read(fd, to + size, MOST - size);
		size += n > 0 ? n : 0;
	}
	if (n)
		fail("/sys/kernel/btf/vmlinux");
	close(fd);
	return to;
}

/* What follows a type, before the next one. */
static size_t more(const struct btf_type *t)
{
	size_t n = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return n * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	default:
		return 0;
	}
}

static unsigned int id_of(const char *btf, const char *function)
{
	const struct btf_header *head = (const void *)btf;
	const char *types = btf + head->hdr_len + head->type_off;
	const char *names = btf + head->hdr_len + head->str_off;
	const struct btf_type *t;
	unsigned int id = 1, kind;

	for (const char *at = types; at < types + head->type_len; at += sizeof(*t) + more(t)) {
		t = (const void *)at;
		kind = BTF_INFO_KIND(t->info);
		if (kind == BTF_KIND_FUNC && !strcmp(names + t->name_off, function))
			return id;
		id++;
	}
	errno = ENOENT;
	fail(function);
	return 0;
}

static void attach(const char *function, unsigned int id, unsigned int where, int clock)
{
	/* the first only with a clock */
	const struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ktime_get_ns },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_TRACING,
		.expected_attach_type = where,
		.attach_btf_id = id,
		.insns = (uintptr_t)(insns + !clock),
		.insn_cnt = 2 + clock,
		.license = (uintptr_t)"GPL",
	}, link = { 0 };

	link.raw_tracepoint.prog_fd = syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
	if ((int)link.raw_tracepoint.prog_fd < 0 ||
	    syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &link, sizeof(link)) < 0)
		fail(function);
}

int main(int argc, char **argv)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	char *btf = type_information();
	int clock = argc > 1 && !strcmp(argv[1], "-c"), i, status;

	setrlimit(RLIMIT_MEMLOCK, &all);	/* 5.10 counts programs there */
	for (i = 1 + clock; i < argc && strcmp(argv[i], "--"); i++) {
		unsigned int id = id_of(btf, argv[i]);

		attach(argv[i], id, BPF_TRACE_FENTRY, clock);
		attach(argv[i], id, BPF_TRACE_FEXIT, clock);
	}
	if (i + 1 >= argc) {
		fprintf(stderr, "usage: empty [-c] FUNCTION... -- COMMAND [ARG]...\n");
		return 100;
	}
	if (!fork()) {
		execvp(argv[i + 1], argv + i + 1);
		fail(argv[i + 1]);
	}
	return wait(&status) < 0 || status ? 100 : 0;
}
