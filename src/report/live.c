// SPDX-License-Identifier: GPL-2.0
/*
 * What was mapped or allocated since tracing began and not given back.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/diagnose.h"
#include "base/list.h"
#include "model/growth.h"
#include "report/report.h"

static const struct column columns[] = {
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL, 6 },
	{ "op", "OP", "that made them", UNIT_TEXT, SHOW_ALL },
	{ "count", "LIVE", "not given back", UNIT_COUNT, SHOW_ALL },
	{ "bytes", "BYTES", "of them", UNIT_BYTES, SHOW_ALL },
	{ "oldest_ns", "OLDEST", "age", UNIT_NS, SHOW_ALL },
	{ "growth_per_s", "GROWTH/S", "at least so many more", UNIT_RATIO, SHOW_ALL },
	{ "pending", NULL, "1: the driver has let the device go since", UNIT_COUNT, SHOW_DATA },
	{ "site", "CALLED FROM", "who made them", UNIT_TEXT, SHOW_TEXT, 16 },
	{ "stack", NULL, "the same with all in between, innermost first", UNIT_NAMES, SHOW_DATA },
};

/* By device and operation: what model/growth.h says. */
static const struct column growth_columns[] = {
	{ "device", NULL, "as the driver core names it", UNIT_TEXT, SHOW_DATA },
	{ "op", NULL, "that made them", UNIT_TEXT, SHOW_DATA },
	{ "held", NULL, "made in the run and not given back", UNIT_COUNT, SHOW_DATA },
	{ "unseen", NULL, "given back, but not seen made", UNIT_COUNT, SHOW_DATA },
	{ "wrong", NULL, "of those: addresses nobody was given", UNIT_COUNT, SHOW_DATA },
	{ "growth", NULL, "so many more than before, or more than that", UNIT_COUNT, SHOW_DATA },
	{ "at_most", NULL, "so many more at most", UNIT_COUNT, SHOW_DATA },
};

static const struct column left_out_columns[] = {
	{ "device", NULL, "whose mappings say nothing", UNIT_TEXT, SHOW_DATA },
};

/* In powers of ten, as people think of time. */
static const struct column age_columns[] = {
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL, 6 },
	{ "op", "OP", "that made them", UNIT_TEXT, SHOW_ALL },
	{ "age", NULL, "of those not given back", UNIT_HIST_NS, SHOW_DATA },
	{ "1ms", "<1ms", "old", UNIT_COUNT, SHOW_TEXT },
	{ "10ms", "<10ms", "old", UNIT_COUNT, SHOW_TEXT },
	{ "100ms", "<100ms", "old", UNIT_COUNT, SHOW_TEXT },
	{ "1s", "<1s", "old", UNIT_COUNT, SHOW_TEXT },
	{ "10s", "<10s", "old", UNIT_COUNT, SHOW_TEXT },
	{ "1min", "<1min", "old", UNIT_COUNT, SHOW_TEXT },
	{ "1h", "<1h", "old", UNIT_COUNT, SHOW_TEXT },
	{ "older", "OLDER", "than that", UNIT_COUNT, SHOW_TEXT },
};

static const struct column lifetime_columns[] = {
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL, 6 },
	{ "op", "OP", "that made them", UNIT_TEXT, SHOW_ALL },
	{ "given_back", "GIVEN BACK", "of known lifetime", UNIT_COUNT, SHOW_ALL },
	{ "lifetime", "LIFETIME", "from being made to being given back", UNIT_HIST_NS, SHOW_ALL },
	{ "unseen", "UNSEEN", "given back, but not seen made", UNIT_COUNT, SHOW_ALL },
	{ "shared", "SHARED", "one of several of the same memory", UNIT_COUNT, SHOW_ALL },
};

static const struct column mapping_columns[] = {
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL, 6 },
	{ "op", "OP", "that made it", UNIT_TEXT, SHOW_ALL },
	{ "direction", "DIRECTION", "of the transfer", UNIT_TEXT, SHOW_ALL, 4 },
	{ "size", "SIZE", "in bytes", UNIT_BYTES, SHOW_ALL },
	{ "count", "TIMES", "1, but in recordings of old", UNIT_COUNT, SHOW_ALL },
	{ "age_ns", "AGE", "of it", UNIT_NS, SHOW_ALL },
	{ "address", "ADDRESS", "for the device", UNIT_ADDRESS, SHOW_ALL },
	{ "phys", "PHYS", "physical address of the memory", UNIT_ADDRESS, SHOW_ALL },
	{ "virt", "VIRT", "its address for the CPU", UNIT_ADDRESS, SHOW_ALL },
	{ "pending", NULL, "1: the driver has let the device go since", UNIT_COUNT, SHOW_DATA },
	{ "site", "CALLED FROM", "who made it", UNIT_TEXT, SHOW_TEXT, 16 },
	{ "stack", NULL, "the same with all in between, innermost first", UNIT_NAMES, SHOW_DATA },
};

static void who_cells(struct table *t, const char *device, const char *driver, enum dmt_op op)
{
	table_row(t);
	cell_name(t, device);
	cell_name(t, driver);
	cell_name(t, ops[op].name);
}

/* Nothing where there is nothing to show. */
static struct table *rows_table(struct doc *doc, const char *key, const char *title,
				const struct column *cols, size_t ncols, size_t rows)
{
	return doc_table(doc, key, title, cols, ncols, rows ? SHOW_ALL : SHOW_DATA);
}

