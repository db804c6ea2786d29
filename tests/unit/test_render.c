// SPDX-License-Identifier: GPL-2.0
/*
 * The same small documents through each renderer, compared to the letter: widths, absent and
 * extreme values, hostile strings, and what happens when the output goes away.
 */
#include <limits.h>
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <errno.h>

#include "base/doc.h"
#include "base/list.h"
#include "render/render.h"

static char *render_with(const char *name, const struct doc *doc, struct render_opts o)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(renderer_find(name)->render(f, doc, &o), 0);
	fclose(f);
	return text;
}

static void check_text(const struct doc *doc, struct render_opts o, const char *expected)
{
	char *text = render_with("text", doc, o);

	assert_string_equal(text, expected);
	free(text);
}

static void check_json(const struct doc *doc, const char *expected)
{
	char *text = render_with("json", doc, (struct render_opts){ 0 });

	assert_string_equal(text, expected);
	free(text);
}

static const struct column device_columns[] = {
	{ "device", "DEVICE", "name", UNIT_TEXT, 0 },
	{ "driver", "DRIVER", "driver", UNIT_TEXT, 0 },
	{ "calls", "CALLS", "calls", UNIT_COUNT, 0 },
	{ "size", "BYTES", "bytes", UNIT_BYTES, 0 },
	{ "time", "TIME", "time", UNIT_NS, 0 },
	{ "id", "ID", "for machines", UNIT_COUNT, SHOW_DATA },
	{ "hint", "HINT", "for people", UNIT_TEXT, SHOW_TEXT },
	{ "latency", "LATENCY", "time in the call", UNIT_HIST_NS, 0 },
	{ "errors", "ERRORS", "errors", UNIT_LIST, 0 },
};

static struct doc_hist *sample_hist(void)
{
	struct doc_hist *hist = doc_hist_new(2);

	hist->count = 4;
	hist->sum = 9000;
	hist->max = hist->p99 = 5000;
	hist->p50 = 1400;
	hist->p90 = 2000;
	hist->buckets[0] = (struct doc_bucket){ 1024, 2047, 3 };
	hist->buckets[1] = (struct doc_bucket){ 4096, ULLONG_MAX, 1 };
	return hist;
}

static void add_devices(struct doc *doc)
{
	static char enomem[] = "ENOMEM", eio[] = "EIO";
	static const struct cell_pair errors[] = { { enomem, 3 }, { eio, 123456 } };
	struct table *t = doc_table(doc, "devices", "DMA by device", device_columns,
				    ARRAY_SIZE(device_columns), SHOW_ALL);

	table_row(t);
	cell_text(t, "0000:00:1f.2");
	cell_text(t, "ahci");
	cell_u64(t, 99999);
	cell_u64(t, 756ULL << 20);
	cell_u64(t, 1400);
	cell_u64(t, 1);
	cell_text(t, "ok");
	cell_hist(t, sample_hist());
	cell_list(t, errors, 2);

	table_row(t);
	cell_text(t, "nvme0");
	cell_absent(t);
	cell_u64(t, ULLONG_MAX);
	cell_s64(t, -2048);
	cell_absent(t);
	cell_u64(t, ULLONG_MAX);
	cell_absent(t);
	cell_hist(t, doc_hist_new(0));
	cell_list(t, NULL, 0);
}

static void add_paths(struct doc *doc)
{
	static const struct column columns[] = {
		{ "frames", NULL, "", UNIT_NAMES, SHOW_FOLDED },
		{ "weight", NULL, "", UNIT_COUNT, SHOW_FOLDED },
	};
	char *const path[] = { "dma_map_phys", "probe [driver]", "a;b\x1b[31m" };
	struct table *t = doc_table(doc, "folded", "", columns, 2, SHOW_FOLDED);

	table_row(t);
	cell_names(t, path, 3);
	cell_u64(t, 7);
	table_row(t);
	cell_names(t, path, 0);
	cell_u64(t, 1);
}

static const struct column verdict_columns[] = {
	{ "limit", NULL, "", UNIT_TEXT }, { "subject", NULL, "", UNIT_TEXT },
	{ "value", NULL, "", UNIT_TEXT }, { "verdict", NULL, "", UNIT_TEXT },
	{ "why", NULL, "", UNIT_TEXT },
};

