// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that was not to be had: sizes above each limit, who may sleep, what the IOMMU does, and
 * which contiguous memory there is.  A row is a combination of facts.
 */
#include "base/flags.h"
#include "base/list.h"
#include "world.h"

#define SLEEPS 0xcc0
#define ATOMIC 0x820

#define NO_CMA "the page allocator has pieces of up to 4.0MiB, and this kernel has no contiguous memory allocator (CMA)"
#define NO_AREA "the page allocator has pieces of up to 4.0MiB, and no contiguous memory is set aside"
#define PIECES "allocate in pieces of at most 4.0MiB"
#define PASSTHROUGH "; else let the IOMMU translate for it: boot without iommu=pt"
#define ASIDE "; else set contiguous memory aside with cma=SIZE"
#define MORE "; else set more aside with cma=SIZE"
#define NO_PIECE "no piece of memory of that size was free: it was used up, or fragmented"
#define FULL "of 64.0MiB contiguous memory no piece of that size was free, or none that the device reaches"
#define EARLY "allocate at probe time, and in smaller pieces"
#define KEEP "allocate at probe time, and keep it"
#define RAISE "raise the coherent mask if the hardware reaches further"
#define CORRECT "correct dma-ranges in the device tree, or _DMA in ACPI, if the bus carries more"

struct row {
	const char *what;
	enum dmt_op op;
	unsigned long long size, gfp, attrs;
	struct world w;
	const char *cause, *remedy;
};

static void expect_row(struct model *m, const struct row *row)
{
	struct failed *one;

	calls(m, DEV, row->op, VIA_UNKNOWN, 5, 5);
	one = failed(m, DEV, row->op, 5);
	one->size = row->size;
	one->gfp = row->gfp;
	one->attrs = row->attrs;
	said(m, row->what, "alloc-failed", row->cause, row->remedy);
}

static void expect_rows(const struct row *rows, size_t count)
{
	struct model m;

	for (size_t i = 0; i < count; i++) {
		world_make(&m, &rows[i].w);
		expect_row(&m, &rows[i]);
	}
}

#define ALLOC DMT_OP_ALLOC
#define PAGES DMT_OP_ALLOC_PAGES

static void larger_than_a_piece(void **state)
{
	static const struct row rows[] = {
		{ "no CMA", ALLOC, 8 * MIB, SLEEPS, 0, { .no_cma = true }, NO_CMA, PIECES },
		{ "no CMA, must not sleep", ALLOC, 8 * MIB, ATOMIC, 0, { .no_cma = true },
		NO_CMA, PIECES },
		{ "no CMA, an IOMMU that lets it", ALLOC, 8 * MIB, SLEEPS, 0, { .no_cma = true,
		  .domain = "identity", .iommus = 1, .parameters = "iommu=pt" }, NO_CMA, PIECES
		  PASSTHROUGH },
		{ "no CMA, no IOMMU for it", ALLOC, 8 * MIB, SLEEPS, 0, { .no_cma = true,
		  .iommus = 1 }, NO_CMA, PIECES },
		{ "no CMA, the IOMMU translates, must not sleep", ALLOC, 8 * MIB, ATOMIC, 0,
		  { .no_cma = true, .domain = "DMA", .iommus = 1 }, NO_CMA, PIECES
		  "; else allocate with GFP_KERNEL" },
		{ "no CMA, the IOMMU translates, in one piece", ALLOC, 8 * MIB, SLEEPS,
		  ATTR_FORCE_CONTIGUOUS, { .no_cma = true, .domain = "DMA", .iommus = 1 },
		NO_CMA, PIECES "; else allocate without DMA_ATTR_FORCE_CONTIGUOUS" },
		{ "no CMA, the IOMMU translates, pages", PAGES, 8 * MIB, SLEEPS, 0,
		  { .no_cma = true, .domain = "DMA", .iommus = 1 }, NO_CMA, PIECES
		  "; else allocate with dma_alloc_coherent(), of which the "
		  "IOMMU makes one piece" },
		{ "no area", ALLOC, 8 * MIB, SLEEPS, 0, { .mask = ~0ull }, NO_AREA, PIECES
		  ASIDE },
		{ "no area, must not sleep", ALLOC, 8 * MIB, ATOMIC, 0, { .mask = ~0ull },
		NO_AREA, PIECES ASIDE ", and allocate with GFP_KERNEL" },
		{ "no area, an IOMMU that lets it", ALLOC, 8 * MIB, SLEEPS, 0,
		  { .domain = "identity", .iommus = 1, .parameters = "iommu=pt" }, NO_AREA, PIECES
		  ASIDE PASSTHROUGH },
		{ "an area that is smaller", ALLOC, 65 * MIB, SLEEPS, 0, { .area = 64 * MIB },
		"it is more than all contiguous memory, 64.0MiB", "allocate less at once" MORE },
		{ "an area of the device tree's that is smaller", ALLOC, 65 * MIB, SLEEPS, 0,
		  { .arch = "aarch64", .area = 64 * MIB, .area_name = "camera@60000000" },
		"it is more than all contiguous memory, 64.0MiB", "allocate less at once" },
		{ "an area that is full", ALLOC, 8 * MIB, SLEEPS, 0, { .area = 64 * MIB },
		FULL, "allocate early and in smaller pieces" MORE },
		{ "an area that is full, an IOMMU that lets it", ALLOC, 8 * MIB, SLEEPS, 0,
		  { .area = 64 * MIB, .domain = "identity", .iommus = 1,
		    .parameters = "iommu=pt" }, FULL, "allocate early and in smaller pieces" MORE
		  PASSTHROUGH },
		{ "an area, must not sleep", ALLOC, 8 * MIB, ATOMIC, 0, { .area = 64 * MIB },
		"contiguous memory is for callers that may sleep, and the "
		  "page allocator has pieces of up to 4.0MiB",
		  "allocate with GFP_KERNEL, or in pieces of at most 4.0MiB" },
		{ "the IOMMU translates", ALLOC, 8 * MIB, SLEEPS, 0, { .domain = "DMA",
		  .iommus = 1 }, "memory was short: behind the IOMMU any pages would have "
		  "done", "look for who takes the memory, and allocate less" },
	};

	(void)state;
	expect_rows(rows, ARRAY_SIZE(rows));
}

