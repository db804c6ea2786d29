/* SPDX-License-Identifier: GPL-2.0 */
/* x86-64; see arch.bpf.h. */
#ifndef ARCH_X86_H
#define ARCH_X86_H

struct pt_regs {
	unsigned long di, si, dx, cx, r8, r9, ax, sp, ip, bp;
} __attribute__((preserve_access_index));

#define ARCH_STACK_SHIFT 14
#define ARCH_LINK_REGISTER false
/* what 7.x has of it for a device nobody sets */
#define ARCH_COHERENT true

#define arch_sp(ctx) PT_REGS_SP(ctx)
#define arch_result(ctx) PT_REGS_RC(ctx)
/* the return address is popped when a kretprobe runs */
#define arch_return_sp(ctx) (PT_REGS_SP(ctx) - 8)

/* Arguments past the sixth are on the stack. */
static __always_inline void arch_args(struct pt_regs *ctx, __u64 *a, int count)
{
	a[0] = PT_REGS_PARM1(ctx);
	a[1] = PT_REGS_PARM2(ctx);
	a[2] = PT_REGS_PARM3(ctx);
	a[3] = PT_REGS_PARM4(ctx);
	a[4] = PT_REGS_PARM5(ctx);
	a[5] = ctx->r9;
	if (count > 6)
		bpf_probe_read_kernel(&a[6], 2 * sizeof(a[6]), (void *)(PT_REGS_SP(ctx) + 8));
}
#define arch_args arch_args

static __always_inline __u64 arch_entry_caller(struct pt_regs *ctx)
{
	__u64 caller = 0;

	bpf_probe_read_kernel(&caller, sizeof(caller), (void *)PT_REGS_SP(ctx));
	return caller;
}
#define arch_entry_caller arch_entry_caller

/* Where the caller's part of the stack begins. */
#define arch_entry_frame(ctx) (PT_REGS_SP(ctx) + sizeof(__u64))

/* Is it where the kernel and its modules are? */
static __always_inline bool in_text(__u64 address)
{
	return address >= -(2ull << 30);
}

/* Does it come after a call of one of the functions that drivers call? */
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
 * The part of the stack that begins there is small, and an address behind a call of the function is
 * the one it returns to.
 */
__noinline __u64 arch_outer_caller(__u64 frame)
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
#define arch_outer_caller arch_outer_caller

/*
 * A trampoline's own return address is above arguments and result, past a frame pointer; that of
 * the caller follows.
 */
static __always_inline struct caller arch_trampoline_caller(const __u64 *a, int args)
{
	const __u64 *at = a + args + 2;
	__u64 words[2] = {};
	struct caller found = {};
	bool jumped;

	if (bpf_probe_read_kernel(words, sizeof(words), (void *)at))
		return found;
	/* since v7.0 functions jump to their trampolines, and it is the caller it returns to */
	jumped = !is_self(words[0], a);
	found.caller = jumped ? words[0] : words[1];
	found.frame = number_of(at) + (jumped ? 1 : 2) * sizeof(*words);
	if (!in_text(found.caller))
		found.caller = 0;
	return found;
}
#define arch_trampoline_caller arch_trampoline_caller

static __always_inline bool arch_preempt_count(__u32 *count)
{
	__u64 at = preempt_count_at, share = 0, table = per_cpu_offsets_at;

	if (!at || !table)
		return false;
	if (bpf_core_type_exists(struct pcpu_hot))
		at += bpf_core_field_offset(struct pcpu_hot, preempt_count);
	bpf_probe_read_kernel(&share, sizeof(share),
			      (void *)(table + bpf_get_smp_processor_id() * sizeof(share)));
	return !bpf_probe_read_kernel(count, sizeof(*count), (void *)(share + at));
}
#define arch_preempt_count arch_preempt_count

#endif
