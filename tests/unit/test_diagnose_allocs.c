// SPDX-License-Identifier: GPL-2.0
/*
 * Why maps and allocations failed, and what this machine offers against it.
 */
#include "diagnosed.h"
#include "base/flags.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)
#define SLEEPS 0xcc0
#define ATOMIC 0x820

/* 5 GiB, and pieces of 4 MiB. */
static void machine(struct model *m)
{
	static const struct zone zones[] = {
		{ NULL, 16 * MIB, 15 * MIB, 4096 }, { NULL, 4 * GIB, 3 * GIB, GIB },
		{ NULL, 5 * GIB, GIB, GIB / 2 },
	};
	static const char *const names[] = { "DMA", "DMA32", "Normal" };
	struct inventory *inv = &m->inventory;

	inv->facts.memory_top = 5 * GIB;
	inv->facts.largest_block = 4 * MIB;
	inv->zones = calloc(3, sizeof(*inv->zones));
	inv->nzones = 3;
	for (int i = 0; i < 3; i++) {
		inv->zones[i] = zones[i];
		inv->zones[i].name = name_copy(names[i]);
	}
}

static void area(struct model *m, long long size)
{
	m->inventory.pools = calloc(1, sizeof(*m->inventory.pools));
	m->inventory.npools = 1;
	m->inventory.pools[0] = (struct pool){ strdup("cma"), strdup("reserved"), size, 0, -1 };
}

/* Three of ten calls fail. */
static struct failed *three_fail(struct model *m, enum dmt_op op, enum path path,
				 unsigned long long size)
{
	struct failed *one;

	calls(m, DEV, op, path, 10, 3);
	one = failed(m, DEV, op, 3);
	one->size = size;
	return one;
}

static struct failed *alloc(struct model *m, unsigned long long size, unsigned long long gfp)
{
	struct failed *one = three_fail(m, DMT_OP_ALLOC, VIA_UNKNOWN, size);

	one->gfp = gfp;
	return one;
}

static void expect_words(struct model *m, const char *id, const char *evidence, const char *cause,
			 const char *remedy)
{
	struct findings f;

	expect(m, &f, id);
	contains(f.list->evidence, "3 of 10 ");
	contains(f.list->evidence, evidence);
	contains(f.list->cause, cause);
	contains(f.list->remedy, remedy);
	if (strstr(cause, "CMA"))
		assert_null(strstr(f.list->remedy, "cma="));
	findings_release(&f);
}

static void expect_alloc(struct model *m, const char *evidence, const char *cause,
			 const char *remedy)
{
	expect_words(m, "alloc-failed", evidence, cause, remedy);
}

/* With and without what may be set aside: nothing is advised that the kernel does not have. */
static void sizes_above_the_largest_piece(void **state)
{
	struct model m;

	(void)state;
	begin(&m);
	machine(&m);
	seen(&m, NULL);
	lacking(&m, DMT_HOOK_IN_CMA);
	off(&m, DMT_HOOK_CMA, false);
	alloc(&m, 8 * MIB, SLEEPS);
	expect_alloc(&m, "8.0MiB asked for, may sleep; coherent mask of 64 bits",
		     "pieces of up to 4.0MiB, and this kernel has no contiguous memory allocator "
		     "(CMA)", "in pieces of at most 4.0MiB");
	begin(&m);
	machine(&m);
	seen(&m, NULL);
	alloc(&m, 8 * MIB, SLEEPS);
	expect_alloc(&m, "8.0MiB", "no contiguous memory is set aside", "with cma=SIZE");
	begin(&m);
	machine(&m);
	seen(&m, NULL);
	area(&m, 64 * MIB);
	alloc(&m, 65 * MIB, SLEEPS);
	expect_alloc(&m, "65.0MiB", "more than all contiguous memory, 64.0MiB", "cma=SIZE");
	begin(&m);
	machine(&m);
	seen(&m, NULL);
	area(&m, 64 * MIB);
	alloc(&m, 8 * MIB, SLEEPS);
	expect_alloc(&m, "8.0MiB", "of 64.0MiB contiguous memory no piece", "cma=SIZE");
	begin(&m);
	machine(&m);
	seen(&m, NULL);
	area(&m, 64 * MIB);
	alloc(&m, 8 * MIB, ATOMIC);
	expect_alloc(&m, "8.0MiB asked for, must not sleep", "for callers that may sleep",
		     "GFP_KERNEL, or in pieces of at most 4.0MiB");
}

