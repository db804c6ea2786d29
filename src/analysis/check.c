// SPDX-License-Identifier: GPL-2.0
/*
 * Verdicts, see check.h.  A number that is too low, since calls escaped us, can still be above a
 * limit; all else that is not exactly known is incomplete.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/check.h"
#include "base/glob.h"
#include "model/group.h"
#include "model/growth.h"
#include "base/list.h"
#include "base/name.h"

const char *const judgement_names[JUDGEMENTS] = {
	[JUDGED_PASSED] = "passed", [JUDGED_INCOMPLETE] = "incomplete",
	[JUDGED_UNMATCHED] = "unmatched", [JUDGED_FAILED] = "failed",
};

struct examination {
	const struct model *m;
	const struct findings *f;
	const struct allowance *max_loss;
	struct groups groups;
	unsigned long long calls[DMT_OP_MAX];
	struct growths growths;
	/* of groups and rows by device, and of rows by device and operation */
	struct index groups_of, live_of, live_kinds;
	struct checks *out;
};

enum certainty { EXACT, FLOOR, UNKNOWN };

/* What was seen of one subject. */
struct reading {
	unsigned long long value;
	unsigned long long seen;	/* calls it is about, or what else there was to look at */
	enum certainty known;
	char why[256];			/* why not exact; else of interest to who fails */
};

/* No better than that from here on; the first reason is the one to tell. */
static void __attribute__((format(printf, 3, 4)))
doubt(struct reading *r, enum certainty known, const char *fmt, ...)
{
	va_list args;

	if (known <= r->known)
		return;
	r->known = known;
	va_start(args, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, args);
	va_end(args);
}

static size_t group_hash(const void *row)
{
	return hash_name(0, ((const struct group *)row)->keys[AXIS_DEVICE]);
}

static bool group_same(const void *left, const void *right)
{
	const struct group *a = left, *b = right;

	return name_same(a->keys[AXIS_DEVICE], b->keys[AXIS_DEVICE]);
}

static size_t live_hash(const void *row)
{
	return hash_name(0, ((const struct live_row *)row)->device);
}

static bool live_same(const void *left, const void *right)
{
	const struct live_row *a = left, *b = right;

	return name_same(a->device, b->device);
}

static size_t live_kind_hash(const void *row)
{
	return hash_number(live_hash(row), ((const struct live_row *)row)->op);
}

static bool live_kind_same(const void *left, const void *right)
{
	const struct live_row *a = left, *b = right;

	return a->op == b->op && live_same(a, b);
}

static const struct index_key
	group_key = { sizeof(struct group), group_hash, group_same },
	live_key = { sizeof(struct live_row), live_hash, live_same },
	live_kind_key = { sizeof(struct live_row), live_kind_hash, live_kind_same };

/* The groups of a device, NULL: all: the one behind another, or the first; NULL: no more. */
static const struct group *next_group(const struct examination *e, const char *device,
				      const struct group *before)
{
	const struct group *items = e->groups.items;
	const struct group like = { .keys[AXIS_DEVICE] = device };
	size_t n = before ? before - items + 1 : 0;

	if (device)
		n = before ? index_next(&e->groups_of, before - items) :
			     index_find(&e->groups_of, items, &like);
	return n < e->groups.count ? &items[n] : NULL;
}

/* The same of what is held. */
static const struct live_row *next_live(const struct examination *e, const char *device,
					const struct live_row *before)
{
	const struct live_row *rows = e->m->live;
	const struct live_row like = { .device = (char *)device };
	size_t n = before ? before - rows + 1 : 0;

	if (device)
		n = before ? index_next(&e->live_of, before - rows) :
			     index_find(&e->live_of, rows, &like);
	return n < e->m->nlive ? &rows[n] : NULL;
}

/* What is known of it when something was not seen: can it only be more than what was? */
static enum certainty partly(enum quantity q)
{
	return q <= QUANTITY_BOUNCED || q == QUANTITY_MAX || q == QUANTITY_FINDINGS ? FLOOR :
											UNKNOWN;
}

