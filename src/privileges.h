/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this process may do.
 */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <stdbool.h>

/* Does somebody else run as us, by a setuid or setgid bit of the program's file? */
bool privileges_borrowed(void);

/*
 * Keep of what we may do only what it takes to read counters, to report and to detach, for good,
 * and where a recording or another file is to be written, to write it wherever root could; what was
 * started before is not concerned.  To be called while there is one thread.  What cannot
 * be given up is kept, with a warning.
 */
void privileges_drop(bool recording);

#endif
