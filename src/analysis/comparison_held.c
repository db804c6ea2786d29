// SPDX-License-Identifier: GPL-2.0
/*
 * What two recordings hold in the end, and what held it; see compare.h.
 */
#include <errno.h>
#include <math.h>
#include "analysis/comparison_private.h"
#include "base/list.h"
#include "base/name.h"

static bool frames_same(const struct frames *a, const struct frames *b)
{
	size_t n = 0;

	while (n < a->count && n < b->count && name_same(a->names[n], b->names[n]))
		n++;
	return n == a->count && n == b->count;
}

static bool stack_same(const void *left, const void *right)
{
	const struct live_row *a = left, *b = right;

	return live_by_op.same(a, b) && frames_same(&a->stack, &b->stack);
}

static size_t stack_hash(const void *row)
{
	const struct live_row *r = row;
	size_t hash = live_by_op.hash(r);

	for (size_t i = 0; i < r->stack.count; i++)
		hash = hash_name(hash, r->stack.names[i]);
	return hash;
}

static const struct index_key live_by_stack = {
	sizeof(struct live_row), stack_hash, stack_same
};

int side_held_begin(struct side *s)
{
	const struct model *m = &s->from->whole;
	int err = index_make(&s->made, &aggregates_by_op, m->aggregates, m->naggregates);

	if (!err)
		err = index_make(&s->ages, &ages_by_op, m->ages, m->nages);
	if (!err)
		err = index_make(&s->lifetimes, &lifetimes_by_op, m->lifetimes, m->nlifetimes);
	if (!err)
		err = index_make(&s->live, &live_by_op, m->live, m->nlive);
	return err ? err : index_make(&s->stacks, &live_by_stack, m->live, m->nlive);
}

void side_held_end(struct side *s)
{
	index_release(&s->made);
	index_release(&s->ages);
	index_release(&s->lifetimes);
	index_release(&s->live);
	index_release(&s->stacks);
}

/* Those of a device and operation, as a row of ages has them, that were made. */
static unsigned long long made(const struct side *s, const struct age_row *of)
{
	const struct aggregate *rows = s->from->whole.aggregates;
	const struct aggregate like = { .device = of->device, .driver = of->driver, .op = of->op };
	size_t n = index_find(&s->made, rows, &like);
	unsigned long long calls = 0;

	for (; n != INDEX_NONE; n = index_next(&s->made, n))
		calls += rows[n].calls - rows[n].errors;
	return calls;
}

/* The longest time any was held that was given back. */
static unsigned long long longest(const struct side *s, const struct age_row *of)
{
	const struct lifetime_row *rows = s->from->whole.lifetimes;
	const struct lifetime_row like = { .device = of->device, .driver = of->driver,
					   .op = of->op };
	size_t n = index_find(&s->lifetimes, rows, &like);
	unsigned long long ns = 0;

	for (; n != INDEX_NONE; n = index_next(&s->lifetimes, n))
		if (rows[n].lifetime.max > ns)
			ns = rows[n].lifetime.max;
	return ns;
}

/* What is still held, and was already for longer than that. */
static unsigned long long held(const struct side *s, const struct age_row *of,
			       unsigned long long ns)
{
	const struct age_row *rows = s->from->whole.ages;
	size_t n = index_find(&s->ages, rows, of);
	unsigned long long count = 0;

	for (; n != INDEX_NONE; n = index_next(&s->ages, n))
		for (unsigned bucket = 0; bucket < DMT_HIST_BUCKETS; bucket++)
			if (hist_bucket_min(bucket) > ns)
				count += hist_in(&rows[n].age, bucket);
	return count;
}

static struct live_row live_like(const struct age_row *of)
{
	return (struct live_row){ .device = of->device, .driver = of->driver, .op = of->op };
}

/* Where drivers need not unmap, what is mapped says nothing. */
static bool skipped(const struct side *s, const struct age_row *of)
{
	const struct live_row *rows = s->from->whole.live, like = live_like(of);
	size_t n = index_find(&s->live, rows, &like);

	while (n != INDEX_NONE && !rows[n].unmaps_skipped)
		n = index_next(&s->live, n);
	return n != INDEX_NONE;
}

