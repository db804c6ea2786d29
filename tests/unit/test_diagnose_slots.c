// SPDX-License-Identifier: GPL-2.0
/*
 * Slots that were not to be had, and maps that failed: what kind of pool there is, why buffers are
 * bounced, and what this machine can do about it.  A row is a combination of facts.
 */
#include "base/flags.h"
#include "base/list.h"
#include "world.h"

#define EXHAUSTED "the pool was exhausted: fewer slots were free than the request takes"
#define GROWS "; the pool grows in the background, and for one more buffer there was no memory right then"
#define FRAGMENTED "fragmented or alignment: enough slots were free, but not next to each other, not aligned as the device needs them, or not in the CPU's part of the pool"
#define NO_POOL "there is no pool (0 slots), and the device cannot reach the buffers"
#define ENLARGE "enlarge the pool with swiotlb=SLOTS"
#define RAISE "raise the mask if the hardware reaches further"
#define BELOW "give it memory below the mask"
#define FORCE "boot with swiotlb=force, which makes a pool and bounces everything"
#define UNFORCE "boot without swiotlb=force"
#define PASSTHROUGH "let the IOMMU translate for it: boot without iommu=pt"
#define CORRECT "correct dma-ranges in the device tree, or _DMA in ACPI, if the bus carries more"
#define UNMARK "map without DMA_ATTR_REQUIRE_COHERENT, and sync"
#define FORBADE "the caller forbade bouncing and cleaning of caches (DMA_ATTR_REQUIRE_COHERENT), and "
#define COPY "copy through memory"
#define NO_BOUNCE "copy through memory: registers cannot be bounced"
#define REGISTERS "the device cannot reach the registers of another one"
#define FOREIGN "refused before bouncing: memory of another device that this one cannot reach"

/* Of so large a buffer, when so many of 1024 slots were used; size 0: not kept one by one. */
struct shortage {
	const char *what;
	enum reason reason;
	struct world w;
	unsigned long long size, used;
	const char *cause, *remedy;
};

static void short_of_slots(const struct shortage *row)
{
	enum path path = row->reason == REASON_UNTRUSTED ? VIA_IOMMU_BOUNCE : VIA_BOUNCE;
	struct failed *one;
	struct model m;

	world_make(&m, &row->w);
	calls(&m, DEV, DMT_OP_MAP, path, 5, 5);
	bounces(&m, row->reason, 5, 5);
	if (row->size) {
		one = failed(&m, DEV, DMT_OP_BOUNCE, 5);
		one->size = row->size;
		one->slots = row->used ? 1024 : 0;
		one->used_min = one->used_max = row->used;
	}
	said(&m, row->what, "swiotlb-full", row->cause, row->remedy);
}

