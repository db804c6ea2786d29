// SPDX-License-Identifier: GPL-2.0
/*
 * The document for people: header lines, then tables laid out by libsmartcols.
 *
 *	Duration: 10.0s  Kernel: 6.12.48  Lost: none
 *
 *	DMA by device
 *	DEVICE        CALLS    BYTES   P50   P90   P99     MAX
 *	0000:00:1f.2  123.4k 756.0MiB 1.4us 2.1us 9.7us 153.2us
 *
 * Every string passes fmt_printable() on its way out; numbers are scaled and never cut.
 */
#include <libsmartcols/libsmartcols.h>
#include <limits.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/fmt.h"
#include "base/list.h"
#include "render/cell.h"
#include "render/private.h"

struct text {
	FILE *out;
	const struct render_opts *opts;
	size_t column;		/* where the header line in progress stands; 0: none is */
	enum { NOTHING, PROSE, TABLE } above;	/* empty lines stand around tables */
};

static void end_line(struct text *t)
{
	if (t->column)
		fputc('\n', t->out);
	t->column = 0;
}

/* Header fields share a line while they fit. */
static int text_field(struct text *t, const struct item *item)
{
	size_t limit = t->opts->width ? (size_t)t->opts->width : PROSE_WIDTH;
	bool utf8 = t->opts->utf8;
	char *field = NULL;
	size_t len, width;
	FILE *f = open_memstream(&field, &len);

	if (!f)
		return fail(-ENOMEM, "out of memory while writing text");
	text_put(f, item->title, utf8);
	fputs(": ", f);
	if (item->kind == ITEM_COUNTERS)
		pairs_put(f, &item->counters.list, false, "none", utf8);
	else
		render_cell(f, &item->value, item->unit, utf8);
	fclose(f);

	width = text_chars(field);
	if (t->column && t->column + 2 + width > limit)
		end_line(t);
	fprintf(t->out, "%s%s", t->column ? "  " : "", field);
	t->column += (t->column ? 2 : 0) + width;
	free(field);
	return 0;
}

/* Words are never cut: one that is too long stands alone. */
static void put_prose(struct text *t, const char *text, unsigned indent)
{
	int width = t->opts->width && t->opts->width < PROSE_WIDTH ? t->opts->width : PROSE_WIDTH;
	size_t column = 0, len;

	for (const char *word = text; *word; word += len + strspn(word + len, " ")) {
		size_t chars;

		len = strcspn(word, " ");
		chars = text_chars_of(word, len);
		if (column && column + 1 + chars > (size_t)width) {
			fputc('\n', t->out);
			column = 0;
		}
		for (unsigned i = column ? 1 : indent; i; i--)
			fputc(' ', t->out);
		column = (column ? column + 1 : indent) + chars;
		fwrite(word, 1, len, t->out);
	}
	fputc('\n', t->out);
}

static const struct quantile {
	const char *name;
	size_t offset;
} quantiles[] = {
	{ "P50", offsetof(struct doc_hist, p50) },
	{ "P90", offsetof(struct doc_hist, p90) },
	{ "P99", offsetof(struct doc_hist, p99) },
	{ "MAX", offsetof(struct doc_hist, max) },
};

#define NQUANTILES ARRAY_SIZE(quantiles)

static unsigned long long quantile(const struct doc_hist *hist, const struct quantile *q)
{
	return *(const unsigned long long *)((const char *)hist + q->offset);
}

static int add_column(struct libscols_table *grid, const char *title, int flags)
{
	struct libscols_column *column = scols_table_new_column(grid, title, 0, flags);

	return column ? scols_cell_set_color(scols_column_get_header(column), "bold") : -ENOMEM;
}

static int add_quantiles(struct libscols_table *grid, const char *title, bool alone)
{
	char name[64];
	int err = 0;

	for (size_t q = 0; q < NQUANTILES && !err; q++) {
		snprintf(name, sizeof(name), "%s%s%s", alone ? "" : title, alone ? "" : " ",
			 quantiles[q].name);
		err = add_column(grid, name, SCOLS_FL_RIGHT);
	}
	return err;
}

/* least[] is that of each column of the grid, for fit(). */
static int add_columns(struct libscols_table *grid, const struct table *t, size_t *least)
{
	size_t nhists = 0;
	int err = 0;

	for (size_t c = 0; c < t->ncols; c++)
		nhists += shown(t->cols[c].show, SHOW_TEXT) && unit_is_hist(t->cols[c].unit);
	for (size_t c = 0; c < t->ncols && !err; c++) {
		const struct column *col = &t->cols[c];
		const char *title = col->title ? col->title : col->key;
		bool left = col->unit == UNIT_TEXT || col->unit == UNIT_LIST ||
			    col->unit == UNIT_NAMES;

		if (!shown(col->show, SHOW_TEXT))
			continue;
		least[scols_table_get_ncols(grid)] = col->least;
		if (unit_is_hist(col->unit))
			err = add_quantiles(grid, title, nhists == 1);
		else
			err = add_column(grid, title, left ? 0 : SCOLS_FL_RIGHT);
	}
	return err;
}

