// SPDX-License-Identifier: GPL-2.0
/*
 * Paths and reasons from what was noted of a call, above all those no kernel at hand can be made to
 * take: restricted and global pools, Xen, encrypted guests, buses with a limit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/list.h"
#include "model/classify.h"

static const struct circumstances all_seen = { .bounces_seen = true, .pools_seen = true };

/* A device of each kind, as BPF describes it. */
static const struct dmt_device
	direct = { .flags = DMT_DEVICE_IOMMU_KNOWN, .mask = ~0u },
	old_direct = { .mask = ~0u },
	iommu = { .flags = DMT_DEVICE_IOMMU_KNOWN | DMT_DEVICE_IOMMU_FLAG | DMT_DEVICE_DOMAIN,
		  .domain_type = 11 },
	old_iommu = { .flags = DMT_DEVICE_OPS | DMT_DEVICE_DOMAIN, .domain_type = 3 },
	identity = { .flags = DMT_DEVICE_IOMMU_KNOWN | DMT_DEVICE_DOMAIN, .domain_type = 4 },
	own_ops = { .flags = DMT_DEVICE_IOMMU_KNOWN | DMT_DEVICE_OPS };

static enum path path(enum dmt_hook hook, unsigned notes, const struct dmt_device *device)
{
	return path_of(hook, notes | DMT_NOTE_PAIRED, device, &all_seen);
}

static void mappings(void **state)
{
	(void)state;
	assert_int_equal(path(DMT_HOOK_MAP, 0, &direct), VIA_DIRECT);
	assert_int_equal(path(DMT_HOOK_MAP, 0, &old_direct), VIA_DIRECT);
	assert_int_equal(path(DMT_HOOK_MAP_SG, DMT_NOTE_BOUNCED, &direct), VIA_BOUNCE);
	assert_int_equal(path(DMT_HOOK_MAP, DMT_NOTE_UNBOUNCED, &direct), VIA_BOUNCE);
	assert_int_equal(path(DMT_HOOK_MAP, 0, &iommu), VIA_IOMMU);
	assert_int_equal(path(DMT_HOOK_IOVA_LINK, 0, &iommu), VIA_IOMMU);
	assert_int_equal(path(DMT_HOOK_MAP, 0, &old_iommu), VIA_IOMMU);
	assert_int_equal(path(DMT_HOOK_MAP, DMT_NOTE_BOUNCED, &old_iommu), VIA_IOMMU_BOUNCE);
	assert_int_equal(path(DMT_HOOK_MAP, 0, &identity), VIA_BYPASS);
	assert_int_equal(path(DMT_HOOK_MAP, DMT_NOTE_BOUNCED, &identity), VIA_BOUNCE);
	assert_int_equal(path(DMT_HOOK_MAP, 0, &own_ops), VIA_DRIVER_OPS);
	assert_int_equal(path(DMT_HOOK_MAP_RESOURCE, 0, &iommu), VIA_MMIO);
	assert_int_equal(path(DMT_HOOK_UNMAP, 0, &direct), VIA_NONE);
	assert_int_equal(path(DMT_HOOK_BOUNCE, 0, &direct), VIA_NONE);
}

/* Of memory of another device, in front of an IOMMU or not. */
static void memory_of_another_device(void **state)
{
	static const struct dmt_device *const devices[] = { &direct, &identity, &iommu };
	const unsigned p2p = DMT_NOTE_PAIRED | DMT_NOTE_P2P;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		assert_int_equal(path(DMT_HOOK_MAP_SG, p2p | DMT_NOTE_P2P_BUS, devices[i]),
				 VIA_P2P_BUS);
		assert_int_equal(path(DMT_HOOK_MAP_SG, p2p | DMT_NOTE_P2P_HOST, devices[i]),
				 VIA_P2P_HOST);
		assert_int_equal(path(DMT_HOOK_MAP_SG, p2p, devices[i]), VIA_UNKNOWN);
	}
}

