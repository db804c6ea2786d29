/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that a user names as input.  It knows no format.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdio.h>
#include <sys/types.h>

/*
 * Is it of a regular file, this st_mode?  0; or -errno, and *why says in words what it is.
 */
int file_kind_check(mode_t mode, const char **why);

/*
 * Open a regular file, or what a symbolic link to one leads to; flags as of open(2), O_CLOEXEC is
 * added.  Anything else is refused at once: a FIFO would make open() wait, a device may act.
 * A descriptor; or -errno, and *why says it in words, as "Permission denied" or "it is a directory,
 * not a file".  The caller reports.
 */
int file_open_regular(const char *path, int flags, const char **why);
/* The same as a stream to read from; NULL: *err is -errno. */
FILE *file_read_regular(const char *path, int *err, const char **why);

#endif