/* What most cells are made of, without a FILE in memory for each; NULL: it takes one. */
static const char *simple_cell(const struct cell *cell, enum unit unit, const struct quantile *q,
			       char buf[FMT_MAX])
{
	size_t len;

	switch (cell->kind) {
	case CELL_TEXT:
		return fmt_plain(cell->text, &len) ? cell->text : NULL;
	case CELL_U64:
		return render_number(buf, cell->u64, unit);
	case CELL_HIST:
		return q && cell->hist->count ? render_number(buf, quantile(cell->hist, q), unit) :
						"-";
	case CELL_ABSENT:
		return "-";
	default:
		return NULL;
	}
}

/* One cell of the grid; q NULL unless the value is a histogram. */
static int set_cell(struct libscols_line *line, size_t at, const struct cell *cell, enum unit unit,
		    const struct quantile *q, bool utf8)
{
	char buf[FMT_MAX], *text = NULL;
	const char *simple = simple_cell(cell, unit, q, buf);
	size_t len;
	FILE *f;
	int err;

	if (simple)
		return scols_line_set_data(line, at, simple);
	f = open_memstream(&text, &len);
	if (!f)
		return -ENOMEM;
	render_cell(f, cell, unit, utf8);
	fclose(f);
	err = scols_line_set_data(line, at, text);
	free(text);
	return err;
}

static int add_row(struct libscols_table *grid, const struct table *t, size_t row, bool utf8)
{
	struct libscols_line *line = scols_table_new_line(grid, NULL);
	const struct cell *cells = table_cells(t, row);
	size_t at = 0;
	int err = line ? 0 : -ENOMEM;

	for (size_t c = 0; c < t->ncols && !err; c++) {
		enum unit unit = t->cols[c].unit;

		if (!shown(t->cols[c].show, SHOW_TEXT))
			continue;
		if (!unit_is_hist(unit))
			err = set_cell(line, at++, &cells[c], unit, NULL, utf8);
		for (size_t q = 0; unit_is_hist(unit) && q < NQUANTILES && !err; q++)
			err = set_cell(line, at++, &cells[c], unit, &quantiles[q], utf8);
	}
	return err;
}

/* What cells are fitted to. */
struct fitting {
	size_t *widths;		/* of columns, characters */
	const char *mark;	/* where a cell is cut */
};

typedef int cell_fn(struct libscols_cell *cell, size_t column, const struct fitting *f);

/* Titles, then rows from the first to the last: libsmartcols walks a list to find the nth. */
static int each_cell(struct libscols_table *grid, cell_fn *visit, const struct fitting *f)
{
	struct libscols_iter *lines = scols_new_iter(SCOLS_ITER_FORWARD);
	size_t n = scols_table_get_ncols(grid);
	struct libscols_line *line;
	int err = lines ? 0 : -ENOMEM;

	for (size_t c = 0; c < n && !err; c++)
		err = visit(scols_column_get_header(scols_table_get_column(grid, c)), c, f);
	while (!err && !scols_table_next_line(grid, lines, &line))
		for (size_t c = 0; c < n && !err; c++)
			err = visit(scols_line_get_cell(line, c), c, f);
	scols_free_iter(lines);
	return err;
}

static int widen(struct libscols_cell *cell, size_t column, const struct fitting *f)
{
	size_t width = text_chars(scols_cell_get_data(cell));

	if (width > f->widths[column])
		f->widths[column] = width;
	return 0;
}

/* Marked, as half a name or sentence reads like a whole one. */
static int cut_cell(struct libscols_cell *cell, size_t column, const struct fitting *f)
{
	const char *text = scols_cell_get_data(cell), *mark = f->mark;
	size_t width = f->widths[column];
	char *copy;
	int err;

	if (text_chars(text) <= width)
		return 0;
	copy = malloc(strlen(text) + strlen(mark) + 1);
	if (!copy)
		return -ENOMEM;
	sprintf(copy, "%.*s%s", (int)text_span(text, width - 1), text, mark);
	err = scols_cell_set_data(cell, copy);
	free(copy);
	return err;
}

/*
 * Cuts what may be cut, most where most is to spare, until a line has no more characters than
 * limit.  All else stays whole: numbers and names cut to the same letters are worse than a long
 * line.
 */
static int fit(struct libscols_table *grid, const size_t *least, size_t *widths, size_t limit,
	       const char *mark)
{
	const struct fitting f = { widths, mark };
	size_t n = scols_table_get_ncols(grid), total = n - 1;
	int err = each_cell(grid, widen, &f);

	for (size_t c = 0; c < n; c++)
		total += widths[c];
	for (; total > limit; total--) {
		size_t most = 0, at = 0;

		for (size_t c = 0; c < n; c++)
			if (least[c] && widths[c] > least[c] + most) {
				most = widths[c] - least[c];
				at = c;
			}
		if (!most)
			break;
		widths[at]--;
	}
	return err ? err : each_cell(grid, cut_cell, &f);
}

