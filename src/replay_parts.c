// SPDX-License-Identifier: GPL-2.0
/*
 * Reading the intervals of recordings, see record.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "err.h"
#include "model.h"
#include "replay_private.h"

/* What tells series apart: the columns of an aggregate up to this one. */
#define LAST_KEY "page_size"
#define MAX_KEYS 16

/* The fields of an aggregate that a series has, too. */
static void keys_of_series(struct field keys[MAX_KEYS])
{
	const struct field *f = shape_model.fields;
	size_t n = 0;

	while (strcmp(f->name, "aggregates"))
		f++;
	f = f->rows->fields;
	do
		keys[n++] = *f;
	while (strcmp((f++)->name, LAST_KEY) && n < MAX_KEYS - 1);
	keys[n] = (struct field){ NULL };
}

/* Aggregates with names alone; that of series n is n - 1. */
static int series_read(struct replay *r, struct model *series)
{
	struct field keys[MAX_KEYS];
	const struct shape shape = { "series", NULL, sizeof(struct aggregate), keys };
	sqlite3_stmt *stmt = NULL;
	int err, code;

	keys_of_series(keys);
	err = replay_shape_select(r, &shape, NULL, "1 ORDER BY id", &stmt);
	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		size_t n = series->naggregates;
		struct aggregate *grown;

		if (sqlite3_column_int64(stmt, 0) != (sqlite3_int64)n + 1) {
			err = replay_odd(r, "series");
			break;
		}
		grown = reallocarray(series->aggregates, n + 1, sizeof(*grown));
		if (!grown) {
			err = fail(-ENOMEM, "cannot read %s: out of memory", r->path);
			break;
		}
		series->aggregates = grown;
		memset(&grown[n], 0, sizeof(*grown));
		series->naggregates++;
		err = replay_columns(r, &shape, stmt, 1, (char *)&grown[n]);
	}
	if (!err && code != SQLITE_DONE)
		err = replay_broken(r);
	sqlite3_finalize(stmt);
	return err;
}

/* In each part an aggregate for each series, in the order of series. */
static int parts_make(struct replay *r, const struct model *series, struct model *parts,
		      size_t nparts)
{
	for (size_t part = 0; part < nparts; part++)
		for (size_t i = 0; i < series->naggregates; i++) {
			if (!model_aggregate(&parts[part], &series->aggregates[i]))
				return fail(-ENOMEM, "cannot read %s: out of memory", r->path);
			if (parts[part].naggregates != i + 1)
				return replay_odd(r, "series");
		}
	return 0;
}

/* No number is so large that so many of them were too large. */
static bool plausible(sqlite3_stmt *stmt)
{
	for (int at = 2; at < sqlite3_column_count(stmt); at++)
		if (sqlite3_column_int64(stmt, at) < 0 || sqlite3_column_int64(stmt, at) >> 50)
			return false;
	return true;
}

static void calls_add(struct aggregate *a, sqlite3_stmt *stmt)
{
	a->calls += sqlite3_column_int64(stmt, 2);
	a->errors += sqlite3_column_int64(stmt, 3);
	a->bytes += sqlite3_column_int64(stmt, 4);
	a->latency.sum += sqlite3_column_int64(stmt, 5);
}

static void bucket_add(struct aggregate *a, sqlite3_stmt *stmt)
{
	a->latency.buckets[dmt_bucket(sqlite3_column_int64(stmt, 2))] +=
		sqlite3_column_int64(stmt, 3);
	a->latency.count += sqlite3_column_int64(stmt, 3);
}

/*
 * Rows that begin with series and interval, added up by part.  There may be many, so SQLite is not
 * asked to: it would sort them.
 */
static int parts_read(struct replay *r, const char *sql,
		      void (*add)(struct aggregate *a, sqlite3_stmt *stmt),
		      unsigned long long intervals, struct model *parts, size_t nparts)
{
	sqlite3_stmt *stmt = NULL;
	int err = 0, code;

	if (sqlite3_prepare_v2(r->db, sql, -1, &stmt, NULL))
		return replay_broken(r);
	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		sqlite3_uint64 series = sqlite3_column_int64(stmt, 0) - 1;
		sqlite3_uint64 interval = sqlite3_column_int64(stmt, 1) - 1;

		if (interval >= intervals || series >= parts[0].naggregates || !plausible(stmt))
			err = replay_odd(r, "intervals");
		else
			add(&parts[interval * nparts / intervals].aggregates[series], stmt);
	}
	if (!err && code != SQLITE_DONE)
		err = replay_broken(r);
	sqlite3_finalize(stmt);
	return err;
}

int replay_parts(struct replay *r, struct model *parts, size_t most, size_t *nparts,
		 unsigned long long *intervals)
{
	struct model series = { 0 };
	int err = 0;

	*intervals = replay_number(r, "SELECT count(*) FROM intervals", &err);
	if (err)
		return replay_broken(r);
	*nparts = *intervals < most ? *intervals : most;
	err = series_read(r, &series);
	if (!err)
		err = parts_make(r, &series, parts, *nparts);
	if (!err)
		err = parts_read(r, "SELECT series, interval, calls, errors, bytes, latency_sum "
				 "FROM interval_calls", calls_add, *intervals, parts, *nparts);
	if (!err)
		err = parts_read(r, "SELECT series, interval, low, count FROM interval_buckets "
				 "WHERE value = 'latency'", bucket_add, *intervals, parts, *nparts);
	model_release(&series);
	return err;
}
