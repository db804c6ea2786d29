// SPDX-License-Identifier: GPL-2.0
/*
 * What is read of one moment, though its recorder may be writing: what the file is, and whether its
 * tables are those of a recorder.
 */
#include <errno.h>
#include "base/err.h"
#include "recording/replay_private.h"

/* Is it one, and of a version that is read here? */
static int header_read(struct replay *r)
{
	int err = 0;
	sqlite3_int64 id = replay_number(r, "PRAGMA application_id", &err), version;

	if (err && sqlite3_errcode(r->db) != SQLITE_NOTADB)
		return replay_broken(r);
	if (err || id != RECORDING_ID)
		return fail(-EINVAL, "%s is no recording of dmatrace%s%s", r->path,
			    err ? ": " : "", err ? sqlite3_errmsg(r->db) : "");
	version = replay_number(r, "PRAGMA user_version", &err);
	if (!err && (version < RECORDING_OLDEST || version > RECORDING_VERSION))
		return fail(-EINVAL, "%s is a recording of version %lld, and this dmatrace reads %d "
			    "to %d; take %s one", r->path, (long long)version, RECORDING_OLDEST,
			    RECORDING_VERSION, version > RECORDING_VERSION ? "a newer" : "an older");
	r->version = version;
	return err ? replay_broken(r) : 0;
}

/* What is a table to the recorder is nothing else here. */
static int schema_check(struct replay *r)
{
	char type[64], name[64];

	switch (guard_schema(r->db, r->version, type, name, sizeof(type))) {
	case 1:
		return 0;
	case 0:
		return fail(-EINVAL, "%s has %s '%s', which no recorder of that version makes; it is "
			    "not read", r->path, type, name);
	case -ENOMEM:
		return replay_no_memory(r);
	default:
		return replay_broken(r);
	}
}

int replay_begin(struct replay *r)
{
	sqlite3_int64 schema;
	int err = 0;

	if (sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL))
		return replay_broken(r);
	if (!r->schema)
		err = header_read(r);
	if (err)
		return err;
	schema = replay_number(r, "PRAGMA schema_version", &err);
	if (err)
		return replay_broken(r);
	if (schema == r->schema)
		return 0;
	r->schema = schema;
	return schema_check(r);
}

void replay_end(struct replay *r)
{
	sqlite3_exec(r->db, "COMMIT", NULL, NULL, NULL);
}