static void add_verdict(struct doc *doc)
{
	struct table *t = DOC_TABLE(doc, "verdicts", verdict_columns, SHOW_TESTS);

	doc_text(doc, "timestamp", NULL, SHOW_TESTS, "2026-11-21T18:00:00");
	table_row(t);
	cell_text(t, "max bounced=0");
	cell_text(t, "all devices");
	cell_text(t, "3");
	cell_text(t, "failed");
	cell_text(t, NULL);
}

static struct doc *sample(void)
{
	struct doc *doc = doc_new();
	struct counters *lost;

	doc_text(doc, "kernel", "Kernel", SHOW_ALL, "6.12.48");
	doc_u64(doc, "duration_ns", "Duration", UNIT_NS, SHOW_ALL, 10000000000);
	doc_u64(doc, "version", "Version", UNIT_COUNT, SHOW_DATA, 1);
	doc_text(doc, "command", "Command", SHOW_ALL, NULL);
	doc_u64(doc, "mapped", "Mapped", UNIT_BYTES, SHOW_ALL, ULLONG_MAX);
	lost = doc_counters(doc, "lost", "Lost", SHOW_ALL);
	counters_add(lost, "ring", 0);
	counters_add(lost, "stacks", 0);
	add_devices(doc);
	add_paths(doc);
	add_verdict(doc);
	doc_line(doc, "Next: %s", "dmatrace explain bounce-mask");
	return doc;
}

/* What people get to see of it, where there is room. */
#define SAMPLE_HEAD \
"Kernel: 6.12.48  Duration: 10.0s  Command: -  Mapped: 16.0EiB  Lost: none\n"
#define SAMPLE_ROWS \
"\n" \
"DMA by device\n" \
"DEVICE       DRIVER CALLS    BYTES  TIME HINT   P50   P90   P99   MAX ERRORS\n" \
"0000:00:1f.2 ahci   99999 756.0MiB 1.4us ok   1.4us 2.0us 5.0us 5.0us ENOMEM 3, EIO 123.5k\n" \
"nvme0        -      18.4E  -2.0KiB     - -        -     -     -     - -\n" \
"\n" \
"Next: dmatrace explain bounce-mask\n"

static void text_200(void **state)
{
	struct doc *doc = sample();

	(void)state;
	check_text(doc, (struct render_opts){ .width = 200 }, SAMPLE_HEAD SAMPLE_ROWS);
	check_text(doc, (struct render_opts){ .width = 0 }, SAMPLE_HEAD SAMPLE_ROWS);
	doc_free(doc);
}

static void text_80_cuts_no_numbers(void **state)
{
	struct doc *doc = sample();

	(void)state;
	check_text(doc, (struct render_opts){ .width = 80 }, SAMPLE_HEAD SAMPLE_ROWS);
	doc_free(doc);
}

static void text_40_keeps_numbers_and_names(void **state)
{
	struct doc *doc = sample();

	(void)state;
	check_text(doc, (struct render_opts){ .width = 40 },
"Kernel: 6.12.48  Duration: 10.0s\n"
"Command: -  Mapped: 16.0EiB  Lost: none\n"
SAMPLE_ROWS);
	doc_free(doc);
}

static void cut_text_is_marked(void **state)
{
	static const struct column columns[] = { { "device", "DEVICE", "name", UNIT_TEXT, 0 },
						 { "calls", "CALLS", "calls", UNIT_COUNT, 0 },
						 { "cause", "CAUSE", "why", UNIT_TEXT, 0, 5 } };
	struct doc *doc = doc_new();
	struct table *t = doc_table(doc, "t", "", columns, 3, SHOW_ALL);

	(void)state;
	table_row(t);
	cell_text(t, "0000:00:1f.2");
	cell_u64(t, 99999);
	cell_text(t, "na\xc3\xafve mask of 30 bits");
	table_row(t);
	cell_text(t, "nvme0");
	cell_u64(t, 1);
	cell_text(t, "short");
	setlocale(LC_ALL, "C");
	check_text(doc, (struct render_opts){ .width = 39 },
		   "DEVICE       CALLS CAUSE\n"
		   "0000:00:1f.2 99999 na\\u{ef}ve mask of ~\n"
		   "nvme0            1 short\n");
	setlocale(LC_ALL, "C.UTF-8");
	check_text(doc, (struct render_opts){ .width = 28, .utf8 = true },
		   "DEVICE       CALLS CAUSE\n"
		   "0000:00:1f.2 99999 na\xc3\xafve ma\xe2\x80\xa6\n"
		   "nvme0            1 short\n");
	check_text(doc, (struct render_opts){ .width = 1, .utf8 = true },
		   "DEVICE       CALLS CAUSE\n"
		   "0000:00:1f.2 99999 na\xc3\xafv\xe2\x80\xa6\n"
		   "nvme0            1 short\n");
	doc_free(doc);
	setlocale(LC_ALL, "C");
}

