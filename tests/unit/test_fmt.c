// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers and strings: every unit, both sides of every rounding edge, and the hostile inputs.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "base/fmt.h"
#include "base/list.h"

#define SECOND 1000000000ULL

typedef char *fmt_fn(char *buf, size_t size, unsigned long long value);

struct shown {
	unsigned long long value;
	const char *text;
};

static void check_shown(fmt_fn *fmt, const struct shown *cases, size_t n)
{
	char buf[FMT_MAX];

	for (size_t i = 0; i < n; i++)
		assert_string_equal(fmt(buf, sizeof(buf), cases[i].value), cases[i].text);
}
#define CHECK_SHOWN(fmt, cases) check_shown(fmt, cases, ARRAY_SIZE(cases))

static void ns_picks_unit_and_rounds(void **state)
{
	static const struct shown cases[] = {
		{ 0, "0ns" }, { 850, "850ns" }, { 999, "999ns" }, { 1000, "1.0us" },
		{ 1449, "1.4us" }, { 1450, "1.5us" }, { 999949, "999.9us" }, { 999950, "1.0ms" },
		{ 12345678, "12.3ms" }, { 999999999, "1.0s" }, { SECOND, "1.0s" },
		{ 59949999999ULL, "59.9s" }, { 59950000000ULL, "1m00s" }, { 90 * SECOND, "1m30s" },
		{ 3599 * SECOND, "59m59s" }, { 3600 * SECOND - 1, "1h00m" },
		{ 86399 * SECOND, "23h59m" }, { 90000 * SECOND, "1d01h" },
		{ ULLONG_MAX, "213503d23h" },
	};

	(void)state;
	CHECK_SHOWN(fmt_ns, cases);
}

static void bytes_use_powers_of_two(void **state)
{
	static const struct shown cases[] = {
		{ 0, "0B" }, { 1023, "1023B" }, { 1024, "1.0KiB" }, { 1536, "1.5KiB" },
		{ 1048524, "1023.9KiB" }, { 1048575, "1.0MiB" }, { 756ULL << 20, "756.0MiB" },
		{ 3ULL << 30, "3.0GiB" }, { 1ULL << 40, "1.0TiB" }, { 1ULL << 50, "1.0PiB" },
		{ ULLONG_MAX, "16.0EiB" },
	};

	(void)state;
	CHECK_SHOWN(fmt_bytes, cases);
}

static void counts_stay_exact_while_short(void **state)
{
	static const struct shown cases[] = {
		{ 0, "0" }, { 99999, "99999" }, { 100000, "100.0k" }, { 123449, "123.4k" },
		{ 999949, "999.9k" }, { 999950, "1.0M" }, { 5000000000ULL, "5.0G" },
		{ 7000000000000ULL, "7.0T" }, { 7000000000000000ULL, "7.0P" },
		{ ULLONG_MAX, "18.4E" },
	};

	(void)state;
	CHECK_SHOWN(fmt_count, cases);
}

static void digits_and_fractions(void **state)
{
	char buf[FMT_MAX];

	(void)state;
	assert_ptr_equal(fmt_digits(buf, 0, 1), buf + 1);
	assert_string_equal(buf, "0");
	fmt_digits(buf, 42, 6);
	assert_string_equal(buf, "000042");
	fmt_digits(buf, ULLONG_MAX, 1);
	assert_string_equal(buf, "18446744073709551615");
	assert_string_equal(fmt_fixed(buf, 1250, 3), "1.250");
	assert_string_equal(fmt_fixed(buf, 7, 6), "0.000007");
	assert_string_equal(fmt_fixed(buf, ULLONG_MAX, 6), "18446744073709.551615");
}

struct parsed {
	const char *text;
	unsigned long long value;
};

struct refused {
	const char *text;
	int err;
	const char *why;
};

typedef int parse_fn(const char *text, unsigned long long *value, const char **why);

static void check_parsed(parse_fn *parse, const struct parsed *good, size_t ngood,
			 const struct refused *bad, size_t nbad)
{
	unsigned long long value;
	const char *why;

	for (size_t i = 0; i < ngood; i++) {
		assert_int_equal(parse(good[i].text, &value, &why), 0);
		assert_true(value == good[i].value);
	}
	for (size_t i = 0; i < nbad; i++) {
		value = 42;
		why = NULL;
		assert_int_equal(parse(bad[i].text, &value, &why), bad[i].err);
		assert_non_null(why);
		assert_non_null(strstr(why, bad[i].why));
		assert_true(value == 42);
		assert_int_equal(parse(bad[i].text, &value, NULL), bad[i].err);
	}
}
#define CHECK_PARSED(parse, good, bad) \
	check_parsed(parse, good, ARRAY_SIZE(good), \
		     bad, ARRAY_SIZE(bad))

