// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers beyond a device's reach: what ends it, and what this machine can do about it.  A row is a
 * combination of facts; what it says is said to the letter.
 */
#include "world.h"
#include "base/list.h"

#define ABOVE_MASK "the buffers end above the device's DMA mask"
#define ABOVE_BUS "the buffers end above what the bus of the device carries"
#define RAISE "raise the mask if the hardware reaches further"
#define BELOW "; else give it memory below the mask"
#define TRANSLATE "; else let the IOMMU translate for it: "
#define CORRECT "correct dma-ranges in the device tree, or _DMA in ACPI, if the bus carries more"
#define COPY "; else copy from and to memory of dma_alloc_coherent()"

struct row {
	const char *what;
	struct world w;
	const char *cause, *remedy;
};

/* Five buffers bounced for that reason. */
static void bounced(const struct row *row, enum reason reason, const char *id)
{
	struct model m;

	world_make(&m, &row->w);
	calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 5, 0);
	bounces(&m, reason, 5, 0);
	said(&m, row->what, id, row->cause, row->remedy);
}

/* What an IOMMU does for the device; the mask ends at 4 GiB. */
static void iommus_that_can_help_are_told(void **state)
{
	static const struct row rows[] = {
		{ "none on this machine", { .mask = MASK(32) }, ABOVE_MASK, RAISE BELOW },
		{ "for other devices", { .mask = MASK(32), .iommus = 1 }, ABOVE_MASK, RAISE
		  BELOW },
		{ "turned off",
		  { .mask = MASK(32), .parameters = "quiet iommu=off" }, ABOVE_MASK,
		  RAISE BELOW "; else let an IOMMU translate for it, if there is one: "
		  "boot without iommu=off" },
		{ "of Intel's turned off",
		  { .mask = MASK(32), .parameters = "intel_iommu=sp_off,off" }, ABOVE_MASK, RAISE
		  BELOW "; else let an IOMMU translate for it, if there is one: "
		  "boot without intel_iommu=off" },
		{ "of AMD's turned off", { .mask = MASK(32), .parameters = "amd_iommu=off" },
		ABOVE_MASK, RAISE BELOW "; else let an IOMMU translate for it, if there is one: "
		  "boot without amd_iommu=off" },
		{ "on, with an option of a similar name",
		  { .mask = MASK(32), .parameters = "intel_iommu=sp_off" }, ABOVE_MASK, RAISE
		  BELOW },
		{ "passthrough by default",
		  { .mask = MASK(32), .iommus = 1, .domain = "identity" }, ABOVE_MASK, RAISE BELOW
		  TRANSLATE "boot with iommu.passthrough=0" },
		{ "passthrough by default, the group's file can be written to",
		  { .mask = MASK(32), .iommus = 1, .domain = "identity", .lazy_shown = true },
		ABOVE_MASK, RAISE BELOW TRANSLATE
		  "boot with iommu.passthrough=0, or write DMA to its "
		  "iommu_group/type while it has no driver" },
		{ "passthrough as x86 has it",
		  { .mask = MASK(32), .iommus = 1, .domain = "identity",
		  .parameters = "swiotlb=1024 iommu=pt" }, ABOVE_MASK, RAISE BELOW TRANSLATE
		  "boot without iommu=pt" },
		{ "passthrough as all have it", { .mask = MASK(32), .iommus = 1,
		  .domain = "identity", .parameters = "iommu.passthrough=1", .lazy_shown = true },
		ABOVE_MASK, RAISE BELOW TRANSLATE
		  "boot without iommu.passthrough=1, or write DMA to its "
		  "iommu_group/type while it has no driver" },
		{ "passthrough in other words", { .mask = MASK(32), .iommus = 1,
		  .domain = "identity", .parameters = "iommu.passthrough=on" }, ABOVE_MASK, RAISE
		  BELOW TRANSLATE "boot without iommu.passthrough=on" },
		{ "passthrough though the command line says else",
		  { .mask = MASK(32), .iommus = 1, .domain = "identity",
		    .parameters = "iommu=nopt" }, ABOVE_MASK, RAISE BELOW },
		{ "the same, the group's file can be written to",
		  { .mask = MASK(32), .iommus = 1, .domain = "identity",
		    .parameters = "iommu.passthrough=0", .lazy_shown = true }, ABOVE_MASK, RAISE
		  BELOW TRANSLATE "write DMA to its iommu_group/type while it has no driver" },
		{ "owned by who maps himself",
		  { .mask = MASK(32), .iommus = 1, .domain = "unmanaged" }, ABOVE_MASK, RAISE
		  BELOW },
		{ "a domain that is not known",
		  { .mask = MASK(32), .grouped = true }, ABOVE_MASK,
		  RAISE BELOW },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		bounced(&rows[i], REASON_MASK, "bounce-mask");
}

static void the_limit_that_decides_is_named(void **state)
{
	static const struct row rows[] = {
		{ "no zone within reach", { .mask = MASK(20) }, ABOVE_MASK, RAISE },
		{ "zones are not known", { .mask = MASK(32), .no_zones = true }, ABOVE_MASK,
		  RAISE },
		{ "the bus carries more, but not all",
		  { .mask = MASK(31), .bus_limit = MASK(32) },
		ABOVE_MASK, "raise the mask, up to the 0xffffffff its bus carries, if "
		  "the hardware reaches further" BELOW },
		{ "the bus carries all",
		  { .mask = MASK(32), .bus_limit = MASK(40) }, ABOVE_MASK,
		  RAISE BELOW },
		{ "the bus ends at the mask, arm64",
		  { .arch = "aarch64", .mask = MASK(32), .bus_limit = MASK(32) }, ABOVE_MASK
		  ", which is the limit of its bus as well", CORRECT ", and raise the mask"
		  BELOW },
		{ "the bus ends at the mask, x86", { .mask = MASK(32), .bus_limit = MASK(32) },
		ABOVE_MASK ", which is the limit of its bus as well",
		  "boot with iommu=usedac if the bridge above it carries "
		  "more, and raise the mask" BELOW },
		{ "the mask was raised since", { .mask = ~0ull }, ABOVE_MASK,
		  "give the device memory that it reaches" },
		{ "the bus calls memory by other addresses", { .arch = "aarch64",
		  .mask = MASK(32), .on_bus = 3 * GIB, .range = GIB }, ABOVE_MASK, RAISE BELOW },
		{ "the mask is not known", { .no_reach = true }, ABOVE_MASK,
		  "give the device memory that it reaches" },
	};
	static const struct row buses[] = {
		{ "a device tree or ACPI", { .arch = "aarch64", .bus_limit = MASK(30) },
		ABOVE_BUS, CORRECT "; else give it memory below the limit of its bus" },
		{ "x86", { .bus_limit = MASK(32) }, ABOVE_BUS,
		  "boot with iommu=usedac if the bridge above it carries "
		  "more; else give it memory below the limit of its bus" },
		{ "a platform device", { .arch = "aarch64", .bus = "platform",
		  .bus_limit = MASK(32) }, ABOVE_BUS, CORRECT
		  "; else give it memory below the limit of its bus" },
		{ "no zone below it", { .arch = "aarch64", .bus_limit = MASK(20) }, ABOVE_BUS,
		  CORRECT },
		{ "an IOMMU that lets it",
		  { .arch = "aarch64", .bus_limit = MASK(32), .iommus = 1,
		  .domain = "identity" }, ABOVE_BUS, CORRECT
		  "; else give it memory below the limit of its bus" TRANSLATE
		  "boot with iommu.passthrough=0" },
		{ "a mask above it, which is narrow as well",
		  { .arch = "aarch64", .mask = MASK(32), .bus_limit = MASK(30) }, ABOVE_BUS,
		  CORRECT "; else give it memory below the limit of its bus" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		bounced(&rows[i], REASON_MASK, "bounce-mask");
	for (size_t i = 0; i < ARRAY_SIZE(buses); i++)
		bounced(&buses[i], REASON_BUS_LIMIT, "bounce-bus-limit");
}

/* These do not depend on what else the machine has. */
static void other_reasons_have_one_remedy(void **state)
{
	static const struct {
		enum reason reason;
		struct world w;
		const char *id, *cause, *remedy;
	} rows[] = {
		{ REASON_FORCED, { .forced = true }, "bounce-forced",
		  "swiotlb=force is on the kernel command line", "boot without swiotlb=force" },
		{ REASON_FORCED, { .forced = true, .iommus = 1, .domain = "identity" },
		  "bounce-forced", "swiotlb=force is on the kernel command line",
		  "boot without swiotlb=force" },
		{ REASON_UNTRUSTED, { .iommus = 1, .domain = "DMA" }, "bounce-untrusted",
		"the device is not trusted, and the buffers do not fill pages",
		  "none is needed; buffers of whole pages are not copied" },
		{ REASON_UNALIGNED_KMALLOC, { .arch = "aarch64", .not_coherent = true },
		  "bounce-unaligned-kmalloc",
		  "the buffers share cache lines with other data, and the "
		  "device is not coherent",
		  "allocate and map multiples of dma_get_cache_alignment() bytes" },
		{ REASON_UNALIGNED_KMALLOC, { .arch = "aarch64", .not_coherent = true,
		  .iommus = 1, .domain = "DMA" }, "bounce-unaligned-kmalloc",
		  "the buffers share cache lines with other data, and the "
		  "device is not coherent",
		  "allocate and map multiples of dma_get_cache_alignment() bytes" },
		{ REASON_RESTRICTED_POOL, { .arch = "aarch64", .restricted = true },
		  "bounce-restricted-pool",
		  "the device tree allows the device nothing but a pool of its own",
		  "none is needed: the pool keeps the device from all other memory" },
		{ REASON_ENCRYPTED_GUEST, { .mask = ~0ull }, "bounce-encrypted-guest",
		"devices cannot read the memory of this guest",
		  "none is needed; see that the pool is large enough" },
	};
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		world_make(&m, &rows[i].w);
		calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 5, 0);
		bounces(&m, rows[i].reason, 5, 0);
		said(&m, rows[i].id, rows[i].id, rows[i].cause, rows[i].remedy);
	}
}

/* Nothing bounced yet. */
static void memory_above_the_reach(void **state)
{
	static const struct row rows[] = {
		{ "a mask, and no IOMMU", { .mask = MASK(32) },
		  "there is memory above the device's mask, and no IOMMU translates for it",
		  RAISE },
		{ "no pool", { .mask = MASK(32), .no_pool = true },
		  "there is memory above the device's mask, and no IOMMU "
		  "translates for it; there is no swiotlb to bounce through", RAISE },
		{ "no pool wanted", { .mask = MASK(32), .noforce = true },
		  "there is memory above the device's mask, and no IOMMU "
		  "translates for it; there is no swiotlb to bounce through", RAISE },
		{ "a bus, arm64", { .arch = "aarch64", .bus_limit = MASK(32) },
		  "there is memory above the limit of the device's bus, and "
		  "no IOMMU translates for it", CORRECT },
		{ "a bus, x86", { .bus_limit = MASK(32) },
		  "there is memory above the limit of the device's bus, and "
		  "no IOMMU translates for it",
		  "boot with iommu=usedac if the bridge above it carries more" },
		{ "both", { .arch = "aarch64", .mask = MASK(32), .bus_limit = MASK(32) },
		"there is memory above the device's mask, which is the "
		  "limit of its bus as well, and no IOMMU translates for it", CORRECT
		  ", and raise the mask" },
		{ "an IOMMU that lets it",
		  { .mask = MASK(32), .domain = "identity", .iommus = 1,
		  .parameters = "iommu=pt" },
		  "there is memory above the device's mask, and no IOMMU translates for it",
		  RAISE TRANSLATE "boot without iommu=pt" },
		{ "a bus that calls memory by higher addresses", { .arch = "aarch64",
		  .mask = MASK(32), .on_bus = 3 * GIB, .range = GIB, .top = 2 * GIB },
		"there is memory above the device's mask, and no IOMMU translates for it",
		  RAISE },
	};
	static const struct world reached[] = {
		{ .mask = MASK(33) }, { .mask = MASK(32), .domain = "DMA", .iommus = 1 },
		{ .mask = MASK(32), .top = 4 * GIB }, { .bus_limit = MASK(33) },
		/* 4 GiB from 4 GiB on */
		{ .arch = "aarch64", .mask = MASK(32), .cpu = 4 * GIB, .range = 4 * GIB },
	};
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		world_make(&m, &rows[i].w);
		calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 5, 0);
		said(&m, rows[i].what, "mask-too-narrow", rows[i].cause, rows[i].remedy);
	}
	for (size_t i = 0; i < ARRAY_SIZE(reached); i++) {
		world_make(&m, &reached[i]);
		calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 5, 0);
		only(&m, "");
	}
}

