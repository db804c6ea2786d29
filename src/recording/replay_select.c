// SPDX-License-Identifier: GPL-2.0
/*
 * Rows of a recording as the shapes describe them, see replay_private.h.  A file is not to be
 * trusted: it may be cut short, of another program, or edited.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/list.h"
#include "recording/replay_private.h"

int replay_broken(const struct replay *r)
{
	int code = sqlite3_errcode(r->db);

	/* said by replay_journal.c */
	if (code == SQLITE_PERM)
		return -EACCES;
	if (code == SQLITE_NOMEM)
		return fail(-E2BIG, "%s is damaged, or there is no memory: reading it takes too much",
			    r->path);
	if (code == SQLITE_INTERRUPT)
		return fail(-E2BIG, "%s is damaged: its size does not explain how long it takes to "
			    "read", r->path);
	if (code == SQLITE_CANTOPEN)
		return fail(-EINVAL, "%s is in WAL mode, which no recorder uses; convert a copy of it "
			    "with 'PRAGMA journal_mode = DELETE'", r->path);
	return fail(-EINVAL, "%s is damaged: %s", r->path, sqlite3_errmsg(r->db));
}

int replay_odd(const struct replay *r, const char *what)
{
	return fail(-EINVAL, "%s is damaged, or of a newer dmatrace: %s", r->path, what);
}

int replay_keep(struct replay *r, unsigned long long bytes)
{
	return guard_keep(&r->guard, bytes) ? replay_odd(r, "it holds more than a recording may") :
	       0;
}

int replay_no_memory(const struct replay *r)
{
	return fail(-ENOMEM, "cannot read %s: out of memory", r->path);
}

/* NULL for NULL. */
static int text_read(struct replay *r, sqlite3_stmt *stmt, int at, char **to)
{
	const char *text = (const char *)sqlite3_column_text(stmt, at);
	int size = sqlite3_column_bytes(stmt, at);

	*to = NULL;
	if (!text)
		return 0;
	if (size > MAX_TEXT)
		return replay_odd(r, "a name is too long");
	if (replay_keep(r, size))
		return -E2BIG;
	*to = strdup(text);
	return *to ? 0 : replay_no_memory(r);
}

static int name_read(struct replay *r, sqlite3_stmt *stmt, int at, const char **to)
{
	char **grown = list_grow(r->names, r->nnames, sizeof(*grown));
	int err;

	if (!grown)
		return replay_no_memory(r);
	r->names = grown;
	err = text_read(r, stmt, at, &r->names[r->nnames]);
	*to = err ? NULL : r->names[r->nnames++];
	return err;
}

void replay_names_drop(struct replay *r, size_t from)
{
	while (r->nnames > from)
		free(r->names[--r->nnames]);
}

/* The value of that name; -1: none. */
static int value_of(const struct field *f, sqlite3_stmt *stmt, int at)
{
	const char *text = (const char *)sqlite3_column_text(stmt, at);

	for (size_t i = 0; text && i < f->most; i++)
		if (!strcmp(f->text(i), text))
			return i;
	return -1;
}

static int chars_read(const struct field *f, sqlite3_stmt *stmt, int at, char *to)
{
	const char *text = (const char *)sqlite3_column_text(stmt, at);

	snprintf(to, f->most, "%s", text ? text : "");
	return 0;
}

static int hist_read(struct replay *r, const struct field *f, sqlite3_stmt *stmt, int at,
		     struct hist *h)
{
	unsigned long long sum = 0;
	int err;

	h->count = sqlite3_column_int64(stmt, at);
	h->sum = sqlite3_column_int64(stmt, at + 1);
	h->max = sqlite3_column_int64(stmt, at + 2);
	err = hist_scan(h, (const char *)sqlite3_column_text(stmt, at + 3));
	if (err)
		return err == -ENOMEM ? replay_no_memory(r) : replay_odd(r, f->name);
	/* quantiles rely on it */
	for (unsigned i = 0; i < h->used; i++)
		sum += h->buckets[i];
	return sum == h->count ? replay_keep(r, h->used * sizeof(*h->buckets)) :
				 replay_odd(r, f->name);
}

