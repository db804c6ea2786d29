/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pairing: the entry of a call with its return, and a call with the calls around it.
 */
#ifndef PAIR_BPF_H
#define PAIR_BPF_H

struct dmt_stack stacks[DMT_STACKS] = {};

__u64 domain_owner(__u64 domain);	/* see device.bpf.h */

/*
 * Windows that are neighbours have places of their own, see frame_beyond().  Stacks begin in every
 * second one, for their guard pages; of 2 * DMT_STACKS windows each second has its own place, too.
 */
static __always_inline struct dmt_stack *stack_of(__u64 token)
{
	__u64 window = token >> ARCH_STACK_SHIFT;
	struct dmt_stack *stack = &stacks[window + window / DMT_STACKS & (DMT_STACKS - 1)];

	barrier_var(stack);	/* as this_cpu() */
	return stack;
}

/* Frames are told by where they begin, in bytes from the first: what multiplies takes longer. */
#define FRAME sizeof(struct dmt_frame)

/*
 * NULL: there is none, as there is none before the first.  The barrier is for 5.10: compared and
 * used it must be the same register.
 */
static __always_inline struct dmt_frame *frame_at(struct dmt_stack *stack, __u64 at)
{
	struct dmt_frame *frame;

	barrier_var(at);
	if (at > (DMT_FRAMES - 1) * FRAME)
		return NULL;
	frame = (void *)stack->frames + at;
	__builtin_assume(frame);
	return frame;
}

/*
 * A function that ends in a jump to another one leaves it the same stack pointer: to kprobes both
 * are open there, and only the hook tells them apart.  Trampolines have a place of their own for
 * each call, and any hook will do.
 */
#define ANY_HOOK (~0u)

static __always_inline bool frame_is(const struct dmt_frame *frame, __u64 token, __u32 hook)
{
	return frame->token == token && (hook == ANY_HOOK || frame->hook == hook);
}

/*
 * Is the call of this frame over when another begins at token?  Stacks grow down, so it is when
 * it began at or below.
 */
static __always_inline bool frame_over(const struct dmt_frame *frame, __u64 token, __u32 hook)
{
	return hook == ANY_HOOK ? frame->token <= token :
				  frame->token < token || frame_is(frame, token, hook);
}

/*
 * Where the first frame of a call that is over begins.  Rare.
 * Global functions, here and below, are verified once and not with every path of their callers.
 */
__noinline __u64 stack_prune(__u64 token, __u32 hook)
{
	struct dmt_stack *stack = stack_of(token);
	__u64 end = stack->end;

	for (int i = 0; i < DMT_FRAMES; i++) {
		struct dmt_frame *frame = frame_at(stack, end - FRAME);

		if (!frame || !frame_over(frame, token, hook))
			break;
		end -= FRAME;
	}
	return end;
}

/*
 * Does this hook tell the path of calls around it?  As hook_tells(); one word, as the verifier
 * walks each branch for every frame.
 */
#define TELLING (1ull << DMT_HOOK_BOUNCE | 1ull << DMT_HOOK_IOMMU_ALLOC |		\
		 1ull << DMT_HOOK_INTEL_ALLOC | 1ull << DMT_HOOK_CMA |			\
		 1ull << DMT_HOOK_REMAP | 1ull << DMT_HOOK_REMAP_PAGES |		\
		 ~0ull << DMT_HOOK_IN_DEV_POOL)
_Static_assert(DMT_HOOK_MAX <= 64, "a hook is a bit");

/* As hook_is_part(): everybody calls these functions, and counted is what happens inside calls. */
#define PARTS (1ull << DMT_HOOK_PAGES | 1ull << DMT_HOOK_CMA |				\
	       1ull << DMT_HOOK_REMAP | 1ull << DMT_HOOK_REMAP_PAGES)

/* Hooks whose calls note which hook's call they are inside of; copies do so as they return. */
#define INSIDE (1ull << DMT_HOOK_IOMMU_MAP | 1ull << DMT_HOOK_LPAE_MAP |		\
		1ull << DMT_HOOK_INTEL_MAP | 1ull << DMT_HOOK_AMD_MAP |			\
		1ull << DMT_HOOK_X86_64_MAP | 1ull << DMT_HOOK_IOVA_FAST_ALLOC | PARTS)

/* Hooks whose functions have a domain first: where no call is around, it says whose they are. */
#define TAKES_DOMAIN (1ull << DMT_HOOK_IOMMU_MAP | 1ull << DMT_HOOK_IOMMU_UNMAP)

/* What a call of this hook notes of the one around it; its own hook is a constant. */
static __always_inline __u32 within_note(__u32 hook, const struct dmt_frame *around)
{
	return INSIDE >> hook & 1 ? (around->hook + 1) << DMT_NOTE_WITHIN : 0;
}

