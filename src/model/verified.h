/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a kernel's verifier makes of the programs: how many instructions it walked to find out that
 * one is safe, of those it is willing to walk.
 */
#ifndef VERIFIED_H
#define VERIFIED_H

#include "kernel/kernel.h"

/* A hook's programs by one way, in the configuration that took most. */
struct verified {
	const struct sight *sight;
	enum way way;
	unsigned long long instructions;
	unsigned extras;	/* DMT_WANTS_* of that configuration */
	int err;		/* -errno: refused */
};

#define VERIFIED_LIMIT 1000000	/* instructions a kernel walks: v5.2 to 7.2 */

struct verification {
	struct kernel kernel;
	struct verified *rows;	/* in the order of the hook table, marks last */
	size_t count;
	unsigned configurations;
};

#endif