static void ages(struct doc *doc, const struct model *m)
{
	struct table *t = rows_table(doc, "ages", "how old they are", age_columns,
				     ARRAY_SIZE(age_columns), m->nages);

	for (size_t i = 0; i < m->nages; i++) {
		const struct age_row *r = &m->ages[i];

		who_cells(t, r->device, r->driver, r->op);
		cell_hist(t, hist_doc(&r->age));
		for (int n = 0; n < AGES; n++)
			cell_u64(t, r->up_to[n]);
	}
}

static void lifetimes(struct doc *doc, const struct model *m)
{
	struct table *t = rows_table(doc, "lifetimes", "how long others were held",
				     lifetime_columns, ARRAY_SIZE(lifetime_columns), m->nlifetimes);

	for (size_t i = 0; i < m->nlifetimes; i++) {
		const struct lifetime_row *r = &m->lifetimes[i];

		who_cells(t, r->device, r->driver, r->op);
		cell_u64(t, r->lifetime.count);
		cell_hist(t, hist_doc(&r->lifetime));
		cell_u64(t, r->unseen);
		cell_u64(t, r->shared);
	}
}

static void mappings(struct doc *doc, const struct model *m)
{
	struct table *t;

	if (!m->each)
		return;
	t = rows_table(doc, "mappings", "one by one, the oldest first", mapping_columns,
		       ARRAY_SIZE(mapping_columns), m->nmappings);
	for (size_t i = 0; i < m->nmappings; i++) {
		const struct mapping_row *r = &m->mappings[i];

		who_cells(t, r->device, r->driver, r->op);
		cell_name(t, direction_names[r->direction]);
		cell_u64(t, r->size);
		cell_u64(t, r->count);
		cell_u64(t, r->age_ns);
		cell_u64(t, r->address);
		cell_when(t, r->phys, r->phys);
		cell_when(t, r->virt, r->virt);
		cell_u64(t, r->pending);
		cell_name(t, frames_site(&r->stack));
		cell_names(t, r->stack.names, r->stack.count);
	}
	doc_u64(doc, "mappings_not_shown", "not shown", UNIT_COUNT, SHOW_ALL, m->mappings_left);
}

static int most_first(const void *a, const void *b)
{
	const struct live_row *left = *(const struct live_row *const *)a;
	const struct live_row *right = *(const struct live_row *const *)b;

	return left->count < right->count ? 1 : left->count > right->count ? -1 : 0;
}

static void growth_rows(struct doc *doc, const struct growths *growths)
{
	struct table *t = DOC_TABLE(doc, "growth", growth_columns, SHOW_DATA);

	for (size_t i = 0; i < growths->count; i++) {
		const struct growth *g = &growths->list[i];

		table_row(t);
		cell_name(t, g->device);
		cell_text(t, ops[g->op].name);
		cell_u64(t, g->held);
		cell_u64(t, g->unseen);
		cell_u64(t, g->wrong);
		cell_when(t, !g->unknown, g->least);
		cell_when(t, !g->unknown, g->open ? g->held : g->least);
	}
}

static void live_cells(struct table *t, const struct live_row *r, const struct growths *growths,
		       unsigned long long duration_ns)
{
	const struct growth *g = growth_find(growths, r->device, r->op);

	who_cells(t, r->device, r->driver, r->op);
	cell_u64(t, r->count);
	cell_u64(t, r->bytes);
	cell_u64(t, r->oldest_ns);
	if (duration_ns && g && !g->unknown)
		cell_u64(t, llround(growth_of_row(g, r) * 100e9 / duration_ns));
	else
		cell_absent(t);
	cell_u64(t, r->pending);
	cell_name(t, frames_site(&r->stack));
	cell_names(t, r->stack.names, r->stack.count);
}

/* Once a device. */
static void left_out(struct doc *doc, const struct model *m)
{
	struct table *t = DOC_TABLE(doc, "left_out", left_out_columns, SHOW_DATA);
	const char *last = NULL;

	for (size_t i = 0; i < m->nlive; i++) {
		const struct live_row *r = &m->live[i];

		if (!r->unmaps_skipped || !r->device || (last && !strcmp(last, r->device)))
			continue;
		last = r->device;
		doc_line(doc, "left out: mappings of %s, which its driver need not unmap "
			 "(direct and coherent)", r->device);
		table_row(t);
		cell_name(t, r->device);
	}
}

static void live_build(struct doc *doc, const struct model *m, const struct findings *f,
		       const struct report_opts *o)
{
	const struct live_row **rows = calloc(m->nlive + 1, sizeof(*rows));
	struct growths growths;
	struct table *t;
	size_t n = 0;

	(void)f;
	(void)o;
	report_must(growths_make(&growths, m));
	left_out(doc, m);
	if (m->sampled > 1)
		doc_u64(doc, "sample", "call paths of one in", UNIT_COUNT, SHOW_ALL, m->sampled);
	for (size_t i = 0; rows && i < m->nlive; i++)
		if (!m->live[i].unmaps_skipped)
			rows[n++] = &m->live[i];
	if (n) {
		qsort(rows, n, sizeof(*rows), most_first);
	} else {
		report_nothing(doc, m, ops_followed, "nothing was seen mapped or allocated that is "
			       "not given back");
	}
	t = DOC_TABLE(doc, "live", columns, n ? SHOW_ALL : SHOW_DATA);
	for (size_t i = 0; i < n; i++)
		live_cells(t, rows[i], &growths, m->duration_ns);
	growth_rows(doc, &growths);
	growths_release(&growths);
	if (m->followed) {
		ages(doc, m);
		lifetimes(doc, m);
		mappings(doc, m);
	}
	free(rows);
}

static dmt_ops live_ops(void)
{
	return ops_followed;
}

const struct report report_live = {
	.name = "live", .about = live_ops, .extras = DMT_WANTS_LIVE, .build = live_build,
};
