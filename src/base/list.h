/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arrays: how many rows one has, and lists, which grow by one row at a time.  Their room is the
 * power of two at or above the number of rows, so that it needs no field, and so that n rows are
 * copied no more than n times in all.
 */
#ifndef LIST_H
#define LIST_H

#include <stdlib.h>

/* Of an array, not of a pointer. */
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Room for one more row of `size` bytes behind `count` rows: the array, which may have moved, or
 * NULL without memory; then the array is as it was.  All rows must have been added this way.
 */
static inline void *list_grow(void *list, size_t count, size_t size)
{
	if (count & (count - 1))
		return list;
	return reallocarray(list, count ? 2 * count : 1, size);
}

#endif
