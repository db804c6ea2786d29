// SPDX-License-Identifier: GPL-2.0
/*
 * The document as one JSON object on one line, so a sequence of documents is NDJSON.  Values
 * are exact: integers in ns and bytes, null for what is absent, units in the keys.
 */
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "doc.h"
#include "err.h"
#include "fmt.h"
#include "render.h"

#define JSON_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

static void put_u64(struct json_object *object, const char *key, const char *suffix, bool present,
		    unsigned long long value)
{
	char name[32];

	snprintf(name, sizeof(name), "%s%s", key, suffix);
	json_object_object_add(object, name, present ? json_object_new_uint64(value) : NULL);
}

static struct json_object *buckets_json(const struct doc_hist *hist)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < hist->nbuckets; i++) {
		const struct doc_bucket *b = &hist->buckets[i];
		struct json_object *bucket = json_object_new_object();

		put_u64(bucket, "min", "", true, b->min);
		put_u64(bucket, "max", "", b->max != ULLONG_MAX, b->max);
		put_u64(bucket, "count", "", true, b->count);
		json_object_array_add(array, bucket);
	}
	return array;
}

static struct json_object *hist_json(const struct doc_hist *hist, const char *suffix)
{
	struct json_object *object = json_object_new_object();

	put_u64(object, "count", "", true, hist->count);
	put_u64(object, "sum", suffix, true, hist->sum);
	put_u64(object, "max", suffix, hist->count, hist->max);
	put_u64(object, "p50", suffix, hist->count, hist->p50);
	put_u64(object, "p90", suffix, hist->count, hist->p90);
	put_u64(object, "p99", suffix, hist->count, hist->p99);
	json_object_object_add(object, "buckets", buckets_json(hist));
	return object;
}

static struct json_object *list_json(const struct cell_pairs *list)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < list->count; i++) {
		struct json_object *pair = json_object_new_object();

		json_object_object_add(pair, "value", json_object_new_string(list->items[i].name));
		put_u64(pair, "count", "", true, list->items[i].count);
		json_object_array_add(array, pair);
	}
	return array;
}

static struct json_object *names_json(const struct cell_pairs *list)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < list->count; i++)
		json_object_array_add(array, json_object_new_string(list->items[i].name));
	return array;
}

static struct json_object *table_json(const struct table *t);

/* Digits of a fraction that integers of a unit stand for. */
static int decimals(enum unit unit)
{
	return unit == UNIT_CHANCE ? 6 : unit == UNIT_RATIO || unit == UNIT_SHARE ? 2 : 0;
}

/* Hundredths or the like, without digits that a double would add. */
static struct json_object *ratio_json(unsigned long long value, int digits)
{
	char text[FMT_MAX];

	fmt_fixed(text, value, digits);
	return json_object_new_double_s(strtod(text, NULL), text);
}

static struct json_object *cell_json(const struct cell *cell, enum unit unit)
{
	switch (cell->kind) {
	case CELL_TEXT:
		return json_object_new_string(cell->text);
	case CELL_U64:
		return decimals(unit) ? ratio_json(cell->u64, decimals(unit)) :
					json_object_new_uint64(cell->u64);
	case CELL_S64:
		return json_object_new_int64(cell->s64);
	case CELL_HIST:
		return hist_json(cell->hist, unit == UNIT_HIST_NS ? "_ns" : "_bytes");
	case CELL_LIST:
		return list_json(&cell->list);
	case CELL_NAMES:
		return names_json(&cell->list);
	case CELL_TABLE:
		return table_json(cell->table);
	case CELL_ABSENT:
		break;
	}
	return NULL;
}

static struct json_object *row_json(const struct table *t, size_t r)
{
	const struct cell *cells = table_cells(t, r);
	struct json_object *row = json_object_new_object();

	for (size_t c = 0; c < t->ncols; c++)
		if (shown(t->cols[c].show, SHOW_DATA))
			json_object_object_add(row, t->cols[c].key,
					       cell_json(&cells[c], t->cols[c].unit));
	return row;
}

static bool row_append(struct printbuf *out, const struct table *t, size_t r)
{
	struct json_object *row = row_json(t, r);
	size_t len;
	const char *text = json_object_to_json_string_length(row, JSON_FLAGS, &len);
	bool done = text && len < INT_MAX && (!r || printbuf_memappend(out, ",", 1) >= 0) &&
		    printbuf_memappend(out, text, len) >= 0;

	json_object_put(row);
	return done;
}

