// SPDX-License-Identifier: GPL-2.0
/*
 * Devices in sysfs, see device.h.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/attr.h"
#include "base/list.h"
#include "model/device.h"
#include "model/device_tree.h"
#include "base/glob.h"

/* Prefixes of a class's six hexadecimal digits; the first that fits. */
static const struct {
	const char *prefix, *word;
} pci_classes[] = {
	{ "0101", "ide" }, { "0104", "raid" }, { "0106", "sata" }, { "0107", "sas" },
	{ "0108", "nvme" }, { "01", "storage" },
	{ "0200", "ethernet" }, { "0207", "infiniband" }, { "02", "network" },
	{ "0300", "vga" }, { "0302", "3d" }, { "03", "display" },
	{ "0401", "audio" }, { "0403", "audio" }, { "04", "multimedia" },
	{ "05", "memory" },
	{ "0600", "host bridge" }, { "0601", "isa bridge" }, { "0604", "pci bridge" },
	{ "06", "bridge" },
	{ "07", "communication" },
	{ "0801", "dma engine" }, { "0805", "sd host" }, { "0806", "iommu" }, { "08", "system" },
	{ "09", "input" }, { "0b", "processor" },
	{ "0c00", "firewire" }, { "0c0330", "usb xhci" }, { "0c03", "usb" }, { "0c05", "smbus" },
	{ "0c", "serial bus" },
	{ "0d", "wireless" }, { "10", "crypto" }, { "11", "signal" }, { "12", "accelerator" },
	{ "00", "unclassified" }, { "ff", "unclassified" },
};

/* NULL, or a copy of the word; the number itself when there is no word for it. */
static char *pci_kind(char *class)
{
	const char *digits;

	if (!class || strlen(class) < 8)	/* 0x010802 */
		return class;
	digits = class + 2;
	for (size_t i = 0; i < ARRAY_SIZE(pci_classes); i++) {
		if (!strncmp(digits, pci_classes[i].prefix, strlen(pci_classes[i].prefix))) {
			free(class);
			return strdup(pci_classes[i].word);
		}
	}
	return class;
}

static char *pci_id(const char *path)
{
	long long vendor, device;
	char *id;

	if (!attr_s64(&vendor, "%s/vendor", path) || !attr_s64(&device, "%s/device", path))
		return NULL;
	return asprintf(&id, "%04llx:%04llx", vendor, device) < 0 ? NULL : id;
}

/* What a device tree says of a device only if it does DMA. */
static bool has_dma_property(const char *path)
{
	static const char *const names[] = {
		"dma-coherent", "dma-noncoherent", "iommus", "memory-region",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (attr_exists("%s/of_node/%s", path, names[i]))
			return true;
	return false;
}

static bool is_pci_host(const char *path)
{
	char *type = attr_text("%s/of_node/device_type", path);
	bool pci = type && !strcmp(type, "pci");

	free(type);
	return pci;
}

/* A virtio device without VIRTIO_F_ACCESS_PLATFORM never asks the DMA API. */
static bool virtio_bypasses(const char *path)
{
	const size_t access_platform = 33;
	bool bypasses = false;
	struct dirent *entry;
	DIR *dir = opendir(path);
	char *bits;

	if (!dir)
		return false;
	while (!bypasses && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "virtio", 6))
			continue;
		bits = attr_text("%s/%s/features", path, entry->d_name);
		bypasses = bits && strlen(bits) > access_platform && bits[access_platform] == '0';
		free(bits);
	}
	closedir(dir);
	return bypasses;
}

static long long number_or_absent(const char *path, const char *name)
{
	long long value;

	return attr_s64(&value, "%s/%s", path, name) && value >= 0 ? value : -1;
}

/*
 * Cuts the last component off, and says whether one is left of those below root.  Each device has
 * its parents in its path.
 */
static bool parent_of(char *path, const char *root)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash <= path + strlen(root))
		return false;
	*slash = '\0';
	return true;
}

/*
 * Where firmware is a device tree, as of_dma_is_coherent() does.  A PCI device is as its host
 * bridge is, any other as its own node or those above; without a node nothing is said here.
 */
