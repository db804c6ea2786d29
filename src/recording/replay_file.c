// SPDX-License-Identifier: GPL-2.0
/*
 * Recordings for SQLite to read, see replay_file.h: a VFS of our own, made of what its unix VFS
 * does for a reader.  An interrupted write is undone in what is read, not in the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "base/input.h"
#include "recording/record.h"
#include "recording/replay_file.h"
#include "recording/replay_journal.h"

/* Where SQLite's unix VFS locks: https://www.sqlite.org/fileformat2.html#the_lock_byte_page */
#define PENDING_BYTE 0x40000000
#define RESERVED_BYTE (PENDING_BYTE + 1)
#define SHARED_FIRST (PENDING_BYTE + 2)
#define SHARED_SIZE 510
#define SECTOR 512LL	/* of st_blocks */

struct replay_file {
	char path[PATH_MAX];		/* resolved: the journal lies beside the file itself */
	int fd;
	long long size;
	struct timespec written;	/* when it was opened, it had been last */
	int early;			/* its journal then, or -errno */
	int lock;			/* SQLITE_LOCK_NONE or SQLITE_LOCK_SHARED */
	bool journal_ignored;		/* it has been said */
	struct journal journal;		/* valid while there is a lock */
	char name[32];			/* of the VFS, which is for this file alone */
	sqlite3_vfs vfs;
};

struct opened {
	sqlite3_file base;
	struct replay_file *file;
};

static struct replay_file *file_of(sqlite3_file *opened)
{
	return ((struct opened *)opened)->file;
}

static int closed(sqlite3_file *opened)
{
	(void)opened;
	return SQLITE_OK;
}

/* SQLite wants zeros behind the end. */
static int bytes_read(int fd, char *to, int amount, off_t at)
{
	ssize_t got = pread(fd, to, amount, at);

	if (got < 0)
		return SQLITE_IOERR_READ;
	memset(to + got, 0, amount - got);
	return got < amount ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

/* With an interrupted write undone, page by page. */
static int undone_read(const struct replay_file *f, char *to, int amount, off_t at)
{
	unsigned size = f->journal.page_size;
	off_t there = f->journal.size > at ? f->journal.size - at : 0;
	int code = SQLITE_OK;

	if (amount > there) {
		memset(to + there, 0, amount - there);
		amount = there;
		code = SQLITE_IOERR_SHORT_READ;
	}

	while (amount) {
		off_t within = at % size;
		int part = amount < size - within ? amount : (int)(size - within);
		const struct journal_page *page = journal_find(&f->journal, at / size + 1);
		int got = page ? bytes_read(f->journal.fd, to, part, page->at + within) :
				 bytes_read(f->fd, to, part, at);

		if (got == SQLITE_IOERR_READ)
			return got;
		to += part;
		at += part;
		amount -= part;
	}
	return code;
}

static int file_read(sqlite3_file *opened, void *to, int amount, sqlite3_int64 at)
{
	struct replay_file *f = file_of(opened);

	return f->journal.fd < 0 ? bytes_read(f->fd, to, amount, at) :
				   undone_read(f, to, amount, at);
}

static int file_write(sqlite3_file *opened, const void *from, int amount, sqlite3_int64 at)
{
	(void)opened, (void)from, (void)amount, (void)at;
	return SQLITE_READONLY;
}

static int file_truncate(sqlite3_file *opened, sqlite3_int64 size)
{
	(void)opened, (void)size;
	return SQLITE_READONLY;
}

static int file_sync(sqlite3_file *opened, int flags)
{
	(void)opened, (void)flags;
	return SQLITE_OK;
}

static int file_size(sqlite3_file *opened, sqlite3_int64 *size)
{
	struct replay_file *f = file_of(opened);
	struct stat st;

	if (f->journal.fd >= 0) {
		*size = f->journal.size;
		return SQLITE_OK;
	}
	if (fstat(f->fd, &st))
		return SQLITE_IOERR_FSTAT;
	*size = st.st_size;
	return SQLITE_OK;
}

/* Locks of ours do not end when somebody else in this process closes the file. */
static int range_lock(int fd, int type, off_t start, off_t len)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = start,
			      .l_len = len };

	if (!fcntl(fd, F_OFD_SETLK, &lock))
		return SQLITE_OK;
	return errno == EAGAIN || errno == EACCES ? SQLITE_BUSY : SQLITE_IOERR_LOCK;
}

static bool locked(int fd, off_t at)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = at, .l_len = 1 };

	return !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}

/* Is somebody about to write?  While we have a lock, nothing is changed but its journal. */
static bool reserved(int fd)
{
	return locked(fd, RESERVED_BYTE);
}

/* A journal that came later has nothing to undo then. */
static bool unchanged(const struct replay_file *f)
{
	struct stat st;

	return !fstat(f->fd, &st) && st.st_mtim.tv_sec == f->written.tv_sec &&
	       st.st_mtim.tv_nsec == f->written.tv_nsec;
}

static int journal_take(struct replay_file *f)
{
	int found;

	if (f->journal_ignored)
		return SQLITE_OK;
	if (reserved(f->fd)) {
		journal_close(&f->journal);
		return SQLITE_OK;
	}
	if (journal_same(&f->journal, f->path))
		return SQLITE_OK;
	journal_close(&f->journal);
	found = journal_open(&f->journal, f->path, f->fd, unchanged(f) ? f->early : -EACCES);
	f->journal_ignored = found > 0;
	return found < 0 ? SQLITE_PERM : SQLITE_OK;
}

