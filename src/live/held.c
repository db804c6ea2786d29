// SPDX-License-Identifier: GPL-2.0
/*
 * Reading what is held: bounce slots, mappings and allocations not given back, and how long those
 * were held that are.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "live/private.h"
#include "base/name.h"

/* What is held, added up by device, operation and call path before there are names to them. */
struct heap {
	__u32 device, hook;
	__s32 stack;
	__u64 caller;
	bool gone;		/* its driver has let the device go since */
	bool skipped;		/* its driver need not unmap: they say nothing one by one */
	unsigned slices;
	unsigned long long count, bytes, since;
};

struct held {
	struct live_one *ones;
	size_t nones, room;
	struct heap *heaps;
	size_t nheaps;
};

static void held_free(struct held *held)
{
	free(held->ones);
	free(held->heaps);
}

/* In which part of the run it was made, as a bit. */
static unsigned slice(const struct live *l, unsigned long long since)
{
	unsigned long long age = since > l->start_ns ? since - l->start_ns : 0;

	if (!l->duration_ns || age >= l->duration_ns)
		return 1u << (LIVE_SLICES - 1);
	return 1u << age * LIVE_SLICES / l->duration_ns;
}

static int one_add(struct held *held, const struct dmt_held_key *key,
		   const struct dmt_held_value *value)
{
	struct live_one *grown;

	if (held->nones == held->room) {
		held->room = held->room ? held->room * 2 : 1024;
		grown = reallocarray(held->ones, held->room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		held->ones = grown;
	}
	grown = &held->ones[held->nones++];
	*grown = (struct live_one){ *key, *value, false };
	if (key->whose)
		grown->key.whose |= ~0ull << DMT_HELD_WHICH;
	return 0;
}

/*
 * Bucket by bucket.  From key to key there is no way while calls give back what they took: behind a
 * key that is gone the kernel starts over, and what was read counts twice.
 */
static int ones_read(struct live *l, struct held *slots, struct held *mappings)
{
	const __u32 batch = 1024;
	struct dmt_held_key *keys = calloc(batch, sizeof(*keys));
	struct dmt_held_value *values = calloc(batch, sizeof(*values));
	int err = keys && values ? 0 : -ENOMEM;
	__u32 at, *from = NULL;

	while (!err) {
		__u32 count = batch;
		int added = 0;

		err = bpf_map_lookup_batch(bpf_map__fd(l->first->maps.held), from, &at, keys,
					   values, &count, NULL);
		if (err && err != -ENOENT)
			break;
		from = &at;
		for (__u32 i = 0; !added && i < count; i++)
			added = one_add(keys[i].whose == DMT_HELD_SLOT ? slots : mappings,
					&keys[i], &values[i]);
		if (added)
			err = added;
	}
	free(keys);
	free(values);
	/* none are left */
	return err == -ENOENT ? 0 : err;
}

/* Is the device no longer the one it was when this was taken? */
static bool device_gone(struct live *l, __u64 dev, __u32 then)
{
	__u32 now;

	return dev && then &&
	       (bpf_map_lookup_elem(bpf_map__fd(l->first->maps.device_index), &dev, &now) ||
		now != then);
}

static struct dmt_device device_of(struct live *l, __u32 id)
{
	struct dmt_device device = { 0 };

	if (id)
		bpf_map_lookup_elem(bpf_map__fd(l->first->maps.devices), &id, &device);
	return device;
}

/*
 * Since v6.16 a driver need not unmap where that does nothing (dma_need_unmap()): on devices that
 * map directly and coherently.  They skip syncs, too.
 */
static bool skips_unmaps(struct live *l, __u32 id, __u32 hook)
{
	enum dmt_op op = hook_op(hook);
	struct dmt_device device;

	/* came with it, and the hook table names it */
	if (!kernel_function(&l->kernel, "dma_iova_try_alloc") ||
	    (op != DMT_OP_MAP && op != DMT_OP_MAP_SG))
		return false;
	device = device_of(l, id);
	return device.flags & DMT_DEVICE_SKIPS_SYNC && !(device.flags & DMT_DEVICE_IOMMU_FLAG);
}

static int compared(unsigned long long a, unsigned long long b)
{
	return a < b ? -1 : a > b;
}

static int by_heap(const void *a, const void *b)
{
	const struct dmt_held_value *left = &((const struct live_one *)a)->value;
	const struct dmt_held_value *right = &((const struct live_one *)b)->value;
	int order = compared(left->device, right->device);

	if (!order)
		order = compared(left->hook, right->hook);
	if (!order)
		order = compared((__u32)left->stack, (__u32)right->stack);
	return order ? order : compared(left->caller, right->caller);
}

static struct heap *heap_begin(struct live *l, struct held *held, const struct live_one *one)
{
	struct heap *grown = reallocarray(held->heaps, held->nheaps + 1, sizeof(*grown)), *h;
	const struct dmt_held_value *v = &one->value;

	if (!grown)
		return NULL;
	held->heaps = grown;
	h = grown + held->nheaps++;
	*h = (struct heap){
		.device = v->device, .hook = v->hook, .stack = v->stack, .caller = v->caller,
		.since = v->since,
		.gone = device_gone(l, one->key.whose & ~DMT_HELD_BITS, v->device),
		.skipped = skips_unmaps(l, v->device, v->hook),
	};
	return h;
}

/* Sorted, so that each heap is in one piece; what its driver need not unmap is left out then. */
static int heaps_make(struct live *l, struct held *held)
{
	struct heap *h = NULL;
	size_t kept = 0;

	if (held->nones)
		qsort(held->ones, held->nones, sizeof(*held->ones), by_heap);
	for (size_t i = 0; i < held->nones; i++) {
		struct live_one one = held->ones[i];

		if (!i || by_heap(&held->ones[i - 1], &one))
			h = heap_begin(l, held, &one);
		if (!h)
			return -ENOMEM;
		h->slices |= slice(l, one.value.since);
		h->count++;
		h->bytes += one.value.size;
		if (one.value.since < h->since)
			h->since = one.value.since;
		one.gone = h->gone;
		if (!h->skipped)
			held->ones[kept++] = one;
	}
	held->nones = kept;
	return 0;
}

static void device_names(struct live *l, __u32 id, char **name, char **driver)
{
	struct dmt_device device = device_of(l, id);

	*name = name_copy(device.name);
	*driver = name_copy(device.driver);
}

static const char *target_of(const struct live *l, __u32 hook)
{
	return l->plan.hooks[hook].sight ? l->plan.hooks[hook].sight->target : NULL;
}

static struct trail trail_of(const struct live *l, const struct heap *heap)
{
	return (struct trail){ heap->stack, heap->caller, heap->since, target_of(l, heap->hook) };
}

static int holders_make(struct live *l, struct model *m, const struct held *held)
{
	int err = 0;

	m->holders = calloc(held->nheaps + 1, sizeof(*m->holders));
	for (size_t i = 0; !err && m->holders && i < held->nheaps; i++) {
		const struct heap *heap = &held->heaps[i];
		const struct trail trail = trail_of(l, heap);
		struct dmt_device device = device_of(l, heap->device);
		struct holder *h = &m->holders[m->nholders++];

		h->device = name_copy(device.name);
		h->driver = name_copy(device.driver);
		h->pool = name_copy(device.pool);
		h->count = heap->count;
		h->bytes = heap->bytes;
		err = live_frames(l, &h->stack, &trail);
	}
	return m->holders ? err : -ENOMEM;
}

static int rows_make(struct live *l, struct model *m, const struct held *held,
		     unsigned long long now)
{
	int err = 0;

	m->live = calloc(held->nheaps + 1, sizeof(*m->live));
	for (size_t i = 0; !err && m->live && i < held->nheaps; i++) {
		const struct heap *heap = &held->heaps[i];
		const struct trail trail = trail_of(l, heap);
		struct live_row *row = &m->live[m->nlive++];

		device_names(l, heap->device, &row->device, &row->driver);
		row->slices = heap->slices;
		row->pending = heap->gone;
		row->unmaps_skipped = heap->skipped;
		row->op = hook_op(heap->hook);
		row->count = heap->count;
		row->bytes = heap->bytes;
		row->oldest_ns = now > heap->since ? now - heap->since : 0;
		err = live_frames(l, &row->stack, &trail);
	}
	return m->live ? err : -ENOMEM;
}

/* By age, then by address, so that the order is always the same. */
static int older(const void *a, const void *b)
{
	const struct live_one *left = a, *right = b;
	int order = compared(left->value.since, right->value.since);

	return order ? order : compared(left->key.address, right->key.address);
}

static unsigned long long age_of(const struct live_one *one, unsigned long long now)
{
	return now > one->value.since ? now - one->value.since : 0;
}

/* Of those in order of their heaps: those of one device and hook are side by side. */
static int ages_make(struct live *l, struct model *m, const struct held *held,
		     unsigned long long now)
{
	const struct dmt_held_value *last = NULL;
	struct age_row *row = NULL, *grown;

	for (size_t i = 0; i < held->nones; i++) {
		const struct dmt_held_value *v = &held->ones[i].value;

		if (!last || v->device != last->device || v->hook != last->hook) {
			grown = reallocarray(m->ages, m->nages + 1, sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			m->ages = grown;
			row = &grown[m->nages++];
			*row = (struct age_row){ .op = hook_op(v->hook) };
			device_names(l, v->device, &row->device, &row->driver);
		}
		if (age_add(row, age_of(&held->ones[i], now), 1))
			return -ENOMEM;
		last = v;
	}
	return 0;
}

static int mapping_fill(struct live *l, struct mapping_row *row, const struct live_one *one,
			unsigned long long now)
{
	const struct dmt_held_value *v = &one->value;
	struct place place = live_place(l, hook_op(v->hook), v->memory, v->base, v->phys);

	*row = (struct mapping_row){
		.op = hook_op(v->hook), .direction = v->direction, .count = 1, .size = v->size,
		.age_ns = age_of(one, now),
		.address = v->memory == DMT_MEMORY_TABLE ? v->phys : one->key.address,
		.phys = place.phys, .virt = place.virt, .pending = one->gone,
	};
	device_names(l, v->device, &row->device, &row->driver);
	return live_frames(l, &row->stack, &(struct trail){ v->stack, v->caller, v->since,
							    target_of(l, v->hook) });
}

static int mappings_make(struct live *l, struct model *m, struct held *held,
			 unsigned long long now)
{
	size_t most;
	int err = 0;

	m->each = l->wishes.each;
	if (!m->each || !held->nones)
		return 0;
	most = l->wishes.each < held->nones ? l->wishes.each : held->nones;
	qsort(held->ones, held->nones, sizeof(*held->ones), older);
	m->mappings = calloc(most, sizeof(*m->mappings));
	if (!m->mappings)
		return -ENOMEM;
	for (size_t i = 0; !err && i < most; i++)
		err = mapping_fill(l, &m->mappings[m->nmappings++], &held->ones[i], now);
	m->mappings_left = held->nones - most;
	return err;
}

static int lifetime_add(struct live *l, struct model *m, __u32 device, enum dmt_hook hook,
			const struct dmt_lifetime *value, const unsigned long long *wrong)
{
	struct lifetime_row *row = reallocarray(m->lifetimes, m->nlifetimes + 1, sizeof(*row));
	unsigned long long count;

	if (!row)
		return -ENOMEM;
	m->lifetimes = row;
	row += m->nlifetimes++;
	*row = (struct lifetime_row){ .op = hook_op(hook), .unseen = value->unseen,
				      .shared = value->shared };
	if (value->unseen_last > l->start_ns)
		row->unseen_until_ns = value->unseen_last - l->start_ns;
	memcpy(row->wrong, wrong, sizeof(row->wrong));
	device_names(l, device, &row->device, &row->driver);
	return hist_add(&row->lifetime, value->buckets, value->sum, value->max, &count);
}

static int lifetimes_read(struct live *l, struct model *m,
			  unsigned long long (*wrong)[WRONG_MAX])
{
	static const enum dmt_hook takers[] = {
#define X(id) [DMT_TAKER_##id] = DMT_HOOK_##id,
		DMT_TAKERS(X)
#undef X
	};
	static const struct dmt_lifetime none;
	const struct bpf_map *map = l->first->maps.lifetimes;
	struct dmt_lifetime value;
	int err = 0;

	for (__u32 i = 0; !err && i < bpf_map__max_entries(map); i++) {
		__u32 device = i / DMT_TAKER_MAX;
		enum dmt_hook hook = takers[i % DMT_TAKER_MAX];

		if (!bpf_map_lookup_elem(bpf_map__fd(map), &i, &value) &&
		    memcmp(&value, &none, sizeof(none)) && !skips_unmaps(l, device, hook))
			err = lifetime_add(l, m, device, hook, &value, wrong[i]);
	}
	return err;
}

static int followed_make(struct live *l, struct model *m, struct held *held,
			 unsigned long long now)
{
	const unsigned room = LIFETIMES;
	unsigned long long (*wrong)[WRONG_MAX] = calloc(room, sizeof(*wrong));
	int err = wrong ? rows_make(l, m, held, now) : -ENOMEM;

	if (!err)
		err = ages_make(l, m, held, now);
	if (!err)
		err = live_strays(l, held->ones, held->nones, wrong);
	if (!err)
		err = mappings_make(l, m, held, now);
	if (!err)
		err = lifetimes_read(l, m, wrong);
	free(wrong);
	return err;
}

int live_held(struct live *l, struct model *m, unsigned long long now)
{
	struct held slots = { 0 }, mappings = { 0 };
	int err = 0;

	m->holders_known = l->attached[DMT_HOOK_BOUNCE] && l->attached[DMT_HOOK_SLOT_FREE];
	m->followed = l->wishes.extras & DMT_WANTS_LIVE;
	if (m->holders_known || m->followed)
		err = ones_read(l, &slots, &mappings);
	if (!err)
		err = heaps_make(l, &slots);
	if (!err && m->holders_known)
		err = holders_make(l, m, &slots);
	if (!err)
		err = heaps_make(l, &mappings);
	if (!err && m->followed)
		err = followed_make(l, m, &mappings, now);
	held_free(&slots);
	held_free(&mappings);
	return err;
}