static enum caches firmware_caches(const char *path, const char *root, bool pci)
{
	char device[PATH_MAX], node[PATH_MAX], link[PATH_MAX + sizeof("/of_node")];
	const char *name;

	if (!realpath(path, device))
		return CACHES_UNKNOWN;
	do {
		name = strrchr(device, '/');
		snprintf(link, sizeof(link), "%s/of_node", device);
		if (!pci && attr_exists("%s", link))
			break;
		/* from the root bus on, which is not the host bridge yet, a node is the bridge's */
		pci &= !name || strncmp(name, "/pci", 4) != 0;
	} while (parent_of(device, root));
	if (!realpath(link, node))
		return CACHES_UNKNOWN;
	do {
		if (attr_exists("%s/dma-coherent", node))
			return CACHES_COHERENT;
		if (attr_exists("%s/dma-noncoherent", node))
			break;
	} while (attr_exists("%s/name", node) && parent_of(node, root));
	return CACHES_NOT_COHERENT;
}

bool device_read(struct device *dev, const char *root, const char *bus, const char *name)
{
	char path[PATH_MAX];
	bool pci = !strcmp(bus, "pci");

	*dev = (struct device){ .mask_bits = -1, .coherent_mask_bits = -1, .node = -1 };
	if (snprintf(path, sizeof(path), "%s/sys/bus/%s/devices/%s", root, bus, name) >=
	    (int)sizeof(path) || !attr_exists("%s", path))
		return false;
	dev->driver = attr_link("%s/driver", path);
	dev->group = attr_link("%s/iommu_group", path);
	dev->name = strdup(name);
	dev->bus = strdup(bus);
	/* device trees mark every slot a virtual machine might use, most of them empty */
	if (!dev->name || !dev->bus ||
	    (!pci && !dev->group && !(dev->driver && has_dma_property(path)))) {
		device_release(dev);
		return false;
	}
	dev->iommu = attr_link("%s/iommu", path);
	if (dev->group)
		dev->domain = attr_text("%s/iommu_group/type", path);
	dev->removable = attr_text("%s/removable", path);
	dev->restricted = restricted_pool(root, path, pci);
	dev->mask_bits = number_or_absent(path, "dma_mask_bits");
	dev->coherent_mask_bits = number_or_absent(path, "consistent_dma_mask_bits");
	dev->node = number_or_absent(path, "numa_node");
	dev->bypasses = virtio_bypasses(path);
	dev->caches = firmware_caches(path, root, pci);
	if (pci) {
		dev->kind = pci_kind(attr_text("%s/class", path));
		dev->id = pci_id(path);
	} else if (is_pci_host(path)) {
		dev->kind = strdup("host bridge");
	} else if (!dev->iommu && attr_exists("%s/iommu", path)) {
		/* a directory, not the link of a device behind one: iommu_device_sysfs_add() */
		dev->kind = strdup("iommu");
	}
	return true;
}

void device_release(struct device *dev)
{
	char *const all[] = { dev->name, dev->bus, dev->driver, dev->kind, dev->id, dev->iommu,
			      dev->group, dev->domain, dev->removable, dev->ops,
			      dev->restricted };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		free(all[i]);
	*dev = (struct device){ 0 };
}

unsigned device_mask_bits(unsigned long long mask)
{
	return mask ? 64 - __builtin_clzll(mask) : 0;
}

/* Of masks, which may be beyond all ranges: no further than an address can be. */
unsigned long long reach_phys(const struct reach *reach, unsigned long long address)
{
	unsigned long long up = reach->range_cpu - reach->range_bus;
	unsigned long long down = reach->range_bus - reach->range_cpu;

	if (!reach->range_size || !up)
		return address;
	if (reach->range_cpu > reach->range_bus)
		return address + up < address ? ~0ull : address + up;
	/* all of memory is below addresses of the bus as high as these */
	return address == ~0ull ? address : address > down ? address - down : 0;
}

int device_learn(struct device *dev, const struct reach *reach, const char *ops)
{
	char *copy = ops ? strdup(ops) : NULL;

	if (ops && !copy)
		return -ENOMEM;
	free(dev->ops);
	dev->ops = copy;
	dev->reach = reach;
	if (reach->caches != CACHES_UNKNOWN)
		dev->caches = reach->caches;
	dev->mask_bits = device_mask_bits(reach->mask);
	dev->coherent_mask_bits = device_mask_bits(reach->coherent_mask);
	return 0;
}

