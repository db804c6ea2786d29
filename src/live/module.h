/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel modules that came or went during the run, and the names of their functions, which nobody
 * else has any more; from what the BPF side kept of them.
 */
#ifndef MODULE_H
#define MODULE_H

#include <stddef.h>

struct modules;

struct modules *modules_new(void);	/* NULL without memory */
void modules_free(struct modules *m);

/*
 * What came next from there, a struct dmt_module_head or dmt_module_piece.  0, -ENOMEM, or -ENOSPC:
 * there are too many of them to keep the names of all.
 */
int modules_take(struct modules *m, const void *data, size_t size);

/* How many came or went until then, in ns of the monotonic clock. */
size_t modules_moved(const struct modules *m, unsigned long long when);

enum whose {
	WHOSE_NOBODY,		/* not the code of such a module: another one's or the kernel's */
	WHOSE_UNKNOWN,		/* the code of one, of no function, or of which is not known */
	WHOSE_NAMED,
};

/*
 * "name [module]" of the function that was around the address at a time in ns of the monotonic
 * clock; 0: that is not known, and of modules that had the same place after each other none is
 * preferred.
 */
enum whose modules_name(struct modules *m, unsigned long long address, unsigned long long when,
			char *out, size_t size);

#endif