static void allocations(void **state)
{
	static const struct {
		unsigned notes;
		enum path direct, iommu;
	} cases[] = {
		{ 0, VIA_DIRECT_PAGES, VIA_IOMMU_CONTIGUOUS },
		{ DMT_NOTE_CMA, VIA_DIRECT_CMA, VIA_IOMMU_CONTIGUOUS },
		{ DMT_NOTE_REMAP, VIA_DIRECT_REMAP, VIA_IOMMU_CONTIGUOUS },
		{ DMT_NOTE_REMAP | DMT_NOTE_CMA, VIA_DIRECT_CMA_REMAP, VIA_IOMMU_CONTIGUOUS },
		{ DMT_NOTE_PAGES_REMAP, VIA_UNKNOWN, VIA_IOMMU_REMAP },
		{ DMT_NOTE_ATOMIC_POOL, VIA_ATOMIC_POOL, VIA_IOMMU_POOL },
		{ DMT_NOTE_POOL_EMPTY | DMT_NOTE_FAILED, VIA_ATOMIC_POOL, VIA_IOMMU_POOL },
		{ DMT_NOTE_FAILED, VIA_UNKNOWN, VIA_UNKNOWN },
		{ DMT_NOTE_DEV_POOL, VIA_DEV_POOL, VIA_DEV_POOL },
		{ DMT_NOTE_DEV_POOL | DMT_NOTE_FAILED, VIA_DEV_POOL, VIA_DEV_POOL },
		{ DMT_NOTE_GLOBAL_POOL, VIA_GLOBAL_POOL, VIA_GLOBAL_POOL },
		{ DMT_NOTE_RESTRICTED_POOL, VIA_RESTRICTED_POOL, VIA_RESTRICTED_POOL },
		{ DMT_NOTE_RESTRICTED_POOL | DMT_NOTE_FAILED, VIA_RESTRICTED_POOL,
		  VIA_RESTRICTED_POOL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(path(DMT_HOOK_ALLOC, cases[i].notes, &direct), cases[i].direct);
		assert_int_equal(path(DMT_HOOK_ALLOC, cases[i].notes, &identity), cases[i].direct);
		assert_int_equal(path(DMT_HOOK_ALLOC, cases[i].notes, &iommu), cases[i].iommu);
		assert_int_equal(path(DMT_HOOK_ALLOC, cases[i].notes, &old_iommu), cases[i].iommu);
	}
	assert_int_equal(path(DMT_HOOK_ALLOC_NONCONTIGUOUS, 0, &iommu), VIA_IOMMU_NONCONTIGUOUS);
	assert_int_equal(path(DMT_HOOK_ALLOC_NONCONTIGUOUS, 0, &direct), VIA_DIRECT_PAGES);
	assert_int_equal(path(DMT_HOOK_ALLOC, 0, &own_ops), VIA_DRIVER_OPS);
	assert_int_equal(path(DMT_HOOK_ALLOC, DMT_NOTE_DEV_POOL, &own_ops), VIA_DEV_POOL);
	assert_int_equal(path(DMT_HOOK_FREE, 0, &direct), VIA_NONE);
}

/* Symbols as 5.10 to 7.x have them; NULL: this kernel names no data, or nothing at all. */
static void who_maps(void **state)
{
	const struct dmt_device restricted = { .flags = DMT_DEVICE_RESTRICTED };
	const struct dmt_device subdomain = { .flags = DMT_DEVICE_DOMAIN, .domain_type = 64 };

	(void)state;
	assert_string_equal(device_mapper(&direct, NULL, false), "direct");
	assert_string_equal(device_mapper(&old_direct, NULL, false), "direct");
	assert_null(device_mapper(&direct, NULL, true));
	assert_string_equal(device_mapper(&iommu, NULL, true), "iommu-dma");
	assert_string_equal(device_mapper(&old_iommu, "iommu_dma_ops", false), "iommu-dma");
	assert_string_equal(device_mapper(&old_iommu, "iommu_dma_map_page", false), "iommu-dma");
	assert_string_equal(device_mapper(&old_iommu, "intel_dma_ops", false), "intel_dma_ops");
	assert_string_equal(device_mapper(&own_ops, "xen_swiotlb_dma_ops", true),
			    "xen_swiotlb_dma_ops");
	assert_null(device_mapper(&own_ops, NULL, false));
	assert_string_equal(device_mapper(&identity, NULL, false), "passthrough");
	assert_string_equal(device_mapper(&restricted, NULL, false), "restricted");
	assert_null(device_domain_name(&direct));
	assert_null(device_domain_name(&subdomain));
	assert_string_equal(device_domain_name(&identity), "identity");
	assert_string_equal(device_domain_name(&iommu), "DMA-FQ");
	assert_string_equal(device_domain_name(&old_iommu), "DMA");
}

static void contiguous_memory_may_be_full(void **state)
{
	(void)state;
	assert_true(cma_fell_back(DMT_HOOK_ALLOC, DMT_NOTE_CMA_FULL));
	assert_true(cma_fell_back(DMT_HOOK_ALLOC_PAGES, DMT_NOTE_CMA_FULL | DMT_NOTE_REMAP));
	assert_false(cma_fell_back(DMT_HOOK_ALLOC, 0));
	/* the area of one node was full, that of all was not */
	assert_false(cma_fell_back(DMT_HOOK_ALLOC, DMT_NOTE_CMA_FULL | DMT_NOTE_CMA));
	assert_false(cma_fell_back(DMT_HOOK_ALLOC, DMT_NOTE_CMA_FULL | DMT_NOTE_FAILED));
	/* the call inside another is counted once */
	assert_false(cma_fell_back(DMT_HOOK_IOMMU_ALLOC, DMT_NOTE_CMA_FULL));
	assert_int_equal(path(DMT_HOOK_ALLOC, DMT_NOTE_CMA_FULL, &direct), VIA_DIRECT_PAGES);
}

/* What was not seen is not guessed. */
static void unknown_paths(void **state)
{
	const struct circumstances blind = { 0 };

	(void)state;
	assert_int_equal(path_of(DMT_HOOK_MAP, 0, &direct, &all_seen), VIA_UNKNOWN);
	assert_int_equal(path_of(DMT_HOOK_ALLOC, 0, &direct, &all_seen), VIA_UNKNOWN);
	assert_int_equal(path(DMT_HOOK_MAP, 0, NULL), VIA_UNKNOWN);
	assert_int_equal(path(DMT_HOOK_ALLOC, 0, NULL), VIA_UNKNOWN);
	assert_int_equal(path_of(DMT_HOOK_MAP, DMT_NOTE_PAIRED, &direct, &blind), VIA_UNKNOWN);
	assert_int_equal(path_of(DMT_HOOK_ALLOC, DMT_NOTE_PAIRED, &iommu, &blind), VIA_UNKNOWN);
	/* what was is believed */
	assert_int_equal(path_of(DMT_HOOK_MAP, DMT_NOTE_PAIRED | DMT_NOTE_BOUNCED, &direct, &blind),
			 VIA_BOUNCE);
}

static enum reason reason(unsigned notes, const struct dmt_device *device, bool force_asked)
{
	const struct circumstances c = { .force_asked = force_asked, .xen = true,
					 .kmalloc_unaligned = true };

	return reason_of(DMT_HOOK_BOUNCE, notes, device, &c);
}

static void reasons(void **state)
{
	const struct dmt_device narrow_bus = { .mask = ~0u, .bus_limit = 0x3fffffff },
				wide_bus = { .mask = 0xfffffff, .bus_limit = 0x3fffffff };
	const unsigned above = DMT_NOTE_ABOVE_MASK, pool = DMT_NOTE_POOL_KNOWN;

	(void)state;
	assert_int_equal(reason(pool | DMT_NOTE_FORCED, &direct, true), REASON_FORCED);
	assert_int_equal(reason(pool | DMT_NOTE_FORCED | above, &direct, true), REASON_FORCED);
	assert_int_equal(reason(pool | DMT_NOTE_FORCED, &direct, false), REASON_ENCRYPTED_GUEST);
	assert_int_equal(reason(pool | DMT_NOTE_FOR_ALLOC | DMT_NOTE_FORCED, &direct, false),
			 REASON_RESTRICTED_POOL);
	assert_int_equal(reason(pool | above, &direct, false), REASON_MASK);
	assert_int_equal(reason(pool | DMT_NOTE_ABOVE_LIMIT, &narrow_bus, false), REASON_BUS_LIMIT);
	assert_int_equal(reason(pool | DMT_NOTE_ABOVE_LIMIT | above, &narrow_bus, false),
			 REASON_BUS_LIMIT);
	assert_int_equal(reason(pool | DMT_NOTE_ABOVE_LIMIT | above, &wide_bus, false),
			 REASON_MASK);
	assert_int_equal(reason(pool | DMT_NOTE_SMALL, &direct, false), REASON_UNALIGNED_KMALLOC);
	assert_int_equal(reason(pool | DMT_NOTE_SMALL | above, &direct, false), REASON_MASK);
	assert_int_equal(reason(pool | DMT_NOTE_UNTRUSTED, &iommu, false), REASON_UNTRUSTED);
	assert_int_equal(reason(pool | DMT_NOTE_UNTRUSTED, &old_iommu, false), REASON_UNTRUSTED);
	assert_int_equal(reason(pool | DMT_NOTE_SMALL, &iommu, false), REASON_UNALIGNED_KMALLOC);
	assert_int_equal(reason(pool, &own_ops, false), REASON_XEN);
	assert_int_equal(reason(pool, &direct, false), REASON_UNKNOWN);
	assert_int_equal(reason(pool, &iommu, false), REASON_UNKNOWN);
	assert_int_equal(reason(pool, NULL, false), REASON_UNKNOWN);
	/* v5.10 has no pool of the device to ask */
	assert_int_equal(reason(0, &old_direct, true), REASON_FORCED);
	assert_int_equal(reason(above, &old_direct, false), REASON_MASK);
	assert_int_equal(reason(0, &old_direct, false), REASON_ENCRYPTED_GUEST);
	assert_int_equal(reason_of(DMT_HOOK_MAP, above, &direct, &all_seen), REASON_NONE);
	/* x86 never bounces for a cache line */
	assert_int_equal(reason_of(DMT_HOOK_BOUNCE, pool | DMT_NOTE_SMALL, &direct, &all_seen),
			 REASON_UNKNOWN);
}

static void contexts_and_phases(void **state)
{
	(void)state;
	assert_int_equal(context_of(DMT_HOOK_BOUNCE, 0), CONTEXT_UNKNOWN);
	assert_int_equal(context_of(DMT_HOOK_BOUNCE, DMT_NOTE_CONTEXT), CONTEXT_TASK);
	assert_int_equal(context_of(DMT_HOOK_BOUNCE_COPY, DMT_NOTE_CONTEXT | DMT_NOTE_SOFTIRQ),
			 CONTEXT_SOFTIRQ);
	assert_int_equal(context_of(DMT_HOOK_BOUNCE_COPY, DMT_NOTE_CONTEXT | DMT_NOTE_HARDIRQ),
			 CONTEXT_HARDIRQ);
	assert_int_equal(context_of(DMT_HOOK_MAP, DMT_NOTE_CONTEXT), CONTEXT_NONE);
#define WITHIN(hook) ((DMT_HOOK_##hook + 1) << DMT_NOTE_WITHIN)
	assert_int_equal(phase_of(DMT_HOOK_BOUNCE_COPY, WITHIN(BOUNCE)), PHASE_MAP);
	assert_int_equal(phase_of(DMT_HOOK_BOUNCE_COPY, WITHIN(UNMAP_SG)), PHASE_UNMAP);
	assert_int_equal(phase_of(DMT_HOOK_BOUNCE_COPY, WITHIN(SYNC_SG_CPU)), PHASE_SYNC);
	assert_int_equal(phase_of(DMT_HOOK_BOUNCE_COPY, WITHIN(ALLOC)), PHASE_UNKNOWN);
	assert_int_equal(phase_of(DMT_HOOK_BOUNCE_COPY, 0), PHASE_UNKNOWN);
	assert_int_equal(phase_of(DMT_HOOK_BOUNCE_COPY, 63u << DMT_NOTE_WITHIN), PHASE_UNKNOWN);
	assert_int_equal(phase_of(DMT_HOOK_MAP, WITHIN(BOUNCE)), PHASE_NONE);
}

static void insides(void **state)
{
	const struct circumstances seen = { .callers_seen = true }, blind = { 0 };
	const unsigned paired = DMT_NOTE_PAIRED;

	(void)state;
	assert_int_equal(within_of(DMT_HOOK_IOMMU_MAP, paired | WITHIN(MAP), &seen),
			 DMT_OP_MAP + 1);
	assert_int_equal(within_of(DMT_HOOK_IOMMU_MAP, paired | WITHIN(INTEL_ALLOC), &seen),
			 DMT_OP_IOMMU_ALLOC + 1);
	assert_int_equal(within_of(DMT_HOOK_IOMMU_MAP, paired | WITHIN(MAP), &blind),
			 DMT_OP_MAP + 1);
	/* since v6.18 dma_map_phys() maps registers, too */
	assert_int_equal(within_of(DMT_HOOK_IOMMU_MAP, paired | DMT_NOTE_MMIO | WITHIN(MAP), &seen),
			 DMT_OP_MAP_RESOURCE + 1);
	assert_int_equal(within_of(DMT_HOOK_IOMMU_MAP, DMT_NOTE_MMIO | WITHIN(IOVA_LINK), &seen),
			 DMT_OP_IOVA_LINK + 1);
	/* of 4K pages, not of registers */
	assert_int_equal(within_of(DMT_HOOK_INTEL_MAP, 12 << DMT_NOTE_PAGE | WITHIN(MAP), &seen),
			 DMT_OP_MAP + 1);
	assert_int_equal(within_of(DMT_HOOK_REMAP, paired | WITHIN(IOMMU_ALLOC), &seen),
			 DMT_OP_IOMMU_ALLOC + 1);
	assert_int_equal(within_of(DMT_HOOK_PAGES, paired | WITHIN(REMAP_PAGES), &seen),
			 DMT_OP_REMAP + 1);
	assert_int_equal(path_of(DMT_HOOK_PAGES, paired, NULL, &seen), VIA_PAGES);
	assert_int_equal(path_of(DMT_HOOK_CMA, paired | DMT_NOTE_FAILED, NULL, &seen), VIA_CMA);
	/* nobody was around, or it could not be seen */
	assert_int_equal(within_of(DMT_HOOK_IOMMU_MAP, paired, &seen), WITHIN_NONE);
	assert_int_equal(within_of(DMT_HOOK_IOMMU_MAP, 0, &seen), WITHIN_UNKNOWN);
	assert_int_equal(within_of(DMT_HOOK_IOMMU_MAP, paired, &blind), WITHIN_UNKNOWN);
	assert_int_equal(within_of(DMT_HOOK_IOMMU_MAP, 63u << DMT_NOTE_WITHIN, &seen),
			 WITHIN_UNKNOWN);
	/* a copy has a phase */
	assert_int_equal(within_of(DMT_HOOK_BOUNCE_COPY, WITHIN(UNMAP), &seen), WITHIN_NONE);
	assert_null(within_name(WITHIN_NONE));
	assert_string_equal(within_name(DMT_OP_MAP_SG + 1), "map_sg");
	assert_string_equal(within_name(WITHIN_UNKNOWN), "unknown");
}

static void page_sizes(void **state)
{
	static const char *const names[64] = { [12] = "4K", [16] = "64K", [19] = "512K",
					       [21] = "2M", [30] = "1G", [39] = "512G" };
	char buf[PAGE_SIZE_NAME];

	(void)state;
	for (unsigned bits = 1; bits < 64; bits++) {
		unsigned long long size = page_size_of(DMT_HOOK_LPAE_MAP, bits << DMT_NOTE_PAGE |
						       DMT_NOTE_PAIRED | WITHIN(IOMMU_MAP));

		assert_true(size == 1ull << bits);
		if (names[bits])
			assert_string_equal(page_size_name(size, buf), names[bits]);
		assert_true(strlen(page_size_name(size, buf)) < PAGE_SIZE_NAME);
	}
	assert_int_equal(page_size_of(DMT_HOOK_AMD_MAP, DMT_NOTE_PAIRED | WITHIN(IOMMU_MAP)), 0);
	assert_int_equal(page_size_of(DMT_HOOK_BOUNCE, DMT_NOTE_POOL_KNOWN), 0);
	assert_int_equal(page_size_of(DMT_HOOK_IOMMU_MAP, DMT_NOTE_MMIO), 0);
	assert_null(page_size_name(0, buf));
}

/* Every value that can be reported has a name, and only "none" has none. */
static void names(void **state)
{
	(void)state;
	for (int i = 0; i < VIA_MAX; i++)
		assert_true(!path_names[i] == (i == VIA_NONE));
	for (int i = 0; i < REASON_MAX; i++)
		assert_true(!reason_names[i] == (i == REASON_NONE));
	for (int i = 0; i < CONTEXT_MAX; i++)
		assert_true(!context_names[i] == (i == CONTEXT_NONE));
	for (int i = 0; i < PHASE_MAX; i++)
		assert_true(!phase_names[i] == (i == PHASE_NONE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mappings),
		cmocka_unit_test(memory_of_another_device),
		cmocka_unit_test(allocations),
		cmocka_unit_test(who_maps),
		cmocka_unit_test(contiguous_memory_may_be_full),
		cmocka_unit_test(unknown_paths),
		cmocka_unit_test(reasons),
		cmocka_unit_test(contexts_and_phases),
		cmocka_unit_test(insides),
		cmocka_unit_test(page_sizes),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
