// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms as bars: what rows there are, how long bars are at any width, with what characters.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/doc.h"
#include "render/render.h"
#include "render/cell.h"
#include "render/private.h"

static const struct column columns[] = {
	{ "device", "device", "name", UNIT_TEXT, SHOW_ALL },
	{ "time", "time", "in calls", UNIT_HIST_NS, SHOW_ALL },
	{ "calls", "calls", "for programs", UNIT_COUNT, SHOW_DATA },
	{ "unseen", "unseen", "for people, too", UNIT_COUNT, SHOW_ALL },
};

static void check(const struct doc *doc, const char *format, struct render_opts o,
		  const char *expected)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(renderer_find(format)->render(out, doc, &o), 0);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static struct doc_hist *some(size_t n, const struct doc_bucket *buckets)
{
	struct doc_hist *hist = doc_hist_new(n);

	memcpy(hist->buckets, buckets, n * sizeof(*buckets));
	for (size_t i = 0; i < n; i++) {
		hist->count += buckets[i].count;
		hist->sum += buckets[i].count * buckets[i].min;
	}
	hist->p50 = 1100;
	hist->p90 = hist->p99 = 4200;
	hist->max = 4300;
	return hist;
}

static void bars_row(struct table *t, const char *device, struct doc_hist *hist,
		     unsigned long long unseen)
{
	table_row(t);
	cell_text(t, device);
	cell_hist(t, hist);
	cell_u64(t, 100);
	cell_u64(t, unseen);
}

/* Two buckets of one power of two, none of the next, and few. */
static struct doc *sample(const char *device)
{
	static const struct doc_bucket buckets[] = {
		{ 1024, 1151, 30 }, { 1920, 2047, 50 }, { 4096, 4607, 7 },
	};
	struct doc *doc = doc_new();

	bars_row(doc_bars(doc, "spread", columns, 4, SHOW_ALL), device, some(3, buckets), 0);
	return doc;
}

static void a_row_for_each_power_of_two(void **state)
{
	struct doc *doc = sample("nvme");

	(void)state;
	check(doc, "text", (struct render_opts){ .width = 42 },
	      "device nvme: count 87, mean 1.8us,\n"
	      "  p50 1.1us, p90 4.2us, p99 4.2us,\n"
	      "  max 4.3us\n"
	      "[1.0us, 2.0us) 80 ########################\n"
	      "[2.0us, 4.1us)  0\n"
	      "[4.1us, 8.2us)  7 ##\n");
	check(doc, "text", (struct render_opts){ .width = 22, .utf8 = true },
	      "device nvme: count 87,\n"
	      "  mean 1.8us,\n"
	      "  p50 1.1us,\n"
	      "  p90 4.2us,\n"
	      "  p99 4.2us,\n"
	      "  max 4.3us\n"
	      "[1.0us, 2.0us) 80 ████\n"
	      "[2.0us, 4.1us)  0\n"
	      "[4.1us, 8.2us)  7 ▍\n");
	/* there is no room for bars */
	check(doc, "text", (struct render_opts){ .width = 1 },
	      "device nvme:\n"
	      "  count 87,\n"
	      "  mean 1.8us,\n"
	      "  p50 1.1us,\n"
	      "  p90 4.2us,\n"
	      "  p99 4.2us,\n"
	      "  max 4.3us\n"
	      "[1.0us, 2.0us) 80\n"
	      "[2.0us, 4.1us)  0\n"
	      "[4.1us, 8.2us)  7\n");
	doc_free(doc);
}

static void programs_get_every_bucket(void **state)
{
	struct doc *doc = sample("nvme");

	(void)state;
	check(doc, "json", (struct render_opts){ 0 },
	      "{\"spread\":[{\"device\":\"nvme\",\"time\":{\"count\":87,\"sum_ns\":155392,"
	      "\"max_ns\":4300,\"p50_ns\":1100,\"p90_ns\":4200,\"p99_ns\":4200,\"buckets\":["
	      "{\"min\":1024,\"max\":1151,\"count\":30},{\"min\":1920,\"max\":2047,\"count\":50},"
	      "{\"min\":4096,\"max\":4607,\"count\":7}]},\"calls\":100,\"unseen\":0}]}\n");
	check(doc, "folded", (struct render_opts){ 0 }, "");
	doc_free(doc);
}

