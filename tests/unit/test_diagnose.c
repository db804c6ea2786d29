// SPDX-License-Identifier: GPL-2.0
/*
 * Findings of models made by hand: each rule, what it stays silent on, and that each failing call
 * is told under one finding only.
 */
#include "diagnosed.h"

static void a_healthy_run_has_none(void **state)
{
	struct model m;

	(void)state;
	begin(&m);
	only(&m, "");
	begin(&m);
	device(&m, 64, NULL);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 1000, 0);
	calls(&m, DEV, DMT_OP_UNMAP, VIA_NONE, 1000, 0);
	calls(&m, DEV, DMT_OP_SYNC_CPU, VIA_NONE, 10, 0);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_DIRECT_PAGES, 3, 0);
	bounces(&m, REASON_MASK, 0, 0);
	m.losses[0] = (struct loss){ "missed", 0 };
	m.nlosses = 1;
	m.hooks[DMT_HOOK_MMAP].on = false;
	m.hooks[DMT_HOOK_MMAP].absent = true;
	m.hooks[DMT_HOOK_IOVA_LINK].on = m.hooks[DMT_HOOK_IOVA_LINK].wanted = false;
	only(&m, "");
}

static void only_what_is_left_has_failed(void **state)
{
	struct aggregate *a;
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	a = calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 10, 2);
	value(a, -1, 2);
	a->values->kind = FAILS_ADDRESS;
	calls(&m, DEV, DMT_OP_ALLOC, VIA_UNKNOWN, 10, 1);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_ATOMIC_POOL, 10, 4);
	expect(&m, &f, "map-failed atomic-pool-exhausted alloc-failed");
	contains(f.list[0].evidence, "2 of 10 maps failed; map returned DMA_MAPPING_ERROR");
	contains(f.list[1].evidence, "4 of 10 ");
	contains(f.list[2].evidence, "1 of 20 ");
	findings_release(&f);
	/* two maps and one allocation failed, as iommu_map() did three times */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP_SG, VIA_IOMMU, 10, 2);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_UNKNOWN, 10, 1);
	value(calls(&m, DEV, DMT_OP_IOMMU_MAP, VIA_NONE, 40, 3), -ENOMEM, 3);
	expect(&m, &f, "iommu-map-failed");
	contains(f.list->cause, "no memory for a page table");
	findings_release(&f);
	begin(&m);
	off(&m, DMT_HOOK_IOVA_FAST_ALLOC, false);
	calls(&m, DEV, DMT_OP_MAP, VIA_IOMMU, 10, 1);
	calls(&m, DEV, DMT_OP_MAP, VIA_MMIO, 10, 0);
	expect(&m, &f, "map-failed");
	contains(f.list->cause, "no I/O address");
	findings_release(&f);
}

static void cma(struct model *m, long long size)
{
	struct inventory *inv = &m->inventory;

	inv->pools = calloc(1, sizeof(*inv->pools));
	inv->npools = 1;
	inv->pools[0] = (struct pool){ strdup("cma"), strdup("reserved"), size, size / 2, -1 };
}

static void contiguous_memory_may_be_full(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_DIRECT_CMA, 16, 0);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_DIRECT_PAGES, 10, 0)->fell_back = 4;
	cma(&m, 64 << 20);
	expect(&m, &f, "cma-fallback");
	contains(f.list[0].evidence, "4 of 26 allocations");
	contains(f.list[0].evidence, "reserved has 64.0MiB, 32.0MiB of it taken");
	findings_release(&f);
	/* small allocations never ask it, and where there is none it has nothing */
	begin(&m);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_DIRECT_PAGES, 10, 0);
	cma(&m, 64 << 20);
	only(&m, "");
	begin(&m);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_DIRECT_PAGES, 10, 0)->fell_back = 4;
	only(&m, "");
}

static void narrow(int bits, const char *domain, unsigned maps, const char *ids)
{
	struct model m;

	begin(&m);
	device(&m, bits, domain);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_DIRECT_PAGES, 1, 0);
	if (maps)
		calls(&m, DEV, DMT_OP_MAP_SG, VIA_DIRECT, maps, 0);
	only(&m, ids);
}

static void a_mask_is_too_narrow_for_devices_that_map(void **state)
{
	(void)state;
	narrow(32, NULL, 1, "mask-too-narrow");
	narrow(32, "identity", 1, "mask-too-narrow");
	narrow(32, "DMA", 1, "");
	narrow(32, NULL, 0, "");
	narrow(33, NULL, 1, "");
	narrow(-1, NULL, 1, "");
}

static void what_is_missing_is_said(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	m.losses[0] = (struct loss){ "accounts_full", 0 };
	m.losses[1] = (struct loss){ "missed", 241 };
	m.losses[2] = (struct loss){ "events_lost", 5 };
	m.nlosses = 3;
	m.hooks[DMT_HOOK_BOUNCE_COPY].on = false;
	strcpy(m.hooks[DMT_HOOK_BOUNCE_COPY].reason, "prototype not in BTF");
	expect(&m, &f, "data-incomplete");
	assert_string_equal(f.list->evidence,
			    "lost: missed 241; 1 hook off: bounce_copy (prototype not in BTF)");
	assert_string_equal(f.list->subject, "");
	findings_release(&f);
	/* nothing is missing of what is counted */
	begin(&m);
	m.losses[0] = (struct loss){ "events_lost", 5 };
	m.nlosses = 1;
	only(&m, "");
}

static void each_device_has_its_own(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	calls(&m, "b", DMT_OP_MAP, VIA_DIRECT, 1, 1);
	calls(&m, "a", DMT_OP_MAP, VIA_DIRECT, 1, 1);
	calls(&m, "b", DMT_OP_MAP_SG, VIA_DIRECT, 1, 1);
	expect(&m, &f, "map-failed map-failed");
	assert_string_equal(f.list[0].subject, "b (drv)");
	assert_string_equal(f.list[1].subject, "a (drv)");
	findings_release(&f);
}

static void kinds_are_complete(void **state)
{
	(void)state;
	for (int i = 0; i < FINDING_MAX; i++) {
		const struct finding_kind *k = &finding_kinds[i];

		assert_true(k->id && k->summary && k->meaning && k->decided && k->advice &&
			    k->remedy);
		assert_ptr_equal(finding_kind(k->id), k);
	}
	assert_null(finding_kind("swiotlb"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_run_has_none),
		cmocka_unit_test(only_what_is_left_has_failed),
		cmocka_unit_test(contiguous_memory_may_be_full),
		cmocka_unit_test(a_mask_is_too_narrow_for_devices_that_map),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(each_device_has_its_own),
		cmocka_unit_test(kinds_are_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
