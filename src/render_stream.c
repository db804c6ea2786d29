// SPDX-License-Identifier: GPL-2.0
/*
 * Rows as they come: text in columns that grow with what they have to hold, or lines of JSON.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "err.h"
#include "render_stream.h"
#include "render_text.h"

#define COLUMNS 32

struct stream {
	int fd;
	bool json, utf8, ready;		/* ready: writing never waits for a reader */
	size_t widths[COLUMNS];		/* 0: nothing printed yet */
	FILE *out, *cell;		/* into these */
	char *text, *cell_text;
	size_t len, cell_len;
	size_t written;			/* of text */
};

struct stream *stream_new(int fd, bool json, const struct render_opts *o)
{
	struct stream *s = calloc(1, sizeof(*s));
	struct stat st;

	if (!s)
		return fail(-ENOMEM, "out of memory"), NULL;
	s->fd = fd;
	s->json = json;
	s->utf8 = o->utf8;
	s->ready = !fstat(fd, &st) && S_ISREG(st.st_mode);
	s->out = open_memstream(&s->text, &s->len);
	s->cell = open_memstream(&s->cell_text, &s->cell_len);
	if (s->out && s->cell)
		return s;
	stream_free(s);
	return fail(-ENOMEM, "out of memory"), NULL;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	if (s->out)
		fclose(s->out);
	if (s->cell)
		fclose(s->cell);
	free(s->text);
	free(s->cell_text);
	free(s);
}

static void put_padded(struct stream *s, size_t column, const char *text, bool right, bool last)
{
	size_t chars = text_chars(text);
	int pad;

	if (s->widths[column] < chars)
		s->widths[column] = chars;
	pad = (int)(s->widths[column] - chars);
	fprintf(s->out, "%*s%s%*s", right ? pad : 0, "", text, right || last ? 0 : pad, "");
	fputc(last ? '\n' : ' ', s->out);
}

/* A cell as text, until the next one. */
static const char *cell_text_of(struct stream *s, const struct cell *cell, enum unit unit)
{
	rewind(s->cell);
	render_cell(s->cell, cell, unit, s->utf8);
	fputc('\0', s->cell);
	return fflush(s->cell) ? "?" : s->cell_text;
}

/* cells NULL: the titles. */
static void text_line(struct stream *s, const struct table *t, const struct cell *cells)
{
	size_t last = 0;

	for (size_t c = 0; c < t->ncols; c++)
		if (shown(t->cols[c].show, SHOW_TEXT))
			last = c;
	for (size_t c = 0; c <= last; c++) {
		const struct column *col = &t->cols[c];
		bool right = col->unit != UNIT_TEXT && col->unit != UNIT_NAMES;

		if (!shown(col->show, SHOW_TEXT))
			continue;
		if (col->least > s->widths[c])
			s->widths[c] = col->least;
		put_padded(s, c, cells ? cell_text_of(s, &cells[c], col->unit) : col->title, right,
			   c == last);
	}
}

static bool begun(const struct stream *s)
{
	for (size_t c = 0; c < COLUMNS; c++)
		if (s->widths[c])
			return true;
	return false;
}

int stream_rows(struct stream *s, const struct table *t)
{
	int err = 0;

	if (t->ncols > COLUMNS)
		return fail(-EINVAL, "a table too wide to print as it comes");
	if (!s->json && !begun(s))
		text_line(s, t, NULL);
	for (size_t r = 0; r < t->nrows && !err; r++) {
		if (s->json)
			err = render_json_row(s->out, t, r);
		else
			text_line(s, t, table_cells(t, r));
	}
	if (!err && fflush(s->out))
		err = fail(-errno, "cannot print: %s", strerror(errno));
	return err;
}

/* The document's lines behind a mark, or its object, with a key before the others. */
static void put_end(struct stream *s, char *text)
{
	char *line;

	if (s->json) {
		fprintf(s->out, "{\"end\":true,%s", text + 1);
		return;
	}
	while ((line = strsep(&text, "\n")))
		if (*line)
			fprintf(s->out, "# %s\n", line);
}

int stream_end(struct stream *s, const struct doc *doc)
{
	struct render_opts opts = { .width = 0, .utf8 = s->utf8 };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int err;

	if (!f)
		return fail(-ENOMEM, "out of memory");
	err = s->json ? render_json(f, doc, &opts) : render_text(f, doc, &opts);
	fclose(f);
	if (!err && text)
		put_end(s, text);
	free(text);
	if (!err && fflush(s->out))
		err = fail(-errno, "cannot print: %s", strerror(errno));
	return err;
}

size_t stream_waiting(const struct stream *s)
{
	return s->len - s->written;
}

/* As much as goes without waiting: a pipe that is ready takes as much as it need not split. */
static int write_some(struct stream *s)
{
	size_t most = s->ready ? stream_waiting(s) : PIPE_BUF;
	ssize_t n = write(s->fd, s->text + s->written,
			  stream_waiting(s) < most ? stream_waiting(s) : most);

	if (n < 0 && errno == EPIPE)
		return -EPIPE;
	if (n < 0 && errno != EINTR && errno != EAGAIN)
		return fail(-errno, "cannot write the trace: %s", strerror(errno));
	s->written += n > 0 ? n : 0;
	return 0;
}

int stream_flush(struct stream *s, int ms)
{
	struct pollfd fd = { s->fd, POLLOUT, 0 };
	int err = 0;

	while (!err && stream_waiting(s) && (s->ready || poll(&fd, 1, ms) > 0))
		err = write_some(s);
	if (!stream_waiting(s)) {
		rewind(s->out);
		fflush(s->out);
		s->written = 0;
	}
	return err;
}
