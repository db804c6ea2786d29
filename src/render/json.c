// SPDX-License-Identifier: GPL-2.0
/*
 * The document as one JSON object on one line, so a sequence of documents is NDJSON.  Values
 * are exact: integers in ns and bytes, null for what is absent, units in the keys.
 */
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/fmt.h"
#include "render/private.h"

#define JSON_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* Digits of a fraction that integers of a unit stand for. */
static int decimals(enum unit unit)
{
	return unit == UNIT_CHANCE ? 6 : unit == UNIT_RATIO || unit == UNIT_SHARE ? 2 : 0;
}

/* \uXXXX, of which JSON has two for what is beyond 16 bits. */
static void put_code(struct bytes *out, uint32_t code)
{
	char text[32];

	if (code > 0xffff)
		snprintf(text, sizeof(text), "\\u%04x\\u%04x", 0xd7c0 + (code >> 10),
			 0xdc00 + (code & 0x3ff));
	else
		snprintf(text, sizeof(text), "\\u%04x", code);
	bytes_text(out, text);
}

/*
 * json-c escapes ASCII controls, quotes and backslashes, and passes all other bytes.  JSON is
 * UTF-8 by definition, so a byte that is not becomes U+FFFD; what fmt_printable() would escape
 * becomes \uXXXX, which readers decode.  Non-ASCII is in strings and keys only.
 */
static void put_json(struct bytes *out, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *from = text;
		uint32_t code = 0;
		size_t n;

		while (text < end && *text >= ' ' && *text <= '~')
			text++;
		bytes_put(out, from, text - from);
		if (text == end)
			break;
		n = utf8_next(text, &code);
		if (!n)
			bytes_text(out, "\xef\xbf\xbd");
		else if (fmt_harmless(code))
			bytes_put(out, text, n);
		else
			put_code(out, code);
		text += n ? n : 1;
	}
}

/* Is it text in which nothing is escaped?  Then *len is its length. */
static bool as_it_is(const char *text, size_t *len)
{
	return fmt_plain(text, len) && !memchr(text, '"', *len);
}

/* Most of what comes by the million is plain; json-c escapes the rest. */
static void put_string(struct bytes *out, const char *text)
{
	struct json_object *json;
	size_t len;

	if (as_it_is(text, &len)) {
		bytes_put(out, "\"", 1);
		bytes_put(out, text, len);
		bytes_put(out, "\"", 1);
		return;
	}
	errno = 0;
	json = json_object_new_string(text);
	text = json_object_to_json_string_length(json, JSON_FLAGS, &len);
	out->failed |= !json || !text || errno == ENOMEM;
	if (!out->failed)
		put_json(out, text, len);
	json_object_put(json);
}

static void put_u64(struct bytes *out, unsigned long long value)
{
	char digits[FMT_MAX];

	bytes_put(out, digits, fmt_digits(digits, value, 1) - digits);
}

static void put_s64(struct bytes *out, long long value)
{
	if (value < 0)
		bytes_put(out, "-", 1);
	/* the least has no positive counterpart */
	put_u64(out, value < 0 ? -(unsigned long long)value : (unsigned long long)value);
}

/* A pair of an object, or null where there is no value; before: what stands before it. */
static void put_pair(struct bytes *out, const char *before, const char *suffix, bool present,
		     unsigned long long value)
{
	bytes_text(out, before);
	bytes_text(out, suffix);
	bytes_put(out, "\":", 2);
	if (present)
		put_u64(out, value);
	else
		bytes_put(out, "null", 4);
}

static void put_hist(struct bytes *out, const struct doc_hist *hist, const char *suffix)
{
	put_pair(out, "{\"count", "", true, hist->count);
	put_pair(out, ",\"sum", suffix, true, hist->sum);
	put_pair(out, ",\"max", suffix, hist->count, hist->max);
	put_pair(out, ",\"p50", suffix, hist->count, hist->p50);
	put_pair(out, ",\"p90", suffix, hist->count, hist->p90);
	put_pair(out, ",\"p99", suffix, hist->count, hist->p99);
	bytes_text(out, ",\"buckets\":[");
	for (size_t i = 0; i < hist->nbuckets; i++) {
		const struct doc_bucket *b = &hist->buckets[i];

		put_pair(out, i ? ",{\"min" : "{\"min", "", true, b->min);
		put_pair(out, ",\"max", "", b->max != ULLONG_MAX, b->max);
		put_pair(out, ",\"count", "", true, b->count);
		bytes_put(out, "}", 1);
	}
	bytes_put(out, "]}", 2);
}

