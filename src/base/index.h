/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hash index over the rows of an array: finds the rows with the same key as another row, in the
 * order of the array, without a search through all of them.  It keeps row numbers, not pointers,
 * so the array may move.  Rows that are moved within the array, or whose keys change, need a new
 * index.
 */
#ifndef INDEX_H
#define INDEX_H

#include <stdbool.h>
#include <stddef.h>

#define INDEX_NONE ((size_t)-1)	/* no row; above all row numbers */

/* What the key of a row is.  Two rows with the same key have the same hash. */
struct index_key {
	size_t size;			/* of a row, bytes */
	size_t (*hash)(const void *row);
	bool (*same)(const void *a, const void *b);
};

struct index {
	const struct index_key *key;
	size_t *slots;			/* by hash: the first row with a key; INDEX_NONE: free */
	size_t nslots;			/* a power of two */
	size_t nkeys;
	struct index_row *rows;
	size_t count, room;		/* the first `count` rows of the array are in it */
};

/* An empty index.  It borrows the key. */
static inline struct index index_of(const struct index_key *key)
{
	return (struct index){ .key = key };
}
/* Adds the row behind those that it has.  rows: the array.  0 or -ENOMEM. */
int index_add(struct index *x, const void *rows);
/* Adds the rows up to `count`.  0 or -ENOMEM. */
int index_fill(struct index *x, const void *rows, size_t count);
/* An index of all rows of an array.  0 or -ENOMEM; release it in both cases. */
int index_make(struct index *x, const struct index_key *key, const void *rows, size_t count);
/* The first row with the key of `like`, which need not be in the array; INDEX_NONE: none. */
size_t index_find(const struct index *x, const void *rows, const void *like);
/* The next row with the same key as row n; INDEX_NONE: none. */
size_t index_next(const struct index *x, size_t n);
/* The first row with the same key as row n, perhaps n. */
size_t index_first(const struct index *x, size_t n);
void index_release(struct index *x);

/* For hash functions: a hash of what `hash` is of, and of one more part of the key. */
size_t hash_number(size_t hash, unsigned long long number);
size_t hash_name(size_t hash, const char *name);	/* NULL is "", as in name_same() */

#endif
