/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The model as tables: which field of which struct is which column of a recording.  Writing
 * (record.c) and reading (replay.c) go by this one description.
 *
 * A table has the columns `id` and `owner`, the id of the row it belongs to.  A histogram NAME is
 * four columns, NAME_count, NAME_sum, NAME_max and NAME_hist, its buckets as hist_print() has them.
 * The view BUCKETS has a row for each bucket that is not empty.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include <stddef.h>

enum field_kind {
	FIELD_TEXT,		/* char *, the row's own; NULL is NULL */
	FIELD_NAME,		/* const char *, never freed: replay.c keeps it */
	FIELD_CHARS,		/* char [most] */
	FIELD_BOOL,
	FIELD_INT,		/* int or unsigned */
	FIELD_WORD,		/* unsigned long long, long long or size_t */
	FIELD_ENUM,		/* by name, as numbers may change */
	FIELD_HIST,
	FIELD_ROWS,		/* a pointer to rows, and how many */
	FIELD_ARRAY,		/* rows in place, `most` of them, and how many */
	FIELD_NAMED,		/* rows in place, `most` of them; which is which the table says */
	FIELD_LIST,		/* char **, and how many */
	FIELD_SINCE,		/* not a field: those below it came with version `most` */
};

struct shape;

struct field {
	const char *name;			/* of the column; NULL ends the list */
	enum field_kind kind;
	size_t offset, count_offset, most;
	const char *(*text)(int value);		/* of an enum or a named row */
	const struct shape *rows;
};

struct shape {
	const char *table, *buckets;
	size_t size;
	const struct field *fields;
	const char *which;			/* of named rows: the column that says which */
};

/* struct model, and through it everything that is known at the end of a run. */
extern const struct shape shape_model;
/* What tells the rows of struct aggregate apart: the kinds of calls that intervals count. */
extern const struct shape shape_series;
/*
 * struct event in two: a row for each call, owned by the row that has what many calls have in
 * common.  A call path belongs to that, too.
 */
extern const struct shape shape_event, shape_event_kind, shape_event_frames;

/*
 * The fields of a shape in a recording of that version, for_each_field() alone: a version adds
 * fields at the end of a list, behind FIELD_SINCE.  A reader leaves those that are missing at 0 or
 * NULL, which has to mean that they are not known.
 */
const struct field *field_from(const struct field *f, int version);
#define for_each_field(f, shape, version)						\
	for (const struct field *f = field_from((shape)->fields, version); f->name;	\
	     f = field_from(f + 1, version))

/* Has the table a column for it?  The others have tables of their own. */
static inline int field_is_column(const struct field *f)
{
	return f->kind <= FIELD_ENUM;
}

#endif
