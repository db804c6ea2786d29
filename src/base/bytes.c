// SPDX-License-Identifier: GPL-2.0
/*
 * Text put together piece by piece, see bytes.h.
 */
#include <errno.h>
#include <stdlib.h>
#include "base/bytes.h"

static void write_piece(struct bytes *b)
{
	errno = 0;
	if (!b->unwritten && fwrite(b->at, 1, b->len, b->out) != b->len)
		b->unwritten = errno ? errno : EIO;
	b->len = 0;
}

void bytes_grow(struct bytes *b, size_t len)
{
	size_t room = b->room ? b->room : 4096;
	char *grown;

	if (b->out && b->room >= BYTES_PIECE)
		write_piece(b);
	if (b->room - b->len >= len)
		return;
	while (room - b->len < len)
		room *= 2;
	grown = realloc(b->at, room);
	if (!grown) {
		b->failed = true;
		return;
	}
	b->at = grown;
	b->room = room;
}
