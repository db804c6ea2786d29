// SPDX-License-Identifier: GPL-2.0
/*
 * Names, see name.h.
 */
#include <string.h>
#include "name.h"

bool name_same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

char *name_copy(const char *name)
{
	return name && *name ? strdup(name) : NULL;
}
