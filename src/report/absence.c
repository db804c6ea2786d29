// SPDX-License-Identifier: GPL-2.0
/*
 * That nothing was seen says something only of what was watched: whoever says the one says the
 * other.
 */
#include <stdio.h>
#include "report/report.h"

dmt_ops report_unwatched(const struct model *m)
{
	dmt_ops on = 0, off = 0;

	for (int i = 0; i < DMT_HOOK_MAX; i++) {
		const struct hook_state *h = &m->hooks[i];

		if (hook_marks(i))
			continue;
		if (h->on)
			on |= op_bit(h->op);
		/* what a kernel does not have nobody calls */
		else if (!h->absent)
			off |= op_bit(h->op);
	}
	return off & ~on;
}

/* "map, unmap" of bits. */
static void names_of(dmt_ops ops_named, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (int op = 0; op < DMT_OP_MAX; op++)
		if (ops_named & op_bit(op) && used < size)
			used += snprintf(text + used, size - used, "%s%s", used ? ", " : "",
					 ops[op].name);
}

void report_not_watched(struct doc *doc, const struct model *m)
{
	const char *names[DMT_OP_MAX];
	dmt_ops unwatched = report_unwatched(m);
	size_t n = 0;

	for (int op = 0; op < DMT_OP_MAX; op++)
		if (unwatched & op_bit(op))
			names[n++] = ops[op].name;
	doc_names(doc, "not_watched", NULL, SHOW_DATA, names, n);
}

static bool lost_some(const struct model *m)
{
	for (size_t i = 0; i < m->nlosses; i++)
		if (m->losses[i].count)
			return true;
	return false;
}

static void left_out_line(struct doc *doc, const struct left_out *out)
{
	doc_prose(doc, 0, "left out: %llu call%s of devices that are not%s%s%s%s%s", out->calls,
		  out->calls == 1 ? "" : "s", out->device ? " named " : "",
		  out->device ? out->device : "", out->device && out->driver ? " or not" : "",
		  out->driver ? " of driver " : "", out->driver ? out->driver : "");
}

dmt_ops report_api_ops(void)
{
	const struct wishes api = { .layers = 1u << LAYER_API };

	return wishes_ops(&api);
}

void report_nothing(struct doc *doc, const struct model *m, dmt_ops about, const char *what)
{
	dmt_ops unwatched = report_unwatched(m) & about;
	char names[512];

	doc_line(doc, "%s", "");
	names_of(unwatched, names, sizeof(names));
	if (unwatched)
		doc_prose(doc, 0, "%s; not watched: %s", what, names);
	else
		doc_line(doc, "%s", what);
	if (lost_some(m))
		doc_line(doc, "%s", "some was lost: see losses");
	if (m->left_out.calls)
		left_out_line(doc, &m->left_out);
}
