// SPDX-License-Identifier: GPL-2.0
/*
 * Building a document.  Reports are small next to what they were made from, so an allocation
 * that fails here ends the program instead of burdening every cell with an error path.
 */
#include "base/doc.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

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

static void make_room(void **items, size_t *room, size_t size)
{
	*room = *room ? 2 * *room : 16;
	*items = must(reallocarray(*items, *room, size));
}

/* Makes room for one more and returns its place. */
static void *append(void **items, size_t *count, size_t *room, size_t size)
{
	if (*count == *room)
		make_room(items, room, size);
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

static void table_release(struct table *t);

static void cell_release(struct cell *cell)
{
	switch (cell->kind) {
	case CELL_TEXT:
		if (!cell->borrowed)
			free(cell->text);
		break;
	case CELL_HIST:
		doc_hist_free(cell->hist);
		break;
	case CELL_LIST:
	case CELL_NAMES:
		pairs_release(cell->list);
		free(cell->list);
		break;
	case CELL_TABLE:
		table_release(cell->table);
		free(cell->table);
		break;
	default:
		break;
	}
}

static void table_release(struct table *t)
{
	for (size_t i = 0; i < t->ncells; i++)
		cell_release(&t->cells[i]);
	free(t->cells);
	free(t->copied);
}

static void item_free(struct item *item)
{
	if (item->kind == ITEM_COUNTERS) {
		pairs_release(&item->counters.list);
	} else if (item->kind == ITEM_TABLE || item->kind == ITEM_BARS) {
		table_release(&item->table);
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

/* Make an empty list with room for this many pairs. */
static struct cell pairs_cell(enum cell_kind kind, size_t room)
{
	struct cell_pairs *list = alloc(sizeof(*list));

	if (room)
		list->items = must(calloc(room, sizeof(*list->items)));
	list->room = room;
	return (struct cell){ .kind = kind, .list = list };
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

	assert(unit == UNIT_COUNT || unit == UNIT_BYTES || unit == UNIT_NS || unit == UNIT_SHARE);
	item->unit = unit;
	item->value = (struct cell){ .kind = CELL_U64, .u64 = value };
}

void doc_names(struct doc *doc, const char *key, const char *title, enum show show,
	       const char *const *names, size_t nnames)
{
	struct item *item = doc_add(doc, ITEM_FIELD, key, title, show);

	item->unit = UNIT_NAMES;
	item->value = pairs_cell(CELL_NAMES, nnames);
	for (size_t i = 0; i < nnames; i++)
		pairs_add(item->value.list, names[i], 0);
}

void doc_heading(struct doc *doc, const char *text)
{
	doc_add(doc, ITEM_HEADING, NULL, NULL, SHOW_TEXT)->value = text_cell(text);
}

static struct cell format_cell(const char *fmt, va_list args)
{
	struct cell cell = { .kind = CELL_TEXT };

	if (vasprintf(&cell.text, fmt, args) < 0)
		must(NULL);
	return cell;
}

void doc_line(struct doc *doc, const char *fmt, ...)
{
	struct item *item = doc_add(doc, ITEM_LINE, NULL, NULL, SHOW_TEXT);
	va_list args;

	va_start(args, fmt);
	item->value = format_cell(fmt, args);
	va_end(args);
}

void doc_prose(struct doc *doc, unsigned indent, const char *fmt, ...)
{
	struct item *item = doc_add(doc, ITEM_PROSE, NULL, NULL, SHOW_TEXT);
	va_list args;

	item->indent = indent;
	va_start(args, fmt);
	item->value = format_cell(fmt, args);
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

struct table *doc_bars(struct doc *doc, const char *key, const struct column *cols, size_t ncols,
		       enum show show)
{
	struct table *t = &doc_add(doc, ITEM_BARS, key, "", show)->table;

	assert(ncols);
	t->cols = t->copied = memcpy(must(calloc(ncols, sizeof(*cols))), cols,
				     ncols * sizeof(*cols));
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

const struct cell *table_cell(const struct table *t, size_t row, const char *key)
{
	size_t c = 0;

	while (c < t->ncols && strcmp(t->cols[c].key, key))
		c++;
	assert(c < t->ncols);
	return &table_cells(t, row)[c];
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
	[UNIT_NAMES] = 1 << CELL_NAMES,
	[UNIT_TABLE] = 1 << CELL_TABLE,
	[UNIT_CLOCK] = 1 << CELL_U64,
	[UNIT_ADDRESS] = 1 << CELL_U64,
	[UNIT_RATIO] = 1 << CELL_U64,
	[UNIT_SHARE] = 1 << CELL_U64,
	[UNIT_CHANCE] = 1 << CELL_U64,
};

static void cell_add(struct table *t, struct cell cell)
{
	assert(t->ncells < t->nrows * t->ncols);
	assert(cell.kind == CELL_ABSENT ||
	       unit_kinds[t->cols[t->ncells % t->ncols].unit] & 1 << cell.kind);
	if (t->ncells == t->room)
		make_room((void **)&t->cells, &t->room, sizeof(cell));
	t->cells[t->ncells++] = cell;
}

void cell_text(struct table *t, const char *text)
{
	cell_add(t, text_cell(text));
}

void cell_name(struct table *t, const char *constant)
{
	cell_add(t, (struct cell){ .kind = constant ? CELL_TEXT : CELL_ABSENT, .borrowed = true,
				   .text = (char *)constant });
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

void cell_when(struct table *t, bool known, unsigned long long value)
{
	if (known)
		cell_u64(t, value);
	else
		cell_absent(t);
}

void cell_hist(struct table *t, struct doc_hist *hist)
{
	cell_add(t, (struct cell){ .kind = hist ? CELL_HIST : CELL_ABSENT, .hist = hist });
}

void cell_list(struct table *t, const struct cell_pair *pairs, size_t npairs)
{
	struct cell cell = pairs_cell(CELL_LIST, npairs);

	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc)	; the cell holds it */
	for (size_t i = 0; i < npairs; i++)
		pairs_add(cell.list, pairs[i].name, pairs[i].count);
	cell_add(t, cell);
}

void cell_names(struct table *t, char *const *names, size_t nnames)
{
	struct cell cell = pairs_cell(CELL_NAMES, nnames);

	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc)	; the cell holds it */
	for (size_t i = 0; i < nnames; i++)
		pairs_add(cell.list, names[i], 0);
	cell_add(t, cell);
}

struct table *cell_table(struct table *t, const struct column *cols, size_t ncols)
{
	struct cell cell = { .kind = CELL_TABLE };

	assert(ncols);
	cell.table = alloc(sizeof(*cell.table));
	cell.table->cols = cols;
	cell.table->ncols = ncols;
	cell_add(t, cell);
	return cell.table;
}

struct doc_hist *doc_hist_new(size_t nbuckets)
{
	struct doc_hist *hist = alloc(sizeof(*hist) + nbuckets * sizeof(*hist->buckets));

	hist->nbuckets = nbuckets;
	return hist;
}

void doc_hist_free(struct doc_hist *hist)
{
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