/*
 * Frames behind that of a call that returns are of calls inside it whose return was skipped.  Is
 * there one that would have told its path?
 */
__noinline int untold(__u64 token, __u64 at)
{
	struct dmt_stack *stack = stack_of(token);

	for (int i = 0; i < DMT_FRAMES && at < stack->end; i++, at += FRAME) {
		struct dmt_frame *frame = frame_at(stack, at);

		if (frame && TELLING >> (frame->hook & 63) & 1)
			return 1;
	}
	return 0;
}

/*
 * The same of a call that has no frame itself: those further down its stack are of calls inside it,
 * and are over.
 */
__noinline int untold_below(__u64 token)
{
	struct dmt_stack *stack = stack_of(token);
	__u64 end = stack->end;
	int found = 0;

	if (stack->window != token >> ARCH_STACK_SHIFT)
		return 0;
	for (int i = 0; i < DMT_FRAMES; i++) {
		struct dmt_frame *frame = frame_at(stack, end - FRAME);

		if (!frame || frame->token >= token)
			break;
		end -= FRAME;
		found |= TELLING >> (frame->hook & 63) & 1;
	}
	stack->end = end;
	return found;
}

/* Where the frame of this call ends; 0: not there.  Rare. */
__noinline __u64 stack_search(__u64 token, __u32 hook)
{
	struct dmt_stack *stack = stack_of(token);
	__u64 end = stack->end;

	for (int i = 0; i < DMT_FRAMES; i++) {
		struct dmt_frame *frame = frame_at(stack, end - FRAME);

		if (!frame || frame->token > token)
			return 0;
		if (frame_is(frame, token, hook)) {
			if (untold(token, end))
				frame->notes &= ~DMT_NOTE_PAIRED;
			return end;
		}
		end -= FRAME;
	}
	return 0;
}

/*
 * Is this frame the call's own?  The kernel skips an interrupt's return program when it runs
 * already on that CPU, and the frame of such a call stays; it skips an entry program likewise,
 * and a later interrupt's call, whose entry was skipped, would find that frame at its place on the
 * interrupt stack.  But in between calls began on another stack of this CPU.  They also do
 * when an interrupt comes over a task's call: a frame on the task's own stack is believed.
 */
__noinline int frame_trusted(__u64 token)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u64 stack = (__u64)BPF_CORE_READ(task, stack);

	return token - stack < 1 << ARCH_STACK_SHIFT;
}

/* Is the frame of a call around the one at token certain to be of a call that is open? */
static __always_inline bool frame_certain(const struct dmt_frame *frame, struct dmt_cpu *cpu,
					  __u64 token)
{
	return frame->switches == DMT_FRESH || frame->switches == cpu->switches ||
	       frame_trusted(token);
}

/*
 * A stack need not lie within one window: x86 aligns those of interrupts to pages.  The frame in
 * the next window of the call around the one that begins at token, NULL: none.  Closer than a
 * guard page is wide, it is on the same stack.
 */
static __always_inline struct dmt_frame *frame_beyond(__u64 token)
{
	struct dmt_stack *stack = stack_of(token + (1 << ARCH_STACK_SHIFT));
	struct dmt_frame *frame = frame_at(stack, stack->end - FRAME);

	return frame && frame->token - token < DMT_GUARD ? frame : NULL;
}

/* Of the call around one that begins and whose frame goes there, if there is one. */
static __always_inline struct dmt_frame *frame_lending(struct dmt_stack *stack, __u64 at,
						       __u64 token)
{
	struct dmt_frame *frame = frame_at(stack, at - FRAME);

	return frame ? frame : frame_beyond(token);
}

/*
 * A call begins somewhere else than the last one did: on another stack?  A stack need not lie
 * within one window, so the distance decides.
 */
__noinline int stack_moved(__u64 token)
{
	struct dmt_cpu *cpu = this_cpu();

	if (token - cpu->token + (1 << ARCH_STACK_SHIFT) > 2 << ARCH_STACK_SHIFT)
		cpu->switches++;
	cpu->window = token >> ARCH_STACK_SHIFT;
	return 0;
}

/* How much of a call a frame keeps. */
#ifdef WITH_EXTRAS
#define CALL_KEPT sizeof(struct dmt_call)
#else
#define CALL_KEPT offsetof(struct dmt_call, path)
#endif

/* Where the frame of a call that begins goes. */
static __always_inline __u64 stack_room(struct dmt_stack *stack, __u64 token, __u32 hook)
{
	struct dmt_frame *top;
	__u64 end = stack->end;

	if (unlikely(stack->window != token >> ARCH_STACK_SHIFT)) {
		stack->window = token >> ARCH_STACK_SHIFT;
		return 0;
	}
	top = frame_at(stack, end - FRAME);
	return unlikely(top && frame_over(top, token, hook)) ? stack_prune(token, hook) : end;
}

