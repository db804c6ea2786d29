// SPDX-License-Identifier: GPL-2.0
/*
 * Why no call was seen at all, where the machine says so: a device that could have made one makes
 * this an idle machine, of which there is nothing to find.
 */
#include "analysis/diagnose_private.h"

/* Devices of one use: how many, and names as far as they fit. */
static unsigned list(const struct model *m, enum device_use use, char *names, size_t size)
{
	const struct inventory *inv = &m->inventory;
	unsigned count = 0;

	for (size_t i = 0; i < inv->ndevices; i++) {
		const struct device *dev = &inv->devices[i];

		if (device_use(dev) != use)
			continue;
		if (count < 6)
			text_add(names, size, "%s%s", count ? ", " : "", dev->name);
		else if (count == 6)
			text_add(names, size, ", ...");
		count++;
	}
	return count;
}

/* Of others calls were seen: it is the filter. */
static void diagnose_filter(struct diagnosis *d)
{
	const struct left_out *out = &d->m->left_out;
	struct draft *f = out->calls ? raise_finding(d, FINDING_NOTHING_SEEN, NULL) : NULL;

	if (!f)
		return;
	ADD(f->evidence, "%llu call%s of other devices", out->calls, plural(out->calls));
	ADD(f->cause, "no device that made a call is");
	if (out->device)
		ADD(f->cause, " named '%s'", out->device);
	if (out->driver)
		ADD(f->cause, "%s of driver '%s'", out->device ? " and" : "", out->driver);
	ADVISE(f, "take the names 'dmatrace devices' shows, or leave out the filter");
}

static void diagnose_bypasses(struct diagnosis *d, unsigned count, const char *names)
{
	struct draft *f = raise_finding(d, FINDING_NOTHING_SEEN, NULL);

	if (!f)
		return;
	ADD(f->evidence, "all %u device%s with a driver bypass%s the DMA API: %s", count,
	    plural(count), count == 1 ? "es" : "", names);
	ADD(f->cause, "they are virtio without VIRTIO_F_ACCESS_PLATFORM, which hands physical "
	    "addresses to the host");
}

static void diagnose_driverless(struct diagnosis *d, unsigned count, const char *names)
{
	struct draft *f = raise_finding(d, FINDING_NOTHING_SEEN, NULL);

	if (!f)
		return;
	if (count)
		ADD(f->evidence, "%u device%s without a driver: %s", count, plural(count), names);
	else
		ADD(f->evidence, "sysfs shows no device that does DMA by itself");
	ADD(f->cause, "no device has a driver that would map for it");
	if (count)
		ADVISE(f, "load the drivers of the devices");
	else
		ADVISE(f, "trace a machine that has devices which do DMA");
}

void diagnose_nothing(struct diagnosis *d)
{
	char bypassing[160] = "", driverless[160] = "", vfio[160] = "", maps[8] = "";
	unsigned used, bypass, none;

	if (d->m->naggregates)
		return;
	if (d->m->left_out.calls) {
		diagnose_filter(d);
		return;
	}
	used = list(d->m, DEVICE_MAPS, maps, sizeof(maps)) +
	       list(d->m, DEVICE_VFIO, vfio, sizeof(vfio));
	bypass = list(d->m, DEVICE_BYPASSES, bypassing, sizeof(bypassing));
	none = list(d->m, DEVICE_DRIVERLESS, driverless, sizeof(driverless));
	if (used || !d->m->inventory.ndevices)
		return;
	if (bypass)
		diagnose_bypasses(d, bypass, bypassing);
	else
		diagnose_driverless(d, none, driverless);
}
