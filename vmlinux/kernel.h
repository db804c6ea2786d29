/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel types dmatrace reads: only the fields used, relocated at load time (CO-RE).
 * A full header of the running kernel, for exploring: `make vmlinux`.
 */
#ifndef KERNEL_H
#define KERNEL_H

/* bpf_tracing.h picks kernel names of registers by this */
#define __VMLINUX_H__

#include <linux/types.h>
#include <linux/bpf.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long di, si, dx, cx, r8, r9, ax, sp, ip, bp;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	unsigned long regs[31];
	unsigned long sp, pc, pstate;
};
struct pt_regs {
	struct user_pt_regs user_regs;
};
#endif

struct kobject {
	const char *name;
};

struct bus_type {
	const char *name;
};

struct device_driver {
	const char *name;
};

struct device {
	struct kobject kobj;
	const char *init_name;
	const struct bus_type *bus;
	struct device_driver *driver;
};

/* v6.12 to v6.18, since "dma-mapping: direct calls for dma-iommu" */
struct device___dma_iommu {
	bool dma_iommu:1;
};

/* 7.x keeps it in struct device::flags, at the bit this enumerator names */
struct device___flags {
	unsigned long flags[1];
};
enum struct_device_flags___dma {
	DEV_FLAG_DMA_IOMMU,
};

struct task_struct {
	void *stack;
};

struct scatterlist {
	unsigned long page_link;
	unsigned int length;
};

struct dma_iova_state {
	__u64 __size;
};

struct bpf_prog {
	int *active;
};

#pragma clang attribute pop
#endif
