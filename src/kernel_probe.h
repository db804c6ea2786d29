/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asking the running kernel for its facts.
 */
#ifndef KERNEL_PROBE_H
#define KERNEL_PROBE_H

#include "kernel.h"

/*
 * Fills k from BTF, kallsyms and trial attachments.  0, or -errno reported: -EPERM without
 * privilege, -ENOENT without BTF.  Trials wait for grace periods: tens of ms, side by side.
 */
int kernel_probe(struct kernel *k);

/* Has this process the capabilities tracing needs, wherever they are valid? */
bool kernel_privileged(void);

#endif
