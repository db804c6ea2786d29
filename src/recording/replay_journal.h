/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rollback journal that an interrupted recorder left beside its file: the pages as they were
 * before the write that did not finish.  SQLite would write them back and delete the journal;
 * here a reader looks them up in it instead, so that reading changes nothing.
 */
#ifndef REPLAY_JOURNAL_H
#define REPLAY_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct journal {
	int fd;				/* -1: there is none to go by */
	unsigned page_size;		/* bytes */
	off_t size;			/* of the database before the write, bytes */
	struct journal_page {
		unsigned number;	/* from 1 */
		off_t at;		/* where its content is in the journal */
	} *pages;			/* sorted by number, each number once */
	size_t npages;
	struct stat file;		/* as it was read */
};

#define JOURNAL_NONE ((struct journal){ .fd = -1 })

/* The journal's file as it is now: a descriptor, or -errno. */
int journal_find_file(const char *path);

/*
 * Look for the journal of the database at path (resolved, no symbolic link) that is open as fd.
 * early: what journal_find_file() said when there were more privileges, and before the database
 * was changed; it is used where the directory can no longer be searched.
 * Only a plain file of the database's owner that names no other database is taken; anything else
 * is left alone, with a warning, and 1 is returned.  0: it is taken, or there is none; -errno,
 * reported: there is one to take that cannot be read.  No writer may be at work: the caller holds a
 * shared lock and saw no reserved one.
 */
int journal_open(struct journal *j, const char *path, int fd, int early);

/* Is it what lies beside path now? */
bool journal_same(const struct journal *j, const char *path);

/* NULL: the page is as it is in the database. */
const struct journal_page *journal_find(const struct journal *j, unsigned number);

void journal_close(struct journal *j);

#endif
