// SPDX-License-Identifier: GPL-2.0
/*
 * Devices as sysfs lists them, and as they were when a call of theirs was seen, made one.  Sysfs
 * has masks of PCI devices only, and limits of none.
 */
#include <errno.h>
#include <stdlib.h>
#include "base/name.h"
#include "model/owner.h"

/* One that sysfs does not list: it has gone, or nothing there says that it does DMA. */
static int unlisted(struct device *dev, const struct traced_device *seen)
{
	*dev = (struct device){ .name = name_copy(seen->device), .bus = name_copy(seen->bus),
				.driver = name_copy(seen->driver),
				.domain = name_copy(seen->domain), .node = -1 };
	return dev->name ? 0 : -ENOMEM;
}

static int learn(struct inventory *inv, struct index *known, const struct traced_device *seen)
{
	const struct device like = { .name = seen->device };
	size_t n = index_find(known, inv->devices, &like);

	if (n == INDEX_NONE) {
		n = inv->ndevices;
		if (unlisted(&inv->devices[n], seen))
			return -ENOMEM;
		inv->ndevices++;
		if (index_fill(known, inv->devices, inv->ndevices))
			return -ENOMEM;
	}
	return device_learn(&inv->devices[n], &seen->reach, seen->dma_ops);
}

int model_learn(struct model *m)
{
	struct inventory *inv = &m->inventory;
	struct index known = { 0 };
	struct device *grown;
	int err;

	if (!m->ntraced)
		return 0;
	grown = reallocarray(inv->devices, inv->ndevices + m->ntraced, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	inv->devices = grown;
	err = index_make(&known, &devices_by_name, inv->devices, inv->ndevices);
	for (size_t i = 0; !err && i < m->ntraced; i++)
		if (m->traced[i].device)
			err = learn(inv, &known, &m->traced[i]);
	index_release(&known);
	return err;
}