static void masks_leave_zones(void **state)
{
	struct model m;

	(void)state;
	begin(&m);
	machine(&m);
	seen(&m, NULL)->coherent_mask = 0xffffff;
	alloc(&m, 65536, SLEEPS);
	expect_alloc(&m, "coherent mask of 24 bits; zone DMA has 15.0MiB, 4.0KiB free at the end",
		     "below the coherent mask had no such piece left, zone DMA",
		     "raise the coherent mask");
	begin(&m);
	machine(&m);
	seen(&m, NULL)->coherent_mask = 0xffffffff;
	alloc(&m, 4 * MIB, SLEEPS);
	expect_alloc(&m, "32 bits; zone DMA32 has 3.0GiB, 1.0GiB free", "zone DMA32", "raise");
	/* the bus carries less than the mask says */
	begin(&m);
	machine(&m);
	seen(&m, NULL)->bus_limit = 0x3fffffff;
	alloc(&m, 65536, SLEEPS);
	expect_alloc(&m, "zone DMA has", "below the limit of its bus", "correct dma-ranges");
	begin(&m);
	machine(&m);
	seen(&m, NULL)->coherent_mask = 0;
	alloc(&m, 65536, SLEEPS);
	expect_alloc(&m, "64.0KiB", "no coherent DMA mask", "dma_set_coherent_mask()");
}

static void pieces_and_pages(void **state)
{
	struct model m;

	(void)state;
	begin(&m);
	machine(&m);
	seen(&m, NULL);
	lacking(&m, DMT_HOOK_IN_CMA);
	off(&m, DMT_HOOK_CMA, false);
	alloc(&m, MIB, SLEEPS)->attrs = 1 << 8;
	expect_alloc(&m, "1.0MiB asked for, may sleep, with DMA_ATTR_NO_WARN",
		     "used up, or fragmented", "at probe time, and in smaller pieces");
	begin(&m);
	machine(&m);
	seen(&m, "identity");
	alloc(&m, MIB, ATOMIC);
	expect_alloc(&m, "must not sleep", "must not sleep, and no piece", "GFP_KERNEL");
	/* translated: what matters is that there is memory */
	begin(&m);
	machine(&m);
	seen(&m, "DMA-FQ")->coherent_mask = 0xffffffff;
	alloc(&m, 8 * MIB, SLEEPS);
	expect_alloc(&m, "8.0MiB", "any pages would have done", "allocate less");
	begin(&m);
	machine(&m);
	seen(&m, "DMA");
	alloc(&m, 8 * MIB, SLEEPS)->attrs = ATTR_FORCE_CONTIGUOUS;
	expect_alloc(&m, "DMA_ATTR_FORCE_CONTIGUOUS", "pieces of up to 4.0MiB", "cma=SIZE");
	/* 5.10 on amd64 cannot map pages anew */
	begin(&m);
	machine(&m);
	seen(&m, "DMA");
	lacking(&m, DMT_HOOK_IN_PAGES_REMAP);
	off(&m, DMT_HOOK_REMAP_PAGES, false);
	alloc(&m, 8 * MIB, SLEEPS);
	expect_alloc(&m, "8.0MiB", "pieces of up to 4.0MiB", "cma=SIZE");
}

static void pools_of_their_own(void **state)
{
	struct failed *one;
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	machine(&m);
	seen(&m, NULL)->restricted = true;
	alloc(&m, 65536, SLEEPS);
	expect_alloc(&m, "64.0KiB", "restricted pool", "restricted-dma-pool in the device tree");
	begin(&m);
	machine(&m);
	seen(&m, NULL);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_DEV_POOL, 10, 3);
	failed(&m, DEV, DMT_OP_ALLOC, 3)->size = 65536;
	expect_alloc(&m, "64.0KiB", "pool of its own", "reserved memory in the device tree");
	/* what the atomic pool did not have is its finding, and what else failed another */
	begin(&m);
	machine(&m);
	seen(&m, NULL)->caches = CACHES_NOT_COHERENT;
	calls(&m, DEV, DMT_OP_ALLOC, VIA_ATOMIC_POOL, 10, 5);
	one = failed(&m, DEV, DMT_OP_ALLOC, 5);
	one->size = 4096;
	one->gfp = ATOMIC;
	calls(&m, DEV, DMT_OP_ALLOC, VIA_UNKNOWN, 2, 2);
	one = failed(&m, DEV, DMT_OP_ALLOC, 2);
	one->size = 8 * MIB;
	one->gfp = SLEEPS;
	expect(&m, &f, "atomic-pool-exhausted alloc-failed");
	contains(f.list[1].evidence, "2 of 12 allocations failed; 8.0MiB asked for");
	findings_release(&f);
	/* nothing is known: nothing is made up */
	begin(&m);
	alloc(&m, 65536, 0);
	expect_alloc(&m, "64.0KiB asked for", "of the kind and size", "smaller pieces");
}

