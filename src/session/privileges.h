/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this process may do.
 */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <stdbool.h>

/*
 * Has the program more privileges than its caller, by a setuid or setgid bit or capabilities of its
 * file?  Ambient capabilities are the caller's.
 */
bool privileges_borrowed(void);

enum privileges {
	PRIVILEGES_COUNT,	/* to read counters, to report and to detach */
	PRIVILEGES_RECORD,	/* the same, and to write files wherever root could */
	PRIVILEGES_RENAME,	/* to rename and remove files wherever root could, and no more */
	PRIVILEGES_NONE,
};

/*
 * Give up all others, for good.  What was started before keeps its own.  To be called while there
 * is one thread.  What cannot be given up is kept, with a warning.
 */
void privileges_drop(enum privileges keep);

#endif