static bool is(const char *text, const char *word)
{
	return text && !strcmp(text, word);
}

/* No IOMMU is there for it.  One that sysfs does not list has no group here, but its domain. */
static bool untranslated(const struct device *dev)
{
	return !dev->group && !dev->domain;
}

/* Bridges have a driver and a mask, but the data that passes them is not theirs. */
static bool maps_nothing(const struct device *dev)
{
	return is(dev->kind, "host bridge") || is(dev->kind, "isa bridge") ||
	       is(dev->kind, "pci bridge");
}

/* The first of memory beyond its mask and what its bus carries; 0: there is none, or not known. */
static unsigned long long reach_end(const struct device *dev)
{
	bool masked = dev->mask_bits > 0 && dev->mask_bits < 64;
	unsigned long long end = masked ? 1ull << dev->mask_bits : 0;
	unsigned long long limit = dev->reach ? dev->reach->bus_limit : 0;

	if (limit && (!end || limit < end))
		end = limit + 1;
	return end && dev->reach ? reach_phys(dev->reach, end - 1) + 1 : end;
}

enum device_use device_use(const struct device *dev)
{
	if (is(dev->kind, "iommu"))
		return DEVICE_IOMMU;
	if (maps_nothing(dev))
		return DEVICE_BRIDGE;
	if (!dev->driver)
		return DEVICE_DRIVERLESS;
	if (strstr(dev->driver, "vfio"))
		return DEVICE_VFIO;
	return dev->bypasses ? DEVICE_BYPASSES : DEVICE_MAPS;
}

/* What becomes of memory the device cannot reach without a translation. */
static const char *out_of_reach(const struct device *dev, const struct dma_facts *facts)
{
	unsigned long long end = reach_end(dev);

	if (!end || !facts->memory_top || facts->memory_top <= end)
		return NULL;
	if (facts->bounce_off || (facts->pool_known && !facts->pool))
		return "no bounce pool: fails";
	return "bounces";
}

static const char *direct(const char *start, const struct device *dev,
			  const struct dma_facts *facts, char *buf, size_t size)
{
	const char *fate = out_of_reach(dev, facts);
	unsigned long long limit = reach_end(dev);
	int unit = limit >> 30 ? 30 : limit >> 20 ? 20 : limit >> 10 ? 10 : 0;
	static const char *const units[] = { "B", "KiB", "MiB", "GiB" };

	if (dev->reach && dev->reach->restricted)
		snprintf(buf, size, "%s; bounces always (restricted pool)", start);
	else if (facts->bounce_forced)
		snprintf(buf, size, "%s; bounces always (swiotlb=force)", start);
	else if (fate)
		snprintf(buf, size, "%s; %s above %llu %s", start, fate, limit >> unit,
			 units[unit / 10]);
	else
		snprintf(buf, size, "%s", start);
	return buf;
}

static const char *translated(const struct device *dev, const struct dma_facts *facts, char *buf,
			      size_t size)
{
	const char *when = "";

	if (is(dev->domain, "DMA-FQ"))
		when = ", lazy (flush queue)";
	else if (facts->lazy_shown || facts->strict_asked)
		when = ", strict invalidation";
	/* removable is as near to the kernel's untrusted as sysfs gets */
	snprintf(buf, size, "translated%s%s", when, is(dev->removable, "removable") ?
		 "; partial pages bounce if untrusted" : "");
	return buf;
}

/* Where an IOMMU translates the kernel leaves the pool alone. */
static bool is_restricted(const struct device *dev)
{
	return dev->restricted && !dev->group;
}

/* Of arm64, the one architecture here on which there are such devices. */
#define NOT_COHERENT "not cache-coherent: maps and syncs clean the CPU's caches, coherent memory " \
	"is remapped uncached"

