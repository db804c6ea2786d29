// SPDX-License-Identifier: GPL-2.0
/* As counts.bpf.c, for `live`, which times no call either. */
#define WITH_EXTRAS
#include "counts.bpf.c"
