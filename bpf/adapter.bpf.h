/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Turns one row of hooks.bpf.h into programs: reads arguments the way trampolines, kprobes and
 * tracepoints give them.  Macros have the sections and names of programs, functions what they do;
 * a row is a constant to these, and they are inline.  Each object picks the programs it has.
 * Knows no kernel function and counts nothing.
 */
#ifndef ADAPTER_BPF_H
#define ADAPTER_BPF_H

/* In a row, A(n) is the n-th argument counted from 0. */
#define A(n) ((__u64)a[n])

/* What a switch or the host bridge makes of it; 0: not known. */
static __always_inline __u32 p2p_kind(__u64 state)
{
	return BPF_CORE_READ((struct pci_p2pdma_map_state *)state, map);
}

static __always_inline __u32 p2p_notes(__u32 kind)
{
	if (!bpf_core_enum_value_exists(enum pci_p2pdma_map_type, PCI_P2PDMA_MAP_BUS_ADDR))
		return DMT_NOTE_P2P;
	if (kind == bpf_core_enum_value(enum pci_p2pdma_map_type, PCI_P2PDMA_MAP_BUS_ADDR))
		return DMT_NOTE_P2P | DMT_NOTE_P2P_BUS;
	if (kind == bpf_core_enum_value(enum pci_p2pdma_map_type, PCI_P2PDMA_MAP_THRU_HOST_BRIDGE))
		return DMT_NOTE_P2P | DMT_NOTE_P2P_HOST;
	return DMT_NOTE_P2P;
}

/* Count the call, then do what commands asked for beyond that.  args: how many; 0 at an entry. */
static __always_inline int call_finish(void *ctx, bool kprobe, int args, struct dmt_cpu *cpu,
				       const struct dmt_call *call, const struct result *result,
				       __u64 returned, __s64 latency)
{
	const struct dmt_account *account = call_done(ctx, kprobe, cpu, call, result, latency);

	if (asked && account)
		call_extras(ctx, kprobe, args, account, call, result, returned, latency);
	return 0;
}

/* Describe a call that returns through a trampoline, judge its result, and finish it. */
static __always_inline int trampoline_finish(const struct row *row, __u64 *a, struct dmt_cpu *cpu,
					     struct dmt_call *call, __s64 latency)
{
	struct result result;

	describe(row, a, call, true);
	result = judge(row, call, result_given(row, a));
	if (result.failed)
		describe_late(row, a, call);
	call_around(number_of(a), row->hook, call, result.failed);
	return call_finish(a, false, row->args, cpu, call, &result, result_given(row, a), latency);
}

static __always_inline int at_fentry(const struct row *row, __u64 *a)
{
	if (!part_outside(number_of(a), row->hook))
		call_enter(number_of(a), row->hook, device_given(row, a, true),
			   device_inherited(row), NULL, (void *)a[0]);
	return 0;
}

static __always_inline int at_fexit(const struct row *row, __u64 *a)
{
	__u64 end = now();
	struct dmt_cpu *cpu = this_cpu();
	struct dmt_call call = {};
	__s64 latency;

	if (part_unseen(number_of(a), row->hook, false))
		return 0;
	latency = return_latency(cpu, a, end, row->device == DEVICE_DEV, &call);
	return trampoline_finish(row, a, cpu, &call, latency);
}