static void of_the_size_of_a_piece(void **state)
{
	static const struct row rows[] = {
		{ "fragmented, no CMA", ALLOC, MIB, SLEEPS, 0, { .no_cma = true }, NO_PIECE,
		  EARLY },
		{ "fragmented, no area", ALLOC, MIB, SLEEPS, 0, { .mask = ~0ull }, NO_PIECE, EARLY
		  ASIDE },
		{ "fragmented, an area", ALLOC, MIB, SLEEPS, 0, { .area = 64 * MIB }, NO_PIECE,
		  EARLY "; else set more contiguous memory aside with cma=SIZE" },
		{ "fragmented, an area of a device", ALLOC, MIB, SLEEPS, 0, { .arch = "aarch64",
		  .area = 64 * MIB, .area_name = "camera@60000000" }, NO_PIECE, EARLY },
		{ "fragmented, an IOMMU that lets it", ALLOC, MIB, SLEEPS, 0, { .no_cma = true,
		  .domain = "identity", .iommus = 1, .parameters = "iommu=pt" }, NO_PIECE, EARLY
		  PASSTHROUGH },
		{ "a page", ALLOC, 4096, SLEEPS, 0, { .mask = ~0ull },
		  "memory was short: any page would have done",
		  "look for who takes the memory, and allocate at probe time" },
		{ "must not sleep", ALLOC, MIB, ATOMIC, 0, { .mask = ~0ull },
		  "the caller must not sleep, and no piece of that size was free right then",
		  "allocate with GFP_KERNEL, or at probe time" },
		{ "a restricted pool", ALLOC, MIB, SLEEPS, 0, { .arch = "aarch64",
		  .restricted = true }, "the device gets memory from its restricted pool only, "
		  "which had no such piece",
		  "enlarge its restricted-dma-pool in the device tree" },
		{ "a restricted pool, noforce, pools that grow", ALLOC, MIB, SLEEPS, 0,
		  { .arch = "aarch64", .restricted = true, .noforce = true, .grows = true },
		"the device gets memory from its restricted pool only, "
		  "which had no such piece",
		  "boot without swiotlb=noforce, under which a kernel with "
		  "SWIOTLB_DYNAMIC finds slots in no pool; else enlarge its "
		  "restricted-dma-pool in the device tree" },
		{ "a device that is not known", ALLOC, MIB, SLEEPS, 0, { .no_reach = true },
		"the kernel had no memory of the kind and size the device needs",
		  "allocate early and in smaller pieces" },
	};

	(void)state;
	expect_rows(rows, ARRAY_SIZE(rows));
}

