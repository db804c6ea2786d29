/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one normaliser behind every hook: pair entry with return, find the account, count.
 * Adapters (hooks.bpf.h) say what a call is; nothing here knows a kernel function's name.
 */
#ifndef CORE_BPF_H
#define CORE_BPF_H

struct result {
	bool failed;
	__s64 value;		/* what the kernel returned, kept for failures */
};

/*
 * Plain arrays in .bss rather than maps: an index the verifier sees bounded needs no look-up and
 * no check for NULL, and these two are used by every call.
 * Objects share their variables, so the layout must be the same: what is initialised clang lays
 * out in this order, else in that of first use.
 */
struct dmt_stack stacks[DMT_STACKS] = {};
struct dmt_cpu cpus[DMT_CPUS] = {};

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

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, __u32);
} free_devices SEC(".maps");

/* struct device * -> index in devices; forgotten when its driver lets go, see forget.  */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} device_index SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dmt_device);
} devices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct dmt_error_key);
	__type(value, __u64);
} errors SEC(".maps");

volatile __u32 enabled = 0;		/* user space sets it when every hook is in place */
volatile __u32 generation = 1;	/* counts forgotten devices: accounts of an older one look again */
__u64 anchor = 0;	/* the address of this very variable, see number_of() */

static __always_inline struct dmt_cpu *this_cpu(void)
{
	return &cpus[bpf_get_smp_processor_id() & (DMT_CPUS - 1)];
}

