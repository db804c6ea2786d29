// SPDX-License-Identifier: GPL-2.0
/*
 * Input files, see input.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/input.h"

int file_kind_check(mode_t mode, const char **why)
{
	*why = S_ISDIR(mode) ? "it is a directory, not a file" :
	       S_ISFIFO(mode) ? "it is a FIFO, not a file" :
	       S_ISSOCK(mode) ? "it is a socket, not a file" : "it is a device, not a file";
	return S_ISREG(mode) ? 0 : S_ISDIR(mode) ? -EISDIR : -ENXIO;
}

static int failed(const char **why)
{
	int err = -errno;

	*why = strerror(-err);
	return err;
}

int file_open_regular(const char *path, int flags, const char **why)
{
	struct stat st;
	int fd, err;

	if (!*path) {
		*why = "its name is empty";
		return -ENOENT;
	}
	/* before open(), which alone is enough to rewind a tape or to start a watchdog */
	if (stat(path, &st))
		return failed(why);
	err = file_kind_check(st.st_mode, why);
	if (err)
		return err;
	/* in case it has become a FIFO since: do not wait */
	fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return failed(why);
	err = fstat(fd, &st) ? failed(why) : file_kind_check(st.st_mode, why);
	if (!err)
		return fd;
	close(fd);
	return err;
}

FILE *file_read_regular(const char *path, int *err, const char **why)
{
	int fd = file_open_regular(path, O_RDONLY, why);
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");

	*err = in ? 0 : fd < 0 ? fd : failed(why);
	if (!in && fd >= 0)
		close(fd);
	return in;
}
