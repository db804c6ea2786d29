/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who called a function that is watched: its return address, for the price of reading some words
 * where to walk the stack takes 5000 instructions and more.
 */
#ifndef CALLER_BPF_H
#define CALLER_BPF_H

/* Addresses of functions that drivers call and that call one we watch; 0: not known. */
volatile __u64 map_page_at = 0, map_sg_at = 0, map_sgtable_at = 0;

/* Where functions return to while a kretprobe or function_graph watches them, too; as above. */
volatile __u64 kretprobe_at = 0, graph_at = 0;

#if defined(__TARGET_ARCH_x86)
/* Is it where the kernel and its modules are? */
static __always_inline bool in_text(__u64 address)
{
	return address >= -(2ull << 30);
}
#endif

/* Has a function no caller who returns there, but another tracer? */
static __always_inline bool caller_taken(__u64 caller)
{
	return !caller || caller == kretprobe_at || caller == graph_at;
}

/* Is it one of these functions? */
static __always_inline bool caller_wraps(__u32 hook, __u64 caller)
{
	/* none is longer, and what comes after it, of the same source, is of the DMA layer, too */
	const __u64 most = 512;

	return (hook == DMT_HOOK_MAP && caller - map_page_at < most) ||
	       (hook == DMT_HOOK_MAP_SG && (caller - map_sg_at < most ||
					    caller - map_sgtable_at < most));
}

#if defined(__TARGET_ARCH_arm64)
/*
 * Who called the function that called ours and has this frame pointer, 0: not known.  That leads to
 * its frame's record, and what is there comes after a call, perhaps by way of a module's table.
 */
__noinline __u64 outer_caller(__u64 frame)
{
	__u64 caller = 0;
	__u32 call = 0;

	if (bpf_probe_read_kernel(&caller, sizeof(caller), (void *)(frame + sizeof(frame))) ||
	    caller_taken(caller) ||
	    bpf_probe_read_kernel(&call, sizeof(call), (void *)(caller - sizeof(call))))
		return 0;
	return call >> 26 == 0x25 ? caller : 0;
}
#else
/* Does it come after a call of one of these functions? */
static __always_inline bool after_outer_call(__u64 address)
{
	struct {
		__u8 code;
		__s32 distance;
	} __attribute__((packed)) call = {};
	__u64 called;

	if (bpf_probe_read_kernel(&call, sizeof(call), (void *)(address - sizeof(call))) ||
	    call.code != 0xe8)
		return false;
	called = address + call.distance;
	return called == map_page_at || called == map_sg_at || called == map_sgtable_at;
}

/*
 * Who called the function that called ours and whose part of the stack begins there, 0: not known.
 * That part is small, and an address behind a call of the function is the one it returns to.
 */
__noinline __u64 outer_caller(__u64 frame)
{
	__u64 words[6] = {};

	if (bpf_probe_read_kernel(words, sizeof(words), (void *)frame))
		return 0;
#pragma unroll
	for (unsigned int i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (in_text(words[i]) && after_outer_call(words[i]))
			return words[i];
	return 0;
}
#endif

/* Who called a function of this hook that returns there, frame: as above; 0: it takes a walk. */
static __always_inline __u64 caller_beyond(__u32 hook, __u64 caller, __u64 frame)
{
	if (caller_taken(caller))
		return 0;
	return caller_wraps(hook, caller) ? outer_caller(frame) : caller;
}

/*
 * At the entry the return address is still in a register on arm64, where whoever walks the stack
 * misses it.
 */
static __always_inline __u64 entry_caller(struct pt_regs *ctx)
{
#if defined(__TARGET_ARCH_arm64)
	return ((struct user_pt_regs *)ctx)->regs[30];
#else
	__u64 caller = 0;

	bpf_probe_read_kernel(&caller, sizeof(caller), (void *)PT_REGS_SP(ctx));
	return caller;
#endif
}

/* See outer_caller(). */
static __always_inline __u64 entry_frame(struct pt_regs *ctx)
{
#if defined(__TARGET_ARCH_arm64)
	return ((struct user_pt_regs *)ctx)->regs[29];
#else
	return PT_REGS_SP(ctx) + sizeof(__u64);
#endif
}

/* x86 has popped the return address when a kretprobe runs. */
#if defined(__TARGET_ARCH_x86)
#define RETURN_SP(ctx) (PT_REGS_SP(ctx) - 8)
#else
#define RETURN_SP(ctx) PT_REGS_SP(ctx)
#endif

/*
 * Words that a trampoline's context has above arguments and result, from where its own return
 * address may be: it goes on with the function there, so this is an address in its first bytes.
 * That of the caller follows, on arm64 behind the caller's frame pointer.
 */
#if defined(__TARGET_ARCH_arm64)
#define WORDS_AT 4		/* past two saved registers, a frame pointer and perhaps padding */
#define WORDS 4
#else
#define WORDS_AT 2		/* past a frame pointer */
#define WORDS 2
#endif

/* 5.10 does not say where the function is, but it has one layout. */
static __always_inline bool is_self(__u64 word, const __u64 *a)
{
	return !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_func_ip) ||
	       word - bpf_get_func_ip((void *)a) < 32;
}

/*
 * Who called a function of this hook that returns through a trampoline; 0: to know takes a walk, or
 * it is no trampoline (args 0).
 */
static __always_inline __u64 trampoline_caller(const __u64 *a, int args, __u32 hook)
{
	__u64 words[WORDS] = {};

	if (!args || bpf_probe_read_kernel(words, sizeof(words), (void *)(a + args + WORDS_AT)))
		return 0;
#if defined(__TARGET_ARCH_arm64)
	if (is_self(words[0], a))
		return caller_beyond(hook, words[2], words[1]);
	return is_self(words[1], a) ? caller_beyond(hook, words[3], words[2]) : 0;
#else
	/* since v7.0 functions jump to their trampolines, and it is the caller it returns to */
	bool jumped = !is_self(words[0], a);
	__u64 caller = jumped ? words[0] : words[1];
	__u64 frame = number_of(a + args + WORDS_AT) + (jumped ? 1 : 2) * sizeof(*words);

	return in_text(caller) ? caller_beyond(hook, caller, frame) : 0;
#endif
}

#endif
