// SPDX-License-Identifier: GPL-2.0
/*
 * Rows by their keys, see index.h.  Slots are probed one after the other, and at most half of them
 * are taken.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include "base/index.h"

#define LEAST_SLOTS 16

struct index_row {
	size_t hash;
	size_t first;		/* row with this key */
	size_t next, last;	/* row with this key; last: valid in the first one */
};

/* FNV-1a, in 64 bits. */
#define FNV_PRIME 0x100000001b3ull

size_t hash_number(size_t hash, unsigned long long number)
{
	uint64_t mixed = (hash ^ number) * FNV_PRIME;

	/* multiplication carries bits upwards only, and slots are chosen by the lowest */
	return mixed ^ mixed >> 29;
}

size_t hash_name(size_t hash, const char *name)
{
	for (; name && *name; name++)
		hash = (hash ^ (unsigned char)*name) * FNV_PRIME;
	return hash_number(hash, 0);
}

static const void *row_at(const struct index *x, const void *rows, size_t n)
{
	return (const char *)rows + n * x->key->size;
}

/* The slot that has the key, or the free one where it belongs. */
static size_t slot_of(const struct index *x, const void *rows, const void *like, size_t hash)
{
	size_t slot = hash & (x->nslots - 1);

	while (x->slots[slot] != INDEX_NONE) {
		size_t n = x->slots[slot];

		if (x->rows[n].hash == hash && x->key->same(row_at(x, rows, n), like))
			break;
		slot = (slot + 1) & (x->nslots - 1);
	}
	return slot;
}

/* More slots, a power of two; keys need no comparison, as all of them differ. */
static int slots_grow(struct index *x, size_t nslots)
{
	size_t *slots = reallocarray(NULL, nslots, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < nslots; i++)
		slots[i] = INDEX_NONE;
	for (size_t i = 0; i < x->nslots; i++) {
		size_t n = x->slots[i], slot;

		if (n == INDEX_NONE)
			continue;
		slot = x->rows[n].hash & (nslots - 1);
		while (slots[slot] != INDEX_NONE)
			slot = (slot + 1) & (nslots - 1);
		slots[slot] = n;
	}
	free(x->slots);
	x->slots = slots;
	x->nslots = nslots;
	return 0;
}

static int rows_grow(struct index *x, size_t room)
{
	struct index_row *grown = reallocarray(x->rows, room, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	x->rows = grown;
	x->room = room;
	return 0;
}

int index_add(struct index *x, const void *rows)
{
	const void *row = row_at(x, rows, x->count);
	size_t hash = x->key->hash(row), n = x->count, slot;

	if (2 * x->nkeys >= x->nslots && slots_grow(x, x->nslots ? 2 * x->nslots : LEAST_SLOTS))
		return -ENOMEM;
	if (x->count == x->room && rows_grow(x, x->room ? 2 * x->room : LEAST_SLOTS))
		return -ENOMEM;
	slot = slot_of(x, rows, row, hash);
	x->rows[n] = (struct index_row){ hash, n, INDEX_NONE, n };
	if (x->slots[slot] == INDEX_NONE) {
		x->slots[slot] = n;
		x->nkeys++;
	} else {
		struct index_row *first = &x->rows[x->slots[slot]];

		x->rows[n].first = x->slots[slot];
		x->rows[first->last].next = n;
		first->last = n;
	}
	x->count++;
	return 0;
}

int index_fill(struct index *x, const void *rows, size_t count)
{
	int err = 0;

	while (!err && x->count < count)
		err = index_add(x, rows);
	return err;
}

int index_make(struct index *x, const struct index_key *key, const void *rows, size_t count)
{
	size_t nslots = LEAST_SLOTS;

	*x = index_of(key);
	if (!count)
		return 0;
	/* at once, as if each had a key of its own */
	while (nslots < 2 * count)
		nslots *= 2;
	if (slots_grow(x, nslots) || rows_grow(x, count))
		return -ENOMEM;
	return index_fill(x, rows, count);
}

size_t index_find(const struct index *x, const void *rows, const void *like)
{
	return x->nslots ? x->slots[slot_of(x, rows, like, x->key->hash(like))] : INDEX_NONE;
}

size_t index_next(const struct index *x, size_t n)
{
	return x->rows[n].next;
}

size_t index_first(const struct index *x, size_t n)
{
	return x->rows[n].first;
}

void index_release(struct index *x)
{
	free(x->slots);
	free(x->rows);
	*x = index_of(x->key);
}
