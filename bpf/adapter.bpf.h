/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Turns one row of hooks.bpf.h into programs: reads arguments the way trampolines, kprobes and
 * tracepoints give them.  Each object picks the programs it has.  Knows no kernel function and
 * counts nothing.
 */
#ifndef ADAPTER_BPF_H
#define ADAPTER_BPF_H

/* In a row, A(n) is the n-th argument counted from 0; here, R is the result. */
#define A(n) ((__u64)a[n])

/* Results: did it fail, and with what.  UNMAPPED returns how much it did. */
#define RET_VOID (void)R;
/* a failing allocation says so in its notes: its path may not be known */
#define RET_POINTER result.failed = !R;				\
	if (!R)									\
		call->notes |= DMT_NOTE_FAILED;
#define RET_PAGE RET_POINTER
#define RET_ADDRESS result.failed = R == ~0ull; result.value = -1;
#define RET_SLOT result.failed = R == ~0ull; result.value = R;
#define RET_ERRNO result.failed = (__s32)R < 0; result.value = (__s32)R;
#define RET_NENTS result.failed = (__s32)R <= 0; result.value = (__s32)R;
#define RET_UNMAPPED result.failed = R < call->size; result.value = R; call->size = R;
#define RET_IOVA									\
	result.failed = !R && !(call->notes & DMT_NOTE_RETRIED);			\
	if (R) {									\
		call->notes &= ~DMT_NOTE_RETRIED;				\
		call->where = R * iova_granule(call->domain);				\
		iova_taken(call->domain, call->dev);					\
	} else if (!result.failed) {							\
		call->size = 0;								\
	}
#define RET_RESERVED								\
	result.failed = !(__u8)R && uses_dma_iommu(call->dev);			\
	if (!(__u8)R) call->size = 0;

/*
 * The device column: DEV, always the first argument, or NONE; MSI0 and MSI1, that of a struct
 * msi_desc; IOVAD, COOKIE and DOMAIN, where no call is around, the one that has taken addresses
 * there.  A trampoline hands over a pointer the verifier knows, a kprobe a number.
 */
#define TYPED_DEV(a) number_of((void *)(a)[0])
#define HAS_DEV true
#define HAS_NONE false
#define HAS_MSI0 false
#define HAS_MSI1 false
#define HAS_IOVAD false
#define HAS_COOKIE false
#define HAS_DOMAIN false
#define PLAIN_DEV(a) (a)[0]
#define PLAIN_NONE(a) 0
#define PLAIN_MSI0(a) msi_device((a)[0])
#define PLAIN_MSI1(a) msi_device((a)[1])
#define PLAIN_IOVAD(a) iova_owner((a)[0])
#define PLAIN_COOKIE(a) iova_owner(cookie_iovad((a)[0]))
#define PLAIN_DOMAIN(a) iova_owner(domain_iovad((a)[0]))
#define ENTRY_DEV(a) (a)[0]
#define ENTRY_NONE(a) 0
#define ENTRY_MSI0(a) msi_device(number_of((void *)(a)[0]))
#define ENTRY_MSI1(a) msi_device(number_of((void *)(a)[1]))
#define ENTRY_IOVAD(a) iova_owner(number_of((void *)(a)[0]))
#define ENTRY_COOKIE(a) iova_owner(cookie_iovad(number_of((void *)(a)[0])))
#define ENTRY_DOMAIN(a) iova_owner(domain_iovad(number_of((void *)(a)[0])))
#define INHERITS_DEV false
#define INHERITS_NONE true
#define INHERITS_MSI0 false
#define INHERITS_MSI1 false
#define INHERITS_IOVAD true
#define INHERITS_COOKIE true
#define INHERITS_DOMAIN true

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

