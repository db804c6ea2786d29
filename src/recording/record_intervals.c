// SPDX-License-Identifier: GPL-2.0
/*
 * Writing what came when, see record_private.h.  An interval holds what came since the one
 * before, however long the run.  Who wants to know it in a few parts of the run shall not have to
 * read all of them: a mark holds what had come up to then.  There are never MARKS of them, as then
 * every other goes.
 */
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/name.h"
#include "recording/record_private.h"

#define MARKS 128

/* Calls of one kind. */
struct series {
	struct aggregate written;	/* what intervals hold of it; its names are its own */
	long long id;
};

struct intervals {
	void *tree;			/* of series */
	unsigned long long count;	/* of intervals */
	unsigned long long every;	/* so many intervals there is a mark */
	long long nseries;
};

struct intervals *intervals_new(void)
{
	struct intervals *in = calloc(1, sizeof(*in));

	if (in)
		in->every = 1;
	return in;
}

/* Where buckets begin and end. */
int intervals_create(struct recording *r)
{
	sqlite3_stmt *stmt = record_insert(r, "buckets", "buckets", 3);
	int err = stmt ? 0 : -EIO;

	for (unsigned i = 0; !err && i < DMT_HIST_BUCKETS; i++) {
		sqlite3_bind_int(stmt, 1, i);
		sqlite3_bind_int64(stmt, 2, hist_bucket_min(i));
		if (i == DMT_HIST_BUCKETS - 1)
			sqlite3_bind_null(stmt, 3);
		else
			sqlite3_bind_int64(stmt, 3, hist_bucket_max(i));
		err = record_step(r, stmt);
	}
	return err;
}

static int series_compare(const void *left, const void *right)
{
	return aggregate_compare(left, right);
}

static void series_free(void *node)
{
	struct series *s = node;

	free(s->written.device);
	free(s->written.bus);
	free(s->written.driver);
	hist_release(&s->written.latency);
	hist_release(&s->written.size);
	free(s);
}

static int series_write(struct recording *r, const struct series *s, const struct aggregate *a)
{
	sqlite3_stmt *stmt = record_insert(r, &shape_series, "series", 12);

	if (!stmt)
		return -EIO;
	sqlite3_bind_int64(stmt, 1, s->id);
	record_bind(stmt, 2, &shape_series, a);
	return record_step(r, stmt);
}

/* NULL without memory. */
static struct series *series_new(struct intervals *in, const struct aggregate *a)
{
	struct series *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->id = ++in->nseries;
	s->written = (struct aggregate){
		.device = name_copy(a->device), .bus = name_copy(a->bus),
		.driver = name_copy(a->driver), .op = a->op, .direction = a->direction,
		.path = a->path, .reason = a->reason, .context = a->context, .phase = a->phase,
		.within = a->within, .page_size = a->page_size,
	};
	if (series_compare(&s->written, a) || !tsearch(s, &in->tree, series_compare)) {
		series_free(s);
		return NULL;
	}
	return s;
}

/* That of an aggregate, in the file, too; NULL: an error. */
static struct series *series_of(struct recording *r, struct intervals *in,
				const struct aggregate *a)
{
	struct series *s, **found = tfind(a, &in->tree, series_compare);

	if (found)
		return *found;
	s = series_new(in, a);
	if (!s) {
		fail(-ENOMEM, "out of memory while recording");
		return NULL;
	}
	return series_write(r, s, a) ? NULL : s;
}

/* Its buckets are those of the sum. */
static struct hist since(struct hist_sum *sum, const struct hist *now, const struct hist *before)
{
	hist_sum_clear(sum);
	hist_sum_add(sum, now);
	hist_sum_take(sum, before);
	return hist_of(sum);
}

static int interval_write(struct recording *r, const struct intervals *in, const struct series *s,
			  const struct aggregate *a)
{
	sqlite3_stmt *stmt = record_insert(r, "interval_calls", "interval_calls", 9);
	struct hist_sum of_latency, of_size;
	struct hist latency, size;

	if (!stmt)
		return -EIO;
	latency = since(&of_latency, &a->latency, &s->written.latency);
	size = since(&of_size, &a->size, &s->written.size);
	sqlite3_bind_int64(stmt, 1, in->count);
	sqlite3_bind_int64(stmt, 2, s->id);
	sqlite3_bind_int64(stmt, 3, a->calls - s->written.calls);
	sqlite3_bind_int64(stmt, 4, a->errors - s->written.errors);
	sqlite3_bind_int64(stmt, 5, a->bytes - s->written.bytes);
	sqlite3_bind_int64(stmt, 6, latency.count);
	sqlite3_bind_int64(stmt, 7, latency.sum);
	record_bind_hist(stmt, 8, &latency);
	record_bind_hist(stmt, 9, &size);
	return record_step(r, stmt);
}

static int mark_write(struct recording *r, const struct intervals *in, const struct series *s)
{
	sqlite3_stmt *stmt = record_insert(r, "marks", "marks", 7);

	if (!stmt)
		return -EIO;
	sqlite3_bind_int64(stmt, 1, in->count);
	sqlite3_bind_int64(stmt, 2, s->id);
	sqlite3_bind_int64(stmt, 3, s->written.calls);
	sqlite3_bind_int64(stmt, 4, s->written.errors);
	sqlite3_bind_int64(stmt, 5, s->written.bytes);
	sqlite3_bind_int64(stmt, 6, s->written.latency.sum);
	record_bind_hist(stmt, 7, &s->written.latency);
	return record_step(r, stmt);
}

/* Intervals hold all that has come of it. */
static int series_keep(struct series *s, const struct aggregate *a)
{
	s->written.calls = a->calls;
	s->written.errors = a->errors;
	s->written.bytes = a->bytes;
	if (!hist_copy(&s->written.latency, &a->latency) && !hist_copy(&s->written.size, &a->size))
		return 0;
	return fail(-ENOMEM, "out of memory while recording");
}

/* What came of one kind, if any, and what has come with it. */
static int aggregate_write(struct recording *r, struct intervals *in, const struct aggregate *a)
{
	struct series *s = series_of(r, in, a);
	int err = 0;

	if (!s)
		return -EIO;
	if (a->calls > s->written.calls) {
		err = interval_write(r, in, s, a);
		if (!err)
			err = series_keep(s, a);
	}
	return !err && in->count % in->every == 0 ? mark_write(r, in, s) : err;
}

static int marks_thin(struct recording *r, struct intervals *in)
{
	char sql[128];

	if (in->count < in->every * MARKS)
		return 0;
	in->every *= 2;
	snprintf(sql, sizeof(sql), "DELETE FROM marks WHERE interval %% %llu;", in->every);
	return record_execute(r, sql);
}

int intervals_write(struct recording *r, struct intervals *in, const struct model *m)
{
	sqlite3_stmt *stmt = record_insert(r, "intervals", "intervals", 2);
	int err;

	if (!stmt)
		return -EIO;
	sqlite3_bind_int64(stmt, 1, ++in->count);
	sqlite3_bind_int64(stmt, 2, m->duration_ns);
	err = record_step(r, stmt);
	for (size_t i = 0; !err && i < m->naggregates; i++)
		err = aggregate_write(r, in, &m->aggregates[i]);
	return err ? err : marks_thin(r, in);
}

void intervals_free(struct intervals *in)
{
	if (!in)
		return;
	tdestroy(in->tree, series_free);
	free(in);
}
