/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who called a function that is watched: its return address, for the price of reading some words
 * where to walk the stack takes 5000 instructions and more.
 */
#ifndef CALLER_BPF_H
#define CALLER_BPF_H

/* Is it one of these functions? */
static __always_inline bool caller_wraps(__u32 hook, __u64 caller)
{
	/* none is longer, and what comes after it, of the same source, is of the DMA layer, too */
	const __u64 most = 512;

	return (hook == DMT_HOOK_MAP && caller - map_page_at < most) ||
	       (hook == DMT_HOOK_MAP_SG && (caller - map_sg_at < most ||
					    caller - map_sgtable_at < most));
}

/*
 * Who called a function of this hook that returns there; frame: as arch_outer_caller() wants it;
 * 0: it takes a walk.
 */
static __always_inline __u64 caller_beyond(__u32 hook, __u64 caller, __u64 frame)
{
	if (caller_taken(caller))
		return 0;
	return caller_wraps(hook, caller) ? arch_outer_caller(frame) : caller;
}

/*
 * Who called a function of this hook that returns through a trampoline; 0: to know takes a walk, or
 * it is no trampoline (args 0).
 */
static __always_inline __u64 trampoline_caller(const __u64 *a, int args, __u32 hook)
{
	struct caller found;

	if (!args)
		return 0;
	found = arch_trampoline_caller(a, args);
	return found.caller ? caller_beyond(hook, found.caller, found.frame) : 0;
}

#endif
