// SPDX-License-Identifier: GPL-2.0
/*
 * Reading what came when out of recordings, see record.h.  It is in the marks: what came in a part
 * is what had come at its end, but for what had come where it began.  They are read series by
 * series, so that what had come is kept of one series only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/list.h"
#include "model/model.h"
#include "model/part.h"
#include "recording/replay_private.h"

#define MOST_PARTS 1000		/* so many numbers of intervals a query may name */
_Static_assert(MOST_PARTS <= 1 << 16, "struct run_part numbers them in 16 bits");

/* A mark that a part begins with, and ends the part before. */
struct border {
	sqlite3_int64 interval;
	size_t before, part;
};

struct parts {
	struct model *whole;
	size_t count;
	unsigned long long intervals;
	struct index by_key;		/* of the aggregates of the whole */
	size_t *series;			/* by number less 1: the aggregate; INDEX_NONE: none */
	size_t nseries;
	struct border *borders;		/* in order */
	size_t nborders;
};

static int no_memory(const struct replay *r)
{
	return fail(-ENOMEM, "cannot read %s: out of memory", r->path);
}

/* Which aggregate has the names of a series; no two series have the same. */
static int series_find(struct replay *r, struct parts *parts, bool *taken, sqlite3_stmt *stmt)
{
	const struct model *whole = parts->whole;
	size_t *grown = list_grow(parts->series, parts->nseries, sizeof(*grown)), found;
	struct aggregate names = { 0 };
	int err;

	if (!grown)
		return no_memory(r);
	parts->series = grown;
	err = replay_columns(r, &shape_series, stmt, 1, (char *)&names);
	found = err ? INDEX_NONE : index_find(&parts->by_key, whole->aggregates, &names);
	free(names.device);
	free(names.bus);
	free(names.driver);
	if (err)
		return err;
	parts->series[parts->nseries++] = found;
	if (found == INDEX_NONE)
		return 0;
	if (taken[found])
		return replay_odd(r, "series");
	taken[found] = true;
	return 0;
}

static int series_read(struct replay *r, struct parts *parts)
{
	bool *taken = calloc(parts->whole->naggregates + 1, sizeof(*taken));
	sqlite3_stmt *stmt = NULL;
	int err = taken ? replay_shape_select(r, &shape_series, NULL, "1 ORDER BY id", &stmt) :
			  no_memory(r), code = SQLITE_DONE;

	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (sqlite3_column_int64(stmt, 0) != (sqlite3_int64)parts->nseries + 1)
			err = replay_odd(r, "series");
		else
			err = series_find(r, parts, taken, stmt);
	}
	if (!err && code != SQLITE_DONE)
		err = replay_broken(r);
	sqlite3_finalize(stmt);
	free(taken);
	return err;
}

/* Of the intervals that have marks, the first in each part. */
static int borders_read(struct replay *r, struct parts *parts)
{
	sqlite3_stmt *stmt = NULL;
	size_t part = 0;
	int err = 0, code;

	parts->borders = calloc(parts->count, sizeof(*parts->borders));
	if (!parts->borders)
		return no_memory(r);
	if (sqlite3_prepare_v2(r->db, "SELECT DISTINCT interval FROM marks WHERE interval > 0 "
			       "ORDER BY interval", -1, &stmt, NULL))
		return replay_broken(r);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		sqlite3_uint64 at = sqlite3_column_int64(stmt, 0);
		size_t before = part;

		/* it may have been written since */
		if (at >= parts->intervals)
			continue;
		part = at * parts->count / parts->intervals;
		if (part != before)
			parts->borders[parts->nborders++] = (struct border){ at, before, part };
	}
	if (code != SQLITE_DONE)
		err = replay_broken(r);
	sqlite3_finalize(stmt);
	return err;
}

/* The border that a mark is at, or NULL. */
static const struct border *border_of(const struct parts *parts, sqlite3_int64 interval)
{
	size_t low = 0, high = parts->nborders;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (parts->borders[middle].interval < interval)
			low = middle + 1;
		else
			high = middle;
	}
	return low < parts->nborders && parts->borders[low].interval == interval ?
	       &parts->borders[low] : NULL;
}

/* What had come of a series up to a mark. */
static int mark_read(struct replay *r, sqlite3_stmt *stmt, struct come *had)
{
	had->calls = sqlite3_column_int64(stmt, 2);
	had->errors = sqlite3_column_int64(stmt, 3);
	had->bytes = sqlite3_column_int64(stmt, 4);
	hist_sum_clear(&had->latency);
	had->latency.sum = sqlite3_column_int64(stmt, 5);
	return hist_sum_scan(&had->latency, (const char *)sqlite3_column_text(stmt, 6)) ?
	       replay_odd(r, "marks") : 0;
}

/* Takes away what had come before.  False where that was more, or numbers are too large to add. */
static bool take_away(struct come *came, const struct come *had)
{
	const struct hist latency = hist_of(&had->latency);
	unsigned long long most;

	came->calls -= had->calls;
	came->errors -= had->errors;
	came->bytes -= had->bytes;
	hist_sum_take(&came->latency, &latency);
	most = came->calls | came->errors | came->bytes | came->latency.sum;
	for (unsigned i = 0; i < came->latency.used; i++)
		most |= came->latency.buckets[i];
	return !(most >> 56);
}

/* Where the reading of one series is. */
struct reading {
	size_t aggregate;		/* INDEX_NONE: the whole has none of it */
	size_t part;			/* that has begun */
	struct come had;		/* up to there */
};

