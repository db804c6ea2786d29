/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that the program makes where a user says: always a new file, which belongs to who runs the
 * program.  What had its name before is replaced, never written to: not what a symbolic link leads
 * to, nor what has another name as well.  It knows no format.
 */
#ifndef OUTFILE_H
#define OUTFILE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct outfile {
	const char *name;	/* as the user gave it, for messages; the caller's */
	char *path;		/* absolute, and no directory in it is a symbolic link */
	char *temp;		/* what the file is called until outfile_commit(); NULL: `path` */
	int fd;			/* to read and write; -1: none */
	bool unfinished;	/* to be removed by outfile_close() */
	bool holds_signals;
	sigset_t signals;	/* that were blocked before */
};

/*
 * Would outfile_open() succeed?  To be known before a long run; nothing is left behind.  0 or
 * -errno, reported.
 */
int outfile_check(const char *name, bool replace);
/*
 * A new file in the same directory, under a temporary name; or, if nothing is to be replaced, under
 * its own name, which nothing may have.  Only a file or a symbolic link is replaced.  Until
 * outfile_commit() or outfile_close(), signals that end the program wait, so that no temporary
 * file stays.  0 or -errno, reported; outfile_close() whatever happens.
 */
int outfile_open(struct outfile *f, const char *name, bool replace, mode_t mode);
/* What it is called now. */
const char *outfile_path(const struct outfile *f);
/* It gets its name; what had that name is gone.  0 or -errno, reported: then nothing changed. */
int outfile_commit(struct outfile *f);
/* Without outfile_commit() the file is removed.  A zeroed one that was never opened has fd -1. */
void outfile_close(struct outfile *f);

/* All bytes of it, and outfile_commit().  0 or -errno, reported. */
int outfile_finish(struct outfile *f, const void *bytes, size_t size);
/* All of the above: a file with these bytes, or none.  0 or -errno, reported. */
int outfile_save(const char *name, mode_t mode, const void *bytes, size_t size);

/* Do both names lead to one file, by whatever link?  Or would they, once it is made? */
bool outfile_same(const char *a, const char *b);

#endif
