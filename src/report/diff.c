// SPDX-License-Identifier: GPL-2.0
/*
 * What differs between two recordings.
 */
#include <math.h>
#include <stdlib.h>
#include "analysis/compare.h"
#include "analysis/diagnose.h"
#include "base/list.h"
#include "base/name.h"
#include "report/report.h"

static const struct column run_columns[] = {
	{ "run", "RUN", "before, again or after", UNIT_TEXT, SHOW_ALL },
	{ "file", "FILE", "the recording", UNIT_TEXT, SHOW_ALL },
	{ "host", "HOST", "where it was made", UNIT_TEXT, SHOW_ALL },
	{ "kernel", "KERNEL", "of that machine", UNIT_TEXT, SHOW_ALL },
	{ "arch", "ARCH", "of that machine", UNIT_TEXT, SHOW_ALL },
	{ "duration_ns", "DURATION", "of the run", UNIT_NS, SHOW_ALL },
	{ "intervals", "INTERVALS", "it was written in", UNIT_COUNT, SHOW_ALL },
	{ "lost", "LOST", "calls and facts", UNIT_COUNT, SHOW_ALL },
	{ "losses", NULL, "of which kind", UNIT_LIST, SHOW_DATA },
};

static const struct column watched_columns[] = {
	{ "op", "OP", "operation; all of them if absent", UNIT_TEXT, SHOW_ALL },
	{ "not_compared", "NOT COMPARED", "all of it, or latencies alone", UNIT_TEXT, SHOW_ALL },
	{ "why", "WHY", "what differs in how it was watched", UNIT_TEXT, SHOW_ALL },
};

/* The same of every table: whose calls. */
#define KEY_COLUMNS									\
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },	\
	{ "driver", "DRIVER", "driver of the device", UNIT_TEXT, SHOW_ALL, 6 },		\
	{ "op", "OP", "operation", UNIT_TEXT, SHOW_ALL },				\
	{ "direction", "DIRECTION", "of the transfer", UNIT_TEXT, SHOW_ALL, 4 }

static const struct column latency_columns[] = {
	KEY_COLUMNS,
	{ "path", "PATH", "way the call took", UNIT_TEXT, SHOW_ALL, 8 },
	{ "measure", "LATENCY", "mean, p50, p90 or p99", UNIT_TEXT, SHOW_ALL },
	{ "calls_before", NULL, "that had a latency", UNIT_COUNT, SHOW_DATA },
	{ "calls_after", NULL, "that had a latency", UNIT_COUNT, SHOW_DATA },
	{ "before_ns", "BEFORE", "in the first", UNIT_NS, SHOW_ALL },
	{ "after_ns", "AFTER", "in the second", UNIT_NS, SHOW_ALL },
	{ "ratio", "RATIO", "of the second to the first", UNIT_RATIO, SHOW_ALL },
	{ "ratio_low", "LOW", "of which it is at least that", UNIT_RATIO, SHOW_ALL },
	{ "ratio_high", "HIGH", "and at most that", UNIT_RATIO, SHOW_ALL },
	{ "p", "P", "that noise brings it about", UNIT_CHANCE, SHOW_ALL },
	{ "verdict", "VERDICT", "what that means", UNIT_TEXT, SHOW_ALL },
};

static const struct column count_columns[] = {
	KEY_COLUMNS,
	{ "path", "PATH", "way the calls took", UNIT_TEXT, SHOW_ALL, 8 },
	{ "measure", "CALLS THAT", "were held, failed or took that path", UNIT_TEXT, SHOW_ALL },
	{ "before", "BEFORE", "so many in the first", UNIT_COUNT, SHOW_ALL },
	{ "calls_before", "OF", "so many calls", UNIT_COUNT, SHOW_ALL },
	{ "after", "AFTER", "so many in the second", UNIT_COUNT, SHOW_ALL },
	{ "calls_after", "OF", "so many calls", UNIT_COUNT, SHOW_ALL },
	{ "ratio", "RATIO", "of the shares, the second to the first", UNIT_RATIO, SHOW_ALL },
	{ "p", "P", "that noise brings it about", UNIT_CHANCE, SHOW_ALL },
	{ "verdict", "VERDICT", "what that means", UNIT_TEXT, SHOW_ALL },
};

