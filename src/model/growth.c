// SPDX-License-Identifier: GPL-2.0
/*
 * Growth of what is held, see growth.h.
 */
#include <errno.h>
#include <stdlib.h>
#include "model/growth.h"
#include "base/list.h"
#include "base/name.h"

const char *const wrong_names[WRONG_MAX] = {
	[WRONG_INSIDE] = "inside of mappings that are held, not where they begin",
	[WRONG_DEVICE] = "which another device holds",
	[WRONG_CUT] = "cut to 32 bits",
	[WRONG_PHYS] = "physical ones, not those of the device",
	[WRONG_REPEATED] = "the same again and again",
};

static size_t kind_hash(const void *row)
{
	const struct growth *g = row;

	return hash_number(hash_name(0, g->device), g->op);
}

static bool kind_same(const void *left, const void *right)
{
	const struct growth *a = left, *b = right;

	return a->op == b->op && name_same(a->device, b->device);
}

static const struct index_key by_kind = { sizeof(struct growth), kind_hash, kind_same };

/* A row for each of the model's; those of a kind are then united in its first. */
static void growth_of_live(struct growth *g, const struct live_row *row)
{
	*g = (struct growth){ .device = row->device, .op = row->op, .held = row->count,
			      .unknown = row->unmaps_skipped };
}

static void growth_of_lifetime(struct growth *g, const struct lifetime_row *row)
{
	*g = (struct growth){ .device = row->device, .op = row->op, .unseen = row->unseen,
			      .unseen_until_ns = row->unseen_until_ns };
	for (int i = 0; i < WRONG_MAX; i++) {
		g->wrong += row->wrong[i];
		if (row->wrong[i] > row->wrong[g->mostly])
			g->mostly = i;
	}
}

static void unite(struct growth *to, const struct growth *from)
{
	to->held += from->held;
	to->unseen += from->unseen;
	if (from->wrong > to->wrong)
		to->mostly = from->mostly;
	to->wrong += from->wrong;
	to->unknown |= from->unknown;
	if (from->unseen_until_ns > to->unseen_until_ns)
		to->unseen_until_ns = from->unseen_until_ns;
}

/* So many of what is held may stand for what was there before the run. */
static unsigned long long replaced(const struct growth *g)
{
	return g->unseen > g->wrong ? g->unseen - g->wrong : 0;
}

static unsigned long long less(unsigned long long from, unsigned long long what)
{
	return from > what ? from - what : 0;
}

bool growth_lasting(const struct live_row *row)
{
	return row->count >= GROWTH_LEAST &&
	       __builtin_popcount(row->slices) >= LIVE_SLICES / 2;
}

unsigned long long growth_of_row(const struct growth *g, const struct live_row *row)
{
	return less(row->count, replaced(g));
}

static struct growth *find(const struct growths *g, const char *device, enum dmt_op op)
{
	const struct growth like = { .device = device, .op = op };
	size_t n = index_find(&g->by_kind, g->list, &like);

	return n != INDEX_NONE ? &g->list[n] : NULL;
}

const struct growth *growth_find(const struct growths *g, const char *device, enum dmt_op op)
{
	return find(g, device, op);
}

/* Recordings of version 2 do not say when: 0. */
static bool ended_early(const struct growth *g, unsigned long long duration_ns)
{
	return g->unseen_until_ns && g->unseen_until_ns <= duration_ns / 2;
}

/*
 * Unseen ones that ended in the first half were all there were.  Else it takes a call site whose
 * mappings stay, and so many that gave back something unknown that they may be its own.
 */
static void growths_settle(struct growths *g, const struct model *m)
{
	for (size_t i = 0; i < g->count; i++)
		g->list[i].least = less(g->list[i].held, replaced(&g->list[i]));
	for (size_t i = 0; i < m->nlive; i++) {
		const struct live_row *row = &m->live[i];
		struct growth *kind = find(g, row->device, row->op);

		if (kind && growth_lasting(row) && replaced(kind) >= GROWTH_LEAST &&
		    !ended_early(kind, m->duration_ns))
			kind->open = true;
	}
}

int growths_make(struct growths *g, const struct model *m)
{
	size_t kept = 0;
	int err;

	*g = (struct growths){ .list = calloc(m->nlive + m->nlifetimes + 1, sizeof(*g->list)) };
	if (!g->list)
		return -ENOMEM;
	for (size_t i = 0; i < m->nlive; i++)
		growth_of_live(&g->list[g->count++], &m->live[i]);
	for (size_t i = 0; i < m->nlifetimes; i++)
		growth_of_lifetime(&g->list[g->count++], &m->lifetimes[i]);
	err = index_make(&g->by_kind, &by_kind, g->list, g->count);
	if (err)
		return err;
	for (size_t i = 0; i < g->count; i++)
		if (index_first(&g->by_kind, i) != i)
			unite(&g->list[index_first(&g->by_kind, i)], &g->list[i]);
	for (size_t i = 0; i < g->count; i++)
		if (index_first(&g->by_kind, i) == i)
			g->list[kept++] = g->list[i];
	g->count = kept;
	index_release(&g->by_kind);
	err = index_make(&g->by_kind, &by_kind, g->list, g->count);
	if (!err)
		growths_settle(g, m);
	return err;
}

void growths_release(struct growths *g)
{
	index_release(&g->by_kind);
	free(g->list);
	*g = (struct growths){ 0 };
}