static const char *name_of(const char *device)
{
	return device ? device : "an unknown device";
}

/* Is an operation seen only where it succeeds? */
static bool blind(const struct model *m, int hook)
{
	for (const struct sight *s = points; s->prog; s++)
		if (s->hook == (enum dmt_hook)hook && s->blind)
			return m->hooks[hook].way == WAY_TRACEPOINT;
	return false;
}

/* Bounces tell maps apart, so they need both. */
static dmt_ops ops_needed(const struct limit *limit)
{
	struct limits one = { .list = (struct limit *)limit, .count = 1 };

	return limits_ops(&one) | (limit->quantity == QUANTITY_BOUNCED ? OP(BOUNCE) : 0);
}

int check_unasked(const struct model *m, const struct limits *l)
{
	const struct limits own = { .list = l->list, .count = l->count };
	dmt_ops wanted = limits_ops(&own);

	for (int i = 0; i < DMT_HOOK_MAX; i++)
		if (!hook_marks(i) && wanted & op_bit(m->hooks[i].op) && !m->hooks[i].wanted)
			return m->hooks[i].op;
	return -1;
}

/* Was all watched that it takes? */
static void hooks_judge(const struct examination *e, const struct limit *limit, struct reading *r)
{
	dmt_ops needed = ops_needed(limit);

	for (int i = 0; i < DMT_HOOK_MAX; i++) {
		const struct hook_state *h = &e->m->hooks[i];

		if (hook_marks(i) || !(needed & op_bit(h->op)))
			continue;
		if (!h->on && !h->absent)
			doubt(r, partly(limit->quantity), "%s is not watched: %s", ops[h->op].name, h->reason);
		if (limit->quantity == QUANTITY_ERRORS && h->on && blind(e->m, i))
			doubt(r, FLOOR, "failures of %s are not seen by a tracepoint",
			      ops[h->op].name);
	}
}

static unsigned long long latency_value(const struct hist *h, enum quantity q)
{
	switch (q) {
	case QUANTITY_P50:
		return hist_quantile(h, 0.5);
	case QUANTITY_P90:
		return hist_quantile(h, 0.9);
	case QUANTITY_P99:
		return hist_quantile(h, 0.99);
	case QUANTITY_MAX:
		return h->max;
	default:
		return h->sum / h->count;
	}
}

static void latency_read(const struct examination *e, const struct limit *limit,
			 const char *device, struct reading *r)
{
	const struct group *g = NULL;
	struct hist_sum sum = { 0 };
	struct hist all;

	while ((g = next_group(e, device, g))) {
		if (!(limit->ops & op_bit(g->op)))
			continue;
		r->seen += g->calls;
		hist_sum_add(&sum, &g->latency);
		if (e->m->extras & DMT_WANTS_NO_LATENCY)
			doubt(r, UNKNOWN, "%s was not timed (--no-latency)", ops[g->op].name);
		else if (!g->latency_known)
			doubt(r, UNKNOWN, "%s is watched by a tracepoint, which has no latency",
			      ops[g->op].name);
	}
	all = hist_of(&sum);
	if (all.count)
		r->value = latency_value(&all, limit->quantity);
	else if (r->seen)
		doubt(r, UNKNOWN, "no call has a latency");
}

static bool path_is(const struct group *g, enum path path)
{
	const char *name = g->keys[AXIS_PATH];

	return name && !strcmp(name, path_names[path]);
}

static unsigned long long group_value(const struct group *g, enum quantity q)
{
	switch (q) {
	case QUANTITY_CALLS:
		return g->calls;
	case QUANTITY_ERRORS:
		return g->errors;
	case QUANTITY_BYTES:
		return g->bytes;
	default:
		return path_is(g, VIA_BOUNCE) || path_is(g, VIA_IOMMU_BOUNCE) ? g->calls : 0;
	}
}