/*
 * A call begins.  `kept` is what a kretprobe will need, NULL where the return has the arguments;
 * `inherits` says that the function has no device and takes that of the call around it; first: its
 * first argument, as the adapter has it.
 */
static __always_inline void call_enter(__u64 token, __u32 hook, __u64 dev, bool inherits,
				       const struct dmt_call *kept, const void *first)
{
	struct dmt_stack *stack = stack_of(token);
	struct dmt_cpu *cpu = this_cpu();
	__u32 notes = DMT_NOTE_PAIRED;
	struct dmt_frame *frame;
	__u64 at;

	/* every map reads it: not to be written each time */
	if (!timed && hook == DMT_HOOK_BOUNCE && !bounces)
		bounces = 1;
	if (cpu->window != token >> ARCH_STACK_SHIFT)
		stack_moved(token);
	cpu->token = token;
	at = stack_room(stack, token, kept ? hook : ANY_HOOK);
	if (inherits) {
		frame = frame_lending(stack, at, token);
		if (frame && frame_certain(frame, cpu, token)) {
			dev = frame->call.dev;
			notes |= within_note(hook, frame);
		} else if (TAKES_DOMAIN >> hook & 1) {
			dev = domain_owner(kept ? (__u64)first : number_of(first));
		}
	}
	frame = frame_at(stack, at);
	if (unlikely(!frame)) {
		lose(cpu, DMT_LOSS_DEPTH);
		return;
	}
	if (kept)
		__builtin_memcpy(&frame->call, kept, CALL_KEPT);
	/* clang 14 mixes up the order of a plain store here and the copy above, or drops it */
	barrier();
	if (!kept || inherits)
		*(volatile __u64 *)&frame->call.dev = dev;
	frame->hook = hook;
	frame->notes = notes;
	frame->switches = cpu->switches;
	frame->token = token;
	stack->end = at + FRAME;
	frame->start = now();
}

/* The frame of a returning call, taken off with those behind it; NULL: it is not there. */
static __always_inline struct dmt_frame *frame_take(__u64 token, __u32 hook)
{
	struct dmt_stack *stack = stack_of(token);
	__u64 at = stack->end - FRAME;
	struct dmt_frame *frame = frame_at(stack, at);

	/* no frame of another stack that has this place has this token */
	if (unlikely(!frame || !frame_is(frame, token, hook))) {
		at = stack_search(token, hook) - FRAME;
		frame = frame_at(stack, at);
		if (!frame)
			return NULL;
	}
	stack->end = at;
	return frame;
}

/* The same, NULL when its entry was not seen. */
static __always_inline struct dmt_frame *frame_pop(struct dmt_cpu *cpu, __u64 token, __u32 hook)
{
	struct dmt_frame *frame = frame_take(token, hook);

	if (!frame || (unlikely(frame->switches != cpu->switches) && !frame_trusted(token)))
		return NULL;
	return frame;
}

/*
 * The call around the one that begins or ends at token, if it is certain to be: see
 * frame_trusted().  Rare: calls worth it are.
 */
static __always_inline struct dmt_frame *frame_around(__u64 token)
{
	struct dmt_stack *stack = stack_of(token);
	struct dmt_frame *frame = NULL;
	__u64 at = stack->window == token >> ARCH_STACK_SHIFT ? stack->end : 0;

	for (int i = 0; i < DMT_FRAMES; i++) {
		at -= FRAME;
		frame = frame_at(stack, at);
		/* below are calls that are over */
		if (!frame || frame->token >= token)
			break;
	}
	if (!frame || frame->token < token)
		frame = frame_beyond(token);
	return frame && frame_certain(frame, this_cpu(), token) ? frame : NULL;
}

/* A call begins: is it of a part, and of nothing that is watched? */
static __always_inline bool part_outside(__u64 token, __u32 hook)
{
	return PARTS >> hook & 1 && !frame_around(token);
}

/* The same of one that returns, which has left a frame unless it was outside; kept: as above. */
static __always_inline bool part_unseen(__u64 token, __u32 hook, bool kept)
{
	return PARTS >> hook & 1 && !stack_search(token, kept ? hook : ANY_HOOK);
}

/* Leave a note with the call around. */
__noinline int note_around(__u64 token, __u32 notes)
{
	struct dmt_frame *frame = frame_around(token);

	if (frame)
		frame->notes |= notes;
	return 0;
}

/* Which hook the call around is of, counted from 1; 0: none. */
__noinline __u32 hook_around(__u64 token)
{
	struct dmt_frame *frame = frame_around(token);

	return frame ? frame->hook + 1 : 0;
}

/*
 * What a call that returns means to the one around it, and that one to it.  Hooks are
 * constants here: for most this is nothing.
 */
