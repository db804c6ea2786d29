// SPDX-License-Identifier: GPL-2.0
/*
 * Guards against hostile databases, see replay_guard.h and
 * https://www.sqlite.org/security.html
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "recording/replay_guard.h"
#include "base/list.h"
#include "recording/schema.h"

#define STEPS_AT_ONCE 10000
/* A real recording takes about one for a byte. */
#define STEPS_ALWAYS 10000000ull
#define STEPS_A_BYTE 50ull
#define KEPT_MOST (2ull << 30)
#define HEAP_MOST (512ll << 20)		/* of SQLite, which sorts in memory */

static const struct {
	int id, most;
} limits[] = {
	{ SQLITE_LIMIT_LENGTH, 1 << 16 },	/* a row: names and two histograms of 6 KB each */
	{ SQLITE_LIMIT_SQL_LENGTH, 1 << 16 },
	{ SQLITE_LIMIT_COLUMN, 64 },
	{ SQLITE_LIMIT_EXPR_DEPTH, 64 },
	{ SQLITE_LIMIT_COMPOUND_SELECT, 8 },
	{ SQLITE_LIMIT_VDBE_OP, 25000 },
	{ SQLITE_LIMIT_FUNCTION_ARG, 8 },
	{ SQLITE_LIMIT_ATTACHED, 0 },
	{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64 },
	{ SQLITE_LIMIT_VARIABLE_NUMBER, 16 },
	{ SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
	{ SQLITE_LIMIT_WORKER_THREADS, 0 },
};

static const struct {
	int id, on;
} protections[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
	{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
	{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	{ SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0 },
};

static int tick(void *arg)
{
	struct guard *g = arg;

	g->steps += STEPS_AT_ONCE;
	return g->steps > g->most_steps;
}

int guard_set(struct guard *g, sqlite3 *db, long long size)
{
	int code = SQLITE_OK;

	/* of the process: there is no limit for a connection alone */
	sqlite3_hard_heap_limit64(HEAP_MOST);
	*g = (struct guard){ .most_steps = STEPS_ALWAYS + STEPS_A_BYTE * size };
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		sqlite3_limit(db, limits[i].id, limits[i].most);
	for (size_t i = 0; !code && i < ARRAY_SIZE(protections); i++)
		code = sqlite3_db_config(db, protections[i].id, protections[i].on, NULL);
	sqlite3_progress_handler(db, STEPS_AT_ONCE, tick, g);
	/* sorting is done in memory: no other file can be opened */
	return code ? code : sqlite3_exec(db, "PRAGMA temp_store = MEMORY; PRAGMA query_only = ON; "
					  "PRAGMA cell_size_check = ON;", NULL, NULL, NULL);
}

int guard_keep(struct guard *g, unsigned long long bytes)
{
	g->bytes += bytes;
	return g->bytes > KEPT_MOST ? -E2BIG : 0;
}

/* A database in memory that has what the recorder creates; NULL without memory. */
static sqlite3 *model_database(int version)
{
	char *sql = schema_create(version);
	sqlite3 *db = NULL;

	if (sql && (sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE, NULL) ||
		    sqlite3_exec(db, sql, NULL, NULL, NULL))) {
		sqlite3_close(db);
		db = NULL;
	}
	free(sql);
	return db;
}

/* Does the query find the row with the four columns of this one?  -1: an error. */
static int found(sqlite3_stmt *query, sqlite3_stmt *row)
{
	int code;

	for (int i = 0; i < 4; i++)
		sqlite3_bind_value(query, i + 1, sqlite3_column_value(row, i));
	code = sqlite3_step(query);
	sqlite3_reset(query);
	return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : -1;
}

/*
 * Views of any kind may be there, since none is ever used: people make some for the sqlite3 shell.
 * None has the name of a table here.
 */
static const char same_sql[] =
	"SELECT 1 FROM sqlite_master WHERE type = ?1 AND name = ?2 AND tbl_name = ?3 AND sql = ?4 "
	"UNION ALL SELECT 1 WHERE ?1 = 'view' AND NOT EXISTS "
	"(SELECT 1 FROM sqlite_master WHERE type <> 'view' AND name = ?2 COLLATE NOCASE)";

static int rows_check(sqlite3_stmt *rows, sqlite3_stmt *same, char *type, char *name, size_t size)
{
	int code, right = 1;

	while (right == 1 && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		right = found(same, rows);
		snprintf(type, size, "%s", (const char *)sqlite3_column_text(rows, 0) ?: "");
		snprintf(name, size, "%s", (const char *)sqlite3_column_text(rows, 1) ?: "");
	}
	if (right < 0)
		return -ENOMEM;
	return right && code != SQLITE_DONE ? -EIO : right;
}

int guard_schema(sqlite3 *db, int version, char *type, char *name, size_t size)
{
	sqlite3 *model = model_database(version);
	sqlite3_stmt *rows = NULL, *same = NULL;
	int result = -ENOMEM;

	if (model && !sqlite3_prepare_v2(model, same_sql, -1, &same, NULL))
		result = sqlite3_prepare_v2(db, "SELECT type, name, tbl_name, sql FROM sqlite_master",
					    -1, &rows, NULL) ? -EIO :
			 rows_check(rows, same, type, name, size);
	sqlite3_finalize(same);
	sqlite3_finalize(rows);
	sqlite3_close(model);
	return result;
}
