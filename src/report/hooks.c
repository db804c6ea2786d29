// SPDX-License-Identifier: GPL-2.0
/*
 * What this kernel offers, what is attached how, what is not and why; what its verifier says.
 */
#include <stdio.h>
#include <string.h>
#include "base/list.h"
#include "report/report.h"
#include "model/verified.h"

struct doc *report_hooks(const struct model *m)
{
	struct doc *doc = doc_new();

	report_head(doc, m->host, m->release, m->arch);
	report_hook_rows(doc, m, SHOW_ALL);
	return doc;
}

static const struct column verified_columns[] = {
	{ "op", "OP", "operation", UNIT_TEXT, SHOW_ALL },
	{ "way", "WAY", "how it is watched", UNIT_TEXT, SHOW_ALL },
	{ "target", "TARGET", "function or tracepoint", UNIT_TEXT, SHOW_ALL },
	{ "instructions", "INSTRUCTIONS", "walked by the verifier, at most", UNIT_COUNT, SHOW_ALL },
	{ "most_for", "MOST FOR", "what a run that takes so many keeps", UNIT_TEXT, SHOW_ALL },
	{ "refused", "REFUSED", "why the kernel does not load it", UNIT_TEXT, SHOW_ALL },
};

/* "stacks, live"; NULL: counts only. */
static const char *extras_text(unsigned extras, char *buf, size_t size)
{
	static const char *const names[] = { "stacks", "live", "events", "call paths of events",
					    "no latencies", "call paths of live" };
	size_t used = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (extras & 1u << i)
			used += snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
					 names[i]);
	return used ? buf : NULL;
}

struct doc *report_verification(const struct verification *v)
{
	unsigned long long most = 0;
	struct doc *doc = doc_new();
	struct table *t;
	char buf[80];

	for (size_t i = 0; i < v->count; i++)
		if (v->rows[i].instructions > most)
			most = v->rows[i].instructions;
	report_head(doc, v->kernel.host, v->kernel.release, v->kernel.arch);
	doc_u64(doc, "configurations", "configurations", UNIT_COUNT, SHOW_ALL, v->configurations);
	doc_u64(doc, "most", "most instructions", UNIT_COUNT, SHOW_ALL, most);
	doc_u64(doc, "limit", "limit", UNIT_COUNT, SHOW_ALL, VERIFIED_LIMIT);
	t = DOC_TABLE(doc, "programs", verified_columns, SHOW_ALL);
	for (size_t i = 0; i < v->count; i++) {
		const struct verified *row = &v->rows[i];

		table_row(t);
		cell_text(t, ops[hook_op(row->sight->hook)].name);
		cell_text(t, way_names[row->way]);
		cell_text(t, row->sight->target);
		cell_when(t, row->instructions, row->instructions);
		cell_text(t, extras_text(row->extras, buf, sizeof(buf)));
		cell_text(t, row->err ? strerrorname_np(-row->err) : NULL);
	}
	return doc;
}
