// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers and strings as people write and read them.  Integer arithmetic throughout: the
 * values are 64 bits wide and a double would round the large ones.
 */
#include "base/fmt.h"
#include "base/list.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ULL(x) x##ULL
#define SECOND ULL(1000000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

struct scale {
	const char *suffix;
	unsigned long long unit;
};

static const struct scale count_scales[] = {
	{ "k", ULL(1000) }, { "M", ULL(1000000) }, { "G", ULL(1000000000) },
	{ "T", ULL(1000000000000) }, { "P", ULL(1000000000000000) },
	{ "E", ULL(1000000000000000000) }, { NULL, 0 },
};

static const struct scale byte_scales[] = {
	{ "KiB", ULL(1) << 10 }, { "MiB", ULL(1) << 20 }, { "GiB", ULL(1) << 30 },
	{ "TiB", ULL(1) << 40 }, { "PiB", ULL(1) << 50 }, { "EiB", ULL(1) << 60 }, { NULL, 0 },
};

static const struct scale ns_scales[] = {
	{ "us", ULL(1000) }, { "ms", ULL(1000000) }, { "s", SECOND }, { NULL, 0 },
};

char *fmt_digits(char *to, unsigned long long value, int least)
{
	char digits[FMT_MAX], *from = digits + sizeof(digits);

	do {
		*--from = '0' + value % 10;
		value /= 10;
	} while (value || digits + sizeof(digits) - from < least);
	to = mempcpy(to, from, digits + sizeof(digits) - from);
	*to = '\0';
	return to;
}

char *fmt_fixed(char *buf, unsigned long long value, int digits)
{
	unsigned long long one = 1;
	char *point;

	for (int i = 0; i < digits; i++)
		one *= 10;
	point = fmt_digits(buf, value / one, 1);
	*point = '.';
	fmt_digits(point + 1, value % one, digits);
	return buf;
}

/* printf() would take ten times as long, which trace feels. */
static char *joined(char *buf, size_t size, const char *number, const char *unit)
{
	assert(size >= FMT_MAX);
	stpcpy(stpcpy(buf, number), unit);
	return buf;
}

static char *whole(char *buf, size_t size, unsigned long long value, const char *unit)
{
	char number[FMT_MAX];

	fmt_digits(number, value, 1);
	return joined(buf, size, number, unit);
}

/* One decimal, in the first scale where it stays below step after rounding, else in the last. */
static char *scaled(char *buf, size_t size, unsigned long long value, const struct scale *s,
		    unsigned int step)
{
	char number[FMT_MAX];

	for (;; s++) {
		unsigned long long tenths = value / s->unit * 10 +
					    (value % s->unit * 10 + s->unit / 2) / s->unit;

		if (tenths < step * ULL(10) || !s[1].suffix)
			return joined(buf, size, fmt_fixed(number, tenths, 1), s->suffix);
	}
}

char *fmt_ns(char *buf, size_t size, unsigned long long ns)
{
	unsigned long long secs = ns / SECOND + (ns % SECOND >= SECOND / 2);

	if (ns < 1000)
		return whole(buf, size, ns, "ns");
	if (ns < MINUTE - SECOND / 20)	/* 59.95s would round to 60.0s */
		return scaled(buf, size, ns, ns_scales, 1000);
	if (secs < 3600)
		snprintf(buf, size, "%llum%02llus", secs / 60, secs % 60);
	else if (secs < 86400)
		snprintf(buf, size, "%lluh%02llum", secs / 3600, secs % 3600 / 60);
	else
		snprintf(buf, size, "%llud%02lluh", secs / 86400, secs % 86400 / 3600);
	return buf;
}

char *fmt_bytes(char *buf, size_t size, unsigned long long bytes)
{
	return bytes < 1024 ? whole(buf, size, bytes, "B") :
			      scaled(buf, size, bytes, byte_scales, 1024);
}

char *fmt_count(char *buf, size_t size, unsigned long long count)
{
	return count <= 99999 ? whole(buf, size, count, "") :
				scaled(buf, size, count, count_scales, 1000);
}

static int refuse(int err, const char **why, const char *reason)
{
	if (why)
		*why = reason;
	return err;
}

static int too_large(const char **why)
{
	return refuse(-ERANGE, why, "is too large");
}