#define FENTRY(name, symbol)								\
SEC("?fentry/" #symbol)									\
int name##__fentry(__u64 *a)								\
{											\
	return at_fentry(&name##_row, a);						\
}											\
SEC("?fexit/" #symbol)									\
int name##__fexit(__u64 *a)								\
{											\
	return at_fexit(&name##_row, a);						\
}

#ifdef SESSIONS
extern bool bpf_session_is_return(void *ctx) __ksym;
extern __u64 *bpf_session_cookie(void *ctx) __ksym;

static __always_inline int at_both_ends(const struct row *row, __u64 *a)
{
	__u64 *cookie = bpf_session_cookie(a), end;
	struct dmt_call call = {};
	struct dmt_cpu *cpu;
	__s64 latency;

	if (!bpf_session_is_return(a)) {
		*cookie = session_enter(number_of(a), row->hook, device_given(row, a, true),
					device_inherited(row), (void *)a[0]);
		return 0;
	}
	end = bpf_ktime_get_ns();
	cpu = this_cpu();
	latency = session_leave(cpu, a, end, *cookie, row->device == DEVICE_DEV, &call);
	return trampoline_finish(row, a, cpu, &call, latency);
}
#endif

/*
 * One program at both ends of a call, a fentry one until live/live.c says otherwise: libbpf 1.1 has
 * no name for it.
 */
#define FSESSION(name, symbol)								\
SEC("?fentry/" #symbol)									\
int name##__fsession(__u64 *a)								\
{											\
	return at_both_ends(&name##_row, a);						\
}

static __always_inline int at_kprobe(const struct row *row, struct pt_regs *ctx)
{
	struct dmt_call call = {};
	__u64 a[8] = {};

	if (part_outside(arch_sp(ctx), row->hook))
		return 0;
	arch_args(ctx, a, row->args);
	call.dev = device_given(row, a, false);
	describe(row, a, &call, false);
	describe_late(row, a, &call);
	path_take(ctx, &call);
	entry_path_keep(ctx, &call);
	call_enter(arch_sp(ctx), row->hook, call.dev, device_inherited(row), &call,
		   (void *)a[0]);
	return 0;
}

static __always_inline int at_kretprobe(const struct row *row, struct pt_regs *ctx)
{
	__u64 end = now();
	struct dmt_cpu *cpu = this_cpu();
	struct result result;
	struct dmt_call call;
	__s64 latency;

	if (part_unseen(arch_return_sp(ctx), row->hook, true))
		return 0;
	latency = return_kept(cpu, arch_return_sp(ctx), end, row->hook, &call);
	if (latency == CALL_LOST)
		return 0;
	result = judge(row, &call, arch_result(ctx));
	call_around(arch_return_sp(ctx), row->hook, &call, result.failed);
	return call_finish(ctx, true, 0, cpu, &call, &result, arch_result(ctx), latency);
}

/* Kprobes are told their function as they are attached; libbpf takes time for each section. */
#define KPROBE(name)									\
SEC("?kprobe")										\
int name##__kprobe(struct pt_regs *ctx)							\
{											\
	return at_kprobe(&name##_row, ctx);						\
}											\
SEC("?kretprobe")									\
int name##__kretprobe(struct pt_regs *ctx)						\
{											\
	return at_kretprobe(&name##_row, ctx);						\
}

/*
 * Programs at one end of a call only, where nothing inside has to find it and no clock is read: at
 * the entry of a function that cannot fail, at the return of one whose result tells its path.
 */
#define ONE_END_VOID(dev) AT_ENTRY_##dev
#define ONE_END_ADDRESS(dev) AT_RETURN
#define ONE_END_POINTER(dev) BOTH_ENDS
#define ONE_END_PAGE(dev) BOTH_ENDS
#define ONE_END_SLOT(dev) BOTH_ENDS
#define ONE_END_ERRNO(dev) BOTH_ENDS
#define ONE_END_NENTS(dev) BOTH_ENDS
#define ONE_END_UNMAPPED(dev) BOTH_ENDS
#define ONE_END_RESERVED(dev) BOTH_ENDS
#define ONE_END_IOVA(dev) BOTH_ENDS
/* those without a device ask the call around them */
#define AT_ENTRY_NONE BOTH_ENDS
#define AT_ENTRY_IOVAD BOTH_ENDS
#define AT_ENTRY_COOKIE BOTH_ENDS
#define AT_ENTRY_DOMAIN BOTH_ENDS
#define BOTH_ENDS(...)

static __always_inline int at_entry_alone(const struct row *row, __u64 *a)
{
	struct dmt_call call = { .notes = DMT_NOTE_PAIRED };
	struct result result = {};

	call.dev = pointer(a, ARG(0), true);
	describe(row, a, &call, true);
	return call_finish(a, false, 0, this_cpu(), &call, &result, 0, -1);
}

static __always_inline int at_kprobe_alone(const struct row *row, struct pt_regs *ctx)
{
	struct dmt_call call = { .notes = DMT_NOTE_PAIRED };
	struct result result = {};
	__u64 a[8] = {};

	arch_args(ctx, a, row->args);
	call.dev = a[0];
	describe(row, a, &call, false);
	return call_finish(ctx, true, 0, this_cpu(), &call, &result, 0, -1);
}

static __always_inline int at_return_alone(const struct row *row, __u64 *a)
{
	__u64 returned = a[row->args];
	struct dmt_call call = {};
	struct result result;

	call.dev = pointer(a, ARG(0), true);
	describe(row, a, &call, true);
	result = judge(row, &call, returned);
	if (result.failed)
		describe_late(row, a, &call);
	call.notes |= mapped_notes(a, call.dev, returned, result.failed);
	return call_finish(a, false, row->args, this_cpu(), &call, &result, returned, -1);
}

#define AT_ENTRY_DEV(name, symbol)							\
SEC("?fentry/" #symbol)									\
int name##__entry(__u64 *a)								\
{											\
	return at_entry_alone(&name##_row, a);						\
}											\
SEC("?kprobe")										\
int name##__kentry(struct pt_regs *ctx)							\
{											\
	return at_kprobe_alone(&name##_row, ctx);					\
}

#define AT_RETURN(name, symbol)								\
SEC("?fexit/" #symbol)									\
int name##__return(__u64 *a)								\
{											\
	return at_return_alone(&name##_row, a);						\
}

/* Did it?  Half of a register is undefined where the function returns an int. */
#define YES_POINTER(r) ((r) != 0)
#define YES_INT(r) ((__u32)(r) != 0)
#define YES_ANY(r) true
#define YES_P2P(r) true
/* Its result; P2P: in what it was given, which a kretprobe does not see any more. */
#define EXIT_POINTER(a, args) (a)[args]
#define EXIT_INT(a, args) (a)[args]
#define EXIT_ANY(a, args) 0
#define EXIT_P2P(a, args) p2p_kind(number_of((void *)(a)[0]))
#define RETURN_POINTER(ctx) arch_result(ctx)
#define RETURN_INT(ctx) arch_result(ctx)
#define RETURN_ANY(ctx) 0
#define RETURN_P2P(ctx) 0

/*
 * A function that succeeds only when the call around it takes a certain path: its return leaves a
 * note there, and nothing is counted.
 */
#define MARK_RETURN(name, symbol, args, hook, ret, yes, no, ...)			\
SEC("?fexit/" #symbol)									\
int name##__fexit(__u64 *a)								\
{											\
	__u64 result = EXIT_##ret(a, args);						\
											\
	(void)result;									\
	note_around(number_of(a), YES_##ret(result) ? yes : no);			\
	return 0;									\
}											\
SEC("?kretprobe")									\
int name##__kretprobe(struct pt_regs *ctx)						\
{											\
	__u64 result = RETURN_##ret(ctx);						\
											\
	(void)result;									\
	note_around(arch_return_sp(ctx), YES_##ret(result) ? yes : no);			\
	return 0;									\
}

/*
 * Memory out of a pool of slots: (device, size), and a page or NULL.  The page stands for the slot,
 * as that is what gives it back.
 */
#define TAKE_SLOT(name, symbol, args, hook_, ...)					\
SEC("?fexit/" #symbol)									\
int name##__fexit(__u64 *a)								\
{											\
	note_around(number_of(a), DMT_NOTE_RESTRICTED_POOL);				\
	if (a[args])									\
		slot_taken(a, false, number_of((void *)a[0]), a[1],			\
			   number_of((void *)a[args]));					\
	return 0;									\
}											\
SEC("?kprobe")										\
int name##__kprobe(struct pt_regs *ctx)							\
{											\
	struct dmt_call call = { .hook = DMT_HOOK_##hook_ };				\
	__u64 a[8] = {};								\
											\
	arch_args(ctx, a, args);							\
	call.dev = a[0];								\
	call.size = a[1];								\
	call_enter(arch_sp(ctx), DMT_HOOK_##hook_, call.dev, false, &call, NULL);	\
	return 0;									\
}											\
SEC("?kretprobe")									\
int name##__kretprobe(struct pt_regs *ctx)						\
{											\
	struct dmt_call call;								\
	__s64 entered = return_kept(this_cpu(), arch_return_sp(ctx), 0, DMT_HOOK_##hook_, &call); \
											\
	note_around(arch_return_sp(ctx), DMT_NOTE_RESTRICTED_POOL);				\
	if (entered != CALL_LOST && arch_result(ctx))					\
		slot_taken(ctx, true, call.dev, call.size, arch_result(ctx));		\
	return 0;									\
}

/* A slot is given back. */
#define POINTER_AT(n) (typed ? number_of((void *)A(n)) : A(n))
#define RELEASE_ENTRY(name, symbol, args, hook, slot, ...)				\
SEC("?fentry/" #symbol)									\
int name##__fentry(__u64 *a)								\
{											\
	const bool typed = true;							\
											\
	(void)typed;									\
	slot_freed(slot);								\
	return 0;									\
}											\
SEC("?kprobe")										\
int name##__kprobe(struct pt_regs *ctx)							\
{											\
	const bool typed = false;							\
	__u64 a[8] = {};								\
											\
	(void)typed;									\
	arch_args(ctx, a, args);							\
	slot_freed(slot);								\
	return 0;									\
}

/* Did it fail?  As the argument says that has the result; UNSEEN: then there is no event. */
#define FAILED_VOID false
#define FAILED_POINTER(n) !A(n)
#define FAILED_ADDRESS(n) A(n) == ~0ull
#define FAILED_UNSEEN(ret) false

/* A tracepoint says everything at once, after the fact: no latency. */
static __always_inline int at_event(const struct row *row, __u64 *a, bool failed)
{
	struct dmt_cpu *cpu = this_cpu();
	struct result result = { .failed = failed };
	struct dmt_call call = {};

	call.dev = pointer(a, ARG(0), true);
	describe(row, a, &call, true);
	if (failed)
		describe_late(row, a, &call);
	return call_finish(a, false, 0, cpu, &call, &result, 0, -1);
}

#define TRACEPOINT(name, event, ret)							\
SEC("?tp_btf/" #event)									\
int name##__tp(__u64 *a)								\
{											\
	return at_event(&name##_event, a, FAILED_##ret);				\
}

#endif
