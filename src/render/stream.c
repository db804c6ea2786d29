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
#include "base/bytes.h"
#include "base/err.h"
#include "render/stream.h"
#include "render/cell.h"
#include "render/private.h"

#define COLUMNS 32

struct stream {
	int fd;
	bool json, utf8, ready;		/* ready: writing never waits for a reader */
	size_t widths[COLUMNS];		/* 0: nothing printed yet */
	struct bytes out;
	size_t written;			/* of these */
	FILE *cell;			/* one that takes more than its bytes as they are; into */
	char *cell_text;
	size_t cell_len;
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
	s->cell = open_memstream(&s->cell_text, &s->cell_len);
	if (s->cell)
		return s;
	stream_free(s);
	return fail(-ENOMEM, "out of memory"), NULL;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	if (s->cell)
		fclose(s->cell);
	free(s->out.at);
	free(s->cell_text);
	free(s);
}

/* What a cell is for people. */
struct shown_text {
	const char *text;
	size_t len, chars;
};

static void put_padded(struct stream *s, size_t column, const struct shown_text *cell, bool right,
		       bool last)
{
	size_t pad;

	if (s->widths[column] < cell->chars)
		s->widths[column] = cell->chars;
	pad = s->widths[column] - cell->chars;
	if (right)
		bytes_fill(&s->out, ' ', pad);
	bytes_put(&s->out, cell->text, cell->len);
	if (!right && !last)
		bytes_fill(&s->out, ' ', pad);
	bytes_put(&s->out, last ? "\n" : " ", 1);
}

/* Valid until the next one. */
static struct shown_text show_cell(struct stream *s, const struct cell *cell, enum unit unit,
				   char number[FMT_MAX])
{
	struct shown_text shown = { .text = "-", .len = 1, .chars = 1 };

	if (cell->kind == CELL_U64) {
		shown.text = render_number(number, cell->u64, unit);
		shown.len = shown.chars = strlen(shown.text);
	} else if (cell->kind == CELL_TEXT && fmt_plain(cell->text, &shown.len)) {
		shown.text = cell->text;
		shown.chars = shown.len;
	} else if (cell->kind != CELL_ABSENT) {
		rewind(s->cell);
		render_cell(s->cell, cell, unit, s->utf8);
		fputc('\0', s->cell);
		shown.text = fflush(s->cell) ? "?" : s->cell_text;
		shown.len = strlen(shown.text);
		shown.chars = text_chars(shown.text);
	}
	return shown;
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
		const struct cell title = { .kind = CELL_TEXT, .text = (char *)col->title };
		bool right = col->unit != UNIT_TEXT && col->unit != UNIT_NAMES;
		struct shown_text text;
		char number[FMT_MAX];

		if (!shown(col->show, SHOW_TEXT))
			continue;
		if (col->least > s->widths[c])
			s->widths[c] = col->least;
		text = show_cell(s, cells ? &cells[c] : &title, col->unit, number);
		put_padded(s, c, &text, right, c == last);
	}
}

static bool begun(const struct stream *s)
{
	for (size_t c = 0; c < COLUMNS; c++)
		if (s->widths[c])
			return true;
	return false;
}

static int complete(const struct stream *s)
{
	return s->out.failed ? fail(-ENOMEM, "cannot print: out of memory") : 0;
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
			err = render_json_row(&s->out, t, r);
		else
			text_line(s, t, table_cells(t, r));
	}
	return err ? err : complete(s);
}

/* The document's lines behind a mark, or its object, with a key before the others. */
static void put_end(struct stream *s, char *text)
{
	char *line;

	if (s->json) {
		bytes_text(&s->out, "{\"end\":true,");
		bytes_text(&s->out, text + 1);
		return;
	}
	while ((line = strsep(&text, "\n"))) {
		if (!*line)
			continue;
		bytes_text(&s->out, "# ");
		bytes_text(&s->out, line);
		bytes_text(&s->out, "\n");
	}
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
	return err ? err : complete(s);
}

size_t stream_waiting(const struct stream *s)
{
	return s->out.len - s->written;
}

/* As much as goes without waiting: a pipe that is ready takes as much as it need not split. */
static int write_some(struct stream *s)
{
	size_t most = s->ready ? stream_waiting(s) : PIPE_BUF;
	ssize_t n = write(s->fd, s->out.at + s->written,
			  stream_waiting(s) < most ? stream_waiting(s) : most);

	if (n < 0 && errno == EPIPE)
		return -EPIPE;
	if (n < 0 && errno != EINTR && errno != EAGAIN)
		return fail(-errno, "cannot write the trace: %s", error_text(errno));
	s->written += n > 0 ? n : 0;
	return 0;
}

/* A signal that is only noted does not end a wait without a limit. */
static bool writable(const struct stream *s, int ms)
{
	struct pollfd fd = { s->fd, POLLOUT, 0 };
	int n;

	do
		n = poll(&fd, 1, ms);
	while (n < 0 && errno == EINTR && ms < 0);
	return n > 0;
}

int stream_flush(struct stream *s, int ms)
{
	int err = 0;

	while (!err && stream_waiting(s) && (s->ready || writable(s, ms)))
		err = write_some(s);
	if (!stream_waiting(s))
		s->out.len = s->written = 0;
	return err;
}
