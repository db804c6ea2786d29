// SPDX-License-Identifier: GPL-2.0
/*
 * Writing recordings, see record.h.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "model/event.h"
#include "recording/kinds.h"
#include "recording/record_private.h"
#include "recording/schema.h"

#define EVENTS_AT_ONCE 65536	/* in one transaction, which waits for the disk: some 4 MiB... */
#define CACHE "-8192"		/* ...which is to stay in memory until then: this many KiB */

/* Run a script that is ours to free; NULL: there was no memory for it. */
static int execute_script(struct recording *r, char *sql)
{
	int err = sql ? record_execute(r, sql) :
			fail(-ENOMEM, "cannot write %s: out of memory", r->path);

	free(sql);
	return err;
}

static int list_write(struct recording *r, const struct shape *shape, char **names, size_t count,
		      sqlite3_int64 owner)
{
	sqlite3_stmt *stmt = record_insert(r, shape, shape->table, 3);
	int err = stmt ? 0 : -EIO;

	for (size_t i = 0; !err && i < count; i++) {
		sqlite3_bind_int64(stmt, 1, owner);
		sqlite3_bind_int64(stmt, 2, i);
		record_bind_text(stmt, 3, names[i]);
		err = record_step(r, stmt);
	}
	return err;
}

static int row_write(struct recording *r, const struct shape *shape, const char *row,
		     const char *which, sqlite3_int64 owner);

static int rows_write(struct recording *r, const struct field *f, const char *rows, size_t count,
		      sqlite3_int64 owner)
{
	int err = 0;

	for (size_t i = 0; !err && i < count; i++)
		err = row_write(r, f->rows, rows + i * f->rows->size,
				f->kind == FIELD_NAMED ? f->text(i) : NULL, owner);
	return err;
}

/* What a row has in other tables. */
static int field_write(struct recording *r, const struct field *f, const char *row,
		       sqlite3_int64 id)
{
	const void *at = row + f->offset;
	size_t count = f->count_offset ? *(const size_t *)(row + f->count_offset) : f->most;

	switch (f->kind) {
	case FIELD_ROWS:
		return rows_write(r, f, *(char *const *)at, count, id);
	case FIELD_ARRAY:
	case FIELD_NAMED:
		return rows_write(r, f, at, count, id);
	case FIELD_LIST:
		return list_write(r, f->rows, *(char **const *)at, count, id);
	default:
		return 0;
	}
}

static int row_write(struct recording *r, const struct shape *shape, const char *row,
		     const char *which, sqlite3_int64 owner)
{
	sqlite3_stmt *stmt = record_insert(r, shape, shape->table, schema_columns(shape));
	int at = 3, err;
	sqlite3_int64 id;

	if (!stmt)
		return -EIO;
	sqlite3_bind_null(stmt, 1);
	sqlite3_bind_int64(stmt, 2, owner);
	if (shape->which)
		record_bind_text(stmt, at++, which);
	record_bind(stmt, at, shape, row);
	err = record_step(r, stmt);
	id = sqlite3_last_insert_rowid(r->db);
	for_each_field(f, shape, RECORDING_VERSION)
		if (!err)
			err = field_write(r, f, row, id);
	return err;
}

static int header_write(struct recording *r)
{
	char sql[128];
	int err;

	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %d;",
		 RECORDING_ID, RECORDING_VERSION);
	err = record_execute(r, sql);
	if (!err)
		err = execute_script(r, schema_create(RECORDING_VERSION));
	return err ? err : record_execute(r, "INSERT INTO complete VALUES (0);");
}

/* Unless events are waiting in one. */
static int begin(struct recording *r)
{
	int err = recording_begin(r);

	if (err)
		return err;
	return sqlite3_get_autocommit(r->db) ? record_execute(r, "BEGIN;") : 0;
}

static int commit(struct recording *r)
{
	r->waiting = 0;
	return record_execute(r, "COMMIT;");
}

/* The file keeps what was there; what went wrong has been said. */
static int undo(struct recording *r, int err)
{
	if (r->db)
		sqlite3_exec(r->db, "ROLLBACK;", NULL, NULL, NULL);
	return err;
}

int recording_create(struct recording **out, const char *path, bool force)
{
	struct recording *r = calloc(1, sizeof(*r));

	*out = r;
	if (!r)
		return -ENOMEM;
	r->file.fd = -1;
	r->force = force;
	r->path = strdup(path);
	r->kinds = kinds_new();
	r->intervals = intervals_new();
	if (!r->path || !r->kinds || !r->intervals)
		return -ENOMEM;
	return record_file_check(path, force);
}

static void db_close(struct recording *r)
{
	for (size_t i = 0; i < r->ninserts; i++)
		sqlite3_finalize(r->inserts[i].stmt);
	r->ninserts = 0;
	sqlite3_close(r->db);
	r->db = NULL;
}

/* All that is in it before anything was seen. */
static int tables_create(struct recording *r)
{
	int err = record_execute(r, "BEGIN;");

	if (!err)
		err = header_write(r);
	if (!err)
		err = intervals_create(r);
	return err ? err : commit(r);
}

int recording_begin(struct recording *r)
{
	int err;

	if (r->db)
		return 0;
	err = record_file_make(&r->file, r->path, r->force);
	if (!err)
		err = record_file_open(&r->db, &r->file);
	if (!err)
		err = tables_create(r);
	/* SQLite calls the journal as it found the file called: it must find it by its last name */
	db_close(r);
	if (!err)
		err = record_file_place(&r->file, r->force);
	return err ? err : record_file_open(&r->db, &r->file);
}

int recording_write(struct recording *r, const struct model *m, bool last)
{
	int err = begin(r);

	if (!err)
		err = execute_script(r, schema_empty());
	if (!err)
		err = row_write(r, &shape_model, (const char *)m, NULL, 0);
	if (!err)
		err = intervals_write(r, r->intervals, m);
	if (!err && last)
		err = record_execute(r, "UPDATE complete SET whole = 1;");
	if (!err)
		err = commit(r);
	return err ? undo(r, err) : 0;
}

/* What it shares with others, written when the first of them comes. */
static int kind_write(struct recording *r, const struct event *e, long long *id)
{
	int err = row_write(r, &shape_event_kind, (const char *)e, NULL, 0);

	*id = sqlite3_last_insert_rowid(r->db);
	if (!err && e->stack)
		err = list_write(r, &shape_event_frames, e->stack->names, e->stack->count, *id);
	return err;
}

static int event_write(struct recording *r, const struct event *e)
{
	long long *kind = kinds_id(r->kinds, e);
	int err;

	if (!kind)
		return fail(-ENOMEM, "cannot write %s: out of memory", r->path);
	err = *kind ? 0 : kind_write(r, e, kind);
	return err ? err : row_write(r, &shape_event, (const char *)e, NULL, *kind);
}

int recording_event(struct recording *r, const struct event *e)
{
	int err = recording_begin(r);

	if (!err && !r->events)
		err = record_execute(r, "PRAGMA cache_size = " CACHE ";");
	r->events = true;
	if (!err)
		err = begin(r);
	if (!err)
		err = event_write(r, e);
	if (!err && ++r->waiting == EVENTS_AT_ONCE)
		err = commit(r);
	return err ? undo(r, err) : 0;
}

void recording_close(struct recording *r)
{
	if (!r)
		return;
	db_close(r);
	/* not before SQLite has closed it, whose locks would be gone with it */
	outfile_close(&r->file);
	kinds_free(r->kinds);
	intervals_free(r->intervals);
	free(r->path);
	free(r);
}
