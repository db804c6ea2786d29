// SPDX-License-Identifier: GPL-2.0
/*
 * Devices and the inventory, read from a made-up sysfs; what facts imply, from facts alone.
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/doc.h"
#include "base/list.h"
#include "model/inventory.h"
#include "report/report.h"

#define GIB (1ull << 30)
#define NVME "sys/devices/pci0/0000:00:03.0"
#define VIRTIO "sys/devices/pci0/0000:00:10.0"

static char root[32];

/* The path below root, its directories made. */
static const char *place(char *path, const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s", root, name);
	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		assert_true(!mkdir(path, 0700) || errno == EEXIST);
		*slash = '/';
	}
	return path;
}

static void put(const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *f = fopen(place(path, name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void point(const char *name, const char *target)
{
	char path[PATH_MAX];

	assert_int_equal(symlink(target, place(path, name)), 0);
}

static void put_devices(void)
{
	put(NVME "/class", "0x010802\n");
	put(NVME "/vendor", "0x8086\n");
	put(NVME "/device", "0x0010\n");
	put(NVME "/dma_mask_bits", "64\n");
	put(NVME "/consistent_dma_mask_bits", "32\n");
	put(NVME "/numa_node", "-1\n");
	point(NVME "/driver", "../../../bus/pci/drivers/nvme");
	point(NVME "/iommu", "../../virtual/iommu/dmar0");
	point(NVME "/iommu_group", "../../../kernel/iommu_groups/7");
	put("sys/kernel/iommu_groups/7/type", "DMA-FQ\n");
	point("sys/bus/pci/devices/0000:00:03.0", "../../../devices/pci0/0000:00:03.0");

	put(VIRTIO "/class", "0xfe0000\n");
	put(VIRTIO "/numa_node", "1\n");
	put(VIRTIO "/dma_mask_bits", "junk\n");
	put(VIRTIO "/virtio0/features", "0000000000000000000000000000000010000000\n");
	point(VIRTIO "/driver", "../../../bus/pci/drivers/virtio-pci");
	point("sys/bus/pci/devices/0000:00:10.0", "../../../devices/pci0/0000:00:10.0");

	put("sys/devices/plain/modalias", "x\n");
	point("sys/bus/platform/devices/plain", "../../../devices/plain");
	put("sys/devices/unbound/of_node/dma-coherent", "");
	point("sys/bus/platform/devices/unbound", "../../../devices/unbound");
	put("sys/devices/dma/of_node/dma-coherent", "");
	put("sys/devices/dma/of_node/device_type", "pci");
	point("sys/devices/dma/driver", "../../bus/platform/drivers/generic");
	point("sys/bus/platform/devices/dma", "../../../devices/dma");
	point("sys/bus/platform/devices/gone", "../../../devices/gone");
}

static void put_machine(void)
{
	put("proc/cmdline",
	    "quiet swiotlb=512,force iommu.strict=1 xiommu=1 -- intel_iommu=on\n");
	put("proc/zoneinfo",
	    "Node 0, zone      DMA\n  pages free     20\n        spanned  4095\n"
	    "        present  3998\n        managed  3840\n  start_pfn:           1\n"
	    "Node 0, zone   Normal\n  pages free     7\n        spanned  262144\n"
	    "        present  262144\n        managed  250000\n"
	    "  start_pfn:           1048576\n"
	    "Node 0, zone  Movable\n  pages free     0\n        spanned  0\n"
	    "Node 1, zone   Normal\n  pages free     3\n        spanned  4096\n"
	    "        present  4096\n        managed  4000\n  start_pfn:           524288\n");
	put("proc/buddyinfo", "Node 0, zone      DMA      0      0      0      1      2\n"
	    "Node 0, zone   Normal      1      2      3      4      5\n");
	put("proc/meminfo", "MemTotal: 1 kB\nCmaTotal:      65536 kB\nCmaFree:       65472 kB\n");
	put("proc/kallsyms", "0000000000000000 T iommu_dma_init_fq\n");
	put("sys/class/iommu/dmar0/devices/0000:00:03.0", "");
	put("sys/kernel/debug/swiotlb/io_tlb_nslabs", "512\n");
	put("sys/kernel/debug/swiotlb/io_tlb_used", "3\n");
	put("sys/kernel/debug/swiotlb/io_tlb_used_hiwater", "40\n");
	put("sys/kernel/debug/swiotlb/io_tlb_transient_nslabs", "2\n");
	put("sys/kernel/debug/swiotlb/restricted/io_tlb_nslabs", "8\n");
	put("sys/kernel/debug/restricted@early/io_tlb_nslabs", "16\n");
	put("sys/kernel/debug/dma_pools/pool_size_dma32", "131072\n");
}

static int setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/test_device.XXXXXX");
	return !mkdtemp(root);
}

static int teardown(void **state)
{
	char command[PATH_MAX + 16];

	(void)state;
	snprintf(command, sizeof(command), "rm -r '%s'", root);
	return system(command);
}

static void device_has_what_sysfs_says(void **state)
{
	struct device dev;

	(void)state;
	put_devices();
	assert_true(device_read(&dev, root, "pci", "0000:00:03.0"));
	assert_string_equal(dev.name, "0000:00:03.0");
	assert_string_equal(dev.bus, "pci");
	assert_string_equal(dev.driver, "nvme");
	assert_string_equal(dev.kind, "nvme");
	assert_string_equal(dev.id, "8086:0010");
	assert_string_equal(dev.iommu, "dmar0");
	assert_string_equal(dev.group, "7");
	assert_string_equal(dev.domain, "DMA-FQ");
	assert_null(dev.removable);
	assert_int_equal(dev.mask_bits, 64);
	assert_int_equal(dev.coherent_mask_bits, 32);
	assert_int_equal(dev.node, -1);
	assert_false(dev.bypasses);
	device_release(&dev);
}

static void what_is_missing_is_absent(void **state)
{
	struct device dev;

	(void)state;
	put_devices();
	assert_true(device_read(&dev, root, "pci", "0000:00:10.0"));
	assert_string_equal(dev.kind, "0xfe0000");
	assert_null(dev.id);
	assert_null(dev.group);
	assert_null(dev.domain);
	assert_int_equal(dev.mask_bits, -1);
	assert_int_equal(dev.node, 1);
	assert_true(dev.bypasses);
	device_release(&dev);
}

static void others_need_a_sign_of_dma(void **state)
{
	struct device dev;

	(void)state;
	put_devices();
	assert_false(device_read(&dev, root, "platform", "plain"));
	assert_false(device_read(&dev, root, "platform", "gone"));
	assert_false(device_read(&dev, root, "platform", "unbound"));
	assert_true(device_read(&dev, root, "platform", "dma"));
	assert_string_equal(dev.driver, "generic");
	assert_string_equal(dev.kind, "host bridge");
	assert_null(dev.id);
	device_release(&dev);
}

static void inventory_has_machine_and_pools(void **state)
{
	struct inventory inv;

	(void)state;
	put_devices();
	put_machine();
	assert_int_equal(inventory_read(&inv, root, NULL, NULL), 0);
	assert_int_equal(inv.ndevices, 3);
	assert_string_equal(inv.devices[0].name, "0000:00:03.0");
	assert_string_equal(inv.devices[2].bus, "platform");
	assert_string_equal(inv.parameters, "swiotlb=512,force iommu.strict=1");
	assert_true(inv.facts.bounce_forced && inv.facts.strict_asked && inv.facts.lazy_shown);
	assert_false(inv.facts.bounce_off);
	assert_true(inv.facts.pool_known && inv.facts.pool);
	assert_true(inv.facts.memory_top == (1048576ull + 262144) * sysconf(_SC_PAGESIZE));
	assert_int_equal(inv.nzones, 2);
	assert_string_equal(inv.zones[0].name, "DMA");
	assert_int_equal(inv.zones[0].size, 3840 * sysconf(_SC_PAGESIZE));
	assert_int_equal(inv.zones[0].unused, 20 * sysconf(_SC_PAGESIZE));
	assert_int_equal(inv.zones[0].end, 4096 * sysconf(_SC_PAGESIZE));
	assert_string_equal(inv.zones[1].name, "Normal");	/* of both nodes */
	assert_int_equal(inv.zones[1].size, 254000 * sysconf(_SC_PAGESIZE));
	assert_int_equal(inv.zones[1].unused, 10 * sysconf(_SC_PAGESIZE));
	assert_true(inv.zones[1].end == inv.facts.memory_top);
	assert_int_equal(inv.facts.largest_block, 16 * sysconf(_SC_PAGESIZE));
	assert_int_equal(inv.niommus, 1);
	assert_int_equal(inv.iommus[0].devices, 1);
	assert_int_equal(inv.npools, 5);
	assert_string_equal(inv.pools[0].name, "dma32");
	assert_int_equal(inv.pools[0].used, -1);
	assert_string_equal(inv.pools[1].kind, "cma");
	assert_int_equal(inv.pools[1].used, 64 << 10);
	assert_string_equal(inv.pools[2].name, "default");
	assert_int_equal(inv.pools[2].size, 1 << 20);
	assert_int_equal(inv.pools[2].used, 3 * 2048);
	assert_int_equal(inv.pools[2].high, 40 * 2048);
	assert_int_equal(inv.pools[2].transient, 2 * 2048);
	assert_string_equal(inv.pools[3].name, "restricted");
	assert_int_equal(inv.pools[3].high, -1);
	assert_true(inv.pools[2].grows && !inv.pools[3].grows);
	/* made before there was a directory for them all */
	assert_string_equal(inv.pools[4].name, "restricted@early");
	assert_int_equal(inv.pools[4].size, 16 * 2048);
	inventory_release(&inv);
}

#define TREE "sys/firmware/devicetree/base"

static void expect_caches(const char *bus, const char *name, enum caches caches)
{
	struct device dev;

	assert_true(device_read(&dev, root, bus, name));
	assert_int_equal(dev.caches, caches);
	device_release(&dev);
}

/* As the kernel looks for it: in a device's node and those above, of PCI in the host bridge's. */
static void firmware_says_who_is_coherent(void **state)
{
	(void)state;
	put(TREE "/name", "");
	put(TREE "/soc/name", "");
	put(TREE "/soc/dma-coherent", "");
	put(TREE "/soc/own/name", "");
	put(TREE "/soc/own/iommus", "");
	put(TREE "/soc/other/name", "");
	put(TREE "/soc/other/dma-noncoherent", "");
	put(TREE "/pcie/name", "");
	point("sys/devices/own/of_node", "../../firmware/devicetree/base/soc/own");
	point("sys/devices/own/driver", "../../bus/platform/drivers/generic");
	point("sys/bus/platform/devices/own", "../../../devices/own");
	point("sys/devices/other/of_node", "../../firmware/devicetree/base/soc/other");
	point("sys/devices/other/driver", "../../bus/platform/drivers/generic");
	point("sys/bus/platform/devices/other", "../../../devices/other");
	point("sys/devices/pcie/of_node", "../../firmware/devicetree/base/pcie");
	put("sys/devices/pcie/pci0000:00/0000:00:05.0/class", "0x010802\n");
	/* a port's node says nothing of what is behind it */
	put("sys/devices/pcie/pci0000:00/0000:00:05.0/of_node/dma-coherent", "");
	point("sys/bus/pci/devices/0000:00:05.0",
	      "../../../devices/pcie/pci0000:00/0000:00:05.0");
	put("sys/devices/pci0000:01/0000:01:00.0/class", "0x010802\n");
	point("sys/bus/pci/devices/0000:01:00.0", "../../../devices/pci0000:01/0000:01:00.0");
	expect_caches("platform", "own", CACHES_COHERENT);
	expect_caches("pci", "0000:00:05.0", CACHES_NOT_COHERENT);
	expect_caches("pci", "0000:01:00.0", CACHES_UNKNOWN);
	expect_caches("platform", "other", CACHES_NOT_COHERENT);
}

static void inventory_filters(void **state)
{
	struct inventory inv;

	(void)state;
	put_devices();
	assert_int_equal(inventory_read(&inv, root, "0000:*", NULL), 0);
	assert_int_equal(inv.ndevices, 2);
	inventory_release(&inv);
	assert_int_equal(inventory_read(&inv, root, NULL, "nv*"), 0);
	assert_int_equal(inv.ndevices, 1);
	inventory_release(&inv);
	assert_int_equal(inventory_read(&inv, root, "dma", "nv*"), 0);
	assert_int_equal(inv.ndevices, 0);
	inventory_release(&inv);
}

static void empty_tree_knows_nothing(void **state)
{
	struct inventory inv;
	struct doc *doc;

	(void)state;
	assert_int_equal(inventory_read(&inv, root, NULL, NULL), 0);
	assert_int_equal(inv.ndevices + inv.npools + inv.niommus, 0);
	assert_null(inv.parameters);
	assert_true(!inv.facts.memory_top && !inv.facts.pool_known);
	doc = report_inventory(&inv);
	assert_non_null(doc_items(doc));
	doc_free(doc);
	inventory_release(&inv);
}

/* A swiotlb directory with nothing in it: a kernel without a pool. */
static void empty_swiotlb_is_no_pool(void **state)
{
	struct inventory inv;
	char path[PATH_MAX];

	(void)state;
	place(path, "sys/kernel/debug/swiotlb/");
	assert_int_equal(inventory_read(&inv, root, NULL, NULL), 0);
	assert_true(inv.facts.pool_known);
	assert_false(inv.facts.pool);
	inventory_release(&inv);
}

/* As lockdown may have it: the file is there and nothing can be read from it. */
static void unreadable_swiotlb_is_not_known(void **state)
{
	struct inventory inv;

	(void)state;
	put("sys/kernel/debug/swiotlb/io_tlb_nslabs", "");
	assert_int_equal(inventory_read(&inv, root, NULL, NULL), 0);
	assert_false(inv.facts.pool_known);
	assert_int_equal(inv.npools, 0);
	inventory_release(&inv);
}

static void put_bytes(const char *path, const char *bytes, size_t count)
{
	char name[PATH_MAX];
	FILE *f;

	put(path, "");
	snprintf(name, sizeof(name), "%s/%s", root, path);
	f = fopen(name, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, count, f), count);
	fclose(f);
}

#define RESERVED "sys/firmware/devicetree/base/reserved-memory"
#define HOST "sys/devices/platform/pcie/pci0"

/* Two regions, the second of which is a pool; a device of its own node, one of its bridge's. */
static void put_restricted(void)
{
	static const char other[] = "x\0shared-dma-pool", pool[] = "y\0restricted-dma-pool";

	put_bytes(RESERVED "/other@1/phandle", "\0\0\0\1", 4);
	put_bytes(RESERVED "/other@1/compatible", other, sizeof(other));
	put_bytes(RESERVED "/pool@2/phandle", "\0\0\0\2", 4);
	put_bytes(RESERVED "/pool@2/compatible", pool, sizeof(pool));
	put_bytes("sys/devices/platform/own/of_node/memory-region", "\0\0\0\1\0\0\0\2", 8);
	point("sys/devices/platform/own/driver", "../../bus/platform/drivers/own");
	point("sys/bus/platform/devices/own", "../../../devices/platform/own");
	put("sys/devices/platform/own/child/of_node/dma-coherent", "");
	point("sys/devices/platform/own/child/driver", "../../bus/platform/drivers/child");
	point("sys/bus/platform/devices/child", "../../../devices/platform/own/child");
	put_bytes("sys/devices/platform/pcie/of_node/memory-region", "\0\0\0\2", 4);
	put(HOST "/0000:00:01.0/class", "0x010802\n");
	point(HOST "/0000:00:01.0/driver", "../../bus/pci/drivers/nvme");
	point("sys/bus/pci/devices/0000:00:01.0", "../../../devices/platform/pcie/pci0/0000:00:01.0");
	put_bytes(HOST "/0000:00:02.0/of_node/memory-region", "\0\0\0\1", 4);
	point("sys/bus/pci/devices/0000:00:02.0", "../../../devices/platform/pcie/pci0/0000:00:02.0");
}

static const struct device *device_of(const struct inventory *inv, const char *name)
{
	for (size_t i = 0; i < inv->ndevices; i++)
		if (!strcmp(inv->devices[i].name, name))
			return &inv->devices[i];
	fail_msg("no device %s", name);
	return NULL;
}

static void a_device_tree_gives_restricted_pools(void **state)
{
	struct inventory inv;
	char says[128];

	(void)state;
	put_restricted();
	put("proc/kallsyms", "0000000000000000 T swiotlb_alloc\n");
	assert_int_equal(inventory_read(&inv, root, NULL, NULL), 0);
	assert_string_equal(device_of(&inv, "own")->restricted, "pool@2");
	assert_null(device_of(&inv, "child")->restricted);
	assert_string_equal(device_of(&inv, "0000:00:01.0")->restricted, "pool@2");
	assert_null(device_of(&inv, "0000:00:02.0")->restricted);
	assert_string_equal(device_dma_ops(device_of(&inv, "own"), &inv.facts), "restricted");
	assert_string_equal(device_implies(device_of(&inv, "own"), &inv.facts, says, sizeof(says)),
			    "bounces always, through pool@2; allocates there, too");
	inventory_release(&inv);
	/* as Debian's kernels are built, that is nothing to them */
	put("proc/kallsyms", "0000000000000000 T swiotlb_map\n");
	assert_int_equal(inventory_read(&inv, root, NULL, NULL), 0);
	assert_null(device_of(&inv, "own")->restricted);
	assert_string_equal(device_dma_ops(device_of(&inv, "own"), &inv.facts), "direct");
	inventory_release(&inv);
}

static void report_has_a_row_per_device(void **state)
{
	const struct item *item;
	struct inventory inv;
	size_t implies = 0;
	struct doc *doc;

	(void)state;
	put_devices();
	put_machine();
	assert_int_equal(inventory_read(&inv, root, NULL, NULL), 0);
	doc = report_inventory(&inv);
	for (item = doc_items(doc); item->kind != ITEM_TABLE; )
		item = item->next;
	assert_string_equal(item->key, "devices");
	assert_int_equal(item->table.nrows, 3);
	while (strcmp(item->table.cols[implies].key, "implies"))
		implies++;
	assert_string_equal(table_cells(&item->table, 0)[implies].text,
			    "translated, lazy (flush queue)");
	doc_free(doc);
	inventory_release(&inv);
}

static const struct dma_facts small = { .memory_top = 4 * GIB };
static const struct dma_facts large = { .memory_top = 5 * GIB };
static const struct dma_facts poolless = { .memory_top = 5 * GIB, .pool_known = true };
static const struct dma_facts noforce = { .memory_top = 5 * GIB, .bounce_off = true };
static const struct dma_facts forced = { .memory_top = 5 * GIB, .bounce_forced = true };
static const struct dma_facts new_kernel = { .memory_top = 5 * GIB, .lazy_shown = true };
static const struct dma_facts strict = { .strict_asked = true };
static const struct dma_facts nothing;

static const struct reach carried = { .bus_limit = (1ull << 30) - 1 };
static const struct reach restricted = { .restricted = true };
#define NOT_COHERENT "not cache-coherent: maps and syncs clean the CPU's caches, coherent memory " \
	"is remapped uncached"
#define BOUND(bits) .driver = "d", .mask_bits = bits
#define GROUP(type) .driver = "d", .mask_bits = 32, .group = "1", .domain = type

static const struct {
	struct device dev;
	const struct dma_facts *facts;
	const char *says;
} implications[] = {
	{ { BOUND(64) }, &large, "direct" },
	{ { BOUND(32) }, &small, "direct" },
	{ { BOUND(32) }, &large, "direct; bounces above 4 GiB" },
	/* the lower of the two, which only who was seen has */
	{ { BOUND(64), .reach = &carried }, &large, "direct; bounces above 1 GiB" },
	{ { BOUND(24), .reach = &carried }, &large, "direct; bounces above 16 MiB" },
	{ { BOUND(64), .reach = &restricted }, &large,
	  "direct; bounces always (restricted pool)" },
	{ { BOUND(64), .caches = CACHES_COHERENT }, &large, "direct" },
	{ { BOUND(64), .caches = CACHES_NOT_COHERENT }, &large, "direct; " NOT_COHERENT },
	{ { GROUP("DMA"), .caches = CACHES_NOT_COHERENT }, &strict,
	  "translated, strict invalidation; " NOT_COHERENT },
	{ { .mask_bits = 32, .caches = CACHES_NOT_COHERENT }, &large, "no driver: maps nothing" },
	{ { BOUND(64), .bypasses = true, .caches = CACHES_NOT_COHERENT }, &large,
	  "virtio bypasses the DMA API (no ACCESS_PLATFORM)" },
	{ { BOUND(28) }, &small, "direct; bounces above 256 MiB" },
	{ { BOUND(40) }, &large, "direct" },
	{ { BOUND(-1) }, &large, "direct" },
	{ { BOUND(32) }, &nothing, "direct" },
	{ { BOUND(32) }, &poolless, "direct; no bounce pool: fails above 4 GiB" },
	{ { BOUND(32) }, &noforce, "direct; no bounce pool: fails above 4 GiB" },
	{ { BOUND(64) }, &forced, "direct; bounces always (swiotlb=force)" },
	{ { BOUND(32), .restricted = "p" }, &noforce,
	  "bounces always, through p; allocates there, too" },
	{ { GROUP("DMA"), .restricted = "p" }, &strict, "translated, strict invalidation" },
	{ { BOUND(64), .kind = "pci bridge" }, &large, "bridge: maps nothing itself" },
	{ { BOUND(64), .bypasses = true }, &large,
	  "virtio bypasses the DMA API (no ACCESS_PLATFORM)" },
	{ { .mask_bits = 32 }, &large, "no driver: maps nothing" },
	{ { .driver = "vfio-pci", .group = "1", .domain = "DMA" }, &large,
	  "user space owns it (VFIO)" },
	{ { GROUP("identity") }, &large, "identity: as direct; bounces above 4 GiB" },
	{ { GROUP("identity") }, &small, "identity: as direct" },
	{ { GROUP("DMA-FQ") }, &forced, "translated, lazy (flush queue)" },
	{ { GROUP("DMA") }, &new_kernel, "translated, strict invalidation" },
	{ { GROUP("DMA") }, &strict, "translated, strict invalidation" },
	{ { GROUP("DMA") }, &large, "translated" },
	{ { GROUP("DMA"), .removable = "removable" }, &large,
	  "translated; partial pages bounce if untrusted" },
	{ { GROUP("blocked") }, &large, "blocked: all DMA faults" },
	{ { GROUP("unmanaged") }, &large, "mapped by its user, not by the DMA API" },
	{ { GROUP("unknown") }, &large, "" },
	{ { GROUP(NULL) }, &large, "" },
};

static void facts_imply(void **state)
{
	char buf[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(implications); i++)
		assert_string_equal(device_implies(&implications[i].dev, implications[i].facts, buf,
						   sizeof(buf)), implications[i].says);
}

static const struct dma_facts foreign = { .arch_ops = true };
static const struct dma_facts vtd = { .vtd_ops = true };

static const struct {
	struct device dev;
	const struct dma_facts *facts;
	const char *ops;
} mappers[] = {
	{ { BOUND(64) }, &large, "direct" },
	{ { BOUND(64) }, &foreign, NULL },
	{ { GROUP("identity") }, &vtd, "passthrough" },
	{ { GROUP("identity") }, &foreign, NULL },
	{ { GROUP("DMA") }, &nothing, "iommu-dma" },
	{ { GROUP("DMA-FQ"), .iommu = "dmar0" }, &nothing, "iommu-dma" },
	{ { GROUP("DMA"), .iommu = "dmar0" }, &vtd, NULL },
	{ { GROUP("DMA"), .iommu = "ivhd0" }, &vtd, "iommu-dma" },
	{ { GROUP("unknown") }, &nothing, NULL },
	{ { GROUP(NULL) }, &nothing, NULL },
	{ { .mask_bits = 32 }, &large, NULL },
	{ { .driver = "vfio-pci", .group = "1", .domain = "DMA" }, &large, NULL },
};

static void who_maps_is_known_or_not_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mappers); i++) {
		const char *who = device_dma_ops(&mappers[i].dev, mappers[i].facts);

		if (mappers[i].ops)
			assert_string_equal(who ? who : "(not known)", mappers[i].ops);
		else
			assert_null(who);
	}
}

