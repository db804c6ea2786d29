/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Each architecture has one file, arch/NAME.h, with NAME as in __TARGET_ARCH_NAME; the Makefile
 * passes it as ARCH_FILE.  No other file asks for the architecture.  A new file declares the
 * members of struct pt_regs that it reads, and defines each macro that the end of this file checks.
 * A function needs a macro of its own name, so that the check finds it.
 */
#ifndef ARCH_BPF_H
#define ARCH_BPF_H

/* Addresses of functions that drivers call and that call one we watch; 0: not known. */
volatile __u64 map_page_at = 0, map_sg_at = 0, map_sgtable_at = 0;

/* Where functions return to while a kretprobe or function_graph watches them, too; as above. */
volatile __u64 kretprobe_at = 0, graph_at = 0;

/*
 * preempt_count, wherever this kernel has it.  x86 has it in a per-CPU variable, the name of which
 * changed in v6.2 and v6.15, and which no type information names up to 5.10.  User space looks both
 * addresses up; 0: the context is not known.
 */
volatile __u64 preempt_count_at = 0;		/* within a CPU's share */
volatile __u64 per_cpu_offsets_at = 0;		/* where each CPU's share is */

/* Has a function no caller who returns there, but another tracer? */
static __always_inline bool caller_taken(__u64 caller)
{
	return !caller || caller == kretprobe_at || caller == graph_at;
}

/*
 * Is this word of a trampoline's stack its own return address?  It goes on with the function there,
 * so that is an address in its first bytes.  5.10 does not say where the function is, but it has
 * one layout.
 */
static __always_inline bool is_self(__u64 word, const __u64 *a)
{
	return !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_func_ip) ||
	       word - bpf_get_func_ip((void *)a) < 32;
}

/* Who called a function, and where the frame of that one is; caller 0: not known. */
struct caller {
	__u64 caller, frame;
};

#if !defined(ARCH_FILE) || !__has_include(ARCH_FILE)
#error "this architecture has no file in bpf/arch: see bpf/arch.bpf.h for what it is to define"
#else
#include ARCH_FILE

/* log2 of THREAD_SIZE and IRQ_STACK_SIZE */
#ifndef ARCH_STACK_SHIFT
#error "bpf/arch: no ARCH_STACK_SHIFT, log2 of THREAD_SIZE and IRQ_STACK_SIZE"
#endif
#ifndef ARCH_LINK_REGISTER
#error "bpf/arch: no ARCH_LINK_REGISTER, true where a call leaves its return address in a register"
#endif
#ifndef ARCH_COHERENT
#error "bpf/arch: no ARCH_COHERENT, true where DMA and the caches of the CPUs always agree"
#endif
#ifndef arch_args
#error "bpf/arch: no arch_args(ctx, a, count), a function's arguments at its entry, up to eight"
#endif
#ifndef arch_sp
#error "bpf/arch: no arch_sp(ctx), the stack pointer"
#endif
#ifndef arch_return_sp
#error "bpf/arch: no arch_return_sp(ctx), in a kretprobe what arch_sp() was at the entry"
#endif
#ifndef arch_result
#error "bpf/arch: no arch_result(ctx), in a kretprobe what the function returns"
#endif
#ifndef arch_entry_caller
#error "bpf/arch: no arch_entry_caller(ctx), at the entry who called"
#endif
#ifndef arch_entry_frame
#error "bpf/arch: no arch_entry_frame(ctx), at the entry what arch_outer_caller() wants"
#endif
#ifndef arch_outer_caller
#error "bpf/arch: no arch_outer_caller(frame), who called the caller, whose frame this is"
#endif
#ifndef arch_trampoline_caller
#error "bpf/arch: no arch_trampoline_caller(a, args), who called, seen from a trampoline"
#endif
#ifndef arch_preempt_count
#error "bpf/arch: no arch_preempt_count(count), the context: false where it is not known"
#endif
#endif

#endif