static const struct column held_columns[] = {
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "driver", "DRIVER", "driver of the device", UNIT_TEXT, SHOW_ALL, 6 },
	{ "op", "OP", "that made them", UNIT_TEXT, SHOW_ALL },
	{ "before", "HELD BEFORE", "so many in the end of the first", UNIT_COUNT, SHOW_ALL },
	{ "after", "AFTER", "so many in the end of the second", UNIT_COUNT, SHOW_ALL },
	{ "bytes_before", "BYTES BEFORE", "of them", UNIT_BYTES, SHOW_ALL },
	{ "bytes_after", "AFTER", "of them", UNIT_BYTES, SHOW_ALL },
	{ "site", "CALLED FROM", "who made them", UNIT_TEXT, SHOW_TEXT, 16 },
	{ "stack", NULL, "the same with all in between, innermost first", UNIT_NAMES, SHOW_DATA },
};

static const struct column load_columns[] = {
	KEY_COLUMNS,
	{ "calls_before", "CALLS BEFORE", "in the first", UNIT_COUNT, SHOW_ALL },
	{ "calls_after", "AFTER", "in the second", UNIT_COUNT, SHOW_ALL },
	{ "rate_before", "A SECOND BEFORE", "calls a second", UNIT_RATIO, SHOW_ALL },
	{ "rate_after", "AFTER", "calls a second", UNIT_RATIO, SHOW_ALL },
	{ "bytes_before", "BYTES BEFORE", "in the first", UNIT_BYTES, SHOW_ALL },
	{ "bytes_after", "AFTER", "in the second", UNIT_BYTES, SHOW_ALL },
	{ "verdict", "WORK", "the same or other", UNIT_TEXT, SHOW_ALL },
};

static unsigned long long lost(const struct model *m)
{
	unsigned long long count = 0;

	for (size_t i = 0; i < m->nlosses; i++)
		count += m->losses[i].count;
	return count;
}

static void losses_cells(struct table *t, const struct model *m)
{
	struct cell_pair pairs[ARRAY_SIZE(m->losses)];
	size_t count = 0;

	for (size_t i = 0; i < m->nlosses; i++)
		pairs[count++] = (struct cell_pair){ (char *)m->losses[i].name,
						     m->losses[i].count };
	cell_u64(t, lost(m));
	cell_list(t, pairs, count);
}

static void run_row(struct table *t, const char *run, const struct recorded *r)
{
	const struct model *m = &r->whole;

	table_row(t);
	cell_text(t, run);
	cell_text(t, r->path);
	cell_text(t, m->host);
	cell_text(t, m->release);
	cell_text(t, m->arch);
	cell_u64(t, m->duration_ns);
	cell_u64(t, r->intervals);
	losses_cells(t, m);
}

static void watched_row(struct table *t, const char *op, const char *what, const char *why)
{
	table_row(t);
	cell_text(t, op);
	cell_text(t, what);
	cell_text(t, why);
}

/* Of what was called at all. */
static void watched_rows(struct doc *doc, const struct comparison *c)
{
	const struct watching *w = &c->watching;
	dmt_ops differ = w->before_only | w->after_only | w->other_way, called = 0;
	struct table *t;

	for (size_t i = 0; i < c->nloads; i++)
		called |= op_bit(c->loads[i].op);
	t = DOC_TABLE(doc, "incomparable", watched_columns,
		      w->other_extras || differ & called ? SHOW_ALL : SHOW_DATA);
	if (w->other_extras)
		watched_row(t, NULL, "latencies", "recorded with different --with options, so latencies differ; record both alike");
	for (int op = 0; op < DMT_OP_MAX; op++)
		if (!(called & op_bit(op)))
			continue;
		else if (w->before_only & op_bit(op))
			watched_row(t, ops[op].name, "all", "hooks on before, off after");
		else if (w->after_only & op_bit(op))
			watched_row(t, ops[op].name, "all", "hooks off before, on after");
		else if (w->other_way & op_bit(op))
			watched_row(t, ops[op].name, "latencies", "hooks attached in another way; record both with the same --ways");
}

static void key_cells(struct table *t, const char *const *keys)
{
	cell_text(t, keys[AXIS_DEVICE]);
	cell_text(t, keys[AXIS_DRIVER]);
	cell_name(t, keys[AXIS_OP]);
	cell_name(t, keys[AXIS_DIRECTION]);
}

/* What no column is wide enough for is not known any better. */
static void ratio_cell(struct table *t, double ratio)
{
	cell_when(t, ratio < 1e9, ratio < 1e9 ? llround(ratio * 100) : 0);
}

