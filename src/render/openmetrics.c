// SPDX-License-Identifier: GPL-2.0
/*
 * The metrics of a document as OpenMetrics text 1.0, in seconds and bytes.  Empty labels are
 * written out, which to readers is the same as leaving them out.
 *
 * A page can have a million lines: it is written piece by piece, and without printf(), which would
 * take most of the time.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/bytes.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/fmt.h"
#include "render/private.h"

#define PREFIX "dmatrace_"

struct page {
	struct bytes text;
	const char *name;		/* of the metric */
	const struct column *value;
	struct bytes labels;		/* of the row, quoted and separated by commas */
	struct bytes bucket;		/* what the lines of its buckets begin with */
};

static void put_digits(struct bytes *to, unsigned long long value)
{
	char digits[FMT_MAX];

	bytes_put(to, digits, fmt_digits(digits, value, 1) - digits);
}

/* Without what steers a terminal, of which backslashes remain; these and quotes are escaped. */
static void put_quoted(struct bytes *to, const char *text)
{
	char *safe = fmt_printable(text, true);

	to->failed |= !safe;
	for (const char *s = safe; s && *s; s++) {
		if (*s == '\\' || *s == '"')
			bytes_put(to, "\\", 1);
		bytes_put(to, s, 1);
	}
	free(safe);
}

static void put_label(struct bytes *to, const char *key, const struct cell *cell)
{
	size_t len;

	bytes_text(to, key);
	bytes_put(to, "=\"", 2);
	if (cell->kind == CELL_U64)
		put_digits(to, cell->u64);
	else if (cell->kind == CELL_TEXT && fmt_plain(cell->text, &len) &&
		 !strchr(cell->text, '"'))
		bytes_put(to, cell->text, len);
	else if (cell->kind == CELL_TEXT)
		put_quoted(to, cell->text);
	bytes_put(to, "\"", 1);
}

static void labels_make(struct page *p, const struct table *t, const struct cell *cells)
{
	p->labels.len = 0;
	for (size_t c = 0; c + 1 < t->ncols; c++) {
		if (c)
			bytes_put(&p->labels, ",", 1);
		put_label(&p->labels, t->cols[c].key, &cells[c]);
	}
}

/*
 * Exactly, and as Go does it, as buckets are told apart by how their bounds are written: 2.559e-06,
 * 0.000123, 1.5.  No floating point, whose comma depends on the locale.
 */
static void put_seconds(struct bytes *to, unsigned long long ns)
{
	char digits[FMT_MAX];
	size_t len;

	if (!ns || ns >= 100000) {
		put_digits(to, ns / 1000000000);
		bytes_put(to, ".", 1);
		len = fmt_digits(digits, ns % 1000000000, 9) - digits;
		while (len > 1 && digits[len - 1] == '0')
			len--;
		bytes_put(to, digits, len);
		return;
	}
	len = fmt_digits(digits, ns, 1) - digits;
	bytes_put(to, digits, 1);
	for (size_t kept = len; kept > 1; kept--)
		if (digits[kept - 1] != '0') {
			bytes_put(to, ".", 1);
			bytes_put(to, digits + 1, kept - 1);
			break;
		}
	bytes_text(to, "e-");
	bytes_put(to, digits, fmt_digits(digits, 10 - len, 2) - digits);
}

static bool is_seconds(enum unit unit)
{
	return unit == UNIT_NS || unit == UNIT_HIST_NS;
}

static void put_number(struct page *p, unsigned long long value)
{
	if (is_seconds(p->value->unit))
		put_seconds(&p->text, value);
	else
		put_digits(&p->text, value);
}

static void put_name(struct page *p, const char *suffix)
{
	bytes_text(&p->text, PREFIX);
	bytes_text(&p->text, p->name);
	bytes_text(&p->text, suffix);
	if (p->labels.len) {
		bytes_put(&p->text, "{", 1);
		bytes_put(&p->text, p->labels.at, p->labels.len);
		bytes_put(&p->text, "}", 1);
	}
	bytes_put(&p->text, " ", 1);
}

static void put_sample(struct page *p, const char *suffix, unsigned long long value)
{
	put_name(p, suffix);
	put_number(p, value);
	bytes_put(&p->text, "\n", 1);
}

