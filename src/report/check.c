// SPDX-License-Identifier: GPL-2.0
/*
 * What became of each limit.
 */
#include <stdio.h>
#include "analysis/check.h"
#include "base/fmt.h"
#include "report/report.h"

static const struct column columns[] = {
	{ "limit", "LIMIT", "as it was given", UNIT_TEXT, SHOW_ALL },
	{ "bound", NULL, "max or min", UNIT_TEXT, SHOW_DATA },
	{ "quantity", NULL, "what it is about", UNIT_TEXT, SHOW_DATA },
	{ "subject", "SUBJECT", "what it was held against", UNIT_TEXT, SHOW_ALL },
	{ "device", NULL, "the same, if it is a device", UNIT_TEXT, SHOW_DATA },
	{ "allowed", NULL, "the limit's value", UNIT_COUNT, SHOW_DATA },
	{ "measured", NULL, "the run's value", UNIT_COUNT, SHOW_DATA },
	{ "unit", NULL, "of the two: count, bytes, ns or basis_points", UNIT_TEXT, SHOW_DATA },
	{ "value", "MEASURED", "the run's value", UNIT_TEXT, SHOW_TEXT },
	{ "verdict", "VERDICT", "passed, incomplete, unmatched or failed", UNIT_TEXT, SHOW_ALL },
	{ "why", "WHY", "what there is to add", UNIT_TEXT, SHOW_ALL, 20 },
};

static const char *const unit_names[] = {
	[LIMIT_COUNT] = "count", [LIMIT_BYTES] = "bytes", [LIMIT_NS] = "ns",
	[LIMIT_BASIS_POINTS] = "basis_points",
};

/* One column has numbers of several units, so they are scaled here. */
static const char *scaled(char buf[FMT_MAX], unsigned long long value, enum limit_unit unit)
{
	switch (unit) {
	case LIMIT_NS:
		return fmt_ns(buf, FMT_MAX, value);
	case LIMIT_BYTES:
		return fmt_bytes(buf, FMT_MAX, value);
	case LIMIT_BASIS_POINTS:
		snprintf(buf, FMT_MAX, "+%llu.%llu%%", value / 100, value / 10 % 10);
		return buf;
	default:
		return fmt_count(buf, FMT_MAX, value);
	}
}

static void subject_cells(struct table *t, const struct checked *c)
{
	char text[384];

	if (c->limit->quantity == QUANTITY_FINDINGS)
		snprintf(text, sizeof(text), "the run");
	else if (!c->device)
		snprintf(text, sizeof(text), "%s", *c->calls ? c->calls : "all devices");
	else
		snprintf(text, sizeof(text), "%s%s%s%s%s%s", c->device, c->driver ? " (" : "",
			 c->driver ? c->driver : "", c->driver ? ")" : "", *c->calls ? " " : "",
			 c->calls);
	cell_text(t, text);
	cell_name(t, c->device);
}

static const char *quantity_name(enum quantity quantity)
{
	switch (quantity) {
	case QUANTITY_REGRESSION:
		return "regression";
	case QUANTITY_COMMAND:
		return "command";
	default:
		return quantity_names[quantity];
	}
}

static void checked_row(struct table *t, const struct checked *c)
{
	enum limit_unit unit = limit_unit_of(c->limit);
	char buf[FMT_MAX];

	table_row(t);
	cell_name(t, c->limit->text);
	cell_name(t, bound_names[c->limit->bound]);
	cell_name(t, quantity_name(c->limit->quantity));
	subject_cells(t, c);
	cell_u64(t, c->limit->value);
	if (c->measured_known)
		cell_u64(t, c->measured);
	else
		cell_absent(t);
	cell_name(t, unit_names[unit]);
	cell_text(t, c->measured_known ? scaled(buf, c->measured, unit) : NULL);
	cell_name(t, judgement_names[c->verdict]);
	cell_text(t, *c->why ? c->why : NULL);
}

struct doc *report_check(const struct model *m, const struct checks *checks, const char *when)
{
	struct doc *doc = doc_new();
	struct table *t;

	report_run(doc, m);
	doc_text(doc, "timestamp", NULL, SHOW_TESTS, when);
	t = DOC_TABLE(doc, "verdicts", columns, SHOW_ALL | SHOW_TESTS);
	for (size_t i = 0; i < checks->count; i++)
		checked_row(t, &checks->list[i]);
	doc_text(doc, "verdict", "verdict", SHOW_ALL, judgement_names[checks->verdict]);
	return doc;
}
