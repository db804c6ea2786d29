/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What renderers of text share: values as people read them.
 */
#ifndef RENDER_TEXT_H
#define RENDER_TEXT_H

#include "base/doc.h"
#include "base/fmt.h"
#include "render/render.h"

#define PROSE_WIDTH 80		/* of lines that wrap when the output has no width of its own */

static inline bool unit_is_hist(enum unit unit)
{
	return unit == UNIT_HIST_NS || unit == UNIT_HIST_BYTES;
}

/* In buf, or a constant. */
const char *render_number(char buf[FMT_MAX], unsigned long long value, enum unit unit);
void render_cell(FILE *out, const struct cell *cell, enum unit unit, bool utf8);
/* How many characters a terminal shows. */
size_t text_chars(const char *text);
/* The rows of doc_bars(); -ENOMEM, reported. */
int render_bars(FILE *out, const struct table *t, const struct render_opts *o);

#endif