static void durations(void **state)
{
	static const struct parsed good[] = {
		{ "10s", 10 * SECOND }, { "10", 10 * SECOND }, { "500ms", SECOND / 2 },
		{ "7us", 7000 }, { "1ns", 1 }, { "2m", 120 * SECOND }, { "1h", 3600 * SECOND },
		{ "1d", 86400 * SECOND }, { "1m30s", 90 * SECOND }, { "1.5h", 5400 * SECOND },
		{ "0.25", SECOND / 4 }, { "1s500ms", 3 * SECOND / 2 }, { "2S", 2 * SECOND },
		{ "0m1s", SECOND }, { "18446744073709551615ns", ULLONG_MAX },
	};
	static const struct refused bad[] = {
		{ "", -EINVAL, "not a duration" }, { "s", -EINVAL, "not a duration" },
		{ "-1s", -EINVAL, "not a duration" }, { " 1s", -EINVAL, "not a duration" },
		{ "1.s", -EINVAL, "not a duration" }, { "1s ", -EINVAL, "not a duration" },
		{ "10x", -EINVAL, "unit" }, { "1m30", -EINVAL, "unit" }, { "1 s", -EINVAL, "unit" },
		{ "1e3s", -EINVAL, "unit" }, { "1sms", -EINVAL, "unit" },
		{ "1s1m", -EINVAL, "order" }, { "1s1s", -EINVAL, "order" },
		{ "0", -ERANGE, "longer than 0" }, { "0s", -ERANGE, "longer than 0" },
		{ "0.1ns", -ERANGE, "longer than 0" },
		{ "99999999999999999999s", -ERANGE, "too large" },
		{ "18446744073709551616ns", -ERANGE, "too large" },
		{ "18446744073710s", -ERANGE, "too large" },
	};

	(void)state;
	CHECK_PARSED(parse_duration, good, bad);
}

static void sizes(void **state)
{
	static const struct parsed good[] = {
		{ "0", 0 }, { "4096", 4096 }, { "12B", 12 }, { "64k", 65536 }, { "64K", 65536 },
		{ "1KiB", 1024 }, { "1M", 1 << 20 }, { "1.5MiB", 3 << 19 }, { "2G", 2ULL << 30 },
		{ "2GiB", 2ULL << 30 }, { "1T", 1ULL << 40 }, { "1TiB", 1ULL << 40 },
		{ "18446744073709551615", ULLONG_MAX },
	};
	static const struct refused bad[] = {
		{ "", -EINVAL, "not a size" }, { "K", -EINVAL, "not a size" },
		{ "-1", -EINVAL, "not a size" }, { "1KB", -EINVAL, "unit" },
		{ "1M2K", -EINVAL, "unit" }, { "1 K", -EINVAL, "unit" },
		{ "16777216T", -ERANGE, "too large" },
		{ "18446744073709551616", -ERANGE, "too large" },
	};

	(void)state;
	CHECK_PARSED(parse_size, good, bad);
}

static void percentages(void **state)
{
	static const struct parsed good[] = {
		{ "10%", 1000 }, { "10", 1000 }, { "2.5%", 250 }, { "0", 0 }, { "0.01%", 1 },
		{ "0.009%", 0 }, { "250%", 25000 },
	};
	static const struct refused bad[] = {
		{ "", -EINVAL, "not a percentage" }, { "%", -EINVAL, "not a percentage" },
		{ "-1%", -EINVAL, "not a percentage" }, { "1 %", -EINVAL, "not a percentage" },
		{ "1%%", -EINVAL, "not a percentage" }, { "1k", -EINVAL, "not a percentage" },
		{ "1,5%", -EINVAL, "not a percentage" },
		{ "18446744073709551615%", -ERANGE, "too large" },
		{ "18446744073709551616", -ERANGE, "too large" },
	};

	(void)state;
	CHECK_PARSED(parse_percent, good, bad);
}

static int parse_1_to_100(const char *text, unsigned long long *value, const char **why)
{
	return parse_u64(text, 1, 100, value, why);
}

static int parse_any(const char *text, unsigned long long *value, const char **why)
{
	return parse_u64(text, 0, ULLONG_MAX, value, why);
}

