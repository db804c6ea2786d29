// SPDX-License-Identifier: GPL-2.0
/*
 * The BPF object for kernels with fsession.  One of its own, because libbpf refuses all programs of
 * an object that calls a kernel function with another prototype than the kernel's: the two that
 * sessions need had others before fsession came.
 */
#define SESSIONS
#include "dmatrace.bpf.c"
