/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Accounts: find the one of a call, and count.
 */
#ifndef ACCOUNT_BPF_H
#define ACCOUNT_BPF_H

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);		/* set before load */
	__type(key, __u32);
	__type(value, struct dmt_account);
} accounts SEC(".maps");

/* Which account a CPU uses for which device, hook and direction. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);		/* set before load */
	__type(key, struct dmt_account_key);
	__type(value, __u32);
} account_index SEC(".maps");

/*
 * Indexes not in use yet, filled by user space.  A queue, because 5.10 has no atomic
 * operation that returns a value (v5.12, "bpf: Add instructions for atomic_[cmp]xchg").
 */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, __u32);
} free_accounts SEC(".maps");

/* Rare: once per CPU, device, hook and direction. 0 = no room. */
static __noinline __u32 account_register(struct dmt_account_key *key)
{
	__u32 index, *known = bpf_map_lookup_elem(&account_index, key);

	if (known)
		return *known;
	if (bpf_map_pop_elem(&free_accounts, &index))
		return 0;
	if (!bpf_map_update_elem(&account_index, key, &index, BPF_NOEXIST))
		return index;
	known = bpf_map_lookup_elem(&account_index, key);
	bpf_map_push_elem(&free_accounts, &index, 0);
	return known ? *known : 0;
}

/* What a call is besides its device, in one word that is cheap to compare. */
static __always_inline __u64 account_kind(const struct dmt_call *call)
{
	return call->notes << 32 | call->hook << 8 | (call->dir & 7);
}

/* Where a CPU's cache leads to a call's account: to a ring of those that share the place. */
static __always_inline __u32 account_place(__u64 dev, __u64 kind)
{
	_Static_assert(DMT_CACHED == 1 << (64 - 57), "the shift keeps as many bits as places need");
	return ((dev << 7 ^ kind) * 0x9e3779b97f4a7c15ull) >> 57;
}

/* The slow way, by the tables. Returns the account's index, 0 = no room. */
__noinline __u32 account_tabled(__u64 dev, __u64 kind)
{
	struct dmt_account_key full = { .hook = (__u8)(kind >> 8), .direction = kind & 7,
					.notes = kind >> 32 };
	__u32 index, now = generation;
	struct dmt_account *account;

	if (!enabled)
		return 0;
	full.cpu = bpf_get_smp_processor_id();
	full.device = dev ? device_register(dev) : 0;
	if (dev && !full.device)
		lose(this_cpu(), DMT_LOSS_DEVICES);
	index = account_register(&full);
	account = bpf_map_lookup_elem(&accounts, &index);
	if (!index || !account) {
		lose(this_cpu(), DMT_LOSS_ACCOUNTS);
		return 0;
	}
	account->kind = kind;
	account->dev = dev;
	account->device = full.device;
	account->generation = now;
	return index;
}

/*
 * That account among the first of a ring, of whatever generation; NULL: not there.  index: where to
 * begin, and which it is.
 */
static __always_inline struct dmt_account *account_near(__u32 *index, __u64 dev, __u64 kind)
{
	struct dmt_account *account;

	for (int i = 0; i < 8 && *index; i++) {
		account = bpf_map_lookup_elem(&accounts, index);
		if (!account || (account->dev == dev && account->kind == kind))
			return account;
		*index = account->next;
	}
	return NULL;
}

/* Into the ring that the place leads to, next to the one it leads to. */
static __always_inline void account_join(__u32 index, __u32 first)
{
	struct dmt_account *account = bpf_map_lookup_elem(&accounts, &index);
	struct dmt_account *before = bpf_map_lookup_elem(&accounts, &first);

	if (!account || !before || index == first)
		return;
	account->next = first ? before->next : index;
	if (first)
		before->next = index;
}

/*
 * The account is not the one its place leads to, nor the next, or not of this generation.  Now and
 * then the place is made to lead to what was found: it may be called again and again, but accounts
 * that take turns are nearer on average when it stays.  Of a ring that an interrupt changes while
 * we do, accounts may get lost: they join again.
 */