static void json_is_exact(void **state)
{
	struct doc *doc = sample();

	(void)state;
	check_json(doc,
"{\"kernel\":\"6.12.48\",\"duration_ns\":10000000000,\"version\":1,\"command\":null,"
"\"mapped\":18446744073709551615,\"lost\":{\"ring\":0,\"stacks\":0},\"devices\":["
"{\"device\":\"0000:00:1f.2\",\"driver\":\"ahci\",\"calls\":99999,\"size\":792723456,"
"\"time\":1400,\"id\":1,\"latency\":{\"count\":4,\"sum_ns\":9000,\"max_ns\":5000,"
"\"p50_ns\":1400,\"p90_ns\":2000,\"p99_ns\":5000,\"buckets\":["
"{\"min\":1024,\"max\":2047,\"count\":3},{\"min\":4096,\"max\":null,\"count\":1}]},"
"\"errors\":[{\"value\":\"ENOMEM\",\"count\":3},{\"value\":\"EIO\",\"count\":123456}]},"
"{\"device\":\"nvme0\",\"driver\":null,\"calls\":18446744073709551615,\"size\":-2048,"
"\"time\":null,\"id\":18446744073709551615,\"latency\":{\"count\":0,\"sum_ns\":0,"
"\"max_ns\":null,\"p50_ns\":null,\"p90_ns\":null,\"p99_ns\":null,\"buckets\":[]},"
"\"errors\":[]}]}\n");
	doc_free(doc);
}

static void an_empty_document(void **state)
{
	struct doc *doc = doc_new();

	(void)state;
	check_text(doc, (struct render_opts){ .width = 80 }, "");
	check_json(doc, "{}\n");
	doc_free(doc);
}

static const struct column two_hists[] = {
	{ "op", "OP", "operation", UNIT_TEXT, 0 },
	{ "latency", "TIME", "time", UNIT_HIST_NS, 0 },
	{ "size", "SIZE", "size", UNIT_HIST_BYTES, 0 },
};

static void histograms_side_by_side(void **state)
{
	struct doc *doc = doc_new();
	struct table *t = doc_table(doc, "ops", "", two_hists, ARRAY_SIZE(two_hists), 0);

	(void)state;
	table_row(t);
	cell_text(t, "map");
	cell_hist(t, NULL);
	cell_hist(t, sample_hist());
	check_text(doc, (struct render_opts){ .width = 80 },
"OP  TIME P50 TIME P90 TIME P99 TIME MAX SIZE P50 SIZE P90 SIZE P99 SIZE MAX\n"
"map        -        -        -        -   1.4KiB   2.0KiB   4.9KiB   4.9KiB\n");
	check_json(doc, "{\"ops\":[{\"op\":\"map\",\"latency\":null,\"size\":{\"count\":4,"
"\"sum_bytes\":9000,\"max_bytes\":5000,\"p50_bytes\":1400,\"p90_bytes\":2000,"
"\"p99_bytes\":5000,\"buckets\":[{\"min\":1024,\"max\":2047,\"count\":3},"
"{\"min\":4096,\"max\":null,\"count\":1}]}}]}\n");
	doc_free(doc);
}

static void empty_tables_and_order(void **state)
{
	struct doc *doc = doc_new();

	(void)state;
	doc_line(doc, "first");
	doc_table(doc, "a", "Findings", two_hists, 1, SHOW_ALL);
	doc_table(doc, "b", NULL, two_hists, 1, SHOW_TEXT);
	doc_table(doc, "c", "Hidden", two_hists, 1, SHOW_DATA);
	doc_text(doc, "d", "Last", SHOW_ALL, "x");
	doc_line(doc, "%s", "");
	doc_line(doc, "end");
	check_text(doc, (struct render_opts){ .width = 80 },
		   "first\n\nFindings: none\n\nb: none\n\nLast: x\n\nend\n");
	check_json(doc, "{\"a\":[],\"c\":[],\"d\":\"x\"}\n");
	doc_free(doc);
}