/* The result slot of a trampoline program's context comes after the arguments; void has none. */
#define SLOT_VOID(a, args) 0
#define SLOT_POINTER(a, args) (a)[args]
#define SLOT_PAGE(a, args) number_of((void *)(a)[args])
#define SLOT_ADDRESS(a, args) (a)[args]
#define SLOT_SLOT(a, args) (a)[args]
#define SLOT_ERRNO(a, args) (a)[args]
#define SLOT_NENTS(a, args) (a)[args]
#define SLOT_UNMAPPED(a, args) (a)[args]
#define SLOT_RESERVED(a, args) (a)[args]
#define SLOT_IOVA(a, args) (a)[args]

/* Hooks of which some functions say how much it was when they return. */
#define LATE_SIZES (1ull << DMT_HOOK_LPAE_MAP | 1ull << DMT_HOOK_INTEL_MAP |		\
		    1ull << DMT_HOOK_AMD_MAP | 1ull << DMT_HOOK_X86_64_MAP)

/* Into a variable of its own: a struct whose address a helper gets stays in memory. */
static __always_inline __u64 read_size(__u64 addr)
{
	__u64 size = 0;

	bpf_probe_read_kernel(&size, sizeof(size), (void *)addr);
	return size;
}

/* Arguments past the sixth are on the stack on x86; arm64 has registers for eight. */
static __always_inline void kprobe_args(struct pt_regs *ctx, __u64 *a, int count)
{
	a[0] = PT_REGS_PARM1(ctx);
	a[1] = PT_REGS_PARM2(ctx);
	a[2] = PT_REGS_PARM3(ctx);
	a[3] = PT_REGS_PARM4(ctx);
	a[4] = PT_REGS_PARM5(ctx);
#if defined(__TARGET_ARCH_x86)
	a[5] = ctx->r9;
	if (count > 6)
		bpf_probe_read_kernel(&a[6], 2 * sizeof(a[6]), (void *)(PT_REGS_SP(ctx) + 8));
#else
	struct user_pt_regs *regs = (struct user_pt_regs *)ctx;

	a[5] = regs->regs[5];
	a[6] = regs->regs[6];
	a[7] = regs->regs[7];
#endif
}

