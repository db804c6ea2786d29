/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shell patterns as the BPF side matches them: see struct dmt_glob.
 */
#ifndef GLOB_H
#define GLOB_H

#include "../bpf/dmatrace.h"

/* pattern NULL: everything fits.  -E2BIG when it has more than DMT_GLOB_PARTS parts. */
int glob_compile(struct dmt_glob *glob, const char *pattern);

#endif
