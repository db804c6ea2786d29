// SPDX-License-Identifier: GPL-2.0
/*
 * Names: none and the empty one are the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/name.h"

static void no_name_is_the_same_as_no_name(void **state)
{
	(void)state;
	assert_true(name_same(NULL, NULL) && name_same("", NULL) && name_same(NULL, ""));
	assert_true(name_same("nvme", (char[]){ "nvme" }));
	assert_false(name_same("nvme", NULL) || name_same("", "nvme") || name_same("nvme", "nvm"));
}

static void no_name_comes_last(void **state)
{
	(void)state;
	assert_true(name_compare("ahci", "nvme") < 0 && name_compare("nvme", "ahci") > 0);
	assert_true(name_compare("nvme", NULL) < 0 && name_compare("", "nvme") > 0);
	assert_int_equal(name_compare("nvme", "nvme"), 0);
	assert_int_equal(name_compare(NULL, ""), 0);
}

static void a_copy_is_ones_own(void **state)
{
	char name[] = "nvme", *copy = name_copy(name);

	(void)state;
	name[0] = 'X';
	assert_string_equal(copy, "nvme");
	free(copy);
	assert_null(name_copy(NULL));
	assert_null(name_copy(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_name_is_the_same_as_no_name),
		cmocka_unit_test(no_name_comes_last),
		cmocka_unit_test(a_copy_is_ones_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