/* What the programs of a row have in common; see hooks.bpf.h for the columns. */
#define DESCRIBE(name, hook_, ret)							\
static __always_inline void name##_describe(const __u64 *a, struct dmt_call *call,	\
					    bool typed)					\
{											\
	describe(&name##_reads, DMT_HOOK_##hook_, name##_plan.also, a, call, typed);	\
}											\
static __always_inline void name##_late(const __u64 *a, struct dmt_call *call)		\
{											\
	describe_late(&name##_reads, a, call);						\
}											\
static __always_inline struct result name##_judge(struct dmt_call *call, __u64 R)		\
{											\
	struct result result = {};							\
											\
	if (LATE_SIZES >> DMT_HOOK_##hook_ & 1 && call->size_at)				\
		call->size = read_size(call->size_at);					\
	RET_##ret									\
	return result;									\
}

#define FENTRY(name, symbol, args, hook_, dev_, ret)					\
SEC("?fentry/" #symbol)									\
int name##__fentry(__u64 *a)								\
{											\
	if (!part_outside(number_of(a), DMT_HOOK_##hook_))				\
		call_enter(number_of(a), DMT_HOOK_##hook_, ENTRY_##dev_(a),		\
			   INHERITS_##dev_, NULL, (void *)a[0]);			\
	return 0;									\
}											\
SEC("?fexit/" #symbol)									\
int name##__fexit(__u64 *a)								\
{											\
	__u64 end = now();								\
	struct dmt_cpu *cpu = this_cpu();						\
	struct result result;								\
	struct dmt_call call = {};								\
	__s64 latency;									\
	const struct dmt_account *account;						\
											\
	if (part_unseen(number_of(a), DMT_HOOK_##hook_, false))				\
		return 0;								\
	latency = return_latency(cpu, a, end, HAS_##dev_, &call);			\
	name##_describe(a, &call, true);						\
	result = name##_judge(&call, SLOT_##ret(a, args));				\
	if (result.failed)								\
		name##_late(a, &call);						\
	call_around(number_of(a), DMT_HOOK_##hook_, &call, result.failed);		\
	account = call_done(a, false, cpu, &call, &result, latency);			\
	if (asked && account)								\
		call_extras(a, false, args, account, &call, &result, SLOT_##ret(a, args),	\
			    latency);							\
	return 0;									\
}

/*
 * One program at both ends of a call, a fentry one until live/live.c says otherwise: libbpf 1.1 has
 * no name for it.
 */
#define FSESSION(name, symbol, args, hook_, dev_, ret)					\
SEC("?fentry/" #symbol)									\
int name##__fsession(__u64 *a)								\
{											\
	__u64 *cookie = bpf_session_cookie(a), end;					\
	struct dmt_call call = {};							\
	struct result result;								\
	struct dmt_cpu *cpu;								\
	__s64 latency;									\
	const struct dmt_account *account;						\
											\
	if (!bpf_session_is_return(a)) {						\
		*cookie = session_enter(number_of(a), DMT_HOOK_##hook_, ENTRY_##dev_(a),	\
					INHERITS_##dev_, (void *)a[0]);			\
		return 0;								\
	}										\
	end = bpf_ktime_get_ns();							\
	cpu = this_cpu();								\
	latency = session_leave(cpu, a, end, *cookie, HAS_##dev_, &call);		\
	name##_describe(a, &call, true);						\
	result = name##_judge(&call, SLOT_##ret(a, args));				\
	if (result.failed)								\
		name##_late(a, &call);						\
	call_around(number_of(a), DMT_HOOK_##hook_, &call, result.failed);		\
	account = call_done(a, false, cpu, &call, &result, latency);			\
	if (asked && account)								\
		call_extras(a, false, args, account, &call, &result, SLOT_##ret(a, args),	\
			    latency);							\
	return 0;									\
}

/* Kprobes are told their function as they are attached; libbpf takes time for each section. */
#define KPROBE(name, args, hook_, dev_)							\
SEC("?kprobe")										\
int name##__kprobe(struct pt_regs *ctx)							\
{											\
	struct dmt_call call = {};								\
	__u64 a[8] = {};								\
											\
	if (part_outside(PT_REGS_SP(ctx), DMT_HOOK_##hook_))				\
		return 0;								\
	kprobe_args(ctx, a, args);							\
	call.dev = PLAIN_##dev_(a);							\
	name##_describe(a, &call, false);						\
	name##_late(a, &call);							\
	path_take(ctx, &call);								\
	entry_path_keep(ctx, &call);							\
	call_enter(PT_REGS_SP(ctx), DMT_HOOK_##hook_, call.dev, INHERITS_##dev_, &call,	\
		   (void *)a[0]);							\
	return 0;									\
}											\
SEC("?kretprobe")									\
int name##__kretprobe(struct pt_regs *ctx)						\
{											\
	__u64 end = now();								\
	struct dmt_cpu *cpu = this_cpu();						\
	struct result result;								\
	struct dmt_call call;								\
	__s64 latency;									\
	const struct dmt_account *account;						\
											\
	if (part_unseen(RETURN_SP(ctx), DMT_HOOK_##hook_, true))			\
		return 0;								\
	latency = return_kept(cpu, RETURN_SP(ctx), end, DMT_HOOK_##hook_, &call);	\
	if (latency != CALL_LOST) {							\
		result = name##_judge(&call, PT_REGS_RC(ctx));				\
		call_around(RETURN_SP(ctx), DMT_HOOK_##hook_, &call, result.failed);	\
		account = call_done(ctx, true, cpu, &call, &result, latency);		\
		if (asked && account)							\
			call_extras(ctx, true, 0, account, &call, &result, PT_REGS_RC(ctx),	\
				    latency);						\
	}										\
	return 0;									\
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

#define AT_ENTRY_DEV(name, symbol, args)							\
SEC("?fentry/" #symbol)									\
int name##__entry(__u64 *a)								\
{											\
	struct dmt_call call = { .notes = DMT_NOTE_PAIRED };				\
	struct result result = {};							\
	const struct dmt_account *account;						\
											\
	call.dev = TYPED_DEV(a);							\
	name##_describe(a, &call, true);						\
	account = call_done(a, false, this_cpu(), &call, &result, -1);			\
	if (asked && account)								\
		call_extras(a, false, 0, account, &call, &result, 0, -1);		\
	return 0;									\
}											\
SEC("?kprobe")										\
int name##__kentry(struct pt_regs *ctx)							\
{											\
	struct dmt_call call = { .notes = DMT_NOTE_PAIRED };				\
	struct result result = {};							\
	__u64 a[8] = {};								\
	const struct dmt_account *account;						\
											\
	kprobe_args(ctx, a, args);							\
	call.dev = PLAIN_DEV(a);							\
	name##_describe(a, &call, false);						\
	account = call_done(ctx, true, this_cpu(), &call, &result, -1);			\
	if (asked && account)								\
		call_extras(ctx, true, 0, account, &call, &result, 0, -1);		\
	return 0;									\
}

#define AT_RETURN(name, symbol, args)							\
SEC("?fexit/" #symbol)									\
int name##__return(__u64 *a)								\
{											\
	struct dmt_call call = {};							\
	struct result result;								\
	const struct dmt_account *account;						\
											\
	call.dev = TYPED_DEV(a);							\
	name##_describe(a, &call, true);						\
	result = name##_judge(&call, (a)[args]);					\
	if (result.failed)								\
		name##_late(a, &call);						\
	call.notes |= mapped_notes(a, call.dev, (a)[args], result.failed);			\
	account = call_done(a, false, this_cpu(), &call, &result, -1);			\
	if (asked && account)								\
		call_extras(a, false, args, account, &call, &result, (a)[args], -1);	\
	return 0;									\
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
#define RETURN_POINTER(ctx) PT_REGS_RC(ctx)
#define RETURN_INT(ctx) PT_REGS_RC(ctx)
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
	note_around(RETURN_SP(ctx), YES_##ret(result) ? yes : no);			\
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
	kprobe_args(ctx, a, args);							\
	call.dev = a[0];								\
	call.size = a[1];								\
	call_enter(PT_REGS_SP(ctx), DMT_HOOK_##hook_, call.dev, false, &call, NULL);	\
	return 0;									\
}											\
SEC("?kretprobe")									\
int name##__kretprobe(struct pt_regs *ctx)						\
{											\
	struct dmt_call call;								\
	__s64 entered = return_kept(this_cpu(), RETURN_SP(ctx), 0, DMT_HOOK_##hook_, &call); \
											\
	note_around(RETURN_SP(ctx), DMT_NOTE_RESTRICTED_POOL);				\
	if (entered != CALL_LOST && PT_REGS_RC(ctx))					\
		slot_taken(ctx, true, call.dev, call.size, PT_REGS_RC(ctx));		\
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
	kprobe_args(ctx, a, args);							\
	slot_freed(slot);								\
	return 0;									\
}

/* Did it fail?  As the argument says that has the result; UNSEEN: then there is no event. */
#define FAILED_VOID false
#define FAILED_POINTER(n) !A(n)
#define FAILED_ADDRESS(n) A(n) == ~0ull
#define FAILED_UNSEEN(ret) false

/* A tracepoint says everything at once, after the fact: no latency. */
#define TRACEPOINT(name, event, hook_, dev_, ret)					\
SEC("?tp_btf/" #event)									\
int name##__tp(__u64 *a)								\
{											\
	struct dmt_call call = {};							\
	struct result result = { .failed = FAILED_##ret };				\
	struct dmt_cpu *cpu = this_cpu();						\
	const struct dmt_account *account;						\
											\
	call.dev = TYPED_##dev_(a);							\
	describe(&name##_tp_reads, DMT_HOOK_##hook_, name##_tp_plan.also, a, &call, true);	\
	if (result.failed)								\
		describe_late(&name##_tp_reads, a, &call);				\
	account = call_done(a, false, cpu, &call, &result, -1);				\
	if (asked && account)								\
		call_extras(a, false, 0, account, &call, &result, 0, -1);		\
	return 0;									\
}

#endif
