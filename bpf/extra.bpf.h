/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only some commands ask for: counts by call path, mappings that live, events.
 */
#ifndef EXTRA_BPF_H
#define EXTRA_BPF_H

const volatile __u32 sample = 1;		/* one call of so many, on average */
const volatile __u32 failures_only = 0;		/* events of failing calls */
const volatile __u64 min_latency = 0;		/* ns; of events */
const volatile __u64 asked_hooks = 0;		/* bits of enum dmt_hook, see hook_asked() */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);			/* set before load */
	__type(key, struct dmt_stack_key);
	__type(value, struct dmt_stack_count);
} stack_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);			/* set before load */
	__type(key, __u32);
	__type(value, struct dmt_lifetime);
} lifetimes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);			/* set before load */
	__type(key, struct dmt_held_key);
	__type(value, struct dmt_stray);
} strays SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);		/* set before load */
} events SEC(".maps");

/* The address for the device, 0: not known.  Of a call that failed there may be none. */
static __always_inline __u64 device_address(const struct dmt_call *call, bool failed)
{
	/* BPF_CORE_READ() would relocate members of ours, too */
	__u64 address = 0, pointer = call->where;
	struct dma_iova_state *state = (void *)pointer;
	struct scatterlist *sg = (void *)pointer;

	switch (call->via) {
	case DMT_VIA_ARGUMENT:
		bpf_probe_read_kernel(&pointer, sizeof(pointer), (void *)pointer);
		/* fall through */
	case DMT_VIA_HANDLE:
		if (!failed)
			bpf_probe_read_kernel(&address, sizeof(address), (void *)pointer);
		return address;
	case DMT_VIA_SG:
		return BPF_CORE_READ(sg, dma_address);
	case DMT_VIA_STATE:
		/* a kprobe's verifier cannot know that no such call comes on this kernel */
		return bpf_core_field_exists(state->addr) ? BPF_CORE_READ(state, addr) : 0;
	default:
		return call->where;
	}
}

/*
 * The memory of a call, for who keeps it: what the arguments do not say the result does, or the
 * first entry of a scatterlist.
 */
static __always_inline void memory_find(struct dmt_call *call, bool failed, __u64 returned)
{
	struct scatterlist *sg = (void *)call->where;

	if (call->memory == DMT_MEMORY_PHYS)
		call->base = 0;		/* that was a domain */
	switch (call->hook) {
	case DMT_HOOK_ALLOC:
	case DMT_HOOK_ALLOC_PAGES:
		/* a tracepoint has it among its arguments */
		if (call->memory == DMT_MEMORY_PHYS && !failed && returned) {
			call->base = returned;
			call->memory = call->hook == DMT_HOOK_ALLOC ? DMT_MEMORY_VIRT :
								      DMT_MEMORY_PAGE;
		}
		break;
	case DMT_HOOK_ALLOC_NONCONTIGUOUS:
		if (call->memory == DMT_MEMORY_PHYS && !failed)
			call->base = returned;
		call->memory = DMT_MEMORY_TABLE;
		break;
	default:
		if (call->via == DMT_VIA_SG && call->where) {
			call->base = BPF_CORE_READ(sg, page_link) & ~3ull;
			call->phys = BPF_CORE_READ(sg, offset);
			call->memory = DMT_MEMORY_PAGE;
		}
	}
}

static __always_inline bool sampled(void)
{
	return sample <= 1 || bpf_get_prandom_u32() % sample == 0;
}

static __always_inline __s32 path_kept(__s32 id)
{
	return id < 0 ? DMT_PATH_LOST : id + 1;
}

/*
 * Is it in the sample?  Then take the call path of a call that returns, unless it was taken at its
 * entry.  A kretprobe is too late: up to 5.10 its stack is empty on arm64, and on x86 ends at the
 * next function that has one.  Inline, as every BPF function is a frame more to walk, which takes
 * 1200 instructions on x86.
 */
static __always_inline bool path_wanted(void *ctx, bool kprobe, struct dmt_call *call)
{
	if (!call->path) {
		/* once, whoever else keeps it */
		call->path = sampled() ? path_kept(stack_take(ctx, kprobe)) : DMT_PATH_UNWANTED;
	}
	return call->path != DMT_PATH_UNWANTED;
}

static __always_inline __s32 path_id(const struct dmt_call *call)
{
	return call->path > 0 ? call->path - 1 : DMT_NO_STACK;
}

/* Which of those whose calls take something; -1: none. */
static __always_inline int taker(__u32 hook)
{
	switch (hook) {
#define X(id)										\
	case DMT_HOOK_##id:								\
		return DMT_TAKER_##id;
	DMT_TAKERS(X)
#undef X
	default:
		return -1;
	}
}