static void slots_above_the_reach(void **state)
{
	static const struct {
		const char *what;
		enum reason reason;
		struct world w;
		const char *cause, *remedy;
	} rows[] = {
		{ "a mask above a zone", REASON_MASK,
		  { .mask = MASK(28), .coherent = MASK(28) },
		  "the slots lie above the device's mask", RAISE COPY },
		{ "a mask below all zones", REASON_MASK,
		  { .mask = MASK(20), .coherent = MASK(20) },
		  "the slots lie above the device's mask", RAISE },
		{ "zones that are not known", REASON_MASK,
		  { .mask = MASK(28), .coherent = MASK(28), .no_zones = true },
		"the slots lie above the device's mask", RAISE },
		{ "an IOMMU that lets it", REASON_MASK,
		  { .mask = MASK(28), .coherent = MASK(28), .iommus = 1,
		  .domain = "identity", .parameters = "iommu=pt" },
		  "the slots lie above the device's mask", RAISE TRANSLATE "boot without iommu=pt"
		  COPY },
		{ "a bus", REASON_BUS_LIMIT, { .arch = "aarch64", .bus_limit = MASK(28) },
		  "the slots lie above the limit of the device's bus", CORRECT COPY },
		{ "a bus that ends at the mask", REASON_MASK,
		  { .arch = "aarch64", .mask = MASK(28), .bus_limit = MASK(28) },
		"the slots lie above the device's mask, which is the limit of its bus as well",
		  CORRECT ", and raise the mask" COPY },
		{ "everything bounces", REASON_FORCED,
		  { .mask = MASK(28), .coherent = MASK(28), .forced = true },
		"the slots lie above the device's mask",
		  "boot without swiotlb=force, for buffers within its reach; else " RAISE
		  COPY },
		{ "a restricted pool", REASON_RESTRICTED_POOL,
		  { .arch = "aarch64", .mask = MASK(30),
		  .restricted = true }, "the slots lie above the device's mask",
		  "move its restricted-dma-pool in the device tree to where it reaches; else "
		  RAISE },
		{ "a device that is not known", REASON_MASK,
		  { .no_reach = true, .no_zones = true },
		  "the slots lie above the device's mask, or the limit of its bus",
		  "give the device memory that it reaches" },
	};
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		world_make(&m, &rows[i].w);
		calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 5, 5);
		bounces(&m, rows[i].reason, 5, 0);
		said(&m, rows[i].what, "swiotlb-out-of-reach", rows[i].cause, rows[i].remedy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iommus_that_can_help_are_told),
		cmocka_unit_test(the_limit_that_decides_is_named),
		cmocka_unit_test(other_reasons_have_one_remedy),
		cmocka_unit_test(memory_above_the_reach),
		cmocka_unit_test(slots_above_the_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