__noinline __u32 account_lookup(__u64 dev, __u64 kind)
{
	struct dmt_cpu *cpu = this_cpu();
	__u16 *place = &cpu->cache[account_place(dev, kind)];
	__u32 first = *place, index = first, known;
	struct dmt_account *account = account_near(&index, dev, kind);

	if (account && account->generation == generation) {
		if (!(++cpu->searches % 8))
			*place = index;
		return index;
	}
	known = account ? index : 0;
	index = account_tabled(dev, kind);
	if (index && index != known) {
		/* a device of before was at this address: its account is nobody's any more */
		if (account)
			account->kind = ~0ull;
		account_join(index, first);
		*place = index;
	}
	return index;
}

/* The number of the device whose calls an account counts, for who keeps them one by one. */
static __always_inline __u32 account_device(__u32 index)
{
	struct dmt_account *account = bpf_map_lookup_elem(&accounts, &index);

	return account ? account->device : 0;
}

static __always_inline bool account_is(const struct dmt_account *account, __u64 dev, __u64 kind)
{
	return account && account->dev == dev && account->kind == kind &&
	       account->generation == generation;
}

/*
 * One number in the cache and the owner's name in the account itself: an interrupt between two
 * stores can leave a wrong guess behind, never a wrong count.
 */
static __always_inline struct dmt_account *account_find(struct dmt_cpu *cpu,
							const struct dmt_call *call, __u32 *index)
{
	__u64 kind = account_kind(call);
	struct dmt_account *account;

	*index = cpu->cache[account_place(call->dev, kind)];
	account = bpf_map_lookup_elem(&accounts, index);
	if (account_is(account, call->dev, kind))
		return account;
	*index = account ? account->next : 0;
	account = bpf_map_lookup_elem(&accounts, index);
	if (account_is(account, call->dev, kind))
		return account;
	*index = account_lookup(call->dev, kind);
	if (!*index)
		return NULL;
	return bpf_map_lookup_elem(&accounts, index);
}

static __always_inline void count(struct dmt_account *account, const struct dmt_call *call,
				  bool failed, __s64 latency)
{
	if (failed) {
		account->errors += 1;
	} else {
		account->bytes += call->size;
		account->size[dmt_bucket(call->size)] += 1;
	}
	if (latency >= 0) {
		account->latency_sum += latency;
		account->latency[dmt_bucket(latency)] += 1;
	}
}

static __always_inline void count_atomic(struct dmt_account *account, const struct dmt_call *call,
					 bool failed, __s64 latency)
{
	if (failed) {
		__sync_fetch_and_add(&account->errors, 1);
	} else {
		/* of adding a constant 0 clang makes an `or`, and 5.10 knows no atomic one */
		if (call->size)
			__sync_fetch_and_add(&account->bytes, call->size);
		__sync_fetch_and_add(&account->size[dmt_bucket(call->size)], 1);
	}
	if (latency >= 0) {
		__sync_fetch_and_add(&account->latency_sum, latency);
		__sync_fetch_and_add(&account->latency[dmt_bucket(latency)], 1);
	}
}

/*
 * Count one call.  latency < 0: not known.  Returns the account's index, 0 = no room.
 *
 * Before v5.12 ("bpf: Add per-program recursion prevention mechanism") an interrupt may run a
 * program over itself, and counting must be atomic.  From there on a hook's account on a CPU has
 * one writer at a time: the interrupt's call is skipped, and counted by the kernel.
 */
static __always_inline __u32 account_add(struct dmt_cpu *cpu, const struct dmt_call *call,
					 const struct result *result, __s64 latency)
{
	__u32 index;
	struct dmt_account *account = account_find(cpu, call, &index);

	if (!account)
		return 0;
	if (bpf_core_field_exists(struct bpf_prog, active))
		count(account, call, result->failed, latency);
	else
		count_atomic(account, call, result->failed, latency);
	if (!result->failed && call->size > account->size_max)
		account->size_max = call->size;
	if (timed && latency > (__s64)account->latency_max)
		account->latency_max = latency;
	return index;
}

#endif