static void put_list(struct bytes *out, const struct cell_pairs *list)
{
	bytes_put(out, "[", 1);
	for (size_t i = 0; i < list->count; i++) {
		bytes_text(out, i ? ",{\"value\":" : "{\"value\":");
		put_string(out, list->items[i].name);
		put_pair(out, ",\"count", "", true, list->items[i].count);
		bytes_put(out, "}", 1);
	}
	bytes_put(out, "]", 1);
}

static void put_names(struct bytes *out, const struct cell_pairs *list)
{
	bytes_put(out, "[", 1);
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			bytes_put(out, ",", 1);
		put_string(out, list->items[i].name);
	}
	bytes_put(out, "]", 1);
}

static void put_table(struct bytes *out, const struct table *t);

static void put_cell(struct bytes *out, const struct cell *cell, enum unit unit)
{
	char text[FMT_MAX];

	switch (cell->kind) {
	case CELL_TEXT:
		put_string(out, cell->text);
		break;
	case CELL_U64:
		if (decimals(unit))
			bytes_text(out, fmt_fixed(text, cell->u64, decimals(unit)));
		else
			put_u64(out, cell->u64);
		break;
	case CELL_S64:
		put_s64(out, cell->s64);
		break;
	case CELL_HIST:
		put_hist(out, cell->hist, unit == UNIT_HIST_NS ? "_ns" : "_bytes");
		break;
	case CELL_LIST:
		put_list(out, cell->list);
		break;
	case CELL_NAMES:
		put_names(out, cell->list);
		break;
	case CELL_TABLE:
		put_table(out, cell->table);
		break;
	case CELL_ABSENT:
		bytes_put(out, "null", 4);
		break;
	}
}

static void put_row(struct bytes *out, const struct table *t, size_t row)
{
	const struct cell *cells = table_cells(t, row);
	const char *before = "\"";

	bytes_put(out, "{", 1);
	for (size_t c = 0; c < t->ncols; c++) {
		if (!shown(t->cols[c].show, SHOW_DATA))
			continue;
		bytes_text(out, before);
		bytes_text(out, t->cols[c].key);
		bytes_put(out, "\":", 2);
		put_cell(out, &cells[c], t->cols[c].unit);
		before = ",\"";
	}
	bytes_put(out, "}", 1);
}

static void put_table(struct bytes *out, const struct table *t)
{
	bytes_put(out, "[", 1);
	for (size_t r = 0; r < t->nrows; r++) {
		if (r)
			bytes_put(out, ",", 1);
		put_row(out, t, r);
	}
	bytes_put(out, "]", 1);
}

static void put_counters(struct bytes *out, const struct counters *c)
{
	bytes_put(out, "{", 1);
	for (size_t i = 0; i < c->list.count; i++) {
		if (i)
			bytes_put(out, ",", 1);
		put_string(out, c->list.items[i].name);
		bytes_put(out, ":", 1);
		put_u64(out, c->list.items[i].count);
	}
	bytes_put(out, "}", 1);
}

static void put_item(struct bytes *out, const struct item *item)
{
	if (item->kind == ITEM_TABLE || item->kind == ITEM_BARS)
		put_table(out, &item->table);
	else if (item->kind == ITEM_COUNTERS)
		put_counters(out, &item->counters);
	else
		put_cell(out, &item->value, item->unit);
}

static int no_memory(void)
{
	return fail(-ENOMEM, "out of memory while writing JSON");
}

int render_json_row(struct bytes *out, const struct table *t, size_t row)
{
	put_row(out, t, row);
	bytes_put(out, "\n", 1);
	return out->failed ? no_memory() : 0;
}

/* Of several items of one key the last, where the first stands: json-c has them by their keys. */
static struct json_object *items_by_key(const struct doc *doc)
{
	struct json_object *root = json_object_new_object();

	for (const struct item *item = doc_items(doc); root && item; item = item->next) {
		struct json_object *value;

		if (!shown(item->show, SHOW_DATA))
			continue;
		value = json_object_new_boolean(true);
		if (!value || json_object_object_add(root, item->key, value)) {
			json_object_put(value);
			json_object_put(root);
			return NULL;
		}
		json_object_set_userdata(value, (void *)item, NULL);
	}
	return root;
}

int render_json(FILE *out, const struct doc *doc, const struct render_opts *o)
{
	struct json_object *root = items_by_key(doc);
	struct bytes page = { .out = out, .failed = !root };
	const char *before = "{";

	(void)o;
	if (root) {
		json_object_object_foreach(root, key, value) {
			bytes_text(&page, before);
			put_string(&page, key);
			bytes_put(&page, ":", 1);
			put_item(&page, json_object_get_userdata(value));
			before = ",";
		}
		bytes_text(&page, *before == '{' ? "{}\n" : "}\n");
	}
	json_object_put(root);
	return render_end(&page);
}
