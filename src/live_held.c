// SPDX-License-Identifier: GPL-2.0
/*
 * Reading what is held: bounce slots, mappings and allocations not given back, and how long those
 * were held that are.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "err.h"
#include "live_private.h"
#include "name.h"

/* What is held, added up by device, operation and call path before there are names to them. */
struct heap {
	__u32 device, hook;
	__s32 stack;
	__u64 caller;
	bool gone;		/* its driver has let the device go since */
	unsigned slices;
	unsigned long long count, bytes, since;
};

/* One of them, while it is not yet known whether it is told of. */
struct one {
	struct dmt_held_key key;
	struct dmt_held_value value;
	bool gone;
};

struct heaps {
	struct heap *list;
	size_t count;
	struct one *ones;		/* mappings only */
	size_t nones, room;
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

static int one_add(struct heaps *heaps, const struct one *one)
{
	struct one *grown;

	if (heaps->nones == heaps->room) {
		heaps->room = heaps->room ? heaps->room * 2 : 1024;
		grown = reallocarray(heaps->ones, heaps->room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		heaps->ones = grown;
	}
	heaps->ones[heaps->nones++] = *one;
	return 0;
}

/* Is the device no longer the one it was when this was taken? */
static bool device_gone(struct live *l, __u64 dev, __u32 then)
{
	__u32 now;

	return dev && (bpf_map_lookup_elem(bpf_map__fd(l->first->maps.device_index), &dev, &now) ||
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

static int held_read(struct live *l, bool slots, struct heaps *heaps)
{
	int fd = bpf_map__fd(l->first->maps.held), err = 0;
	struct dmt_held_key *last = NULL;
	struct one one;

	while (!err && !bpf_map_get_next_key(fd, last, &one.key)) {
		last = &one.key;
		if (((one.key.whose & DMT_HELD_BITS) == DMT_HELD_SLOT) != slots ||
		    bpf_map_lookup_elem(fd, &one.key, &one.value) || one.value.hook >= DMT_HOOK_MAX)
			continue;
		one.gone = device_gone(l, one.key.whose & ~DMT_HELD_BITS, one.value.device);
		err = heap_add(l, heaps, &one.value, one.gone);
		if (!err && !slots && !skips_unmaps(l, one.value.device, one.value.hook))
			err = one_add(heaps, &one);
	}
	return err;
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

		h->device = name_copy(device.name);
		h->driver = name_copy(device.driver);
		h->pool = name_copy(device.pool);
		h->count = heaps.list[i].count;
		h->bytes = heaps.list[i].bytes;
		err = live_frames(l, &h->stack, heaps.list[i].stack, heaps.list[i].caller,
				  target_of(l, heaps.list[i].hook));
	}
	free(heaps.list);
	return m->holders ? err : -ENOMEM;
}

static int rows_make(struct live *l, struct model *m, const struct heaps *heaps,
		     unsigned long long now)
{
	int err = 0;

	m->live = calloc(heaps->count + 1, sizeof(*m->live));
	for (size_t i = 0; !err && m->live && i < heaps->count; i++) {
		const struct heap *heap = &heaps->list[i];
		struct live_row *row = &m->live[m->nlive++];

		device_names(l, heap->device, &row->device, &row->driver);
		row->slices = heap->slices;
		row->pending = heap->gone;
		row->unmaps_skipped = skips_unmaps(l, heap->device, heap->hook);
		row->op = hook_op(heap->hook);
		row->count = heap->count;
		row->bytes = heap->bytes;
		row->oldest_ns = now > heap->since ? now - heap->since : 0;
		err = live_frames(l, &row->stack, heap->stack, heap->caller,
				  target_of(l, heap->hook));
	}
	return m->live ? err : -ENOMEM;
}

/* By age, then by address, so that the order is always the same. */
static int older(const void *a, const void *b)
{
	const struct one *left = a, *right = b;

	if (left->value.since != right->value.since)
		return left->value.since < right->value.since ? -1 : 1;
	return left->key.address < right->key.address ? -1 : left->key.address > right->key.address;
}

static int by_device(const void *a, const void *b)
{
	const struct one *left = a, *right = b;

	if (left->value.device != right->value.device)
		return left->value.device < right->value.device ? -1 : 1;
	return (int)hook_op(left->value.hook) - (int)hook_op(right->value.hook);
}

static unsigned long long age_of(const struct one *one, unsigned long long now)
{
	return now > one->value.since ? now - one->value.since : 0;
}

static int ages_make(struct live *l, struct model *m, struct heaps *heaps, unsigned long long now)
{
	struct age_row *row = NULL, *grown;

	if (heaps->nones)
		qsort(heaps->ones, heaps->nones, sizeof(*heaps->ones), by_device);
	for (size_t i = 0; i < heaps->nones; i++) {
		const struct one *one = &heaps->ones[i];

		if (!i || by_device(one, one - 1)) {
			grown = reallocarray(m->ages, m->nages + 1, sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			m->ages = grown;
			row = &grown[m->nages++];
			*row = (struct age_row){ .op = hook_op(one->value.hook) };
			device_names(l, one->value.device, &row->device, &row->driver);
		}
		age_add(row, age_of(one, now), one->value.count);
	}
	return 0;
}

static int mapping_fill(struct live *l, struct mapping_row *row, const struct one *one,
			unsigned long long now)
{
	const struct dmt_held_value *v = &one->value;
	struct place place = live_place(l, hook_op(v->hook), v->memory, v->base, v->phys);

	*row = (struct mapping_row){
		.op = hook_op(v->hook), .direction = v->direction, .count = v->count,
		.size = v->size, .age_ns = age_of(one, now), .address = one->key.address,
		.phys = place.phys, .virt = place.virt, .pending = one->gone,
	};
	device_names(l, v->device, &row->device, &row->driver);
	return live_frames(l, &row->stack, v->stack, v->caller, target_of(l, v->hook));
}

static int mappings_make(struct live *l, struct model *m, struct heaps *heaps,
			 unsigned long long now)
{
	size_t most = l->wishes.each < heaps->nones ? l->wishes.each : heaps->nones;
	int err = 0;

	m->each = l->wishes.each;
	if (!m->each || !heaps->nones)
		return 0;
	qsort(heaps->ones, heaps->nones, sizeof(*heaps->ones), older);
	m->mappings = calloc(most, sizeof(*m->mappings));
	if (!m->mappings)
		return -ENOMEM;
	for (size_t i = 0; !err && i < most; i++)
		err = mapping_fill(l, &m->mappings[m->nmappings++], &heaps->ones[i], now);
	m->mappings_left = heaps->nones - most;
	return err;
}

static int lifetime_add(struct live *l, struct model *m, __u32 device, enum dmt_hook hook,
			const struct dmt_lifetime *value)
{
	struct lifetime_row *row = reallocarray(m->lifetimes, m->nlifetimes + 1, sizeof(*row));

	if (!row)
		return -ENOMEM;
	m->lifetimes = row;
	row += m->nlifetimes++;
	*row = (struct lifetime_row){ .op = hook_op(hook), .unseen = value->unseen,
				      .shared = value->shared };
	hist_add(&row->lifetime, value->buckets, value->sum, value->max);
	/* two CPUs that raise it at once may leave the lesser there, but not in another bucket */
	for (unsigned i = 0; i < DMT_HIST_BUCKETS; i++)
		if (value->buckets[i] && hist_bucket_min(i) > row->lifetime.max)
			row->lifetime.max = hist_bucket_min(i);
	device_names(l, device, &row->device, &row->driver);
	return 0;
}

static int lifetimes_read(struct live *l, struct model *m)
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
			err = lifetime_add(l, m, device, hook, &value);
	}
	return err;
}

int live_mappings(struct live *l, struct model *m, unsigned long long now)
{
	struct heaps heaps = { 0 };
	int err = held_read(l, false, &heaps);

	m->followed = true;
	if (!err)
		err = rows_make(l, m, &heaps, now);
	if (!err)
		err = ages_make(l, m, &heaps, now);
	if (!err)
		err = mappings_make(l, m, &heaps, now);
	if (!err)
		err = lifetimes_read(l, m);
	free(heaps.list);
	free(heaps.ones);
	return err;
}
