// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses that were given back and not seen made: which of them cannot have been made before the
 * run either, as what is still held shows.  What was made after such an address was given back
 * shows nothing.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "live/private.h"

struct stray {
	struct dmt_held_key key;
	struct dmt_stray value;
	bool explained;
};

struct strays {
	struct stray *list;		/* by address */
	size_t count;
	unsigned long long (*wrong)[WRONG_MAX];
};

static __u64 device_in(__u64 whose)
{
	return whose & ~DMT_HELD_BITS;
}

static int by_address(const void *a, const void *b)
{
	const struct dmt_held_key *left = &((const struct stray *)a)->key;
	const struct dmt_held_key *right = &((const struct stray *)b)->key;

	return left->address < right->address ? -1 : left->address > right->address;
}

/* From key to key is a way here: none is ever taken out. */
static int strays_read(struct live *l, struct strays *s)
{
	int fd = bpf_map__fd(l->first->maps.strays);
	struct dmt_held_key key, *from = NULL;

	s->list = calloc(DMT_STRAYS, sizeof(*s->list));
	if (!s->list)
		return -ENOMEM;
	while (s->count < DMT_STRAYS && !bpf_map_get_next_key(fd, from, &key)) {
		struct stray *stray = &s->list[s->count];

		stray->key = key;
		from = &stray->key;
		s->count += !bpf_map_lookup_elem(fd, &key, &stray->value) &&
			    stray->value.lifetime < LIFETIMES;
	}
	if (s->count)
		qsort(s->list, s->count, sizeof(*s->list), by_address);
	return 0;
}

static void explain(struct strays *s, struct stray *stray, enum wrong wrong)
{
	if (!stray->explained)
		s->wrong[stray->value.lifetime][wrong] += stray->value.count;
	stray->explained = true;
}

/* The first of this address or above. */
static size_t first_from(const struct strays *s, __u64 address)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->list[middle].key.address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Those from one address to before another; of the device that holds it, or of others. */
static void range_explain(struct strays *s, const struct live_one *one, __u64 from, __u64 to,
			  enum wrong wrong)
{
	for (size_t i = first_from(s, from); i < s->count && s->list[i].key.address < to; i++) {
		struct stray *stray = &s->list[i];
		bool same = device_in(stray->key.whose) == device_in(one->key.whose);

		if (one->value.since < stray->value.first && same == (wrong != WRONG_DEVICE))
			explain(s, stray, wrong);
	}
}

/* Which addresses this one shows to be wrong. */
static void one_explains(struct live *l, struct strays *s, const struct live_one *one)
{
	const struct dmt_held_value *v = &one->value;
	__u64 address = one->key.address, phys;

	if (v->memory == DMT_MEMORY_TABLE)
		return;
	phys = live_place(l, hook_op(v->hook), v->memory, v->base, v->phys).phys;
	/* a list is not in one piece */
	if (v->hook != DMT_HOOK_MAP_SG && address + v->size > address)
		range_explain(s, one, address + 1, address + v->size, WRONG_INSIDE);
	range_explain(s, one, address, address + 1, WRONG_DEVICE);
	if (address >> 32)
		range_explain(s, one, (__u32)address, (__u64)(__u32)address + 1, WRONG_CUT);
	if (phys && phys != address)
		range_explain(s, one, phys, phys + 1, WRONG_PHYS);
}

int live_strays(struct live *l, const struct live_one *ones, size_t count,
		unsigned long long (*wrong)[WRONG_MAX])
{
	struct strays s = { .wrong = wrong };
	int err = strays_read(l, &s);

	for (size_t i = 0; !err && s.count && i < count; i++)
		one_explains(l, &s, &ones[i]);
	for (size_t i = 0; !err && i < s.count; i++)
		if (s.list[i].value.count > DMT_HELD_SAME)
			explain(&s, &s.list[i], WRONG_REPEATED);
	free(s.list);
	return err;
}
