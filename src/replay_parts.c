// SPDX-License-Identifier: GPL-2.0
/*
 * Reading what came when out of recordings, see record.h.  It is in the marks: what came in a part
 * is what had come at its end, but for what had come where it began.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "err.h"
#include "model.h"
#include "replay_private.h"

struct parts {
	struct model *models;
	size_t count;
	unsigned long long intervals;
};

/* Aggregates with names alone; that of series n is n - 1. */
static int series_read(struct replay *r, struct model *series)
{
	sqlite3_stmt *stmt = NULL;
	int err = replay_shape_select(r, &shape_series, NULL, "1 ORDER BY id", &stmt), code;

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
		err = replay_columns(r, &shape_series, stmt, 1, (char *)&grown[n]);
	}
	if (!err && code != SQLITE_DONE)
		err = replay_broken(r);
	sqlite3_finalize(stmt);
	return err;
}

/* In each part an aggregate for each series, in the order of series. */
static int parts_make(struct replay *r, const struct model *series, const struct parts *parts)
{
	for (size_t part = 0; part < parts->count; part++)
		for (size_t i = 0; i < series->naggregates; i++) {
			struct model *m = &parts->models[part];

			if (!model_aggregate(m, &series->aggregates[i]))
				return fail(-ENOMEM, "cannot read %s: out of memory", r->path);
			if (m->naggregates != i + 1)
				return replay_odd(r, "series");
		}
	return 0;
}

/* What had come of a series at a mark. */
struct mark {
	sqlite3_uint64 interval, series;
	struct aggregate had;
};

static int mark_read(struct replay *r, sqlite3_stmt *stmt, struct mark *mark)
{
	mark->interval = sqlite3_column_int64(stmt, 0);
	mark->series = sqlite3_column_int64(stmt, 1) - 1;
	mark->had = (struct aggregate){
		.calls = sqlite3_column_int64(stmt, 2), .errors = sqlite3_column_int64(stmt, 3),
		.bytes = sqlite3_column_int64(stmt, 4),
		.latency.sum = sqlite3_column_int64(stmt, 5),
	};
	return hist_scan(&mark->had.latency, (const char *)sqlite3_column_text(stmt, 6)) ?
	       replay_odd(r, "marks") : 0;
}

/* times: 1, or -1 to take it away; numbers wrap until both has been done. */
static void add(struct aggregate *to, const struct aggregate *had, unsigned long long times)
{
	to->calls += had->calls * times;
	to->errors += had->errors * times;
	to->bytes += had->bytes * times;
	to->latency.sum += had->latency.sum * times;
	for (unsigned i = 0; i < DMT_HIST_BUCKETS; i++)
		to->latency.buckets[i] += had->latency.buckets[i] * times;
}

/* Those marks that parts begin with: each ends the part before. */
static int marks_read(struct replay *r, const struct parts *parts)
{
	size_t part = 0, before = 0;
	unsigned long long at = 0;
	sqlite3_stmt *stmt = NULL;
	int err = 0, code;

	if (sqlite3_prepare_v2(r->db, "SELECT interval, series, calls, errors, bytes, latency_sum, "
			       "latency_hist FROM marks ORDER BY rowid", -1, &stmt, NULL))
		return replay_broken(r);
	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct mark mark;

		err = mark_read(r, stmt, &mark);
		/* it may have been written since */
		if (err || mark.interval >= parts->intervals)
			continue;
		if (mark.series >= parts->models->naggregates) {
			err = replay_odd(r, "marks");
			continue;
		}
		if (mark.interval != at) {
			at = mark.interval;
			before = part;
			part = at * parts->count / parts->intervals;
		}
		if (before == part)
			continue;
		add(&parts->models[before].aggregates[mark.series], &mark.had, 1);
		add(&parts->models[part].aggregates[mark.series], &mark.had, -1);
	}
	if (!err && code != SQLITE_DONE)
		err = replay_broken(r);
	sqlite3_finalize(stmt);
	return err;
}

/* The last part ends where the run does. */
static int end_add(struct replay *r, const struct model *whole, struct model *last)
{
	for (size_t i = 0; i < whole->naggregates; i++) {
		struct aggregate *a = model_aggregate(last, &whole->aggregates[i]);

		if (!a)
			return fail(-ENOMEM, "cannot read %s: out of memory", r->path);
		add(a, &whole->aggregates[i], 1);
	}
	return 0;
}

/* Nothing has wrapped, and no number is so large that so many of them were too large. */
static bool plausible(const struct aggregate *a)
{
	unsigned long long most = a->calls | a->errors | a->bytes | a->latency.sum;

	for (unsigned i = 0; i < DMT_HIST_BUCKETS; i++)
		most |= a->latency.buckets[i];
	return !(most >> 56);
}

static int parts_count(struct replay *r, const struct parts *parts)
{
	for (size_t part = 0; part < parts->count; part++)
		for (size_t i = 0; i < parts->models[part].naggregates; i++) {
			struct aggregate *a = &parts->models[part].aggregates[i];

			if (!plausible(a))
				return replay_odd(r, "marks");
			for (unsigned b = 0; b < DMT_HIST_BUCKETS; b++)
				a->latency.count += a->latency.buckets[b];
		}
	return 0;
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

static int parts_read(struct replay *r, const struct model *whole, struct model *models,
		      size_t most, size_t *nparts, unsigned long long *intervals)
{
	struct parts parts = { .models = models };
	struct model series = { 0 };
	int err = intervals_count(r, whole, &parts.intervals);

	*intervals = parts.intervals;
	*nparts = parts.count = *intervals < most ? *intervals : most;
	if (err || !parts.count)
		return err;
	err = series_read(r, &series);
	if (!err)
		err = parts_make(r, &series, &parts);
	if (!err)
		err = marks_read(r, &parts);
	if (!err)
		err = end_add(r, whole, &models[parts.count - 1]);
	if (!err)
		err = parts_count(r, &parts);
	model_release(&series);
	return err;
}

int replay_parts(struct replay *r, const struct model *whole, struct model *models, size_t most,
		 size_t *nparts, unsigned long long *intervals)
{
	int err = replay_begin(r);

	if (!err)
		err = parts_read(r, whole, models, most, nparts, intervals);
	replay_end(r);
	return err;
}