static struct failed *map(struct model *m, enum path path, unsigned long long attrs)
{
	struct failed *one = three_fail(m, DMT_OP_MAP, path, 4096);

	one->attrs = attrs;
	return one;
}

static void expect_map(struct model *m, const char *evidence, const char *cause,
		       const char *remedy)
{
	expect_words(m, "map-failed", evidence, cause, remedy);
}

/* What the caller forbade, and what of the machine made it matter. */
static void coherent_or_not_at_all(void **state)
{
	struct model m;

	(void)state;
	begin(&m);
	machine(&m);
	seen(&m, NULL)->mask = 0xfffffff;
	map(&m, VIA_DIRECT, ATTR_REQUIRE_COHERENT | 1 << 8);
	expect_map(&m, "4.0KiB asked for, with DMA_ATTR_NO_WARN, DMA_ATTR_REQUIRE_COHERENT; the "
		   "mask has 28 bits", "would have been bounced: it ends above what the device",
		   "memory below the mask");
	begin(&m);
	seen(&m, NULL)->caches = CACHES_NOT_COHERENT;
	map(&m, VIA_DIRECT, ATTR_REQUIRE_COHERENT);
	expect_map(&m, "64 bits", "the device is not cache-coherent", "and sync");
	begin(&m);
	seen(&m, NULL)->restricted = true;
	map(&m, VIA_DIRECT, ATTR_REQUIRE_COHERENT);
	expect_map(&m, "64 bits", "into its restricted pool", "without DMA_ATTR");
	begin(&m);
	seen(&m, "identity");
	m.inventory.facts.bounce_forced = true;
	map(&m, VIA_BYPASS, ATTR_REQUIRE_COHERENT);
	expect_map(&m, "64 bits", "swiotlb=force has every buffer bounced",
		   "boot without swiotlb=force");
	begin(&m);
	seen(&m, "DMA-FQ");
	map(&m, VIA_IOMMU, ATTR_REQUIRE_COHERENT);
	expect_map(&m, "64 bits", "not trusted", "map whole pages");
}

static void other_maps_that_fail(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	seen(&m, NULL)->mask = 0;
	map(&m, VIA_DIRECT, 0);
	expect_map(&m, "4.0KiB asked for", "no DMA mask", "dma_set_mask_and_coherent()");
	begin(&m);
	seen(&m, NULL)->mask = 0xffffffff;
	map(&m, VIA_DIRECT, 0);
	expect_map(&m, "32 bits", "memory of another device", "raise the mask");
	begin(&m);
	seen(&m, NULL)->mask = 0xffffffff;
	map(&m, VIA_MMIO, ATTR_MMIO);
	expect_map(&m, "with DMA_ATTR_MMIO", "registers of another one", "cannot be bounced");
	begin(&m);
	seen(&m, NULL);
	m.inventory.facts.bounce_forced = true;
	map(&m, VIA_MMIO, ATTR_MMIO);
	expect_map(&m, "with DMA_ATTR_MMIO", "swiotlb=force has everything bounced", "");
	begin(&m);
	seen(&m, "DMA");
	map(&m, VIA_IOMMU, 0)->value = -EREMOTEIO;
	expect_map(&m, "64 bits", "memory of another device, and nothing between the two",
		   "behind one PCIe switch");
	/* two causes are two findings */
	begin(&m);
	seen(&m, NULL)->mask = 0xffffffff;
	map(&m, VIA_DIRECT, ATTR_REQUIRE_COHERENT);
	map(&m, VIA_DIRECT, 0);
	expect(&m, &f, "map-failed map-failed");
	contains(f.list[0].cause, "DMA_ATTR_REQUIRE_COHERENT");
	contains(f.list[1].cause, "memory of another device");
	contains(f.list[1].evidence, "3 of 20 maps failed");
	findings_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_above_the_largest_piece),
		cmocka_unit_test(masks_leave_zones),
		cmocka_unit_test(pieces_and_pages),
		cmocka_unit_test(pools_of_their_own),
		cmocka_unit_test(coherent_or_not_at_all),
		cmocka_unit_test(other_maps_that_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
