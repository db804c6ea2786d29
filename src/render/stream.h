/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows printed as they come, and a document at the end.  What is printed waits in memory until it
 * can be written without waiting for the reader, so that signals are heard meanwhile.
 */
#ifndef RENDER_STREAM_H
#define RENDER_STREAM_H

#include "base/doc.h"
#include "render/render.h"

struct stream;

/* To a descriptor, which stays the caller's; json: rows are lines of JSON.  NULL, reported. */
struct stream *stream_new(int fd, bool json, const struct render_opts *o);
/* All rows of a table; of one set of columns each time.  0 or -errno, reported, as all below. */
int stream_rows(struct stream *s, const struct table *t);
/* Comments in text; in JSON the last object, with "end": true. */
int stream_end(struct stream *s, const struct doc *doc);
/* How much waits to be written. */
size_t stream_waiting(const struct stream *s);
/*
 * Write what can be written, waiting for the reader no longer than that many ms; -1: until all is.
 * -EPIPE, the reader left, is silent.
 */
int stream_flush(struct stream *s, int ms);
void stream_free(struct stream *s);

#endif
