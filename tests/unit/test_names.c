// SPDX-License-Identifier: GPL-2.0
/*
 * Hostile names in every place of a document that takes text, through every renderer in
 * renderers[] and both streams: no output has a harmful code point, lines are neither added nor
 * lost, different names stay different, and each format still parses.
 */
#include <limits.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "base/doc.h"
#include "base/fmt.h"
#include "base/list.h"
#include "hostile.h"
#include "render/render.h"
#include "render/stream.h"

static const struct column nested_columns[] = { { "name", "NAME", "name", UNIT_TEXT } };

static const struct column row_columns[] = {
	{ "device", "DEVICE", "name", UNIT_TEXT }, { "driver", "DRIVER", "name", UNIT_TEXT, 0, 4 },
	{ "errors", "ERRORS", "pairs", UNIT_LIST }, { "stack", "STACK", "names", UNIT_NAMES },
	{ "parts", "PARTS", "rows", UNIT_TABLE, SHOW_DATA },
};

static void add_row(struct table *t, const char *name)
{
	const struct cell_pair pairs[] = { { (char *)name, 1 }, { (char *)name, 2 } };
	struct table *nested;

	table_row(t);
	cell_text(t, name);
	cell_text(t, name);
	cell_list(t, pairs, 2);
	cell_names(t, (char *[]){ (char *)name, (char *)"in", (char *)name }, 3);
	nested = cell_table(t, nested_columns, ARRAY_SIZE(nested_columns));
	table_row(nested);
	cell_text(nested, name);
}

static void add_bars(struct doc *doc, const char *name)
{
	static const struct column columns[] = { { "op", "op", "name", UNIT_TEXT },
						 { "errors", "errors", "pairs", UNIT_TEXT },
						 { "latency", "", "time", UNIT_HIST_NS } };
	struct table *t = doc_bars(doc, "bars", columns, ARRAY_SIZE(columns), SHOW_ALL);
	struct doc_hist *hist = doc_hist_new(1);

	hist->count = 1;
	hist->buckets[0] = (struct doc_bucket){ 1024, 2047, 1 };
	table_row(t);
	cell_text(t, name);
	cell_text(t, name);
	cell_hist(t, hist);
}

static void add_folded(struct doc *doc, const char *name)
{
	static const struct column columns[] = { { "frames", NULL, "", UNIT_NAMES },
						 { "weight", NULL, "", UNIT_COUNT } };
	struct table *t = DOC_TABLE(doc, "folded", columns, SHOW_FOLDED);

	table_row(t);
	cell_names(t, (char *[]){ (char *)name, (char *)"in", (char *)name }, 3);
	cell_u64(t, 7);
}

static void add_tests(struct doc *doc, const char *name)
{
	static const struct column columns[] = {
		{ "limit", NULL, "", UNIT_TEXT }, { "subject", NULL, "", UNIT_TEXT },
		{ "value", NULL, "", UNIT_TEXT }, { "verdict", NULL, "", UNIT_TEXT },
		{ "why", NULL, "", UNIT_TEXT },
	};
	struct table *t = DOC_TABLE(doc, "verdicts", columns, SHOW_TESTS);

	doc_text(doc, "timestamp", NULL, SHOW_TESTS, "2026-11-21T18:00:00");
	table_row(t);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		cell_text(t, name);
}

static void add_metrics(struct doc *doc, const char *name)
{
	static const struct column columns[] = {
		{ "device", NULL, "", UNIT_TEXT }, { "release", NULL, "", UNIT_TEXT },
		{ "total", NULL, "Calls.", UNIT_COUNT },
	};
	struct table *t = DOC_TABLE(doc, "calls", columns, SHOW_METRICS);

	table_row(t);
	cell_text(t, name);
	cell_text(t, name);
	cell_u64(t, 7);
}

/* In each kind of item and cell. */
static struct doc *doc_of(const char *name)
{
	struct doc *doc = doc_new();
	struct table *t;

	doc_text(doc, "host", "Host", SHOW_ALL, name);
	doc_text(doc, "release", name, SHOW_ALL, name);
	doc_names(doc, "commands", "Commands", SHOW_ALL, &name, 1);
	counters_add(doc_counters(doc, "losses", "Lost", SHOW_ALL), name, 3);
	doc_heading(doc, name);
	doc_line(doc, "%s", name);
	doc_line(doc, "finding: %s", name);
	doc_prose(doc, 2, "parameters %s and %s", name, name);
	t = doc_table(doc, "rows", name, row_columns, ARRAY_SIZE(row_columns), SHOW_ALL);
	add_row(t, name);
	add_row(t, "plain");
	doc_table(doc, "none", name, row_columns, ARRAY_SIZE(row_columns), SHOW_ALL);
	add_bars(doc, name);
	add_folded(doc, name);
	add_tests(doc, name);
	add_metrics(doc, name);
	return doc;
}