static void ends_are_rows_of_their_own(void **state)
{
	static const struct doc_bucket buckets[] = {
		{ 0, 0, 1 }, { 1, 1, 2 }, { 1ull << 36, ULLONG_MAX, 3 },
	};
	static const struct doc_bucket top[] = { { 1ull << 63, ULLONG_MAX, 1 } };
	struct doc *doc = doc_new();
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	const struct render_opts o = { .width = 30 };

	(void)state;
	bars_row(doc_bars(doc, "spread", columns, 4, SHOW_ALL), "a", some(3, buckets), 5);
	assert_int_equal(render_text(out, doc, &o), 0);
	fclose(out);
	assert_non_null(strstr(text, "\n  unseen 5\n[    0ns,     1ns) 1 ###\n"
			       "[    1ns,     2ns) 2 ######\n[    2ns,     4ns) 0\n"));
	assert_non_null(strstr(text, "\n[  34.4s,   1m09s) 0\n[  1m09s,     ...) 3 #########\n"));
	free(text);
	doc_free(doc);
	doc = doc_new();
	bars_row(doc_bars(doc, "spread", columns, 4, SHOW_ALL), "a", some(1, top), 0);
	out = open_memstream(&text, &len);
	assert_int_equal(render_text(out, doc, &o), 0);
	fclose(out);
	assert_non_null(strstr(text, ", ...) 1 ##"));
	free(text);
	doc_free(doc);
}

static void none_and_not_known_differ(void **state)
{
	struct doc *doc = doc_new();
	struct table *t;

	(void)state;
	doc_line(doc, "above");
	t = doc_bars(doc, "spread", columns, 4, SHOW_ALL);
	bars_row(t, "nvme", NULL, 3);
	bars_row(t, NULL, doc_hist_new(0), 0);
	doc_line(doc, "below");
	check(doc, "text", (struct render_opts){ 0 },
	      "above\n\ndevice nvme: time -, unseen 3\n\ndevice -: count 0\n\nbelow\n");
	doc_free(doc);
}

static void names_cannot_steer_a_terminal(void **state)
{
	struct doc *doc = sample("\033[2J\nn\xff");

	(void)state;
	check(doc, "text", (struct render_opts){ .width = 80, .colour = true },
	      "\033[1mdevice \\x1b[2J\\x0an\\xff\033[0m: count 87, mean 1.8us, p50 1.1us, p90 4.2us, "
	      "p99 4.2us,\n  max 4.3us\n"
	      "[1.0us, 2.0us) 80 ##############################################################\n"
	      "[2.0us, 4.1us)  0\n"
	      "[4.1us, 8.2us)  7 #####\n");
	doc_free(doc);
}

/* The longest line of numbers and bars, in characters. */
static size_t widest(const char *text)
{
	size_t most = 0;

	for (char *copy = strdup(text), *left = copy, *line; ; ) {
		line = strsep(&left, "\n");
		if (!line) {
			free(copy);
			return most;
		}
		if (*line == '[' && text_chars(line) > most)
			most = text_chars(line);
	}
}

static void the_longest_bar_ends_where_the_line_does(void **state)
{
	const size_t numbers = strlen("[1.0us, 2.0us) 80");
	struct doc *doc = sample("nvme");

	(void)state;
	for (int width = 1; width <= 300; width++) {
		for (int utf8 = 0; utf8 < 2; utf8++) {
			const struct render_opts o = { .width = width, .utf8 = utf8 };
			bool bars = (size_t)width > numbers + 1;
			char *text = NULL;
			size_t len;
			FILE *out = open_memstream(&text, &len);

			assert_int_equal(render_text(out, doc, &o), 0);
			fclose(out);
			assert_int_equal(widest(text), bars ? (size_t)width : numbers);
			free(text);
		}
	}
	doc_free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_for_each_power_of_two),
		cmocka_unit_test(programs_get_every_bucket),
		cmocka_unit_test(ends_are_rows_of_their_own),
		cmocka_unit_test(none_and_not_known_differ),
		cmocka_unit_test(names_cannot_steer_a_terminal),
		cmocka_unit_test(the_longest_bar_ends_where_the_line_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
