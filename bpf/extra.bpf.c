// SPDX-License-Identifier: GPL-2.0
/* The BPF object for commands that ask for more than stat does: see extra.bpf.h. */
#define WITH_EXTRAS
#include "dmatrace.bpf.c"