static int part_end(struct replay *r, struct parts *parts, struct reading *at, size_t part,
		    const struct come *had)
{
	struct come came = *had;
	/* what came before the first mark came in the part before it */
	bool gap = part != at->part && (at->had.calls || at->had.latency.sum);

	if (gap || !take_away(&came, &at->had))
		return replay_odd(r, "marks");
	at->had = *had;
	if (at->aggregate == INDEX_NONE)
		return came.calls ? replay_odd(r, "marks") : 0;
	return part_add(&parts->whole->aggregates[at->aggregate].parts, part, &came) ?
	       no_memory(r) : 0;
}

/* The last part ends where the run does. */
static int series_end(struct replay *r, struct parts *parts, struct reading *at)
{
	const struct aggregate *a;
	struct come all;

	if (at->aggregate == INDEX_NONE)
		return 0;
	a = &parts->whole->aggregates[at->aggregate];
	all.calls = a->calls;
	all.errors = a->errors;
	all.bytes = a->bytes;
	hist_sum_clear(&all.latency);
	hist_sum_add(&all.latency, &a->latency);
	return part_end(r, parts, at, parts->count - 1, &all);
}

/* The marks of all series, in the order of series, and then in that of time. */
static int marks_select(struct replay *r, const struct parts *parts, sqlite3_stmt **stmt)
{
	char *sql = NULL;
	size_t len;
	FILE *out = open_memstream(&sql, &len);
	int err;

	if (!out)
		return no_memory(r);
	fputs("SELECT interval, series, calls, errors, bytes, latency_sum, latency_hist "
	      "FROM marks WHERE interval IN (", out);
	for (size_t i = 0; i < parts->nborders; i++)
		fprintf(out, "%s%lld", i ? "," : "", (long long)parts->borders[i].interval);
	fputs(") ORDER BY series, interval", out);
	if (fclose(out))
		return no_memory(r);
	err = sqlite3_prepare_v2(r->db, sql, -1, stmt, NULL) ? replay_broken(r) : 0;
	free(sql);
	return err;
}

/* Nothing has come of it yet. */
static struct reading series_begin(const struct parts *parts, size_t series)
{
	return (struct reading){ .aggregate = parts->series[series] };
}

static int mark_add(struct replay *r, struct parts *parts, sqlite3_stmt *stmt, size_t *series,
		    struct reading *at)
{
	const struct border *border = border_of(parts, sqlite3_column_int64(stmt, 0));
	sqlite3_uint64 n = sqlite3_column_int64(stmt, 1) - 1;
	struct come had;
	int err = 0;

	if (n >= parts->nseries || !border)
		return replay_odd(r, "marks");
	/* those without a mark have all of it in the last part */
	for (; !err && *series < n; *at = series_begin(parts, ++*series))
		err = series_end(r, parts, at);
	if (!err)
		err = mark_read(r, stmt, &had);
	if (!err)
		err = part_end(r, parts, at, border->before, &had);
	at->part = border->part;
	return err;
}

static int marks_read(struct replay *r, struct parts *parts)
{
	struct reading at = { 0 };
	sqlite3_stmt *stmt = NULL;
	size_t series = 0;
	int err = marks_select(r, parts, &stmt), code = SQLITE_DONE;

	if (parts->nseries)
		at = series_begin(parts, 0);
	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		err = mark_add(r, parts, stmt, &series, &at);
	if (!err && code != SQLITE_DONE)
		err = replay_broken(r);
	sqlite3_finalize(stmt);
	while (!err && series < parts->nseries) {
		err = series_end(r, parts, &at);
		if (++series < parts->nseries)
			at = series_begin(parts, series);
	}
	return err;
}

/* Of an aggregate that is no series all is in the last part. */
static int others_add(struct replay *r, struct parts *parts)
{
	bool *known = calloc(parts->whole->naggregates + 1, sizeof(*known));
	int err = known ? 0 : no_memory(r);

	for (size_t i = 0; known && i < parts->nseries; i++)
		if (parts->series[i] != INDEX_NONE)
			known[parts->series[i]] = true;
	for (size_t i = 0; !err && i < parts->whole->naggregates; i++) {
		struct reading at = { .aggregate = i };

		if (!known[i])
			err = series_end(r, parts, &at);
	}
	free(known);
	return err;
}

/* How many intervals there were when the rest was read. */
static int intervals_count(struct replay *r, const struct model *whole, unsigned long long *count)
{
	char sql[128];
	int err = 0;

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM intervals WHERE end_ns <= %lld",
		 (long long)whole->duration_ns);
	*count = replay_number(r, sql, &err);
	return err ? replay_broken(r) : 0;
}

static int parts_read(struct replay *r, struct parts *parts)
{
	int err = series_read(r, parts);

	if (!err)
		err = borders_read(r, parts);
	if (!err)
		err = marks_read(r, parts);
	return err ? err : others_add(r, parts);
}

/* most: how many parts there may be. */
static int moment_read(struct replay *r, struct parts *parts, size_t most)
{
	int err = intervals_count(r, parts->whole, &parts->intervals);

	parts->count = parts->intervals < most ? parts->intervals : most;
	if (err || !parts->count)
		return err;
	if (index_make(&parts->by_key, &aggregates_by_key, parts->whole->aggregates,
		       parts->whole->naggregates))
		return no_memory(r);
	return parts_read(r, parts);
}

int replay_parts(struct replay *r, struct model *whole, size_t most, size_t *nparts,
		 unsigned long long *intervals)
{
	struct parts parts = { .whole = whole };
	/* its recorder may be writing, and let go of marks */
	int err = replay_begin(r);

	if (!err)
		err = moment_read(r, &parts, most < MOST_PARTS ? most : MOST_PARTS);
	replay_end(r);
	*intervals = parts.intervals;
	*nparts = parts.count;
	index_release(&parts.by_key);
	free(parts.series);
	free(parts.borders);
	return err;
}