static const struct shortage shortages[] = {
	{ "a mask", REASON_MASK, { .mask = MASK(32) }, 4096, 1024, EXHAUSTED, ENLARGE
	  "; else " RAISE },
	{ "a mask, fragmented", REASON_MASK, { .mask = MASK(32) }, 4096, 1000, FRAGMENTED,
	  ENLARGE "; else " RAISE },
	{ "a mask, and an IOMMU that lets it", REASON_MASK, { .mask = MASK(32),
	  .domain = "identity", .iommus = 1, .parameters = "iommu=pt" }, 4096, 1024,
	EXHAUSTED, ENLARGE "; else " RAISE "; else " PASSTHROUGH },
	{ "a bus", REASON_BUS_LIMIT, { .arch = "aarch64", .bus_limit = MASK(30) },
	  4096, 1024, EXHAUSTED, ENLARGE "; else " CORRECT },
	{ "swiotlb=force", REASON_FORCED, { .forced = true }, 4096, 1024, EXHAUSTED,
	  ENLARGE ",force; else " UNFORCE },
	{ "a confidential guest", REASON_ENCRYPTED_GUEST, { .mask = ~0ull }, 4096, 1024,
	EXHAUSTED, ENLARGE "; else map less at a time" },
	{ "an untrusted device", REASON_UNTRUSTED, { .domain = "DMA", .iommus = 1 },
	  4096, 1024, EXHAUSTED, ENLARGE
	  "; else map whole pages, which are not bounced" },
	{ "small buffers", REASON_UNALIGNED_KMALLOC, { .arch = "aarch64",
	  .not_coherent = true }, 64, 1024, EXHAUSTED, ENLARGE
	  "; else map multiples of dma_get_cache_alignment() bytes, "
	  "which are not bounced" },
	{ "a pool that grows", REASON_MASK, { .mask = MASK(32), .grows = true },
	  4096, 1024, EXHAUSTED GROWS, RAISE },
	{ "a pool that grows, fragmented", REASON_MASK, { .mask = MASK(32), .grows = true },
	  4096, 1000, FRAGMENTED GROWS, RAISE },
	{ "a pool that grows, swiotlb=force", REASON_FORCED, { .forced = true,
	  .grows = true }, 4096, 1024, EXHAUSTED GROWS, UNFORCE },
	{ "a pool that grows, in a confidential guest", REASON_ENCRYPTED_GUEST,
	  { .grows = true }, 4096, 1024, EXHAUSTED GROWS, "map less at a time" },
	{ "a restricted pool", REASON_RESTRICTED_POOL, { .arch = "aarch64",
	  .restricted = true }, 4096, 1024, EXHAUSTED,
	  "enlarge the device's restricted-dma-pool in the device "
	  "tree; else find who holds its slots with 'dmatrace swiotlb'" },
	{ "a restricted pool beside one that grows", REASON_RESTRICTED_POOL,
	  { .arch = "aarch64", .restricted = true, .grows = true }, 4096, 1024,
	EXHAUSTED, "enlarge the device's restricted-dma-pool in the device "
	  "tree; else find who holds its slots with 'dmatrace swiotlb'" },
	{ "a state that is not known", REASON_MASK, { .mask = MASK(32) }, 4096, 0,
	"unknown: the state of the pool at that time is not known", ENLARGE "; else "
	  RAISE },
	{ "calls that were not kept", REASON_MASK, { .mask = MASK(32) }, 0, 0,
	"unknown: the state of the pool at that time is not known", RAISE },
	{ "the same, forced", REASON_FORCED, { .forced = true }, 0, 0,
	  "unknown: the state of the pool at that time is not known", UNFORCE },
	{ "the same, restricted", REASON_RESTRICTED_POOL, { .arch = "aarch64",
	  .restricted = true }, 0, 0,
	  "unknown: the state of the pool at that time is not known",
	  "look with 'dmatrace swiotlb' for who holds the slots" },
	{ "larger than a segment", REASON_MASK, { .mask = MASK(32) }, 262145, 1024,
	"the request is above the segment limit of 256 KiB (128 slots of 2 KiB)",
	  "map in pieces of at most 262144 bytes, as "
	  "dma_max_mapping_size() says; a larger pool does not help" },
	{ "larger than a segment, in a pool that grows", REASON_MASK, { .mask = MASK(32),
	  .grows = true }, 262145, 1024,
	  "the request is above the segment limit of 256 KiB (128 slots of 2 KiB)",
	  "map in pieces of at most 262144 bytes, as "
	  "dma_max_mapping_size() says; a larger pool does not help" },
	{ "larger than a segment of a restricted pool", REASON_RESTRICTED_POOL,
	  { .arch = "aarch64", .restricted = true }, 262145, 1024,
	  "the request is above the segment limit of 256 KiB (128 slots of 2 KiB)",
	  "map in pieces of at most 262144 bytes, as "
	  "dma_max_mapping_size() says; a larger pool does not help" },
};

static void pools_are_enlarged_where_that_can_be(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shortages); i++)
		short_of_slots(&shortages[i]);
}

/* A restricted pool of which nothing is used, and a command line that may keep it from that. */
static void noforce_matters_to_pools_that_grow(void **state)
{
	static const struct {
		const char *what;
		bool grows, listed;
		const char *cause, *remedy;
	} rows[] = {
		{ "a kernel whose pools grow", true, true,
		  "swiotlb=noforce: a kernel with SWIOTLB_DYNAMIC then finds "
		  "slots in no pool, restricted ones included", "boot without swiotlb=noforce" },
		{ "a kernel whose pools do not", false, true, FRAGMENTED,
		  "enlarge the device's restricted-dma-pool in the device "
		  "tree; else find who holds its slots with 'dmatrace swiotlb'" },
		{ "one of which that is not known", false, false,
		  "swiotlb=noforce: a kernel with SWIOTLB_DYNAMIC then finds "
		  "slots in no pool, restricted ones included", "boot without swiotlb=noforce" },
	};
	const struct world w = { .arch = "aarch64", .restricted = true, .noforce = true };
	struct failed *one;
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		world_make(&m, &w);
		if (rows[i].listed)
			world_pool(&m, "swiotlb", "restricted@50000000", MIB, rows[i].grows);
		calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 5, 5);
		bounces(&m, REASON_RESTRICTED_POOL, 5, 5);
		one = failed(&m, DEV, DMT_OP_BOUNCE, 5);
		one->size = 4096;
		one->slots = 512;
		said(&m, rows[i].what, "swiotlb-full", rows[i].cause, rows[i].remedy);
	}
}

