// SPDX-License-Identifier: GPL-2.0
/*
 * The metrics of a document as OpenMetrics text 1.0, in seconds and bytes.  Empty labels are
 * written out, which to readers is the same as leaving them out.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "doc.h"
#include "err.h"
#include "fmt.h"
#include "render.h"

#define PREFIX "dmatrace_"

/* What is written of one metric: out of memory once is out of memory for all of it. */
struct page {
	FILE *out;
	bool no_memory;
	const char *name, *labels;	/* labels: of the row, quoted and separated by commas */
	const struct column *value;
};

/* Without what steers a terminal, of which backslashes remain; these and quotes are escaped. */
static void put_quoted(struct page *p, FILE *out, const char *text)
{
	char *safe = fmt_printable(text, true);

	p->no_memory |= !safe;
	for (const char *s = safe; s && *s; s++) {
		if (*s == '\\' || *s == '"')
			fputc('\\', out);
		fputc(*s, out);
	}
	free(safe);
}

/* The caller's to free; NULL without memory. */
static char *labels_of(struct page *p, const struct table *t, const struct cell *cells)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t c = 0; out && c + 1 < t->ncols; c++) {
		fprintf(out, "%s%s=\"", c ? "," : "", t->cols[c].key);
		if (cells[c].kind == CELL_TEXT)
			put_quoted(p, out, cells[c].text);
		else if (cells[c].kind == CELL_U64)
			fprintf(out, "%llu", cells[c].u64);
		fputc('"', out);
	}
	p->no_memory |= !out || fclose(out);
	return text;
}

/*
 * Exactly, and as Go does it, as buckets are told apart by how their bounds are written: 2.559e-06,
 * 0.000123, 1.5.  No floating point, whose comma depends on the locale.
 */
static void put_seconds(FILE *out, unsigned long long ns)
{
	char digits[FMT_MAX];
	int len, exponent;

	if (!ns || ns >= 100000) {
		len = snprintf(digits, sizeof(digits), "%09llu", ns % 1000000000);
		while (len > 1 && digits[len - 1] == '0')
			len--;
		fprintf(out, "%llu.%.*s", ns / 1000000000, len, digits);
		return;
	}
	len = snprintf(digits, sizeof(digits), "%llu", ns);
	exponent = 10 - len;
	while (len > 1 && digits[len - 1] == '0')
		len--;
	fprintf(out, "%c%s%.*se-%02d", digits[0], len > 1 ? "." : "", len - 1, digits + 1, exponent);
}

static bool is_seconds(enum unit unit)
{
	return unit == UNIT_NS || unit == UNIT_HIST_NS;
}

static void put_number(const struct page *p, unsigned long long value)
{
	if (is_seconds(p->value->unit))
		put_seconds(p->out, value);
	else
		fprintf(p->out, "%llu", value);
}

static void put_name(const struct page *p, const char *suffix)
{
	bool labels = p->labels[0];

	fprintf(p->out, PREFIX "%s%s%s%s%s ", p->name, suffix, labels ? "{" : "", p->labels,
		labels ? "}" : "");
}

static void put_sample(const struct page *p, const char *suffix, unsigned long long value)
{
	put_name(p, suffix);
	put_number(p, value);
	fputc('\n', p->out);
}

/* bound ULLONG_MAX: none. */
static void put_bucket(const struct page *p, unsigned long long bound, unsigned long long count)
{
	fprintf(p->out, PREFIX "%s_bucket{%s%sle=\"", p->name, p->labels, p->labels[0] ? "," : "");
	if (bound == ULLONG_MAX)
		fputs("+Inf", p->out);
	else
		put_number(p, bound);
	if (bound != ULLONG_MAX && !is_seconds(p->value->unit))
		fputs(".0", p->out);
	fprintf(p->out, "\"} %llu\n", count);
}

/*
 * Buckets that are not empty and the bounds below them: who interpolates does so from the bound
 * before, which else could be far away.
 */
static void put_hist(const struct page *p, const struct doc_hist *h)
{
	unsigned long long below = 0, next = 0;

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
	fprintf(p->out, "%llu\n", h->count);
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

static void put_head(const struct page *p)
{
	bool bytes = p->value->unit == UNIT_BYTES || p->value->unit == UNIT_HIST_BYTES;

	fprintf(p->out, "# TYPE " PREFIX "%s %s\n", p->name, type_of(p->value));
	if (bytes || is_seconds(p->value->unit))
		fprintf(p->out, "# UNIT " PREFIX "%s %s\n", p->name, bytes ? "bytes" : "seconds");
	fprintf(p->out, "# HELP " PREFIX "%s %s\n", p->name, p->value->help);
}

static void put_value(struct page *p, const struct table *t, const struct cell *cells)
{
	const char *suffix = !strcmp(p->value->key, "total") ? "_total" :
			     !strcmp(p->value->key, "info") ? "_info" : "";
	const struct cell *value = &cells[t->ncols - 1];
	char *labels = labels_of(p, t, cells);

	p->labels = labels ? labels : "";
	if (value->kind == CELL_HIST)
		put_hist(p, value->hist);
	else
		put_sample(p, suffix, value->u64);
	free(labels);
}

static void put_metric(struct page *p, const char *name, const struct table *t)
{
	bool first = true;

	p->name = name;
	p->value = &t->cols[t->ncols - 1];
	for (size_t r = 0; r < t->nrows; r++) {
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
	char *text = NULL;
	size_t len;
	struct page p = { .out = open_memstream(&text, &len) };
	int err;

	(void)o;
	if (!p.out)
		return fail(-ENOMEM, "cannot write the metrics: out of memory");
	for (const struct item *item = doc_items(doc); item; item = item->next)
		if (item->kind == ITEM_TABLE && item->show & SHOW_METRICS)
			put_metric(&p, item->key, &item->table);
	fputs("# EOF\n", p.out);
	p.no_memory |= fclose(p.out) != 0;
	err = p.no_memory ? fail(-ENOMEM, "cannot write the metrics: out of memory") :
			    render_write(out, text, len);
	free(text);
	return err;
}