static void whole_numbers(void **state)
{
	static const struct parsed good[] = {
		{ "1", 1 }, { "100", 100 }, { "0x1F", 31 }, { "007", 7 },
	};
	static const struct refused bad[] = {
		{ "0", -ERANGE, "too small" }, { "101", -ERANGE, "too large" },
		{ "", -EINVAL, "whole" }, { "1x", -EINVAL, "whole" }, { "+1", -EINVAL, "whole" },
		{ "-1", -EINVAL, "whole" }, { " 1", -EINVAL, "whole" }, { "0x", -EINVAL, "whole" },
		{ "0x-1", -EINVAL, "whole" }, { "1.5", -EINVAL, "whole" },
	};
	static const struct parsed large[] = {
		{ "0", 0 }, { "18446744073709551615", ULLONG_MAX },
		{ "0xffffffffffffffff", ULLONG_MAX },
	};
	static const struct refused larger[] = { { "18446744073709551616", -ERANGE, "too large" } };

	(void)state;
	CHECK_PARSED(parse_1_to_100, good, bad);
	CHECK_PARSED(parse_any, large, larger);
}

static void strings_cannot_steer_the_terminal(void **state)
{
	static const struct {
		const char *text, *utf8, *ascii;
	} cases[] = {
		{ "0000:00:1f.2", "0000:00:1f.2", "0000:00:1f.2" },
		{ "", "", "" },
		{ "a\x1b[31mb", "a\\x1b[31mb", "a\\x1b[31mb" },
		{ "a\r\nb\t\x7f", "a\\x0d\\x0ab\\x09\\x7f", "a\\x0d\\x0ab\\x09\\x7f" },
		{ "caf\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80",
		  "caf\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80",
		  "caf\\u{e9} \\u{4e2d} \\u{1f600}" },
		{ "a\\b\\x1b", "a\\\\b\\\\x1b", "a\\\\b\\\\x1b" },
		{ "\xc2\x9b" "31m", "\\u{9b}31m", "\\u{9b}31m" },		/* CSI as C1 */
		{ "\xe2\x80\xae" "x", "\\u{202e}x", "\\u{202e}x" },	/* right to left */
		{ "\xf3\xa0\x81\x81", "\\u{e0041}", "\\u{e0041}" },		/* tag */
		{ "\xff\xc3", "\\xff\\xc3", "\\xff\\xc3" },
		{ "\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf" },			/* overlong */
		{ "\xef\xbf\xbf", "\\u{ffff}", "\\u{ffff}" },	/* no character */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80" },	/* surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80",
		  "\\xf8\\x88\\x80\\x80\\x80" },
	};

	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *utf8 = fmt_printable(cases[i].text, true);
		char *ascii = fmt_printable(cases[i].text, false);

		assert_string_equal(utf8, cases[i].utf8);
		assert_string_equal(ascii, cases[i].ascii);
		assert_int_equal(fmt_plain(cases[i].text, &len), !strcmp(ascii, cases[i].text));
		free(utf8);
		free(ascii);
	}
	assert_true(fmt_plain("plain ~", &len));
	assert_int_equal(len, 7);
	assert_false(fmt_plain("\x7f", &len));
	assert_false(fmt_plain("a\\b", &len));
}

static void reserved_characters_are_escaped_on_request(void **state)
{
	char *text = fmt_escaped("a;b c\\\n", true, "; ");

	(void)state;
	assert_string_equal(text, "a\\x3bb\\x20c\\\\\\x0a");
	free(text);
}

/* Each range ends where it should: both ends are harmful, and their neighbours are not. */
static void code_points_that_do_harm(void **state)
{
	static const uint32_t ranges[][2] = {
		{ 0x0, 0x1f }, { 0x7f, 0xa0 }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c },
		{ 0x180b, 0x180f }, { 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f },
		{ 0x3000, 0x3000 }, { 0xd800, 0xdfff }, { 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f },
		{ 0xfeff, 0xfeff }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0x1fffe, 0x1ffff },
		{ 0xdfffe, 0xe0fff },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		for (uint32_t code = ranges[i][0]; code <= ranges[i][1]; code++)
			assert_false(fmt_harmless(code));
		assert_int_equal(fmt_harmless(ranges[i][0] - 1), ranges[i][0] != 0);
		assert_true(fmt_harmless(ranges[i][1] + 1));
	}
	assert_true(fmt_harmless(0x10fffd));
	assert_false(fmt_harmless(0x10fffe) || fmt_harmless(0x10ffff) || fmt_harmless(0x110000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ns_picks_unit_and_rounds),
		cmocka_unit_test(bytes_use_powers_of_two),
		cmocka_unit_test(counts_stay_exact_while_short),
		cmocka_unit_test(digits_and_fractions),
		cmocka_unit_test(durations),
		cmocka_unit_test(sizes),
		cmocka_unit_test(percentages),
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(strings_cannot_steer_the_terminal),
		cmocka_unit_test(reserved_characters_are_escaped_on_request),
		cmocka_unit_test(code_points_that_do_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