/* Says of whom most are, where that is not the subject anyway. */
static void counts_read(const struct examination *e, const struct limit *limit,
			const char *device, struct reading *r)
{
	const struct group *g = NULL;
	unsigned long long most = 0;

	while ((g = next_group(e, device, g))) {
		unsigned long long value = group_value(g, limit->quantity);

		if (!(limit->ops & op_bit(g->op)))
			continue;
		r->seen += g->calls;
		r->value += value;
		if (value > most && r->known == EXACT)
			snprintf(r->why, sizeof(r->why), "%llu by %s of %s", value, ops[g->op].name,
				 name_of(g->keys[AXIS_DEVICE]));
		most = value > most ? value : most;
		if (limit->quantity == QUANTITY_ERRORS && !g->errors_known)
			doubt(r, FLOOR, "failures of %s are not seen by a tracepoint",
			      ops[g->op].name);
		if (limit->quantity == QUANTITY_BOUNCED && path_is(g, VIA_UNKNOWN))
			doubt(r, FLOOR, "the path of %llu calls of %s is not known", g->calls,
			      ops[g->op].name);
	}
}

static void growth_doubt(const struct growth *g, struct reading *r)
{
	if (g->unknown)
		doubt(r, UNKNOWN, "drivers need not unmap for %s, so nobody knows what is left",
		      name_of(g->device));
	else if (g->open)
		doubt(r, FLOOR, "%llu %s of %s are held, and %llu addresses given back were not "
		      "seen made: before the run, or wrong ones", g->held, ops[g->op].name,
		      name_of(g->device), g->unseen - g->wrong);
}

static void growth_read(const struct examination *e, const struct limit *limit,
			const char *device, struct reading *r)
{
	const struct live_row *row = NULL;
	const struct group *g = NULL;
	unsigned long long most = 0;

	while ((g = next_group(e, device, g)))
		if (limit->ops & op_bit(g->op))
			r->seen += g->calls;
	while ((row = next_live(e, device, row))) {
		size_t n = row - e->m->live;
		const struct growth *its;

		if (!(limit->ops & op_bit(row->op)) || index_first(&e->live_kinds, n) != n)
			continue;
		its = growth_find(&e->growths, row->device, row->op);
		if (!its)
			continue;
		r->value += its->least;
		if (its->least > most && r->known == EXACT)
			snprintf(r->why, sizeof(r->why), "%llu by %s of %s", its->least,
				 ops[row->op].name, name_of(row->device));
		most = its->least > most ? its->least : most;
		growth_doubt(its, r);
	}
}

/* Lost data is what `incomplete` is for, unless it is asked for by its name. */
static bool is_about(const struct limit *limit, const struct finding_kind *kind)
{
	if (!limit->finding || !strcmp(limit->finding, severity_names[kind->severity]))
		return kind != &finding_kinds[FINDING_DATA_INCOMPLETE];
	return !strcmp(limit->finding, kind->id);
}

static void findings_read(const struct examination *e, const struct limit *limit,
			  struct reading *r)
{
	r->seen = 1;
	for (size_t i = 0; i < e->f->count; i++) {
		const struct finding_kind *kind = e->f->list[i].kind;
		size_t len = strlen(r->why);

		if (!is_about(limit, kind))
			continue;
		r->value++;
		snprintf(r->why + len, sizeof(r->why) - len, "%s%s", len ? ", " : "", kind->id);
	}
}

#define QUANTITY(id) BIT(QUANTITY_##id)
#define LATENCIES									\
	(QUANTITY(P50) | QUANTITY(P90) | QUANTITY(P99) | QUANTITY(MAX) | QUANTITY(MEAN))
#define ALL (~0u)

/* What each loss makes uncertain; no limit is about what the others are of. */
static const struct bearing {
	const char *loss;
	unsigned quantities;
} bearings[] = {
	{ "accounts_full", ALL }, { "devices_full", ALL }, { "unpaired", ALL },
	{ "nested_too_deep", ALL }, { "latency_lost", LATENCIES | QUANTITY(FINDINGS) },
	{ "sg_truncated", QUANTITY(BYTES) }, { "lifetimes_full", QUANTITY(LIVE_GROWTH) },
	{ "held_full", QUANTITY(LIVE_GROWTH) | QUANTITY(FINDINGS) },
};

