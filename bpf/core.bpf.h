/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one normaliser behind every hook: pair entry with return, find the account, count.
 * Adapters (hooks.bpf.h) say what a call is; nothing here knows a kernel function's name.
 */
#ifndef CORE_BPF_H
#define CORE_BPF_H

/* What an adapter says of a call; size and direction may come from the entry or the return. */
struct call {
	__u64 dev;		/* struct device *, 0 where the function has none */
	__u64 size;
	__u64 size_at;		/* address of a size_t the callee fills in, or 0 */
	__u32 hook;
	__u32 dir;
};

struct result {
	bool failed;
	__s64 value;		/* what the kernel returned, kept for failures */
};

/* A call whose return has not been seen yet. */
struct frame {
	/*
	 * Stack address, the same at entry and return: a trampoline passes both its programs
	 * the same context, kprobes have the stack pointer.
	 */
	__u64 token;
	__u64 start;		/* ns */
	__u64 hook;		/* of the programs that push and pop it; call.hook may be finer */
	struct call call;	/* of fentry ways only dev is filled in: fexit has the arguments */
};

/*
 * Open calls of one kernel stack, outermost first.  Found by the stack's address, so a call
 * may sleep, be preempted or return on another CPU, and an interrupt over a task has its own:
 * both arches give hard and soft interrupts a stack apart from the task's.  The last frame
 * encloses a call that begins on the same stack: it lends its device to functions without one.
 */
#define STACK_SHIFT 14		/* THREAD_SIZE and IRQ_STACK_SIZE, x86-64 and arm64 with 4K pages */
#define FRAMES 8
struct stack {
	__u64 window;		/* address >> STACK_SHIFT */
	__u64 depth;
	struct frame frames[FRAMES];
};

#define STACKS 4096
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, STACKS);
	__type(key, __u32);
	__type(value, struct stack);
} stacks SEC(".maps");

/* An ARRAY by CPU number, not a PERCPU_ARRAY: lookups are inlined by every kernel. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);		/* possible CPUs, set before load */
	__type(key, __u32);
	__type(value, struct dmt_cpu);
} cpus SEC(".maps");

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

volatile __u32 enabled;		/* user space sets it when every hook is in place */
volatile __u32 generation = 1;	/* counts forgotten devices: accounts of an older one look again */
volatile __u64 anchor;		/* the address of this very variable, see number_of() */

/*
 * Before v5.12 ("bpf: Add per-program recursion prevention mechanism") an interrupt may run a
 * program over itself: then counting must be atomic.  From there on a hook's account has one
 * writer at a time, and the interrupt's call is skipped and counted by the kernel.
 */
#define ADD(counter, n)									\
	do {										\
		if (bpf_core_field_exists(struct bpf_prog, active))			\
			(counter) += (n);						\
		else									\
			__sync_fetch_and_add(&(counter), (n));				\
	} while (0)

static __always_inline struct dmt_cpu *this_cpu(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&cpus, &cpu);
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
	if (!anchor)
		anchor = (__u64)&anchor;
	return (char *)pointer - (char *)&anchor + anchor;
}

static __always_inline struct stack *stack_of(__u64 token)
{
	__u32 slot = ((token >> STACK_SHIFT) * 0x9e3779b97f4a7c15ull) >> 52;

	_Static_assert(STACKS == 1 << (64 - 52), "the shift keeps as many bits as slots need");
	return bpf_map_lookup_elem(&stacks, &slot);
}

/* The mask is for the verifier; the barrier keeps clang, which knows better, from dropping it. */
static __always_inline struct frame *frame_at(struct stack *stack, __u64 n)
{
	barrier_var(n);
	return &stack->frames[n & (FRAMES - 1)];
}

/*
 * Is the call of this frame over when another begins at token?  Stacks grow down, so it is when
 * it began at or below.  But a function that ends in a jump to another one leaves it the same
 * stack pointer: to kprobes both are open there, and only the hook tells them apart.
 */