static int fill_grid(struct libscols_table *grid, const struct text *text, const struct table *t)
{
	size_t most = t->ncols * NQUANTILES, *least = calloc(2 * most, sizeof(*least));
	int err = least ? add_columns(grid, t, least) : -ENOMEM;

	for (size_t r = 0; r < t->nrows && !err; r++)
		err = add_row(grid, t, r, text->opts->utf8);
	if (!err && text->opts->width)
		err = fit(grid, least, least + most, (size_t)text->opts->width,
			  text->opts->utf8 ? "\xe2\x80\xa6" : "~");
	free(least);
	return err;
}

static int print_grid(struct libscols_table *grid, const struct text *text, const struct table *t)
{
	int err = fill_grid(grid, text, t);

	scols_table_enable_noencoding(grid, 1);		/* fmt_printable() has seen to it */
	scols_table_enable_colors(grid, text->opts->colour);
	scols_table_set_termforce(grid, SCOLS_TERMFORCE_ALWAYS);
	scols_table_set_termwidth(grid, USHRT_MAX);
	scols_table_set_stream(grid, text->out);
	return err ? err : scols_print_table(grid);
}

static void put_title(const struct text *t, const char *title)
{
	fputs(t->opts->colour ? "\033[1m" : "", t->out);
	text_put(t->out, title, t->opts->utf8);
	fputs(t->opts->colour ? "\033[0m" : "", t->out);
}

static int text_table(struct text *text, const struct item *item)
{
	struct libscols_table *grid;
	int err;

	if (*item->title)
		put_title(text, item->title);
	if (!item->table.nrows) {
		fprintf(text->out, "%snone\n", *item->title ? ": " : "");
		return 0;
	}
	if (*item->title)
		fputc('\n', text->out);
	grid = scols_new_table();
	err = grid ? print_grid(grid, text, &item->table) : -ENOMEM;
	scols_unref_table(grid);
	return err ? fail(err, "cannot lay out the table '%s': %s", item->key, strerror(-err)) : 0;
}

static int text_prose(struct text *t, const struct item *item)
{
	char *safe = fmt_printable(item->value.text, t->opts->utf8);

	if (!safe)
		return fail(-ENOMEM, "out of memory while writing text");
	put_prose(t, safe, item->indent);
	free(safe);
	return 0;
}

/* Tables and headings have an empty line above them, and tables one below. */
static void text_gap(struct text *t, enum item_kind kind)
{
	bool table = kind == ITEM_TABLE || kind == ITEM_BARS;

	if (t->above == TABLE || (t->above == PROSE && (table || kind == ITEM_HEADING)))
		fputc('\n', t->out);
	t->above = table ? TABLE : PROSE;
}

static int text_item(struct text *t, const struct item *item)
{
	if (item->kind != ITEM_FIELD && item->kind != ITEM_COUNTERS)
		end_line(t);
	text_gap(t, item->kind);

	switch (item->kind) {
	case ITEM_TABLE:
		return text_table(t, item);
	case ITEM_BARS:
		return render_bars(t->out, &item->table, t->opts);
	case ITEM_FIELD:
	case ITEM_COUNTERS:
		return text_field(t, item);
	case ITEM_HEADING:
		put_title(t, item->value.text);
		fputc('\n', t->out);
		break;
	case ITEM_LINE:
		text_put(t->out, item->value.text, t->opts->utf8);
		fputc('\n', t->out);
		break;
	case ITEM_PROSE:
		return text_prose(t, item);
	}
	return 0;
}

/* What is ready of a long page goes out, and its memory is used again. */
static int text_piece(FILE *out, FILE *ready, char *const *page, const size_t *len)
{
	int err;

	if (ftell(ready) < (long)BYTES_PIECE)
		return 0;
	if (fflush(ready))
		return fail(-ENOMEM, "out of memory while writing text");
	err = render_write(out, *page, *len);
	rewind(ready);
	return err;
}

int render_text(FILE *out, const struct doc *doc, const struct render_opts *o)
{
	char *page = NULL;
	size_t len;
	/* What fits on a screen comes in one piece, so that one that refreshes does not flicker. */
	struct text t = { .out = open_memstream(&page, &len), .opts = o };
	int err = 0;

	if (!t.out)
		return fail(-ENOMEM, "out of memory while writing text");
	/* nobody else has it, and it is written word by word */
	__fsetlocking(t.out, FSETLOCKING_BYCALLER);
	for (const struct item *item = doc_items(doc); item && !err; item = item->next) {
		if (shown(item->show, SHOW_TEXT))
			err = text_item(&t, item);
		if (!err)
			err = text_piece(out, t.out, &page, &len);
	}
	end_line(&t);
	if (fclose(t.out) && !err)
		err = fail(-ENOMEM, "out of memory while writing text");
	if (!err)
		err = render_write(out, page, len);
	free(page);
	return err;
}
