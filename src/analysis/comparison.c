// SPDX-License-Identifier: GPL-2.0
/*
 * All that can be compared of two recordings, and what chance has to do with all of it together;
 * see compare.h.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/comparison_private.h"
#include "base/list.h"
#include "base/name.h"
#include "model/part.h"

#define OTHER_LOAD 2.0		/* so many times as much work is another workload */

static bool kind_same(const void *left, const void *right)
{
	const struct aggregate *a = left, *b = right;

	return a->op == b->op && a->direction == b->direction && name_same(a->device, b->device) &&
	       name_same(a->driver, b->driver);
}

static size_t kind_hash(const void *row)
{
	const struct aggregate *a = row;

	return hash_number(aggregates_by_op.hash(a), a->direction);
}

static bool path_same(const void *left, const void *right)
{
	const struct aggregate *a = left, *b = right;

	return a->path == b->path && kind_same(a, b);
}

static size_t path_hash(const void *row)
{
	return hash_number(kind_hash(row), ((const struct aggregate *)row)->path);
}

static const struct index_key
	by_kind = { sizeof(struct aggregate), kind_hash, kind_same },
	by_path = { sizeof(struct aggregate), path_hash, path_same };

static int side_begin(struct side *s, const struct recorded *from)
{
	const struct model *m = &from->whole;
	int err = index_make(&s->paths, &by_path, m->aggregates, m->naggregates);

	s->from = from;
	if (!err)
		err = index_make(&s->kinds, &by_kind, m->aggregates, m->naggregates);
	return err ? err : side_held_begin(s);
}

static void side_end(struct side *s)
{
	index_release(&s->paths);
	index_release(&s->kinds);
	side_held_end(s);
}

/* Adds up the latencies of the calls of a path, in the run and in its parts. */
static void sample(struct side *s, const struct aggregate *like, struct sample *to)
{
	const struct aggregate *rows = s->from->whole.aggregates;
	size_t n = index_find(&s->paths, rows, like);

	*to = (struct sample){ .nparts = s->from->nparts };
	if (n == INDEX_NONE)
		return;
	to->whole = &s->whole;
	s->latency_known = true;
	hist_sum_clear(&s->whole);
	for (size_t i = 0; i < to->nparts; i++) {
		to->parts[i] = &s->parts[i];
		hist_sum_clear(&s->parts[i]);
	}
	for (; n != INDEX_NONE; n = index_next(&s->paths, n)) {
		s->latency_known &= rows[n].latency_known;
		hist_sum_add(&s->whole, &rows[n].latency);
		for (const struct run_part *p = rows[n].parts; p && p->n < to->nparts; p = p->next)
			part_latency_add(&s->parts[p->n], p);
	}
}

static void keys_fill(const char **keys, const struct aggregate *a, bool path)
{
	keys[AXIS_DEVICE] = a->device;
	keys[AXIS_DRIVER] = a->driver;
	keys[AXIS_OP] = ops[a->op].name;
	keys[AXIS_DIRECTION] = direction_names[a->direction];
	keys[AXIS_PATH] = path ? path_names[a->path] : NULL;
}

static int latencies_add(struct making *m, const struct aggregate *like)
{
	const struct watching *w = &m->c->watching;
	struct hist before, after;
	struct sample a, b;

	sample(&m->sides[0], like, &a);
	sample(&m->sides[1], like, &b);
	if (!a.whole || !b.whole || !m->sides[0].latency_known || !m->sides[1].latency_known ||
	    !a.whole->count || !b.whole->count)
		return 0;
	before = hist_of(a.whole);
	after = hist_of(b.whole);
	for (enum measure measure = MEASURE_MEAN; measure <= MEASURE_P99; measure++) {
		struct change *change = change_add(m->c, like->op, measure);

		if (!change)
			return -ENOMEM;
		keys_fill(change->keys, like, true);
		change->before = measure_of(&before, measure);
		change->after = measure_of(&after, measure);
		change->calls_before = before.count;
		change->calls_after = after.count;
		change->difference = compare_latency(&a, &b, measure, m->c->threshold);
		if (w->other_extras || w->other_way & op_bit(like->op))
			change->difference.verdict = VERDICT_INCOMPARABLE;
	}
	return 0;
}

/* Calls, in a run and in its parts; bytes of the run. */
struct counts {
	unsigned long long calls, errors, bytes;
	unsigned long long calls_in[STATS_BLOCKS], errors_in[STATS_BLOCKS];
	bool errors_known;
};

static void counts_make(const struct side *s, const struct index *x, const struct aggregate *like,
			struct counts *to)
{
	const struct aggregate *rows = s->from->whole.aggregates;
	size_t n = index_find(x, rows, like);

