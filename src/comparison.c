// SPDX-License-Identifier: GPL-2.0
/*
 * All that can be compared of two recordings, and what chance has to do with all of it together;
 * see compare.h.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "compare.h"
#include "name.h"

#define OTHER_LOAD 2.0		/* so many times as much work is another workload */

#define KIND (1u << AXIS_DEVICE | 1u << AXIS_DRIVER | 1u << AXIS_OP | 1u << AXIS_DIRECTION)

/* One recording added up, all of it and its parts. */
struct summed {
	const struct recorded *from;
	struct groups whole, parts[STATS_BLOCKS];
};

struct making {
	struct comparison *c;
	struct summed paths[2], kinds[2];	/* calls of one path, and of all paths */
};

static int summed_make(struct summed *s, const struct recorded *from, unsigned by)
{
	int err = groups_make(&s->whole, &from->whole, by);

	s->from = from;
	for (size_t i = 0; !err && i < from->nparts; i++)
		err = groups_make(&s->parts[i], &from->parts[i], by);
	return err;
}

static void summed_release(struct summed *s)
{
	groups_release(&s->whole);
	for (size_t i = 0; i < STATS_BLOCKS; i++)
		groups_release(&s->parts[i]);
}

static void sample(const struct summed *s, const struct group *like, struct sample *to)
{
	*to = (struct sample){ .whole = groups_find(&s->whole, like), .nparts = s->from->nparts };
	for (size_t i = 0; i < to->nparts; i++)
		to->parts[i] = groups_find(&s->parts[i], like);
}