/* Never said to be less than it is. */
static void chance_cell(struct table *t, double p)
{
	cell_when(t, !isnan(p), isnan(p) ? 0 : ceil(p * 1e6));
}

static bool is_latency(const struct change *c)
{
	return c->measure <= MEASURE_P99;
}

static const char *verdict_name(const struct change *c)
{
	bool latency = is_latency(c);

	switch (c->difference.verdict) {
	case VERDICT_MORE:
		return latency ? "slower" : "more";
	case VERDICT_LESS:
		return latency ? "faster" : "fewer";
	case VERDICT_FEW:
		return "too few";
	case VERDICT_INCOMPARABLE:
		return "not compared";
	default:
		return "same";
	}
}

static void latency_row(struct table *t, const struct change *c)
{
	table_row(t);
	key_cells(t, c->keys);
	cell_name(t, c->keys[AXIS_PATH]);
	cell_name(t, measure_names[c->measure]);
	cell_u64(t, c->calls_before);
	cell_u64(t, c->calls_after);
	cell_u64(t, c->before);
	cell_u64(t, c->after);
	ratio_cell(t, c->difference.ratio);
	ratio_cell(t, c->difference.low);
	ratio_cell(t, c->difference.high);
	chance_cell(t, c->difference.p);
	cell_name(t, verdict_name(c));
}

static void count_row(struct table *t, const struct change *c)
{
	table_row(t);
	key_cells(t, c->keys);
	cell_name(t, c->keys[AXIS_PATH]);
	cell_name(t, measure_names[c->measure]);
	cell_u64(t, c->before);
	cell_u64(t, c->calls_before);
	cell_u64(t, c->after);
	cell_u64(t, c->calls_after);
	ratio_cell(t, c->difference.ratio);
	chance_cell(t, c->difference.p);
	cell_name(t, verdict_name(c));
}

static void rate_cell(struct table *t, unsigned long long calls, const struct model *m)
{
	ratio_cell(t, m->duration_ns ? calls * 1e9 / m->duration_ns : NAN);
}

static void load_row(struct table *t, const struct load *l, const struct recorded *a,
		     const struct recorded *b)
{
	bool sized = !(ops_without_size & op_bit(l->op));

	table_row(t);
	key_cells(t, l->keys);
	cell_u64(t, l->calls_before);
	cell_u64(t, l->calls_after);
	rate_cell(t, l->calls_before, &a->whole);
	rate_cell(t, l->calls_after, &b->whole);
	cell_when(t, sized, l->bytes_before);
	cell_when(t, sized, l->bytes_after);
	cell_text(t, l->other ? "other" : "same");
}

static struct table *changes_table(struct doc *doc, bool latency, enum show show)
{
	return latency ? DOC_TABLE(doc, "latencies", latency_columns, show) :
			 DOC_TABLE(doc, "counts", count_columns, show);
}

/* People see what changed, programs and who asks for all of it what was compared. */
static void change_rows(struct doc *doc, const struct comparison *c, bool latency, enum show show,
			bool all)
{
	struct table *t = NULL;

	for (size_t i = 0; i < c->nchanges; i++) {
		const struct change *each = &c->changes[i];

		if (is_latency(each) != latency || !(all || change_found(each)))
			continue;
		if (!t)
			t = changes_table(doc, latency, show);
		(latency ? latency_row : count_row)(t, each);
	}
	/* people need no titles of nothing */
	if (!t && show == SHOW_DATA)
		changes_table(doc, latency, show);
}

/* Is what it is evidence of still called a change? */
static bool held_changed(const struct comparison *c, const struct held_path *path)
{
	const struct change like = {
		.keys = { [AXIS_DEVICE] = path->device, [AXIS_DRIVER] = path->driver },
		.op = path->op, .measure = MEASURE_HELD,
	};
	const struct change *found = comparison_find(c, &like);

	return found && change_found(found);
}

static void held_row(struct table *t, const struct held_path *path)
{
	table_row(t);
	cell_text(t, path->device);
	cell_text(t, path->driver);
	cell_text(t, ops[path->op].name);
	cell_u64(t, path->before);
	cell_u64(t, path->after);
	cell_u64(t, path->bytes_before);
	cell_u64(t, path->bytes_after);
	cell_text(t, frames_site(path->stack));
	cell_names(t, path->stack->names, path->stack->count);
}

