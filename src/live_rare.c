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
 * Addresses to names, innermost first.  A trampoline runs the function from within itself, so it
 * stands on the stack between two frames of that function, which are one; 7.x leaves the outer one
 * out.  A kretprobe runs when the function has left: it is put back.
 */
static int frames_name(struct frames *f, const struct ksyms *k, const __u64 *ips,
		       const char *target)
{
	bool ours = true;
	int err = 0;

	for (int i = 0; !err && i <= DMT_STACK_DEPTH && ips[i]; i++) {
		char name[256];

		/*
		 * The first is where the program was; a return address may be that of the next
		 * function, where the call comes last.
		 */
		if (!ksyms_name(k, ips[i] - !!i, name, sizeof(name)))
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
	if (stack < 0 || bpf_map_lookup_elem(bpf_map__fd(l->first->maps.stack_traces), &stack, ips))
		return 0;
	if (caller && ips[0]) {
		memmove(ips + 2, ips + 1, (DMT_STACK_DEPTH - 1) * sizeof(*ips));
		ips[1] = caller;
	}
	if (!l->ksyms && !l->ksyms_tried) {
		l->ksyms_tried = true;
		l->ksyms = ksyms_read();
	}
	return l->ksyms ? frames_name(f, l->ksyms, ips, target) : 0;
}

static char *copy(const char *name)
{
	return name && name[0] ? strdup(name) : NULL;
}

/* The key as the model has it; a the aggregate that counted these calls. */
static int failed_fill(struct live *l, struct failed *to, const struct dmt_failure_key *key,
		       const struct dmt_failure *value, const struct aggregate *a,
		       enum failure kind, const char *target)
{
	bool map = a->op == DMT_OP_IOMMU_MAP, bounce = a->op == DMT_OP_BOUNCE;

	*to = (struct failed){
		.device = copy(a->device), .driver = copy(a->driver), .op = a->op,
		.direction = a->direction, .kind = kind, .value = key->value,
		.count = value->count, .size = key->size,
		.iova = map ? key->where : 0, .paddr = map ? key->phys : 0,
		.limit = a->op == DMT_OP_IOVA_FAST_ALLOC ? key->where : 0,
		.min_pagesz = map ? key->grain : 0, .slots = bounce ? key->grain : 0,
		.used_min = bounce ? value->used_min : 0, .used_max = bounce ? value->used_max : 0,
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

/* What is held, added up by device, operation and call path before there are names to them. */
struct heap {
	__u32 device, hook;
	__s32 stack;
	__u64 caller;
	bool gone;		/* its driver has let the device go since */
	unsigned slices;
	unsigned long long count, bytes, since;
};

struct heaps {
	struct heap *list;
	size_t count;
};

/* In which part of the run it was made, as a bit. */
static unsigned slice(const struct live *l, unsigned long long since)
{
	unsigned long long age = since > l->start_ns ? since - l->start_ns : 0;

	if (!l->duration_ns || age >= l->duration_ns)
		return 1u << (LIVE_SLICES - 1);
	return 1u << age * LIVE_SLICES / l->duration_ns;
}

static int heap_add(struct live *l, struct heaps *heaps, const struct dmt_held_value *value,
		    bool gone)
{
	struct heap *h = heaps->list, *grown;

	for (; h && h < heaps->list + heaps->count; h++)
		if (h->device == value->device && h->hook == value->hook &&
		    h->stack == value->stack && h->caller == value->caller &&
		    h->gone == gone)
			break;
	if (!h || h == heaps->list + heaps->count) {
		grown = reallocarray(heaps->list, heaps->count + 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		heaps->list = grown;
		h = grown + heaps->count++;
		*h = (struct heap){ .device = value->device, .hook = value->hook,
				    .stack = value->stack, .caller = value->caller,
				    .since = value->since,
				    .gone = gone };
	}
	h->slices |= slice(l, value->since);
	h->count += value->count;
	h->bytes += value->count * value->size;
	if (value->since < h->since)
		h->since = value->since;
	return 0;
}

/* Is the device no longer the one it was when this was taken? */
static bool device_gone(struct live *l, __u64 dev, __u32 then)
{
	__u32 now;

	return dev && (bpf_map_lookup_elem(bpf_map__fd(l->first->maps.device_index), &dev, &now) ||
		       now != then);
}

static int held_read(struct live *l, bool slots, struct heaps *heaps)
{
	int fd = bpf_map__fd(l->first->maps.held), err = 0;
	struct dmt_held_key key, *last = NULL;
	struct dmt_held_value value;

	while (!err && !bpf_map_get_next_key(fd, last, &key)) {
		if ((key.what == DMT_HELD_SLOT) == slots &&
		    !bpf_map_lookup_elem(fd, &key, &value) && value.hook < DMT_HOOK_MAX)
			err = heap_add(l, heaps, &value, device_gone(l, key.dev, value.device));
		last = &key;
	}
	return err;
}

static struct dmt_device device_of(struct live *l, __u32 id)
{
	struct dmt_device device = { 0 };

	if (id)
		bpf_map_lookup_elem(bpf_map__fd(l->first->maps.devices), &id, &device);
	return device;
}

static const char *target_of(const struct live *l, __u32 hook)
{
	return l->plan.hooks[hook].sight ? l->plan.hooks[hook].sight->target : NULL;
}

int live_holders(struct live *l, struct model *m)
{
	struct heaps heaps = { 0 };
	int err;

	m->holders_known = l->attached[DMT_HOOK_BOUNCE] && l->attached[DMT_HOOK_SLOT_FREE];
	if (!m->holders_known)
		return 0;
	err = held_read(l, true, &heaps);
	m->holders = calloc(heaps.count + 1, sizeof(*m->holders));
	for (size_t i = 0; !err && m->holders && i < heaps.count; i++) {
		struct dmt_device device = device_of(l, heaps.list[i].device);
		struct holder *h = &m->holders[m->nholders++];

		h->device = copy(device.name);
		h->driver = copy(device.driver);
		h->pool = copy(device.pool);
		h->count = heaps.list[i].count;
		h->bytes = heaps.list[i].bytes;
		err = live_frames(l, &h->stack, heaps.list[i].stack, heaps.list[i].caller,
				  target_of(l, heaps.list[i].hook));
	}
	free(heaps.list);
	return m->holders ? err : -ENOMEM;
}

/*
 * Since v6.16 a driver need not unmap where that does nothing (dma_need_unmap()): on devices that
 * map directly and coherently.  They skip syncs, too.
 */
static bool skips_unmaps(struct live *l, const struct heap *heap)
{
	enum dmt_op op = hook_op(heap->hook);
	struct dmt_device device = device_of(l, heap->device);

	if (l->plan.hooks[DMT_HOOK_IOVA_ALLOC].absent ||
	    (op != DMT_OP_MAP && op != DMT_OP_MAP_SG))
		return false;
	return device.flags & DMT_DEVICE_SKIPS_SYNC && !(device.flags & DMT_DEVICE_IOMMU_FLAG);
}

int live_mappings(struct live *l, struct model *m, unsigned long long now)
{
	struct heaps heaps = { 0 };
	int err = held_read(l, false, &heaps);

	m->live = calloc(heaps.count + 1, sizeof(*m->live));
	for (size_t i = 0; !err && m->live && i < heaps.count; i++) {
		const struct heap *heap = &heaps.list[i];
		struct dmt_device device = device_of(l, heap->device);
		struct live_row *row = &m->live[m->nlive++];

		row->device = copy(device.name);
		row->driver = copy(device.driver);
		row->slices = heap->slices;
		row->pending = heap->gone;
		row->unmaps_skipped = skips_unmaps(l, heap);
		row->op = hook_op(heap->hook);
		row->count = heap->count;
		row->bytes = heap->bytes;
		row->oldest_ns = now > heap->since ? now - heap->since : 0;
		err = live_frames(l, &row->stack, heap->stack, heap->caller,
				  target_of(l, heap->hook));
	}
	free(heaps.list);
	return m->live ? err : -ENOMEM;
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
	*grown = (struct path_count){ .device = copy(a->device), .driver = copy(a->driver),
				      .op = a->op, .direction = a->direction,
				      .calls = count->calls, .bytes = count->bytes,
				      .ns = count->ns };
	err = live_frames(l, &grown->stack, key->stack, key->caller, target);
	/* who called first of all */
	if (!err && grown->stack.count && key->task[0])
		err = frames_add(&grown->stack, key->task);
	return err;
}
