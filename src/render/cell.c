// SPDX-License-Identifier: GPL-2.0
/*
 * Values as people read them, see cell.h.
 */
#include <stdlib.h>
#include <string.h>

#include "render/cell.h"

void text_put(FILE *out, const char *text, bool utf8)
{
	size_t len;
	char *safe;

	if (fmt_plain(text, &len)) {
		fwrite(text, 1, len, out);
		return;
	}
	safe = fmt_printable(text, utf8);
	if (safe)
		fputs(safe, out);
	else
		fputc('?', out);
	free(safe);
}

static const char *address(char *buf, unsigned long long value)
{
	int digits;

	if (!value)
		return "0";
	digits = (67 - __builtin_clzll(value)) / 4;
	buf[0] = '0';
	buf[1] = 'x';
	buf[2 + digits] = '\0';
	for (int i = 1 + digits; i > 1; i--, value >>= 4)
		buf[i] = "0123456789abcdef"[value & 15];
	return buf;
}

const char *render_number(char buf[FMT_MAX], unsigned long long value, enum unit unit)
{
	switch (unit) {
	case UNIT_NS:
	case UNIT_HIST_NS:
		return fmt_ns(buf, FMT_MAX, value);
	case UNIT_BYTES:
	case UNIT_HIST_BYTES:
		return fmt_bytes(buf, FMT_MAX, value);
	case UNIT_CLOCK:
		return fmt_fixed(buf, value / 1000, 6);
	case UNIT_ADDRESS:
		return address(buf, value);
	case UNIT_RATIO:
		return fmt_fixed(buf, value, 2);
	case UNIT_CHANCE:
		return fmt_fixed(buf, value, 6);
	case UNIT_SHARE:
		memcpy(fmt_digits(buf, value, 1), "%", sizeof("%"));
		return buf;
	default:
		return fmt_count(buf, FMT_MAX, value);
	}
}

static void put_number(FILE *out, unsigned long long value, enum unit unit)
{
	char buf[FMT_MAX];

	fputs(render_number(buf, value, unit), out);
}

void pairs_put(FILE *out, const struct cell_pairs *list, bool zeros, const char *none, bool utf8)
{
	const char *separator = "";

	for (size_t i = 0; i < list->count; i++) {
		if (!zeros && !list->items[i].count)
			continue;
		fputs(separator, out);
		text_put(out, list->items[i].name, utf8);
		fputc(' ', out);
		put_number(out, list->items[i].count, UNIT_COUNT);
		separator = ", ";
	}
	if (!*separator)
		fputs(none, out);
}

/* Of a call path: who was called by whom. */
static void put_names(FILE *out, const struct cell_pairs *list, bool utf8)
{
	for (size_t i = 0; i < list->count; i++) {
		fputs(i ? " < " : "", out);
		text_put(out, list->items[i].name, utf8);
	}
	if (!list->count)
		fputc('-', out);
}

/* Negating LLONG_MIN as such would overflow. */
static unsigned long long magnitude(long long value)
{
	return value < 0 ? -(unsigned long long)value : (unsigned long long)value;
}

void render_cell(FILE *out, const struct cell *cell, enum unit unit, bool utf8)
{
	switch (cell->kind) {
	case CELL_TEXT:
		text_put(out, cell->text, utf8);
		break;
	case CELL_U64:
		put_number(out, cell->u64, unit);
		break;
	case CELL_S64:
		if (cell->s64 < 0)
			fputc('-', out);
		put_number(out, magnitude(cell->s64), unit);
		break;
	case CELL_LIST:
		pairs_put(out, cell->list, true, "-", utf8);
		break;
	case CELL_NAMES:
		put_names(out, cell->list, utf8);
		break;
	case CELL_TABLE:
		put_number(out, cell->table->nrows, UNIT_COUNT);
		break;
	case CELL_ABSENT:
	case CELL_HIST:		/* spread over columns of its own */
		fputc('-', out);
		break;
	}
}

size_t text_span(const char *text, size_t n)
{
	const char *s = text;

	for (; *s; s++)
		if ((*s & 0xc0) != 0x80 && !n--)
			break;
	return (size_t)(s - text);
}

size_t text_chars_of(const char *text, size_t len)
{
	size_t n = 0;

	for (; len--; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

size_t text_chars(const char *text)
{
	return text_chars_of(text, strlen(text));
}
