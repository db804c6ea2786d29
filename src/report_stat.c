// SPDX-License-Identifier: GPL-2.0
/*
 * Per device, operation and direction: calls, errors, bytes, latency, sizes.
 */
#include <stdio.h>
#include <stdlib.h>
#include "report.h"

static const struct column columns[] = {
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL },
	{ "bus", "BUS", "bus of the device", UNIT_TEXT, SHOW_DATA },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL },
	{ "op", "OP", "operation", UNIT_TEXT, SHOW_ALL },
	{ "direction", "DIRECTION", "of the transfer", UNIT_TEXT, SHOW_ALL },
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
			(char *)report_failure(a->values[i].kind, a->values[i].value, names[i],
					       sizeof(names[i])),
			a->values[i].count };
	cell_list(t, pairs, pairs && names ? a->nvalues : 0);
	free(pairs);
	free(names);
}

static void aggregate_row(struct table *t, const struct aggregate *a)
{
	table_row(t);
	cell_text(t, a->device);
	cell_text(t, a->bus);
	cell_text(t, a->driver);
	cell_text(t, ops[a->op].name);
	cell_text(t, direction_names[a->direction]);
	cell_u64(t, a->calls);
	if (a->errors_known) {
		cell_u64(t, a->errors);
		values_cell(t, a);
	} else {
		cell_absent(t);
		cell_absent(t);
	}
	cell_u64(t, a->bytes);
	cell_hist(t, a->latency_known ? hist_doc(&a->latency) : NULL);
	cell_hist(t, hist_doc(&a->size));
}

/* "33 on, 2 off"; hooks nobody asked for are neither. */
static void hooks_summary(struct doc *doc, const struct model *m)
{
	int on = 0, off = 0;

	for (int i = 0; i < DMT_HOOK_MAX; i++) {
		on += m->hooks[i].on;
		off += !m->hooks[i].on && m->hooks[i].wanted;
	}
	doc_line(doc, "hooks: %d on, %d off%s", on, off,
		 off ? " ('dmatrace hooks' says why)" : "");
}

static void failures_lines(struct doc *doc, const struct model *m)
{
	for (size_t i = 0; i < m->naggregates; i++) {
		const struct aggregate *a = &m->aggregates[i];
		char buf[32];

		for (size_t n = 0; n < a->nvalues; n++)
			doc_line(doc, "failed: %s %s %s, %llu time%s", a->device ? a->device : "-",
				 ops[a->op].name,
				 report_failure(a->values[n].kind, a->values[n].value, buf,
						sizeof(buf)), a->values[n].count,
				 a->values[n].count == 1 ? "" : "s");
	}
}

struct doc *report_stat(const struct model *m)
{
	struct doc *doc = doc_new();
	struct counters *losses;
	struct table *t;

	report_head(doc, m->host, m->release, m->arch);
	doc_u64(doc, "duration_ns", "duration", UNIT_NS, SHOW_ALL, m->duration_ns);
	hooks_summary(doc, m);
	report_hook_rows(doc, m, SHOW_DATA);
	losses = doc_counters(doc, "losses", "losses", SHOW_ALL);
	for (size_t i = 0; i < m->nlosses; i++)
		counters_add(losses, m->losses[i].name, m->losses[i].count);
	if (!m->naggregates) {
		doc_line(doc, "%s", "");
		doc_line(doc, "no DMA call was seen");
	}
	t = doc_table(doc, "aggregates", "", columns, sizeof(columns) / sizeof(*columns),
		      m->naggregates ? SHOW_ALL : SHOW_DATA);
	for (size_t i = 0; i < m->naggregates; i++)
		aggregate_row(t, &m->aggregates[i]);
	failures_lines(doc, m);
	return doc;
}