/* One way to print a document: a renderer; without one, a stream. */
struct way {
	const struct renderer *renderer;
	bool json;
	struct render_opts opts;
};

static char *streamed(const struct way *w, struct doc *doc, const char *name)
{
	struct doc *rows = doc_new();
	struct table *t = doc_table(rows, "rows", "", row_columns, ARRAY_SIZE(row_columns), SHOW_ALL);
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	struct stream *s = stream_new(fd, w->json, &w->opts);
	char *text = calloc(1, 65536);

	add_row(t, name);
	assert_int_equal(stream_rows(s, t), 0);
	assert_int_equal(stream_end(s, doc), 0);
	assert_int_equal(stream_flush(s, -1), 0);
	assert_true(pread(fd, text, 65535, 0) > 0);
	stream_free(s);
	close(fd);
	doc_free(rows);
	return text;
}

/* What a document with that name in it comes out as; freed by the caller. */
static char *printed(const struct way *w, const char *name)
{
	struct doc *doc = doc_of(name);
	char *text = NULL;
	size_t size;
	FILE *f;

	setlocale(LC_ALL, w->opts.utf8 ? "C.UTF-8" : "C");
	if (w->renderer) {
		f = open_memstream(&text, &size);
		assert_int_equal(w->renderer->render(f, doc, &w->opts), 0);
		fclose(f);
	} else {
		text = streamed(w, doc, name);
		size = strlen(text);
	}
	/* only text is for terminals, whose encoding may not be UTF-8 */
	check_harmless(text, size, w->opts.utf8 || w->json ||
				   (w->renderer && strcmp(w->renderer->name, "text")));
	doc_free(doc);
	setlocale(LC_ALL, "C");
	return text;
}

static void each_way(void (*check)(const struct way *w))
{
	static const int widths[] = { 0, 20 };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(widths); i++) {
		const struct render_opts o = { .width = widths[i / 2], .utf8 = i % 2 };

		for (const struct renderer *r = renderers; r->name; r++)
			check(&(struct way){ r, false, o });
		check(&(struct way){ NULL, false, o });
		check(&(struct way){ NULL, true, o });
	}
}

/* As many lines as a name of as many plain characters makes. */
static void check_lines(const struct way *w)
{
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		char *safe = fmt_printable(hostile[i], w->opts.utf8), plain[64] = "", *text, *like;

		for (const char *s = safe; *s; s++)
			if ((*s & 0xc0) != 0x80)
				strcat(plain, "x");
		text = printed(w, hostile[i]);
		like = printed(w, plain);
		assert_int_equal(breaks(text), breaks(like));
		free(safe);
		free(text);
		free(like);
	}
}

static void nothing_harmful_and_no_line_more(void **state)
{
	(void)state;
	each_way(check_lines);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* JSON decodes to what was put in, so bytes that are no UTF-8 cannot be told apart there. */
static void check_different(const struct way *w)
{
	bool json = w->json || (w->renderer && !strcmp(w->renderer->name, "json"));
	char *texts[ARRAY_SIZE(hostile)];
	size_t n = 0;

	/* narrow text may cut what is not a key */
	if (w->opts.width)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++)
		if (!json || is_utf8(hostile[i]))
			texts[n++] = printed(w, hostile[i]);
	qsort(texts, n, sizeof(*texts), by_text);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(texts[i - 1], texts[i]))
			fail_msg("two names are one in: %s", texts[i]);
	while (n)
		free(texts[--n]);
}

static void different_names_stay_different(void **state)
{
	(void)state;
	each_way(check_different);
}

/* Each byte that is no UTF-8 is one replacement character. */
static void expected_json(const char *name, char *to)
{
	uint32_t code;

	for (size_t len; *name; name += len ? len : 1) {
		len = sequence((const unsigned char *)name, &code);
		to = len ? mempcpy(to, name, len) : stpcpy(to, "\xef\xbf\xbd");
	}
	*to = '\0';
}

static const char *text_of(struct json_object *object)
{
	assert_int_equal(json_object_get_type(object), json_type_string);
	return json_object_get_string(object);
}

static struct json_object *at(struct json_object *o, const char *key)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(o, key, &value));
	return value;
}

static void check_row(struct json_object *row, const char *expected)
{
	struct json_object *parts = at(row, "parts"), *stack = at(row, "stack");

	assert_string_equal(text_of(at(row, "device")), expected);
	assert_string_equal(text_of(at(row, "driver")), expected);
	assert_string_equal(text_of(json_object_array_get_idx(stack, 0)), expected);
	assert_string_equal(text_of(json_object_array_get_idx(stack, 2)), expected);
	assert_string_equal(text_of(at(json_object_array_get_idx(at(row, "errors"), 1), "value")),
			    expected);
	assert_string_equal(text_of(at(json_object_array_get_idx(parts, 0), "name")), expected);
}