static int field_read(struct replay *r, const struct field *f, sqlite3_stmt *stmt, int at,
		      void *to)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return text_read(r, stmt, at, to);
	case FIELD_NAME:
		return name_read(r, stmt, at, to);
	case FIELD_CHARS:
		return chars_read(f, stmt, at, to);
	case FIELD_BOOL:
		*(bool *)to = sqlite3_column_int(stmt, at);
		return 0;
	case FIELD_INT:
		*(int *)to = sqlite3_column_int(stmt, at);
		return 0;
	case FIELD_WORD:
		*(sqlite3_int64 *)to = sqlite3_column_int64(stmt, at);
		return 0;
	case FIELD_ENUM:
		*(int *)to = value_of(f, stmt, at);
		return *(int *)to < 0 ? replay_odd(r, f->name) : 0;
	case FIELD_HIST:
		return hist_read(r, f, stmt, at, to);
	default:
		return 0;
	}
}

/* SELECT the columns of a shape, behind the id and perhaps another column. */
int replay_shape_select(struct replay *r, const struct shape *shape, const char *also,
			const char *where, sqlite3_stmt **stmt)
{
	char sql[1024];
	int used = snprintf(sql, sizeof(sql), "SELECT id%s%s", also ? ", " : "", also ? also : "");

	for_each_field(f, shape, r->version)
		if (field_is_column(f))
			used += snprintf(sql + used, sizeof(sql) - used, ", %s", f->name);
		else if (f->kind == FIELD_HIST)
			used += snprintf(sql + used, sizeof(sql) - used,
					 ", %s_count, %s_sum, %s_max, %s_hist", f->name, f->name,
					 f->name, f->name);
	snprintf(sql + used, sizeof(sql) - used, " FROM %s WHERE %s", shape->table, where);
	return sqlite3_prepare_v2(r->db, sql, -1, stmt, NULL) ? replay_broken(r) : 0;
}

/* Of the rows of one owner, in the order they were written. */
static int names_select(struct replay *r, const struct shape *shape, sqlite3_stmt **stmt)
{
	char sql[256];

	snprintf(sql, sizeof(sql), "SELECT name FROM %s WHERE owner = ? ORDER BY depth",
		 shape->table);
	return sqlite3_prepare_v2(r->db, sql, -1, stmt, NULL) ? replay_broken(r) : 0;
}

int replay_rows_select(struct replay *r, const struct shape *shape, sqlite3_int64 owner,
		       sqlite3_stmt **stmt)
{
	struct select *s = r->selects, *end = s + r->nselects;
	int err;

	while (s < end && s->shape != shape)
		s++;
	if (s == r->selects + MAX_SELECTS)
		return replay_odd(r, "more tables than were thought of");
	if (s == end) {
		err = shape->fields ? replay_shape_select(r, shape, shape->which,
							  "owner = ? ORDER BY id", &s->stmt) :
				      names_select(r, shape, &s->stmt);
		if (err)
			return err;
		s->shape = shape;
		r->nselects++;
	}
	*stmt = s->stmt;
	sqlite3_bind_int64(*stmt, 1, owner);
	return 0;
}

int replay_list(struct replay *r, const struct shape *shape, sqlite3_int64 owner,
		char ***names, size_t *count)
{
	sqlite3_stmt *stmt = NULL;
	int err = replay_rows_select(r, shape, owner, &stmt), code = SQLITE_DONE;

	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		char **grown;

		if (*count == MAX_FRAMES) {
			err = replay_odd(r, "a stack has too many frames");
			break;
		}
		grown = list_grow(*names, *count, sizeof(*grown));
		if (!grown) {
			err = replay_no_memory(r);
			break;
		}
		*names = grown;
		err = text_read(r, stmt, 0, &grown[*count]);
		if (!err && !grown[*count])
			err = replay_odd(r, shape->table);
		*count += !err;
	}
	if (!err && code != SQLITE_DONE)
		err = replay_broken(r);
	sqlite3_reset(stmt);
	return err;
}

