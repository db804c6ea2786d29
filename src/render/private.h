/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by renderers; see render.h for what each returns.
 */
#ifndef RENDER_PRIVATE_H
#define RENDER_PRIVATE_H

#include "render/render.h"

/* What is ready of a report, then render_flush(). */
int render_write(FILE *out, const char *buf, size_t len);
/* What is left of a page, which it releases. */
int render_end(struct bytes *page);

int render_text(FILE *out, const struct doc *doc, const struct render_opts *o);
int render_json(FILE *out, const struct doc *doc, const struct render_opts *o);
int render_folded(FILE *out, const struct doc *doc, const struct render_opts *o);
int render_junit(FILE *out, const struct doc *doc, const struct render_opts *o);
int render_github(FILE *out, const struct doc *doc, const struct render_opts *o);
int render_openmetrics(FILE *out, const struct doc *doc, const struct render_opts *o);
/* The rows of doc_bars(). */
int render_bars(FILE *out, const struct table *t, const struct render_opts *o);

#endif