/* The array of a table's rows: one at a time exists, as together they take much memory. */
static int table_append(struct json_object *array, struct printbuf *out, int level, int flags)
{
	const struct table *t = json_object_get_userdata(array);
	bool done = printbuf_memappend(out, "[", 1) >= 0;

	(void)level;
	(void)flags;
	for (size_t r = 0; r < t->nrows && done; r++)
		done = row_append(out, t, r);
	if (done && printbuf_memappend(out, "]", 1) >= 0)
		return 0;
	errno = ENOMEM;
	return -1;
}

static struct json_object *table_json(const struct table *t)
{
	struct json_object *array = json_object_new_array();

	if (array)
		json_object_set_serializer(array, table_append, (void *)t, NULL);
	return array;
}

static struct json_object *counters_json(const struct counters *c)
{
	struct json_object *object = json_object_new_object();

	for (size_t i = 0; i < c->list.count; i++)
		json_object_object_add(object, c->list.items[i].name,
				       json_object_new_uint64(c->list.items[i].count));
	return object;
}

static struct json_object *item_json(const struct item *item)
{
	if (item->kind == ITEM_TABLE || item->kind == ITEM_BARS)
		return table_json(&item->table);
	if (item->kind == ITEM_COUNTERS)
		return counters_json(&item->counters);
	return cell_json(&item->value, item->unit);
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

/* The same to the letter, as json-c writes it; most of what comes by the million is plain. */
static int put_cell(struct bytes *out, const struct cell *cell, enum unit unit)
{
	struct json_object *json;
	char digits[FMT_MAX];
	const char *text;
	size_t len;

	if (cell->kind == CELL_ABSENT) {
		bytes_put(out, "null", 4);
	} else if (cell->kind == CELL_U64 && !decimals(unit)) {
		bytes_put(out, digits, fmt_digits(digits, cell->u64, 1) - digits);
	} else if (cell->kind == CELL_TEXT && as_it_is(cell->text, &len)) {
		bytes_put(out, "\"", 1);
		bytes_put(out, cell->text, len);
		bytes_put(out, "\"", 1);
	} else {
		errno = 0;
		json = cell_json(cell, unit);
		text = json_object_to_json_string_length(json, JSON_FLAGS, &len);
		out->failed |= !json || !text || errno == ENOMEM;
		if (!out->failed)
			put_json(out, text, len);
		json_object_put(json);
	}
	return out->failed ? fail(-ENOMEM, "out of memory while writing JSON") : 0;
}

int render_json_row(struct bytes *out, const struct table *t, size_t row)
{
	const struct cell *cells = table_cells(t, row);
	const char *before = "\"";
	int err = 0;

	bytes_put(out, "{", 1);
	for (size_t c = 0; c < t->ncols && !err; c++) {
		if (!shown(t->cols[c].show, SHOW_DATA))
			continue;
		bytes_text(out, before);
		bytes_text(out, t->cols[c].key);
		bytes_put(out, "\":", 2);
		err = put_cell(out, &cells[c], t->cols[c].unit);
		before = ",\"";
	}
	bytes_put(out, "}\n", 2);
	return err;
}

int render_json(FILE *out, const struct doc *doc, const struct render_opts *o)
{
	struct bytes line = { 0 };
	struct json_object *root;
	const char *text;
	size_t len;
	int err;

	(void)o;
	/* json-c answers a failed allocation with NULL, which would print as null; malloc tells. */
	errno = 0;
	root = json_object_new_object();
	for (const struct item *item = doc_items(doc); item; item = item->next)
		if (shown(item->show, SHOW_DATA))
			json_object_object_add(root, item->key, item_json(item));
	text = json_object_to_json_string_length(root, JSON_FLAGS, &len);
	line.failed = !text || errno == ENOMEM;
	if (!line.failed)
		put_json(&line, text, len);
	bytes_put(&line, "\n", 1);
	err = line.failed ? fail(-ENOMEM, "out of memory while writing JSON") :
			    render_write(out, line.at, line.len);
	free(line.at);
	json_object_put(root);
	return err;
}
