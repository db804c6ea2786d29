// SPDX-License-Identifier: GPL-2.0
/*
 * Errors of an IOMMU by who called it, I/O addresses by what limits them, flushes by who asked for
 * them, what is left behind, and what was not traced.  A row is a combination of facts.
 */
#include "world.h"
#include "base/list.h"

#define TYPE "write DMA-FQ to its iommu_group/type"
#define REUSE "; else map fewer and larger buffers, or reuse mappings"
#define STRICT "the domain is strict: each unmap waits for the IOMMU's invalidation"
#define LEFT "no range of that size is left below "
#define FIND "find who maps without unmapping with 'dmatrace live'"
#define CHECK "look at what the caller maps, and into the kernel's log"
#define TRUSTED "if the device is trusted, "

#define DRIVER WITHIN_NONE
#define DMA_API (DMT_OP_MAP + 1)
#define UNKNOWN WITHIN_UNKNOWN

static const struct {
	const char *what;
	long long value;
	unsigned within;
	const char *cause, *remedy;
} errors[] = {
	{ "ENOMEM, a driver", -ENOMEM, DRIVER, "there was no memory for a page table",
	  "map where the caller may sleep: with GFP_KERNEL, not with "
	  "iommu_map_atomic()" },
	{ "ENOMEM, the DMA API", -ENOMEM, DMA_API, "there was no memory for a page table",
	  "look for who takes the memory, or hold fewer mappings at a time" },
	{ "ENOMEM, not known", -ENOMEM, UNKNOWN, "there was no memory for a page table",
	  CHECK },
	{ "EADDRINUSE, a driver", -EADDRINUSE, DRIVER,
	  "the I/O address is mapped already",
	  "unmap it first, or find who maps it too" },
	{ "EADDRINUSE, the DMA API", -EADDRINUSE, DMA_API,
	  "the I/O address is mapped already",
	  "find who maps into the device's domain with iommu_map()" },
	{ "EEXIST, a driver", -EEXIST, DRIVER, "the I/O address is mapped already",
	  "unmap it first, or find who maps it too" },
	{ "EEXIST, the DMA API", -EEXIST, DMA_API, "the I/O address is mapped already",
	  "find who maps into the device's domain with iommu_map()" },
	{ "ERANGE, a driver", -ERANGE, DRIVER,
	  "an address is out of the range of the IOMMU",
	  "stay within the geometry of the domain" },
	{ "ERANGE, the DMA API", -ERANGE, DMA_API,
	  "an address is out of the range of the IOMMU",
	  "give the device memory and a mask that the IOMMU's address width covers" },
	{ "EFAULT, a driver", -EFAULT, DRIVER,
	  "the I/O address is out of the range of the IOMMU",
	  "stay within the geometry of the domain" },
	{ "EFAULT, the DMA API", -EFAULT, DMA_API,
	  "the I/O address is out of the range of the IOMMU",
	  "give the device memory and a mask that the IOMMU's address width covers" },
	{ "EOVERFLOW, a driver", -EOVERFLOW, DRIVER, "address and size together overflow",
	  "stay within the geometry of the domain" },
	{ "ENODEV, a driver", -ENODEV, DRIVER, "the domain cannot map",
	  "give the device a domain that maps pages" },
	{ "ENODEV, the DMA API", -ENODEV, DMA_API, "the domain cannot map", CHECK },
	{ "EINVAL, a driver", -EINVAL, DRIVER,
	  "addresses and size are aligned, so it is the permission "
	  "(neither read nor write) or the domain (not one that maps pages)",
	  "ask for IOMMU_READ or IOMMU_WRITE, in a paging domain" },
	{ "EINVAL, the DMA API", -EINVAL, DMA_API,
	  "addresses and size are aligned, so it is the permission "
	  "(neither read nor write) or the domain (not one that maps pages)", CHECK },
	{ "another, a driver", -EIO, DRIVER, "the IOMMU driver returned EIO", CHECK },
};

static void errors_by_who_called(void **state)
{
	const struct world w = { .domain = "DMA", .iommus = 1 };
	struct failed *one;
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		const struct aggregate like = { .device = DEV, .driver = "drv",
						.op = DMT_OP_IOMMU_MAP,
						.within = errors[i].within };

		world_make(&m, &w);
		add_failures(aggregate_like(&m, &like), FAILS_ERRNO, errors[i].value, 5);
		one = failed(&m, DEV, DMT_OP_IOMMU_MAP, 5);
		one->value = errors[i].value;
		one->size = one->iova = one->paddr = one->min_pagesz = 4096;
		said(&m, errors[i].what, "iommu-map-failed", errors[i].cause, errors[i].remedy);
	}
}

/* Some drivers map by themselves as well: then it is not known whose call failed. */
static void callers_of_both_kinds(void **state)
{
	static const unsigned within[] = { DRIVER, DMA_API };
	const struct world w = { .domain = "DMA", .iommus = 1 };
	struct model m;

	(void)state;
	world_make(&m, &w);
	for (int i = 0; i < 2; i++) {
		const struct aggregate like = { .device = DEV, .driver = "drv",
						.op = DMT_OP_IOMMU_MAP, .within = within[i] };

		add_failures(aggregate_like(&m, &like), FAILS_ERRNO, -EEXIST, 5);
	}
	said(&m, "both", "iommu-map-failed", "the I/O address is mapped already", CHECK);
}

