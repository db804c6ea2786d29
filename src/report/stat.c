// SPDX-License-Identifier: GPL-2.0
/*
 * Per device, operation and direction: calls, errors, bytes, latency, sizes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/diagnose.h"
#include "base/list.h"
#include "report/report.h"

static const struct column columns[] = {
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "bus", "BUS", "bus of the device", UNIT_TEXT, SHOW_DATA },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL, 6 },
	{ "op", "OP", "operation", UNIT_TEXT, SHOW_ALL },
	{ "direction", "DIRECTION", "of the transfer", UNIT_TEXT, SHOW_ALL, 4 },
	{ "how", "PATH", "path; of a bounce why, of a copy what for; and in which context",
	  UNIT_TEXT, SHOW_TEXT, 8 },
	{ "path", NULL, "way the mapping or allocation took", UNIT_TEXT, SHOW_DATA },
	{ "bounce_reason", NULL, "of a bounce", UNIT_TEXT, SHOW_DATA },
	{ "context", NULL, "of a bounce or copy", UNIT_TEXT, SHOW_DATA },
	{ "phase", NULL, "what a copy was for", UNIT_TEXT, SHOW_DATA },
	{ "within", NULL, "operation an iommu_map was inside of", UNIT_TEXT, SHOW_DATA },
	{ "page_size", NULL, "of a pgtable_map", UNIT_BYTES, SHOW_DATA },
	{ "calls", "CALLS", "all calls, failed ones included", UNIT_COUNT, SHOW_ALL },
	{ "errors", "ERRORS", "calls that failed", UNIT_COUNT, SHOW_ALL },
	{ "error_values", NULL, "what they returned", UNIT_LIST, SHOW_DATA },
	{ "bytes", "BYTES", "of successful calls", UNIT_BYTES, SHOW_ALL },
	{ "latency", "LATENCY", "time in the call", UNIT_HIST_NS, SHOW_ALL },
	{ "size", "SIZE", "of successful calls", UNIT_HIST_BYTES, SHOW_DATA },
};

static void values_cell(struct table *t, const struct aggregate *a)
{
	struct cell_pair *pairs = calloc(a->nvalues + 1, sizeof(*pairs));
	char (*names)[32] = calloc(a->nvalues + 1, sizeof(*names));

	for (size_t i = 0; pairs && names && i < a->nvalues; i++)
		pairs[i] = (struct cell_pair){
			(char *)failure_name(a->values[i].kind, a->values[i].value, names[i],
					       sizeof(names[i])),
			a->values[i].count };
	cell_list(t, pairs, pairs && names ? a->nvalues : 0);
	free(pairs);
	free(names);
}

/*
 * For people all of it in one cell: an operation has one or two of them.  A pgtable_map is inside
 * an iommu_map but for VT-d up to v5.10.
 */
static void how_cells(struct table *t, const struct aggregate *a)
{
	bool usual = a->op == DMT_OP_PGTABLE_MAP && a->within == DMT_OP_IOMMU_MAP + 1;
	char page[PAGE_SIZE_NAME], text[64] = "";
	const char *const parts[] = { path_names[a->path], phase_names[a->phase],
				      reason_names[a->reason], context_names[a->context],
				      usual ? NULL : within_name(a->within),
				      page_size_name(a->page_size, page) };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i])
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
				 text[0] ? ", " : "", parts[i]);
	cell_text(t, text[0] ? text : NULL);
	cell_name(t, path_names[a->path]);
	cell_name(t, reason_names[a->reason]);
	cell_name(t, context_names[a->context]);
	cell_name(t, phase_names[a->phase]);
	cell_name(t, within_name(a->within));
	cell_when(t, a->page_size, a->page_size);
}

static void aggregate_row(struct table *t, const struct aggregate *a)
{
	bool sized = !(ops_without_size & op_bit(a->op));

	table_row(t);
	cell_name(t, a->device);
	cell_name(t, a->bus);
	cell_name(t, a->driver);
	cell_name(t, ops[a->op].name);
	cell_name(t, direction_names[a->direction]);
	how_cells(t, a);
	cell_u64(t, a->calls);
	if (a->errors_known) {
		cell_u64(t, a->errors);
		values_cell(t, a);
	} else {
		cell_absent(t);
		cell_absent(t);
	}
	cell_when(t, sized, a->bytes);
	cell_hist(t, a->latency_known ? hist_doc(&a->latency) : NULL);
	cell_hist(t, sized ? hist_doc(&a->size) : NULL);
}

