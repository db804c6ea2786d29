/* SPDX-License-Identifier: GPL-2.0 */
/* An architecture that never was: no more than bpf/arch.bpf.h asks for.  See ../arch.sh. */
struct pt_regs {
	unsigned long regs[8], sp, result;
};

#define ARCH_STACK_SHIFT 14
#define ARCH_LINK_REGISTER true
#define ARCH_COHERENT true
#define arch_sp(ctx) ((ctx)->sp)
#define arch_return_sp(ctx) ((ctx)->sp)
#define arch_result(ctx) ((ctx)->result)
#define arch_args(ctx, a, count) __builtin_memcpy(a, (ctx)->regs, 8 * sizeof(*(a)))
#define arch_entry_caller(ctx) 0
#define arch_entry_frame(ctx) 0
#define arch_outer_caller(frame) 0
#define arch_trampoline_caller(a, args) (struct caller){}
#define arch_preempt_count(count) (*(count) = 0, false)