struct row {
	const char *what;
	struct world w;
	const char *cause, *remedy;
};

static void addresses_by_their_limit(void **state)
{
	static const struct {
		const char *what;
		unsigned long long limit;
		struct world w;
		const char *cause, *remedy;
	} rows[] = {
		{ "the mask", MASK(32), { .mask = MASK(32) }, LEFT "the device's mask", FIND
		  "; else raise the mask if the hardware reaches further" },
		{ "the mask, below a bus", MASK(32), { .mask = MASK(32), .bus_limit = MASK(40) },
		LEFT "the device's mask", FIND
		  "; else raise the mask, up to the 0xffffffffff its bus "
		  "carries, if the hardware reaches further" },
		{ "the bus", MASK(32), { .arch = "aarch64", .bus_limit = MASK(32) }, LEFT
		  "the limit of the device's bus", FIND
		  "; else correct dma-ranges in the device tree, or _DMA in "
		  "ACPI, if the bus carries more" },
		{ "both", MASK(32), { .arch = "aarch64", .mask = MASK(32),
		  .bus_limit = MASK(32) }, LEFT
		  "the device's mask, which is the limit of its bus as well", FIND
		  "; else correct dma-ranges in the device tree, or _DMA in "
		  "ACPI, if the bus carries more, and raise the mask" },
		{ "the bus, x86", MASK(32), { .bus_limit = MASK(32) }, LEFT
		  "the limit of the device's bus", FIND
		  "; else boot with iommu=usedac if the bridge above it carries more" },
		{ "the IOMMU", MASK(39), { .mask = ~0ull }, LEFT
		  "the highest address of the IOMMU", FIND },
		{ "the IOMMU, below the mask and the bus", MASK(39), { .mask = MASK(48),
		  .bus_limit = MASK(40) }, LEFT "the highest address of the IOMMU", FIND },
		{ "not known", 0, { .mask = MASK(32) }, LEFT "the limit", FIND },
		{ "of a device that is not known", MASK(32), { .no_reach = true }, LEFT
		  "the limit", FIND },
	};
	struct failed *one;
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w = rows[i].w;

		w.domain = "DMA-FQ";
		w.iommus = 1;
		world_make(&m, &w);
		calls(&m, DEV, DMT_OP_IOVA_FAST_ALLOC, VIA_RCACHE_MISS, 5, 5);
		one = failed(&m, DEV, DMT_OP_IOVA_FAST_ALLOC, 5);
		one->limit = rows[i].limit;
		said(&m, rows[i].what, "iova-pressure", rows[i].cause, rows[i].remedy);
	}
}

static void ranges_that_the_tree_had(void **state)
{
	static const struct {
		const char *what;
		enum path path;
		const char *cause, *remedy;
	} rows[] = {
		{ "too large", VIA_ABOVE_RCACHE,
		  "the buffers have more than 32 pages, and the rcache keeps no such range",
		  "map in pieces of at most 32 pages, or reuse mappings" },
		{ "too many", VIA_RCACHE_MISS,
		  "the rcaches had none: ranges are held, or given back "
		  "later or on other CPUs than they are asked for",
		  "hold fewer mappings at a time, or unmap on the CPU that maps" },
	};
	const struct world w = { .domain = "DMA-FQ", .iommus = 1 };
	struct aggregate *a;
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		world_make(&m, &w);
		m.duration_ns = 1000000000;
		a = calls(&m, DEV, DMT_OP_IOVA_FAST_ALLOC, rows[i].path, 2000, 0);
		a->latency_known = true;
		a->latency.sum = 20000000;
		said(&m, rows[i].what, "iova-pressure", rows[i].cause, rows[i].remedy);
	}
}

static void flushes_by_who_wants_them(void **state)
{
	static const struct row rows[] = {
		{ "nobody asked, arm64", { .arch = "aarch64", .lazy_shown = true,
		  .iommu = "smmu3.0x9050000" }, STRICT, TRUSTED "boot with iommu.strict=0, or "
		  TYPE REUSE },
		{ "nobody asked, Intel", { .lazy_shown = true, .iommu = "dmar0" }, STRICT, TRUSTED
		  TYPE REUSE },
		{ "asked for", { .lazy_shown = true, .iommu = "dmar0",
		  .parameters = "iommu.strict=1" }, STRICT, TRUSTED
		  "boot without iommu.strict=1, or " TYPE REUSE },
		{ "asked for in Intel's words", { .lazy_shown = true, .iommu = "dmar0",
		  .parameters = "intel_iommu=on,strict" }, STRICT, TRUSTED
		  "boot without intel_iommu=strict, or " TYPE REUSE },
		{ "asked for in AMD's words, no file to write to", { .iommu = "ivhd0",
		  .parameters = "amd_iommu=fullflush" }, STRICT, TRUSTED
		  "boot without amd_iommu=fullflush" REUSE },
		{ "the driver insists", { .lazy_shown = true, .iommu = "dmar0",
		  .parameters = "iommu.strict=0" }, STRICT,
		  "map fewer and larger buffers, or reuse mappings" },
		{ "a device that is removable", { .lazy_shown = true, .iommu = "dmar0",
		  .removable = true }, STRICT,
		  "map fewer and larger buffers, or reuse mappings" },
	};
	struct aggregate *a;
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w = rows[i].w;

		w.domain = "DMA";
		w.iommus = 1;
		world_make(&m, &w);
		m.duration_ns = 1000000000;
		m.inventory.facts.strict_asked = !w.lazy_shown;
		a = calls(&m, DEV, DMT_OP_IOTLB_SYNC, VIA_NONE, 1000, 0);
		a->latency_known = true;
		a->latency.sum = 20000000;
		a = calls(&m, DEV, DMT_OP_UNMAP, VIA_NONE, 1000, 0);
		a->latency_known = true;
		a->latency.sum = 25000000;
		said(&m, rows[i].what, "strict-flush-cost", rows[i].cause, rows[i].remedy);
	}
}

