// SPDX-License-Identifier: GPL-2.0
/*
 * Findings in a report, and what is to be said of each kind.
 */
#include "analysis/diagnose.h"
#include "report/report.h"

static const struct column columns[] = {
	{ "id", NULL, "what was found", UNIT_TEXT, SHOW_DATA },
	{ "severity", NULL, "info, warning or error", UNIT_TEXT, SHOW_DATA },
	{ "subject", NULL, "device, driver, who called", UNIT_TEXT, SHOW_DATA },
	{ "evidence", NULL, "numbers", UNIT_TEXT, SHOW_DATA },
	{ "cause", NULL, "why", UNIT_TEXT, SHOW_DATA },
	{ "remedy", NULL, "what to do", UNIT_TEXT, SHOW_DATA },
};

static void finding_text(struct doc *doc, const struct finding *f)
{
	const struct finding_kind *kind = f->kind;

	doc_line(doc, "%s", "");
	doc_line(doc, "%s: %s", severity_names[kind->severity], kind->id);
	if (*f->subject)
		doc_prose(doc, 2, "%s", f->subject);
	doc_prose(doc, 2, "%s.", f->evidence);
	doc_prose(doc, 2, "Cause: %s.", f->cause);
	doc_prose(doc, 2, "Remedy: %s.", f->remedy);
}

void report_findings(struct doc *doc, const struct findings *f)
{
	struct table *t = DOC_TABLE(doc, "findings", columns, SHOW_DATA);

	for (size_t i = 0; i < f->count; i++) {
		const struct finding *finding = &f->list[i];

		finding_text(doc, finding);
		table_row(t);
		cell_name(t, finding->kind->id);
		cell_name(t, severity_names[finding->kind->severity]);
		cell_text(t, *finding->subject ? finding->subject : NULL);
		cell_text(t, finding->evidence);
		cell_text(t, finding->cause);
		cell_text(t, finding->remedy);
	}
	if (!f->count)
		return;
	doc_line(doc, "%s", "");
	doc_line(doc, "run 'dmatrace explain %s' for details%s", f->list->kind->id,
		 f->count > 1 ? "; the same for the other findings" : "");
}

static const struct column kind_columns[] = {
	{ "id", "FINDING", "its name", UNIT_TEXT, SHOW_ALL },
	{ "severity", "SEVERITY", "info, warning or error", UNIT_TEXT, SHOW_ALL },
	{ "summary", "WHAT", "in a line", UNIT_TEXT, SHOW_ALL, 20 },
};

struct doc *report_finding_kinds(void)
{
	struct doc *doc = doc_new();
	struct table *t = DOC_TABLE(doc, "findings", kind_columns, SHOW_ALL);

	for (int i = 0; i < FINDING_MAX; i++) {
		table_row(t);
		cell_text(t, finding_kinds[i].id);
		cell_text(t, severity_names[finding_kinds[i].severity]);
		cell_text(t, finding_kinds[i].summary);
	}
	return doc;
}

struct doc *report_finding_kind(const struct finding_kind *kind)
{
	const char *const paragraphs[] = { kind->meaning, kind->decided, kind->advice };
	static const char *const keys[] = { "meaning", "decided", "advice" };
	static const char *const headings[] = { "What it means", "How it is decided", "What to do" };
	struct doc *doc = doc_new();

	doc_text(doc, "id", NULL, SHOW_DATA, kind->id);
	doc_text(doc, "severity", NULL, SHOW_DATA, severity_names[kind->severity]);
	doc_text(doc, "summary", NULL, SHOW_DATA, kind->summary);
	doc_prose(doc, 0, "%s (%s): %s.", kind->id, severity_names[kind->severity], kind->summary);
	for (int i = 0; i < 3; i++) {
		doc_text(doc, keys[i], NULL, SHOW_DATA, paragraphs[i]);
		doc_line(doc, "%s", "");
		doc_line(doc, "%s", headings[i]);
		doc_prose(doc, 2, "%s", paragraphs[i]);
	}
	return doc;
}