static bool bears(const struct limit *limit, const struct loss *loss)
{
	for (size_t i = 0; i < ARRAY_SIZE(bearings); i++)
		if (!strcmp(bearings[i].loss, loss->name))
			return loss->count && bearings[i].quantities & 1u << limit->quantity;
	return false;
}

/* Calls that are known to have escaped the hooks it takes. */
static unsigned long long missed_of(const struct model *m, dmt_ops needed)
{
	unsigned long long missed = 0;

	for (int i = 0; i < DMT_HOOK_MAX; i++)
		if (!hook_marks(i) && m->hooks[i].on && needed & op_bit(m->hooks[i].op))
			missed += m->hooks[i].missed;
	return missed;
}

/* Was more lost than allowed, of what it takes? */
static void losses_judge(const struct examination *e, const struct limit *limit, struct reading *r)
{
	dmt_ops needed = ops_needed(limit);
	unsigned long long missed = missed_of(e->m, needed), lost = missed, calls = 0;
	double allowed = e->max_loss->number;
	char text[256] = "";
	size_t len = 0;

	if (missed)
		len = snprintf(text, sizeof(text), "missed %llu", missed);
	for (size_t i = 0; i < e->m->nlosses; i++) {
		const struct loss *loss = &e->m->losses[i];

		if (!bears(limit, loss))
			continue;
		lost += loss->count;
		if (len < sizeof(text))
			len += snprintf(text + len, sizeof(text) - len, "%s%s %llu",
					len ? ", " : "", loss->name, loss->count);
	}
	for (int op = 0; op < DMT_OP_MAX; op++)
		calls += needed & op_bit(op) ? e->calls[op] : 0;
	if (e->max_loss->share)
		allowed *= (calls + lost) / 1e6;
	if (lost > allowed)
		doubt(r, partly(limit->quantity), "lost: %s", text);
}

static void reading_make(const struct examination *e, const struct limit *limit,
			 const char *device, struct reading *r)
{

	switch (limit->quantity) {
	case QUANTITY_FINDINGS:
		findings_read(e, limit, r);
		break;
	case QUANTITY_LIVE_GROWTH:
		growth_read(e, limit, device, r);
		break;
	case QUANTITY_CALLS:
	case QUANTITY_ERRORS:
	case QUANTITY_BYTES:
	case QUANTITY_BOUNCED:
		counts_read(e, limit, device, r);
		break;
	default:
		latency_read(e, limit, device, r);
	}
	hooks_judge(e, limit, r);
	losses_judge(e, limit, r);
	if (e->m->cut_short)
		doubt(r, partly(limit->quantity), "the recording was cut short");
}

static enum judgement verdict_of(const struct limit *limit, const struct reading *r)
{
	bool may_be_none = limit->quantity == QUANTITY_CALLS || limit->quantity == QUANTITY_BYTES;
	bool crossed = limit->bound == BOUND_MAX ? r->value > limit->value :
						   r->value < limit->value;

	if (!r->seen && !may_be_none && r->known == EXACT)
		return JUDGED_UNMATCHED;
	if (r->known == UNKNOWN || (r->known == FLOOR && crossed != (limit->bound == BOUND_MAX)))
		return JUDGED_INCOMPLETE;
	return crossed ? JUDGED_FAILED : JUDGED_PASSED;
}

