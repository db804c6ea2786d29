// SPDX-License-Identifier: GPL-2.0
/*
 * What was counted as metrics for a monitoring system: a table for each, see base/doc.h.  A series
 * is a row of `dmatrace stat`.  An unknown number has no value, and then no line.  There can be
 * many: names are the model's and not copied.
 */
#include <stdlib.h>
#include "analysis/diagnose.h"
#include "base/name.h"
#include "report/report.h"

#define METRIC(doc, name, columns) DOC_TABLE(doc, name, columns, SHOW_METRICS)
#define LABEL(key) { key, NULL, "label", UNIT_TEXT, SHOW_METRICS }
#define VALUE(kind, help, unit) { kind, NULL, help, unit, SHOW_METRICS }

static const struct column build_columns[] = {
	LABEL("version"),
	VALUE("info", "which dmatrace exports this", UNIT_COUNT),
};

static const struct column run_columns[] = {
	LABEL("host"), LABEL("kernel"), LABEL("arch"),
	VALUE("info", "which machine was traced", UNIT_COUNT),
};

static const struct column duration_columns[] = {
	VALUE("value", "for how long it has been traced", UNIT_NS),
};

static const struct column hook_columns[] = {
	LABEL("hook"), LABEL("op"), LABEL("way"), LABEL("target"), LABEL("reason"),
	VALUE("value", "1 if the hook is on, 0 if it was wanted and is off", UNIT_COUNT),
};

static const struct column lost_columns[] = {
	LABEL("loss"),
	VALUE("value", "facts that got lost so far, some of them estimated", UNIT_COUNT),
};

static const struct column finding_columns[] = {
	LABEL("id"), LABEL("severity"),
	VALUE("value", "findings of this kind by now", UNIT_COUNT),
};

#define CALL_LABELS LABEL("device"), LABEL("bus"), LABEL("driver"), LABEL("op"),	\
	LABEL("direction"), LABEL("path"), LABEL("bounce_reason"), LABEL("context"),	\
	LABEL("phase"), LABEL("within"),						\
	{ "page_size", NULL, "label", UNIT_BYTES, SHOW_METRICS }

static const struct column calls_columns[] = {
	CALL_LABELS, VALUE("total", "calls, failed ones included", UNIT_COUNT),
};

static const struct column errors_columns[] = {
	CALL_LABELS, VALUE("total", "calls that failed", UNIT_COUNT),
};

static const struct column bytes_columns[] = {
	CALL_LABELS, VALUE("total", "bytes of calls that succeeded", UNIT_BYTES),
};

static const struct column latency_columns[] = {
	CALL_LABELS, VALUE("value", "time in the call", UNIT_HIST_NS),
};

static const struct column size_columns[] = {
	CALL_LABELS, VALUE("value", "size of calls that succeeded", UNIT_HIST_BYTES),
};

#define HELD_LABELS LABEL("device"), LABEL("driver"), LABEL("op")

static const struct column held_columns[] = {
	HELD_LABELS, VALUE("value", "mappings and allocations not given back", UNIT_COUNT),
};

static const struct column held_bytes_columns[] = {
	HELD_LABELS, VALUE("value", "bytes of those", UNIT_BYTES),
};

static const struct column oldest_columns[] = {
	HELD_LABELS, VALUE("value", "age of the oldest of those", UNIT_NS),
};

static const struct column lifetime_columns[] = {
	HELD_LABELS, VALUE("value", "how long those were held that are given back", UNIT_HIST_NS),
};

#define POOL_LABELS LABEL("kind"), LABEL("pool")

static const struct column pool_size_columns[] = {
	POOL_LABELS, VALUE("value", "size of the pool", UNIT_BYTES),
};

static const struct column pool_used_columns[] = {
	POOL_LABELS, VALUE("value", "taken of it", UNIT_BYTES),
};

static const struct column pool_high_columns[] = {
	POOL_LABELS, VALUE("value", "most ever taken of it at a time", UNIT_BYTES),
};

static void about_run(struct doc *doc, const struct model *m)
{
	struct table *t = METRIC(doc, "build", build_columns);

	table_row(t);
	cell_name(t, VERSION);
	cell_u64(t, 1);
	t = METRIC(doc, "run", run_columns);
	table_row(t);
	cell_name(t, m->host);
	cell_name(t, m->release);
	cell_name(t, m->arch);
	cell_u64(t, 1);
	t = METRIC(doc, "run_duration_seconds", duration_columns);
	table_row(t);
	cell_u64(t, m->duration_ns);
}

