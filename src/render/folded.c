// SPDX-License-Identifier: GPL-2.0
/*
 * Call paths as flame graph programs read them: "outermost;...;innermost WEIGHT", a line each.  Of
 * tables shown folded, whose first column are the names and whose second is the number.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/doc.h"
#include "base/err.h"
#include "base/fmt.h"
#include "render/private.h"

/* False without memory. */
static bool put_name(FILE *out, const char *name)
{
	char *safe = fmt_escaped(name, true, ";");

	if (!safe)
		return false;
	fputs(safe, out);
	free(safe);
	return true;
}

static bool put_row(FILE *out, const struct cell *cells)
{
	bool done = true;

	assert(cells[0].kind == CELL_NAMES && cells[1].kind == CELL_U64);
	if (!cells[0].list->count)
		fputs("(lost)", out);
	for (size_t i = cells[0].list->count; i && done; i--) {
		done = put_name(out, cells[0].list->items[i - 1].name);
		if (i > 1)
			fputc(';', out);
	}
	fprintf(out, " %llu\n", cells[1].u64);
	return done;
}

int render_folded(FILE *out, const struct doc *doc, const struct render_opts *o)
{
	char *text = NULL;
	size_t len;
	FILE *lines = open_memstream(&text, &len);
	bool done = true;
	int err;

	(void)o;
	if (!lines)
		return fail(-ENOMEM, "cannot write the report: out of memory");
	for (const struct item *item = doc_items(doc); item; item = item->next)
		if (item->kind == ITEM_TABLE && item->show & SHOW_FOLDED)
			for (size_t r = 0; r < item->table.nrows && done; r++)
				done = put_row(lines, table_cells(&item->table, r));
	if (fclose(lines))
		done = false;
	err = done ? render_write(out, text, len) :
		     fail(-ENOMEM, "cannot write the report: out of memory");
	free(text);
	return err;
}
