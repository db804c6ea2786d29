/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rare things, kept one by one: failing calls with what they asked for and where they came
 * from, and bounce slots with who holds them.
 */
#ifndef FAILURE_BPF_H
#define FAILURE_BPF_H

#define EEXIST 17	/* vmlinux.h has no macros */

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 8193);		/* see traces_room() */
	__type(key, __u32);
	__uint(value_size, DMT_STACK_DEPTH * sizeof(__u64));
} stack_traces SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct dmt_failure_key);
	__type(value, struct dmt_failure);
} failures SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);		/* more for `live` */
	__type(key, struct dmt_held_key);
	__type(value, struct dmt_held_value);
} held SEC(".maps");

volatile __u32 held_shared = 0;		/* 1: memory was held more than once at a time */

static __always_inline __s32 stack_take(void *ctx, bool kprobe)
{
	long id = bpf_get_stackid(ctx, &stack_traces, 0);

	/*
	 * Its place is another's, of the same hash: without the innermost frame, one of ours or
	 * known to user space, it has another.  On arm64 a kprobe's caller is put in behind that.
	 */
	if (id == -EEXIST && !(kprobe && ARCH_LINK_REGISTER))
		id = bpf_get_stackid(ctx, &stack_traces, 1);
	if (id >= 0)
		return id;
	lose(this_cpu(), DMT_LOSS_STACKS);
	return DMT_NO_STACK;
}

/* By stack address, as frames are. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u64);
	__type(value, struct dmt_entry_path);
} entry_paths SEC(".maps");

/* The page size the alignment check of iommu_map goes by. */
static __always_inline __u64 smallest_page(__u64 domain)
{
	__u64 sizes = domain ? BPF_CORE_READ((struct iommu_domain *)domain, pgsize_bitmap) : 0;

	return sizes & -sizes;
}

/* iommu_map() will refuse it: no IOMMU has pages smaller than 4 KiB. */
static __always_inline bool seems_unaligned(const struct dmt_call *call)
{
	return call->hook == DMT_HOOK_IOMMU_MAP &&
	       (call->where | call->phys | call->size) & (4096 - 1);
}

static __noinline int entry_path_take(struct pt_regs *ctx)
{
	struct dmt_entry_path path = {};
	__u64 token = arch_sp(ctx);

	path.stack = stack_take(ctx, true);
	if (ARCH_LINK_REGISTER)
		path.caller = arch_entry_caller(ctx);
	bpf_map_update_elem(&entry_paths, &token, &path, BPF_ANY);
	return 0;
}

/* Of a kprobe; its kretprobe is too late, see path_wanted(). */
static __always_inline void entry_path_keep(struct pt_regs *ctx, const struct dmt_call *call)
{
	if (seems_unaligned(call))
		entry_path_take(ctx);
}

/* Of a kretprobe: what was kept of this call, if it was. */
static __always_inline bool entry_path_find(struct pt_regs *ctx, struct dmt_failure_key *key)
{
	__u64 token = arch_return_sp(ctx);
	struct dmt_entry_path *path = bpf_map_lookup_elem(&entry_paths, &token);

	if (!path)
		return false;
	key->stack = path->stack;
	key->caller = path->caller;
	bpf_map_delete_elem(&entry_paths, &token);
	return true;
}

static __always_inline struct dmt_failure *failure_find(const struct dmt_failure_key *key)
{
	struct dmt_failure fresh = { .used_min = ~0ull }, *known;

	known = bpf_map_lookup_elem(&failures, key);
	if (!known) {
		fresh.since = bpf_ktime_get_ns();
		bpf_map_update_elem(&failures, key, &fresh, BPF_NOEXIST);
		known = bpf_map_lookup_elem(&failures, key);
	}
	return known;
}

/*
 * Of a map that is watched at its return alone, where no IOMMU is: it bounced if the address it
 * returned is that of a slot which is taken.  What has DMA operations of its own may return any.
 */
__noinline __u32 slot_notes(__u64 token, __u64 addr, __u64 result)
{
	struct device *dev = (struct device *)addr;
	struct device___ops *with_ops = (void *)addr;
	struct dmt_held_key key = { .whose = DMT_HELD_SLOT };

	if (bpf_core_field_exists(with_ops->dma_ops) && BPF_CORE_READ(with_ops, dma_ops))
		return 0;
	key.address = address_for(dev, result, false);
	if (bpf_map_lookup_elem(&held, &key))
		return DMT_NOTE_PAIRED | DMT_NOTE_BOUNCED;
	return untold_below(token) ? 0 : DMT_NOTE_PAIRED;
}

/* Of one that failed it is not known whether a slot was what it lacked. */
static __always_inline __u32 mapped_notes(void *ctx, __u64 dev, __u64 result, bool failed)
{
	if (!bounces)
		return DMT_NOTE_PAIRED;
	return failed ? 0 : slot_notes(number_of(ctx), dev, result);
}

