// SPDX-License-Identifier: GPL-2.0
/*
 * Documents: what goes in comes out, in order, copied; rows that do not match their columns
 * stop the program where the mistake is.
 */
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/doc.h"
#include "base/list.h"

static const struct column columns[] = {
	{ "name", "NAME", "text", UNIT_TEXT, 0 },
	{ "calls", "CALLS", "number", UNIT_COUNT, SHOW_ALL },
	{ "latency", "LATENCY", "histogram", UNIT_HIST_NS, SHOW_ALL },
	{ "errors", "ERRORS", "list", UNIT_LIST, SHOW_ALL },
};

static void fields_keep_order_and_are_copied(void **state)
{
	char text[] = "first";
	struct doc *doc = doc_new();
	const struct item *item;

	(void)state;
	doc_text(doc, "a", "A", SHOW_ALL, text);
	text[0] = 'X';
	doc_text(doc, "b", NULL, SHOW_DATA, NULL);
	doc_u64(doc, "c", "C", UNIT_NS, SHOW_TEXT, ULLONG_MAX);
	doc_line(doc, "%s %d", "line", 7);

	item = doc_items(doc);
	assert_int_equal(item->kind, ITEM_FIELD);
	assert_string_equal(item->value.text, "first");
	item = item->next;
	assert_int_equal(item->value.kind, CELL_ABSENT);
	assert_string_equal(item->title, "b");
	assert_int_equal(item->show, SHOW_DATA);
	item = item->next;
	assert_int_equal(item->unit, UNIT_NS);
	assert_true(item->value.u64 == ULLONG_MAX);
	item = item->next;
	assert_int_equal(item->kind, ITEM_LINE);
	assert_int_equal(item->show, SHOW_TEXT);
	assert_string_equal(item->value.text, "line 7");
	assert_null(item->next);
	doc_free(doc);
}

static void an_empty_document(void **state)
{
	struct doc *doc = doc_new();

	(void)state;
	assert_null(doc_items(doc));
	doc_free(doc);
	doc_free(NULL);
}

static void tables_grow_and_own_their_cells(void **state)
{
	char name[] = "EIO";
	const struct cell_pair pairs[] = { { name, 3 } };
	struct doc *doc = doc_new();
	struct table *t = doc_table(doc, "t", "T", columns, ARRAY_SIZE(columns), SHOW_ALL);
	const struct cell *cells;

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct doc_hist *hist = doc_hist_new(1);

		hist->buckets[0] = (struct doc_bucket){ .min = 1, .max = ULLONG_MAX, .count = 2 };
		table_row(t);
		cell_text(t, "x");
		cell_s64(t, -i);
		cell_hist(t, hist);
		cell_list(t, pairs, 1);
	}
	table_row(t);
	cell_text(t, NULL);
	cell_absent(t);
	cell_hist(t, NULL);
	cell_list(t, NULL, 0);
	name[0] = 'X';

	assert_int_equal(t->nrows, 101);
	cells = table_cells(t, 99);
	assert_int_equal(cells[1].s64, -99);
	assert_int_equal(cells[2].hist->buckets[0].count, 2);
	assert_string_equal(cells[3].list->items[0].name, "EIO");
	cells = table_cells(t, 100);
	for (int i = 0; i < 3; i++)
		assert_int_equal(cells[i].kind, CELL_ABSENT);
	assert_int_equal(cells[3].list->count, 0);
	doc_free(doc);
}

static void numbers_may_not_be_known(void **state)
{
	const struct column number[] = { { "n", "N", "number", UNIT_COUNT, SHOW_ALL } };
	struct doc *doc = doc_new();
	struct table *t = DOC_TABLE(doc, "t", number, SHOW_ALL);

	(void)state;
	table_row(t);
	cell_when(t, true, 0);
	table_row(t);
	cell_when(t, false, 7);
	assert_int_equal(table_cells(t, 0)->kind, CELL_U64);
	assert_int_equal(table_cells(t, 0)->u64, 0);
	assert_int_equal(table_cells(t, 1)->kind, CELL_ABSENT);
	doc_free(doc);
}

