// SPDX-License-Identifier: GPL-2.0
/*
 * Events, as they come, to the letter: absent values, hostile names, columns that grow; and readers
 * that are slow, gone, or full.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

#include "base/bytes.h"
#include "base/list.h"
#include "model/event.h"
#include "render/private.h"
#include "render/stream.h"
#include "report/report.h"

static char *const callers[] = { "dma_map_page_attrs", "probe [drv]" };
static const struct frames path = { .names = (char **)callers, .count = 2 };

static const struct event map = {
	.time_ns = 1234567890, .cpu = 3, .task = "sh", .thread = 42,
	.device = "0000:00:02.0", .bus = "pci", .driver = "nvme", .op = DMT_OP_MAP,
	.direction = DMT_TO_DEVICE, .size = 4096, .address = 0xfffff000, .phys = 0x1000,
	.virt = 0xffff888000001000,
	.path = VIA_DIRECT, .context = CONTEXT_TASK, .latency_known = true, .latency_ns = 850,
	.stack = &path,
};

/* Nothing known but that it was there, and that it failed. */
static const struct event bare = {
	.op = DMT_OP_BOUNCE, .direction = DMT_UNKNOWN, .reason = REASON_MASK, .failed = true,
	.failure = FAILS_ADDRESS, .value = -1, .context = CONTEXT_HARDIRQ,
};

static void print(struct stream *s, const struct event *e, bool stacks)
{
	struct doc *doc = doc_new();
	struct table *t = report_events(doc, stacks);

	if (e)
		report_event(t, e, stacks);
	assert_int_equal(stream_rows(s, t), 0);
	doc_free(doc);
}

/* What was printed to a file so far; freed by the caller. */
static char *printed(struct stream *s, int fd)
{
	char *text = calloc(1, 8192);

	assert_int_equal(stream_flush(s, -1), 0);
	assert_int_equal(stream_waiting(s), 0);
	assert_true(pread(fd, text, 8191, 0) >= 0);
	return text;
}

static int file(void)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	assert_true(fd >= 0);
	return fd;
}

static void expect(bool json, bool stacks, const struct event *const *events, size_t count,
		   const char *expected)
{
	struct render_opts opts = { .utf8 = true };
	int fd = file();
	struct stream *s = stream_new(fd, json, &opts);
	char *text;

	print(s, NULL, stacks);
	for (size_t i = 0; i < count; i++)
		print(s, events[i], stacks);
	text = printed(s, fd);
	assert_string_equal(text, expected);
	free(text);
	stream_free(s);
	close(fd);
}

#define TITLES "       TIME CPU TASK         THREAD DEVICE       DRIVER   OP       DIRECTION  " \
	       "     SIZE     ADDRESS        PHYS               VIRT LATENCY PATH         ERROR"

static void text(void **state)
{
	struct event hostile = map;
	const struct event *const events[] = { &map, &bare, &hostile };

	(void)state;
	hostile.task = "\033[31m a long name";
	expect(false, false, events, 3,
	       TITLES "\n"
	       "   1.234567   3 sh               42 0000:00:02.0 nvme     map      to_device  "
	       "   4.0KiB  0xfffff000      0x1000 0xffff888000001000   850ns direct       -\n"
	       "   0.000000   0 -                 - -            -        bounce   -          "
	       "       0B           -           -                  -       - mask         DMA_MAPPING_ERROR\n"
	       "   1.234567   3 \\x1b[31m a long name     42 0000:00:02.0 nvme     map      "
	       "to_device     4.0KiB  0xfffff000      0x1000 0xffff888000001000   850ns direct       -\n");
}

static void text_with_stack(void **state)
{
	const struct event *const events[] = { &map, &bare };

	(void)state;
	expect(false, true, events, 2,
	       TITLES " STACK\n"
	       "   1.234567   3 sh               42 0000:00:02.0 nvme     map      to_device  "
	       "   4.0KiB  0xfffff000      0x1000 0xffff888000001000   850ns direct       -     "
	       "dma_map_page_attrs < probe [drv]\n"
	       "   0.000000   0 -                 - -            -        bounce   -          "
	       "       0B           -           -                  -       - mask         DMA_MAPPING_ERROR -\n");
}

static void json(void **state)
{
	const struct event *const events[] = { &map, &bare };

	(void)state;
	expect(true, true, events, 2,
	       "{\"time_ns\":1234567890,\"cpu\":3,\"context\":\"task\",\"task\":\"sh\","
	       "\"thread\":42,\"device\":\"0000:00:02.0\",\"bus\":\"pci\",\"driver\":\"nvme\","
	       "\"op\":\"map\",\"direction\":\"to_device\",\"size\":4096,"
	       "\"address\":4294963200,\"phys\":4096,\"virt\":18446612682070036480,\"latency_ns\":850,\"path\":\"direct\","
	       "\"bounce_reason\":null,\"phase\":null,\"error\":null,"
	       "\"stack\":[\"dma_map_page_attrs\",\"probe [drv]\"]}\n"
	       "{\"time_ns\":0,\"cpu\":0,\"context\":\"hardirq\",\"task\":null,"
	       "\"thread\":null,\"device\":null,\"bus\":null,\"driver\":null,"
	       "\"op\":\"bounce\",\"direction\":null,\"size\":0,\"address\":null,"
	       "\"phys\":null,\"virt\":null,\"latency_ns\":null,\"path\":null,\"bounce_reason\":\"mask\","
	       "\"phase\":null,\"error\":\"DMA_MAPPING_ERROR\",\"stack\":null}\n");
}

