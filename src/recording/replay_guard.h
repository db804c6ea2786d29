/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a database has to be before anything of it is read as a recording, and how much reading it
 * may take: a file is not to be trusted.
 */
#ifndef REPLAY_GUARD_H
#define REPLAY_GUARD_H

#include <sqlite3.h>

struct guard {
	unsigned long long steps, most_steps;	/* of SQLite's virtual machine */
	unsigned long long bytes;		/* kept of what was read */
};

/*
 * Limits and protections of a connection; size: of what the file holds, bytes.  The guard has to
 * live as long.  What SQLite says.
 */
int guard_set(struct guard *g, sqlite3 *db, long long size);
/* Count what is to be kept: 0, or -E2BIG when that is more than a recording may take. */
int guard_keep(struct guard *g, unsigned long long bytes);
/*
 * Is every table and index just as the recorder of that version makes it?  1, or 0: no, and type
 * and name (of `size` bytes each) say what is not; or -ENOMEM; or -EIO, which SQLite explains.
 */
int guard_schema(sqlite3 *db, int version, char *type, char *name, size_t size);

#endif
