// SPDX-License-Identifier: GPL-2.0
/*
 * The BPF object of fsession programs.  One of its own, because libbpf refuses all programs of an
 * object that calls a kernel function with another prototype than the kernel's: these two had
 * others before fsession came.  Uses the maps of dmatrace.bpf.c, and so the same variables.
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

extern bool bpf_session_is_return(void *ctx) __ksym;
extern __u64 *bpf_session_cookie(void *ctx) __ksym;

#define PROBE(name, symbol, args, hook, dev, ret, what)					\
	DESCRIBE(name, hook, ret, what)							\
	FSESSION(name, symbol, args, hook, dev, ret)
#define POINT(...)
#include "hooks.bpf.h"

char LICENSE[] SEC("license") = "GPL";
