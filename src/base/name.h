/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names, of devices, drivers and the like.  NULL and "" are both no name.
 */
#ifndef NAME_H
#define NAME_H

#include <stdbool.h>

/* No name is the same as no name. */
bool name_same(const char *a, const char *b);
/* As strcmp(), and no name comes last. */
int name_compare(const char *a, const char *b);
/* The caller's to free; NULL of no name, and without memory. */
char *name_copy(const char *name);

#endif