/* *sum += whole.fraction * unit.  nines: the fraction's digits, out of 10^9. */
static int add_scaled(unsigned long long *sum, unsigned long long whole, unsigned long long nines,
		      unsigned long long unit)
{
	unsigned long long part;
	unsigned __int128 fraction = (unsigned __int128)nines * unit / SECOND;

	return __builtin_mul_overflow(whole, unit, &part) ||
	       __builtin_add_overflow(*sum, part, sum) ||
	       __builtin_add_overflow(*sum, (unsigned long long)fraction, sum) ? -ERANGE : 0;
}

/* Digits with an optional fraction, of which nine digits count.  *text moves past them. */
static int scan_number(const char **text, unsigned long long *whole, unsigned long long *nines)
{
	const char *s = *text;
	unsigned long long place = SECOND / 10;

	*whole = *nines = 0;
	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	for (; isdigit((unsigned char)*s); s++)
		if (__builtin_mul_overflow(*whole, 10, whole) ||
		    __builtin_add_overflow(*whole, *s - '0', whole))
			return -ERANGE;
	if (*s == '.') {
		if (!isdigit((unsigned char)*++s))
			return -EINVAL;
		for (; isdigit((unsigned char)*s); s++, place /= 10)
			*nines += (*s - '0') * place;
	}
	*text = s;
	return 0;
}

/* The unit at *text, all of the letters there; NULL if none is called that. */
static const struct scale *scan_unit(const char **text, const struct scale *s)
{
	size_t len = 0;

	while (isalpha((unsigned char)(*text)[len]))
		len++;
	for (; s->suffix; s++)
		if (strlen(s->suffix) == len && !strncasecmp(s->suffix, *text, len)) {
			*text += len;
			return s;
		}
	return NULL;
}

static const struct scale duration_units[] = {
	{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", SECOND },
	{ "m", MINUTE }, { "h", HOUR }, { "d", DAY }, { NULL, 0 },
};

int parse_duration(const char *text, unsigned long long *ns, const char **why)
{
	static const struct scale second = { "", SECOND };
	unsigned long long sum = 0, whole, nines, last = ULLONG_MAX;
	const char *s = text;

	do {
		const struct scale *unit = &second;
		int err = scan_number(&s, &whole, &nines);

		if (err == -ERANGE)
			return too_large(why);
		if (err)
			return refuse(-EINVAL, why,
				      "is not a duration such as 10s, 500ms or 1m30s");
		if (s[0] || last != ULLONG_MAX)
			unit = scan_unit(&s, duration_units);
		if (!unit)
			return refuse(-EINVAL, why, "has no known unit (ns, us, ms, s, m, h, d)");
		if (unit->unit >= last)
			return refuse(-EINVAL, why, "has its units out of order");
		last = unit->unit;
		if (add_scaled(&sum, whole, nines, unit->unit))
			return too_large(why);
	} while (*s);

	if (!sum)
		return refuse(-ERANGE, why, "must be longer than 0");
	*ns = sum;
	return 0;
}

static const struct scale size_units[] = {
	{ "", 1 }, { "B", 1 },
	{ "K", ULL(1) << 10 }, { "KiB", ULL(1) << 10 }, { "M", ULL(1) << 20 },
	{ "MiB", ULL(1) << 20 }, { "G", ULL(1) << 30 }, { "GiB", ULL(1) << 30 },
	{ "T", ULL(1) << 40 }, { "TiB", ULL(1) << 40 }, { NULL, 0 },
};

int parse_size(const char *text, unsigned long long *bytes, const char **why)
{
	unsigned long long sum = 0, whole, nines;
	const struct scale *unit;
	const char *s = text;
	int err = scan_number(&s, &whole, &nines);

	if (err == -ERANGE)
		return too_large(why);
	if (err)
		return refuse(-EINVAL, why, "is not a size such as 4096, 64K or 1MiB");
	unit = scan_unit(&s, size_units);
	if (!unit || *s)
		return refuse(-EINVAL, why,
			      "has no known unit (B, K, M, G, T, KiB, MiB, GiB, TiB)");
	if (add_scaled(&sum, whole, nines, unit->unit))
		return too_large(why);
	*bytes = sum;
	return 0;
}

int parse_percent(const char *text, unsigned long long *hundredths, const char **why)
{
	unsigned long long sum = 0, whole, nines;
	const char *s = text;
	int err = scan_number(&s, &whole, &nines);

	if (err == -ERANGE)
		return too_large(why);
	if (err || (*s && strcmp(s, "%")))
		return refuse(-EINVAL, why, "is not a percentage such as 10% or 2.5%");
	if (add_scaled(&sum, whole, nines, 100))
		return too_large(why);
	*hundredths = sum;
	return 0;
}

int parse_u64(const char *text, unsigned long long min, unsigned long long max,
	      unsigned long long *value, const char **why)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	unsigned long long parsed;
	char *end;

	/* strtoull takes spaces, signs and an empty rest; people who type those erred. */
	if (!(hex ? isxdigit((unsigned char)text[2]) : isdigit((unsigned char)text[0])))
		return refuse(-EINVAL, why, "is not a whole number");
	errno = 0;
	parsed = strtoull(text, &end, hex ? 16 : 10);
	if (*end)
		return refuse(-EINVAL, why, "is not a whole number");
	if (errno || parsed > max)
		return too_large(why);
	if (parsed < min)
		return refuse(-ERANGE, why, "is too small");
	*value = parsed;
	return 0;
}

