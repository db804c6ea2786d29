// SPDX-License-Identifier: GPL-2.0
/*
 * What a machine without an IOMMU changes: its hooks are off unless asked for, and more calls can
 * be watched at one end.
 */
#include "planned.h"
#include "base/list.h"

static void plan_without_iommu(struct plan *plan, const char *name, const struct wishes *wishes)
{
	struct kernel k;

	kernel_named(&k, name);
	k.no_iommu = true;
	plan_make(plan, &k, wishes, NULL, 0);
	kernel_release(&k);
}

/* On every kernel, with each of these wishes. */
static void compare_plans(const struct wishes *wishes, size_t n,
			  void (*compare)(const struct plan *without, const struct plan *with))
{
	struct plan with, without;

	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++)
		for (size_t w = 0; w < n; w++) {
			plan_for(&with, kernels[i], &wishes[w]);
			plan_without_iommu(&without, kernels[i], &wishes[w]);
			check_sound(&without);
			compare(&without, &with);
		}
}

static void only_its_hooks_are_off(const struct plan *without, const struct plan *with)
{
	for (int h = 0; h < DMT_HOOK_MAX; h++)
		if (ops_of_iommu & op_bit(hook_op(h)) && !hook_marks(h))
			assert_null(without->hooks[h].sight);
		else
			assert_ptr_equal(without->hooks[h].sight, with->hooks[h].sight);
}

static void nothing_differs(const struct plan *without, const struct plan *with)
{
	assert_memory_equal(without, with, sizeof(*with));
}

static void without_an_iommu_its_hooks_are_off(void **state)
{
	static const struct wishes wishes[] = {
		{ 0 }, { .layers = BIT(LAYER_API) }, { .ops = OP(ALLOC) },
		{ .ways = BIT(WAY_KPROBE) }, { .extras = DMT_WANTS_STACKS },
	};
	struct plan without;

	(void)state;
	compare_plans(wishes, ARRAY_SIZE(wishes), only_its_hooks_are_off);
	plan_without_iommu(&without, "6.12-amd64", &any);
	check_off(&without, DMT_HOOK_IOMMU_MAP, "this machine has no IOMMU");
	check_off(&without, DMT_HOOK_IOMMU_ALLOC, "this machine has no IOMMU");
	assert_true(without.hooks[DMT_HOOK_IOMMU_MAP].absent);
	check_off(&without, DMT_HOOK_LPAE_MAP, "no such symbol: arm_lpae_map");
	check_off(&without, DMT_HOOK_MSI_MAP, "only when asked for: --op msi_map");
	/* one came */
	plan_iommu_came(&without);
	check_off(&without, DMT_HOOK_IOMMU_MAP, "an IOMMU came after the start");
	assert_false(without.hooks[DMT_HOOK_IOMMU_MAP].absent);
	check_off(&without, DMT_HOOK_LPAE_MAP, "no such symbol: arm_lpae_map");
	assert_true(without.hooks[DMT_HOOK_LPAE_MAP].absent);
}

static void asked_for_they_are_on_all_the_same(void **state)
{
	static const struct wishes wishes[] = {
		{ .layers = LAYERS_ALL }, { .layers = BIT(LAYER_PGTABLE) },
		{ .layers = BIT(LAYER_API) | BIT(LAYER_CORE) }, { .ops = OP(IOMMU_MAP) },
		{ .ops = OP(IOVA_FAST_FREE) },
	};
	struct plan without;

	(void)state;
	compare_plans(wishes, ARRAY_SIZE(wishes), nothing_differs);
	/* and what tells whose domain it is */
	plan_without_iommu(&without, "6.12-amd64",
			   &(struct wishes){ .ops = OP(IOVA_FAST_FREE) });
	assert_non_null(without.hooks[DMT_HOOK_IOVA_FAST_ALLOC].sight);
}

/* The ends a run without latencies watches, of a machine that has an IOMMU or not. */
static void plan_untimed(struct plan *plan, const char *name, unsigned ways, dmt_ops wanted_ops,
			 bool no_iommu)
{
	const struct wishes wish = { .ways = ways, .ops = wanted_ops,
				     .extras = DMT_WANTS_NO_LATENCY };

	(no_iommu ? plan_without_iommu : plan_for)(plan, name, &wish);
	check_sound(plan);
}