static void below_the_end_of_the_reach(void **state)
{
	static const struct row rows[] = {
		{ "a mask", ALLOC, MIB, SLEEPS, 0, { .coherent = MASK(32) },
		  "the memory below the coherent mask had no such piece left, zone DMA32",
		  RAISE "; else " KEEP },
		{ "a mask below all zones", ALLOC, MIB, SLEEPS, 0, { .coherent = MASK(20) },
		"the memory below the coherent mask had no such piece left, zone DMA", RAISE
		  "; else " KEEP },
		{ "a mask, an IOMMU that lets it", ALLOC, MIB, SLEEPS, 0, { .coherent = MASK(32),
		  .domain = "identity", .iommus = 1, .parameters = "iommu=pt" },
		  "the memory below the coherent mask had no such piece left, zone DMA32",
		  RAISE "; else " KEEP PASSTHROUGH },
		{ "a bus, arm64", ALLOC, MIB, SLEEPS, 0, { .arch = "aarch64",
		  .bus_limit = MASK(32) },
		  "the memory below the limit of its bus had no such piece left, zone DMA32",
		  CORRECT "; else " KEEP },
		{ "a bus that ends at the mask", ALLOC, MIB, SLEEPS, 0, { .arch = "aarch64",
		  .coherent = MASK(32), .bus_limit = MASK(32) },
		  "the memory below the coherent mask, which is the limit of "
		  "its bus as well, had no such piece left, zone DMA32", CORRECT
		  ", and raise the mask; else " KEEP },
		{ "a bus, x86", ALLOC, MIB, SLEEPS, 0, { .bus_limit = MASK(32) },
		  "the memory below the limit of its bus had no such piece left, zone DMA32",
		  "boot with iommu=usedac if the bridge above it carries more; else " KEEP },
		{ "a streaming mask", ALLOC, MIB, SLEEPS, 0, { .mask = MASK(32), .no_cma = true },
		NO_PIECE, EARLY },
	};

	(void)state;
	expect_rows(rows, ARRAY_SIZE(rows));
}

/* What cma_alloc() tells is told by another hook, or by none. */
static void whether_there_is_cma_may_not_be_known(void **state)
{
	static const struct row seen = { "seen as another operation", ALLOC, 8 * MIB, SLEEPS, 0,
		{ .mask = ~0ull }, NO_AREA, PIECES ASIDE };
	static const struct row unseen = { "not seen", ALLOC, 8 * MIB, SLEEPS, 0,
		{ .mask = ~0ull }, NO_AREA, PIECES };
	struct model m;

	(void)state;
	world_make(&m, &seen.w);
	lacking(&m, DMT_HOOK_IN_CMA);
	expect_row(&m, &seen);
	world_make(&m, &unseen.w);
	off(&m, DMT_HOOK_IN_CMA, false);
	off(&m, DMT_HOOK_CMA, false);
	expect_row(&m, &unseen);
}

static void kernels_that_cannot_remap(void **state)
{
	static const struct row rows[] = {
		{ "sleeps", ALLOC, 8 * MIB, SLEEPS, 0, { .no_cma = true, .domain = "DMA",
		  .iommus = 1 }, NO_CMA, PIECES },
		{ "must not sleep", ALLOC, 8 * MIB, ATOMIC, 0, { .no_cma = true, .domain = "DMA",
		  .iommus = 1 }, NO_CMA, PIECES },
		{ "pages", PAGES, 8 * MIB, SLEEPS, 0, { .no_cma = true, .domain = "DMA",
		  .iommus = 1 }, NO_CMA, PIECES },
	};
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		world_make(&m, &rows[i].w);
		lacking(&m, DMT_HOOK_IN_PAGES_REMAP);
		off(&m, DMT_HOOK_REMAP_PAGES, false);
		expect_row(&m, &rows[i]);
	}
}