/* The hook whose calls take what those of this one give back; -1: none. */
static __always_inline int undoes(__u32 hook)
{
	switch (hook) {
	case DMT_HOOK_FREE:
		return DMT_HOOK_ALLOC;
	case DMT_HOOK_FREE_PAGES:
		return DMT_HOOK_ALLOC_PAGES;
	case DMT_HOOK_FREE_NONCONTIGUOUS:
		return DMT_HOOK_ALLOC_NONCONTIGUOUS;
	case DMT_HOOK_UNMAP:
		return DMT_HOOK_MAP;
	case DMT_HOOK_UNMAP_SG:
		return DMT_HOOK_MAP_SG;
	case DMT_HOOK_UNMAP_RESOURCE:
		return DMT_HOOK_MAP_RESOURCE;
	case DMT_HOOK_IOVA_FREE:
	case DMT_HOOK_IOVA_DESTROY:
		return DMT_HOOK_IOVA_ALLOC;
	default:
		return -1;
	}
}

/* Who called is a driver, or its path is taken. */
static __always_inline void caller_settle(struct pt_regs *ctx, struct dmt_call *call)
{
	__u64 caller = caller_beyond(call->hook, call->caller, arch_entry_frame(ctx));

	if (!caller)
		call->path = path_kept(stack_take(ctx, true));
	/* on arm64 the one that is not a driver is not on the path */
	if (caller || call->path < 0)
		call->caller = caller;
}

/* Of a kprobe: what its kretprobe could not find out. */
static __always_inline void path_take(struct pt_regs *ctx, struct dmt_call *call)
{
	if (!(asked & (DMT_WANTS_PATHS | DMT_WANTS_LIVE)))
		return;
	/* of what is given back nobody asks who did */
	if (!(asked & DMT_WANTS_PATHS) && taker(call->hook) < 0)
		return;
	/* a function without a device takes that of the call around it, later */
	if (call->dev && !device_wanted(call->dev)) {
		call->path = DMT_PATH_UNWANTED;
		return;
	}
	if (asked & DMT_WANTS_LIVE || ARCH_LINK_REGISTER)
		call->caller = arch_entry_caller(ctx);
	if (asked & DMT_WANTS_ANY_PATHS)
		call->path = sampled() ? path_kept(stack_take(ctx, true)) : DMT_PATH_UNWANTED;
	else
		caller_settle(ctx, call);
	if (call->path > 0 && !ARCH_LINK_REGISTER)
		call->caller = 0;	/* it is there */
}

/* Is it in the sample?  Where the path was taken at the entry, that was decided there. */
static __always_inline bool chosen(const struct dmt_call *call)
{
	return call->path ? call->path != DMT_PATH_UNWANTED : sampled();
}

/*
 * Another of the same memory.  Each has an entry of its own, as a count in one would need a lock:
 * of two CPUs that give back one each the last takes the entry off, and nobody may add to it then.
 */
static __noinline int held_again(struct dmt_held_key *key, struct dmt_held_value *value)
{
	struct dmt_held_value *first = bpf_map_lookup_elem(&held, key);
	__u64 whose = key->whose;

	held_shared = 1;
	if (first)
		first->shared = 1;
	value->shared = 1;
	for (__u64 n = 1; n < DMT_HELD_SAME; n++) {
		key->whose = whose ^ n << DMT_HELD_WHICH;
		if (!bpf_map_update_elem(&held, key, value, BPF_NOEXIST))
			return 0;
	}
	lose(this_cpu(), DMT_LOSS_HELD);
	return 0;
}

/*
 * Takes off one of several mappings of the same memory: one of the size and direction that are
 * given back, so that the others stay; with `any` the first there is.
 */
static __noinline bool held_one_give_back(struct dmt_held_key *key, __u64 size, __u32 direction,
					  bool any)
{
	struct dmt_held_value *known;
	__u64 whose = key->whose;

	for (__u64 n = 0; n < DMT_HELD_SAME; n++) {
		key->whose = whose ^ n << DMT_HELD_WHICH;
		known = bpf_map_lookup_elem(&held, key);
		if (known && (any || (known->size == size && known->direction == direction)) &&
		    !bpf_map_delete_elem(&held, key))
			return true;
	}
	key->whose = whose;
	return false;
}

/* Inline, as the rest of this: with what is known of the hook most of it is constants. */
static __always_inline void held_take(struct dmt_held_key *key, const struct dmt_call *call,
				      __u32 device, __u32 lifetime)
{
	struct dmt_held_value value = { .size = call->size, .hook = call->hook,
					.direction = call->dir, .caller = call->caller,
					.memory = call->memory, .base = call->base,
					.phys = call->phys, .device = device,
					.lifetime = lifetime };
	int err;

	value.since = bpf_ktime_get_ns();
	value.stack = path_id(call);
	/* an int, as up to 6.3 the kernel's function returns no more, and calls go right to it */
	err = bpf_map_update_elem(&held, key, &value, BPF_NOEXIST);
	if (err == -EEXIST)
		held_again(key, &value);
	else if (err)
		lose(this_cpu(), DMT_LOSS_HELD);
}

