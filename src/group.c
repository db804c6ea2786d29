// SPDX-License-Identifier: GPL-2.0
/*
 * Aggregates added up, see group.h.
 */
#include <errno.h>
#include <stdlib.h>
#include "group.h"
#include "name.h"

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

static unsigned hash(const struct group *g)
{
	unsigned sum = 0;

	for (int axis = 0; axis < AXIS_MAX; axis++, sum = sum * 31 + 1)
		for (const char *key = g->keys[axis]; key && *key; key++)
			sum = sum * 31 + *key;
	return sum;
}

static bool alike(const struct group *a, const struct group *b)
{
	for (int axis = 0; axis < AXIS_MAX; axis++)
		if (!name_same(a->keys[axis], b->keys[axis]))
			return false;
	return true;
}

/* Groups are large, and far apart in memory: most need not be looked at. */
const struct group *groups_find(const struct groups *groups, const struct group *like)
{
	unsigned wanted = hash(like);

	for (size_t i = 0; i < groups->count; i++)
		if (groups->hashes[i] == wanted && alike(&groups->items[i], like))
			return &groups->items[i];
	return NULL;
}

/* The group of an aggregate, new if need be; NULL without memory. */
static struct group *group_of(struct groups *groups, const struct aggregate *a, unsigned by)
{
	struct group like = { .errors_known = true, .latency_known = true }, *items;
	unsigned *hashes;
	const struct group *found;

	keys_of(&like, a, by);
	found = groups_find(groups, &like);
	if (found)
		return &groups->items[found - groups->items];
	items = realloc(groups->items, (groups->count + 1) * sizeof(*items));
	if (!items)
		return NULL;
	groups->items = items;
	hashes = realloc(groups->hashes, (groups->count + 1) * sizeof(*hashes));
	if (!hashes)
		return NULL;
	groups->hashes = hashes;
	hashes[groups->count] = hash(&like);
	items[groups->count] = like;
	return &items[groups->count++];
}

int groups_make(struct groups *groups, const struct model *m, unsigned by)
{
	*groups = (struct groups){ 0 };
	for (size_t i = 0; i < m->naggregates; i++) {
		const struct aggregate *a = &m->aggregates[i];
		struct group *g = group_of(groups, a, by);

		if (!g) {
			groups_release(groups);
			return -ENOMEM;
		}
		g->calls += a->calls;
		g->errors += a->errors;
		g->bytes += a->bytes;
		g->errors_known &= a->errors_known;
		g->latency_known &= a->latency_known;
		g->sized |= !(ops_without_size & 1u << a->op);
		hist_merge(&g->latency, &a->latency);
		hist_merge(&g->size, &a->size);
	}
	return 0;
}

int groups_lifetimes(struct groups *groups, const struct model *m, unsigned by,
		     unsigned ops_wanted)
{
	*groups = (struct groups){ 0 };
	for (size_t i = 0; i < m->nlifetimes; i++) {
		const struct lifetime_row *r = &m->lifetimes[i];
		const struct aggregate like = { .device = r->device, .driver = r->driver,
						.op = r->op };
		struct group *g;

		if (!(ops_wanted & 1u << r->op))
			continue;
		g = group_of(groups, &like, by & LIFETIME_AXES);
		if (!g) {
			groups_release(groups);
			return -ENOMEM;
		}
		g->unseen += r->unseen;
		g->shared += r->shared;
		hist_merge(&g->lifetime, &r->lifetime);
	}
	return 0;
}

void groups_release(struct groups *groups)
{
	free(groups->items);
	free(groups->hashes);
	*groups = (struct groups){ 0 };
}
