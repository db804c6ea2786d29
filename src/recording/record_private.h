/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by record*.c; nobody else includes it.  What returns an error has reported it.
 */
#ifndef RECORD_PRIVATE_H
#define RECORD_PRIVATE_H

#include <sqlite3.h>
#include "model/model.h"
#include "base/outfile.h"
#include "recording/record.h"
#include "recording/shape.h"

#define MAX_INSERTS 64

/* What came when, from one recording_write() to the next. */
struct intervals;
struct kinds;

struct recording {
	char *path;
	sqlite3 *db;
	/* one for each table, made when first needed */
	struct insert {
		const void *what;
		sqlite3_stmt *stmt;
	} inserts[MAX_INSERTS];
	size_t ninserts;
	struct intervals *intervals;
	struct kinds *kinds;	/* of the events in it */
	bool events;		/* there are any */
	int waiting;		/* events in the open transaction */
	bool force;		/* what has its name may be replaced */
	struct outfile file;	/* locked while it is written */
};

/*
 * The file, record_file.c.  All return 0 or -errno, reported.
 *
 * Could it be made, and replace what is there?  Nothing is changed.
 */
int record_file_check(const char *name, bool force);
/* A new one, locked against other recorders; outfile_close() whatever happens. */
int record_file_make(struct outfile *f, const char *name, bool force);
/* It gets its name, and what is left of an earlier one is gone.  SQLite must be closed. */
int record_file_place(struct outfile *f, bool force);
/* SQLite on it, under the name it has now; sqlite3_close() whatever happens. */
int record_file_open(sqlite3 **db, const struct outfile *f);
/* Reports what SQLite could not do; returns -errno. */
int record_file_failed(sqlite3 *db, const char *name);

int record_execute(struct recording *r, const char *sql);
/*
 * The statement that inserts into a table of so many columns, NULL: an error; what: whatever it is
 * known by.
 */
sqlite3_stmt *record_insert(struct recording *r, const void *what, const char *table, int columns);
int record_step(struct recording *r, sqlite3_stmt *stmt);
/* NULL is NULL. */
void record_bind_text(sqlite3_stmt *stmt, int at, const char *text);
/* NULL, if it is empty. */
void record_bind_hist(sqlite3_stmt *stmt, int at, const struct hist *h);
/* The columns of a row, the first of which is the nth. */
void record_bind(sqlite3_stmt *stmt, int at, const struct shape *shape, const void *row);

struct intervals *intervals_new(void);	/* NULL: no memory */
/* Fill the tables that do not change during a run. */
int intervals_create(struct recording *r);
int intervals_write(struct recording *r, struct intervals *in, const struct model *m);
void intervals_free(struct intervals *in);

#endif