static __always_inline void call_around(__u64 token, __u32 hook, struct dmt_call *call,
					bool failed)
{
	if (hook == DMT_HOOK_BOUNCE)
		note_around(token, failed ? DMT_NOTE_UNBOUNCED : DMT_NOTE_BOUNCED);
	else if (hook == DMT_HOOK_BOUNCE_COPY)
		call->notes |= hook_around(token) << DMT_NOTE_WITHIN;
	else if (hook == DMT_HOOK_IOMMU_ALLOC || hook == DMT_HOOK_INTEL_ALLOC)
		note_around(token, call->notes & ~(DMT_NOTE_PAIRED | DMT_NOTE_FAILED));
	else if (hook == DMT_HOOK_CMA)
		note_around(token, failed ? DMT_NOTE_CMA_FULL : DMT_NOTE_CMA);
	else if (hook == DMT_HOOK_REMAP && !failed)
		note_around(token, DMT_NOTE_REMAP);
	else if (hook == DMT_HOOK_REMAP_PAGES && !failed)
		note_around(token, DMT_NOTE_PAGES_REMAP);
}

/*
 * Of a trampoline, whose device comes first among its arguments, if it has one: for where no frame
 * is, and not computed before.
 */
static __always_inline __u64 first_device(const __u64 *a, bool has_device)
{
	const void *dev = has_device ? (void *)a[0] : NULL;

	return dev ? number_of(dev) : 0;
}

/* Of a fexit, which has all else at hand; -1: entry not seen, or not timed. */
static __always_inline __s64 return_latency(struct dmt_cpu *cpu, const __u64 *a, __u64 end,
					    bool has_device, struct dmt_call *call)
{
	struct dmt_frame *frame = frame_pop(cpu, number_of(a), ANY_HOOK);

	if (!frame) {
		lose(cpu, DMT_LOSS_LATENCY);
		call->dev = first_device(a, has_device);
		return -1;
	}
	call->dev = frame->call.dev;
	call->notes = frame->notes;
	return timed ? end - frame->start : -1;
}

/* What return_kept() says of a call that is lost, and counted so. */
#define CALL_LOST (-2)

/* Of a kretprobe, which knows only what the kprobe kept; -1: not timed. */
static __always_inline __s64 return_kept(struct dmt_cpu *cpu, __u64 token, __u64 end, __u32 hook,
					 struct dmt_call *call)
{
	struct dmt_frame *frame = frame_pop(cpu, token, hook);

	if (!frame) {
		lose(cpu, DMT_LOSS_UNPAIRED);
		return CALL_LOST;
	}
	*call = frame->call;
	call->notes |= frame->notes;
	return timed ? end - frame->start : -1;
}

/*
 * A session keeps in its cookie when the call began: the kernel hands out zero, so an entry that
 * was skipped shows.  The frame lends its device and collects notes.  It is always fresh: one
 * program at both ends is skipped at both by an interrupt, so none leaves a frame behind.
 */
static __always_inline __u64 session_enter(__u64 token, __u32 hook, __u64 dev, bool inherits,
					   const void *first)
{
	struct dmt_stack *stack = stack_of(token);
	__u32 notes = DMT_NOTE_PAIRED;
	struct dmt_frame *frame;
	__u64 at;

	/* computed here it fits into a register; left to clang, it does not */
	barrier_var(dev);
	at = stack_room(stack, token, ANY_HOOK);
	if (inherits) {
		frame = frame_lending(stack, at, token);
		/* as it is unless its function is watched in another way */
		if (frame && (likely(frame->switches == DMT_FRESH) ||
			      frame_certain(frame, this_cpu(), token))) {
			dev = frame->call.dev;
			notes |= within_note(hook, frame);
		} else if (TAKES_DOMAIN >> hook & 1) {
			dev = domain_owner(number_of(first));
		}
	}
	frame = frame_at(stack, at);
	if (likely(frame)) {
		frame->call.dev = dev;
		frame->hook = hook;
		frame->notes = notes;
		frame->switches = DMT_FRESH;
		frame->token = token;
		stack->end = at + FRAME;
	} else {
		lose(this_cpu(), DMT_LOSS_DEPTH);
	}
	return bpf_ktime_get_ns();
}

/* -1: entry not seen. */
static __always_inline __s64 session_leave(struct dmt_cpu *cpu, const __u64 *a, __u64 end,
					   __u64 start, bool has_device, struct dmt_call *call)
{
	struct dmt_frame *frame = frame_take(number_of(a), ANY_HOOK);

	if (likely(frame)) {
		call->dev = frame->call.dev;
		call->notes = frame->notes;
	} else {
		call->dev = first_device(a, has_device);
	}
	if (likely(start))
		return end - start;
	lose(cpu, DMT_LOSS_LATENCY);
	return -1;
}

#endif
