// SPDX-License-Identifier: GPL-2.0
/*
 * The list of renderers, and what they may ask of the terminal.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fmt.h"
#include "render/private.h"

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
