// SPDX-License-Identifier: GPL-2.0
/*
 * All reports of one run in one document: what they begin with once, then each under its name.
 */
#include <stdio.h>
#include <string.h>
#include "report/report.h"

struct part {
	const char *name;	/* of the command */
	void (*body)(struct doc *doc, const struct model *m);
	dmt_ops ops;		/* what it is about */
	unsigned extra;		/* what has to be recorded for it, or 0 */
};

#define PARTS 5

static void parts_make(struct part parts[PARTS])
{
	const struct wishes usual = { 0 }, api = { .layers = 1u << LAYER_API };
	const struct part made[PARTS] = {
		{ "stat", report_stat_body, wishes_ops(&usual), 0 },
		{ "swiotlb", report_swiotlb_body, report_swiotlb_ops, 0 },
		/* after stat: both split times, and this one knows of I/O addresses, too */
		{ "iommu", report_iommu_body, report_iommu_ops(), 0 },
		{ "stacks", report_stacks_body, wishes_ops(&api), DMT_WANTS_STACKS },
		{ "live", report_live_body, ops_followed, DMT_WANTS_LIVE },
	};

	memcpy(parts, made, sizeof(made));
}

static bool recorded(const struct model *m, const struct part *part)
{
	return !(part->extra & ~m->extras);
}

/* "map, unmap" */
static void names_line(struct doc *doc, const char *title, const char *const *names, size_t n)
{
	char text[1024] = "";
	size_t used = 0;

	for (size_t i = 0; i < n && used < sizeof(text); i++)
		used += snprintf(text + used, sizeof(text) - used, "%s%s", i ? ", " : "", names[i]);
	if (n) {
		doc_line(doc, "%s", "");
		doc_prose(doc, 0, "%s: %s", title, text);
	}
}

/* What nobody can say of this run: nothing of it was to be seen. */
static void add_unwatched(struct doc *doc, const struct model *m)
{
	dmt_ops unwatched = report_unwatched(m);
	const char *names[DMT_OP_MAX];
	size_t n = 0;

	for (int op = 0; op < DMT_OP_MAX; op++)
		if (unwatched & op_bit(op))
			names[n++] = ops[op].name;
	names_line(doc, "not watched", names, n);
}

static void add_unrecorded(struct doc *doc, const struct model *m, const struct part *parts)
{
	const char *names[PARTS];
	size_t n = 0;

	for (int i = 0; i < PARTS; i++)
		if (!recorded(m, &parts[i]))
			names[n++] = parts[i].name;
	doc_names(doc, "not_recorded", NULL, SHOW_DATA, names, n);
}

static void add_part(struct doc *doc, const struct model *m, const struct part *part)
{
	struct model view;
	char title[64];

	snprintf(title, sizeof(title), "dmatrace %s", part->name);
	doc_heading(doc, title);
	if (!recorded(m, part)) {
		doc_line(doc, "%s", "");
		doc_line(doc, "not in this recording: 'dmatrace record --with %s' keeps it",
			 part->name);
		return;
	}
	report_must(model_view(&view, m, part->ops));
	part->body(doc, &view);
	model_view_release(&view);
}

struct doc *report_all(const struct model *m, const struct findings *f)
{
	struct part parts[PARTS];
	struct doc *doc = doc_new();

	parts_make(parts);
	report_trace(doc, m, f);
	add_unwatched(doc, m);
	add_unrecorded(doc, m, parts);
	for (int i = 0; i < PARTS; i++)
		add_part(doc, m, &parts[i]);
	return doc;
}
