// SPDX-License-Identifier: GPL-2.0
/*
 * An index finds all rows with a key in their order, whatever their hashes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/index.h"
#include "base/list.h"

struct row {
	unsigned key, other;
};

static bool row_same(const void *a, const void *b)
{
	return ((const struct row *)a)->key == ((const struct row *)b)->key;
}

static size_t row_hash(const void *row)
{
	return hash_number(0, ((const struct row *)row)->key);
}

static size_t no_hash(const void *row)
{
	(void)row;
	return 7;
}

static const struct index_key key = { sizeof(struct row), row_hash, row_same };
static const struct index_key colliding = { sizeof(struct row), no_hash, row_same };

#define ROWS 1000
#define KEYS 37

static void check_index(const struct index_key *by)
{
	struct index x = index_of(by);
	struct row *rows = NULL;

	for (unsigned i = 0; i < ROWS; i++) {
		rows = list_grow(rows, i, sizeof(*rows));
		assert_non_null(rows);
		rows[i] = (struct row){ i % KEYS, i };
		assert_int_equal(index_add(&x, rows), 0);
	}
	for (unsigned k = 0; k < KEYS; k++) {
		const struct row like = { .key = k };
		size_t n = index_find(&x, rows, &like);

		for (unsigned i = k; i < ROWS; i += KEYS, n = index_next(&x, n)) {
			assert_int_equal(n, i);
			assert_int_equal(index_first(&x, n), k);
		}
		assert_int_equal(n, INDEX_NONE);
	}
	assert_int_equal(index_find(&x, rows, &(struct row){ .key = KEYS }), INDEX_NONE);
	index_release(&x);
	assert_int_equal(index_find(&x, rows, &(struct row){ .key = 0 }), INDEX_NONE);
	free(rows);
}

static void rows_of_a_key_come_in_order(void **state)
{
	(void)state;
	check_index(&key);
	check_index(&colliding);
}

static void an_empty_index_finds_nothing(void **state)
{
	struct index x;

	(void)state;
	assert_int_equal(index_make(&x, &key, NULL, 0), 0);
	assert_int_equal(index_find(&x, NULL, &(struct row){ .key = 0 }), INDEX_NONE);
	index_release(&x);
}

/* No name is the empty name, and where a name ends matters. */
static void names_are_hashed_as_they_are_compared(void **state)
{
	(void)state;
	assert_int_equal(hash_name(0, NULL), hash_name(0, ""));
	assert_int_not_equal(hash_name(hash_name(0, "a"), "bc"), hash_name(hash_name(0, "ab"), "c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_a_key_come_in_order),
		cmocka_unit_test(an_empty_index_finds_nothing),
		cmocka_unit_test(names_are_hashed_as_they_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
