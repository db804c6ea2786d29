// SPDX-License-Identifier: GPL-2.0
/*
 * Building a document.  Reports are small next to what they were made from, so an allocation
 * that fails here ends the program instead of burdening every cell with an error path.
 */
#include "doc.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

struct doc {
	struct item *first, **end;
};

static void *must(void *memory)
{
	if (!memory) {
		fail(-ENOMEM, "out of memory while building the report");
		abort();
	}
	return memory;
}

static void *alloc(size_t size)
{
	return must(calloc(1, size));
}

static char *copy(const char *text)
{
	return text ? must(strdup(text)) : NULL;
}

/* Makes room for one more and returns its place. */
static void *append(void **items, size_t *count, size_t *room, size_t size)
{
	if (*count == *room) {
		*room = *room ? 2 * *room : 16;
		*items = must(reallocarray(*items, *room, size));
	}
	return memset((char *)*items + (*count)++ * size, 0, size);
}

struct doc *doc_new(void)
{
	struct doc *doc = alloc(sizeof(*doc));

	doc->end = &doc->first;
	return doc;
}

static void pairs_add(struct cell_pairs *list, const char *name, unsigned long long count)
{
	struct cell_pair *pair = append((void **)&list->items, &list->count, &list->room,
					sizeof(*pair));

	pair->name = copy(name);
	pair->count = count;
}

static void pairs_release(struct cell_pairs *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].name);
	free(list->items);
}

static void cell_release(struct cell *cell)
{
	if (cell->kind == CELL_TEXT)
		free(cell->text);
	else if (cell->kind == CELL_HIST)
		doc_hist_free(cell->hist);
	else if (cell->kind == CELL_LIST)
		pairs_release(&cell->list);
}

static void item_free(struct item *item)
{
	if (item->kind == ITEM_COUNTERS) {
		pairs_release(&item->counters.list);
	} else if (item->kind == ITEM_TABLE) {
		for (size_t i = 0; i < item->table.ncells; i++)
			cell_release(&item->table.cells[i]);
		free(item->table.cells);
	} else {
		cell_release(&item->value);
	}
	free(item->key);
	free(item->title);
	free(item);
}

void doc_free(struct doc *doc)
{
	struct item *item, *next;

	if (!doc)
		return;
	for (item = doc->first; item; item = next) {
		next = item->next;
		item_free(item);
	}
	free(doc);
}

const struct item *doc_items(const struct doc *doc)
{
	return doc->first;
}

static struct item *doc_add(struct doc *doc, enum item_kind kind, const char *key,
			    const char *title, enum show show)
{
	struct item *item = alloc(sizeof(*item));

	item->kind = kind;
	item->show = show;
	item->key = copy(key);
	item->title = copy(title ? title : key);
	*doc->end = item;
	doc->end = &item->next;
	return item;
}

static struct cell text_cell(const char *text)
{
	return text ? (struct cell){ .kind = CELL_TEXT, .text = copy(text) } : (struct cell){ 0 };
}

void doc_text(struct doc *doc, const char *key, const char *title, enum show show,
	      const char *value)
{
	struct item *item = doc_add(doc, ITEM_FIELD, key, title, show);

	item->unit = UNIT_TEXT;
	item->value = text_cell(value);
}

void doc_u64(struct doc *doc, const char *key, const char *title, enum unit unit, enum show show,
	     unsigned long long value)
{
	struct item *item = doc_add(doc, ITEM_FIELD, key, title, show);

	assert(unit == UNIT_COUNT || unit == UNIT_BYTES || unit == UNIT_NS);
	item->unit = unit;
	item->value = (struct cell){ .kind = CELL_U64, .u64 = value };
}

void doc_line(struct doc *doc, const char *fmt, ...)
{
	struct item *item = doc_add(doc, ITEM_LINE, NULL, NULL, SHOW_TEXT);
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	assert(len >= 0);
	item->value = (struct cell){ .kind = CELL_TEXT, .text = alloc((size_t)len + 1) };
	va_start(args, fmt);
	vsnprintf(item->value.text, (size_t)len + 1, fmt, args);
	va_end(args);
}

struct table *doc_table(struct doc *doc, const char *key, const char *title,
			const struct column *cols, size_t ncols, enum show show)
{
	struct table *t = &doc_add(doc, ITEM_TABLE, key, title, show)->table;

	assert(ncols);
	t->cols = cols;
	t->ncols = ncols;
	return t;
}

void table_row(struct table *t)
{
	assert(t->ncells == t->nrows * t->ncols);
	t->nrows++;
}

const struct cell *table_cells(const struct table *t, size_t row)
{
	assert(t->ncells == t->nrows * t->ncols && row < t->nrows);
	return &t->cells[row * t->ncols];
}

/* The kinds of value a column of each unit may hold; a cell may always be absent. */
static const unsigned int unit_kinds[] = {
	[UNIT_TEXT] = 1 << CELL_TEXT,
	[UNIT_COUNT] = 1 << CELL_U64 | 1 << CELL_S64,
	[UNIT_BYTES] = 1 << CELL_U64 | 1 << CELL_S64,
	[UNIT_NS] = 1 << CELL_U64 | 1 << CELL_S64,
	[UNIT_HIST_NS] = 1 << CELL_HIST,
	[UNIT_HIST_BYTES] = 1 << CELL_HIST,
	[UNIT_LIST] = 1 << CELL_LIST,
};

static void cell_add(struct table *t, struct cell cell)
{
	assert(t->ncells < t->nrows * t->ncols);
	assert(cell.kind == CELL_ABSENT ||
	       unit_kinds[t->cols[t->ncells % t->ncols].unit] & 1 << cell.kind);
	*(struct cell *)append((void **)&t->cells, &t->ncells, &t->room, sizeof(cell)) = cell;
}

void cell_text(struct table *t, const char *text)
{
	cell_add(t, text_cell(text));
}

void cell_u64(struct table *t, unsigned long long value)
{
	cell_add(t, (struct cell){ .kind = CELL_U64, .u64 = value });
}

void cell_s64(struct table *t, long long value)
{
	cell_add(t, (struct cell){ .kind = CELL_S64, .s64 = value });
}

void cell_absent(struct table *t)
{
	cell_add(t, (struct cell){ .kind = CELL_ABSENT });
}

void cell_hist(struct table *t, struct doc_hist *hist)
{
	cell_add(t, (struct cell){ .kind = hist ? CELL_HIST : CELL_ABSENT, .hist = hist });
}

void cell_list(struct table *t, const struct cell_pair *pairs, size_t npairs)
{
	struct cell cell = { .kind = CELL_LIST };

	for (size_t i = 0; i < npairs; i++)
		pairs_add(&cell.list, pairs[i].name, pairs[i].count);
	cell_add(t, cell);
}

struct doc_hist *doc_hist_new(size_t nbuckets)
{
	struct doc_hist *hist = alloc(sizeof(*hist));

	hist->nbuckets = nbuckets;
	hist->buckets = must(calloc(nbuckets ? nbuckets : 1, sizeof(*hist->buckets)));
	return hist;
}

void doc_hist_free(struct doc_hist *hist)
{
	if (!hist)
		return;
	free(hist->buckets);
	free(hist);
}

struct counters *doc_counters(struct doc *doc, const char *key, const char *title, enum show show)
{
	return &doc_add(doc, ITEM_COUNTERS, key, title, show)->counters;
}

void counters_add(struct counters *c, const char *name, unsigned long long value)
{
	pairs_add(&c->list, name, value);
}