static void parts_stand_apart(void **state)
{
	static const char *const names[] = { "map\033", "unmap" };
	struct doc *doc = doc_new();

	(void)state;
	doc_heading(doc, "one\n");
	doc_u64(doc, "calls", "calls", UNIT_COUNT, SHOW_ALL, 1);
	doc_names(doc, "ops", NULL, SHOW_DATA, names, 2);
	doc_heading(doc, "two");
	doc_u64(doc, "calls", "calls", UNIT_COUNT, SHOW_ALL, 2);
	doc_names(doc, "none", "none", SHOW_DATA, names, 0);
	check_text(doc, (struct render_opts){ 0 }, "one\\x0a\ncalls: 1\n\ntwo\ncalls: 2\n");
	check_text(doc, (struct render_opts){ .colour = true },
		   "\033[1mone\\x0a\033[0m\ncalls: 1\n\n\033[1mtwo\033[0m\ncalls: 2\n");
	/* of a key that is there twice the last */
	check_json(doc, "{\"calls\":2,\"ops\":[\"map\\u001b\",\"unmap\"],\"none\":[]}\n");
	doc_free(doc);
}

static void losses_show_what_is_not_zero(void **state)
{
	struct doc *doc = doc_new();
	struct counters *lost = doc_counters(doc, "lost", "Lost", SHOW_ALL);

	(void)state;
	counters_add(lost, "ring", 7);
	counters_add(lost, "stacks", 0);
	counters_add(lost, "devices", ULLONG_MAX);
	check_text(doc, (struct render_opts){ .width = 80 }, "Lost: ring 7, devices 18.4E\n");
	check_json(doc, "{\"lost\":{\"ring\":7,\"stacks\":0,\"devices\":18446744073709551615}}\n");
	doc_free(doc);
}

static struct doc *hostile(void)
{
	static const struct column columns[] = { { "name", "NAME", "name", UNIT_TEXT, 0 },
						 { "list", "LIST", "list", UNIT_LIST, 0 } };
	static char name[] = "\x1b[2J";
	static const struct cell_pair pairs[] = { { name, 1 } };
	struct doc *doc = doc_new();
	struct table *t;

	doc_text(doc, "task", "Task", SHOW_ALL, "a\"\\\x1b]0;x\x07\n\xff" "caf\xc3\xa9");
	doc_line(doc, "%s", "line\r\x9b" "31m");
	t = doc_table(doc, "t", "T\x1b[m", columns, ARRAY_SIZE(columns), SHOW_ALL);
	table_row(t);
	cell_text(t, "\x1b[31m\xc3\xa9");
	cell_list(t, pairs, 1);
	return doc;
}

static void hostile_strings(void **state)
{
	struct doc *doc = hostile();

	(void)state;
	assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
	check_text(doc, (struct render_opts){ .width = 80, .utf8 = true },
"Task: a\"\\\\\\x1b]0;x\\x07\\x0a\\xffcaf\xc3\xa9\n"
"line\\x0d\\x9b31m\n"
"\n"
"T\\x1b[m\n"
"NAME      LIST\n"
"\\x1b[31m\xc3\xa9 \\x1b[2J 1\n");
	assert_non_null(setlocale(LC_ALL, "C"));
	check_text(doc, (struct render_opts){ .width = 80 },
"Task: a\"\\\\\\x1b]0;x\\x07\\x0a\\xffcaf\\u{e9}\n"
"line\\x0d\\x9b31m\n"
"\n"
"T\\x1b[m\n"
"NAME           LIST\n"
"\\x1b[31m\\u{e9} \\x1b[2J 1\n");
	check_json(doc,
"{\"task\":\"a\\\"\\\\\\u001b]0;x\\u0007\\n\xef\xbf\xbd" "caf\xc3\xa9\","
"\"t\":[{\"name\":\"\\u001b[31m\xc3\xa9\",\"list\":[{\"value\":\"\\u001b[2J\",\"count\":1}]}]}\n");
	doc_free(doc);
}

