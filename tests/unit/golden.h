/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports of models made by hand, as people and as programs get them, against tests/golden.
 * Run with GOLDEN_UPDATE=1 to accept what comes out now.
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "analysis/diagnose.h"
#include "recording/record.h"
#include "render/render.h"
#include "report/report.h"

static inline char *render(struct doc *doc, const char *format, int width)
{
	struct render_opts opts = { .width = width };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(renderer_find(format)->render(out, doc, &opts), 0);
	fclose(out);
	doc_free(doc);
	return text;
}

/* What report_once() asks of a report; NULL: nothing special. */
static const struct report_opts *asked;

static inline struct doc *report_once(const struct model *m, const struct report *report)
{
	struct findings findings;
	struct doc *doc;

	assert_int_equal(diagnose(m, &findings), 0);
	doc = report_make(report, m, &findings, asked);
	findings_release(&findings);
	return doc;
}

/* Written and read again, a model makes the same report to the letter. */
static inline void check_recorded(const struct model *m, const struct report *report)
{
	static const char *const formats[] = { "text", "json", "openmetrics" };
	char path[] = "/tmp/dmatrace-test.XXXXXX";
	int fd = mkstemp(path);
	struct recording *recording;
	struct model again = { 0 };
	struct replay *replay;

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(recording_create(&recording, path, true), 0);
	assert_int_equal(recording_write(recording, m, false), 0);
	assert_int_equal(recording_write(recording, m, true), 0);
	recording_close(recording);
	assert_int_equal(replay_open(&replay, path, &again), 0);
	for (int i = 0; i < 3; i++) {
		char *want = render(report_once(m, report), formats[i], 100);
		char *got = render(report_once(&again, report), formats[i], 100);

		assert_string_equal(got, want);
		free(want);
		free(got);
	}
	model_release(&again);
	replay_close(replay);
	assert_int_equal(unlink(path), 0);
}

static inline struct doc *report_of(const struct model *m, const struct report *report)
{
	check_recorded(m, report);
	return report_once(m, report);
}

static inline struct json_object *render_object(struct doc *doc)
{
	char *text = render(doc, "json", 0);
	struct json_object *object = json_tokener_parse(text);

	assert_non_null(object);
	free(text);
	return object;
}

static inline void check_golden(const char *name, const char *text)
{
	char path[128], *expected;
	size_t len = strlen(text);
	FILE *file;

	snprintf(path, sizeof(path), "tests/golden/%s", name);
	if (getenv("GOLDEN_UPDATE")) {
		file = fopen(path, "w");
		assert_non_null(file);
		assert_int_equal(fwrite(text, 1, len, file), len);
		assert_int_equal(fclose(file), 0);
		return;
	}
	file = fopen(path, "r");
	if (!file)
		fail_msg("no %s here; run from the top of the tree, or 'make golden'", path);
	expected = calloc(1, len + 2);
	assert_true(fread(expected, 1, len + 1, file) <= len + 1);
	fclose(file);
	assert_string_equal(text, expected);
	free(expected);
}

static inline void check_text(struct doc *doc, const char *name, int width)
{
	char *text = render(doc, "text", width);

	assert_null(strstr(text, "\n\n\n"));
	check_golden(name, text);
	free(text);
}

/* Spread over lines, so that a difference can be reviewed. */
static inline void check_json(struct doc *doc, const char *name)
{
	struct json_object *object = render_object(doc);
	char *text;

	if (asprintf(&text, "%s\n", json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
			JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)) < 0)
		fail();
	check_golden(name, text);
	free(text);
	json_object_put(object);
}

static inline struct json_object *at(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(object, key, &value));
	return value;
}

#endif