static void about_watching(struct doc *doc, const struct model *m)
{
	struct table *t = METRIC(doc, "hook_on", hook_columns);

	for (int i = 0; i < DMT_HOOK_MAX; i++) {
		const struct hook_state *h = &m->hooks[i];

		if (!h->on && !h->wanted)
			continue;
		table_row(t);
		cell_name(t, hook_names[i]);
		cell_name(t, ops[h->op].name);
		cell_name(t, h->on ? way_names[h->way] : NULL);
		cell_name(t, h->target);
		cell_name(t, h->reason);
		cell_u64(t, h->on);
	}
	t = METRIC(doc, "lost", lost_columns);
	for (size_t i = 0; i < m->nlosses; i++) {
		table_row(t);
		cell_name(t, m->losses[i].name);
		cell_u64(t, m->losses[i].count);
	}
}

static void about_findings(struct doc *doc, const struct findings *f)
{
	struct table *t = METRIC(doc, "findings", finding_columns);

	for (int id = 0; id < FINDING_MAX; id++) {
		unsigned long long count = 0;

		for (size_t i = 0; i < f->count; i++)
			count += f->list[i].kind == &finding_kinds[id];
		if (!count)
			continue;
		table_row(t);
		cell_name(t, finding_kinds[id].id);
		cell_name(t, severity_names[finding_kinds[id].severity]);
		cell_u64(t, count);
	}
}

static void call_labels(struct table *t, const struct aggregate *a)
{
	table_row(t);
	cell_name(t, a->device);
	cell_name(t, a->bus);
	cell_name(t, a->driver);
	cell_name(t, ops[a->op].name);
	cell_name(t, direction_names[a->direction]);
	cell_name(t, path_names[a->path]);
	cell_name(t, reason_names[a->reason]);
	cell_name(t, context_names[a->context]);
	cell_name(t, phase_names[a->phase]);
	cell_name(t, within_name(a->within));
	cell_when(t, a->page_size, a->page_size);
}

static bool sized(const struct aggregate *a)
{
	return !(ops_without_size & op_bit(a->op));
}

static void about_calls(struct doc *doc, const struct model *m)
{
	struct table *calls = METRIC(doc, "calls", calls_columns);
	struct table *errors = METRIC(doc, "errors", errors_columns);
	struct table *bytes = METRIC(doc, "bytes", bytes_columns);

	for (size_t i = 0; i < m->naggregates; i++) {
		const struct aggregate *a = &m->aggregates[i];

		call_labels(calls, a);
		cell_u64(calls, a->calls);
		call_labels(errors, a);
		cell_when(errors, a->errors_known, a->errors);
		call_labels(bytes, a);
		cell_when(bytes, sized(a), a->bytes);
	}
}

/* Bounds that are the same everywhere: below 64, then powers of two up to where buckets end. */
#define FIRST_BOUND 6
#define LAST_BOUND 36

static struct doc_hist *hist_coarse(const struct hist *h)
{
	struct doc_hist *fine = hist_doc(h), *to = doc_hist_new(LAST_BOUND - FIRST_BOUND + 2);
	size_t n = 0;

	for (size_t i = 0; i < to->nbuckets; i++)
		to->buckets[i] = (struct doc_bucket){
			.min = i ? 1ull << (FIRST_BOUND + i - 1) : 0,
			.max = i + 1 < to->nbuckets ? (1ull << (FIRST_BOUND + i)) - 1 : ULLONG_MAX,
		};
	for (size_t i = 0; i < fine->nbuckets; i++) {
		while (fine->buckets[i].min > to->buckets[n].max)
			n++;
		to->buckets[n].count += fine->buckets[i].count;
	}
	to->count = fine->count;
	to->sum = fine->sum;
	to->max = fine->max;
	to->p50 = fine->p50;
	to->p90 = fine->p90;
	to->p99 = fine->p99;
	doc_hist_free(fine);
	return to;
}

typedef struct doc_hist *hist_fn(const struct hist *h);

static void about_values(struct doc *doc, const struct model *m, hist_fn *hist)
{
	struct table *latency = METRIC(doc, "latency_seconds", latency_columns);
	struct table *size = METRIC(doc, "size_bytes", size_columns);

	for (size_t i = 0; i < m->naggregates; i++) {
		const struct aggregate *a = &m->aggregates[i];

		call_labels(latency, a);
		cell_hist(latency, a->latency_known ? hist(&a->latency) : NULL);
		call_labels(size, a);
		cell_hist(size, sized(a) ? hist(&a->size) : NULL);
	}
}

