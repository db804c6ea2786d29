// SPDX-License-Identifier: GPL-2.0
/*
 * The BPF object for a run without latencies: no program reads the clock, and many functions are
 * watched at one end only.
 */
#define WITHOUT_LATENCY
#include "dmatrace.bpf.c"
