// SPDX-License-Identifier: GPL-2.0
/*
 * The BPF object: every way dmatrace has to see an operation, off ("?") until the plan asks for it.
 * The Makefile compiles variants: SESSIONS with programs for fsession, WITHOUT_LATENCY with none
 * that read the clock, WITH_EXTRAS with what only some commands ask for.  Read hooks.bpf.h for what
 * is seen, pair.bpf.h and account.bpf.h for what is made of it.
 */
#include "../vmlinux/kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "dmatrace.h"
#include "compat.bpf.h"
#include "core.bpf.h"
#include "arch.bpf.h"
#include "pair.bpf.h"
#include "filter.bpf.h"
#include "device.bpf.h"
#include "account.bpf.h"
#include "bounce.bpf.h"
#include "caller.bpf.h"
#include "failure.bpf.h"
#include "extra.bpf.h"
#include "sg.bpf.h"
#include "iova.bpf.h"
#include "row.bpf.h"
#include "adapter.bpf.h"
#include "module.bpf.h"

#ifdef SESSIONS
#define SESSION FSESSION
#else
#define SESSION(...)
#endif

#ifdef WITHOUT_LATENCY
#define ALONE(name, symbol, dev, ret) ONE_END_##ret(dev)(name, symbol)
#else
#define ALONE(...)
#endif

#define PROBE(name, symbol, args_, hook_, dev, ret, proto, what, ...)			\
	static const struct row name##_row = {						\
		.reads = { what }, .args = args_, .hook = DMT_HOOK_##hook_,		\
		.device = DEVICE_##dev, .result = RESULT_##ret, __VA_ARGS__		\
	};										\
	ALONE(name, symbol, dev, ret)							\
	SESSION(name, symbol)								\
	FENTRY(name, symbol)								\
	KPROBE(name)
#define POINT(name, event, hook_, dev, ret, proto, what, ...)				\
	static const struct row name##_event = {					\
		.reads = { what }, .hook = DMT_HOOK_##hook_,				\
		.device = DEVICE_##dev, __VA_ARGS__					\
	};										\
	TRACEPOINT(name, event, ret)
#define MARK MARK_RETURN
#define TAKE TAKE_SLOT
#define RELEASE RELEASE_ENTRY
#include "hooks.bpf.h"

static __always_inline __u64 first_argument(struct pt_regs *ctx)
{
	__u64 a[8] = {};

	arch_args(ctx, a, 1);
	return a[0];
}

/*
 * A device lets its driver go, or goes itself: what we know of this address is void.  Called at
 * both ends of a device's life on every kernel, before the driver's name goes.
 */
#define FORGET(name, section, dev)							\
SEC(section)										\
int name(void *ctx)									\
{											\
	__u64 key = dev;								\
											\
	if (!bpf_map_delete_elem(&device_index, &key))					\
		__sync_fetch_and_add(&generation, 1);					\
	return 0;									\
}
FORGET(forget__fentry, "?fentry/devres_release_all", *(__u64 *)ctx)
FORGET(forget__kprobe, "?kprobe", first_argument(ctx))

/* User space runs this once before anything is attached. */
SEC("?raw_tp")
int begin(void *ctx)
{
	anchor = (__u64)&anchor;
	return 0;
}

/*
 * For user space to find out where the kernel keeps what it knows of memory: reads a word, and how
 * large two structures are.
 */
__u64 peek_at = 0, peeked = 0;
__u32 page_bytes = 0, section_bytes = 0;

SEC("?raw_tp")
int peek(void *ctx)
{
	__u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), (void *)peek_at);
	peeked = word;
	page_bytes = bpf_core_type_size(struct page);
	section_bytes = bpf_core_type_size(struct mem_section);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
