/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limits from a file, in YAML: man/dmatrace-policy.5.
 */
#ifndef POLICY_H
#define POLICY_H

struct limits;

/* Adds what the file says.  0; -EINVAL for what makes no sense, else -errno; reported. */
int policy_read(struct limits *l, const char *path);

#endif
