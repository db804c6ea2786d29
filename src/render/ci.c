// SPDX-License-Identifier: GPL-2.0
/*
 * Verdicts as CI systems read them: JUnit XML, and annotations of GitHub's log.  Of tables shown
 * as tests, whose columns are named below.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/doc.h"
#include "base/err.h"
#include "base/fmt.h"
#include "render/private.h"

struct test {
	const char *limit, *subject, *verdict, *measured, *why;	/* the last two may be empty */
};

static const char *text_at(const struct table *t, size_t row, const char *key)
{
	const struct cell *cell = table_cell(t, row, key);

	return cell->kind == CELL_TEXT ? cell->text : "";
}

static struct test test_at(const struct table *t, size_t row)
{
	return (struct test){
		.limit = text_at(t, row, "limit"), .subject = text_at(t, row, "subject"),
		.measured = text_at(t, row, "value"), .verdict = text_at(t, row, "verdict"),
		.why = text_at(t, row, "why"),
	};
}

static bool is(const struct test *test, const char *verdict)
{
	return !strcmp(test->verdict, verdict);
}

static bool is_tests(const struct item *item)
{
	return item->kind == ITEM_TABLE && item->show & SHOW_TESTS;
}

/* put() writes one character the way the format wants it. */
static void put_text(FILE *out, const char *text, void (*put)(FILE *out, char c))
{
	char *safe = fmt_printable(text, true);

	for (const char *c = safe ? safe : "?"; *c; c++)
		put(out, *c);
	free(safe);
}

static void put_message(FILE *out, const struct test *test, void (*put)(FILE *out, char c))
{
	put_text(out, *test->measured ? "measured " : "not measured", put);
	put_text(out, test->measured, put);
	if (*test->why) {
		put_text(out, "; ", put);
		put_text(out, test->why, put);
	}
}

static void put_xml(FILE *out, char c)
{
	switch (c) {
	case '&':
		fputs("&amp;", out);
		break;
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	default:
		fputc(c, out);
	}
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	put_text(out, value, put_xml);
	fputc('"', out);
}

static void put_testcase(FILE *out, const struct test *test)
{
	const char *element = is(test, "failed") ? "failure" : "error";

	fputs("\t\t<testcase classname=\"dmatrace\" name=\"", out);
	put_text(out, test->limit, put_xml);
	fputs(": ", out);
	put_text(out, test->subject, put_xml);
	fputs("\" time=\"0\"", out);
	if (is(test, "passed")) {
		fputs("/>\n", out);
		return;
	}
	fprintf(out, ">\n\t\t\t<%s", element);
	put_attribute(out, "type", test->verdict);
	fputs(" message=\"", out);
	put_message(out, test, put_xml);
	fprintf(out, "\"/>\n\t\t</testcase>\n");
}

/* A field of the document's head. */
static const struct cell *field(const struct doc *doc, const char *key)
{
	static const struct cell none;

	for (const struct item *item = doc_items(doc); item; item = item->next)
		if (item->kind == ITEM_FIELD && !strcmp(item->key, key))
			return &item->value;
	return &none;
}

static void put_suite(FILE *out, const struct doc *doc, const struct table *t)
{
	const struct cell *host = field(doc, "host"), *time = field(doc, "timestamp");
	unsigned long long ms = field(doc, "duration_ns")->u64 / 1000000;
	unsigned failures = 0, errors = 0;

	for (size_t r = 0; r < t->nrows; r++) {
		struct test test = test_at(t, r);

		failures += is(&test, "failed");
		errors += !is(&test, "failed") && !is(&test, "passed");
	}
	fputs("\t<testsuite name=\"dmatrace\" package=\"dmatrace\" id=\"0\"", out);
	put_attribute(out, "timestamp", time->text);
	put_attribute(out, "hostname", host->kind == CELL_TEXT && *host->text ? host->text :
				       "localhost");
	fprintf(out, " tests=\"%zu\" failures=\"%u\" errors=\"%u\" time=\"%llu.%03llu\">\n",
		t->nrows, failures, errors, ms / 1000, ms % 1000);
	fputs("\t\t<properties>\n", out);
	for (const struct item *item = doc_items(doc); item; item = item->next)
		if (item->kind == ITEM_FIELD && item->value.kind == CELL_TEXT &&
		    shown(item->show, SHOW_DATA)) {
			fputs("\t\t\t<property", out);
			put_attribute(out, "name", item->key);
			put_attribute(out, "value", item->value.text);
			fputs("/>\n", out);
		}
	fputs("\t\t</properties>\n", out);
	for (size_t r = 0; r < t->nrows; r++) {
		struct test test = test_at(t, r);

		put_testcase(out, &test);
	}
	fputs("\t\t<system-out/>\n\t\t<system-err/>\n\t</testsuite>\n", out);
}

/* All in one piece, so that errors have one place. */
static int render_with(FILE *out, const struct doc *doc,
		       void (*put)(FILE *out, const struct doc *doc, const struct table *t),
		       const char *before, const char *after)
{
	char *page = NULL;
	size_t len;
	FILE *to = open_memstream(&page, &len);
	int err;

	if (!to)
		return fail(-ENOMEM, "out of memory while writing verdicts");
	fputs(before, to);
	for (const struct item *item = doc_items(doc); item; item = item->next)
		if (is_tests(item))
			put(to, doc, &item->table);
	fputs(after, to);
	err = fclose(to) ? fail(-ENOMEM, "out of memory while writing verdicts") :
			   render_write(out, page, len);
	free(page);
	return err;
}

int render_junit(FILE *out, const struct doc *doc, const struct render_opts *o)
{
	(void)o;
	return render_with(out, doc, put_suite,
			   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n",
			   "</testsuites>\n");
}

/* What is decoded again differs between the message and what stands before it. */
static void put_github(FILE *out, char c)
{
	if (c == '%')
		fputs("%25", out);
	else
		fputc(c, out);
}

static void put_github_property(FILE *out, char c)
{
	if (strchr("%:,", c))
		fprintf(out, "%%%02X", c);
	else
		fputc(c, out);
}

static void put_annotations(FILE *out, const struct doc *doc, const struct table *t)
{
	(void)doc;
	for (size_t r = 0; r < t->nrows; r++) {
		struct test test = test_at(t, r);

		if (is(&test, "passed"))
			continue;
		fprintf(out, "::%s title=dmatrace check%%3A ",
			is(&test, "incomplete") ? "warning" : "error");
		put_text(out, test.limit, put_github_property);
		fputc(' ', out);
		put_text(out, test.verdict, put_github_property);
		fputs("::", out);
		put_text(out, test.subject, put_github);
		put_text(out, ": ", put_github);
		put_message(out, &test, put_github);
		fputc('\n', out);
	}
}

int render_github(FILE *out, const struct doc *doc, const struct render_opts *o)
{
	(void)o;
	return render_with(out, doc, put_annotations, "", "");
}
