// SPDX-License-Identifier: GPL-2.0
/*
 * What was mapped or allocated since tracing began and not given back.
 */
#include <stdlib.h>
#include <string.h>
#include "diagnose.h"
#include "report.h"

static const struct column columns[] = {
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL, 6 },
	{ "op", "OP", "that made them", UNIT_TEXT, SHOW_ALL },
	{ "count", "LIVE", "not given back", UNIT_COUNT, SHOW_ALL },
	{ "bytes", "BYTES", "of them", UNIT_BYTES, SHOW_ALL },
	{ "oldest_ns", "OLDEST", "age", UNIT_NS, SHOW_ALL },
	{ "growth_per_s", "GROWTH/S", "since tracing began", UNIT_COUNT, SHOW_ALL },
	{ "pending", NULL, "1: the driver has let the device go since", UNIT_COUNT, SHOW_DATA },
	{ "site", "CALLED FROM", "who made them", UNIT_TEXT, SHOW_TEXT, 16 },
	{ "stack", NULL, "the same with all in between, innermost first", UNIT_NAMES, SHOW_DATA },
};

static const struct column left_out_columns[] = {
	{ "device", NULL, "whose mappings say nothing", UNIT_TEXT, SHOW_DATA },
};

static int most_first(const void *a, const void *b)
{
	const struct live_row *left = *(const struct live_row *const *)a;
	const struct live_row *right = *(const struct live_row *const *)b;

	return left->count < right->count ? 1 : left->count > right->count ? -1 : 0;
}

static void live_cells(struct table *t, const struct live_row *r, unsigned long long duration_ns)
{
	table_row(t);
	cell_text(t, r->device);
	cell_text(t, r->driver);
	cell_text(t, ops[r->op].name);
	cell_u64(t, r->count);
	cell_u64(t, r->bytes);
	cell_u64(t, r->oldest_ns);
	if (duration_ns)
		cell_u64(t, r->count * 1000000000.0 / duration_ns);
	else
		cell_absent(t);
	cell_u64(t, r->pending);
	cell_text(t, frames_site(&r->stack));
	cell_names(t, r->stack.names, r->stack.count);
}

/* Once a device. */
static void left_out(struct doc *doc, const struct model *m)
{
	struct table *t = doc_table(doc, "left_out", "", left_out_columns, 1, SHOW_DATA);
	const char *last = NULL;

	for (size_t i = 0; i < m->nlive; i++) {
		const struct live_row *r = &m->live[i];

		if (!r->unmaps_skipped || !r->device || (last && !strcmp(last, r->device)))
			continue;
		last = r->device;
		doc_line(doc, "left out: mappings of %s, which its driver need not unmap "
			 "(direct and coherent)", r->device);
		table_row(t);
		cell_text(t, r->device);
	}
}

struct doc *report_live(const struct model *m, const struct findings *f)
{
	const struct live_row **rows = calloc(m->nlive + 1, sizeof(*rows));
	struct doc *doc = doc_new();
	struct table *t;
	size_t n = 0;

	report_trace(doc, m, f);
	left_out(doc, m);
	for (size_t i = 0; rows && i < m->nlive; i++)
		if (!m->live[i].unmaps_skipped)
			rows[n++] = &m->live[i];
	if (n) {
		qsort(rows, n, sizeof(*rows), most_first);
	} else {
		doc_line(doc, "%s", "");
		doc_line(doc, "nothing is mapped that was not before");
	}
	t = doc_table(doc, "live", "", columns, sizeof(columns) / sizeof(*columns),
		      n ? SHOW_ALL : SHOW_DATA);
	for (size_t i = 0; i < n; i++)
		live_cells(t, rows[i], m->duration_ns);
	free(rows);
	return doc;
}
