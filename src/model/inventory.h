/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a machine has for DMA, without tracing: devices, IOMMUs, pools, parameters.  Read from
 * sysfs, procfs and, where root may, debugfs; what cannot be read is absent.  No report here.
 */
#ifndef INVENTORY_H
#define INVENTORY_H

#include "model/device.h"

struct pool {
	char *kind, *name;		/* "swiotlb", "atomic", "cma"; which of them */
	long long size, used, high;	/* bytes; -1: not known */
	/* of a swiotlb: in pools made for one buffer each, used but not part of size */
	bool grows;			/* it is known */
	long long transient;
};

/* A kind of memory the page allocator has, of all nodes. */
struct zone {
	char *name;			/* "DMA", "DMA32", "Normal" */
	unsigned long long end;		/* first address above it */
	unsigned long long size, unused;	/* bytes: its own, and free */
};

struct iommu {
	char *name;
	unsigned long long devices;
};

struct inventory {
	char *host, *release, *arch;
	char *parameters;		/* those that matter, as given, or NULL */
	struct dma_facts facts;
	struct device *devices;		/* by bus and name */
	struct pool *pools;
	struct iommu *iommus;
	struct zone *zones;		/* those that have memory, by where they end */
	size_t ndevices, npools, niommus, nzones;
};

/* Globs, NULL = any; root as in device.h.  0 or -errno, reported. */
int inventory_read(struct inventory *inv, const char *root, const char *device,
		   const char *driver);
void inventory_release(struct inventory *inv);
/* Is this word, "pt", one of those given to the parameter, "iommu="? */
bool inventory_asks(const struct inventory *inv, const char *name, const char *word);
/* The strings of one pool. */
void pool_release(struct pool *p);

#endif