static void what_is_left_is_unmapped_or_freed(void **state)
{
	static const struct {
		enum dmt_op op;
		const char *remedy;
	} rows[] = {
		{ DMT_OP_MAP, "unmap what is left in the driver's remove()" },
		{ DMT_OP_MAP_SG, "unmap what is left in the driver's remove()" },
		{ DMT_OP_MAP_RESOURCE, "unmap what is left in the driver's remove()" },
		{ DMT_OP_ALLOC, "free what is left in the driver's remove()" },
		{ DMT_OP_ALLOC_PAGES, "free what is left in the driver's remove()" },
		{ DMT_OP_ALLOC_NONCONTIGUOUS, "free what is left in the driver's remove()" },
	};
	const struct world w = { .mask = ~0ull };
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		world_make(&m, &w);
		calls(&m, DEV, rows[i].op, VIA_UNKNOWN, 5, 0);
		m.live = calloc(1, sizeof(*m.live));
		assert_non_null(m.live);
		m.nlive = 1;
		*m.live = (struct live_row){ .op = rows[i].op, .count = 5, .pending = true };
		m.live->device = name_copy(DEV);
		m.live->driver = name_copy("drv");
		said(&m, ops[rows[i].op].name, "pending-at-unbind",
		     "the driver has let the device go since", rows[i].remedy);
	}
}

static void what_was_not_traced(void **state)
{
	static const struct {
		const char *what;
		bool lost, off;
		const char *cause, *remedy;
	} rows[] = {
		{ "losses", true, false, "calls escaped the counters or were not counted in full",
		  "see dmatrace-stat(1) for what each loss is; watch less "
		  "with --layers or --op" },
		{ "hooks", false, true, "functions this kernel has could not be watched",
		  "see 'dmatrace hooks' for why hooks are off" },
		{ "both", true, true, "calls escaped the counters or were not counted in full",
		  "'dmatrace hooks' says why hooks are off, dmatrace-stat(1) "
		  "what losses are" },
	};
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		begin(&m);
		m.losses[0] = (struct loss){ "missed", rows[i].lost };
		m.nlosses = 1;
		if (rows[i].off)
			off(&m, DMT_HOOK_BOUNCE, true);
		said(&m, rows[i].what, "data-incomplete", rows[i].cause, rows[i].remedy);
	}
}

/* What makes no call; of what does there is nothing to find. */
static void machines_that_map_nothing(void **state)
{
	static const struct {
		const char *what;
		bool bypasses;
		const char *driver, *kind;
		const char *cause, *remedy;
	} rows[] = {
		{ "virtio", true, "virtio-pci", NULL,
		  "they are virtio without VIRTIO_F_ACCESS_PLATFORM, which "
		  "hands physical addresses to the host",
		  "give virtio devices VIRTIO_F_ACCESS_PLATFORM (QEMU: iommu_platform=on)" },
		{ "no driver", false, NULL, NULL, "no device has a driver that would map for it",
		  "load the drivers of the devices" },
		{ "a bridge", false, "pcieport", "pci bridge",
		  "no device has a driver that would map for it",
		  "trace a machine that has devices which do DMA" },
	};
	struct device *dev;
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		begin(&m);
		device(&m, 64, NULL);
		dev = m.inventory.devices;
		free(dev->driver);
		dev->driver = name_copy(rows[i].driver);
		dev->kind = name_copy(rows[i].kind);
		dev->bypasses = rows[i].bypasses;
		said(&m, rows[i].what, "nothing-seen", rows[i].cause, rows[i].remedy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_by_who_called),
		cmocka_unit_test(callers_of_both_kinds),
		cmocka_unit_test(addresses_by_their_limit),
		cmocka_unit_test(ranges_that_the_tree_had),
		cmocka_unit_test(flushes_by_who_wants_them),
		cmocka_unit_test(what_is_left_is_unmapped_or_freed),
		cmocka_unit_test(what_was_not_traced),
		cmocka_unit_test(machines_that_map_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