static void check_ends(const struct plan *plan, enum ends map, enum ends unmap, enum ends map_sg)
{
	assert_int_equal(plan->hooks[DMT_HOOK_MAP].ends, map);
	assert_int_equal(plan->hooks[DMT_HOOK_UNMAP].ends, unmap);
	assert_int_equal(plan->hooks[DMT_HOOK_MAP_SG].ends, map_sg);
	/* these always find the call around them, or are found */
	assert_int_equal(plan->hooks[DMT_HOOK_ALLOC].ends, ENDS_BOTH);
	assert_int_equal(plan->hooks[DMT_HOOK_BOUNCE].ends, ENDS_BOTH);
	assert_int_equal(plan->hooks[DMT_HOOK_BOUNCE_COPY].ends, ENDS_BOTH);
	assert_int_equal(plan->hooks[DMT_HOOK_IN_ATOMIC_POOL].ends, ENDS_BOTH);
}

static void one_end_is_enough_to_count(void **state)
{
	static const char *const direct[] = { "6.1-amd64", "6.12-amd64", "6.12-arm64", "7.x-arm64" };
	struct plan plan;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(direct); i++) {
		plan_untimed(&plan, direct[i], 0, 0, true);
		check_ends(&plan, ENDS_RETURN, ENDS_ENTRY, ENDS_BOTH);
	}
	check_on(&plan, DMT_HOOK_MAP, WAY_FENTRY, "dma_map_phys",
		 "not timed, watched at its return only");
	check_on(&plan, DMT_HOOK_UNMAP, WAY_FENTRY, "dma_unmap_phys",
		 "not timed, watched at its entry only");
	check_on(&plan, DMT_HOOK_MAP_SG, WAY_FENTRY, "__dma_map_sg_attrs", "not timed");
	/* a kretprobe has no arguments */
	plan_untimed(&plan, "6.12-amd64", BIT(WAY_KPROBE), 0, true);
	check_ends(&plan, ENDS_BOTH, ENDS_ENTRY, ENDS_BOTH);
	/* a session is both ends */
	plan_untimed(&plan, "7.x-amd64", BIT(WAY_FSESSION), 0, true);
	check_off(&plan, DMT_HOOK_MAP, "fsession: keeps when a call began");
	/* where nothing is timed anyway, there is nothing to say */
	plan_untimed(&plan, "6.12-amd64", BIT(WAY_TRACEPOINT), 0, true);
	check_on(&plan, DMT_HOOK_MAP, WAY_TRACEPOINT, "dma_map_page", "tracepoint: no latency");
}

static void a_call_others_are_inside_of_keeps_both_ends(void **state)
{
	const dmt_ops mapping = OP(MAP) | OP(UNMAP) | OP(MAP_SG) |
				 OP(ALLOC);
	struct plan plan;

	(void)state;
	/* iommu_map takes its device from the call around it */
	plan_untimed(&plan, "6.12-amd64", 0, 0, false);
	check_ends(&plan, ENDS_BOTH, ENDS_BOTH, ENDS_BOTH);
	check_on(&plan, DMT_HOOK_IOMMU_MAP, WAY_FENTRY, "__iommu_map", "not timed");
	plan_untimed(&plan, "6.12-amd64", 0, mapping | OP(IOMMU_MAP), true);
	check_ends(&plan, ENDS_BOTH, ENDS_BOTH, ENDS_BOTH);
	/* as does a copy up to 5.10 */
	plan_untimed(&plan, "5.10-amd64", 0, 0, true);
	check_ends(&plan, ENDS_BOTH, ENDS_BOTH, ENDS_BOTH);
	/* an IOMMU's address does not say whether what it maps is a slot */
	plan_untimed(&plan, "6.12-amd64", 0, mapping, false);
	check_ends(&plan, ENDS_BOTH, ENDS_ENTRY, ENDS_BOTH);
	plan_untimed(&plan, "6.12-amd64", 0, mapping, true);
	check_ends(&plan, ENDS_RETURN, ENDS_ENTRY, ENDS_BOTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_an_iommu_its_hooks_are_off),
		cmocka_unit_test(asked_for_they_are_on_all_the_same),
		cmocka_unit_test(one_end_is_enough_to_count),
		cmocka_unit_test(a_call_others_are_inside_of_keeps_both_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
