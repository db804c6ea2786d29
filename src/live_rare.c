// SPDX-License-Identifier: GPL-2.0
/*
 * Reading what is kept one by one: failing calls, held bounce slots, and the call paths of both.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "err.h"
#include "live_private.h"
#include "name.h"

/* Frames that are there only because we watch. */
static bool is_ours(const char *name)
{
	return !strncmp(name, "bpf_", 4);
}

static int frames_add(struct frames *f, const char *name)
{
	char **grown = reallocarray(f->names, f->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	f->names = grown;
	f->names[f->count] = strdup(name);
	return f->names[f->count++] ? 0 : -ENOMEM;
}

/*
 * Is this where a function returns to while a kretprobe or function_graph watches it?  Up to 5.10
 * the kernel does not look behind a kretprobe's, so nobody knows who called that function: the walk
 * ends there on x86, and goes on with the next caller on arm64.
 */
static bool hides_caller(const struct live *l, __u64 ip)
{
	return ip == l->first->bss->kretprobe_at || ip == l->first->bss->graph_at;
}

/*
 * Addresses to names, innermost first.  A trampoline runs the function from within itself, so it
 * stands on the stack between two frames of that function, which are one; 7.x leaves the outer one
 * out.  A kretprobe runs when the function has left: it is put back.
 */
static int frames_name(const struct live *l, struct frames *f, const __u64 *ips,
		       const char *target)
{
	bool ours = true;
	int err = 0;

	for (int i = 0; !err && i <= DMT_STACK_DEPTH && ips[i]; i++) {
		char name[256];

		if (hides_caller(l, ips[i]))
			continue;
		/*
		 * The first is where the program was; a return address may be that of the next
		 * function, where the call comes last.
		 */
		if (!ksyms_name(l->ksyms, ips[i] - !!i, name, sizeof(name)))
			snprintf(name, sizeof(name), "%#llx", ips[i]);
		if (is_ours(name)) {
			ours = true;
			continue;
		}
		if (!f->count && target && strcmp(name, target))
			err = frames_add(f, target);
		if (!err && !(ours && f->count && !strcmp(f->names[f->count - 1], name)))
			err = frames_add(f, name);
		ours = false;
	}
	return err;
}

int live_frames(struct live *l, struct frames *f, __s32 stack, __u64 caller, const char *target)
{
	__u64 ips[DMT_STACK_DEPTH + 1] = { 0 };

	*f = (struct frames){ 0 };
	if (hides_caller(l, caller))
		caller = 0;
	if (stack < 0 && caller)
		ips[0] = caller - 1;	/* within the call */
	else if (stack < 0 ||
		 bpf_map_lookup_elem(bpf_map__fd(l->first->maps.stack_traces), &stack, ips))
		return 0;
	else if (caller && ips[0]) {
		memmove(ips + 2, ips + 1, (DMT_STACK_DEPTH - 1) * sizeof(*ips));
		ips[1] = caller;
	}
	if (!l->ksyms && !l->ksyms_tried) {
		l->ksyms_tried = true;
		l->ksyms = ksyms_read();
	}
	return l->ksyms ? frames_name(l, f, ips, target) : 0;
}

/* The key as the model has it; a the aggregate that counted these calls. */
static int failed_fill(struct live *l, struct failed *to, const struct dmt_failure_key *key,
		       const struct dmt_failure *value, const struct aggregate *a,
		       enum failure kind, const char *target)
{
	bool map = a->op == DMT_OP_IOMMU_MAP;
	bool swiotlb = a->op == DMT_OP_BOUNCE || a->path == VIA_RESTRICTED_POOL;

	*to = (struct failed){
		.device = name_copy(a->device), .driver = name_copy(a->driver), .op = a->op,
		.direction = a->direction, .kind = kind, .value = key->value,
		.count = value->count, .size = key->size,
		.iova = map ? key->where : 0, .paddr = map ? key->phys : 0,
		.limit = a->op == DMT_OP_IOVA_FAST_ALLOC ? key->where : 0,
		.min_pagesz = map ? key->grain : 0, .slots = swiotlb ? key->grain : 0,
		.used_min = swiotlb ? value->used_min : 0,
		.used_max = swiotlb ? value->used_max : 0,
	};
	return live_frames(l, &to->stack, key->stack, 0, target);
}

int live_failure(struct live *l, struct model *m, const struct dmt_failure_key *key,
		 const struct aggregate *a, enum failure kind, const char *target)
{
	struct dmt_failure value;
	struct failed *grown;

	if (bpf_map_lookup_elem(bpf_map__fd(l->first->maps.failures), key, &value))
		return 0;
	grown = reallocarray(m->failed, m->nfailed + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	m->failed = grown;
	return failed_fill(l, &grown[m->nfailed++], key, &value, a, kind, target);
}

int live_path(struct live *l, struct model *m, const struct dmt_stack_key *key,
	      const struct dmt_stack_count *count, const struct aggregate *a, const char *target)
{
	struct path_count *grown = reallocarray(m->stacks, m->nstacks + 1, sizeof(*grown));
	int err;

	if (!grown)
		return -ENOMEM;
	m->stacks = grown;
	grown += m->nstacks++;
	*grown = (struct path_count){ .device = name_copy(a->device),
				      .driver = name_copy(a->driver),
				      .op = a->op, .direction = a->direction,
				      .calls = count->calls, .bytes = count->bytes,
				      .ns = count->ns };
	err = live_frames(l, &grown->stack, key->stack, key->caller, target);
	/* who called first of all */
	if (!err && grown->stack.count && key->task[0])
		err = frames_add(&grown->stack, key->task);
	return err;
}
