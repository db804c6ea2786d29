/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clock that is never set, and that BPF programs read.
 */
#ifndef CLOCK_H
#define CLOCK_H

/* ns since some point in the past */
unsigned long long clock_ns(void);

#endif
