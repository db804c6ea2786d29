/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What renderers of text share: values as people read them.
 */
#ifndef RENDER_TEXT_H
#define RENDER_TEXT_H

#include "doc.h"
#include "render.h"

void render_cell(FILE *out, const struct cell *cell, enum unit unit, bool utf8);
/* How many characters a terminal shows. */
size_t text_chars(const char *text);

#endif
