// SPDX-License-Identifier: GPL-2.0
/*
 * The file a recording is written to, and what SQLite may touch beside it, see record_private.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "base/list.h"
#include "recording/record_private.h"

/* What SQLite takes for a part of the database whose name comes before. */
static const char *const siblings[] = { "-journal", "-wal", "-shm" };

static struct flock lock_of(short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = RECORDING_LOCK_AT,
			       .l_len = 1 };
}

static int busy(const char *name)
{
	return fail(-EBUSY, "%s is being written by another recorder; take another file", name);
}

/*
 * Held while it is written, and gone with its owner: on a byte that SQLite leaves alone.  Where
 * files cannot be locked nobody can tell.
 */
static int lock_take(int fd, const char *name)
{
	struct flock lock = lock_of(F_WRLCK);

	return fcntl(fd, F_OFD_SETLK, &lock) && (errno == EAGAIN || errno == EACCES) ?
	       busy(name) : 0;
}

/* Does another recorder write what is to be replaced?  Of a symbolic link that is the link. */
static int lock_check(const char *name)
{
	struct flock lock = lock_of(F_WRLCK);
	int fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), err = 0;

	if (fd < 0)
		return errno == ENOENT || errno == ELOOP ? 0 :
		       fail(-errno, "cannot tell if another recorder writes %s: %s", name,
			    strerror(errno));
	if (!fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK)
		err = busy(name);
	close(fd);
	return err;
}

static int sibling_check(const char *name, const char *sibling, bool force)
{
	struct stat st;

	if (lstat(sibling, &st))
		return errno == ENOENT ? 0 :
		       fail(-errno, "cannot look at %s: %s", sibling, strerror(errno));
	if (!force)
		return fail(-EEXIST, "%s exists, and SQLite would take it for a part of %s; --force "
			    "removes it", sibling, name);
	if (st.st_uid != geteuid() || S_ISDIR(st.st_mode))
		return fail(-EPERM, "%s is no file of this user, and SQLite would take it for a "
			    "part of %s; remove it, or take another file", sibling, name);
	return 0;
}

/* Left by an earlier recording of that name, or put there for us to read. */
static int siblings_clear(const char *name, bool force, bool remove)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(siblings); i++) {
		char *sibling;

		if (asprintf(&sibling, "%s%s", name, siblings[i]) < 0)
			return -ENOMEM;
		err = sibling_check(name, sibling, force);
		if (!err && remove && unlink(sibling) && errno != ENOENT)
			err = fail(-errno, "cannot remove %s: %s", sibling, strerror(errno));
		free(sibling);
	}
	return err;
}

int record_file_check(const char *name, bool force)
{
	int err = outfile_check(name, force);

	if (!err && force)
		err = lock_check(name);
	return err ? err : siblings_clear(name, force, false);
}

int record_file_place(struct outfile *f, bool force)
{
	int err = force ? lock_check(f->name) : 0;

	if (!err)
		err = siblings_clear(f->name, force, true);
	return err ? err : outfile_commit(f);
}

/*
 * To the recorder nothing lies beside its file: not a journal to roll back, which may name any file
 * as one to remove, nor a log to go on with.  It began with a file of its own, so whatever is there
 * is of somebody else.
 */
static int nothing_is_there(sqlite3_vfs *vfs, const char *name, int flags, int *there)
{
	(void)vfs;
	(void)name;
	(void)flags;
	*there = 0;
	return SQLITE_OK;
}

/* For the same reason each journal is a new file.  One that is there SQLite would open to read. */
static int open_new(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *got)
{
	bool journal = flags & SQLITE_OPEN_MAIN_JOURNAL && flags & SQLITE_OPEN_CREATE;
	sqlite3_vfs *system = sqlite3_vfs_find(NULL);
	int opened = 0, code;

	(void)vfs;
	code = system->xOpen(system, name, file, flags | (journal ? SQLITE_OPEN_EXCLUSIVE : 0),
			     &opened);
	if (got)
		*got = opened;
	if (code || !journal || !(opened & SQLITE_OPEN_READONLY))
		return code;
	file->pMethods->xClose(file);
	file->pMethods = NULL;
	errno = EEXIST;
	return SQLITE_CANTOPEN;
}

/* SQLite's way to files, but for these two. */
static const sqlite3_vfs *vfs_of_recorder(void)
{
	static sqlite3_vfs vfs;

	if (!vfs.zName) {
		vfs = *sqlite3_vfs_find(NULL);
		vfs.pNext = NULL;
		vfs.zName = "dmatrace-recorder";
		vfs.xAccess = nothing_is_there;
		vfs.xOpen = open_new;
		sqlite3_vfs_register(&vfs, 0);
	}
	return &vfs;
}

/* Under both its names. */
static int length_check(const struct outfile *f)
{
	int room = vfs_of_recorder()->mxPathname - (int)strlen("-journal");

	if ((int)strlen(f->path) <= room && (int)strlen(outfile_path(f)) <= room)
		return 0;
	return fail(-ENAMETOOLONG, "cannot create %s: its full path is longer than the %d bytes that "
		    "SQLite takes", f->name, room);
}

int record_file_make(struct outfile *f, const char *name, bool force)
{
	int err = outfile_open(f, name, force, 0600);

	if (!err)
		err = length_check(f);
	return err ? err : lock_take(f->fd, name);
}

/* Does the name still lead to our file? */
static bool is_ours(const struct outfile *f)
{
	struct stat ours, there;

	return !fstat(f->fd, &ours) && !lstat(outfile_path(f), &there) &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

int record_file_open(sqlite3 **db, const struct outfile *f)
{
	int code;

	*db = NULL;
	code = sqlite3_open_v2(outfile_path(f), db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW,
			       vfs_of_recorder()->zName);
	if (code)
		return fail(-EIO, "cannot create %s: %s", f->name, sqlite3_errstr(code));
	if (!is_ours(f))
		return fail(-EIO, "cannot create %s: another file was put in its place", f->name);
	/* somebody may be reading it */
	sqlite3_busy_timeout(*db, 10000);
	return 0;
}

/* What the system said last; 0: nothing of use. */
static int system_error(sqlite3 *db)
{
	int last = 0;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &last);
	return last ? last : sqlite3_system_errno(db);
}

int record_file_failed(sqlite3 *db, const char *name)
{
	int code = sqlite3_errcode(db), err = system_error(db);

	if (code == SQLITE_FULL)
		return fail(-ENOSPC, "cannot write %s: no space is left there; it holds all up to its "
			    "last interval", name);
	if (sqlite3_extended_errcode(db) == SQLITE_READONLY_DBMOVED)
		return fail(-EIO, "cannot write %s: it was moved or removed while it was written; "
			    "the file holds all up to its last interval", name);
	if (code == SQLITE_CANTOPEN)
		return fail(-EIO, "cannot write %s: cannot create %s-journal: %s; remove what has "
			    "that name", name, name, strerror(sqlite3_system_errno(db)));
	if (code == SQLITE_IOERR && err)
		return fail(-err, "cannot write %s: %s", name, error_text(err));
	return fail(-EIO, "cannot write %s: %s", name, sqlite3_errmsg(db));
}