static void without_a_pool(void **state)
{
	static const struct {
		const char *what;
		struct world w;
		const char *cause, *remedy;
	} rows[] = {
		{ "noforce, and memory for which x86 makes a pool", { .mask = MASK(32),
		  .noforce = true }, NO_POOL, "boot without swiotlb=noforce; else " RAISE
		  "; else " BELOW },
		{ "noforce, and less", { .mask = MASK(30), .noforce = true, .top = 4 * GIB },
		NO_POOL, RAISE "; else " BELOW
		  "; else boot with swiotlb=force for swiotlb=noforce, which "
		  "makes a pool and bounces everything" },
		{ "less memory, and x86 makes none", { .mask = MASK(30), .no_pool = true,
		  .top = 4 * GIB }, NO_POOL, RAISE "; else " BELOW "; else " FORCE },
		{ "noforce on arm64", { .arch = "aarch64", .mask = MASK(30), .noforce = true },
		NO_POOL, "boot without swiotlb=noforce; else " RAISE "; else " BELOW },
		{ "none on arm64", { .arch = "aarch64", .mask = MASK(30), .no_pool = true,
		  .top = 4 * GIB }, NO_POOL, RAISE "; else " BELOW "; else " FORCE },
		{ "a bus, and noforce", { .arch = "aarch64", .bus_limit = MASK(30),
		  .noforce = true }, NO_POOL, "boot without swiotlb=noforce; else " CORRECT
		  "; else give it memory below the limit of its bus" },
		{ "an IOMMU that lets it", { .mask = MASK(32), .noforce = true,
		  .domain = "identity", .iommus = 1, .parameters = "swiotlb=noforce iommu=pt" },
		NO_POOL, "boot without swiotlb=noforce; else " RAISE "; else " BELOW "; else "
		  PASSTHROUGH },
	};
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		world_make(&m, &rows[i].w);
		calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 5, 5);
		said(&m, rows[i].what, "swiotlb-full", rows[i].cause, rows[i].remedy);
	}
}

struct failing {
	const char *what;
	enum path path;
	unsigned long long attrs;
	struct world w;
	const char *cause, *remedy;
};

/* Five maps; of the IOMMU nothing is known but that it refused none. */
static void failing(const struct failing *row, long long value, bool addresses_seen)
{
	struct failed *one;
	struct model m;

	world_make(&m, &row->w);
	if (!addresses_seen)
		off(&m, DMT_HOOK_IOVA_FAST_ALLOC, false);
	calls(&m, DEV, row->path == VIA_MMIO ? DMT_OP_MAP_RESOURCE : DMT_OP_MAP, row->path, 5, 5);
	one = failed(&m, DEV, row->path == VIA_MMIO ? DMT_OP_MAP_RESOURCE : DMT_OP_MAP, 5);
	one->size = 4096;
	one->attrs = row->attrs;
	one->value = value;
	said(&m, row->what, "map-failed", row->cause, row->remedy);
}

