// SPDX-License-Identifier: GPL-2.0
/*
 * What several reports say the same way.
 */
#include <stdlib.h>
#include "base/err.h"
#include "report/report.h"

void report_die(int err)
{
	fail(err, "out of memory while building the report");
	abort();
}

struct index report_index(const struct index_key *key, const void *rows, size_t count)
{
	struct index x;

	report_must(index_make(&x, key, rows, count));
	return x;
}

void report_head(struct doc *doc, const char *host, const char *release, const char *arch)
{
	doc_u64(doc, "schema", NULL, UNIT_COUNT, SHOW_DATA, SCHEMA);
	doc_text(doc, "host", "host", SHOW_ALL, host);
	doc_text(doc, "kernel", "kernel", SHOW_ALL, release);
	doc_text(doc, "arch", "arch", SHOW_ALL, arch);
}

static const struct column hook_columns[] = {
	{ "op", "OP", "operation", UNIT_TEXT, SHOW_ALL },
	{ "layer", "LAYER", "api, backend, core or pgtable", UNIT_TEXT, SHOW_ALL },
	{ "way", "WAY", "how it is watched", UNIT_TEXT, SHOW_ALL },
	{ "target", "TARGET", "function or tracepoint", UNIT_TEXT, SHOW_ALL },
	{ "status", "STATUS", "on or off", UNIT_TEXT, SHOW_ALL },
	{ "reason", "REASON", "why off, or what to know", UNIT_TEXT, SHOW_ALL },
	{ "calls", "CALLS", "calls counted through it, if it counts any", UNIT_COUNT, SHOW_DATA },
	{ "missed", "MISSED", "calls known to have escaped it", UNIT_COUNT, SHOW_DATA },
};

void report_hook_rows(struct doc *doc, const struct model *m, enum show show)
{
	struct table *t = DOC_TABLE(doc, "hooks", hook_columns, show);

	for (int i = 0; i < DMT_HOOK_MAX; i++) {
		const struct hook_state *h = &m->hooks[i];

		table_row(t);
		cell_text(t, ops[h->op].name);
		cell_text(t, layer_names[ops[h->op].layer]);
		cell_text(t, h->on ? way_names[h->way] : NULL);
		cell_text(t, h->target);
		cell_text(t, h->on ? "on" : "off");
		cell_text(t, h->reason[0] ? h->reason : NULL);
		cell_when(t, h->on && !hook_marks(i), h->calls);
		cell_when(t, h->on && h->missed_known, h->missed);
	}
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

void report_run(struct doc *doc, const struct model *m)
{
	struct counters *losses;

	report_head(doc, m->host, m->release, m->arch);
	doc_u64(doc, "duration_ns", "duration", UNIT_NS, SHOW_ALL, m->duration_ns);
	hooks_summary(doc, m);
	if (m->extras & DMT_WANTS_NO_LATENCY)
		doc_text(doc, "latencies", "latencies", SHOW_ALL, m->extras & DMT_WANTS_LIVE ?
			 "not measured (mappings are followed)" : "not measured (--no-latency)");
	report_hook_rows(doc, m, SHOW_DATA);
	report_not_watched(doc, m);
	losses = doc_counters(doc, "losses", "losses", SHOW_ALL);
	for (size_t i = 0; i < m->nlosses; i++)
		counters_add(losses, m->losses[i].name, m->losses[i].count);
}

struct doc *report_make(const struct report *r, const struct model *m, const struct findings *f,
			const struct report_opts *o)
{
	const struct report_opts usual = { 0 };
	struct doc *doc = doc_new();

	if (!r->bare)
		report_trace(doc, m, f);
	r->build(doc, m, f, o ? o : &usual);
	return doc;
}

void report_trace(struct doc *doc, const struct model *m, const struct findings *f)
{
	report_run(doc, m);
	report_findings(doc, f);
}