static void bucket_make(struct page *p)
{
	p->bucket.len = 0;
	bytes_text(&p->bucket, PREFIX);
	bytes_text(&p->bucket, p->name);
	bytes_text(&p->bucket, "_bucket{");
	if (p->labels.len) {
		bytes_put(&p->bucket, p->labels.at, p->labels.len);
		bytes_put(&p->bucket, ",", 1);
	}
	bytes_text(&p->bucket, "le=\"");
}

/* bound ULLONG_MAX: none. */
static void put_bucket(struct page *p, unsigned long long bound, unsigned long long count)
{
	bytes_put(&p->text, p->bucket.at, p->bucket.len);
	if (bound == ULLONG_MAX)
		bytes_text(&p->text, "+Inf");
	else
		put_number(p, bound);
	if (bound != ULLONG_MAX && !is_seconds(p->value->unit))
		bytes_text(&p->text, ".0");
	bytes_text(&p->text, "\"} ");
	put_digits(&p->text, count);
	bytes_put(&p->text, "\n", 1);
}

/*
 * Buckets that are not empty and the bounds below them: who interpolates does so from the bound
 * before, which else could be far away.
 */
static void put_hist(struct page *p, const struct doc_hist *h)
{
	unsigned long long below = 0, next = 0;

	bucket_make(p);
	for (size_t i = 0; i < h->nbuckets; i++) {
		const struct doc_bucket *b = &h->buckets[i];

		if (b->min > next)
			put_bucket(p, b->min - 1, below);
		below += b->count;
		if (b->max == ULLONG_MAX)
			break;
		put_bucket(p, b->max, below);
		next = b->max + 1;
	}
	put_bucket(p, ULLONG_MAX, h->count);
	put_name(p, "_count");
	put_digits(&p->text, h->count);
	bytes_put(&p->text, "\n", 1);
	put_sample(p, "_sum", h->sum);
}

static const char *type_of(const struct column *value)
{
	if (value->unit == UNIT_HIST_NS || value->unit == UNIT_HIST_BYTES)
		return "histogram";
	if (!strcmp(value->key, "total"))
		return "counter";
	return strcmp(value->key, "info") ? "gauge" : "info";
}

/* "# TYPE dmatrace_calls counter" */
static void put_about(struct page *p, const char *what, const char *text)
{
	bytes_text(&p->text, "# ");
	bytes_text(&p->text, what);
	bytes_text(&p->text, " " PREFIX);
	bytes_text(&p->text, p->name);
	bytes_put(&p->text, " ", 1);
	bytes_text(&p->text, text);
	bytes_put(&p->text, "\n", 1);
}

static void put_head(struct page *p)
{
	bool bytes = p->value->unit == UNIT_BYTES || p->value->unit == UNIT_HIST_BYTES;

	put_about(p, "TYPE", type_of(p->value));
	if (bytes || is_seconds(p->value->unit))
		put_about(p, "UNIT", bytes ? "bytes" : "seconds");
	put_about(p, "HELP", p->value->help);
}

static void put_value(struct page *p, const struct table *t, const struct cell *cells)
{
	const char *suffix = !strcmp(p->value->key, "total") ? "_total" :
			     !strcmp(p->value->key, "info") ? "_info" : "";
	const struct cell *value = &cells[t->ncols - 1];

	labels_make(p, t, cells);
	p->text.failed |= p->labels.failed;
	if (value->kind == CELL_HIST)
		put_hist(p, value->hist);
	else
		put_sample(p, suffix, value->u64);
}

static void put_metric(struct page *p, const char *name, const struct table *t)
{
	bool first = true;

	p->name = name;
	p->value = &t->cols[t->ncols - 1];
	for (size_t r = 0; r < t->nrows && !p->text.unwritten; r++) {
		const struct cell *cells = table_cells(t, r);

		if (cells[t->ncols - 1].kind == CELL_ABSENT)
			continue;
		if (first)
			put_head(p);
		first = false;
		put_value(p, t, cells);
	}
}

int render_openmetrics(FILE *out, const struct doc *doc, const struct render_opts *o)
{
	struct page p = { .text.out = out };

	(void)o;
	for (const struct item *item = doc_items(doc); item; item = item->next)
		if (item->kind == ITEM_TABLE && item->show & SHOW_METRICS)
			put_metric(&p, item->key, &item->table);
	bytes_text(&p.text, "# EOF\n");
	p.text.failed |= p.bucket.failed;
	free(p.labels.at);
	free(p.bucket.at);
	return render_end(&p.text);
}