	*to = (struct counts){ .errors_known = true };
	for (; n != INDEX_NONE; n = index_next(x, n)) {
		to->calls += rows[n].calls;
		to->errors += rows[n].errors;
		to->bytes += rows[n].bytes;
		to->errors_known &= rows[n].errors_known;
		for (const struct run_part *p = rows[n].parts; p && p->n < s->from->nparts;
		     p = p->next) {
			to->calls_in[p->n] += p->calls;
			to->errors_in[p->n] += p->errors;
		}
	}
}

static void shares(const struct counts *some, const struct counts *all, enum measure measure,
		   size_t nparts, struct shares *to)
{
	bool errors = measure == MEASURE_ERRORS;

	*to = (struct shares){ .counted = errors ? some->errors : some->calls, .of = all->calls,
			       .nparts = nparts };
	for (size_t i = 0; i < nparts; i++) {
		to->counted_in[i] = errors ? some->errors_in[i] : some->calls_in[i];
		to->of_in[i] = all->calls_in[i];
	}
}

/* Of the calls of a kind, those that failed or took a path.  All or none in both say nothing. */
static int shares_add(struct making *m, const struct aggregate *like, enum measure measure)
{
	struct shares of[2];
	struct change *change;

	for (int i = 0; i < 2; i++) {
		const struct side *s = &m->sides[i];
		struct counts some, all;

		counts_make(s, measure == MEASURE_PATH ? &s->paths : &s->kinds, like, &some);
		counts_make(s, &s->kinds, like, &all);
		if (measure == MEASURE_ERRORS && !some.errors_known)
			return 0;
		shares(&some, &all, measure, s->from->nparts, &of[i]);
	}
	if (!of[0].of || !of[1].of || (!of[0].counted && !of[1].counted) ||
	    (of[0].counted == of[0].of && of[1].counted == of[1].of))
		return 0;
	change = change_add(m->c, like->op, measure);
	if (!change)
		return -ENOMEM;
	keys_fill(change->keys, like, measure == MEASURE_PATH);
	change->before = of[0].counted;
	change->after = of[1].counted;
	change->calls_before = of[0].of;
	change->calls_after = of[1].of;
	change->difference = compare_shares(&of[0], &of[1], m->c->threshold);
	return 0;
}

static double per_second(unsigned long long count, const struct making *m, int side)
{
	unsigned long long ns = m->sides[side].from->whole.duration_ns;

	return ns ? count * 1e9 / ns : 0;
}

static bool far_apart(double a, double b)
{
	return a > b * OTHER_LOAD || b > a * OTHER_LOAD;
}

/* More or fewer calls, or of another size. */
static bool other_load(const struct making *m, const struct load *load)
{
	if (far_apart(per_second(load->calls_before, m, 0), per_second(load->calls_after, m, 1)))
		return true;
	return far_apart((double)load->bytes_before * load->calls_after,
			 (double)load->bytes_after * load->calls_before);
}

static int load_add(struct making *m, const struct aggregate *like)
{
	struct load *grown = list_grow(m->c->loads, m->c->nloads, sizeof(*grown));
	struct counts a, b;

	if (!grown)
		return -ENOMEM;
	counts_make(&m->sides[0], &m->sides[0].kinds, like, &a);
	counts_make(&m->sides[1], &m->sides[1].kinds, like, &b);
	m->c->loads = grown;
	grown += m->c->nloads++;
	*grown = (struct load){ .op = like->op, .calls_before = a.calls, .calls_after = b.calls,
				.bytes_before = a.bytes, .bytes_after = b.bytes };
	keys_fill(grown->keys, like, false);
	grown->other = other_load(m, grown);
	return 0;
}

static int path_add(struct making *m, const struct aggregate *like)
{
	int err = latencies_add(m, like);

	return err ? err : shares_add(m, like, MEASURE_PATH);
}

static int kind_add(struct making *m, const struct aggregate *like)
{
	int err = load_add(m, like);

	return err ? err : shares_add(m, like, MEASURE_ERRORS);
}

/* For the first aggregate with each key of either recording, by its paths or by its kinds. */
static int each_key(struct making *m, bool paths,
		    int (*add)(struct making *m, const struct aggregate *like))
{
	const struct index *first = paths ? &m->sides[0].paths : &m->sides[0].kinds;
	int err = 0;

	for (int side = 0; side < 2; side++) {
		const struct model *from = &m->sides[side].from->whole;
		const struct index *x = paths ? &m->sides[side].paths : &m->sides[side].kinds;

		for (size_t i = 0; !err && i < from->naggregates; i++) {
			const struct aggregate *a = &from->aggregates[i];

			if (index_first(x, i) != i)
				continue;
			if (!side || index_find(first, m->sides[0].from->whole.aggregates, a) ==
				     INDEX_NONE)
				err = add(m, a);
		}
	}
	return err;
}

/* How an operation was watched: by which means, and if in part only. */
struct watched {
	unsigned ways;
	bool missing;
};

static struct watched watched(const struct model *m, enum dmt_op op)
{
	struct watched w = { 0 };

