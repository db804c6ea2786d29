// SPDX-License-Identifier: GPL-2.0
/* As session.bpf.c, for commands that ask for more than stat does: see extra.bpf.h. */
#define WITH_EXTRAS
#include "session.bpf.c"
