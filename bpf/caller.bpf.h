/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who called a function that is watched: its return address, for the price of reading some words
 * where to walk the stack takes 5000 instructions and more.
 */
#ifndef CALLER_BPF_H
#define CALLER_BPF_H

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

/*
 * Words that a trampoline's context has above arguments and result, from where its own return
 * address may be: it goes on with the function there, so this is an address in its first bytes.
 * That of the caller follows.
 */
#if defined(__TARGET_ARCH_arm64)
#define WORDS_AT 4		/* past two saved registers, a frame pointer and perhaps padding */
struct return_words {
	__u64 self, self_padded, caller, caller_padded;
};
#else
#define WORDS_AT 2		/* past a frame pointer */
struct return_words {
	__u64 self, caller;
};
#endif

/* 5.10 does not say where the function is, but it has one layout. */
static __always_inline bool is_self(__u64 word, const __u64 *a)
{
	return !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_func_ip) ||
	       word - bpf_get_func_ip((void *)a) < 32;
}

/* Of a function that returns through a trampoline; 0: not known, or no trampoline (args 0). */
static __always_inline __u64 trampoline_caller(const __u64 *a, int args)
{
	struct return_words words = {};

	if (!args || bpf_probe_read_kernel(&words, sizeof(words), (void *)(a + args + WORDS_AT)))
		return 0;
#if defined(__TARGET_ARCH_arm64)
	return is_self(words.self, a) ? words.caller :
	       is_self(words.self_padded, a) ? words.caller_padded : 0;
#else
	/* since v7.0 functions jump to their trampolines, and it is the caller it returns to */
	if (!is_self(words.self, a))
		words.caller = words.self;
	/* where the kernel and its modules are */
	return words.caller >= -(2ull << 30) ? words.caller : 0;
#endif
}

/* Addresses of functions that drivers call and that call one we watch; 0: not known. */
volatile __u64 map_page_at = 0, map_sg_at = 0, map_sgtable_at = 0;

/* Where functions return to while a kretprobe or function_graph watches them, too; as above. */
volatile __u64 kretprobe_at = 0, graph_at = 0;

/* Is this no caller, or one of these functions?  Then to know who called takes a walk. */
static __always_inline bool caller_hidden(__u32 hook, __u64 caller)
{
	/* none is longer; what comes after it in memory may get a call path it does not need */
	const __u64 most = 512;

	return !caller || caller == kretprobe_at || caller == graph_at ||
	       (hook == DMT_HOOK_MAP && caller - map_page_at < most) ||
	       (hook == DMT_HOOK_MAP_SG && (caller - map_sg_at < most ||
					    caller - map_sgtable_at < most));
}

#endif
