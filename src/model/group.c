// SPDX-License-Identifier: GPL-2.0
/*
 * Aggregates added up, see group.h.
 */
#include <errno.h>
#include <stdlib.h>
#include "model/group.h"
#include "base/list.h"
#include "base/name.h"

const char *const axis_names[AXIS_MAX + 1] = {
	[AXIS_DEVICE] = "device", [AXIS_DRIVER] = "driver", [AXIS_OP] = "op",
	[AXIS_PATH] = "path", [AXIS_LAYER] = "layer", [AXIS_DIRECTION] = "direction",
};

static void keys_of(struct group *g, const struct aggregate *a, unsigned by)
{
	const char *const all[AXIS_MAX] = {
		[AXIS_DEVICE] = a->device, [AXIS_DRIVER] = a->driver,
		[AXIS_OP] = ops[a->op].name, [AXIS_PATH] = path_names[a->path],
		[AXIS_LAYER] = layer_names[ops[a->op].layer],
		[AXIS_DIRECTION] = direction_names[a->direction],
	};

	for (int axis = 0; axis < AXIS_MAX; axis++)
		if (by & 1u << axis)
			g->keys[axis] = all[axis];
	if (by & 1u << AXIS_OP)
		g->op = a->op;
}

static size_t keys_hash(const void *row)
{
	const struct group *g = row;
	size_t hash = 0;

	for (int axis = 0; axis < AXIS_MAX; axis++)
		hash = hash_name(hash, g->keys[axis]);
	return hash;
}

static bool keys_same(const void *left, const void *right)
{
	const struct group *a = left, *b = right;

	for (int axis = 0; axis < AXIS_MAX; axis++)
		if (!name_same(a->keys[axis], b->keys[axis]))
			return false;
	return true;
}

static const struct index_key group_key = { sizeof(struct group), keys_hash, keys_same };

const struct group *groups_find(const struct groups *groups, const struct group *like)
{
	size_t found = index_find(&groups->by_keys, groups->items, like);

	return found != INDEX_NONE ? &groups->items[found] : NULL;
}

/* The group of an aggregate, new if need be; NULL without memory. */
static struct group *group_of(struct groups *groups, const struct aggregate *a, unsigned by)
{
	struct group like = { .errors_known = true, .latency_known = true }, *items;
	size_t found;

	keys_of(&like, a, by);
	found = index_find(&groups->by_keys, groups->items, &like);
	if (found != INDEX_NONE)
		return &groups->items[found];
	items = list_grow(groups->items, groups->count, sizeof(*items));
	if (!items)
		return NULL;
	groups->items = items;
	items[groups->count] = like;
	return index_add(&groups->by_keys, items) ? NULL : &items[groups->count++];
}

int groups_make(struct groups *groups, const struct model *m, unsigned by)
{
	*groups = (struct groups){ .by_keys = index_of(&group_key) };
	for (size_t i = 0; i < m->naggregates; i++) {
		const struct aggregate *a = &m->aggregates[i];
		struct group *g = group_of(groups, a, by);

		if (!g || hist_merge(&g->latency, &a->latency) ||
		    hist_merge(&g->size, &a->size)) {
			groups_release(groups);
			return -ENOMEM;
		}
		g->calls += a->calls;
		g->errors += a->errors;
		g->bytes += a->bytes;
		g->errors_known &= a->errors_known;
		g->latency_known &= a->latency_known;
		g->sized |= !(ops_without_size & op_bit(a->op));
	}
	return 0;
}

int groups_lifetimes(struct groups *groups, const struct model *m, unsigned by,
		     dmt_ops ops_wanted)
{
	*groups = (struct groups){ .by_keys = index_of(&group_key) };
	for (size_t i = 0; i < m->nlifetimes; i++) {
		const struct lifetime_row *r = &m->lifetimes[i];
		const struct aggregate like = { .device = r->device, .driver = r->driver,
						.op = r->op };
		struct group *g;

		if (!(ops_wanted & op_bit(r->op)))
			continue;
		g = group_of(groups, &like, by & LIFETIME_AXES);
		if (!g || hist_merge(&g->lifetime, &r->lifetime)) {
			groups_release(groups);
			return -ENOMEM;
		}
		g->unseen += r->unseen;
		g->shared += r->shared;
	}
	return 0;
}

void groups_release(struct groups *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		hist_release(&groups->items[i].latency);
		hist_release(&groups->items[i].size);
		hist_release(&groups->items[i].lifetime);
	}
	free(groups->items);
	index_release(&groups->by_keys);
	*groups = (struct groups){ 0 };
}
