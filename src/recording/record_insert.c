// SPDX-License-Identifier: GPL-2.0
/*
 * Rows into tables, as the shapes describe them, see record_private.h.
 */
#include <errno.h>
#include <stdio.h>
#include "base/err.h"
#include "recording/record_private.h"

int record_execute(struct recording *r, const char *sql)
{
	return sqlite3_exec(r->db, sql, NULL, NULL, NULL) ? record_file_failed(r->db, r->path) : 0;
}

sqlite3_stmt *record_insert(struct recording *r, const void *what, const char *table, int columns)
{
	char sql[512];
	int used;

	for (size_t i = 0; i < r->ninserts; i++)
		if (r->inserts[i].what == what)
			return r->inserts[i].stmt;
	if (r->ninserts == MAX_INSERTS) {
		fail(-E2BIG, "cannot write %s: it has more tables than were thought of", r->path);
		return NULL;
	}
	used = snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES (?", table);
	for (int i = 1; i < columns; i++)
		used += snprintf(sql + used, sizeof(sql) - used, ",?");
	snprintf(sql + used, sizeof(sql) - used, ")");
	r->inserts[r->ninserts].what = what;
	if (sqlite3_prepare_v2(r->db, sql, -1, &r->inserts[r->ninserts].stmt, NULL)) {
		record_file_failed(r->db, r->path);
		return NULL;
	}
	return r->inserts[r->ninserts++].stmt;
}

int record_step(struct recording *r, sqlite3_stmt *stmt)
{
	int code = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? 0 : record_file_failed(r->db, r->path);
}

void record_bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
	sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
}

void record_bind_hist(sqlite3_stmt *stmt, int at, const struct hist *h)
{
	char text[HIST_TEXT];

	if (hist_print(h, text))
		sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(stmt, at);
}

static int field_bind(sqlite3_stmt *stmt, int at, const struct field *f, const void *from)
{
	const struct hist *h = from;

	switch (f->kind) {
	case FIELD_TEXT:
	case FIELD_NAME:
		record_bind_text(stmt, at, *(char *const *)from);
		return 1;
	case FIELD_CHARS:
		record_bind_text(stmt, at, from);
		return 1;
	case FIELD_BOOL:
		sqlite3_bind_int(stmt, at, *(const bool *)from);
		return 1;
	case FIELD_INT:
		sqlite3_bind_int(stmt, at, *(const int *)from);
		return 1;
	case FIELD_WORD:
		sqlite3_bind_int64(stmt, at, *(const sqlite3_int64 *)from);
		return 1;
	case FIELD_ENUM:
		record_bind_text(stmt, at, f->text(*(const int *)from));
		return 1;
	case FIELD_HIST:
		sqlite3_bind_int64(stmt, at, h->count);
		sqlite3_bind_int64(stmt, at + 1, h->sum);
		sqlite3_bind_int64(stmt, at + 2, h->max);
		record_bind_hist(stmt, at + 3, h);
		return 4;
	default:
		return 0;
	}
}

void record_bind(sqlite3_stmt *stmt, int at, const struct shape *shape, const void *row)
{
	for_each_field(f, shape, RECORDING_VERSION)
		at += field_bind(stmt, at, f, (const char *)row + f->offset);
}
