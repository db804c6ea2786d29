/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every part of the BPF side stands on: per-CPU state, losses, numbers from pointers.
 * Knows no kernel function's name.
 */
#ifndef CORE_BPF_H
#define CORE_BPF_H

/*
 * What a run is for, DMT_WANTS_*.  It is read-only when the programs are loaded, so what nobody
 * asked for is not walked; but newer verifiers take their time over dead code, too, so without
 * WITH_EXTRAS it is not even there.
 */
const volatile __u32 wants = 0;
#if defined(WITH_EXTRAS) && defined(WITHOUT_LATENCY)
#define asked (DMT_WANTS_LIVE | (wants & DMT_WANTS_LIVE_STACKS))
#elif defined(WITH_EXTRAS)
#define asked wants
#else
#define asked 0
#endif

/*
 * A run without latencies reads no clock, and has programs of its own for it: many
 * functions are watched at one end only.
 */
#ifdef WITHOUT_LATENCY
#define timed false
#else
#define timed true
#endif

/* For clang, which puts what is likely in one piece: a jump is an instruction, too. */
#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

static __always_inline __u64 now(void)
{
	return timed ? bpf_ktime_get_ns() : 0;
}

struct result {
	bool failed;
	__s64 value;		/* what the kernel returned, kept for failures */
};

/*
 * What every call uses is a plain array in .bss rather than a map: an index the verifier sees
 * bounded needs no look-up and no check for NULL.
 * Objects share their variables, so the layout must be the same: what is initialised clang lays
 * out in this order, else in that of first use.
 */
struct dmt_cpu cpus[DMT_CPUS] = {};

/*
 * Set by user space when every hook is in place.  No call asks for it: before, no account is of the
 * present generation, and user space begins a new one when it ends the run.
 */
volatile __u32 enabled = 0;
__u64 anchor = 0;	/* the address of this very variable, see number_of() */

volatile __u64 modules_moved = 0;	/* kernel modules that came or went, see module.bpf.h */

/* Has anything tried to bounce?  Until then a map seen at its return alone need not find out. */
volatile __u32 bounces = 0;

static __always_inline struct dmt_cpu *this_cpu(void)
{
	struct dmt_cpu *cpu = &cpus[bpf_get_smp_processor_id() & (DMT_CPUS - 1)];

	/* or clang computes it anew for each of its members */
	barrier_var(cpu);
	return cpu;
}

static __always_inline void lose(struct dmt_cpu *cpu, enum dmt_loss what)
{
	if (enabled)
		__sync_fetch_and_add(&cpu->losses[what], 1);
}

/*
 * The address a pointer holds.  The verifier lets no one shift or compare a pointer, but the
 * difference of two is a number, and a pointer may be stored and read back as one.
 */
static __always_inline __u64 number_of(const void *pointer)
{
	__u64 number = (__u64)pointer;

	/* in assembly, or clang regroups the sum around a number minus a pointer: not allowed */
	asm("%0 -= %1" : "+r"(number) : "r"(&anchor));
	return number + anchor;
}

#endif