static void end_of(bool as_json, char **out)
{
	struct render_opts opts = { 0 };
	int fd = file();
	struct stream *s = stream_new(fd, as_json, &opts);
	struct model m = { .losses = { { "events_lost", 7 } }, .nlosses = 1 };
	const struct report_opts end = { .events = 5, .events_filtered = 2 };
	struct doc *doc = report_make(&report_events_end, &m, NULL, &end);

	assert_int_equal(stream_end(s, doc), 0);
	*out = printed(s, fd);
	doc_free(doc);
	stream_free(s);
	close(fd);
}

static void end(void **state)
{
	char *out, *line, *rest;

	(void)state;
	end_of(true, &out);
	assert_ptr_equal(strstr(out, "{\"end\":true,\"events\":5,\"events_filtered\":2,"), out);
	assert_non_null(strstr(out, "\"losses\":{\"events_lost\":7}"));
	assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
	free(out);
	end_of(false, &out);
	assert_ptr_equal(strstr(out, "# events: 5 "), out);
	assert_non_null(strstr(out, "\n# losses: events_lost 7\n"));
	for (line = strtok_r(out, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		assert_memory_equal(line, "# ", 2);
	free(out);
}

/* A reader that does not read keeps nobody waiting, one that reads gets all, in order. */
static void slow_reader(void **state)
{
	struct render_opts opts = { 0 };
	size_t got = 0, total;
	char buf[65536];
	struct stream *s;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	s = stream_new(fds[1], true, &opts);
	while (stream_waiting(s) < 300000)
		print(s, &map, false);
	total = stream_waiting(s);
	assert_int_equal(stream_flush(s, 0), 0);
	assert_in_range(stream_waiting(s), 1, total - 1);
	while (stream_waiting(s)) {
		got += read(fds[0], buf, sizeof(buf));
		assert_int_equal(stream_flush(s, 0), 0);
	}
	close(fds[1]);
	for (ssize_t n; (n = read(fds[0], buf, sizeof(buf))) > 0;)
		got += n;
	assert_int_equal(got, total);
	stream_free(s);
	close(fds[0]);
}

static void reader_gone(void **state)
{
	struct render_opts opts = { 0 };
	struct stream *s;
	int fds[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	s = stream_new(fds[1], false, &opts);
	print(s, &map, false);
	assert_int_equal(stream_flush(s, -1), -EPIPE);
	stream_free(s);
	close(fds[1]);
}

static void disk_full(void **state)
{
	struct render_opts opts = { 0 };
	int fd = open("/dev/full", O_WRONLY);
	struct stream *s = stream_new(fd, false, &opts);

	(void)state;
	print(s, &map, false);
	assert_int_equal(stream_flush(s, -1), -ENOSPC);
	stream_free(s);
	close(fd);
}

static const struct column all_columns[] = {
	{ "text", "", "", UNIT_TEXT }, { "count", "", "", UNIT_COUNT },
	{ "ratio", "", "", UNIT_RATIO }, { "share", "", "", UNIT_SHARE },
	{ "chance", "", "", UNIT_CHANCE }, { "address", "", "", UNIT_ADDRESS },
	{ "people", "", "", UNIT_COUNT, SHOW_TEXT },
	{ "list", "", "", UNIT_LIST }, { "names", "", "", UNIT_NAMES },
	{ "hist", "", "", UNIT_HIST_NS },
};

static void row_of_all(struct table *t, const char *text, unsigned long long number)
{
	const struct cell_pair pair = { (char *)text, number };

	table_row(t);
	cell_text(t, text);
	cell_s64(t, -(long long)(number / 2));
	for (int i = 0; i < 4; i++)
		cell_u64(t, number);
	cell_absent(t);
	cell_list(t, &pair, 1);
	cell_names(t, (char *[]){ (char *)text }, 1);
	cell_hist(t, number ? doc_hist_new(0) : NULL);
}

/* Written in another way than in a whole document, the rows are the same. */
static void rows_of_json_are_those_of_a_document(void **state)
{
	static const char *const texts[] = {
		"", "plain", "\"", "\\", "/", "\033[31m\n\t\x7f", "\xff\xfe", "\xc3\xa9", "\xe2\x80\xae",
	};
	static const unsigned long long numbers[] = { 0, 7, 1250000, ULLONG_MAX };
	struct doc *doc = doc_new();
	struct table *t = DOC_TABLE(doc, "rows", all_columns, SHOW_ALL);
	struct bytes rows = { 0 };
	char *whole = NULL;
	size_t len;
	FILE *out = open_memstream(&whole, &len);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		row_of_all(t, texts[i], numbers[i % 4]);
	assert_int_equal(render_json(out, doc, NULL), 0);
	fclose(out);
	bytes_text(&rows, "{\"rows\":[");
	for (size_t i = 0; i < t->nrows; i++) {
		assert_int_equal(render_json_row(&rows, t, i), 0);
		rows.at[rows.len - 1] = ',';
	}
	rows.len--;
	bytes_put(&rows, "]}\n", 4);
	assert_string_equal(rows.at, whole);
	free(rows.at);
	free(whole);
	doc_free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(text_with_stack),
		cmocka_unit_test(json),
		cmocka_unit_test(rows_of_json_are_those_of_a_document),
		cmocka_unit_test(end),
		cmocka_unit_test(slow_reader),
		cmocka_unit_test(reader_gone),
		cmocka_unit_test(disk_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