static __always_inline void lifetime_add(struct dmt_lifetime *lifetime, __u64 ns)
{
	__sync_fetch_and_add(&lifetime->buckets[dmt_bucket(ns)], 1);
	__sync_fetch_and_add(&lifetime->sum, ns);
	if (ns > lifetime->max)
		lifetime->max = ns;
}

/*
 * Counts an address that is given back and was not seen made.  Either it was made before the run,
 * or the driver never got it: user space can tell which for those that are kept.
 */
static __noinline int stray_keep(struct dmt_held_key *key, struct dmt_lifetime *its, __u32 lifetime)
{
	struct dmt_stray first = { .first = bpf_ktime_get_ns(), .count = 1, .lifetime = lifetime };
	struct dmt_stray *known = bpf_map_lookup_elem(&strays, key);

	__sync_fetch_and_add(&its->unseen, 1);
	its->unseen_last = first.first;
	if (known)
		__sync_fetch_and_add(&known->count, 1);
	else
		bpf_map_update_elem(&strays, key, &first, BPF_NOEXIST);
	return 0;
}

/* lifetime: of what such calls give back, should this one not have been seen made. */
static __always_inline void held_give_back(struct dmt_held_key *key, const struct dmt_call *call,
					   __u32 lifetime)
{
	struct dmt_held_value *known = bpf_map_lookup_elem(&held, key);
	bool seen = known, shared = false;
	__u64 since = 0;
	struct dmt_lifetime *its;

	if (known) {
		since = known->since;
		shared = known->shared;
		lifetime = known->lifetime;
		/* or another CPU did, which is giving back the same memory */
		seen = !shared && !bpf_map_delete_elem(&held, key);
	}
	if (!seen && held_shared)
		seen = shared = held_one_give_back(key, call->size, call->dir, false) ||
				held_one_give_back(key, 0, 0, true);
	its = bpf_map_lookup_elem(&lifetimes, &lifetime);
	if (!its)
		lose(this_cpu(), DMT_LOSS_LIFETIMES);
	else if (!seen)
		stray_keep(key, its, lifetime);
	else if (shared)
		__sync_fetch_and_add(&its->shared, 1);
	else
		lifetime_add(its, bpf_ktime_get_ns() - since);
}

/* The whole call path where that is wanted, else who called; or the path, if that is not known. */
static __always_inline void caller_find(void *ctx, bool kprobe, int args, struct dmt_call *call)
{
	bool wanted = asked & DMT_WANTS_ANY_PATHS;

	if (wanted && path_wanted(ctx, kprobe, call) && call->path > 0)
		return;
	if (!kprobe)
		call->caller = trampoline_caller(ctx, args, call->hook);
	if (!wanted && !call->caller && !call->path)
		path_wanted(ctx, kprobe, call);
}

/* Of the same memory, what gives back one kind does not give back another. */
static __always_inline __u64 held_kind(int who)
{
	switch (who) {
	case DMT_TAKER_ALLOC:
	case DMT_TAKER_ALLOC_PAGES:
	case DMT_TAKER_ALLOC_NONCONTIGUOUS:
		return DMT_HELD_ALLOCATION;
	case DMT_TAKER_MAP_SG:
		return DMT_HELD_LIST;
	default:
		return DMT_HELD_MAPPING;
	}
}

/* The first address in a table. */
static __always_inline __u64 table_address(__u64 pointer)
{
	struct sg_table *table = (void *)pointer;

	return BPF_CORE_READ(table, sgl, dma_address);
}

/* args: of the function, where a trampoline calls us at its return, else 0. */
static __always_inline void follow(void *ctx, bool kprobe, int args, struct dmt_call *call,
				   const struct result *result, __u32 device)
{
	struct dmt_held_key key;
	int undone = undoes(call->hook), who = taker(undone < 0 ? call->hook : undone);
	__u32 lifetime = device * DMT_TAKER_MAX + who;

	if (who < 0 || result->failed)
		return;
	/* an IOVA reservation that dma-iommu did not make */
	if (call->hook == DMT_HOOK_IOVA_ALLOC && !call->size)
		return;
	/* nothing is freed, as with kfree(NULL) */
	if (call->hook == DMT_HOOK_FREE && !call->base)
		return;
	key.address = call->memory == DMT_MEMORY_TABLE ? call->base :
							 device_address(call, result->failed);
	key.whose = call->dev | held_kind(who);
	if (undone < 0) {
		caller_find(ctx, kprobe, args, call);
		if (call->hook == DMT_HOOK_ALLOC_NONCONTIGUOUS)
			call->phys = table_address(call->base);
		held_take(&key, call, device, lifetime);
	} else {
		held_give_back(&key, call, lifetime);
	}
}

