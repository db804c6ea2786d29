/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pairing: the entry of a call with its return, and a call with the calls around it.
 */
#ifndef PAIR_BPF_H
#define PAIR_BPF_H

struct dmt_stack stacks[DMT_STACKS] = {};

static __always_inline struct dmt_stack *stack_of(__u64 token)
{
	_Static_assert(DMT_STACKS == 1 << (64 - 52), "the shift keeps as many bits as slots need");
	return &stacks[((token >> DMT_STACK_SHIFT) * 0x9e3779b97f4a7c15ull) >> 52];
}

/* The mask is for the verifier; the barrier keeps clang, which knows better, from dropping it. */
static __always_inline struct dmt_frame *frame_at(struct dmt_stack *stack, __u64 n)
{
	barrier_var(n);
	return &stack->frames[n & (DMT_FRAMES - 1)];
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
 * Drop frames of calls that are over.  Rare.
 * Global functions, here and below, are verified once and not with every path of their callers.
 */
__noinline __u64 stack_prune(__u64 token, __u32 hook)
{
	struct dmt_stack *stack = stack_of(token);
	__u64 depth = stack->depth;

	for (int i = 0; i < DMT_FRAMES; i++) {
		if (!depth || !frame_over(frame_at(stack, depth - 1), token, hook))
			break;
		depth--;
	}
	return depth;
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

/* What a call of this hook notes of the one around it; its own hook is a constant. */
static __always_inline __u32 within_note(__u32 hook, const struct dmt_frame *around)
{
	return INSIDE >> hook & 1 ? (around->hook + 1) << DMT_NOTE_WITHIN : 0;
}

/*
 * Frames above that of a call that returns are of calls inside it whose return was skipped.  Is
 * there one that would have told its path?
 */
__noinline int untold(__u64 token, __u64 depth)
{
	struct dmt_stack *stack = stack_of(token);

	for (int i = 0; i < DMT_FRAMES; i++, depth++) {
		if (depth >= stack->depth)
			return 0;
		if (TELLING >> (frame_at(stack, depth)->hook & 63) & 1)
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
	__u64 depth = stack->depth;
	int found = 0;

	if (stack->window != token >> DMT_STACK_SHIFT)
		return 0;
	for (int i = 0; i < DMT_FRAMES; i++) {
		if (!depth || frame_at(stack, depth - 1)->token >= token)
			break;
		depth--;
		found |= TELLING >> (frame_at(stack, depth)->hook & 63) & 1;
	}
	stack->depth = depth;
	return found;
}

/* Number of the frame of this call, counted from 1; 0: not there.  Rare. */
__noinline __u64 stack_search(__u64 token, __u32 hook)
{
	struct dmt_stack *stack = stack_of(token);
	__u64 depth = stack->depth;

	for (int i = 0; i < DMT_FRAMES; i++) {
		if (!depth || frame_at(stack, depth - 1)->token > token)
			return 0;
		if (frame_is(frame_at(stack, depth - 1), token, hook)) {
			if (untold(token, depth))
				frame_at(stack, depth - 1)->notes &= ~DMT_NOTE_PAIRED;
			return depth;
		}
		depth--;
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

	return token - stack < 1 << DMT_STACK_SHIFT;
}

/*
 * A call begins somewhere else than the last one did: on another stack?  A stack need not lie
 * within one window, so the distance decides.
 */
__noinline int stack_moved(__u64 token)
{
	struct dmt_cpu *cpu = this_cpu();

	if (token - cpu->token + (1 << DMT_STACK_SHIFT) > 2 << DMT_STACK_SHIFT)
		cpu->switches++;
	cpu->window = token >> DMT_STACK_SHIFT;
	return 0;
}

/* How much of a call a frame keeps. */
#ifdef WITH_EXTRAS
#define CALL_KEPT sizeof(struct dmt_call)
#else
#define CALL_KEPT offsetof(struct dmt_call, caller)
#endif

/* How many calls are open on a stack when one more begins: the number of its frame. */
static __always_inline __u64 stack_depth(struct dmt_stack *stack, __u64 token, __u32 hook)
{
	__u64 depth = stack->depth;

	if (stack->window != token >> DMT_STACK_SHIFT) {
		stack->window = token >> DMT_STACK_SHIFT;
		depth = 0;
	}
	if (depth && frame_over(frame_at(stack, depth - 1), token, hook))
		depth = stack_prune(token, hook);
	return depth;
}

/*
 * A call begins.  `kept` is what a kretprobe will need, NULL where the return has the arguments;
 * `inherits` says that the function has no device and takes that of the call around it.
 */
static __always_inline void call_enter(__u64 token, __u32 hook, __u64 dev, bool inherits,
				       const struct dmt_call *kept)
{
	struct dmt_stack *stack = stack_of(token);
	struct dmt_cpu *cpu = this_cpu();
	__u32 notes = DMT_NOTE_PAIRED;
	struct dmt_frame *frame;
	__u64 depth;

	/* every map reads it: not to be written each time */
	if (!timed && hook == DMT_HOOK_BOUNCE && !bounces)
		bounces = 1;
	if (cpu->window != token >> DMT_STACK_SHIFT)
		stack_moved(token);
	cpu->token = token;
	depth = stack_depth(stack, token, kept ? hook : ANY_HOOK);
	if (depth >= DMT_FRAMES) {
		lose(cpu, DMT_LOSS_DEPTH);
		return;
	}
	if (inherits && depth) {
		frame = frame_at(stack, depth - 1);
		if (frame->switches == cpu->switches || frame_trusted(token)) {
			dev = frame->call.dev;
			notes |= within_note(hook, frame);
		}
	}
	frame = frame_at(stack, depth);
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
	stack->depth = depth + 1;
	frame->start = now();
}

/* The frame of a returning call, taken off its stack; NULL when its entry was not seen. */
static __always_inline struct dmt_frame *frame_pop(struct dmt_cpu *cpu, __u64 token, __u32 hook)
{
	struct dmt_stack *stack = stack_of(token);
	struct dmt_frame *top;
	__u64 depth;

	if (stack->window != token >> DMT_STACK_SHIFT || !stack->depth)
		return NULL;
	depth = stack->depth - 1;
	top = frame_at(stack, depth);
	if (!frame_is(top, token, hook)) {
		depth = stack_search(token, hook);
		if (!depth)
			return NULL;
		top = frame_at(stack, --depth);
	}
	stack->depth = depth;
	if (top->switches != cpu->switches && !frame_trusted(token))
		return NULL;
	return top;
}

/*
 * The call around the one that begins or ends at token, if it is certain to be: see
 * frame_trusted().  Rare: calls worth it are.
 */
static __always_inline struct dmt_frame *frame_around(__u64 token)
{
	struct dmt_stack *stack = stack_of(token);
	struct dmt_frame *frame;
	__u64 depth = stack->depth;

	if (stack->window != token >> DMT_STACK_SHIFT)
		return NULL;
	for (int i = 0; i < DMT_FRAMES; i++) {
		if (!depth)
			return NULL;
		frame = frame_at(stack, --depth);
		/* below are calls that are over */
		if (frame->token < token)
			continue;
		if (frame->switches == DMT_FRESH || frame->switches == this_cpu()->switches ||
		    frame_trusted(token))
			return frame;
		return NULL;
	}
	return NULL;
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
		call->notes |= (__u64)hook_around(token) << DMT_NOTE_WITHIN;
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
 * Of a fexit, which has all else at hand; -1: entry not seen, or not timed.  The device is the one
 * of the frame, a number already, or without one dev.
 */
static __always_inline __s64 return_latency(struct dmt_cpu *cpu, __u64 token, __u64 end,
					    const void *dev, struct dmt_call *call)
{
	struct dmt_frame *frame = frame_pop(cpu, token, ANY_HOOK);

	if (!frame) {
		lose(cpu, DMT_LOSS_LATENCY);
		call->dev = dev ? number_of(dev) : 0;
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
 * A session's cookie: when the call began, and the number of its frame.  The kernel hands out
 * zero, so an entry that was skipped shows.
 */
#define COOKIE_DEPTH 4
_Static_assert(DMT_FRAMES < 1 << COOKIE_DEPTH, "a call without a frame has a number, too");

/*
 * The frame lends its device and collects notes.  It is always fresh: one program at both ends
 * is skipped at both by an interrupt, so none leaves a frame behind.
 */
static __always_inline __u64 session_enter(__u64 token, __u32 hook, __u64 dev,
					   bool inherits)
{
	struct dmt_stack *stack = stack_of(token);
	__u32 notes = DMT_NOTE_PAIRED;
	struct dmt_frame *frame;
	__u64 depth;

	/* computed here and once, they fit into registers; left to clang, they do not */
	barrier_var(stack);
	barrier_var(dev);
	depth = stack_depth(stack, token, ANY_HOOK);
	if (depth < DMT_FRAMES) {
		if (inherits && depth) {
			frame = frame_at(stack, depth - 1);
			dev = frame->call.dev;
			notes |= within_note(hook, frame);
		}
		frame = frame_at(stack, depth);
		frame->call.dev = dev;
		frame->hook = hook;
		frame->notes = notes;
		frame->switches = DMT_FRESH;
		frame->token = token;
		stack->depth = depth + 1;
	} else {
		lose(this_cpu(), DMT_LOSS_DEPTH);
	}
	return bpf_ktime_get_ns() << COOKIE_DEPTH | depth;
}

/* Takes off the frame and those above, whose return was skipped; -1: entry not seen. */
static __always_inline __s64 session_leave(struct dmt_cpu *cpu, __u64 token, __u64 end,
					   __u64 cookie, const void *dev,
					   struct dmt_call *call)
{
	struct dmt_stack *stack = stack_of(token);
	__u64 depth = cookie & ((1 << COOKIE_DEPTH) - 1);

	call->dev = dev ? number_of(dev) : 0;
	if (!cookie) {
		lose(cpu, DMT_LOSS_LATENCY);
		return -1;
	}
	barrier_var(stack);
	/* another stack may have taken the place of this one, and given it back */
	if (stack->window == token >> DMT_STACK_SHIFT && depth < stack->depth) {
		if (frame_at(stack, depth)->token == token) {
			call->dev = frame_at(stack, depth)->call.dev;
			call->notes = frame_at(stack, depth)->notes;
			if (stack->depth > depth + 1 && untold(token, depth + 1))
				call->notes &= ~(__u64)DMT_NOTE_PAIRED;
		}
		stack->depth = depth;
	}
	return end - (cookie >> COOKIE_DEPTH);
}

#endif
