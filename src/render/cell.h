/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values as people read them.  Every string is escaped on its way out (fmt_printable()), numbers
 * are scaled and never cut.
 */
#ifndef RENDER_CELL_H
#define RENDER_CELL_H

#include <stdio.h>
#include "base/doc.h"
#include "base/fmt.h"

#define PROSE_WIDTH 80		/* of lines that wrap when the output has no width of its own */

static inline bool unit_is_hist(enum unit unit)
{
	return unit == UNIT_HIST_NS || unit == UNIT_HIST_BYTES;
}

/* In buf, or a constant. */
const char *render_number(char buf[FMT_MAX], unsigned long long value, enum unit unit);
void render_cell(FILE *out, const struct cell *cell, enum unit unit, bool utf8);
void text_put(FILE *out, const char *text, bool utf8);
/* "name N, name N"; zeros say nothing new in a list of losses, but are data in a cell. */
void pairs_put(FILE *out, const struct cell_pairs *list, bool zeros, const char *none, bool utf8);

/* How many characters a terminal shows. */
size_t text_chars(const char *text);
size_t text_chars_of(const char *text, size_t len);
/* The bytes of the first n characters, or of all if there are fewer. */
size_t text_span(const char *text, size_t n);

#endif