static void the_architecture_may_map(void **state)
{
	struct inventory inv;

	(void)state;
	put("proc/iomem", "00000000-00000000 : Reserved\n  00000000-00000000 : GARTX\n");
	assert_int_equal(inventory_read(&inv, root, NULL, NULL), 0);
	assert_false(inv.facts.arch_ops);
	inventory_release(&inv);
	put("proc/iomem", "00000000-00000000 : Reserved\n  00000000-00000000 : GART\n");
	assert_int_equal(inventory_read(&inv, root, NULL, NULL), 0);
	assert_true(inv.facts.arch_ops);
	inventory_release(&inv);
	put("proc/iomem", "");
	put("sys/hypervisor/type", "xen\n");
	assert_int_equal(inventory_read(&inv, root, NULL, NULL), 0);
	assert_true(inv.facts.arch_ops);
	inventory_release(&inv);
}

static void no_device_has_an_impossible_name(void **state)
{
	(void)state;
	assert_false(device_matches("no/such device"));
}

#define TREE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(device_has_what_sysfs_says),
		TREE_TEST(what_is_missing_is_absent),
		TREE_TEST(others_need_a_sign_of_dma),
		TREE_TEST(inventory_has_machine_and_pools),
		TREE_TEST(inventory_filters),
		TREE_TEST(empty_tree_knows_nothing),
		TREE_TEST(empty_swiotlb_is_no_pool),
		TREE_TEST(unreadable_swiotlb_is_not_known),
		TREE_TEST(a_device_tree_gives_restricted_pools),
		TREE_TEST(firmware_says_who_is_coherent),
		TREE_TEST(report_has_a_row_per_device),
		TREE_TEST(the_architecture_may_map),
		cmocka_unit_test(facts_imply),
		cmocka_unit_test(who_maps_is_known_or_not_said),
		cmocka_unit_test(no_device_has_an_impossible_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