static void maps_that_must_be_coherent(void **state)
{
	static const struct failing rows[] = {
		{ "not coherent", VIA_DIRECT, ATTR_REQUIRE_COHERENT, { .arch = "aarch64",
		  .not_coherent = true }, FORBADE "the device is not cache-coherent", UNMARK },
		{ "restricted", VIA_DIRECT, ATTR_REQUIRE_COHERENT, { .arch = "aarch64",
		  .restricted = true }, FORBADE
		  "all that this device maps is bounced, into its restricted pool", UNMARK },
		{ "untrusted", VIA_IOMMU, ATTR_REQUIRE_COHERENT, { .domain = "DMA", .iommus = 1 },
		FORBADE "the device is not trusted: what does not fill pages is bounced",
		  "map whole pages; else " UNMARK },
		{ "swiotlb=force", VIA_DIRECT, ATTR_REQUIRE_COHERENT, { .forced = true },
		FORBADE "swiotlb=force has every buffer bounced", UNFORCE "; else " UNMARK },
		{ "a confidential guest", VIA_DIRECT, ATTR_REQUIRE_COHERENT, { .mask = ~0ull },
		FORBADE "every buffer is bounced, as in confidential guests", UNMARK },
		{ "a mask", VIA_DIRECT, ATTR_REQUIRE_COHERENT, { .mask = MASK(32) }, FORBADE
		  "the buffer would have been bounced: it ends above what the device reaches",
		  BELOW "; else " RAISE "; else " UNMARK },
		{ "a bus", VIA_DIRECT, ATTR_REQUIRE_COHERENT, { .arch = "aarch64",
		  .bus_limit = MASK(30) }, FORBADE
		  "the buffer would have been bounced: it ends above what the device reaches",
		  "give it memory below the limit of its bus; else " CORRECT "; else " UNMARK },
		{ "an IOMMU that lets it", VIA_BYPASS, ATTR_REQUIRE_COHERENT, { .mask = MASK(32),
		  .domain = "identity", .iommus = 1, .parameters = "iommu=pt" }, FORBADE
		  "the buffer would have been bounced: it ends above what the device reaches",
		  BELOW "; else " RAISE "; else " PASSTHROUGH "; else " UNMARK },
		{ "a device that is not known", VIA_DIRECT, ATTR_REQUIRE_COHERENT,
		  { .no_reach = true }, FORBADE "the buffer needs one of them", UNMARK },
	};
	static const struct failing unseen = {
		"addresses that were not traced", VIA_IOMMU, ATTR_REQUIRE_COHERENT,
		{ .domain = "DMA", .iommus = 1 }, FORBADE
		  "the device is not trusted: what does not fill pages is "
		  "bounced; or no I/O address was free, which was not traced",
		  "map whole pages; else " UNMARK };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		failing(&rows[i], -1, true);
	failing(&unseen, -1, false);
}

static void registers_and_memory_of_others(void **state)
{
	static const struct failing rows[] = {
		{ "registers above a mask", VIA_MMIO, ATTR_MMIO, { .mask = MASK(40) }, REGISTERS,
		  RAISE "; else " NO_BOUNCE },
		{ "registers above a bus", VIA_MMIO, ATTR_MMIO, { .arch = "aarch64",
		  .bus_limit = MASK(40) }, REGISTERS, CORRECT "; else " NO_BOUNCE },
		{ "registers, everything bounces", VIA_MMIO, ATTR_MMIO, { .forced = true },
		"swiotlb=force has everything bounced, which registers cannot be", UNFORCE
		  "; else " NO_BOUNCE },
		{ "registers, before they were marked", VIA_MMIO, 0, { .forced = true,
		  .mask = MASK(32) }, REGISTERS, RAISE "; else " NO_BOUNCE },
		{ "registers, restricted", VIA_MMIO, ATTR_MMIO, { .arch = "aarch64",
		  .restricted = true },
		  "everything is bounced, into the device's restricted pool, "
		  "which registers cannot be", NO_BOUNCE },
		{ "registers, in a confidential guest", VIA_MMIO, ATTR_MMIO, { .mask = ~0ull },
		"everything is bounced, as in confidential guests, which registers cannot be",
		  NO_BOUNCE },
		{ "registers, an IOMMU that lets it", VIA_MMIO, ATTR_MMIO, { .mask = MASK(32),
		  .domain = "identity", .iommus = 1, .parameters = "iommu=pt" }, REGISTERS, RAISE
		  "; else " PASSTHROUGH "; else " NO_BOUNCE },
		{ "memory above a mask", VIA_DIRECT, 0, { .mask = MASK(40) }, FOREIGN, RAISE
		  "; else " COPY },
		{ "memory above a bus", VIA_DIRECT, 0, { .arch = "aarch64",
		  .bus_limit = MASK(40) }, FOREIGN, CORRECT "; else " COPY },
		{ "memory, everything bounces", VIA_DIRECT, 0, { .forced = true }, FOREIGN,
		  UNFORCE "; else " COPY },
		{ "memory, an IOMMU that lets it", VIA_BYPASS, 0, { .mask = MASK(40),
		  .domain = "identity", .iommus = 1, .parameters = "iommu=pt" }, FOREIGN, RAISE
		  "; else " PASSTHROUGH "; else " COPY },
		{ "a device that is not known", VIA_DIRECT, 0, { .no_reach = true },
		  "refused before bouncing: no DMA mask, or memory of "
		  "another device that this one cannot reach", COPY },
	};
	static const struct failing unroutable = {
		"nothing between the two", VIA_IOMMU, 0, { .domain = "DMA", .iommus = 1 },
		"it is memory of another device, and nothing between the "
		  "two is known to carry it", "put both behind one PCIe switch, or " COPY };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		failing(&rows[i], -1, true);
	failing(&unroutable, -EREMOTEIO, true);
}