static void failures_lines(struct doc *doc, const struct model *m)
{
	for (size_t i = 0; i < m->naggregates; i++) {
		const struct aggregate *a = &m->aggregates[i];
		char buf[32];

		for (size_t n = 0; n < a->nvalues; n++)
			doc_line(doc, "failed: %s %s %s, %llu time%s", a->device ? a->device : "-",
				 ops[a->op].name,
				 failure_name(a->values[n].kind, a->values[n].value, buf,
						sizeof(buf)), a->values[n].count,
				 a->values[n].count == 1 ? "" : "s");
	}
}

static const struct column device_columns[] = {
	{ "device", NULL, "as the driver core names it", UNIT_TEXT, SHOW_DATA },
	{ "bus", NULL, "bus it is on", UNIT_TEXT, SHOW_DATA },
	{ "driver", NULL, "driver bound when it was first seen", UNIT_TEXT, SHOW_DATA },
	{ "dma_ops", NULL, "who maps for it", UNIT_TEXT, SHOW_DATA },
	{ "domain", NULL, "type of the IOMMU domain it is in", UNIT_TEXT, SHOW_DATA },
	{ "mask_bits", NULL, "address bits of streaming mappings", UNIT_COUNT, SHOW_DATA },
	{ "coherent_mask_bits", NULL, "of coherent memory", UNIT_COUNT, SHOW_DATA },
	REACH_COLUMNS,
};

static void device_rows(struct doc *doc, const struct model *m)
{
	struct table *t = DOC_TABLE(doc, "devices", device_columns, SHOW_DATA);

	for (size_t i = 0; i < m->ntraced; i++) {
		const struct traced_device *dev = &m->traced[i];

		table_row(t);
		cell_name(t, dev->device);
		cell_name(t, dev->bus);
		cell_name(t, dev->driver);
		cell_name(t, dev->dma_ops);
		cell_name(t, dev->domain);
		cell_when(t, dev->reach.mask, device_mask_bits(dev->reach.mask));
		cell_when(t, dev->reach.coherent_mask, device_mask_bits(dev->reach.coherent_mask));
		report_reach(t, &dev->reach, dev->reach.caches);
	}
}

static const struct column cost_columns[] = {
	{ "op", "OP", "operation", UNIT_TEXT, SHOW_ALL },
	{ "target", "TARGET", "function or tracepoint", UNIT_TEXT, SHOW_ALL, 8 },
	{ "way", "WAY", "how it is watched", UNIT_TEXT, SHOW_ALL },
	{ "runs", "RUNS", "of our programs there", UNIT_COUNT, SHOW_ALL },
	{ "ns_per_run", "A RUN", "on average", UNIT_NS, SHOW_ALL },
	{ "ns_per_s", "A SECOND", "of CPU time in each second of the run", UNIT_NS, SHOW_ALL },
};

/* What tracing took of the system, where that was asked for. */
static void cost_rows(struct doc *doc, const struct model *m)
{
	double seconds = m->duration_ns ? m->duration_ns / 1e9 : 1;
	struct table *t = NULL;
	unsigned long long ns = 0;

	for (int i = 0; i < DMT_HOOK_MAX; i++) {
		const struct hook_state *h = &m->hooks[i];

		if (!h->cost_known)
			continue;
		if (!t)
			t = DOC_TABLE(doc, "cost", cost_columns, SHOW_ALL);
		table_row(t);
		cell_text(t, ops[h->op].name);
		cell_text(t, h->target);
		cell_text(t, way_names[h->way]);
		cell_u64(t, h->cost.runs);
		cell_when(t, h->cost.runs, h->cost.runs ? h->cost.ns / h->cost.runs : 0);
		cell_u64(t, h->cost.ns / seconds);
		ns += h->cost.ns;
	}
	if (t)
		doc_u64(doc, "cost_ns_per_s", "all programs, in a second", UNIT_NS, SHOW_ALL,
			ns / seconds);
}

static void stat_build(struct doc *doc, const struct model *m, const struct findings *f,
		       const struct report_opts *o)
{
	struct table *t;

	(void)f;
	(void)o;
	if (!m->naggregates)
		report_nothing(doc, m, report_api_ops(), "no DMA call was seen");
	t = DOC_TABLE(doc, "aggregates", columns, m->naggregates ? SHOW_ALL : SHOW_DATA);
	for (size_t i = 0; i < m->naggregates; i++)
		aggregate_row(t, &m->aggregates[i]);
	report_pages(doc, m);
	report_split(doc, m);
	report_iommu_failures(doc, m, SHOW_DATA);
	device_rows(doc, m);
	report_pools(doc, m, SHOW_DATA);
	failures_lines(doc, m);
	cost_rows(doc, m);
}

static dmt_ops stat_ops(void)
{
	const struct wishes usual = { 0 };

	return wishes_ops(&usual);
}

const struct report report_stat = { .name = "stat", .about = stat_ops, .build = stat_build };