static int file_lock(sqlite3_file *opened, int level)
{
	struct replay_file *f = file_of(opened);
	int code;

	if (level <= f->lock)
		return SQLITE_OK;
	if (level > SQLITE_LOCK_SHARED)
		return SQLITE_READONLY;
	code = range_lock(f->fd, F_RDLCK, PENDING_BYTE, 1);
	if (!code) {
		code = range_lock(f->fd, F_RDLCK, SHARED_FIRST, SHARED_SIZE);
		range_lock(f->fd, F_UNLCK, PENDING_BYTE, 1);
	}
	if (!code)
		code = journal_take(f);
	if (!code)
		f->lock = level;
	else
		range_lock(f->fd, F_UNLCK, SHARED_FIRST, SHARED_SIZE);
	return code;
}

static int file_unlock(sqlite3_file *opened, int level)
{
	struct replay_file *f = file_of(opened);

	if (level >= f->lock)
		return SQLITE_OK;
	f->lock = level;
	return range_lock(f->fd, F_UNLCK, SHARED_FIRST, SHARED_SIZE);
}

static int file_reserved(sqlite3_file *opened, int *result)
{
	*result = reserved(file_of(opened)->fd);
	return SQLITE_OK;
}

static int file_control(sqlite3_file *opened, int what, void *arg)
{
	(void)opened, (void)what, (void)arg;
	return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *opened)
{
	(void)opened;
	return 4096;
}

static int characteristics(sqlite3_file *opened)
{
	(void)opened;
	return 0;
}

/*
 * Version 1: no shared memory, so no write-ahead log; and no mmap(), so that a file may be
 * truncated meanwhile.
 */
static const sqlite3_io_methods methods = {
	.iVersion = 1, .xClose = closed, .xRead = file_read, .xWrite = file_write,
	.xTruncate = file_truncate, .xSync = file_sync, .xFileSize = file_size,
	.xLock = file_lock, .xUnlock = file_unlock, .xCheckReservedLock = file_reserved,
	.xFileControl = file_control, .xSectorSize = sector_size,
	.xDeviceCharacteristics = characteristics,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *opened, int flags,
		    int *out_flags)
{
	opened->pMethods = NULL;
	if (!name || !(flags & SQLITE_OPEN_MAIN_DB))
		return SQLITE_CANTOPEN;
	((struct opened *)opened)->file = vfs->pAppData;
	opened->pMethods = &methods;
	if (out_flags)
		*out_flags = SQLITE_OPEN_READONLY;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs, (void)name, (void)sync;
	return SQLITE_IOERR_DELETE;
}

/* Nothing else is there. */
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
	(void)vfs, (void)name, (void)flags;
	*result = 0;
	return SQLITE_OK;
}

static int vfs_full_name(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	(void)vfs;
	sqlite3_snprintf(size, out, "%s", name);
	return SQLITE_OK;
}

static int vfs_error(sqlite3_vfs *vfs, int size, char *text)
{
	(void)vfs, (void)size, (void)text;
	return 0;
}

/* Clock and random numbers are the system's. */
static void vfs_make(struct replay_file *f)
{
	const sqlite3_vfs *system = sqlite3_vfs_find(NULL);

	snprintf(f->name, sizeof(f->name), "dmatrace-%p", (void *)f);
	f->vfs = (sqlite3_vfs){
		.iVersion = 1, .szOsFile = sizeof(struct opened), .mxPathname = PATH_MAX,
		.zName = f->name, .pAppData = f, .xOpen = vfs_open, .xDelete = vfs_delete,
		.xAccess = vfs_access, .xFullPathname = vfs_full_name,
		.xRandomness = system->xRandomness, .xSleep = system->xSleep,
		.xCurrentTime = system->xCurrentTime, .xGetLastError = vfs_error,
	};
}

/*
 * Where the journal lies.  A name in /proc may lead to a file of another mount namespace, or to one
 * that has no name any more: what it resolves to is another file then, or none.
 */
static void path_resolve(struct replay_file *f, const char *path, const struct stat *file)
{
	struct stat st;

	if (!realpath(path, f->path) || stat(f->path, &st) || st.st_dev != file->st_dev ||
	    st.st_ino != file->st_ino)
		snprintf(f->path, sizeof(f->path), "%s", path);
}

int replay_file_open(struct replay_file **out, const char *path)
{
	struct replay_file *f = calloc(1, sizeof(*f));
	const char *why;
	struct stat st;

	*out = f;
	if (!f)
		return -ENOMEM;
	f->journal = JOURNAL_NONE;
	f->early = -ENOENT;
	f->fd = file_open_regular(path, O_RDONLY, &why);
	if (f->fd < 0)
		return fail(f->fd, "cannot read %s: %s", path, why);
	if (fstat(f->fd, &st))
		return fail(-errno, "cannot read %s: %s", path, strerror(errno));
	path_resolve(f, path, &st);
	/* holes hold nothing that takes time to read */
	f->size = st.st_size < st.st_blocks * SECTOR ? st.st_size : st.st_blocks * SECTOR;
	f->written = st.st_mtim;
	f->early = journal_find_file(f->path);
	return 0;
}

int replay_file_connect(struct replay_file *f, sqlite3 **db)
{
	int code = sqlite3_initialize();

	if (code)
		return code;
	vfs_make(f);
	code = sqlite3_vfs_register(&f->vfs, 0);
	return code ? code : sqlite3_open_v2("recording", db, SQLITE_OPEN_READONLY, f->name);
}

bool replay_file_growing(const struct replay_file *f)
{
	return locked(f->fd, RECORDING_LOCK_AT);
}

long long replay_file_size(const struct replay_file *f)
{
	return f->size;
}

void replay_file_close(struct replay_file *f)
{
	if (!f)
		return;
	if (f->vfs.zName)
		sqlite3_vfs_unregister(&f->vfs);
	journal_close(&f->journal);
	if (f->early >= 0)
		close(f->early);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}