/* Static and not global, here and below: 5.10 lets no global function have a context. */
static __noinline int failure_note(void *ctx, bool kprobe, bool at_entry,
				   struct dmt_failure_key *key, __u64 used)
{
	struct dmt_failure *failure;

	if (!at_entry || !entry_path_find(ctx, key))
		key->stack = stack_take(ctx, kprobe);
	failure = failure_find(key);
	if (!failure) {
		/* no room for that much detail: what counts is the value */
		*key = (struct dmt_failure_key){ .account = key->account, .value = key->value,
						 .stack = DMT_NO_STACK };
		failure = failure_find(key);
	}
	if (!failure) {
		lose(this_cpu(), DMT_LOSS_ERRORS);
		return 0;
	}
	__sync_fetch_and_add(&failure->count, 1);
	if (used < failure->used_min)
		failure->used_min = used;
	if (used > failure->used_max)
		failure->used_max = used;
	return 0;
}

/*
 * Keeps the alignment that decides whether a large buffer fits into a segment of the swiotlb; a
 * small one always fits.  Up to v6.9 the argument before the direction can be a size, which is not
 * below that of the buffer.
 */
static __always_inline void bounce_needs(struct dmt_failure_key *key, const struct dmt_call *call,
					 __u32 device)
{
	struct dmt_device *of = bpf_map_lookup_elem(&devices, &device);

	if (call->size <= 128 << 10 || !of)
		return;
	key->where = call->detail < call->size ? call->detail : 0;
	key->phys = call->phys & of->align_mask;
}

static __always_inline int call_failed(void *ctx, bool kprobe, const struct dmt_account *account,
				       const struct dmt_call *call, const struct result *result)
{
	struct dmt_failure_key key = { .account = account->index, .value = result->value,
				       .size = call->size, .attrs = call->attrs };
	__u64 used = 0;

	if (account->device)
		device_reach(account->device, call->dev);
	if (call->hook == DMT_HOOK_BOUNCE) {
		key.grain = pool_state(call->dev, &used);
		bounce_needs(&key, call, account->device);
	} else {
		key.gfp = call->detail;
	}
	if (call->hook == DMT_HOOK_IOMMU_MAP) {
		key.where = call->where;
		key.phys = call->phys;
		key.grain = smallest_page(call->domain);
	}
	if (call->hook == DMT_HOOK_IOVA_FAST_ALLOC)
		key.where = call->where;
	return failure_note(ctx, kprobe, kprobe && seems_unaligned(call), &key, used);
}

/*
 * Up to 5.10 the stack of kretprobes is too short for this key beside all else.  Trampolines have
 * it inline, as the verifier takes longer over a call: 0.3 s of 2.1 for all programs on 7.x arm64.
 */
static __noinline int kretprobe_failed(void *ctx, const struct dmt_account *account,
				       const struct dmt_call *call, const struct result *result)
{
	return call_failed(ctx, true, account, call, result);
}

static __noinline int slot_taken(void *ctx, bool kprobe, __u64 dev, __u64 size, __u64 slot)
{
	struct dmt_held_key key = { .address = slot, .whose = DMT_HELD_SLOT };
	struct dmt_held_value value = { .since = now(), .size = size, .hook = DMT_HOOK_BOUNCE };

	/* where pages stand for slots, they are pointers: no memory has such an address */
	if (slot >> 63)
		value.hook = DMT_HOOK_IN_RESTRICTED_POOL;
	value.device = device_register(dev);
	value.stack = stack_take(ctx, kprobe);
	if (bpf_map_update_elem(&held, &key, &value, BPF_ANY))
		lose(this_cpu(), DMT_LOSS_HELD);
	return 0;
}

__noinline int slot_freed(__u64 slot)
{
	struct dmt_held_key key = { .address = slot, .whose = DMT_HELD_SLOT };

	bpf_map_delete_elem(&held, &key);
	return 0;
}

/*
 * All that is always done with a call that returned, but for finding out what it was.
 * kprobe: the program is one, or a kretprobe.  latency < 0: not known.  Returns its account, NULL:
 * there was no room for one.
 */
static __always_inline const struct dmt_account *call_done(void *ctx, bool kprobe,
							   struct dmt_cpu *cpu,
							   const struct dmt_call *call,
							   const struct result *result,
							   __s64 latency)
{
	struct dmt_account *account = account_find(cpu, call);
	bool alone = counts_alone();

	if (!account)
		return NULL;
	count_latency(account, latency, alone);
	if (result->failed) {
		count(&account->errors, 1, alone);
		if (kprobe)
			kretprobe_failed(ctx, account, call, result);
		else
			call_failed(ctx, false, account, call, result);
		return account;
	}
	count_size(account, call->size, alone);
	if (call->hook == DMT_HOOK_BOUNCE)
		slot_taken(ctx, kprobe, call->dev, call->size, result->value);
	return account;
}

#endif