/* What the first byte announces; 0 if no sequence starts with it. */
static size_t utf8_len(unsigned char first)
{
	if (first < 0x80)
		return 1;
	return first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
}

size_t utf8_next(const char *text, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	size_t len = utf8_len(*s), i;

	if (!len || !*s)
		return 0;
	*code = len == 1 ? *s : *s & (0x7f >> len);
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	/* Overlong forms and surrogates smuggle characters past checks like ours. */
	if (*code < least[len] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return len;
}

/*
 * In ascending order: controls, what reorders a line, what takes no room, blanks that are not the
 * blank, line ends, tags, and code points that are no characters.  These are Unicode's categories
 * Cc, Cf, Zl, Zp and Zs without U+0020, what it calls ignorable by default, and U+2800, which
 * fonts draw as a blank.  XML 1.0 forbids some of them.
 */
static const struct range {
	uint32_t first, last;
} harmful[] = {
	{ 0x0, 0x1f },		{ 0x7f, 0xa0 },		{ 0xad, 0xad },
	{ 0x34f, 0x34f },	{ 0x600, 0x605 },	{ 0x61c, 0x61c },
	{ 0x6dd, 0x6dd },	{ 0x70f, 0x70f },	{ 0x890, 0x891 },
	{ 0x8e2, 0x8e2 },	{ 0x115f, 0x1160 },	{ 0x1680, 0x1680 },
	{ 0x17b4, 0x17b5 },	{ 0x180b, 0x180f },	{ 0x2000, 0x200f },
	{ 0x2028, 0x202f },	{ 0x205f, 0x206f },	{ 0x2800, 0x2800 },
	{ 0x3000, 0x3000 },	{ 0x3164, 0x3164 },	{ 0xd800, 0xdfff },
	{ 0xfdd0, 0xfdef },	{ 0xfe00, 0xfe0f },	{ 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },	{ 0xfff0, 0xfffb },	{ 0x110bd, 0x110bd },
	{ 0x110cd, 0x110cd },	{ 0x13430, 0x1343f },	{ 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a },	{ 0xe0000, 0xe0fff },
};

bool fmt_harmless(uint32_t code)
{
	for (size_t i = 0; i < ARRAY_SIZE(harmful) && code >= harmful[i].first; i++)
		if (code <= harmful[i].last)
			return false;
	/* the last two of each plane are no characters */
	return code <= 0x10ffff && (code & 0xfffe) != 0xfffe;
}

char *fmt_escaped(const char *text, bool utf8, const char *also)
{
	char *copy = malloc(strlen(text) * strlen("\\x00") + 1), *to = copy;
	uint32_t code;
	size_t len;

	if (!copy)
		return NULL;
	for (; *text; text += len) {
		len = utf8_next(text, &code);
		if (len > 1 && !(utf8 && fmt_harmless(code))) {
			to += sprintf(to, "\\u{%x}", code);
		} else if (!len || !fmt_harmless(code) || (len == 1 && strchr(also, *text))) {
			len = 1;
			to += sprintf(to, "\\x%02x", (unsigned char)*text);
		} else {
			if (*text == '\\')
				*to++ = '\\';
			to = mempcpy(to, text, len);
		}
	}
	*to = '\0';
	return copy;
}

char *fmt_printable(const char *text, bool utf8)
{
	return fmt_escaped(text, utf8, "");
}

bool fmt_locale_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

bool fmt_plain(const char *text, size_t *len)
{
	const char *end = text;

	while (*end >= ' ' && *end <= '~' && *end != '\\')
		end++;
	*len = end - text;
	return !*end;
}
