/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asking the running kernel for its facts.
 */
#ifndef KERNEL_PROBE_H
#define KERNEL_PROBE_H

#include <linux/bpf.h>
#include "kernel/kernel.h"

/* BPF_TRACE_FSESSION, v7.0: newer than the headers of most distributions */
#define ATTACH_FSESSION ((enum bpf_attach_type)58)

/*
 * Fills k from BTF and trial attachments.  0, or -errno reported: -EPERM without privilege, -ENOENT
 * without BTF.  Trials wait for grace periods: tens of ms, side by side.
 *
 * Until kernel_symbols(), functions in BTF are taken to be there, and others not.  Until
 * kernel_count(), after which k->counted is set, what is there is taken to be there once: more
 * matter to kprobes, which go by name, and to know it takes as long as all the rest of a start.
 * Where it takes nothing more, kernel_symbols() counts as well.  kernel_count_begin() makes a
 * thread do most of it meanwhile.  Both return 0 or -errno, reported.
 */
int kernel_probe(struct kernel *k);
int kernel_symbols(struct kernel *k);
void kernel_count_begin(void);
int kernel_count(struct kernel *k);

/*
 * The id of its type, after kernel_probe(), of a function that the hook table names or of
 * KERNEL_FORGETS; 0: it has none.  libbpf goes through all types for each program that asks.
 */
int kernel_type_of(const char *function);
/* Where a device loses its driver: what is known of it is forgotten there. */
#define KERNEL_FORGETS "devres_release_all"

/* Has this machine no IOMMU?  A driver loaded later may find one. */
bool kernel_no_iommu(void);

/* Has this process the capabilities tracing needs, wherever they are valid? */
bool kernel_privileged(void);
/* Has it CAP_SYS_ADMIN? */
bool kernel_administered(void);

#endif