/* None where there were some, or some where there was none, is no matter of chance. */
static struct difference held_difference(const struct change *c, double threshold)
{
	const struct shares a = { .counted = c->before, .of = c->calls_before };
	const struct shares b = { .counted = c->after, .of = c->calls_after };
	struct difference d = compare_counts(&a, &b, 1, threshold);

	if (d.verdict != VERDICT_FEW && (!c->before || !c->after)) {
		d.verdict = c->after ? VERDICT_MORE : VERDICT_LESS;
		d.p = NAN;
	}
	return d;
}

/* All that is held by the call path of a row; several rows may be of the same names. */
static struct live_row held_by(const struct side *s, const struct live_row *like)
{
	const struct live_row *rows = s->from->whole.live;
	size_t n = index_find(&s->stacks, rows, like);
	struct live_row sum = { 0 };

	for (; n != INDEX_NONE; n = index_next(&s->stacks, n)) {
		sum.count += rows[n].count;
		sum.bytes += rows[n].bytes;
		if (rows[n].oldest_ns > sum.oldest_ns)
			sum.oldest_ns = rows[n].oldest_ns;
	}
	return sum;
}

/* more: are more held in the second?  ns: what was given back was held no longer. */
static int held_path_add(struct making *m, const struct live_row *row, bool more,
			 unsigned long long ns)
{
	struct live_row before = held_by(&m->sides[0], row), after = held_by(&m->sides[1], row);
	struct comparison *c = m->c;
	struct held_path *grown;

	if ((more ? after.oldest_ns : before.oldest_ns) <= ns || before.count == after.count ||
	    (after.count > before.count) != more)
		return 0;
	grown = list_grow(c->held_paths, c->nheld_paths, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	c->held_paths = grown;
	grown[c->nheld_paths++] = (struct held_path){
		.device = row->device, .driver = row->driver, .op = row->op, .stack = &row->stack,
		.before = before.count, .after = after.count,
		.bytes_before = before.bytes, .bytes_after = after.bytes,
	};
	return 0;
}

/* The first row of each call path. */
static int held_paths_add(struct making *m, const struct age_row *of, bool more,
			  unsigned long long ns)
{
	const struct side *s = &m->sides[more];
	const struct live_row *rows = s->from->whole.live, like = live_like(of);
	size_t n = index_find(&s->live, rows, &like);
	int err = 0;

	for (; !err && n != INDEX_NONE; n = index_next(&s->live, n))
		if (index_first(&s->stacks, n) == n)
			err = held_path_add(m, &rows[n], more, ns);
	return err;
}

static int held_add(struct making *m, const struct age_row *of)
{
	const struct side *a = &m->sides[0], *b = &m->sides[1];
	unsigned long long ns_a = longest(a, of), ns_b = longest(b, of);
	unsigned long long ns = ns_a > ns_b ? ns_a : ns_b;
	struct change *c;

	if ((!held(a, of, ns) && !held(b, of, ns)) || skipped(a, of) || skipped(b, of))
		return 0;
	c = change_add(m->c, of->op, MEASURE_HELD);
	if (!c)
		return -ENOMEM;
	c->keys[AXIS_DEVICE] = of->device;
	c->keys[AXIS_DRIVER] = of->driver;
	c->keys[AXIS_OP] = ops[of->op].name;
	c->before = held(a, of, ns);
	c->after = held(b, of, ns);
	c->calls_before = made(a, of);
	c->calls_after = made(b, of);
	c->difference = held_difference(c, m->c->threshold);
	return change_found(c) ?
	       held_paths_add(m, of, c->difference.verdict == VERDICT_MORE, ns) : 0;
}

int held_add_all(struct making *m)
{
	const struct model *first = &m->sides[0].from->whole;
	int err = 0;

	if (!first->followed || !m->sides[1].from->whole.followed)
		return 0;
	for (int side = 0; side < 2; side++) {
		const struct side *s = &m->sides[side];
		const struct model *from = &s->from->whole;

		for (size_t i = 0; !err && i < from->nages; i++) {
			const struct age_row *row = &from->ages[i];

			if (index_first(&s->ages, i) == i && (!side ||
			    index_find(&m->sides[0].ages, first->ages, row) == INDEX_NONE))
				err = held_add(m, row);
		}
	}
	return err;
}