static int rows_read(struct replay *r, const struct field *f, sqlite3_int64 owner, char *row)
	__attribute__((nonnull));

/* The columns of one row, the first of which is the nth selected. */
int replay_columns(struct replay *r, const struct shape *shape, sqlite3_stmt *stmt, int at,
		   char *row)
{
	int err = 0;

	for_each_field(f, shape, r->version) {
		err = err ? err : field_read(r, f, stmt, at, row + f->offset);
		at += field_is_column(f) ? 1 : f->kind == FIELD_HIST ? 4 : 0;
	}
	return err;
}

int replay_row(struct replay *r, const struct shape *shape, sqlite3_stmt *stmt, char *row)
{
	sqlite3_int64 id = sqlite3_column_int64(stmt, 0);
	int err = replay_columns(r, shape, stmt, shape->which ? 2 : 1, row);

	for_each_field(f, shape, r->version)
		if (!err && f->kind > FIELD_HIST)
			err = rows_read(r, f, id, row);
	return err;
}

/* Room for the nth row of a field; NULL: there is none for it. */
static char *place(struct replay *r, const struct field *f, sqlite3_stmt *stmt, char *row,
		   size_t n, int *err)
{
	size_t size = f->rows->size;
	char **list, *grown;
	int which;

	switch (f->kind) {
	case FIELD_NAMED:
		which = value_of(f, stmt, 1);
		/* of a newer dmatrace, perhaps: nothing here would know it */
		return which < 0 ? NULL : row + f->offset + which * size;
	case FIELD_ARRAY:
		*err = n < f->most ? 0 : replay_odd(r, f->rows->table);
		return *err ? NULL : row + f->offset + n * size;
	default:
		list = (char **)(row + f->offset);
		*err = n < MAX_ROWS ? replay_keep(r, size) : replay_odd(r, f->rows->table);
		if (*err)
			return NULL;
		grown = list_grow(*list, n, size);
		*err = grown ? 0 : replay_no_memory(r);
		if (!grown)
			return NULL;
		*list = grown;
		return memset(grown + n * size, 0, size);
	}
}

static int rows_read(struct replay *r, const struct field *f, sqlite3_int64 owner, char *row)
{
	size_t *count = (size_t *)(row + f->count_offset), n = 0;
	sqlite3_int64 before = -1;
	sqlite3_stmt *stmt = NULL;
	int err, code;

	if (f->kind == FIELD_LIST)
		return replay_list(r, f->rows, owner, (char ***)(row + f->offset), count);
	err = replay_rows_select(r, f->rows, owner, &stmt);
	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		sqlite3_int64 id = sqlite3_column_int64(stmt, 0);
		char *to = id > before ? place(r, f, stmt, row, n, &err) : NULL;

		/* else a damaged index, which leads in circles, might never end */
		if (!err && id <= before)
			err = replay_odd(r, f->rows->table);
		before = id;
		if (!to)
			continue;
		/* counted first: what it holds is let go of with the model, whatever happens */
		n++;
		if (f->count_offset)
			*count = n;
		err = replay_row(r, f->rows, stmt, to);
	}
	if (!err && code != SQLITE_DONE)
		err = replay_broken(r);
	sqlite3_reset(stmt);
	return err;
}

sqlite3_int64 replay_number(struct replay *r, const char *sql, int *err)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3_int64 value = 0;

	if (sqlite3_prepare_v2(r->db, sql, -1, &stmt, NULL) || sqlite3_step(stmt) != SQLITE_ROW)
		*err = -EINVAL;
	else
		value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}
