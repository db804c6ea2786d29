/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel modules that come and go: where their code is, and the tables that name its functions.
 * They are copied here, as nobody has them later: those of __init functions are freed when a module
 * has come, and all of them when it goes.  User space makes names of them (src/live/module.c).
 */
#ifndef MODULE_BPF_H
#define MODULE_BPF_H

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, DMT_MODULE_LOG);
} module_log SEC(".maps");

/* struct module * of those that came: their tables need not be copied as they go. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u32);
} modules_come SEC(".maps");

/* From `at` bytes on, as long as there is more than a piece of this size; how far that was. */
static __always_inline __u64 pieces_copy(const struct dmt_module_piece *like, __u64 from, __u64 at,
					 __u64 bytes, const __u32 size, const int most)
{
	for (int i = 0; i < most && at + size <= bytes; i++) {
		struct dmt_module_piece *piece;

		piece = bpf_ringbuf_reserve(&module_log, sizeof(*piece) + size, 0);
		if (!piece)
			break;
		*piece = *like;
		piece->at = at;
		piece->bytes = size;
		/* beyond the end there is memory, too, or it reads as zeros */
		bpf_probe_read_kernel(piece->data, size, (void *)(from + at));
		bpf_ringbuf_submit(piece, 0);
		at += size;
	}
	return at;
}

/* A table of this module: was there room?  The last piece may be longer than what is left of it. */
__noinline int table_copy(__u64 module, __u32 part, __u64 from, __u32 bytes)
{
	struct dmt_module_piece like = { .part = part, .module = module };
	const __u32 large = 32 << 10, small = 1 << 10;
	__u64 at = 0, end = ((__u64)bytes + small - 1) & ~((__u64)small - 1);

	at = pieces_copy(&like, from, at, end, large, DMT_MODULE_LOG / large);
	at = pieces_copy(&like, from, at, end, small, large / small);
	if (at >= end)
		return 1;
	lose(this_cpu(), DMT_LOSS_NAMES);
	return 0;
}

/* Where what is executed lies: in one piece with the rest up to v6.3, and by itself since. */
static __always_inline void module_code(struct dmt_module_head *head, __u64 addr)
{
	struct module___layouts *old = (void *)addr;
	struct module___memory *now = (void *)addr;

	if (bpf_core_field_exists(old->core_layout)) {
		head->code.base = (__u64)BPF_CORE_READ(old, core_layout.base);
		head->code.size = BPF_CORE_READ(old, core_layout.text_size);
		head->init.base = (__u64)BPF_CORE_READ(old, init_layout.base);
		head->init.size = BPF_CORE_READ(old, init_layout.text_size);
	} else if (bpf_core_field_exists(now->mem)) {
		__u32 each = bpf_core_type_size(struct module_memory);
		void *memory = (void *)addr + bpf_core_field_offset(now->mem);
		__u32 first = bpf_core_enum_value(enum mod_mem_type, MOD_TEXT);
		__u32 freed = bpf_core_enum_value(enum mod_mem_type, MOD_INIT_TEXT);
		struct module_memory *code = memory + each * first;
		struct module_memory *init = memory + each * freed;

		head->code.base = (__u64)BPF_CORE_READ(code, base);
		head->code.size = BPF_CORE_READ(code, size);
		head->init.base = (__u64)BPF_CORE_READ(init, base);
		head->init.size = BPF_CORE_READ(init, size);
	}
}

/*
 * Nothing says how long the names are.  Behind them are the types of symbols, or before that, while
 * a module comes, what leads to all these.
 */
static __always_inline __u32 strings_length(__u64 names, __u64 types, __u64 kallsyms)
{
	__u64 end = types > names ? types : 0;

	if (kallsyms > names && (!end || kallsyms < end))
		end = kallsyms;
	return end && end - names < DMT_MODULE_LOG ? end - names : 0;
}

static __always_inline void module_note(struct module *mod, bool comes, bool known)
{
	struct mod_kallsyms *kallsyms = BPF_CORE_READ(mod, kallsyms);
	__u64 symbols = (__u64)BPF_CORE_READ(kallsyms, symtab);
	__u64 names = (__u64)BPF_CORE_READ(kallsyms, strtab), addr = (__u64)mod;
	__u32 symbols_bytes = BPF_CORE_READ(kallsyms, num_symtab) * DMT_MODULE_SYMBOL;
	__u32 names_bytes = strings_length(names, (__u64)BPF_CORE_READ(kallsyms, typetab),
					   (__u64)kallsyms);
	struct dmt_module_head *head = bpf_ringbuf_reserve(&module_log, sizeof(*head), 0);

	if (!head) {
		lose(this_cpu(), DMT_LOSS_NAMES);
		return;
	}
	__builtin_memset(head, 0, sizeof(*head));
	head->part = DMT_MODULE_HEAD;
	head->module = addr;
	head->time = bpf_ktime_get_ns();
	head->comes = comes;
	head->symbols_bytes = known ? 0 : symbols_bytes;
	head->names_bytes = known ? 0 : names_bytes;
	module_code(head, addr);
	bpf_probe_read_kernel_str(head->name, sizeof(head->name), mod->name);
	bpf_ringbuf_submit(head, 0);
	if (!known && table_copy(addr, DMT_MODULE_SYMBOLS, symbols, symbols_bytes))
		table_copy(addr, DMT_MODULE_NAMES, names, names_bytes);
}

/*
 * At both tracepoints, module_load and module_free: before a module's __init function runs, and
 * after its __exit function did, or its __init function failed.
 */
SEC("?raw_tp")
int modules(__u64 *ctx)
{
	struct module *mod = (void *)ctx[0];
	__u64 addr = ctx[0];
	__u32 come = 1;

	/* without modules there are no such types */
	if (!bpf_core_type_exists(struct mod_kallsyms) || !bpf_core_field_exists(mod->kallsyms))
		return 0;
	__sync_fetch_and_add(&modules_moved, 1);
	if (BPF_CORE_READ(mod, state) ==
	    bpf_core_enum_value(enum module_state, MODULE_STATE_COMING)) {
		bpf_map_update_elem(&modules_come, &addr, &come, BPF_ANY);
		module_note(mod, true, false);
	} else {
		module_note(mod, false, !bpf_map_delete_elem(&modules_come, &addr));
	}
	return 0;
}

#endif
