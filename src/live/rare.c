// SPDX-License-Identifier: GPL-2.0
/*
 * Reading what is kept one by one: failing calls, held bounce slots, and the call paths of both.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/index.h"
#include "live/private.h"
#include "base/name.h"

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
static int frames_name(struct live *l, struct frames *f, const __u64 *ips,
		       const struct trail *trail)
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
		if (!live_name(l, ips[i] - !!i, trail->when, name, sizeof(name)))
			return 0;
		if (is_ours(name)) {
			ours = true;
			continue;
		}
		if (!f->count && trail->target && strcmp(name, trail->target))
			err = frames_add(f, trail->target);
		if (!err && !(ours && f->count && !strcmp(f->names[f->count - 1], name)))
			err = frames_add(f, name);
		ours = false;
	}
	return err;
}

int live_frames(struct live *l, struct frames *f, const struct trail *trail)
{
	__u64 ips[DMT_STACK_DEPTH + 1] = { 0 };
	__u64 caller = hides_caller(l, trail->caller) ? 0 : trail->caller;

	*f = (struct frames){ 0 };
	if (trail->stack < 0 && caller)
		ips[0] = caller - 1;	/* within the call */
	else if (trail->stack < 0 ||
		 bpf_map_lookup_elem(bpf_map__fd(l->first->maps.stack_traces), &trail->stack, ips))
		return 0;
	else if (caller && ips[0]) {
		memmove(ips + 2, ips + 1, (DMT_STACK_DEPTH - 1) * sizeof(*ips));
		ips[1] = caller;
	}
	return frames_name(l, f, ips, trail);
}

/* The key as the model has it; a the aggregate that counted these calls. */
static int failed_fill(struct live *l, struct failed *to, const struct dmt_failure_key *key,
		       const struct dmt_failure *value, const struct aggregate *a,
		       enum failure kind, const char *target)
{
	bool map = a->op == DMT_OP_IOMMU_MAP, bounce = a->op == DMT_OP_BOUNCE;

	*to = (struct failed){
		.device = name_copy(a->device), .driver = name_copy(a->driver), .op = a->op,
		.direction = a->direction, .kind = kind, .value = key->value,
		.count = value->count, .size = key->size,
		.iova = map ? key->where : 0, .paddr = map ? key->phys : 0,
		.limit = a->op == DMT_OP_IOVA_FAST_ALLOC ? key->where : 0,
		.offset = bounce ? key->phys : 0, .align = bounce ? key->where : 0,
		.attrs = key->attrs, .gfp = key->gfp,
		.min_pagesz = map ? key->grain : 0, .slots = bounce ? key->grain : 0,
		.used_min = bounce ? value->used_min : 0, .used_max = bounce ? value->used_max : 0,
	};
	return live_frames(l, &to->stack, &(struct trail){ key->stack, key->caller, value->since,
							   target });
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

static size_t path_hash(const void *row)
{
	const struct path_count *p = row;
	size_t hash = hash_number(hash_name(hash_name(0, p->device), p->driver),
				  p->op * DMT_DIR_MAX + p->direction);

	for (size_t i = 0; i < p->stack.count; i++)
		hash = hash_name(hash, p->stack.names[i]);
	return hash;
}

static bool path_same(const void *left, const void *right)
{
	const struct path_count *a = left, *b = right;
	bool same = a->op == b->op && a->direction == b->direction &&
		    name_same(a->device, b->device) && name_same(a->driver, b->driver) &&
		    a->stack.count == b->stack.count;

	for (size_t i = 0; same && i < a->stack.count; i++)
		same = !strcmp(a->stack.names[i], b->stack.names[i]);
	return same;
}

/* Of one name by several addresses, as of a module that was loaded again. */
int live_paths_unite(struct model *m)
{
	static const struct index_key key = { sizeof(struct path_count), path_hash, path_same };
	struct index known = index_of(&key);
	size_t kept = 0;
	int err = 0;

	for (size_t i = 0; i < m->nstacks; i++) {
		struct path_count *p = &m->stacks[i], *same;
		size_t found = err ? INDEX_NONE : index_find(&known, m->stacks, p);

		if (found == INDEX_NONE) {
			m->stacks[kept++] = *p;
			if (!err)
				err = index_add(&known, m->stacks);
			continue;
		}
		same = &m->stacks[found];
		same->calls += p->calls;
		same->bytes += p->bytes;
		same->ns += p->ns;
		path_count_release(p);
	}
	m->nstacks = kept;
	index_release(&known);
	return err;
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
	err = live_frames(l, &grown->stack,
			  &(struct trail){ key->stack, key->caller, count->since, target });
	/* who called first of all */
	if (!err && grown->stack.count && key->task[0])
		err = frames_add(&grown->stack, key->task);
	return err;
}
