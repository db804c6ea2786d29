/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by replay*.c; nobody else includes it.  What returns an error has reported it.
 */
#ifndef REPLAY_PRIVATE_H
#define REPLAY_PRIVATE_H

#include <sqlite3.h>
#include "model/event.h"
#include "recording/record.h"
#include "recording/replay_file.h"
#include "recording/replay_guard.h"
#include "recording/shape.h"

#define MAX_ROWS 10000000
#define MAX_SELECTS 64		/* tables of the model */
#define MAX_TEXT 4096		/* bytes of a name; a kernel's command line is the longest */
#define MAX_FRAMES 1024		/* of a stack; a kernel takes 127 unless told otherwise */

struct replay {
	const char *path;
	struct replay_file *file;
	sqlite3 *db;
	struct guard guard;
	int version;		/* of the recording; valid from replay_begin() on */
	sqlite3_int64 schema;	/* SQLite's number of the schema that was checked; 0: none yet */
	char **names;		/* that no row owns */
	size_t nnames;
	struct select {		/* made once, since there is one for the lists of each row */
		const struct shape *shape;
		sqlite3_stmt *stmt;
	} selects[MAX_SELECTS];
	size_t nselects;
	struct kind *kinds;	/* of events, by id; read with the first of them */
	size_t nkinds;
	bool kinds_read;
	sqlite3_int64 seen, last;	/* ids of events: handed over, and of all */
};

/* Says that SQLite cannot read it, or what else is wrong with it. */
int replay_broken(const struct replay *r);
int replay_odd(const struct replay *r, const char *what);
int replay_no_memory(const struct replay *r);
/* Count memory that is kept; 0 or -errno: there is more than a recording may hold. */
int replay_keep(struct replay *r, unsigned long long bytes);

/*
 * What is read between them is of one moment, and its tables are those of a recorder.  0 or
 * -errno.  The end is to follow in any case.
 */
int replay_begin(struct replay *r);
void replay_end(struct replay *r);

/* SELECT the columns of a shape, behind the id and perhaps another column. */
int replay_shape_select(struct replay *r, const struct shape *shape, const char *also,
			const char *where, sqlite3_stmt **stmt);
/*
 * Of the rows of one owner, in the order they were written.  The statement is the replay's, to be
 * given back with sqlite3_reset() before the next call for this shape.
 */
int replay_rows_select(struct replay *r, const struct shape *shape, sqlite3_int64 owner,
		       sqlite3_stmt **stmt);
/* The columns of one row, the first of which is the nth selected. */
int replay_columns(struct replay *r, const struct shape *shape, sqlite3_stmt *stmt, int at,
		   char *row);
/* One row of a table, at `row`: its columns, then what it has in other tables. */
int replay_row(struct replay *r, const struct shape *shape, sqlite3_stmt *stmt, char *row);
/* More names behind those in a list. */
int replay_list(struct replay *r, const struct shape *shape, sqlite3_int64 owner, char ***names,
		size_t *count);
/* The one a query asks for; *err is set where there is none. */
sqlite3_int64 replay_number(struct replay *r, const char *sql, int *err);
/* Let go of what was read as FIELD_NAME since there were so many. */
void replay_names_drop(struct replay *r, size_t from);
void replay_kinds_release(struct replay *r);

#endif
