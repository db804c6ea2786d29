// SPDX-License-Identifier: GPL-2.0
/*
 * The list of renderers, what they may ask of the terminal, and the one place that writes.
 */
#include "render/render.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/fmt.h"

const struct renderer renderers[] = {
	{ "text", "tables for people", render_text },
	{ "json", "one JSON object on one line, times in ns, sizes in bytes", render_json },
	{ "folded", "call paths for flame graphs", render_folded },
	{ "junit", "verdicts as JUnit XML", render_junit },
	{ "github", "verdicts as annotations of GitHub's log", render_github },
	{ "openmetrics", "for monitoring systems, times in s, sizes in bytes", render_openmetrics },
	{ NULL, NULL, NULL },
};

const struct renderer *renderer_find(const char *name)
{
	for (const struct renderer *r = renderers; r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}

static int terminal_width(int fd)
{
	const char *columns = getenv("COLUMNS");
	unsigned long long width;
	struct winsize size;

	if (columns && !parse_u64(columns, 1, USHRT_MAX, &width, NULL))
		return (int)width;
	if (!isatty(fd))
		return 0;
	return !ioctl(fd, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col : 80;
}

struct render_opts render_opts_for(FILE *out)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	int fd = fileno(out);

	return (struct render_opts){
		.width = terminal_width(fd),
		.colour = isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb"),
		.utf8 = fmt_locale_utf8(),
	};
}

static int write_failed(int err)
{
	if (err == EPIPE)
		return -EPIPE;
	return fail(-err, "cannot write the report: %s", error_text(err));
}

int render_flush(FILE *out)
{
	errno = 0;
	if (!fflush(out) && !ferror(out))
		return 0;
	return write_failed(errno ? errno : EIO);
}

int render_write(FILE *out, const char *buf, size_t len)
{
	errno = 0;
	if (fwrite(buf, 1, len, out) != len)
		return write_failed(errno ? errno : EIO);
	return render_flush(out);
}

int render_end(struct bytes *page)
{
	int err = page->failed ? fail(-ENOMEM, "out of memory while writing the report") :
		  page->unwritten ? write_failed(page->unwritten) :
		  render_write(page->out, page->at, page->len);

	free(page->at);
	*page = (struct bytes){ 0 };
	return err;
}