static void behind_an_iommu(void **state)
{
	static const struct failing seen_rows[] = {
		{ "an untrusted device without a pool", VIA_IOMMU, 0, { .domain = "DMA",
		  .iommus = 1, .no_pool = true },
		  "there is no swiotlb, and the device is not trusted: what "
		  "does not fill pages is bounced", "map whole pages" },
		{ "the same, noforce", VIA_IOMMU, 0, { .domain = "DMA", .iommus = 1,
		  .noforce = true }, "there is no swiotlb, and the device is not trusted: what "
		  "does not fill pages is bounced",
		  "map whole pages; else boot without swiotlb=noforce" },
		{ "nothing that was traced", VIA_IOMMU, 0, { .domain = "DMA", .iommus = 1 },
		"not known: nothing that was watched tells", "check the kernel log" },
		{ "registers", VIA_MMIO, ATTR_MMIO, { .domain = "DMA", .iommus = 1 },
		  "not known: nothing that was watched tells", "check the kernel log" },
	};
	static const struct failing unseen_rows[] = {
		{ "addresses that were not traced", VIA_IOMMU, 0, { .domain = "DMA", .iommus = 1 },
		"no I/O address was free below the mask",
		  "look with 'dmatrace live' for mappings that are never unmapped" },
		{ "the same without a pool", VIA_IOMMU, 0, { .domain = "DMA", .iommus = 1,
		  .no_pool = true }, "no I/O address was free below the mask, or an untrusted "
		  "device had no swiotlb",
		  "look with 'dmatrace live' for mappings that are never unmapped" },
		{ "registers", VIA_MMIO, ATTR_MMIO, { .domain = "DMA-FQ", .iommus = 1,
		  .mask = MASK(32) }, "no I/O address was free below the mask",
		  "look with 'dmatrace live' for mappings that are never unmapped" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(seen_rows); i++)
		failing(&seen_rows[i], -1, true);
	for (size_t i = 0; i < ARRAY_SIZE(unseen_rows); i++)
		failing(&unseen_rows[i], -1, false);
}

/* A mask can be given to what has a place for one. */
static void devices_without_a_mask(void **state)
{
	static const char *const remedies[][2] = {
		{ "pci", "let the driver call dma_set_mask_and_coherent()" },
		{ "platform", "let the driver call dma_set_mask_and_coherent()" },
		{ "amba", "let the driver call dma_set_mask_and_coherent()" },
		{ "auxiliary",
		  "map for the device that does the DMA, often the parent of this one" },
		{ "net", "map for the device that does the DMA, often the parent of this one" },
		{ "", "give the device a mask before it maps" },
	};
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(remedies); i++) {
		const struct world w = { .bus = remedies[i][0] };

		world_make(&m, &w);
		m.traced->reach.mask = 0;
		calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 5, 5);
		said(&m, w.bus, "map-failed", "the device has no DMA mask", remedies[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pools_are_enlarged_where_that_can_be),
		cmocka_unit_test(noforce_matters_to_pools_that_grow),
		cmocka_unit_test(without_a_pool),
		cmocka_unit_test(maps_that_must_be_coherent),
		cmocka_unit_test(registers_and_memory_of_others),
		cmocka_unit_test(behind_an_iommu),
		cmocka_unit_test(devices_without_a_mask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
