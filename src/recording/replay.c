// SPDX-License-Identifier: GPL-2.0
/*
 * Reading recordings, see record.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/heap.h"
#include "recording/replay_private.h"

/* Hooks that came later are not in it. */
static void hooks_begin(struct model *m)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		m->hooks[hook].op = hook_op(hook);
		strcpy(m->hooks[hook].reason, "recorded by an older dmatrace");
	}
}

static int model_read(struct replay *r, struct model *m)
{
	sqlite3_stmt *stmt = NULL;
	int err = replay_rows_select(r, &shape_model, 0, &stmt), code;

	if (err)
		return err;
	hooks_begin(m);
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		err = replay_row(r, &shape_model, stmt, (char *)m);
	else if (code == SQLITE_DONE)
		err = fail(-ENODATA, replay_file_growing(r->file) ?
			   "%s holds nothing yet: its first interval has not ended; try again" :
			   "%s holds nothing: its run ended before the first interval", r->path);
	else
		err = replay_broken(r);
	sqlite3_reset(stmt);
	return err;
}

/* All that is read at once: of one moment, though it may be written just now. */
static int moment_read(struct replay *r, struct model *m)
{
	int err = model_read(r, m);

	/* NULL, so 0, without any */
	if (!err && m->extras & DMT_WANTS_EVENTS) {
		r->last = replay_number(r, "SELECT max(id) FROM event_rows", &err);
		err = err ? replay_broken(r) : 0;
	}
	if (!err)
		m->cut_short = !replay_number(r, "SELECT whole FROM complete", &err);
	if (m->cut_short)
		warn("%s: the run %s; this is what was seen up to its last interval", r->path,
		     replay_file_growing(r->file) ? "goes on" : "was cut short");
	return err;
}

/* What is kept of a recording, and what a report of it takes, measured over the shapes of rows. */
static size_t memory_needed(long long size)
{
	const size_t times = 32, most = 1u << 30;

	return (size_t)size < most / times ? size * times : most;
}

int replay_new(struct replay **out, const char *path)
{
	struct replay *r = calloc(1, sizeof(*r));
	int err;

	*out = r;
	if (!r)
		return -ENOMEM;
	r->path = path;
	err = replay_file_open(&r->file, path);
	if (!err)
		heap_expect(memory_needed(replay_file_size(r->file)));
	return err;
}

int replay_read(struct replay *r, struct model *m)
{
	int err;

	if (replay_file_connect(r->file, &r->db) ||
	    guard_set(&r->guard, r->db, replay_file_size(r->file)))
		return replay_broken(r);
	/* its recorder may be writing */
	sqlite3_busy_timeout(r->db, 10000);
	err = replay_begin(r);
	if (!err)
		err = moment_read(r, m);
	/* from here on it need not wait for us */
	replay_end(r);
	return err;
}

int replay_open(struct replay **out, const char *path, struct model *m)
{
	int err = replay_new(out, path);

	return err ? err : replay_read(*out, m);
}

void replay_close(struct replay *r)
{
	if (!r)
		return;
	replay_names_drop(r, 0);
	free(r->names);
	replay_kinds_release(r);
	for (size_t i = 0; i < r->nselects; i++)
		sqlite3_finalize(r->selects[i].stmt);
	sqlite3_close(r->db);
	replay_file_close(r->file);
	free(r);
}