static __always_inline bool frame_over(const struct frame *frame, __u64 token, __u32 hook)
{
	return frame->token < token || (frame->token == token && frame->hook == hook);
}

/*
 * Drop frames of calls that are over.  Rare.
 * Global functions, here and below, are verified once and not with every path of their callers.
 */
__noinline __u64 stack_prune(__u64 token, __u32 hook)
{
	struct stack *stack = stack_of(token);
	__u64 depth;

	if (!stack)
		return 0;
	depth = stack->depth;
	for (int i = 0; i < FRAMES; i++) {
		if (!depth || !frame_over(frame_at(stack, depth - 1), token, hook))
			break;
		depth--;
	}
	return depth;
}

/* Number of the frame of this call, counted from 1; 0: not there.  Rare. */
__noinline __u64 stack_search(__u64 token, __u32 hook)
{
	struct stack *stack = stack_of(token);
	__u64 depth;

	if (!stack)
		return 0;
	depth = stack->depth;
	for (int i = 0; i < FRAMES; i++) {
		if (!depth || frame_at(stack, depth - 1)->token > token)
			return 0;
		if (frame_at(stack, depth - 1)->token == token &&
		    frame_at(stack, depth - 1)->hook == hook)
			return depth;
		depth--;
	}
	return 0;
}

static __always_inline void call_enter(__u64 token, __u32 hook, const struct call *call)
{
	struct dmt_cpu *cpu = this_cpu();
	struct stack *stack = stack_of(token);
	struct frame *frame;
	__u64 dev = call->dev;
	__u64 depth;

	if (!cpu || !stack || !enabled)
		return;
	/* An interrupt over the return program of this hook: the kernel will skip our return. */
	if (cpu->returning[hook])
		return;
	depth = stack->depth;
	if (stack->window != token >> STACK_SHIFT) {
		stack->window = token >> STACK_SHIFT;
		depth = 0;
	}
	if (depth && frame_over(frame_at(stack, depth - 1), token, hook))
		depth = stack_prune(token, hook);
	if (depth >= FRAMES) {
		lose(cpu, DMT_LOSS_DEPTH);
		return;
	}
	if (!dev && depth)
		dev = frame_at(stack, depth - 1)->call.dev;
	frame = frame_at(stack, depth);
	frame->call = *call;
	/* clang 14 mixes up the order of a plain store here and the copy above, or drops it */
	barrier();
	*(volatile __u64 *)&frame->call.dev = dev;
	frame->hook = hook;
	frame->token = token;
	stack->depth = depth + 1;
	frame->start = bpf_ktime_get_ns();
}

