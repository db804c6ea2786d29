/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers and strings as people write and read them.  No project includes, no state.
 * Parsers take the whole word or refuse it: 0 on success, else -EINVAL or -ERANGE with
 * *why (if not NULL) set to a constant phrase such as "must be longer than 0".
 */
#ifndef FMT_H
#define FMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FMT_MAX 24	/* any number below fits */

/* Write into buf, of FMT_MAX or more, and return it. */
char *fmt_ns(char *buf, size_t size, unsigned long long ns);		/* 850ns 1.4us 2m05s */
char *fmt_bytes(char *buf, size_t size, unsigned long long bytes);	/* 512B 756.0MiB */
char *fmt_count(char *buf, size_t size, unsigned long long count);	/* 99999 123.4k */
char *fmt_fixed(char *buf, unsigned long long value, int digits);	/* 1250, 3: 1.250 */
/* In decimal, with zeros before it up to so many digits; returns where the '\0' stands. */
char *fmt_digits(char *to, unsigned long long value, int least);

/* "10s", "500ms", "1m30s", "1.5h"; a bare number is seconds; 0 is refused. */
int parse_duration(const char *text, unsigned long long *ns, const char **why);
/* "4096", "64k", "1.5MiB": powers of two. */
int parse_size(const char *text, unsigned long long *bytes, const char **why);
/* "10%", "2.5"; in hundredths of one percent. */
int parse_percent(const char *text, unsigned long long *hundredths, const char **why);
/* Decimal or 0x hexadecimal, from min to max. */
int parse_u64(const char *text, unsigned long long min, unsigned long long max,
	      unsigned long long *value, const char **why);

/* The length of the valid UTF-8 sequence s starts with, and its code point; 0 if none. */
size_t utf8_next(const char *s, uint32_t *code);

/* False for a code point that moves the cursor, reorders a line, hides, or is no character. */
bool fmt_harmless(uint32_t code);
/*
 * A copy without such code points, for any output.  The escapes can be undone, so different texts
 * have different copies:
 *	\xNN	an ASCII control, or a byte that is not part of valid UTF-8
 *	\u{N}	another code point: one that is not harmless; unless utf8, any non-ASCII one
 *	\\	a backslash
 * Hexadecimal digits are in lower case.  NULL without memory.
 */
char *fmt_printable(const char *text, bool utf8);
/* The same, and \xNN for the printable ASCII characters in also, too, which a format reserves. */
char *fmt_escaped(const char *text, bool utf8, const char *also);
/* Is it ASCII that fmt_printable() leaves as it is?  Then *len is its length. */
bool fmt_plain(const char *text, size_t *len);
/* Does the locale's encoding have all characters?  The program must have called setlocale(). */
bool fmt_locale_utf8(void);

#endif
