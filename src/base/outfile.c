// SPDX-License-Identifier: GPL-2.0
/*
 * Output files, see outfile.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "base/input.h"
#include "base/outfile.h"

#define NEW_FILE (O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC)
#define TEMP_NAMES 16	/* tried, before something else must be wrong */

static const char *base_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

/* Absolute: no library can take such a name for an option, an address or something in memory. */
static int path_resolve(const char *name, char **path)
{
	const char *base = base_of(name);
	char *dir, *real;
	int err = 0;

	*path = NULL;
	if (!*base || !strcmp(base, ".") || !strcmp(base, ".."))
		return -EISDIR;
	dir = base == name ? strdup(".") : strndup(name, base - name);
	real = dir ? realpath(dir, NULL) : NULL;
	free(dir);
	if (!real)
		return dir ? err_negative(-errno) : -ENOMEM;
	if (asprintf(path, "%s/%s", strcmp(real, "/") ? real : "", base) < 0) {
		*path = NULL;
		err = -ENOMEM;
	}
	free(real);
	return err;
}

static int refused(const char *name, int err, const char *why)
{
	return fail(err, "cannot create %s: %s", name, why);
}

/* As /dev/stdout: the system's, and no place for a file. */
static bool is_link_to_process(const char *path)
{
	char target[6];

	return readlink(path, target, sizeof(target)) == sizeof(target) &&
	       !memcmp(target, "/proc/", sizeof(target));
}

/* In a directory such as /tmp nobody else may remove it, root without its capabilities included. */
static bool is_protected(const char *path, const struct stat *st)
{
	char *dir = strndup(path, base_of(path) - path);
	struct stat in;
	bool sticky = dir && !stat(dir, &in) && in.st_mode & S_ISVTX && in.st_uid != geteuid();

	free(dir);
	return sticky && st->st_uid != geteuid();
}

/* What is there may be replaced, or nothing is there. */
static int place_check(const char *name, const char *path, bool replace)
{
	struct stat st, led_to;
	const char *why;
	int err;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : refused(name, -errno, strerror(errno));
	if (!S_ISLNK(st.st_mode))
		err = file_kind_check(st.st_mode, &why);
	else
		err = stat(path, &led_to) ? 0 : file_kind_check(led_to.st_mode, &why);
	if (err)
		return refused(name, err, why);
	if (S_ISLNK(st.st_mode) && is_link_to_process(path))
		return refused(name, -ENXIO, "it stands for an open file of a process");
	if (!replace)
		return fail(-EEXIST, "%s exists; --force replaces it", name);
	if (is_protected(path, &st))
		return refused(name, -EPERM, "what is there belongs to another user, and only its "
			       "owner may remove it");
	return 0;
}

/* A new file beside `path`: a descriptor or -errno, and its name. */
static int temp_make(const char *path, mode_t mode, char **temp)
{
	int fd = -1, err = -EEXIST;

	for (int i = 0; err == -EEXIST && i < TEMP_NAMES; i++) {
		unsigned id;

		if (getrandom(&id, sizeof(id), 0) != sizeof(id))
			return -errno;
		if (asprintf(temp, "%.*s.dmatrace-%08x", (int)(base_of(path) - path), path, id) < 0) {
			*temp = NULL;
			return -ENOMEM;
		}
		fd = open(*temp, NEW_FILE, mode);
		if (fd >= 0)
			return fd;
		err = -errno;
		free(*temp);
		*temp = NULL;
	}
	return err;
}

/* Where a file is to be, and that it may be there. */
static int place_find(const char *name, bool replace, char **path)
{
	int err;

	*path = NULL;
	if (!*name)
		return fail(-EINVAL, "cannot create a file of no name; give it one");
	err = path_resolve(name, path);
	if (err)
		return refused(name, err, strerror(-err));
	return place_check(name, *path, replace);
}

int outfile_check(const char *name, bool replace)
{
	char *path, *temp;
	int err = place_find(name, replace, &path), fd;

	if (!err) {
		fd = temp_make(path, 0600, &temp);
		if (fd < 0) {
			err = refused(name, fd, strerror(-fd));
		} else {
			unlink(temp);
			close(fd);
			free(temp);
		}
	}
	free(path);
	return err;
}

static void signals_hold(struct outfile *f)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	f->holds_signals = !sigprocmask(SIG_BLOCK, &set, &f->signals);
}

static void signals_release(struct outfile *f)
{
	if (f->holds_signals)
		sigprocmask(SIG_SETMASK, &f->signals, NULL);
	f->holds_signals = false;
}

int outfile_open(struct outfile *f, const char *name, bool replace, mode_t mode)
{
	int err;

	*f = (struct outfile){ .name = name, .fd = -1 };
	signals_hold(f);
	err = place_find(name, replace, &f->path);
	if (err)
		return err;
	if (replace)
		err = f->fd = temp_make(f->path, mode, &f->temp);
	else
		err = f->fd = open(f->path, NEW_FILE, mode);
	if (err >= 0) {
		f->unfinished = true;
		return 0;
	}
	err = replace ? err : -errno;
	if (err == -EEXIST)
		return fail(err, "%s exists; --force replaces it", name);
	return refused(name, err, strerror(-err));
}

const char *outfile_path(const struct outfile *f)
{
	return f->temp ? f->temp : f->path;
}

int outfile_commit(struct outfile *f)
{
	if (f->temp && rename(f->temp, f->path))
		return fail(-errno, "cannot replace %s: %s", f->name, strerror(errno));
	f->unfinished = false;
	free(f->temp);
	f->temp = NULL;
	signals_release(f);
	return 0;
}

void outfile_close(struct outfile *f)
{
	if (f->unfinished)
		unlink(outfile_path(f));
	if (f->fd >= 0)
		close(f->fd);
	signals_release(f);
	free(f->temp);
	free(f->path);
	*f = (struct outfile){ .fd = -1 };
}

/* All of it, on the disk: afterwards the file replaces another one. */
static int write_all(const struct outfile *f, const char *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(f->fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		size -= n;
	}
	/* there are files that cannot be waited for */
	return fsync(f->fd) && errno != EINVAL && errno != EROFS ? -errno : 0;
}

int outfile_finish(struct outfile *f, const void *bytes, size_t size)
{
	int err = write_all(f, bytes, size);

	return err ? fail(err, "cannot write %s: %s", f->name, error_text(err)) :
		     outfile_commit(f);
}

int outfile_save(const char *name, mode_t mode, const void *bytes, size_t size)
{
	struct outfile f;
	int err = outfile_open(&f, name, true, mode);

	if (!err)
		err = outfile_finish(&f, bytes, size);
	outfile_close(&f);
	return err;
}

bool outfile_same(const char *a, const char *b)
{
	char *path_a = NULL, *path_b = NULL;
	struct stat st_a, st_b;
	bool same;

	if (!stat(a, &st_a) && !stat(b, &st_b))
		return st_a.st_dev == st_b.st_dev && st_a.st_ino == st_b.st_ino;
	same = !path_resolve(a, &path_a) && !path_resolve(b, &path_b) && !strcmp(path_a, path_b);
	free(path_a);
	free(path_b);
	return same;
}
