/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One-line files and links of sysfs, procfs and debugfs.  It knows no device and no file name.
 * What is missing, unreadable or empty is absent: NULL or false, never zero.
 */
#ifndef ATTR_H
#define ATTR_H

#include <stdbool.h>

/* Paths are printf formats; results are the caller's to free. */
char *attr_text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The last component of where a link points. */
char *attr_link(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool attr_s64(long long *value, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool attr_exists(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
