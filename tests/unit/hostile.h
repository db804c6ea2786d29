/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names that attack terminals, readers of the formats, or people; and whether an output has any of
 * what they attack with.  The tables are not those of src/base/fmt.c.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/list.h"

/* No blanks and nothing longer than this, so that the same lines of text break. */
static const char *const hostile[] = {
	/* ASCII controls, and what their escapes look like */
	"a\x1b[31m", "a\\x1b[31m", "a\\\\x1b[31m", "a\n", "a\\n", "a\r", "a\t", "a\x01", "a\x08",
	"a\x1f", "a\x7f", "\n::error::a", "\r\n::error::a", "\n# EOF\n",
	/* C1 as code points, as bytes, and what their escapes look like */
	"a\xc2\x80", "a\xc2\x85", "a\xc2\x9b" "2J", "a\xc2\x9f", "a\x80", "a\x85", "a\x9b" "2J",
	"a\x9f", "a\\x9b", "a\\u{9b}", "a\xc2\x9b",
	/* bidirectional controls */
	"a\xd8\x9c", "a\xe2\x80\x8e", "a\xe2\x80\x8f", "a\xe2\x80\xaa", "a\xe2\x80\xae",
	"a\xe2\x81\xa6", "a\xe2\x81\xa9", "a\\u{202e}", "a\\u202e",
	/* what takes no room: soft hyphen, zero widths, selectors, fillers */
	"a\xc2\xad", "a\xe1\xa0\x8e", "a\xe2\x80\x8b", "a\xe2\x80\x8c", "a\xe2\x80\x8d",
	"a\xe2\x81\xa0", "a\xe2\x81\xa4", "a\xef\xbb\xbf", "a\xef\xb8\x80", "a\xef\xb8\x8f",
	"a\xf3\xa0\x84\x80", "a\xf3\xa0\x87\xaf", "a\xcd\x8f", "a\xe3\x85\xa4",
	/* ends of lines, other blanks, annotations, tags */
	"a\xe2\x80\xa8", "a\xe2\x80\xa9", "a\xc2\xa0", "a\xe3\x80\x80", "a\xef\xbf\xb9",
	"a\xef\xbf\xba", "a\xef\xbf\xbb", "a\xf3\xa0\x80\x80", "a\xf3\xa0\x81\x81", "a\xf3\xa0\x81\xbf",
	/* no characters, surrogates, overlong, too large, cut short */
	"a\xef\xb7\x90", "a\xef\xbf\xbe", "a\xef\xbf\xbf", "a\xf0\x9f\xbf\xbf", "a\xf4\x8f\xbf\xbf",
	"a\xed\xa0\x80", "a\xed\xbf\xbf", "a\xc0\xaf", "a\xc0\x80", "a\xe0\x80\x8a",
	"a\xf0\x80\x80\xaf", "a\xf4\x90\x80\x80", "a\xf8\x88\x80\x80\x80", "a\xff", "a\xfe", "a\xc3",
	"a\xe2\x80", "a\xf0\x9f\x98", "\xe2\x80\xae", "\x80",
	/* what means something in one of the formats */
	"a;b", "a:b", "a\\x3bb", "a\"b", "a\\\"b", "a\\", "a\\\\", "a%b", "a%0Ab", "a%25b", "a,b",
	"a::b", "<a>", "&lt;a", "&a", "]]>", "a'b", "{a}", "a=\"b\",c=\"", "#a", "a/b",
	/* harmless, and shown as it is where the locale allows */
	"caf\xc3\xa9", "caf\\u{e9}", "caf?", "\xe4\xb8\xad", "\xf0\x9f\x98\x80",
};

/* Does UTF-8 say so?  Unlike utf8_next(), by the table of the standard.  0: it is no UTF-8. */
static inline size_t sequence(const unsigned char *s, uint32_t *code)
{
	static const struct {
		unsigned char first, last, from, to;	/* the first byte; the second */
		size_t len;
	} rows[] = {
		{ 0x00, 0x7f, 0x00, 0xff, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t len = rows[i].len;

		if (*s < rows[i].first || *s > rows[i].last)
			continue;
		if (len > 1 && (s[1] < rows[i].from || s[1] > rows[i].to))
			return 0;
		*code = len == 1 ? *s : *s & (0x7f >> len);
		for (size_t at = 1; at < len; at++) {
			if (at > 1 && (s[at] & 0xc0) != 0x80)
				return 0;
			*code = *code << 6 | (s[at] & 0x3f);
		}
		return len;
	}
	return 0;
}

static inline bool is_utf8(const char *text)
{
	uint32_t code;
	size_t len = 1;

	for (; *text && len; text += len)
		len = sequence((const unsigned char *)text, &code);
	return len;
}

/* Of the code points in hostile[], and the ranges they stand for. */
static inline bool harmful(uint32_t c)
{
	static const uint32_t ranges[][2] = {
		{ 0, 8 }, { 0xb, 0x1f }, { 0x7f, 0xa0 }, { 0xad, 0xad }, { 0x34f, 0x34f },
		{ 0x61c, 0x61c }, { 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
		{ 0x2060, 0x2064 }, { 0x2066, 0x2069 }, { 0x3000, 0x3000 }, { 0x3164, 0x3164 },
		{ 0xd800, 0xdfff }, { 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb }, { 0xfffe, 0xffff }, { 0x1fffe, 0x1ffff }, { 0xe0000, 0xe01ef },
		{ 0x10fffe, 0x10ffff },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

/* Not one harmful code point but those of breaks(), and all of it UTF-8, or ASCII. */
static inline void check_harmless(const char *output, size_t size, bool utf8)
{
	const unsigned char *s = (const unsigned char *)output;
	uint32_t code = 0;
	size_t len;

	assert_int_equal(strlen(output), size);
	for (; *s; s += len) {
		len = sequence(s, &code);
		assert_int_not_equal(len, 0);
		assert_true(utf8 || len == 1);
		if (harmful(code))
			print_error("U+%04X in: %s\n", code, output);
		assert_false(harmful(code));
	}
}

/* The two controls that outputs have of their own: ends of lines, and tabs before them. */
static inline size_t breaks(const char *text)
{
	size_t n = 0;

	while ((text = strpbrk(text, "\n\t")))
		text++, n++;
	return n;
}

#endif
