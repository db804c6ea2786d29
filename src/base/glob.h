/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shell patterns, here and as the BPF side matches them: see struct dmt_glob.
 */
#ifndef GLOB_H
#define GLOB_H

#include <stdbool.h>
#include "bpf/dmatrace.h"

/* pattern NULL: everything fits; else a name that is not known (NULL) does not. */
bool glob_fits(const char *pattern, const char *name);
/* pattern NULL: everything fits.  -E2BIG when it has more than DMT_GLOB_PARTS parts. */
int glob_compile(struct dmt_glob *glob, const char *pattern);

#endif