	for (int i = 0; i < DMT_HOOK_MAX; i++) {
		const struct hook_state *h = &m->hooks[i];

		if (hook_op(i) != op)
			continue;
		if (h->on && !hook_marks(i))
			w.ways |= 1u << h->way;
		w.missing |= !h->on && h->wanted && !h->absent;
	}
	return w;
}

static struct watching watching(const struct model *a, const struct model *b)
{
	struct watching w = { .other_extras = a->extras != b->extras };

	for (enum dmt_op op = 0; op < DMT_OP_MAX; op++) {
		struct watched before = watched(a, op), after = watched(b, op);

		if (before.ways && (!after.ways || (after.missing && !before.missing)))
			w.before_only |= op_bit(op);
		else if (after.ways && (!before.ways || (before.missing && !after.missing)))
			w.after_only |= op_bit(op);
		else if (before.ways != after.ways)
			w.other_way |= op_bit(op);
	}
	return w;
}

/* Chance has as many tries as there are changes. */
static int judge_all(struct comparison *c)
{
	double **p = calloc(c->nchanges + 1, sizeof(*p));
	dmt_ops unseen = c->watching.before_only | c->watching.after_only;
	size_t n = 0;

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < c->nchanges; i++) {
		struct difference *d = &c->changes[i].difference;

		if (unseen & op_bit(c->changes[i].op))
			d->verdict = VERDICT_INCOMPARABLE;
		if (d->verdict == VERDICT_INCOMPARABLE)
			d->p = NAN;
		if (!isnan(d->p))
			p[n++] = &d->p;
	}
	stats_holm(p, n);
	for (size_t i = 0; i < c->nchanges; i++)
		if (c->changes[i].difference.p >= DOUBT)
			c->changes[i].difference.verdict = VERDICT_SAME;
	free(p);
	return 0;
}

static int key_order(const char *const *a, enum dmt_op op_a, const char *const *b,
		     enum dmt_op op_b)
{
	int order = name_compare(a[AXIS_DEVICE], b[AXIS_DEVICE]);

	if (!order)
		order = name_compare(a[AXIS_DRIVER], b[AXIS_DRIVER]);
	if (!order)
		order = (int)op_a - (int)op_b;
	if (!order)
		order = name_compare(a[AXIS_DIRECTION], b[AXIS_DIRECTION]);
	return order ? order : name_compare(a[AXIS_PATH], b[AXIS_PATH]);
}

static int change_order(const void *left, const void *right)
{
	const struct change *a = left, *b = right;
	int order = key_order(a->keys, a->op, b->keys, b->op);

	return order ? order : (int)a->measure - (int)b->measure;
}

static int load_order(const void *left, const void *right)
{
	const struct load *a = left, *b = right;

	return key_order(a->keys, a->op, b->keys, b->op);
}

int comparison_make(struct comparison *c, const struct recorded *a, const struct recorded *b,
		    double threshold)
{
	const struct recorded *sides[2] = { a, b };
	struct making *m = calloc(1, sizeof(*m));
	int err = 0;

	*c = (struct comparison){ .watching = watching(&a->whole, &b->whole),
				  .threshold = threshold };
	if (!m)
		return -ENOMEM;
	m->c = c;
	for (int i = 0; !err && i < 2; i++)
		err = side_begin(&m->sides[i], sides[i]);
	if (!err)
		err = each_key(m, true, path_add);
	if (!err)
		err = each_key(m, false, kind_add);
	if (!err)
		err = held_add_all(m);
	if (!err)
		err = judge_all(c);
	for (int i = 0; i < 2; i++)
		side_end(&m->sides[i]);
	free(m);
	if (c->nchanges)
		qsort(c->changes, c->nchanges, sizeof(*c->changes), change_order);
	if (c->nloads)
		qsort(c->loads, c->nloads, sizeof(*c->loads), load_order);
	return err;
}

const struct change *comparison_find(const struct comparison *c, const struct change *like)
{
	const struct change *found = NULL;

	if (c->nchanges)
		found = bsearch(like, c->changes, c->nchanges, sizeof(*like), change_order);
	return found;
}

/* NAN is no chance at all. */
static double larger(double a, double b)
{
	return isnan(a) || b > a ? b : a;
}

void comparison_confirm(struct comparison *c, const struct comparison *again)
{
	for (size_t i = 0; i < c->nchanges; i++) {
		struct change *change = &c->changes[i];
		const struct change *other = comparison_find(again, change);

		if (!change_found(change) || !other)
			continue;
		change->difference.p = larger(change->difference.p, other->difference.p);
		if (other->difference.verdict == change->difference.verdict)
			continue;
		/* what cannot be told there is not told */
		change->difference.verdict = change_found(other) ? VERDICT_SAME :
								   other->difference.verdict;
	}
}

void comparison_release(struct comparison *c)
{
	free(c->changes);
	free(c->held_paths);
	free(c->loads);
	*c = (struct comparison){ 0 };
}