int checks_add(struct checks *c, struct checked one)
{
	struct checked *grown = list_grow(c->list, c->count, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	c->list = grown;
	grown[c->count++] = one;
	if (one.verdict > c->verdict)
		c->verdict = one.verdict;
	return 0;
}

/* driver: of the device. */
static int subject_check(struct examination *e, const struct limit *limit, const char *device,
			 const char *driver)
{
	struct checked one = { .limit = limit, .device = device, .driver = driver };
	struct reading r = { 0 };

	reading_make(e, limit, device, &r);
	one.verdict = verdict_of(limit, &r);
	one.measured = r.value;
	one.measured_known = r.known != UNKNOWN && one.verdict != JUDGED_UNMATCHED;
	if (one.verdict == JUDGED_UNMATCHED)
		snprintf(one.why, sizeof(one.why), "nothing of what it is about was seen");
	else if (one.verdict != JUDGED_PASSED)
		memcpy(one.why, r.why, sizeof(one.why));
	return checks_add(e->out, one);
}

/* People know a device by its driver, too. */
static bool meant(const struct limit *limit, const char *device, const char *driver)
{
	return glob_fits(limit->device, device) || glob_fits(limit->device, driver);
}

/* Is there such a device, even if it made no call the limit is about? */
static bool device_is_there(const struct model *m, const struct limit *limit)
{
	for (size_t i = 0; i < m->inventory.ndevices; i++)
		if (meant(limit, m->inventory.devices[i].name, m->inventory.devices[i].driver))
			return true;
	for (size_t i = 0; i < m->ntraced; i++)
		if (meant(limit, m->traced[i].device, m->traced[i].driver))
			return true;
	return false;
}

/* Each device of such a name that made such calls; one row where none did. */
static int devices_check(struct examination *e, const struct limit *limit)
{
	struct checked none = { .limit = limit, .device = limit->device,
				.verdict = JUDGED_UNMATCHED };
	bool *seen = calloc(e->groups.count + 1, sizeof(*seen));
	size_t before = e->out->count;
	int err = seen ? 0 : -ENOMEM;

	for (size_t i = 0; i < e->groups.count && !err; i++) {
		const struct group *g = &e->groups.items[i];
		const char *device = g->keys[AXIS_DEVICE], *driver = g->keys[AXIS_DRIVER];
		size_t first = index_first(&e->groups_of, i);

		if (!(limit->ops & op_bit(g->op)) || seen[first])
			continue;
		seen[first] = true;
		if (meant(limit, device, driver))
			err = subject_check(e, limit, device, driver);
	}
	free(seen);
	if (err || e->out->count > before)
		return err;
	if (device_is_there(e->m, limit))
		return subject_check(e, limit, limit->device, NULL);
	snprintf(none.why, sizeof(none.why), "no device or driver is named so");
	return checks_add(e->out, none);
}

static int examination_begin(struct examination *e)
{
	const struct model *m = e->m;
	int err = groups_make(&e->groups, m, 1u << AXIS_DEVICE | 1u << AXIS_DRIVER |
			      1u << AXIS_OP | 1u << AXIS_PATH);

	for (size_t i = 0; i < e->groups.count; i++)
		e->calls[e->groups.items[i].op] += e->groups.items[i].calls;
	if (!err)
		err = index_make(&e->groups_of, &group_key, e->groups.items, e->groups.count);
	if (!err)
		err = index_make(&e->live_of, &live_key, m->live, m->nlive);
	if (!err)
		err = index_make(&e->live_kinds, &live_kind_key, m->live, m->nlive);
	return err ? err : growths_make(&e->growths, m);
}

static void examination_end(struct examination *e)
{
	groups_release(&e->groups);
	index_release(&e->groups_of);
	index_release(&e->live_of);
	index_release(&e->live_kinds);
	growths_release(&e->growths);
}

int limits_check(struct checks *c, const struct model *m, const struct findings *f,
		 const struct limits *l)
{
	struct examination e = { .m = m, .f = f, .max_loss = &l->max_loss, .out = c };
	int err;

	*c = (struct checks){ 0 };
	err = examination_begin(&e);
	for (size_t i = 0; i < l->count && !err; i++) {
		const struct limit *limit = &l->list[i];

		err = limit->device ? devices_check(&e, limit) :
				      subject_check(&e, limit, NULL, NULL);
	}
	examination_end(&e);
	return err;
}

void checks_release(struct checks *c)
{
	free(c->list);
	*c = (struct checks){ 0 };
}