static void masks_and_pools_of_the_device(void **state)
{
	static const struct row arm64 = { "arm64", ALLOC, MIB, SLEEPS, 0, { .arch = "aarch64" },
					"the device has a pool of its own, which had no room",
		  "allocate less; else enlarge its reserved memory in the "
		  "device tree, if the pool is from there" };
	static const struct row x86 = { "x86", ALLOC, MIB, SLEEPS, 0, { .mask = ~0ull },
					"the device has a pool of its own, which had no room",
		  "allocate less" };
	const struct row *const pools[] = { &arm64, &x86 };
	static const struct row maskless = { "no coherent mask", ALLOC, MIB, SLEEPS, 0,
		{ .bus = "platform" }, "the device has no coherent DMA mask",
		  "let the driver call dma_set_coherent_mask()" };
	struct model m;

	(void)state;
	for (int i = 0; i < 2; i++) {
		world_make(&m, &pools[i]->w);
		calls(&m, DEV, DMT_OP_ALLOC, VIA_DEV_POOL, 5, 5);
		failed(&m, DEV, DMT_OP_ALLOC, 5)->size = MIB;
		said(&m, pools[i]->what, "alloc-failed", pools[i]->cause, pools[i]->remedy);
	}
	world_make(&m, &maskless.w);
	m.traced->reach.coherent_mask = 0;
	expect_row(&m, &maskless);
}

struct pool_row {
	const char *what;
	struct world w;
	const char *cause, *remedy;
};

static void atomic_pools(void **state)
{
	static const struct pool_row rows[] = {
		{ "smaller than a piece", { .arch = "aarch64", .atomic = MIB },
		  "the caller must not sleep, and the atomic pool had nothing that fits",
		  "allocate with GFP_KERNEL, or at probe time; else enlarge "
		  "the pool with coherent_pool=SIZE" },
		{ "as large as a piece", { .arch = "aarch64", .atomic = 4 * MIB },
		  "the caller must not sleep, and the atomic pool had nothing that fits",
		  "allocate with GFP_KERNEL, or at probe time" },
		{ "of a size that is not known", { .arch = "aarch64" },
		  "the caller must not sleep, and the atomic pool had nothing that fits",
		  "allocate with GFP_KERNEL, or at probe time" },
	};
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		world_make(&m, &rows[i].w);
		calls(&m, DEV, DMT_OP_ALLOC, VIA_ATOMIC_POOL, 5, 5);
		said(&m, rows[i].what, "atomic-pool-exhausted", rows[i].cause, rows[i].remedy);
	}
}

static void areas_that_were_full(void **state)
{
	static const struct pool_row rows[] = {
		{ "that of all", { .area = 64 * MIB },
		  "the contiguous memory area had no free range of that size",
		  "allocate at probe time, or in smaller pieces; else "
		  "enlarge the area with cma=SIZE" },
		{ "their sum", { .area = 64 * MIB, .area_name = "all" },
		  "the contiguous memory area had no free range of that size",
		  "allocate at probe time, or in smaller pieces; else "
		  "enlarge the area with cma=SIZE" },
		{ "the device tree's for all", { .area = 64 * MIB, .area_name = "linux,cma" },
		"the contiguous memory area had no free range of that size",
		  "allocate at probe time, or in smaller pieces; else "
		  "enlarge the area with cma=SIZE" },
		{ "a node's", { .area = 64 * MIB, .area_name = "pernuma0" },
		  "the contiguous memory area had no free range of that size",
		  "allocate at probe time, or in smaller pieces; else "
		  "enlarge the area with cma=SIZE" },
		{ "a device's", { .arch = "aarch64", .area = 64 * MIB,
		  .area_name = "camera@60000000" },
		  "the contiguous memory area had no free range of that size",
		  "allocate at probe time, or in smaller pieces" },
	};
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		world_make(&m, &rows[i].w);
		calls(&m, DEV, DMT_OP_ALLOC, VIA_DIRECT_PAGES, 5, 0)->fell_back = 5;
		said(&m, rows[i].what, "cma-fallback", rows[i].cause, rows[i].remedy);
	}
	/* that of all, and one which may be the device's own */
	world_make(&m, &rows[0].w);
	world_pool(&m, "cma", "camera@60000000", MIB, false);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_DIRECT_PAGES, 5, 0)->fell_back = 5;
	said(&m, "both", "cma-fallback", rows[4].cause, rows[4].remedy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(larger_than_a_piece),
		cmocka_unit_test(of_the_size_of_a_piece),
		cmocka_unit_test(below_the_end_of_the_reach),
		cmocka_unit_test(whether_there_is_cma_may_not_be_known),
		cmocka_unit_test(kernels_that_cannot_remap),
		cmocka_unit_test(masks_and_pools_of_the_device),
		cmocka_unit_test(atomic_pools),
		cmocka_unit_test(areas_that_were_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
