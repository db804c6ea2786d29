/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording's file as SQLite sees it: it can be read and locked for reading, and nothing else.
 * SQLite reaches no other file through it: no journal, no log, no temporary file.
 */
#ifndef REPLAY_FILE_H
#define REPLAY_FILE_H

#include <sqlite3.h>
#include <stdbool.h>

struct replay_file;

/* Opens a plain file and reads nothing of it yet.  0 or -errno, reported; always close it. */
int replay_file_open(struct replay_file **out, const char *path);
/* Returns what sqlite3_open() does; *db may be NULL.  Close it before the file. */
int replay_file_connect(struct replay_file *f, sqlite3 **db);
/* Is its recorder still at it? */
bool replay_file_growing(const struct replay_file *f);
/* Bytes, as they were when it was opened. */
long long replay_file_size(const struct replay_file *f);
void replay_file_close(struct replay_file *f);

#endif