static void colour_is_for_headers(void **state)
{
	struct doc *doc = doc_new();
	struct table *t = doc_table(doc, "t", "T", two_hists, 1, SHOW_ALL);

	(void)state;
	table_row(t);
	cell_text(t, "map");
	check_text(doc, (struct render_opts){ .width = 80, .colour = true },
		   "\033[1mT\033[0m\n\033[1mOP\033[0m\nmap\n");
	check_text(doc, (struct render_opts){ .width = 80 }, "T\nOP\nmap\n");
	doc_free(doc);
}

static void renderers_are_found_by_name(void **state)
{
	(void)state;
	for (const struct renderer *r = renderers; r->name; r++)
		assert_ptr_equal(renderer_find(r->name), r);
	assert_null(renderer_find("xml"));
	assert_null(renderer_find(""));
}

static void options_without_a_terminal(void **state)
{
	FILE *f = tmpfile();
	struct render_opts o;

	(void)state;
	unsetenv("COLUMNS");
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	setlocale(LC_ALL, "C");
	o = render_opts_for(f);
	assert_int_equal(o.width, 0);
	assert_false(o.colour);
	assert_false(o.utf8);

	setenv("COLUMNS", "132", 1);
	setlocale(LC_ALL, "C.UTF-8");
	o = render_opts_for(f);
	assert_int_equal(o.width, 132);
	assert_true(o.utf8);
	setenv("COLUMNS", "wide", 1);
	assert_int_equal(render_opts_for(f).width, 0);
	fclose(f);
}

/* Outermost first; what means something to readers of it, or to a terminal, is neutralised. */
static void folded(void **state)
{
	struct doc *doc = sample();
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(renderer_find("folded")->render(f, doc, &(struct render_opts){ 0 }), 0);
	fclose(f);
	assert_string_equal(text, "a\\x3bb\\x1b[31m;probe [driver];dma_map_phys 7\n(lost) 1\n");
	free(text);
	doc_free(doc);
}

/* Renders into f and gives what was said on stderr; the render's code goes to *err. */
static const char *complaint(const char *renderer, FILE *f, int *err)
{
	static char said[256];
	struct doc *doc = sample();
	struct render_opts o = { .width = 80 };
	FILE *log = tmpfile();
	int saved = dup(STDERR_FILENO);

	dup2(fileno(log), STDERR_FILENO);
	*err = renderer_find(renderer)->render(f, doc, &o);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(log);
	said[fread(said, 1, sizeof(said) - 1, log)] = '\0';
	fclose(log);
	doc_free(doc);
	return said;
}

static void a_full_disk_is_reported_once(void **state)
{
	int err;

	(void)state;
	for (const struct renderer *r = renderers; r->name; r++) {
		FILE *full = fopen("/dev/full", "w");

		assert_string_equal(complaint(r->name, full, &err),
			"dmatrace: cannot write the report: No space left on device\n");
		assert_int_equal(err, -ENOSPC);
		fclose(full);
	}
}

static void a_reader_that_left_is_no_complaint(void **state)
{
	int err, ends[2];
	FILE *f;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	f = fdopen(ends[1], "w");
	assert_string_equal(complaint("json", f, &err), "");
	assert_int_equal(err, -EPIPE);
	fputs("more", f);
	assert_int_equal(render_flush(f), -EPIPE);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_200),
		cmocka_unit_test(text_80_cuts_no_numbers),
		cmocka_unit_test(cut_text_is_marked),
		cmocka_unit_test(text_40_keeps_numbers_and_names),
		cmocka_unit_test(json_is_exact),
		cmocka_unit_test(an_empty_document),
		cmocka_unit_test(histograms_side_by_side),
		cmocka_unit_test(empty_tables_and_order),
		cmocka_unit_test(parts_stand_apart),
		cmocka_unit_test(losses_show_what_is_not_zero),
		cmocka_unit_test(hostile_strings),
		cmocka_unit_test(colour_is_for_headers),
		cmocka_unit_test(renderers_are_found_by_name),
		cmocka_unit_test(options_without_a_terminal),
		cmocka_unit_test(folded),
		cmocka_unit_test(a_full_disk_is_reported_once),
		cmocka_unit_test(a_reader_that_left_is_no_complaint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
