/* SPDX-License-Identifier: GPL-2.0 */
/* arm64; see arch.bpf.h. */
#ifndef ARCH_ARM64_H
#define ARCH_ARM64_H

struct user_pt_regs {
	unsigned long regs[31];
	unsigned long sp, pc, pstate;
} __attribute__((preserve_access_index));
struct pt_regs {
	struct user_pt_regs user_regs;
} __attribute__((preserve_access_index));

#define ARCH_STACK_SHIFT 14	/* with pages of 4K */
#define ARCH_LINK_REGISTER true
#define ARCH_COHERENT false	/* firmware says so of each device */

#define arch_sp(ctx) PT_REGS_SP(ctx)
#define arch_result(ctx) PT_REGS_RC(ctx)
#define arch_return_sp(ctx) PT_REGS_SP(ctx)

static __always_inline void arch_args(struct pt_regs *ctx, __u64 *a, int count)
{
	struct user_pt_regs *regs = (struct user_pt_regs *)ctx;

	a[0] = PT_REGS_PARM1(ctx);
	a[1] = PT_REGS_PARM2(ctx);
	a[2] = PT_REGS_PARM3(ctx);
	a[3] = PT_REGS_PARM4(ctx);
	a[4] = PT_REGS_PARM5(ctx);
	a[5] = regs->regs[5];
	a[6] = regs->regs[6];
	a[7] = regs->regs[7];
}
#define arch_args arch_args

/* In a register, where whoever walks the stack misses it. */
#define arch_entry_caller(ctx) (((struct user_pt_regs *)(ctx))->regs[30])

/* The caller's frame pointer. */
#define arch_entry_frame(ctx) (((struct user_pt_regs *)(ctx))->regs[29])

/*
 * A frame pointer leads to the frame's record, and what is there comes after a call, perhaps by way
 * of a module's table.
 */
__noinline __u64 arch_outer_caller(__u64 frame)
{
	__u64 caller = 0;
	__u32 call = 0;

	if (bpf_probe_read_kernel(&caller, sizeof(caller), (void *)(frame + sizeof(frame))) ||
	    caller_taken(caller) ||
	    bpf_probe_read_kernel(&call, sizeof(call), (void *)(caller - sizeof(call))))
		return 0;
	return call >> 26 == 0x25 ? caller : 0;
}
#define arch_outer_caller arch_outer_caller

/*
 * A trampoline's own return address is above arguments and result, past two saved registers, a
 * frame pointer and perhaps padding; that of the caller follows its frame pointer.
 */
static __always_inline struct caller arch_trampoline_caller(const __u64 *a, int args)
{
	__u64 words[4] = {};
	struct caller found = {};

	if (bpf_probe_read_kernel(words, sizeof(words), (void *)(a + args + 4)))
		return found;
	if (is_self(words[0], a))
		return (struct caller){ words[2], words[1] };
	if (is_self(words[1], a))
		return (struct caller){ words[3], words[2] };
	return found;
}
#define arch_trampoline_caller arch_trampoline_caller

static __always_inline bool arch_preempt_count(__u32 *count)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	*count = BPF_CORE_READ(task, thread_info.preempt_count);
	return true;
}
#define arch_preempt_count arch_preempt_count

#endif
