// SPDX-License-Identifier: GPL-2.0
/*
 * Who calls: call paths as a tree for people, one by one for machines, folded for flame graphs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "diagnose.h"
#include "report.h"

static const struct column columns[] = {
	{ "device", NULL, "as the driver core names it", UNIT_TEXT, SHOW_DATA },
	{ "driver", NULL, "driver bound when the device was first seen", UNIT_TEXT, SHOW_DATA },
	{ "op", NULL, "operation", UNIT_TEXT, SHOW_DATA },
	{ "direction", NULL, "of the transfer", UNIT_TEXT, SHOW_DATA },
	{ "calls", NULL, "by this path", UNIT_COUNT, SHOW_DATA },
	{ "bytes", NULL, "of successful calls", UNIT_BYTES, SHOW_DATA },
	{ "ns", NULL, "time in these calls", UNIT_NS, SHOW_DATA },
	{ "frames", NULL, "innermost first, the task last", UNIT_NAMES, SHOW_DATA },
};

static const struct column tree_columns[] = {
	{ "calls", "CALLS", "through here", UNIT_COUNT, SHOW_TEXT },
	{ "bytes", "BYTES", "of successful calls", UNIT_BYTES, SHOW_TEXT },
	{ "ns", "TIME", "in these calls", UNIT_NS, SHOW_TEXT },
	{ "path", "CALL PATH", "who called, outermost first", UNIT_TEXT, SHOW_TEXT },
};

static const struct column folded_columns[] = {
	{ "frames", NULL, "innermost first", UNIT_NAMES, SHOW_FOLDED },
	{ "weight", NULL, "calls, bytes or ns", UNIT_COUNT, SHOW_FOLDED },
};

enum weight { BY_CALLS, BY_BYTES, BY_NS };

struct node {
	const char *name;
	unsigned long long calls, bytes, ns;
	struct node *children, *next;
};

static unsigned long long weight(enum weight by, const struct node *n)
{
	return by == BY_BYTES ? n->bytes : by == BY_NS ? n->ns : n->calls;
}

/* The child of this name, new if need be; NULL without memory. */
static struct node *child(struct node *parent, const char *name)
{
	struct node *n;

	for (n = parent->children; n; n = n->next)
		if (!strcmp(n->name, name))
			return n;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->name = name;
	n->next = parent->children;
	parent->children = n;
	return n;
}

static void node_free(struct node *n)
{
	while (n) {
		struct node *next = n->next;

		node_free(n->children);
		free(n);
		n = next;
	}
}

static void count(struct node *n, const struct path_count *p)
{
	n->calls += p->calls;
	n->bytes += p->bytes;
	n->ns += p->ns;
}

static void tree_add(struct node *root, const struct path_count *p)
{
	struct node *n = root;

	if (!p->stack.count) {
		n = child(root, "(call path lost)");
		if (n)
			count(n, p);
		return;
	}
	for (size_t i = p->stack.count; i; i--) {
		n = child(n, p->stack.names[i - 1]);
		if (!n)
			return;
		count(n, p);
	}
}

/* The heaviest first; insertion will do, a function has few callees that map. */
static struct node *sorted(struct node *list, enum weight by)
{
	struct node *out = NULL;

	while (list) {
		struct node *n = list, **at = &out;

		list = list->next;
		while (*at && weight(by, *at) >= weight(by, n))
			at = &(*at)->next;
		n->next = *at;
		*at = n;
	}
	return out;
}

/* The last of a chain of frames of which each called the next only: they share a line. */
static struct node *chain_end(struct node *n)
{
	while (n->children && !n->children->next && n->children->calls == n->calls)
		n = n->children;
	return n;
}

static char *chain_text(struct node *n, const struct node *last, unsigned depth)
{
	size_t len = 2 * depth + 1, used;
	char *text;

	for (const struct node *at = n; ; at = at->children) {
		len += strlen(at->name) + 3;
		if (at == last)
			break;
	}
	text = malloc(len);
	if (!text)
		return NULL;
	used = sprintf(text, "%*s%s", (int)(2 * depth), "", n->name);
	while (n != last) {
		n = n->children;
		used += sprintf(text + used, " > %s", n->name);
	}
	return text;
}

static void node_rows(struct table *t, struct node *n, unsigned depth, enum weight by)
{
	struct node *last = chain_end(n);
	char *text = chain_text(n, last, depth);

	table_row(t);
	cell_u64(t, n->calls);
	cell_u64(t, n->bytes);
	cell_u64(t, n->ns);
	cell_text(t, text);
	free(text);
	last->children = sorted(last->children, by);
	for (struct node *c = last->children; c; c = c->next)
		node_rows(t, c, depth + 1, by);
}

static void add_tree(struct doc *doc, const struct model *m, enum weight by)
{
	struct table *t = DOC_TABLE(doc, "tree", tree_columns, SHOW_TEXT);
	struct node root = { 0 };

	for (size_t i = 0; i < m->nstacks; i++)
		tree_add(&root, &m->stacks[i]);
	root.children = sorted(root.children, by);
	for (struct node *n = root.children; n; n = n->next)
		node_rows(t, n, 0, by);
	node_free(root.children);
}

static void add_rows(struct doc *doc, const struct model *m)
{
	struct table *t = DOC_TABLE(doc, "stacks", columns, SHOW_DATA);

	for (size_t i = 0; i < m->nstacks; i++) {
		const struct path_count *p = &m->stacks[i];

		table_row(t);
		cell_text(t, p->device);
		cell_text(t, p->driver);
		cell_text(t, ops[p->op].name);
		cell_text(t, direction_names[p->direction]);
		cell_u64(t, p->calls);
		cell_u64(t, p->bytes);
		cell_u64(t, p->ns);
		cell_names(t, p->stack.names, p->stack.count);
	}
}

static void add_folded(struct doc *doc, const struct model *m, enum weight by)
{
	struct table *t = DOC_TABLE(doc, "folded", folded_columns, SHOW_FOLDED);

	for (size_t i = 0; i < m->nstacks; i++) {
		struct node sum = { 0 };

		count(&sum, &m->stacks[i]);
		table_row(t);
		cell_names(t, m->stacks[i].stack.names, m->stacks[i].stack.count);
		cell_u64(t, weight(by, &sum));
	}
}

static void add_all(struct doc *doc, const struct model *m, enum weight by)
{
	if (m->sampled > 1)
		doc_u64(doc, "sample", "one call of", UNIT_COUNT, SHOW_ALL, m->sampled);
	if (m->nstacks) {
		add_tree(doc, m, by);
	} else {
		doc_line(doc, "%s", "");
		doc_line(doc, "no DMA call was seen");
	}
	add_rows(doc, m);
	add_folded(doc, m, by);
}

void report_stacks_body(struct doc *doc, const struct model *m)
{
	add_all(doc, m, BY_CALLS);
}

static struct doc *report_stacks(const struct model *m, const struct findings *f, enum weight by)
{
	struct doc *doc = doc_new();

	report_trace(doc, m, f);
	add_all(doc, m, by);
	return doc;
}

struct doc *report_stacks_calls(const struct model *m, const struct findings *f)
{
	return report_stacks(m, f, BY_CALLS);
}

struct doc *report_stacks_bytes(const struct model *m, const struct findings *f)
{
	return report_stacks(m, f, BY_BYTES);
}

struct doc *report_stacks_ns(const struct model *m, const struct findings *f)
{
	return report_stacks(m, f, BY_NS);
}
