// SPDX-License-Identifier: GPL-2.0
/*
 * All reports of one run in one document: what they begin with once, then each under its name.
 */
#include <stdio.h>
#include <string.h>
#include "base/list.h"
#include "report/report.h"

const struct report *const reports[] = {
	&report_stat, &report_swiotlb, &report_iommu, &report_stacks, &report_live, NULL,
};

static bool recorded(const struct model *m, const struct report *part)
{
	return !(part->extras & ~m->extras);
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

static void add_unrecorded(struct doc *doc, const struct model *m)
{
	const char *names[ARRAY_SIZE(reports)];
	size_t n = 0;

	for (const struct report *const *part = reports; *part; part++)
		if (!recorded(m, *part))
			names[n++] = (*part)->name;
	doc_names(doc, "not_recorded", NULL, SHOW_DATA, names, n);
}

static void add_part(struct doc *doc, const struct report *part, const struct model *m,
		     const struct findings *f, const struct report_opts *o)
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
	report_must(model_view(&view, m, part->about()));
	part->build(doc, &view, f, o);
	model_view_release(&view);
}

static void all_build(struct doc *doc, const struct model *m, const struct findings *f,
		      const struct report_opts *o)
{
	add_unwatched(doc, m);
	add_unrecorded(doc, m);
	for (const struct report *const *part = reports; *part; part++)
		add_part(doc, *part, m, f, o);
}

const struct report report_all = { .name = "report", .build = all_build };
