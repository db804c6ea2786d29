/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text put together piece by piece, in memory that grows.  For what is printed millions of times,
 * where a FILE in memory takes most of the time.
 */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define BYTES_PIECE ((size_t)64 << 10)

struct bytes {
	char *at;		/* not terminated; free() releases it */
	size_t len, room;
	FILE *out;		/* borrowed: takes a piece when there is one; NULL: nobody does */
	int unwritten;		/* errno of the piece that out did not take; 0: it took all */
	bool failed;		/* there was no memory: some of it is missing */
};

/* Make room for so many more, or say that it failed. */
void bytes_grow(struct bytes *b, size_t len);

/* Where so many more are to stand; NULL without memory. */
static inline char *bytes_add(struct bytes *b, size_t len)
{
	if (b->room - b->len < len)
		bytes_grow(b, len);
	if (b->failed)
		return NULL;
	b->len += len;
	return b->at + b->len - len;
}

static inline void bytes_put(struct bytes *b, const char *data, size_t len)
{
	char *to = bytes_add(b, len);

	if (to)
		memcpy(to, data, len);
}

static inline void bytes_text(struct bytes *b, const char *text)
{
	bytes_put(b, text, strlen(text));
}

static inline void bytes_fill(struct bytes *b, char c, size_t count)
{
	char *to = bytes_add(b, count);

	if (to)
		memset(to, c, count);
}

#endif
