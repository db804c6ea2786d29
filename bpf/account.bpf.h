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
	return (__u64)call->notes << 32 | call->hook << 8 | (call->dir & 7);
}

/*
 * Where a CPU's cache leads to a call's account: to a ring of those that share the place.  Calls
 * that differ in notes alone do.
 */
static __always_inline __u32 *account_place(struct dmt_cpu *cpu, __u64 dev, __u64 kind)
{
	_Static_assert(DMT_CACHED == 1 << (32 - 25), "the shift keeps as many bits as places need");
	return &cpu->cache[((__u32)dev ^ (__u32)kind) * 0x9e3779b1u >> 25];
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
	if (full.device)
		device_reach(full.device, dev);
	if (dev && !full.device)
		lose(this_cpu(), DMT_LOSS_DEVICES);
	index = account_register(&full);
	account = bpf_map_lookup_elem(&accounts, &index);
	if (!index || !account) {
		lose(this_cpu(), DMT_LOSS_ACCOUNTS);
		return 0;
	}
	account->index = index;
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
	__u32 *place = account_place(cpu, dev, kind);
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
							const struct dmt_call *call)
{
	__u64 kind = account_kind(call);
	struct dmt_account *account;
	__u32 index;

	account = bpf_map_lookup_elem(&accounts, account_place(cpu, call->dev, kind));
	if (likely(account_is(account, call->dev, kind)))
		return account;
	if (account)
		account = bpf_map_lookup_elem(&accounts, &account->next);
	if (account_is(account, call->dev, kind))
		return account;
	index = account_lookup(call->dev, kind);
	return index ? bpf_map_lookup_elem(&accounts, &index) : NULL;
}

/*
 * Before v5.12 ("bpf: Add per-program recursion prevention mechanism") an interrupt may run a
 * program over itself, and counting must be atomic.  From there on a hook's account on a CPU has
 * one writer at a time: the interrupt's call is skipped, and counted by the kernel.
 */
static __always_inline bool counts_alone(void)
{
	return bpf_core_field_exists(struct bpf_prog, active);
}

static __always_inline void count(__u64 *counter, __u64 n, bool alone)
{
	if (alone)
		*counter += n;
	else if (n)	/* of adding a constant 0 clang makes an atomic `or`: not in 5.10 */
		__sync_fetch_and_add(counter, n);
}

/*
 * Signed, though both are not: that a multiple of a page is more than another number tells 6.12's
 * verifier that it is not 0, and of one below 2048 it then knows nothing any more.
 */
static __always_inline void count_max(__u64 *max, __u64 value)
{
	if ((__s64)value > (__s64)*max)
		*max = value;
}

/* Small values, which most are, by themselves: their buckets need no check. */
static __always_inline void count_bucket(__u64 *buckets, __u64 value, bool alone)
{
	barrier_var(value);	/* as in dmt_bucket_small() */
	if (likely(value < DMT_BUCKETS_TABLED))
		count(&buckets[dmt_bucket_tabled(value)], 1, alone);
	else
		count(&buckets[dmt_bucket(value)], 1, alone);
}

static __always_inline void count_size(struct dmt_account *account, __u64 size, bool alone)
{
	count(&account->bytes, size, alone);
	count_max(&account->size_max, size);
	count_bucket(account->size, size, alone);
}

/* latency < 0: not known. */
static __always_inline void count_latency(struct dmt_account *account, __s64 latency, bool alone)
{
	if (latency < 0)
		return;
	count(&account->latency_sum, latency, alone);
	count_max(&account->latency_max, latency);
	count_bucket(account->latency, latency, alone);
}

#endif
