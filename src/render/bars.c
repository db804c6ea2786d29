// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms for people: a block for each, with a row for each power of two.
 *
 *	op map: count 364, mean 1.1us, p50 415ns, p90 2.4us, p99 7.9us, max 84.2us
 *	[256ns, 512ns)  290 ################################################
 *	[512ns, 1.0us)    0
 *	[1.0us, 2.0us)   74 ############
 *
 * Bars take what the line has left; where that is nothing, the numbers stand alone.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/fmt.h"
#include "base/list.h"
#include "render/cell.h"
#include "render/private.h"

#define POWERS 65		/* 0, then [2^n, 2^(n+1)) */

/* A line in progress, broken between fields. */
struct line {
	FILE *out;
	const struct render_opts *opts;
	size_t column, limit;
};

/* What stands between two fields ends the line if the next one, and what follows it, do not fit. */
static void put_field(struct line *line, const char *between, const char *text)
{
	size_t chars = text_chars(text), gap = strlen(between);

	if (line->column && line->column + gap + chars + 1 > line->limit) {
		fprintf(line->out, "%.*s\n  ", (int)gap - 1, between);
		line->column = 2;
	} else if (line->column) {
		fputs(between, line->out);
		line->column += gap;
	}
	fputs(text, line->out);
	line->column += chars;
}

/* "name value" */
static int put_value(struct line *line, const char *between, const char *name,
		     const struct cell *cell, enum unit unit)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return fail(-ENOMEM, "out of memory while writing text");
	fprintf(f, "%s ", name);
	render_cell(f, cell, unit, line->opts->utf8);
	fclose(f);
	put_field(line, between, text);
	free(text);
	return 0;
}

static int put_summary(struct line *line, const struct column *col, const struct cell *cell)
{
	static const struct cell none;
	const struct doc_hist *h = cell->kind == CELL_HIST ? cell->hist : NULL;
	const struct {
		const char *name;
		unsigned long long value;
		enum unit unit;
	} numbers[] = {
		{ "count", h ? h->count : 0, UNIT_COUNT },
		{ "mean", h && h->count ? h->sum / h->count : 0, col->unit },
		{ "p50", h ? h->p50 : 0, col->unit }, { "p90", h ? h->p90 : 0, col->unit },
		{ "p99", h ? h->p99 : 0, col->unit }, { "max", h ? h->max : 0, col->unit },
	};
	size_t n = !h ? 0 : h->count ? ARRAY_SIZE(numbers) : 1;
	int err = h ? 0 : put_value(line, ": ", col->title, &none, col->unit);

	for (size_t i = 0; i < n && !err; i++) {
		struct cell number = { .kind = CELL_U64, .u64 = numbers[i].value };

		err = put_value(line, i ? ", " : ": ", numbers[i].name, &number, numbers[i].unit);
	}
	return err;
}

/* Whose histogram it is, what it amounts to, and what else there is to know. */
static int put_title(const struct table *t, const struct cell *cells, FILE *out,
		     const struct render_opts *o, size_t limit)
{
	struct line line = { out, o, 0, limit };
	bool bold = o->colour;
	int err = 0;

	fputs(bold ? "\033[1m" : "", out);
	for (size_t c = 0; c < t->ncols && !err; c++) {
		const struct column *col = &t->cols[c];

		if (!shown(col->show, SHOW_TEXT))
			continue;
		if (bold && col->unit != UNIT_TEXT) {
			fputs("\033[0m", out);
			bold = false;
		}
		if (unit_is_hist(col->unit))
			err = put_summary(&line, col, &cells[c]);
		else if (col->unit == UNIT_TEXT || (cells[c].kind == CELL_U64 && cells[c].u64))
			err = put_value(&line, ", ", col->title, &cells[c], col->unit);
	}
	fputs(bold ? "\033[0m\n" : "\n", out);
	return err;
}

struct row {
	char from[FMT_MAX], below[FMT_MAX], count[FMT_MAX];
	unsigned long long calls;
};

