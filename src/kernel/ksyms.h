/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of kernel addresses, modules and BPF included.  Reading them all takes the kernel a
 * while: only when there is something to name.
 */
#ifndef KSYMS_H
#define KSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct ksyms;

/* NULL when /proc/kallsyms does not show addresses, reported. */
struct ksyms *ksyms_read(void);
/* The same of text as in that file and in /proc/modules, which may be NULL. */
struct ksyms *ksyms_parse(FILE *in, FILE *modules);
void ksyms_free(struct ksyms *k);

/*
 * "name" or "name [module]" of the function around the address; false: none is known there, as
 * beyond the end of a module or of the kernel's code.
 */
bool ksyms_name(const struct ksyms *k, unsigned long long address, char *out, size_t size);

/*
 * The name of what begins at the first of these addresses that anything begins at, data as well,
 * which not every kernel has names for; to be freed, NULL: there is none, or nobody may know.
 */
char *ksyms_exact(const unsigned long long *addresses, size_t count);

#endif