static void bars_own_their_columns(void **state)
{
	struct column one[] = { { "name", "NAME", "a name", UNIT_TEXT, SHOW_ALL } };
	struct doc *doc = doc_new();
	struct table *t = doc_bars(doc, "spread", one, 1, SHOW_DATA);

	(void)state;
	one[0].key = "gone";
	table_row(t);
	cell_text(t, "EIO");
	assert_int_equal(doc_items(doc)->kind, ITEM_BARS);
	assert_int_equal(doc_items(doc)->show, SHOW_DATA);
	assert_string_equal(doc_items(doc)->table.cols[0].key, "name");
	doc_free(doc);
}

static void counters_stay_valid_while_the_document_grows(void **state)
{
	struct doc *doc = doc_new();
	struct counters *lost = doc_counters(doc, "lost", "Lost", SHOW_ALL);

	(void)state;
	for (int i = 0; i < 100; i++)
		doc_line(doc, "%d", i);
	counters_add(lost, "ring", 0);
	counters_add(lost, "stack", 5);
	assert_int_equal(doc_items(doc)->counters.list.count, 2);
	assert_int_equal(doc_items(doc)->counters.list.items[1].count, 5);
	doc_free(doc);
}

static void show_decides_where(void **state)
{
	(void)state;
	assert_true(shown(0, SHOW_TEXT) && shown(0, SHOW_DATA));
	assert_true(shown(SHOW_ALL, SHOW_TEXT) && shown(SHOW_ALL, SHOW_DATA));
	assert_true(shown(SHOW_TEXT, SHOW_TEXT) && !shown(SHOW_TEXT, SHOW_DATA));
	assert_true(shown(SHOW_DATA, SHOW_DATA) && !shown(SHOW_DATA, SHOW_TEXT));
}

static void too_few_cells(struct table *t)
{
	table_row(t);
	cell_text(t, "x");
	table_row(t);
}

static void last_row_too_short(struct table *t)
{
	table_row(t);
	cell_text(t, "x");
	table_cells(t, 0);
}

static void too_many_cells(struct table *t)
{
	table_row(t);
	for (size_t i = 0; i <= ARRAY_SIZE(columns); i++)
		cell_absent(t);
}

static void cell_without_row(struct table *t)
{
	cell_absent(t);
}

static void number_for_text(struct table *t)
{
	table_row(t);
	cell_u64(t, 1);
}

static void text_for_number(struct table *t)
{
	table_row(t);
	cell_absent(t);
	cell_text(t, "1");
}

static int ends_by(void (*mistake)(struct table *))
{
	pid_t child = fork();
	int status;

	if (!child) {
		const struct rlimit no_core = { 0, 0 };
		struct doc *doc = doc_new();

		signal(SIGABRT, SIG_DFL);	/* cmocka would report it as this test's failure */
		setrlimit(RLIMIT_CORE, &no_core);
		close(STDERR_FILENO);
		mistake(doc_table(doc, "t", "T", columns, ARRAY_SIZE(columns), SHOW_ALL));
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void wrong_rows_abort(void **state)
{
	static void (*const mistakes[])(struct table *) = {
		too_few_cells, last_row_too_short, too_many_cells, cell_without_row,
		number_for_text, text_for_number,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++)
		assert_int_equal(ends_by(mistakes[i]), SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_keep_order_and_are_copied),
		cmocka_unit_test(an_empty_document),
		cmocka_unit_test(tables_grow_and_own_their_cells),
		cmocka_unit_test(numbers_may_not_be_known),
		cmocka_unit_test(bars_own_their_columns),
		cmocka_unit_test(counters_stay_valid_while_the_document_grows),
		cmocka_unit_test(show_decides_where),
		cmocka_unit_test(wrong_rows_abort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