/* One row of what is held or was given back: one of the two is NULL.  The names are the row's. */
struct held_row {
	const char *device, *driver;
	enum dmt_op op;
	const struct live_row *live;
	const struct lifetime_row *lived;
};

static int held_compare(const void *left, const void *right)
{
	const struct held_row *a = left, *b = right;
	int order = name_compare(a->device, b->device);

	if (!order)
		order = name_compare(a->driver, b->driver);
	return order ? order : (int)a->op - (int)b->op;
}

/* In the order of devices, drivers and operations; NULL without memory. */
static struct held_row *held_rows(const struct model *m, size_t *count)
{
	struct held_row *rows = calloc(m->nlive + m->nlifetimes + 1, sizeof(*rows));
	size_t n = 0;

	for (size_t i = 0; rows && i < m->nlive; i++) {
		const struct live_row *row = &m->live[i];

		if (!row->unmaps_skipped)
			rows[n++] = (struct held_row){ row->device, row->driver, row->op, row };
	}
	for (size_t i = 0; rows && i < m->nlifetimes; i++) {
		const struct lifetime_row *row = &m->lifetimes[i];

		rows[n++] = (struct held_row){ row->device, row->driver, row->op, NULL, row };
	}
	if (n)
		qsort(rows, n, sizeof(*rows), held_compare);
	*count = n;
	return rows;
}

/* What one device holds by one operation: 0 of who has given back all. */
struct held {
	unsigned long long count, bytes, oldest_ns;
	struct hist_sum lifetime;
};

static void held_add(struct held *h, const struct held_row *row)
{
	if (row->lived)
		hist_sum_add(&h->lifetime, &row->lived->lifetime);
	if (!row->live)
		return;
	h->count += row->live->count;
	h->bytes += row->live->bytes;
	if (row->live->oldest_ns > h->oldest_ns)
		h->oldest_ns = row->live->oldest_ns;
}

static void held_labels(struct table *t, const struct held_row *row)
{
	table_row(t);
	cell_name(t, row->device);
	cell_name(t, row->driver);
	cell_name(t, ops[row->op].name);
}

static void about_held(struct doc *doc, const struct model *m, hist_fn *hist)
{
	struct table *mappings = METRIC(doc, "live_mappings", held_columns);
	struct table *bytes = METRIC(doc, "live_bytes", held_bytes_columns);
	struct table *oldest = METRIC(doc, "live_oldest_age_seconds", oldest_columns);
	struct table *lifetime = METRIC(doc, "lifetime_seconds", lifetime_columns);
	struct held_row *rows;
	size_t count, i = 0;

	rows = held_rows(m, &count);
	while (rows && i < count) {
		const struct held_row *row = &rows[i];
		struct held h = { 0 };
		struct hist lived;

		for (; i < count && !held_compare(row, &rows[i]); i++)
			held_add(&h, &rows[i]);
		held_labels(mappings, row);
		cell_u64(mappings, h.count);
		held_labels(bytes, row);
		cell_u64(bytes, h.bytes);
		held_labels(oldest, row);
		cell_when(oldest, h.count, h.oldest_ns);
		held_labels(lifetime, row);
		lived = hist_of(&h.lifetime);
		cell_hist(lifetime, hist(&lived));
	}
	free(rows);
}

static void pool_value(struct table *t, const struct pool *p, long long value)
{
	table_row(t);
	cell_name(t, p->kind);
	cell_name(t, p->name);
	cell_when(t, value >= 0, value);
}

static void about_pools(struct doc *doc, const struct model *m)
{
	struct table *size = METRIC(doc, "pool_size_bytes", pool_size_columns);
	struct table *used = METRIC(doc, "pool_used_bytes", pool_used_columns);
	struct table *high = METRIC(doc, "pool_high_water_bytes", pool_high_columns);

	for (size_t i = 0; i < m->inventory.npools; i++) {
		const struct pool *p = &m->inventory.pools[i];

		pool_value(size, p, p->size);
		pool_value(used, p, p->used);
		pool_value(high, p, p->high);
	}
}

static void metrics_build(struct doc *doc, const struct model *m, const struct findings *f,
			  const struct report_opts *o)
{
	hist_fn *hist = o->powers_of_two ? hist_coarse : hist_doc;

	about_run(doc, m);
	about_watching(doc, m);
	about_findings(doc, f);
	about_calls(doc, m);
	about_values(doc, m, hist);
	if (m->followed)
		about_held(doc, m, hist);
	about_pools(doc, m);
}

const struct report report_metrics = { .name = "export", .bare = true, .build = metrics_build };
