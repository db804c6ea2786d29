// SPDX-License-Identifier: GPL-2.0
/*
 * Reading what BPF noted of the devices it saw: how far they reach, and who maps for them.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include "live/private.h"
#include "base/name.h"

/* Names of DMA ops as they come: devices behind one IOMMU share theirs. */
struct ops_names {
	unsigned long long ops;
	char *name;
};

/*
 * Kernels without KALLSYMS_ALL, such as Debian's for arm64 up to 6.1, have names for functions
 * only: then that of the one that maps.
 */
static const char *ops_name(struct ops_names *last, const struct dmt_device *device)
{
	const unsigned long long addresses[] = { device->ops, device->ops_map };

	if (!(device->flags & DMT_DEVICE_OPS))
		return NULL;
	if (last->ops != device->ops) {
		free(last->name);
		*last = (struct ops_names){ device->ops, ksyms_exact(addresses, 2) };
	}
	return last->name;
}

static int device_add(struct model *m, const struct dmt_device *device, struct ops_names *last)
{
	struct traced_device *grown = reallocarray(m->traced, m->ntraced + 1, sizeof(*grown));
	const char *mapper = device_mapper(device, ops_name(last, device),
					   m->inventory.facts.arch_ops);

	if (!grown)
		return -ENOMEM;
	m->traced = grown;
	grown[m->ntraced++] = (struct traced_device){
		.device = name_copy(device->name), .bus = name_copy(device->bus),
		.driver = name_copy(device->driver), .dma_ops = name_copy(mapper),
		.domain = device_domain_name(device), .reach = {
			.mask = device->mask, .coherent_mask = device->coherent_mask,
			.bus_limit = device->bus_limit, .segment = device->segment,
			.boundary = device->boundary, .align_mask = device->align_mask,
			.range_cpu = device->range_cpu, .range_bus = device->range_bus,
			.range_size = device->range_size,
			.caches = device->flags & DMT_DEVICE_COHERENT ? CACHES_COHERENT :
								       CACHES_NOT_COHERENT,
			.known = true,
			.restricted = device->flags & DMT_DEVICE_RESTRICTED,
		},
		.pool = name_copy(device->pool), .areas = device->pool_areas,
	};
	return 0;
}

int live_devices(struct live *l, struct model *m, const bool *seen)
{
	int fd = bpf_map__fd(l->first->maps.devices), err = 0;
	struct ops_names last = { 0 };
	struct dmt_device device;

	for (__u32 id = 1; !err && id < l->ndevices; id++)
		if (seen[id] && !bpf_map_lookup_elem(fd, &id, &device))
			err = device_add(m, &device, &last);
	free(last.name);
	return err;
}