static __always_inline void lose(struct dmt_cpu *cpu, enum dmt_loss what)
{
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
 * Is the call of this frame over when another begins at token?  Stacks grow down, so it is when
 * it began at or below.  But a function that ends in a jump to another one leaves it the same
 * stack pointer: to kprobes both are open there, and only the hook tells them apart.
 */
static __always_inline bool frame_over(const struct dmt_frame *frame, __u64 token, __u32 hook)
{
	return frame->token < token || (frame->token == token && frame->hook == hook);
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

/* Number of the frame of this call, counted from 1; 0: not there.  Rare. */
__noinline __u64 stack_search(__u64 token, __u32 hook)
{
	struct dmt_stack *stack = stack_of(token);
	__u64 depth = stack->depth;

	for (int i = 0; i < DMT_FRAMES; i++) {
		if (!depth || frame_at(stack, depth - 1)->token > token)
			return 0;
		if (frame_at(stack, depth - 1)->token == token &&
		    frame_at(stack, depth - 1)->hook == hook)
			return depth;
		depth--;
	}
	return 0;
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
	struct dmt_frame *frame;
	__u64 depth;

	if (cpu->window != token >> DMT_STACK_SHIFT)
		stack_moved(token);
	cpu->token = token;
	depth = stack_depth(stack, token, hook);
	if (depth >= DMT_FRAMES) {
		lose(cpu, DMT_LOSS_DEPTH);
		return;
	}
	if (inherits && depth) {
		frame = frame_at(stack, depth - 1);
		if (frame->switches == cpu->switches || frame_trusted(token))
			dev = frame->call.dev;
	}
	frame = frame_at(stack, depth);
	if (kept)
		frame->call = *kept;
	/* clang 14 mixes up the order of a plain store here and the copy above, or drops it */
	barrier();
	*(volatile __u64 *)&frame->call.dev = dev;
	frame->hook = hook;
	frame->switches = cpu->switches;
	frame->token = token;
	stack->depth = depth + 1;
	frame->start = bpf_ktime_get_ns();
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
	if (top->token != token || top->hook != hook) {
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

static __always_inline void device_describe(struct dmt_device *to, __u64 addr)
{
	struct device *dev = (struct device *)addr;
	const char *name = BPF_CORE_READ(dev, kobj.name);

	if (!name)
		name = BPF_CORE_READ(dev, init_name);
	bpf_probe_read_kernel_str(to->name, sizeof(to->name), name);
	bpf_probe_read_kernel_str(to->bus, sizeof(to->bus), BPF_CORE_READ(dev, bus, name));
	bpf_probe_read_kernel_str(to->driver, sizeof(to->driver), BPF_CORE_READ(dev, driver, name));
}

/* Rare: once per device and driver. 0 = no room. */
static __noinline __u32 device_register(__u64 dev)
{
	struct dmt_device *device;
	__u32 id, *known = bpf_map_lookup_elem(&device_index, &dev);

	if (known)
		return *known;
	if (bpf_map_pop_elem(&free_devices, &id))
		return 0;
	device = bpf_map_lookup_elem(&devices, &id);
	if (!device)
		return 0;
	device_describe(device, dev);
	if (!bpf_map_update_elem(&device_index, &dev, &id, BPF_NOEXIST))
		return id;
	/* somebody was faster: take theirs, give ours back */
	known = bpf_map_lookup_elem(&device_index, &dev);
	bpf_map_push_elem(&free_devices, &id, 0);
	return known ? *known : 0;
}

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

/*
 * Device pointer, hook and direction in 64 bits: kernel addresses are 8-byte aligned and share
 * their top bits, which leaves ten bits for the two.
 */
static __always_inline __u64 account_key(const struct dmt_call *call)
{
	return call->dev << 7 | call->hook << 3 | (call->dir & 7);
}

/* The slow way, for a call the cache does not know. Returns the account's index, 0 = no room. */
__noinline __u32 account_lookup(__u64 dev, __u32 hook, __u32 dir)
{
	struct dmt_account_key full = { .hook = hook, .direction = dir };
	struct dmt_call call = { .dev = dev, .hook = hook, .dir = dir };
	__u32 index, now = generation;
	struct dmt_account *account;

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
	account->key = account_key(&call);
	account->generation = now;
	return index;
}

/* Rare: keep what a failing call returned. */
__noinline int error_note(__u32 account, __s64 value)
{
	struct dmt_error_key key = { .account = account, .value = value };
	__u64 one = 1, *count = bpf_map_lookup_elem(&errors, &key);

	if (!count && bpf_map_update_elem(&errors, &key, &one, BPF_NOEXIST)) {
		count = bpf_map_lookup_elem(&errors, &key);
		if (!count)
			lose(this_cpu(), DMT_LOSS_ERRORS);
	}
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

/*
 * One u32 in the cache and the owner's name in the account itself: an interrupt between two
 * stores can leave a wrong guess behind, never a wrong count.
 */
static __always_inline struct dmt_account *account_find(struct dmt_cpu *cpu,
							const struct dmt_call *call, __u32 *index)
{
	__u64 key = account_key(call);
	__u32 slot = (key * 0x9e3779b97f4a7c15ull) >> 58;
	struct dmt_account *account;

	_Static_assert(DMT_CACHED == 1 << (64 - 58), "the shift keeps as many bits as slots need");
	*index = cpu->cache[slot];
	account = bpf_map_lookup_elem(&accounts, index);
	if (account && account->key == key && account->generation == generation)
		return account;
	*index = account_lookup(call->dev, call->hook, call->dir);
	if (!*index)
		return NULL;
	cpu->cache[slot] = *index;
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
		__sync_fetch_and_add(&account->bytes, call->size);
		__sync_fetch_and_add(&account->size[dmt_bucket(call->size)], 1);
	}
	if (latency >= 0) {
		__sync_fetch_and_add(&account->latency_sum, latency);
		__sync_fetch_and_add(&account->latency[dmt_bucket(latency)], 1);
	}
}

/*
 * Count one call.  latency < 0: not known.
 *
 * Before v5.12 ("bpf: Add per-program recursion prevention mechanism") an interrupt may run a
 * program over itself, and counting must be atomic.  From there on a hook's account on a CPU has
 * one writer at a time: the interrupt's call is skipped, and counted by the kernel.
 */
static __always_inline void account_add(struct dmt_cpu *cpu, const struct dmt_call *call,
					const struct result *result, __s64 latency)
{
	__u32 index;
	struct dmt_account *account = account_find(cpu, call, &index);

	if (!account)
		return;
	if (bpf_core_field_exists(struct bpf_prog, active))
		count(account, call, result->failed, latency);
	else
		count_atomic(account, call, result->failed, latency);
	if (result->failed)
		error_note(index, result->value);
	else if (call->size > account->size_max)
		account->size_max = call->size;
	if (latency > (__s64)account->latency_max)
		account->latency_max = latency;
}

/* Is anybody counting?  NULL before and after. */
static __always_inline struct dmt_cpu *return_begin(void)
{
	return enabled ? this_cpu() : NULL;
}

/* Of a fexit, which has all else at hand but an inherited device; -1: entry not seen. */
static __always_inline __s64 return_latency(struct dmt_cpu *cpu, __u64 token, __u64 now,
					    __u32 hook, __u64 *dev)
{
	struct dmt_frame *frame = frame_pop(cpu, token, hook);

	if (!frame) {
		lose(cpu, DMT_LOSS_LATENCY);
		return -1;
	}
	if (dev)
		*dev = frame->call.dev;
	return now - frame->start;
}

/* Of a kretprobe, which knows only what the kprobe kept; -1: the call is lost, and counted so. */
static __always_inline __s64 return_kept(struct dmt_cpu *cpu, __u64 token, __u64 now, __u32 hook,
					 struct dmt_call *call)
{
	struct dmt_frame *frame = frame_pop(cpu, token, hook);

	if (!frame) {
		lose(cpu, DMT_LOSS_UNPAIRED);
		return -1;
	}
	*call = frame->call;
	return now - frame->start;
}

/*
 * A session's cookie: when the call began, and the number of its frame.  The kernel hands out
 * zero, so an entry that was skipped shows.
 */
#define COOKIE_DEPTH 4
_Static_assert(DMT_FRAMES < 1 << COOKIE_DEPTH, "a call without a frame has a number, too");

/*
 * The frame only lends its device.  It is always fresh: one program at both ends is skipped at
 * both by an interrupt, so none leaves a frame behind.
 */
static __always_inline __u64 session_enter(__u64 token, __u64 dev, bool inherits)
{
	struct dmt_stack *stack = stack_of(token);
	struct dmt_frame *frame;
	__u64 depth;

	/* computed here and once, they fit into registers; left to clang, they do not */
	barrier_var(stack);
	barrier_var(dev);
	/* any frame at the same token is over: no two open calls share a trampoline's context */
	depth = stack_depth(stack, token + 1, 0);
	if (depth < DMT_FRAMES) {
		if (inherits && depth)
			dev = frame_at(stack, depth - 1)->call.dev;
		frame = frame_at(stack, depth);
		frame->call.dev = dev;
		frame->token = token;
		stack->depth = depth + 1;
	} else {
		lose(this_cpu(), DMT_LOSS_DEPTH);
	}
	return bpf_ktime_get_ns() << COOKIE_DEPTH | depth;
}

/* Takes off the frame and those above, whose return was skipped; -1: entry not seen. */
static __always_inline __s64 session_leave(struct dmt_cpu *cpu, __u64 token, __u64 now,
					   __u64 cookie, __u64 *dev)
{
	struct dmt_stack *stack = stack_of(token);
	__u64 depth = cookie & ((1 << COOKIE_DEPTH) - 1);

	if (!cookie) {
		lose(cpu, DMT_LOSS_LATENCY);
		return -1;
	}
	barrier_var(stack);
	/* another stack may have taken the place of this one, and given it back */
	if (stack->window == token >> DMT_STACK_SHIFT && depth < stack->depth) {
		if (dev && frame_at(stack, depth)->token == token)
			*dev = frame_at(stack, depth)->call.dev;
		stack->depth = depth;
	}
	return now - (cookie >> COOKIE_DEPTH);
}

#endif
