// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms of latencies, sizes or lifetimes, by what their owner asked to tell apart.
 */
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/list.h"
#include "base/name.h"
#include "report/report.h"

const char *const hist_value_names[HIST_VALUE_MAX + 1] = { "latency", "size", "lifetime" };

/* In the order of enum axis; those asked for are shown. */
static const struct column key_columns[] = {
	{ "device", "device", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "driver", "driver", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL },
	{ "op", "op", "operation", UNIT_TEXT, SHOW_ALL },
	{ "path", "path", "way the mapping or allocation took", UNIT_TEXT, SHOW_ALL },
	{ "layer", "layer", "of the operation", UNIT_TEXT, SHOW_ALL },
	{ "direction", "direction", "of the transfer", UNIT_TEXT, SHOW_ALL },
};

static const struct column latency_columns[] = {
	{ "latency", "latency", "time in the call", UNIT_HIST_NS, SHOW_ALL },
	{ "calls", "calls", "all calls, failed ones included", UNIT_COUNT, SHOW_DATA },
	{ "errors", "errors", "calls that failed", UNIT_COUNT, SHOW_DATA },
};

static const struct column size_columns[] = {
	{ "size", "size", "of successful calls", UNIT_HIST_BYTES, SHOW_ALL },
	{ "calls", "calls", "all calls, failed ones included", UNIT_COUNT, SHOW_DATA },
	{ "errors", "errors", "calls that failed", UNIT_COUNT, SHOW_DATA },
};

static const struct column lifetime_columns[] = {
	{ "lifetime", "lifetime", "from being made to being given back", UNIT_HIST_NS, SHOW_ALL },
	{ "unseen", "unseen", "given back, but not seen made", UNIT_COUNT, SHOW_ALL },
	{ "shared", "shared", "one of several of the same memory", UNIT_COUNT, SHOW_ALL },
};

_Static_assert(ARRAY_SIZE(key_columns) == AXIS_MAX, "a column for each axis");

static const struct column *const value_columns[HIST_VALUE_MAX] = {
	[HIST_LATENCY] = latency_columns, [HIST_SIZE] = size_columns,
	[HIST_LIFETIME] = lifetime_columns,
};
#define VALUE_COLUMNS ARRAY_SIZE(latency_columns)
_Static_assert(ARRAY_SIZE(size_columns) == VALUE_COLUMNS &&
	       ARRAY_SIZE(lifetime_columns) == VALUE_COLUMNS, "as many for each value");

static struct table *bars_add(struct doc *doc, const struct report_opts *o, enum show show)
{
	struct column columns[ARRAY_SIZE(key_columns) + VALUE_COLUMNS];
	size_t n = 0;

	for (int axis = 0; axis < AXIS_MAX; axis++)
		if (o->by & 1u << axis)
			columns[n++] = key_columns[axis];
	memcpy(&columns[n], value_columns[o->value], VALUE_COLUMNS * sizeof(*columns));
	return doc_bars(doc, "histograms", columns, n + VALUE_COLUMNS, show);
}

static void group_row(struct table *t, const struct group *g, const struct report_opts *o)
{
	enum hist_value value = o->value;
	bool known = value == HIST_LATENCY ? g->latency_known : g->sized;

	table_row(t);
	for (int axis = 0; axis < AXIS_MAX; axis++)
		if (o->by & 1u << axis)
			cell_name(t, g->keys[axis]);
	if (value == HIST_LIFETIME) {
		cell_hist(t, hist_doc(&g->lifetime));
		cell_u64(t, g->unseen);
		cell_u64(t, g->shared);
		return;
	}
	cell_hist(t, known ? hist_doc(value == HIST_LATENCY ? &g->latency : &g->size) : NULL);
	cell_u64(t, g->calls);
	cell_when(t, g->errors_known, g->errors);
}

/* Of groups by the same axes: by each in turn, operations in their own order. */
static int group_compare(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	int order = 0;

	for (int axis = 0; axis < AXIS_MAX && !order; axis++)
		order = axis == AXIS_OP ? (int)a->op - (int)b->op :
					  name_compare(a->keys[axis], b->keys[axis]);
	return order;
}

/* Ends the program without memory, as documents do. */
static struct groups groups_of(const struct model *m, const struct report_opts *o)
{
	struct groups groups;

	report_must(o->value == HIST_LIFETIME ?
		    groups_lifetimes(&groups, m, o->by, o->ops) :
		    groups_make(&groups, m, o->by));
	if (groups.count)
		qsort(groups.items, groups.count, sizeof(*groups.items), group_compare);
	return groups;
}

static void opts_fields(struct doc *doc, const struct report_opts *o)
{
	const char *names[AXIS_MAX];
	size_t n = 0;

	for (int axis = 0; axis < AXIS_MAX; axis++)
		if (o->by & 1u << axis)
			names[n++] = axis_names[axis];
	doc_text(doc, "value", NULL, SHOW_DATA, hist_value_names[o->value]);
	doc_names(doc, "by", NULL, SHOW_DATA, names, n);
}

static void hist_build(struct doc *doc, const struct model *m, const struct findings *f,
		       const struct report_opts *o)
{
	struct groups groups = groups_of(m, o);
	struct table *t;

	(void)f;
	opts_fields(doc, o);
	if (!groups.count && o->value == HIST_LIFETIME)
		report_nothing(doc, m, o->ops & ops_followed, "nothing was seen given back");
	else if (!groups.count)
		report_nothing(doc, m, report_api_ops(), "no DMA call was seen");
	t = bars_add(doc, o, groups.count ? SHOW_ALL : SHOW_DATA);
	for (size_t i = 0; i < groups.count; i++)
		group_row(t, &groups.items[i], o);
	groups_release(&groups);
}

const struct report report_hist = { .name = "hist", .build = hist_build };