static void check_object(struct json_object *o, const char *expected)
{
	assert_string_equal(text_of(at(o, "host")), expected);
	assert_string_equal(text_of(at(o, "release")), expected);
	assert_string_equal(text_of(json_object_array_get_idx(at(o, "commands"), 0)), expected);
	assert_int_equal(json_object_get_int(at(at(o, "losses"), expected)), 3);
	check_row(json_object_array_get_idx(at(o, "rows"), 0), expected);
	assert_string_equal(text_of(at(json_object_array_get_idx(at(o, "bars"), 0), "op")), expected);
}

static struct json_object *parsed(const char *line)
{
	struct json_object *o = json_tokener_parse(line);

	assert_int_equal(json_object_get_type(o), json_type_object);
	return o;
}

static void json_decodes_to_what_was_put_in(void **state)
{
	const struct way whole = { renderer_find("json"), false, { 0 } };
	const struct way stream = { NULL, true, { 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		char *text = printed(&whole, hostile[i]), *rows = printed(&stream, hostile[i]);
		char expected[64], *end;
		struct json_object *o = parsed(text);

		expected_json(hostile[i], expected);
		check_object(o, expected);
		json_object_put(o);
		end = strchr(rows, '\n');
		*end = '\0';
		o = parsed(rows);
		check_row(o, expected);
		json_object_put(o);
		o = parsed(end + 1);
		check_object(o, expected);
		json_object_put(o);
		free(text);
		free(rows);
	}
}

/* Files "0", "1", ... in a directory of their own, which ends in the environment as DIR. */
static void put_files(const char *renderer)
{
	const struct way w = { renderer_find(renderer), false, { 0 } };
	char dir[] = "/tmp/dmatrace-names.XXXXXX", path[64];

	assert_non_null(mkdtemp(dir));
	setenv("DIR", dir, 1);
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		char *text = printed(&w, hostile[i]);
		FILE *f;

		snprintf(path, sizeof(path), "%s/%zu", dir, i);
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(text, f);
		assert_int_equal(fclose(f), 0);
		free(text);
	}
}

static void is_read(const char *renderer, const char *reader, const char *command)
{
	int code;

	setenv("READER", reader, 1);
	if (system("command -v $READER >/dev/null"))
		skip();
	put_files(renderer);
	code = system(command);
	assert_int_equal(system("rm -r \"$DIR\""), 0);
	assert_int_equal(code, 0);
}

static void xml_is_valid(void **state)
{
	(void)state;
	is_read("junit", "xmllint",
		"xmllint --noout --schema tests/unit/junit.xsd \"$DIR\"/* 2>\"$DIR/err\" || "
		"{ grep -v validates \"$DIR/err\"; false; }");
}

static void openmetrics_are_valid(void **state)
{
	(void)state;
	is_read("openmetrics", "python3", "python3 tests/openmetrics.py \"$DIR\"/*");
}

/* GitHub's runner takes a line for a command that begins with "::". */
static void annotations_are_one_line_each(void **state)
{
	const struct way w = { renderer_find("github"), false, { 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		char *text = printed(&w, hostile[i]), *second, *message;

		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
		assert_ptr_equal(strstr(text, "::error title=dmatrace check%3A "), text);
		/* the title has no other colon and no comma; the runner decodes these %XX only */
		message = strstr(text + 2, "::");
		second = strpbrk(text + 2, ":,");
		assert_ptr_equal(second, message);
		for (char *s = strchr(text, '%'); s; s = strchr(s + 1, '%'))
			assert_true(!memcmp(s, "%25", 3) ||
				    (s < message && (!memcmp(s, "%3A", 3) || !memcmp(s, "%2C", 3))));
		free(text);
	}
}

static void frames_are_separated_by_us(void **state)
{
	const struct way w = { renderer_find("folded"), false, { 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		char *text = printed(&w, hostile[i]), *in = strstr(text, ";in;");

		assert_non_null(in);
		assert_ptr_equal(strchr(text, ';'), in);
		assert_ptr_equal(strrchr(text, ';'), in + 3);
		assert_string_equal(strrchr(text, ' '), " 7\n");
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_harmful_and_no_line_more),
		cmocka_unit_test(different_names_stay_different),
		cmocka_unit_test(json_decodes_to_what_was_put_in),
		cmocka_unit_test(xml_is_valid),
		cmocka_unit_test(openmetrics_are_valid),
		cmocka_unit_test(annotations_are_one_line_each),
		cmocka_unit_test(frames_are_separated_by_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
