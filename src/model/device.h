/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One device that can do DMA, as sysfs shows it, and what its facts imply.
 * It knows nothing of the machine but the few facts handed to device_implies(), and of no report.
 * Paths start with root: "" on a real system, a directory holding sys and proc in tests.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include <stdbool.h>
#include <stddef.h>

/* Do a device and the CPUs' caches agree on what is in memory? */
enum caches { CACHES_UNKNOWN, CACHES_COHERENT, CACHES_NOT_COHERENT, CACHES_MAX };

/*
 * How far a device reaches, and how much it takes at once, as BPF read it when the device mapped.
 * 0: none, and not set.
 */
struct reach {
	unsigned long long mask, coherent_mask;
	unsigned long long bus_limit;		/* highest address the bus carries */
	/* of an entry of a list: its most bytes; what it must not cross a multiple of, less 1 */
	unsigned long long segment, boundary;
	unsigned long long align_mask;		/* bits of an address that a bounce keeps */
	/* of the first of its DMA ranges: the CPU's address, the bus's, bytes */
	unsigned long long range_cpu, range_bus, range_size;
	enum caches caches;
	bool known;				/* from segment on; older recordings lack it */
	bool restricted;			/* its swiotlb is all of memory it may use */
};

/* As sysfs counts them. */
unsigned device_mask_bits(unsigned long long mask);

/* The address of memory that is this one of the bus, as dma_to_phys() has it. */
unsigned long long reach_phys(const struct reach *reach, unsigned long long address);

struct device {
	char *name, *bus;
	char *driver;			/* this and all below: NULL or -1 is absent */
	char *kind;			/* "nvme", "ethernet": the PCI class in a word */
	char *id;			/* PCI vendor:device */
	char *iommu, *group, *domain;	/* domain: type as the kernel writes it, DMA-FQ */
	char *removable;		/* "removable" or "fixed" */
	char *restricted;		/* pool the device tree gives it, see device_tree.h */
	long long mask_bits, coherent_mask_bits;
	long long node;
	bool bypasses;			/* virtio that hands out physical addresses */
	enum caches caches;
	/* when a call of it was seen, else NULL and nothing: see device_learn() */
	char *ops;			/* who maps for it */
	const struct reach *reach;	/* of its traced_device */
};

/* What the machine adds to the meaning of a device's facts. */
struct dma_facts {
	unsigned long long memory_top;		/* first address above memory; 0: not known */
	bool bounce_forced, bounce_off;		/* swiotlb=force, swiotlb=noforce */
	bool pool_known, pool;			/* can a bounce buffer be had */
	bool lazy_shown;			/* this kernel writes lazy domains as DMA-FQ */
	bool strict_asked;			/* the command line asks for strict invalidation */
	bool vtd_ops;				/* VT-d has DMA ops of its own (up to 5.10) */
	bool arch_ops;				/* Xen or a GART may map for any device */
	unsigned long long largest_block;	/* most bytes of the page allocator; 0: not known */
};

/* What was seen of it goes before what sysfs says; 0 or -ENOMEM. */
int device_learn(struct device *dev, const struct reach *reach, const char *ops);

/* False when bus/name cannot do DMA, or is gone, or memory is. */
bool device_read(struct device *dev, const char *root, const char *bus, const char *name);
void device_release(struct device *dev);

/* What becomes of its calls to map: of most that the DMA API gets them. */
enum device_use {
	DEVICE_MAPS, DEVICE_BRIDGE, DEVICE_IOMMU, DEVICE_DRIVERLESS, DEVICE_VFIO, DEVICE_BYPASSES,
};
enum device_use device_use(const struct device *dev);

/* One short phrase, "" when nothing can be said; pure. */
const char *device_implies(const struct device *dev, const struct dma_facts *facts, char *buf,
			   size_t size);

/*
 * Who maps for it, as far as sysfs tells: "direct", "restricted" (through a pool of its own and
 * nothing else), "passthrough" (an IOMMU lets it), "iommu-dma"; NULL: not known.
 */
const char *device_dma_ops(const struct device *dev, const struct dma_facts *facts);

/*
 * "strict" or "lazy", of a domain the DMA API maps into; else the type as the kernel writes it.
 * NULL: none, or it cannot be told strict from lazy.
 */
const char *device_domain(const struct device *dev, const struct dma_facts *facts);

/* It maps without a translation, and there is memory above its mask. */
bool device_too_narrow(const struct device *dev, const struct dma_facts *facts);

/* Call visit for every device of every bus, in no order, until it returns false. */
void device_each(const char *root, bool (*visit)(void *arg, const char *bus, const char *name),
		 void *arg);
/* Does a device of this name exist now? */
bool device_matches(const char *glob);

#endif
