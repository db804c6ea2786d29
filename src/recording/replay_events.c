// SPDX-License-Identifier: GPL-2.0
/*
 * Reading events out of recordings, see record.h.
 */
#include <stdlib.h>
#include "base/err.h"
#include "recording/replay_private.h"

/* What many events have in common. */
struct kind {
	sqlite3_int64 id;
	struct event like;
	struct frames stack;
};

static int kind_read(struct replay *r, sqlite3_stmt *stmt)
{
	struct kind *grown;

	if (replay_keep(r, sizeof(*grown)))
		return -E2BIG;
	grown = reallocarray(r->kinds, r->nkinds + 1, sizeof(*grown));
	if (!grown)
		return fail(-ENOMEM, "cannot read %s: out of memory", r->path);
	r->kinds = grown;
	grown += r->nkinds++;
	*grown = (struct kind){ .id = sqlite3_column_int64(stmt, 0) };
	return replay_columns(r, &shape_event_kind, stmt, 1, (char *)&grown->like);
}

static int stacks_read(struct replay *r)
{
	int err = 0;

	for (size_t i = 0; !err && i < r->nkinds; i++) {
		struct kind *k = &r->kinds[i];

		err = replay_list(r, &shape_event_frames, k->id, &k->stack.names, &k->stack.count);
		k->like.stack = k->stack.count ? &k->stack : NULL;
	}
	return err;
}

static int kinds_read(struct replay *r)
{
	sqlite3_stmt *stmt = NULL;
	int err = replay_rows_select(r, &shape_event_kind, 0, &stmt), code;

	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		err = kind_read(r, stmt);
	if (!err && code != SQLITE_DONE)
		err = replay_broken(r);
	sqlite3_reset(stmt);
	r->kinds_read = true;
	return err ? err : stacks_read(r);
}

static int by_id(const void *left, const void *right)
{
	const struct kind *a = left, *b = right;

	return (a->id > b->id) - (a->id < b->id);
}

static int event_read(struct replay *r, sqlite3_stmt *stmt, struct event *e)
{
	struct kind key = { .id = sqlite3_column_int64(stmt, 1) };
	sqlite3_int64 id = sqlite3_column_int64(stmt, 0);
	const struct kind *kind = NULL;

	if (r->kinds)
		kind = bsearch(&key, r->kinds, r->nkinds, sizeof(key), by_id);
	/* else a damaged file might never end */
	if (!kind || id <= r->seen)
		return replay_odd(r, shape_event.table);
	r->seen = id;
	*e = kind->like;
	return replay_columns(r, &shape_event, stmt, 2, (char *)e);
}

/* What it points to is let go of at once. */
static int event_pass(struct replay *r, sqlite3_stmt *stmt,
		      int (*each)(void *arg, const struct event *e), void *arg)
{
	unsigned long long bytes = r->guard.bytes;
	size_t names = r->nnames;
	struct event e;
	int err = event_read(r, stmt, &e);

	if (!err)
		err = each(arg, &e);
	replay_names_drop(r, names);
	r->guard.bytes = bytes;
	return err;
}

/* Each time anew, so that its recorder, which may be writing, waits no longer than for that. */
static int events_select(struct replay *r, int most, sqlite3_stmt **stmt)
{
	int err = replay_shape_select(r, &shape_event, "owner",
				      "id > ? AND id <= ? ORDER BY id LIMIT ?", stmt);

	if (err)
		return err;
	sqlite3_bind_int64(*stmt, 1, r->seen);
	sqlite3_bind_int64(*stmt, 2, r->last);
	sqlite3_bind_int(*stmt, 3, most);
	return 0;
}

/* How many; -errno. */
static int events_read(struct replay *r, int most,
		       int (*each)(void *arg, const struct event *e), void *arg)
{
	sqlite3_stmt *stmt = NULL;
	int err, code = SQLITE_DONE, got = 0;

	err = r->kinds_read ? 0 : kinds_read(r);
	if (!err)
		err = events_select(r, most, &stmt);
	for (; !err && (code = sqlite3_step(stmt)) == SQLITE_ROW; got++)
		err = event_pass(r, stmt, each, arg);
	if (!err && code != SQLITE_DONE)
		err = replay_broken(r);
	sqlite3_finalize(stmt);
	return err ? err : got;
}

int replay_events(struct replay *r, int most, int (*each)(void *arg, const struct event *e),
		  void *arg)
{
	int got;

	/* then there may be no such tables */
	if (!r->last)
		return 0;
	got = replay_begin(r);
	if (!got)
		got = events_read(r, most, each, arg);
	replay_end(r);
	return got;
}

void replay_kinds_release(struct replay *r)
{
	for (size_t i = 0; i < r->nkinds; i++)
		frames_release(&r->kinds[i].stack);
	free(r->kinds);
}