static __noinline int stack_count(const struct dmt_account *account, const struct dmt_call *call,
				  __u64 size, __s64 latency)
{
	struct dmt_stack_key key = { .account = account->index, .caller = call->caller,
				     .modules = modules_moved };
	struct dmt_stack_count first = { .calls = 1, .bytes = size,
					 .ns = latency > 0 ? latency : 0 }, *count;

	key.stack = path_id(call);
	/* whoever an interrupt came over has nothing to do with it */
	if ((bounce_context() & (DMT_NOTE_CONTEXT | DMT_NOTE_SOFTIRQ | DMT_NOTE_HARDIRQ)) ==
	    DMT_NOTE_CONTEXT)
		bpf_get_current_comm(key.task, sizeof(key.task));
	count = bpf_map_lookup_elem(&stack_counts, &key);
	if (!count) {
		first.since = bpf_ktime_get_ns();
		if (!bpf_map_update_elem(&stack_counts, &key, &first, BPF_NOEXIST))
			return 0;
		count = bpf_map_lookup_elem(&stack_counts, &key);
	}
	if (!count) {
		lose(this_cpu(), DMT_LOSS_PATHS);
		return 0;
	}
	__sync_fetch_and_add(&count->calls, 1);
	__sync_fetch_and_add(&count->bytes, size);
	__sync_fetch_and_add(&count->ns, first.ns);
	return 0;
}

static __noinline int event_send(const struct dmt_call *call, const struct result *result,
				 __s64 latency, __u32 device)
{
	struct dmt_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		lose(this_cpu(), DMT_LOSS_EVENTS);
		return 0;
	}
	event->time = bpf_ktime_get_ns();
	event->latency = latency;
	event->value = result->value;
	event->size = call->size;
	event->where = device_address(call, result->failed);
	event->base = call->base;
	event->phys = call->phys;
	event->cpu = bpf_get_smp_processor_id();
	event->thread = bpf_get_current_pid_tgid();
	event->device = device;
	event->notes = call->notes | bounce_context();
	event->stack = asked & DMT_WANTS_EVENT_STACKS ? path_id(call) : DMT_NO_STACK;
	event->caller = call->caller;
	event->hook = call->hook;
	event->direction = call->dir;
	event->failed = result->failed;
	event->memory = call->memory;
	bpf_get_current_comm(event->task, sizeof(event->task));
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* Others only serve those, as to tell the path of their calls. */
static __always_inline bool hook_asked(__u32 hook)
{
	return asked_hooks >> (hook & 63) & 1;
}

static __always_inline bool event_wanted(__u32 hook, const struct result *result, __s64 latency)
{
	return hook_asked(hook) && (!failures_only || result->failed) &&
	       (!min_latency || latency >= (__s64)min_latency);
}

/* args: see follow(); returned: the result of a function that gives the address. */
static __always_inline void call_extras(void *ctx, bool kprobe, int args,
					const struct dmt_account *account,
					const struct dmt_call *call,
					const struct result *result, __u64 returned,
					__s64 latency)
{
	/* copies: what a function is given a pointer to has to stay in memory */
	struct dmt_call kept = *call;
	struct result outcome = *result;

	if (!device_wanted(kept.dev))
		return;
	memory_find(&kept, result->failed, returned);
	if (kept.via == DMT_VIA_RESULT && (kept.hook == DMT_HOOK_MAP ||
					   kept.hook == DMT_HOOK_MAP_RESOURCE)) {
		kept.where = result->failed ? 0 : returned;
		kept.via = DMT_VIA_VALUE;
	}
	/* what is kept of a failing one is up to where it might have been */
	if (kept.hook == DMT_HOOK_IOVA_FAST_ALLOC && !returned)
		kept.where = 0;
	if (asked & DMT_WANTS_LIVE)
		follow(ctx, kprobe, args, &kept, &outcome, account->device);
	if (asked & DMT_WANTS_EVENTS && event_wanted(kept.hook, &outcome, latency) &&
	    (asked & DMT_WANTS_EVENT_STACKS ? path_wanted(ctx, kprobe, &kept) : chosen(&kept)))
		event_send(&kept, &outcome, latency, account->device);
	if (asked & DMT_WANTS_STACKS && hook_asked(kept.hook) && path_wanted(ctx, kprobe, &kept))
		stack_count(account, &kept, outcome.failed ? 0 : kept.size, latency);
}

#endif