/* What follows for its addresses. */
static const char *addressing(const struct device *dev, const struct dma_facts *facts, char *buf,
			      size_t size)
{
	static const char *const unused[] = {
		[DEVICE_BRIDGE] = "bridge: maps nothing itself",
		[DEVICE_IOMMU] = "IOMMU: maps its own tables only",
		[DEVICE_DRIVERLESS] = "no driver: maps nothing",
		[DEVICE_VFIO] = "user space owns it (VFIO)",
		[DEVICE_BYPASSES] = "virtio bypasses the DMA API (no ACCESS_PLATFORM)",
	};
	enum device_use use = device_use(dev);

	if (use != DEVICE_MAPS)
		return unused[use];
	if (is_restricted(dev)) {
		snprintf(buf, size, "bounces always, through %s; allocates there, too",
			 dev->restricted);
		return buf;
	}
	if (untranslated(dev))
		return direct("direct", dev, facts, buf, size);
	if (is(dev->domain, "identity"))
		return direct("identity: as direct", dev, facts, buf, size);
	if (is(dev->domain, "DMA") || is(dev->domain, "DMA-FQ"))
		return translated(dev, facts, buf, size);
	if (is(dev->domain, "blocked"))
		return "blocked: all DMA faults";
	if (is(dev->domain, "unmanaged"))
		return "mapped by its user, not by the DMA API";
	return "";
}

const char *device_implies(const struct device *dev, const struct dma_facts *facts, char *buf,
			   size_t size)
{
	char start[128];
	const char *phrase = addressing(dev, facts, start, sizeof(start));
	bool cleans = dev->caches == CACHES_NOT_COHERENT && device_use(dev) == DEVICE_MAPS;

	snprintf(buf, size, "%s%s%s", phrase, *phrase && cleans ? "; " : "",
		 cleans ? NOT_COHERENT : "");
	return buf;
}

/*
 * An IOMMU's driver sets the ops by the type of the default domain, which sysfs shows, and on
 * some buses only when a driver binds.  Without an IOMMU nobody but the architecture sets any.
 */
const char *device_dma_ops(const struct device *dev, const struct dma_facts *facts)
{
	if (dev->ops)
		return dev->ops;
	if (!dev->driver || strstr(dev->driver, "vfio") || facts->arch_ops)
		return NULL;
	if (is_restricted(dev))
		return "restricted";
	if (untranslated(dev))
		return "direct";
	if (is(dev->domain, "identity"))
		return "passthrough";
	if (!is(dev->domain, "DMA") && !is(dev->domain, "DMA-FQ"))
		return NULL;
	/* there it has another set for devices it does not trust, which sysfs does not show */
	return facts->vtd_ops && dev->iommu && !strncmp(dev->iommu, "dmar", 4) ? NULL :
	       "iommu-dma";
}

const char *device_domain(const struct device *dev, const struct dma_facts *facts)
{
	if (is(dev->domain, "DMA-FQ"))
		return "lazy";
	if (is(dev->domain, "DMA"))
		return facts->lazy_shown || facts->strict_asked ? "strict" : NULL;
	return dev->domain;
}

bool device_too_narrow(const struct device *dev, const struct dma_facts *facts)
{
	return !maps_nothing(dev) && dev->driver && !dev->bypasses && !is_restricted(dev) &&
	       (untranslated(dev) || is(dev->domain, "identity")) && out_of_reach(dev, facts);
}

static bool each_of_bus(const char *root, const char *bus,
			bool (*visit)(void *arg, const char *bus, const char *name), void *arg)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool more = true;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/sys/bus/%s/devices", root, bus);
	dir = opendir(path);
	if (!dir)
		return true;
	while (more && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			more = visit(arg, bus, entry->d_name);
	closedir(dir);
	return more;
}

void device_each(const char *root, bool (*visit)(void *arg, const char *bus, const char *name),
		 void *arg)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/sys/bus", root);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && !each_of_bus(root, entry->d_name, visit, arg))
			break;
	closedir(dir);
}

struct search {
	const char *glob;
	bool found;
};

static bool search_visit(void *arg, const char *bus, const char *name)
{
	struct search *search = arg;

	(void)bus;
	search->found = glob_fits(search->glob, name);
	return !search->found;
}

bool device_matches(const char *glob)
{
	struct search search = { .glob = glob };

	device_each("", search_visit, &search);
	return search.found;
}