static void held_rows(struct doc *doc, const struct comparison *c)
{
	struct table *t;
	size_t rows = 0;

	for (size_t i = 0; i < c->nheld_paths; i++)
		rows += held_changed(c, &c->held_paths[i]);
	t = doc_table(doc, "held_paths", "who made what is held", held_columns,
		      ARRAY_SIZE(held_columns), rows ? SHOW_ALL : SHOW_DATA);
	for (size_t i = 0; i < c->nheld_paths; i++)
		if (held_changed(c, &c->held_paths[i]))
			held_row(t, &c->held_paths[i]);
}

static void load_rows(struct doc *doc, const struct comparison *c, const struct recorded *a,
		      const struct recorded *b, enum show show, bool all)
{
	size_t rows = 0;
	struct table *t;

	for (size_t i = 0; i < c->nloads; i++)
		rows += all || c->loads[i].other;
	if (!rows && show == SHOW_TEXT)
		return;
	t = doc_table(doc, "work", "workload (not counted as a change)",
		      load_columns, ARRAY_SIZE(load_columns), show);
	for (size_t i = 0; i < c->nloads; i++)
		if (all || c->loads[i].other)
			load_row(t, &c->loads[i], a, b);
}

/* What to know of the two before believing anything. */
static void caveats(struct doc *doc, const struct model *a, const struct model *b)
{
	if (!name_same(a->host, b->host) || !name_same(a->arch, b->arch))
		doc_line(doc, "the machines are not the same");
	if (!name_same(a->release, b->release))
		doc_line(doc, "the kernels are not the same");
	if (lost(a) || lost(b))
		doc_line(doc, "data is incomplete%s: 'dmatrace stat -i' says what was lost",
			 lost(a) && lost(b) ? "" : lost(a) ? " before" : " after");
	if (!a->followed || !b->followed)
		doc_line(doc, "leaks are not compared: it takes 'record --with live' for both");
}

/* How many there are of each verdict. */
static void summary(struct doc *doc, const struct comparison *c)
{
	unsigned long long count[VERDICT_MAX] = { 0 }, changed;

	for (size_t i = 0; i < c->nchanges; i++)
		count[c->changes[i].difference.verdict]++;
	changed = count[VERDICT_MORE] + count[VERDICT_LESS];
	doc_u64(doc, "threshold", NULL, UNIT_SHARE, SHOW_DATA, llround(c->threshold * 100));
	doc_u64(doc, "changed", "changed", UNIT_COUNT, SHOW_ALL, changed);
	doc_u64(doc, "same", "the same", UNIT_COUNT, SHOW_ALL, count[VERDICT_SAME]);
	doc_u64(doc, "too_few", "too few to tell", UNIT_COUNT, SHOW_ALL, count[VERDICT_FEW]);
	doc_u64(doc, "not_compared", "not compared", UNIT_COUNT, SHOW_ALL,
		count[VERDICT_INCOMPARABLE]);
	doc_prose(doc, 0, "changed: by more than %g%%, and beyond noise (%g%% confidence across all "
		  "comparisons)", c->threshold * 100, 100 - DOUBT * 100);
	if (!c->nchanges)
		doc_prose(doc, 0, "nothing that is in both can be compared: no calls, or devices of "
			  "other names");
	if (count[VERDICT_FEW])
		doc_prose(doc, 0, "too few to tell: calls, or intervals with calls; record for longer, "
			  "or with a shorter --interval");
}

struct doc *report_diff(const struct recorded *before, size_t nbefore,
			const struct recorded *after, const struct comparison *c, bool all)
{
	struct doc *doc = doc_new();
	struct table *t;

	doc_u64(doc, "schema", NULL, UNIT_COUNT, SHOW_DATA, SCHEMA);
	t = DOC_TABLE(doc, "runs", run_columns, SHOW_ALL);
	for (size_t i = 0; i < nbefore; i++)
		run_row(t, i ? "again" : "before", &before[i]);
	run_row(t, "after", after);
	caveats(doc, &before->whole, &after->whole);
	watched_rows(doc, c);
	summary(doc, c);
	change_rows(doc, c, true, SHOW_TEXT, all);
	change_rows(doc, c, true, SHOW_DATA, true);
	change_rows(doc, c, false, SHOW_TEXT, all);
	change_rows(doc, c, false, SHOW_DATA, true);
	held_rows(doc, c);
	load_rows(doc, c, before, after, SHOW_TEXT, all);
	load_rows(doc, c, before, after, SHOW_DATA, true);
	return doc;
}