/* The frame of a returning call, taken off its stack; NULL when its entry was not seen. */
static __always_inline struct frame *frame_pop(__u64 token, __u32 hook)
{
	struct stack *stack = stack_of(token);
	struct frame *top;
	__u64 depth;

	if (!stack || stack->window != token >> STACK_SHIFT || !stack->depth)
		return NULL;
	depth = stack->depth;
	top = frame_at(stack, depth - 1);
	if (top->token != token || top->hook != hook) {
		depth = stack_search(token, hook);
		if (!depth)
			return NULL;
	}
	stack->depth = depth - 1;
	return frame_at(stack, depth - 1);
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
static __always_inline __u64 account_key(const struct call *call)
{
	return call->dev << 7 | call->hook << 3 | (call->dir & 7);
}

/* The slow way, for a call the cache does not know. Returns the account's index, 0 = no room. */
static __always_inline __u32 account_lookup(struct dmt_cpu *cpu, const struct call *call, __u64 key)
{
	struct dmt_account_key full = {};
	struct dmt_account *account;
	__u32 index, now = generation;

	full.cpu = bpf_get_smp_processor_id();
	full.device = call->dev ? device_register(call->dev) : 0;
	full.hook = call->hook;
	full.direction = call->dir;
	if (call->dev && !full.device)
		lose(cpu, DMT_LOSS_DEVICES);
	index = account_register(&full);
	account = bpf_map_lookup_elem(&accounts, &index);
	if (!index || !account)
		return 0;
	account->key = key;
	account->generation = now;
	return index;
}

/*
 * One u32 in the cache and the owner's name in the account itself: an interrupt between two
 * stores can leave a wrong guess behind, never a wrong count.
 */
static __always_inline struct dmt_account *account_find(struct dmt_cpu *cpu,
							const struct call *call, __u32 *index)
{
	__u64 key = account_key(call);
	__u32 slot = (key * 0x9e3779b97f4a7c15ull) >> 58;
	struct dmt_account *account;

	_Static_assert(DMT_CACHED == 1 << (64 - 58), "the shift keeps as many bits as slots need");
	*index = cpu->cache[slot];
	account = bpf_map_lookup_elem(&accounts, index);
	if (account && account->key == key && account->generation == generation)
		return account;
	*index = account_lookup(cpu, call, key);
	if (!*index)
		return NULL;
	cpu->cache[slot] = *index;
	return bpf_map_lookup_elem(&accounts, index);
}

static __always_inline void error_note(struct dmt_cpu *cpu, __u32 account, __s64 value)
{
	struct dmt_error_key key = { .account = account, .value = value };
	__u64 one = 1, *count = bpf_map_lookup_elem(&errors, &key);

	if (!count && bpf_map_update_elem(&errors, &key, &one, BPF_NOEXIST)) {
		count = bpf_map_lookup_elem(&errors, &key);
		if (!count)
			lose(cpu, DMT_LOSS_ERRORS);
	}
	if (count)
		__sync_fetch_and_add(count, 1);
}

/*
 * A return program says that it runs, for interrupts that come meanwhile: their entry must not
 * leave a frame behind when their return is going to be skipped.
 */
static __always_inline struct dmt_cpu *return_begin(__u32 hook)
{
	struct dmt_cpu *cpu = this_cpu();

	if (!cpu || !enabled)
		return NULL;
	cpu->returning[hook] = 1;
	barrier();
	return cpu;
}

static __always_inline void return_end(struct dmt_cpu *cpu, __u32 hook)
{
	barrier();
	cpu->returning[hook] = 0;
}

/* Of a fexit, which has all else at hand; -1: entry not seen. */
static __always_inline __s64 return_latency(struct dmt_cpu *cpu, __u64 token, __u64 now,
					    __u32 hook, struct call *call)
{
	struct frame *frame = frame_pop(token, hook);

	if (!frame) {
		lose(cpu, DMT_LOSS_LATENCY);
		return -1;
	}
	if (!call->dev)
		call->dev = frame->call.dev;
	return now - frame->start;
}

/* Of a kretprobe, which knows only what the kprobe kept; -1: the call is lost, and counted so. */
static __always_inline __s64 return_kept(struct dmt_cpu *cpu, __u64 token, __u64 now, __u32 hook,
					 struct call *call)
{
	struct frame *frame = frame_pop(token, hook);

	if (!frame) {
		lose(cpu, DMT_LOSS_UNPAIRED);
		__sync_fetch_and_add(&cpu->unpaired[hook], 1);
		return -1;
	}
	*call = frame->call;
	return now - frame->start;
}

/* Count one call.  latency < 0: not known. */
static __always_inline void account_add(struct dmt_cpu *cpu, const struct call *call,
					const struct result *result, __s64 latency)
{
	__u32 index;
	struct dmt_account *account = account_find(cpu, call, &index);

	if (!account) {
		lose(cpu, DMT_LOSS_ACCOUNTS);
		return;
	}
	ADD(account->calls, 1);
	if (result->failed) {
		ADD(account->errors, 1);
		error_note(cpu, index, result->value);
	} else {
		ADD(account->bytes, call->size);
		ADD(account->size[dmt_bucket(call->size)], 1);
		if (call->size > account->size_max)
			account->size_max = call->size;
	}
	if (latency >= 0) {
		ADD(account->latency_sum, latency);
		ADD(account->latency[dmt_bucket(latency)], 1);
		if ((__u64)latency > account->latency_max)
			account->latency_max = latency;
	}
}

#endif