static struct change *change_add(struct comparison *c, const struct group *key,
				 enum measure measure)
{
	struct change *grown = reallocarray(c->changes, c->nchanges + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	c->changes = grown;
	grown += c->nchanges++;
	*grown = (struct change){ .op = key->op, .measure = measure };
	memcpy(grown->keys, key->keys, sizeof(grown->keys));
	return grown;
}

static int latencies_add(struct making *m, const struct group *key)
{
	const struct watching *w = &m->c->watching;
	struct sample a, b;

	sample(&m->paths[0], key, &a);
	sample(&m->paths[1], key, &b);
	if (!a.whole || !b.whole || !a.whole->latency_known || !b.whole->latency_known ||
	    !a.whole->latency.count || !b.whole->latency.count)
		return 0;
	for (enum measure measure = MEASURE_MEAN; measure <= MEASURE_P99; measure++) {
		struct change *change = change_add(m->c, key, measure);

		if (!change)
			return -ENOMEM;
		change->before = measure_of(&a.whole->latency, measure);
		change->after = measure_of(&b.whole->latency, measure);
		change->calls_before = a.whole->latency.count;
		change->calls_after = b.whole->latency.count;
		change->difference = compare_latency(&a, &b, measure, m->c->threshold);
		if (w->other_extras || w->other_way & 1u << key->op)
			change->difference.verdict = VERDICT_INCOMPARABLE;
	}
	return 0;
}

/* Calls counted, or failed ones, of all there are; NULL: none. */
static unsigned long long counted(const struct group *g, enum measure measure)
{
	return !g ? 0 : measure == MEASURE_ERRORS ? g->errors : g->calls;
}

static void shares(const struct sample *some, const struct sample *all, enum measure measure,
		   struct shares *to)
{
	*to = (struct shares){ .counted = counted(some->whole, measure),
			       .of = counted(all->whole, MEASURE_PATH), .nparts = all->nparts };
	for (size_t i = 0; i < all->nparts; i++) {
		to->counted_in[i] = counted(some->parts[i], measure);
		to->of_in[i] = counted(all->parts[i], MEASURE_PATH);
	}
}

/* Of the calls of a key, those that failed or took a path.  All or none in both say nothing. */
static int shares_add(struct making *m, const struct group *key, enum measure measure)
{
	struct group kind = *key;
	struct shares of[2];
	struct change *change;

	kind.keys[AXIS_PATH] = NULL;
	for (int i = 0; i < 2; i++) {
		struct sample some, all;

		sample(measure == MEASURE_PATH ? &m->paths[i] : &m->kinds[i], key, &some);
		sample(&m->kinds[i], &kind, &all);
		if (measure == MEASURE_ERRORS && some.whole && !some.whole->errors_known)
			return 0;
		shares(&some, &all, measure, &of[i]);
	}
	if (!of[0].of || !of[1].of || (!of[0].counted && !of[1].counted) ||
	    (of[0].counted == of[0].of && of[1].counted == of[1].of))
		return 0;
	change = change_add(m->c, key, measure);
	if (!change)
		return -ENOMEM;
	change->before = of[0].counted;
	change->after = of[1].counted;
	change->calls_before = of[0].of;
	change->calls_after = of[1].of;
	change->difference = compare_shares(&of[0], &of[1], m->c->threshold);
	return 0;
}

static double per_second(unsigned long long count, const struct making *m, int side)
{
	unsigned long long ns = m->kinds[side].from->whole.duration_ns;

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

static int load_add(struct making *m, const struct group *key)
{
	const struct group *a = groups_find(&m->kinds[0].whole, key);
	const struct group *b = groups_find(&m->kinds[1].whole, key);
	struct load *grown = reallocarray(m->c->loads, m->c->nloads + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	m->c->loads = grown;
	grown += m->c->nloads++;
	*grown = (struct load){ .op = key->op, .calls_before = a ? a->calls : 0,
				.calls_after = b ? b->calls : 0,
				.bytes_before = a ? a->bytes : 0, .bytes_after = b ? b->bytes : 0 };
	memcpy(grown->keys, key->keys, sizeof(grown->keys));
	grown->other = other_load(m, grown);
	return 0;
}

static int path_add(struct making *m, const struct group *key)
{
	int err = latencies_add(m, key);

	return err ? err : shares_add(m, key, MEASURE_PATH);
}

static int kind_add(struct making *m, const struct group *key)
{
	int err = load_add(m, key);

	return err ? err : shares_add(m, key, MEASURE_ERRORS);
}

/* For each key of either recording. */
static int each_key(struct making *m, const struct summed sides[2],
		    int (*add)(struct making *m, const struct group *key))
{
	int err = 0;

	for (int side = 0; side < 2; side++)
		for (size_t i = 0; !err && i < sides[side].whole.count; i++) {
			const struct group *key = &sides[side].whole.items[i];

			if (!side || !groups_find(&sides[0].whole, key))
				err = add(m, key);
		}
	return err;
}

/* A device's mappings or allocations of one operation. */
struct owner {
	const char *device, *driver;
	enum dmt_op op;
};

#define OWNS(owner, row)								\
	((owner)->op == (row)->op && name_same((owner)->device, (row)->device) &&	\
	 name_same((owner)->driver, (row)->driver))

/* Made by it, and the longest time any was held that was given back. */
static unsigned long long made(const struct model *m, const struct owner *o)
{
	unsigned long long calls = 0;

	for (size_t i = 0; i < m->naggregates; i++)
		if (OWNS(o, &m->aggregates[i]))
			calls += m->aggregates[i].calls - m->aggregates[i].errors;
	return calls;
}

static unsigned long long longest(const struct model *m, const struct owner *o)
{
	unsigned long long ns = 0;

	for (size_t i = 0; i < m->nlifetimes; i++)
		if (OWNS(o, &m->lifetimes[i]) && m->lifetimes[i].lifetime.max > ns)
			ns = m->lifetimes[i].lifetime.max;
	return ns;
}

/* What is still held, and was already for longer than that. */
static unsigned long long held(const struct model *m, const struct owner *o,
			       unsigned long long ns)
{
	unsigned long long count = 0;

	for (size_t i = 0; i < m->nages; i++)
		for (unsigned bucket = 0; bucket < DMT_HIST_BUCKETS; bucket++)
			if (OWNS(o, &m->ages[i]) && hist_bucket_min(bucket) > ns)
				count += m->ages[i].age.buckets[bucket];
	return count;
}

/* Where drivers need not unmap, what is mapped says nothing. */
static bool skipped(const struct model *m, const struct owner *o)
{
	for (size_t i = 0; i < m->nlive; i++)
		if (OWNS(o, &m->live[i]) && m->live[i].unmaps_skipped)
			return true;
	return false;
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

static bool frames_same(const struct frames *a, const struct frames *b)
{
	size_t n = 0;

	while (n < a->count && n < b->count && name_same(a->names[n], b->names[n]))
		n++;
	return n == a->count && n == b->count;
}

/* All that is held by a call path; several rows may be of the same names. */
static struct live_row held_by(const struct model *m, const struct owner *o,
			       const struct frames *stack)
{
	struct live_row sum = { 0 };

	for (size_t i = 0; i < m->nlive; i++) {
		const struct live_row *row = &m->live[i];

		if (!OWNS(o, row) || !frames_same(&row->stack, stack))
			continue;
		sum.count += row->count;
		sum.bytes += row->bytes;
		if (row->oldest_ns > sum.oldest_ns)
			sum.oldest_ns = row->oldest_ns;
	}
	return sum;
}

static bool held_path_known(const struct comparison *c, const struct owner *o,
			    const struct frames *stack)
{
	for (size_t i = 0; i < c->nheld_paths; i++)
		if (OWNS(o, &c->held_paths[i]) && frames_same(c->held_paths[i].stack, stack))
			return true;
	return false;
}

/* more: are more held in the second?  ns: what was given back was held no longer. */
static int held_path_add(struct making *m, const struct owner *o, const struct frames *stack,
			 bool more, unsigned long long ns)
{
	struct comparison *c = m->c;
	struct live_row before = held_by(&m->kinds[0].from->whole, o, stack);
	struct live_row after = held_by(&m->kinds[1].from->whole, o, stack);
	struct held_path *grown;

	if ((more ? after.oldest_ns : before.oldest_ns) <= ns || before.count == after.count ||
	    (after.count > before.count) != more || held_path_known(c, o, stack))
		return 0;
	grown = reallocarray(c->held_paths, c->nheld_paths + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	c->held_paths = grown;
	grown[c->nheld_paths++] = (struct held_path){
		.device = o->device, .driver = o->driver, .op = o->op, .stack = stack,
		.before = before.count, .after = after.count,
		.bytes_before = before.bytes, .bytes_after = after.bytes,
	};
	return 0;
}

static int held_paths_add(struct making *m, const struct owner *o, bool more,
			  unsigned long long ns)
{
	const struct model *side = &m->kinds[more].from->whole;
	int err = 0;

	for (size_t i = 0; !err && i < side->nlive; i++)
		if (OWNS(o, &side->live[i]))
			err = held_path_add(m, o, &side->live[i].stack, more, ns);
	return err;
}

static int held_add(struct making *m, const struct owner *o)
{
	const struct model *a = &m->kinds[0].from->whole, *b = &m->kinds[1].from->whole;
	unsigned long long ns_a = longest(a, o), ns_b = longest(b, o);
	unsigned long long ns = ns_a > ns_b ? ns_a : ns_b;
	struct group key = { .op = o->op };
	struct change *c;

	if ((!held(a, o, ns) && !held(b, o, ns)) || skipped(a, o) || skipped(b, o))
		return 0;
	key.keys[AXIS_DEVICE] = o->device;
	key.keys[AXIS_DRIVER] = o->driver;
	key.keys[AXIS_OP] = ops[o->op].name;
	c = change_add(m->c, &key, MEASURE_HELD);
	if (!c)
		return -ENOMEM;
	c->before = held(a, o, ns);
	c->after = held(b, o, ns);
	c->calls_before = made(a, o);
	c->calls_after = made(b, o);
	c->difference = held_difference(c, m->c->threshold);
	return change_found(c) ?
	       held_paths_add(m, o, c->difference.verdict == VERDICT_MORE, ns) : 0;
}

/* If both followed mappings. */
static int all_held(struct making *m)
{
	const struct model *sides[2] = { &m->kinds[0].from->whole, &m->kinds[1].from->whole };
	int err = 0;

	for (int side = 0; side < 2 && sides[0]->followed && sides[1]->followed; side++)
		for (size_t i = 0; !err && i < sides[side]->nages; i++) {
			const struct age_row *row = &sides[side]->ages[i];
			const struct owner o = { row->device, row->driver, row->op };
			bool seen = false;

			for (size_t n = 0; side && n < sides[0]->nages; n++)
				seen |= OWNS(&o, &sides[0]->ages[n]);
			if (!seen)
				err = held_add(m, &o);
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
			w.before_only |= 1u << op;
		else if (after.ways && (!before.ways || (before.missing && !after.missing)))
			w.after_only |= 1u << op;
		else if (before.ways != after.ways)
			w.other_way |= 1u << op;
	}
	return w;
}

/* Chance has as many tries as there are changes. */
static int judge_all(struct comparison *c)
{
	double **p = calloc(c->nchanges + 1, sizeof(*p));
	unsigned unseen = c->watching.before_only | c->watching.after_only;
	size_t n = 0;

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < c->nchanges; i++) {
		struct difference *d = &c->changes[i].difference;

		if (unseen & 1u << c->changes[i].op)
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
	for (int i = 0; !err && i < 2; i++) {
		err = summed_make(&m->paths[i], sides[i], KIND | 1u << AXIS_PATH);
		if (!err)
			err = summed_make(&m->kinds[i], sides[i], KIND);
	}
	if (!err)
		err = each_key(m, m->paths, path_add);
	if (!err)
		err = each_key(m, m->kinds, kind_add);
	if (!err)
		err = all_held(m);
	if (!err)
		err = judge_all(c);
	for (int i = 0; i < 2; i++) {
		summed_release(&m->paths[i]);
		summed_release(&m->kinds[i]);
	}
	free(m);
	if (c->nchanges)
		qsort(c->changes, c->nchanges, sizeof(*c->changes), change_order);
	if (c->nloads)
		qsort(c->loads, c->nloads, sizeof(*c->loads), load_order);
	return err;
}

static const struct change *same_change(const struct comparison *c, const struct change *like)
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
		const struct change *other = same_change(again, change);

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
