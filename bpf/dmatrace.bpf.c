// SPDX-License-Identifier: GPL-2.0
/*
 * The BPF object: every way dmatrace has to see an operation, off ("?") until the plan asks
 * for it.  Read hooks.bpf.h for what is seen, core.bpf.h for what is made of it.
 */
#include "../vmlinux/kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "dmatrace.h"
#include "compat.bpf.h"
#include "core.bpf.h"
#include "sg.bpf.h"
#include "adapter.bpf.h"
#include "hooks.bpf.h"

char LICENSE[] SEC("license") = "GPL";
