/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ways to print a document.  A renderer knows the document and nothing of where it came from.
 * Each returns 0, or a negative errno it has already reported (-EPIPE is silent: the reader
 * left, and what that means is the caller's decision; SIGPIPE must be ignored to get there).
 */
#ifndef RENDER_H
#define RENDER_H

#include <stdbool.h>
#include <stdio.h>

struct bytes;
struct doc;
struct table;

struct render_opts {
	int width;	/* columns; 0: no limit for tables, header lines wrap at 80 */
	bool colour;
	bool utf8;
};

struct renderer {
	const char *name, *help;
	int (*render)(FILE *out, const struct doc *doc, const struct render_opts *o);
};

extern const struct renderer renderers[];	/* ends with a NULL name */
const struct renderer *renderer_find(const char *name);

/* Asks the terminal and the environment; the program must have called setlocale(LC_ALL, ""). */
struct render_opts render_opts_for(FILE *out);

/* Writes out what is buffered and says if any of it was lost. */
int render_flush(FILE *out);

/* One row of a table as a line of JSON; -ENOMEM, reported. */
int render_json_row(struct bytes *out, const struct table *t, size_t row);

#endif
