// SPDX-License-Identifier: GPL-2.0
/*
 * Who calls: call paths as a tree for people, one by one for machines, folded for flame graphs.
 */
#include <errno.h>
#include <stdlib.h>
#include "base/bytes.h"
#include "analysis/diagnose.h"
#include "base/list.h"
#include "base/name.h"
#include "report/report.h"

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

/* Calls by one path from the outermost frame to this one; node 0 is above the outermost ones. */
struct node {
	const char *name;
	size_t parent;
	unsigned long long calls, bytes, ns;
	size_t child, next;	/* its heaviest child, its next lighter sibling; 0: none */
};

/* Numbers instead of pointers, and no recursion: a call path may have any number of frames. */
struct tree {
	struct node *nodes;
	size_t count;
	struct index by_name;	/* of nodes, by parent and name */
};

static size_t node_hash(const void *row)
{
	const struct node *n = row;

	return hash_number(hash_name(0, n->name), n->parent);
}

static bool node_same(const void *left, const void *right)
{
	const struct node *a = left, *b = right;

	return a->parent == b->parent && name_same(a->name, b->name);
}

static const struct index_key node_key = { sizeof(struct node), node_hash, node_same };

static unsigned long long weight(enum weight by, const struct node *n)
{
	return by == WEIGHT_BYTES ? n->bytes : by == WEIGHT_NS ? n->ns : n->calls;
}

static size_t node_add(struct tree *tree, const struct node *like)
{
	struct node *grown = list_grow(tree->nodes, tree->count, sizeof(*grown));

	if (!grown)
		report_die(-ENOMEM);
	tree->nodes = grown;
	tree->nodes[tree->count] = *like;
	report_must(index_add(&tree->by_name, tree->nodes));
	return tree->count++;
}

/* The child of this name, new if need be. */
static size_t child(struct tree *tree, size_t parent, const char *name)
{
	const struct node like = { .name = name, .parent = parent };
	size_t found = index_find(&tree->by_name, tree->nodes, &like);

	return found != INDEX_NONE ? found : node_add(tree, &like);
}

static void count(struct node *n, const struct path_count *p)
{
	n->calls += p->calls;
	n->bytes += p->bytes;
	n->ns += p->ns;
}

static void tree_add(struct tree *tree, const struct path_count *p)
{
	size_t n = 0;

	if (!p->stack.count)
		count(&tree->nodes[child(tree, 0, "(call path lost)")], p);
	for (size_t i = p->stack.count; i; i--) {
		n = child(tree, n, p->stack.names[i - 1]);
		count(&tree->nodes[n], p);
	}
}

/* A node and what siblings are sorted by. */
struct weighed {
	unsigned long long weight;
	size_t node;
};

/* The lightest first; of two that weigh the same the one that was seen first. */
static int lightest_first(const void *left, const void *right)
{
	const struct weighed *a = left, *b = right;
	int order = (a->weight > b->weight) - (a->weight < b->weight);

	return order ? order : (a->node > b->node) - (a->node < b->node);
}

/* Links children to their parents: each is put before the lighter ones. */
static void tree_link(struct tree *tree, enum weight by)
{
	struct weighed *all = calloc(tree->count + 1, sizeof(*all));

	report_must(all ? 0 : -ENOMEM);
	for (size_t i = 0; i < tree->count; i++)
		all[i] = (struct weighed){ weight(by, &tree->nodes[i]), i };
	qsort(all, tree->count, sizeof(*all), lightest_first);
	for (size_t i = 0; i < tree->count; i++) {
		struct node *n = &tree->nodes[all[i].node], *parent = &tree->nodes[n->parent];

		if (n == tree->nodes)
			continue;
		n->next = parent->child;
		parent->child = all[i].node;
	}
	free(all);
}

static void tree_make(struct tree *tree, const struct model *m, enum weight by)
{
	*tree = (struct tree){ .by_name = index_of(&node_key) };
	/* node 0: nothing has its name */
	node_add(tree, &(struct node){ .name = "", .parent = INDEX_NONE });
	for (size_t i = 0; i < m->nstacks; i++)
		tree_add(tree, &m->stacks[i]);
	tree->nodes[0].parent = 0;
	tree_link(tree, by);
}

/* The last of a chain of frames of which each called the next only: they share a line. */
static size_t chain_end(const struct node *nodes, size_t n)
{
	size_t next = nodes[n].child;

	while (next && !nodes[next].next && nodes[next].calls == nodes[n].calls) {
		n = next;
		next = nodes[n].child;
	}
	return n;
}

/* "outer > inner", indented; the caller's to free. */
static char *chain_text(const struct node *nodes, size_t first, size_t last, unsigned depth)
{
	struct bytes text = { 0 };

	bytes_fill(&text, ' ', 2 * (size_t)depth);
	for (size_t n = first; ; n = nodes[n].child) {
		bytes_text(&text, n == first ? "" : " > ");
		bytes_text(&text, nodes[n].name);
		if (n == last)
			break;
	}
	bytes_put(&text, "", 1);
	report_must(text.failed ? -ENOMEM : 0);
	return text.at;
}

static void node_row(struct table *t, const struct node *nodes, size_t first, size_t last,
		     unsigned depth)
{
	char *text = chain_text(nodes, first, last, depth);

	table_row(t);
	cell_u64(t, nodes[first].calls);
	cell_u64(t, nodes[first].bytes);
	cell_u64(t, nodes[first].ns);
	cell_text(t, text);
	free(text);
}

/* Each chain below those that call it, with a list of these, as deep as it gets. */
static void tree_rows(struct table *t, const struct tree *tree)
{
	const struct node *nodes = tree->nodes;
	size_t *callers = calloc(tree->count + 1, sizeof(*callers)), n = nodes[0].child;
	unsigned depth = 0;

	report_must(callers ? 0 : -ENOMEM);
	while (n) {
		size_t last = chain_end(nodes, n);

		node_row(t, nodes, n, last, depth);
		if (nodes[last].child) {
			callers[depth++] = n;
			n = nodes[last].child;
			continue;
		}
		while (depth && !nodes[n].next)
			n = callers[--depth];
		n = nodes[n].next;
	}
	free(callers);
}

static void add_tree(struct doc *doc, const struct model *m, enum weight by)
{
	struct tree tree;

	tree_make(&tree, m, by);
	tree_rows(DOC_TABLE(doc, "tree", tree_columns, SHOW_TEXT), &tree);
	index_release(&tree.by_name);
	free(tree.nodes);
}

static void add_rows(struct doc *doc, const struct model *m)
{
	struct table *t = DOC_TABLE(doc, "stacks", columns, SHOW_DATA);

	for (size_t i = 0; i < m->nstacks; i++) {
		const struct path_count *p = &m->stacks[i];

		table_row(t);
		cell_name(t, p->device);
		cell_name(t, p->driver);
		cell_name(t, ops[p->op].name);
		cell_name(t, direction_names[p->direction]);
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

static void stacks_build(struct doc *doc, const struct model *m, const struct findings *f,
			 const struct report_opts *o)
{
	(void)f;
	if (m->sampled > 1)
		doc_u64(doc, "sample", "one call of", UNIT_COUNT, SHOW_ALL, m->sampled);
	if (m->nstacks)
		add_tree(doc, m, o->weight);
	else
		report_nothing(doc, m, report_api_ops(), "no DMA call was seen");
	add_rows(doc, m);
	add_folded(doc, m, o->weight);
}

const struct report report_stacks = {
	.name = "stacks", .about = report_api_ops, .extras = DMT_WANTS_STACKS,
	.build = stacks_build,
};
