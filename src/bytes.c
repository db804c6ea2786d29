// SPDX-License-Identifier: GPL-2.0
/*
 * Text put together piece by piece, see bytes.h.
 */
#include <stdlib.h>
#include "bytes.h"

void bytes_grow(struct bytes *b, size_t len)
{
	size_t room = b->room ? b->room : 4096;
	char *grown;

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
