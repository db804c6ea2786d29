// SPDX-License-Identifier: GPL-2.0
/*
 * Patterns as the BPF side matches them agree with fnmatch(): chosen ones, and many made up of the
 * characters that mean something.
 */
#include <errno.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/glob.h"

#undef __always_inline
#define __always_inline inline
#include "base/list.h"
#include "bpf/filter.bpf.h"

static unsigned fitting;

/* The BPF side's pattern is in a section of its own there; any will do here. */
static void check(const char *pattern, const char *text)
{
	char name[DMT_NAME_LEN] = "";
	struct dmt_glob glob;
	bool want, got;

	snprintf(name, sizeof(name), "%s", text);
	want = name[0] && !fnmatch(pattern, name, 0);
	assert_int_equal(glob_compile(&glob, pattern), 0);
	got = glob_matches(&glob, name);
	fitting += got;
	if (got != want)
		fail_msg("'%s' and '%s': %d, fnmatch says %d", pattern, name, got, want);
}

static void as_fnmatch(void **state)
{
	static const char *const patterns[] = {
		"", "*", "**", "?", "a", "0000:00:01.0", "0000:*", "*.0", "*:0?:*", "00[0-2]0*",
		"[!0]*", "[^0]*", "[]]", "[]a]*", "[", "[a", "a[", "[[:digit:]]*", "[a\\]]*", "\\*",
		"\\", "a\\", "*a*b*c*", "nvme*", "*nvme", "n**e", "?*?", "*?", "[a-", "[!]a]", "[[]",
		"[[:alpha:]0]*", "[-a]", "*\\?",
	};
	static const char *const names[] = {
		"", "a", "b", "]", "[", "[a", "a[", "*", "\\", "a\\", "-", "ab", "abc", "aXbYc", "cab",
		"0000:00:01.0", "0000:00:02.0", "10000:e0:06.1", "nvme", "nvme0", "xnvme", "ne",
		"virtio0", "?", "a?", "30830000.ethernet-with-a-name-longer-than-is-kept-xx",
	};

	(void)state;
	for (size_t p = 0; p < ARRAY_SIZE(patterns); p++)
		for (size_t n = 0; n < ARRAY_SIZE(names); n++)
			check(patterns[p], names[n]);
}

/* Sets are closed: of others fnmatch() has more than one opinion. */
static void random_text(char *text, const char *const *of, unsigned count, unsigned most)
{
	unsigned len = rand() % (most + 1);

	text[0] = '\0';
	while (len--)
		strcat(text, of[rand() % count]);
}

static void as_fnmatch_at_random(void **state)
{
	static const char *const parts[] = {
		"a", "b", "*", "*", "?", "[ab]", "[!a]", "[a-b]", "[]b]", "[^]]", "\\*", "\\a",
	};
	static const char *const letters[] = { "a", "b", "]", "*" };
	char pattern[64], name[16];

	(void)state;
	srand(1);
	for (int i = 0; i < 200000; i++) {
		random_text(pattern, parts, ARRAY_SIZE(parts), 10);
		random_text(name, letters, i % 2 ? 2 : 4, 12);
		check(pattern, name);
	}
	assert_true(fitting > 10000);
}

static void none_fits_all(void **state)
{
	struct dmt_glob glob;

	(void)state;
	assert_int_equal(glob_compile(&glob, NULL), 0);
	assert_true(glob_matches(&glob, "anything"));
	assert_true(glob_matches(&glob, ""));
	assert_false(device_glob.given || driver_glob.given);
}

static void only_names_that_are_known_fit(void **state)
{
	(void)state;
	assert_true(glob_fits(NULL, NULL) && glob_fits(NULL, "nvme0"));
	assert_true(glob_fits("*", "nvme0") && glob_fits("nvme?", "nvme0"));
	assert_false(glob_fits("*", NULL) || glob_fits("nvme", "nvme0"));
}

static void too_long(void **state)
{
	char pattern[DMT_GLOB_PARTS + 2];
	struct dmt_glob glob;

	(void)state;
	memset(pattern, 'a', sizeof(pattern) - 1);
	pattern[sizeof(pattern) - 1] = '\0';
	assert_int_equal(glob_compile(&glob, pattern), -E2BIG);
	pattern[DMT_GLOB_PARTS] = '\0';
	assert_int_equal(glob_compile(&glob, pattern), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_fnmatch),
		cmocka_unit_test(as_fnmatch_at_random),
		cmocka_unit_test(none_fits_all),
		cmocka_unit_test(only_names_that_are_known_fit),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