struct rows {
	struct row list[POWERS];
	size_t count;
	size_t from, below, digits;	/* their widths */
	unsigned long long most;
};

static size_t power(unsigned long long value)
{
	return value ? 64 - __builtin_clzll(value) : 0;
}

static void row_fill(struct row *r, size_t at, unsigned long long count, enum unit unit, bool open)
{
	char *(*const fmt)(char *, size_t, unsigned long long) =
		unit == UNIT_HIST_NS ? fmt_ns : fmt_bytes;

	r->calls = count;
	fmt(r->from, sizeof(r->from), at ? 1ull << (at - 1) : 0);
	if (open)
		strcpy(r->below, "...");
	else
		fmt(r->below, sizeof(r->below), 1ull << at);
	snprintf(r->count, sizeof(r->count), "%llu", count);
}

static void widen(size_t *width, const char *text)
{
	size_t len = strlen(text);

	if (len > *width)
		*width = len;
}

/* From the lowest power that has any to the highest, also those between that have none. */
static void rows_make(struct rows *rows, const struct doc_hist *h, enum unit unit)
{
	unsigned long long counts[POWERS] = { 0 };
	size_t first, last;

	*rows = (struct rows){ 0 };
	if (!h->nbuckets)
		return;
	for (size_t i = 0; i < h->nbuckets; i++)
		counts[power(h->buckets[i].min)] += h->buckets[i].count;
	first = power(h->buckets[0].min);
	last = power(h->buckets[h->nbuckets - 1].min);
	for (size_t at = first; at <= last && at < POWERS; at++) {
		struct row *r = &rows->list[rows->count++];

		/* what is open-ended at the top ends the last row */
		row_fill(r, at, counts[at], unit, at == POWERS - 1 || (at == last &&
			 h->buckets[h->nbuckets - 1].max == ULLONG_MAX));
		widen(&rows->from, r->from);
		widen(&rows->below, r->below);
		widen(&rows->digits, r->count);
		if (r->calls > rows->most)
			rows->most = r->calls;
	}
}

/* To an eighth of a character, or to a whole one; what is there at all is seen. */
static void put_bar(FILE *out, unsigned long long count, unsigned long long most, size_t width,
		    bool utf8)
{
	size_t parts = utf8 ? 8 : 1, length = lround((double)count / most * width * parts);

	if (count && !length)
		length = 1;
	for (; length >= parts; length -= parts)
		fputs(utf8 ? "\xe2\x96\x88" : "#", out);
	if (length)
		fprintf(out, "\xe2\x96%c", (int)(0x90 - length));
}

static void put_rows(FILE *out, const struct rows *rows, size_t limit, bool utf8)
{
	size_t used = rows->from + rows->below + rows->digits + strlen("[, )  ");

	for (size_t i = 0; i < rows->count; i++) {
		const struct row *r = &rows->list[i];

		fprintf(out, "[%*s, %*s) %*s", (int)rows->from, r->from, (int)rows->below, r->below,
			(int)rows->digits, r->count);
		if (r->calls && limit > used) {
			fputc(' ', out);
			put_bar(out, r->calls, rows->most, limit - used, utf8);
		}
		fputc('\n', out);
	}
}

int render_bars(FILE *out, const struct table *t, const struct render_opts *o)
{
	size_t limit = o->width ? (size_t)o->width : PROSE_WIDTH;
	struct rows rows;
	int err = 0;

	for (size_t r = 0; r < t->nrows && !err; r++) {
		const struct cell *cells = table_cells(t, r);

		fputs(r ? "\n" : "", out);
		err = put_title(t, cells, out, o, limit);
		for (size_t c = 0; c < t->ncols && !err; c++) {
			if (cells[c].kind != CELL_HIST || !shown(t->cols[c].show, SHOW_TEXT))
				continue;
			rows_make(&rows, cells[c].hist, t->cols[c].unit);
			put_rows(out, &rows, limit, o->utf8);
		}
	}
	return err;
}
