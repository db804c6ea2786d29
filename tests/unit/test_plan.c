// SPDX-License-Identifier: GPL-2.0
/*
 * The plan on eight kernels and on kernels that never were: which way, and which reason.  The
 * whole tables are in tests/golden/hooks; here is what must hold whatever they say.
 */
#include <errno.h>
#include "planned.h"
#include "base/list.h"

#define NOTSUPP (-524)
#define REFUSED_MAX 32

static void every_plan_is_sound(void **state)
{
	struct plan plan;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++)
		for (unsigned ways = 0; ways < BIT(WAY_MAX); ways++) {
			plan_for(&plan, kernels[i], &(struct wishes){ .ways = ways });
			check_sound(&plan);
			for (int h = 0; ways && h < DMT_HOOK_MAX; h++)
				if (plan.hooks[h].sight)
					assert_true(ways & BIT(plan.hooks[h].way));
		}
}

static void old_arm64_has_kprobes_only(void **state)
{
	struct plan plan;

	(void)state;
	plan_for(&plan, "5.10-arm64", &any);
	for (int h = 0; h < DMT_HOOK_MAX; h++)
		if (plan.hooks[h].sight)
			check_on(&plan, h, WAY_KPROBE, plan.hooks[h].sight->target,
				 h == DMT_HOOK_SLOT_FREE ?
				 "fentry not available here (ENOTSUPP); needed for bounce" :
				 hook_marks(h) ?
				 "fentry not available here (ENOTSUPP); tells the path of alloc" :
				 "fentry not available here (ENOTSUPP)");
	assert_string_equal(plan.hooks[DMT_HOOK_LPAE_MAP].sight->target, "arm_lpae_map");
	/* 6.1 kept it, but its drivers call the other */
	plan_for(&plan, "6.1-arm64", &any);
	check_on(&plan, DMT_HOOK_LPAE_MAP, WAY_KPROBE, "arm_lpae_map_pages",
		 "fentry not available here (ENOTSUPP)");
}

static void many_arguments_take_kprobes_on_6_1(void **state)
{
	struct plan plan;

	(void)state;
	plan_for(&plan, "6.1-amd64", &any);
	for (int h = 0; h < DMT_HOOK_MAX; h++) {
		if (h == DMT_HOOK_BOUNCE)
			check_on(&plan, h, WAY_KPROBE, "swiotlb_tbl_map_single",
				 "fentry refused for 7 arguments (ENOTSUPP)");
		else if (h == DMT_HOOK_INTEL_MAP || h == DMT_HOOK_AMD_MAP)
			check_on(&plan, h, WAY_KPROBE, h == DMT_HOOK_AMD_MAP ?
				 "amd_iommu_map_pages" : "intel_iommu_map_pages",
				 "fentry refused for 8 arguments (ENOTSUPP)");
		else if (plan.hooks[h].sight)
			check_on(&plan, h, WAY_FENTRY, plan.hooks[h].sight->target,
				 h == DMT_HOOK_SLOT_FREE ? "needed for bounce" :
				 hook_marks(h) ? "tells the path of alloc" : "");
	}
	assert_string_equal(plan.hooks[DMT_HOOK_BOUNCE].sight->prog, "bounce_61");
}

static void new_kernels_share_one_map_function(void **state)
{
	static const char told[] = "told apart by the MMIO attribute";
	struct plan plan;

	(void)state;
	plan_for(&plan, "7.x-arm64", &any);
	check_on(&plan, DMT_HOOK_LPAE_MAP, WAY_FSESSION, "arm_lpae_map_pages", "");
	plan_for(&plan, "7.x-amd64", &any);
	check_on(&plan, DMT_HOOK_MAP, WAY_FSESSION, "dma_map_phys", "");
	check_on(&plan, DMT_HOOK_MAP_RESOURCE, WAY_FSESSION, "dma_map_phys", told);
	check_on(&plan, DMT_HOOK_UNMAP_RESOURCE, WAY_FSESSION, "dma_unmap_phys", told);
	check_on(&plan, DMT_HOOK_IOMMU_MAP, WAY_FSESSION, "iommu_map_nosync", "");
	assert_true(planned_attaches(&plan.hooks[DMT_HOOK_MAP]));
	assert_false(planned_attaches(&plan.hooks[DMT_HOOK_MAP_RESOURCE]));
}

static void sessions_where_the_kernel_has_them(void **state)
{
	struct plan plan;

	(void)state;
	plan_for(&plan, "7.x-amd64", &(struct wishes){ .ways = BIT(WAY_FENTRY) });
	check_on(&plan, DMT_HOOK_MAP, WAY_FENTRY, "dma_map_phys", "");
	/* their lack is told only to who asked */
	plan_for(&plan, "6.12-amd64", &any);
	check_on(&plan, DMT_HOOK_UNMAP, WAY_FENTRY, "dma_unmap_page_attrs", "");
	plan_for(&plan, "6.12-amd64", &(struct wishes){ .ways = BIT(WAY_FSESSION) });
	check_off(&plan, DMT_HOOK_UNMAP, "fsession not available here (EOPNOTSUPP)");
}

static void tracepoints_alone(void **state)
{
	static const struct wishes wish = { .ways = BIT(WAY_TRACEPOINT),
					     .layers = LAYERS_ALL };
	struct plan plan;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		bool old = i < 4;

		plan_for(&plan, kernels[i], &wish);
		for (int h = 0; h < DMT_HOOK_MAX; h++)
			if (old || h >= DMT_HOOK_MMAP)
				check_off(&plan, h, "no tracepoint");
			else
				assert_non_null(plan.hooks[h].sight);
	}
	check_on(&plan, DMT_HOOK_MAP, WAY_TRACEPOINT, "dma_map_phys", "tracepoint: no latency");
	check_on(&plan, DMT_HOOK_MAP_RESOURCE, WAY_TRACEPOINT, "dma_map_phys",
		 "tracepoint: no latency; told apart by the MMIO attribute");
	check_on(&plan, DMT_HOOK_MAP_SG, WAY_TRACEPOINT, "dma_map_sg",
		 "tracepoint: successful calls only, no latency");
	plan_for(&plan, "6.12-amd64", &wish);
	check_on(&plan, DMT_HOOK_MAP, WAY_TRACEPOINT, "dma_map_page", "tracepoint: no latency");
	check_on(&plan, DMT_HOOK_MAP_RESOURCE, WAY_TRACEPOINT, "dma_map_resource",
		 "tracepoint: no latency");
	check_on(&plan, DMT_HOOK_ALLOC_NONCONTIGUOUS, WAY_TRACEPOINT, "dma_alloc_sgt",
		 "tracepoint: successful calls only, no latency");
}

/* A locked-down kernel: one way after the other goes, and the reason remembers each. */
static void kernels_that_refuse_ways(void **state)
{
	struct kernel k;
	struct plan plan;

	(void)state;
	kernel_named(&k, "6.12-amd64");
	for (int way = 0; way < WAY_TRACEPOINT; way++)
		k.tries[way] = -EPERM;
	plan_make(&plan, &k, &(struct wishes){ .ways = BIT(WAY_KPROBE) | BIT(WAY_TRACEPOINT) },
		  NULL, 0);
	check_on(&plan, DMT_HOOK_FREE, WAY_TRACEPOINT, "dma_free",
		 "kprobe not available here (EPERM); tracepoint: no latency");
	check_off(&plan, DMT_HOOK_MMAP, "kprobe not available here (EPERM)");
	check_off(&plan, DMT_HOOK_IOVA_LINK, "no such symbol: dma_iova_link");
	k.tries[WAY_TRACEPOINT] = -EACCES;
	plan_make(&plan, &k, &(struct wishes){ .ways = BIT(WAY_FENTRY) | BIT(WAY_TRACEPOINT) },
		  NULL, 0);
	check_off(&plan, DMT_HOOK_FREE, "fentry not available here (EPERM); "
		  "tracepoint not available here (EACCES)");
	kernel_release(&k);
}

static const struct sight *sight_of(const struct sight *table, const char *prog)
{
	while (table->prog && strcmp(table->prog, prog))
		table++;
	assert_non_null(table->prog);
	return table;
}

static void refusals_fall_to_the_next_way(void **state)
{
	const struct sight *function = sight_of(probes, "unmap_phys");
	const struct refusal refused[] = {
		{ function, WAY_FENTRY, -E2BIG },
		{ function, WAY_KPROBE, -EINVAL },
		{ sight_of(points, "unmap_phys"), WAY_TRACEPOINT, NOTSUPP },
	};
	const struct wishes wish = {
		.ways = BIT(WAY_FENTRY) | BIT(WAY_KPROBE) | BIT(WAY_TRACEPOINT)
	};
	struct kernel k;
	struct plan plan;

	(void)state;
	kernel_named(&k, "7.x-amd64");
	plan_make(&plan, &k, &wish, refused, 1);
	check_on(&plan, DMT_HOOK_UNMAP, WAY_KPROBE, "dma_unmap_phys", "fentry refused (E2BIG)");
	check_on(&plan, DMT_HOOK_MAP, WAY_FENTRY, "dma_map_phys", "");
	plan_make(&plan, &k, &wish, refused, 2);
	check_on(&plan, DMT_HOOK_UNMAP, WAY_TRACEPOINT, "dma_unmap_phys",
		 "fentry refused (E2BIG); kprobe refused (EINVAL); tracepoint: no latency");
	/* never by its wrapper dma_unmap_page_attrs, which not everybody calls */
	plan_make(&plan, &k, &wish, refused, 3);
	check_off(&plan, DMT_HOOK_UNMAP, "fentry refused (E2BIG); kprobe refused (EINVAL); "
		  "tracepoint refused (ENOTSUPP)");
	check_on(&plan, DMT_HOOK_UNMAP_RESOURCE, WAY_FENTRY, "dma_unmap_resource", "");
	check_sound(&plan);
	kernel_release(&k);
}

/* All ways of a hook, as many as there are; returns how many. */
static size_t refuse_hook(struct refusal *refused, enum dmt_hook hook)
{
	static const struct sight *const tables[] = { probes, points };
	size_t n = 0;

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (const struct sight *row = tables[t]; row->prog; row++)
			for (int way = 0; row->hook == hook && way < WAY_MAX; way++) {
				assert_true(n < REFUSED_MAX);
				refused[n++] = (struct refusal){ row, way, -EACCES };
			}
	return n;
}

static const char helps_nobody[] = "nothing it helps to tell is on";

/*
 * What was on stays on, and as it was, unless it was seen by the program that is gone, or was there
 * for nothing else.
 */
static void check_rest(const struct plan *plan, const struct plan *whole, int gone)
{
	for (int h = 0; h < DMT_HOOK_MAX; h++) {
		const struct planned *was = &whole->hooks[h], *is = &plan->hooks[h];

		if (h == gone || !was->sight)
			continue;
		if (!is->sight && hook_marks(h) && !strcmp(is->reason, helps_nobody))
			continue;
		if (!is->sight)
			fail_msg("without hook %d, %d is off: %s", gone, h, is->reason);
		if (was->sight == whole->hooks[gone].sight)
			continue;
		assert_ptr_equal(is->sight, was->sight);
		assert_int_equal(is->way, was->way);
		assert_string_equal(is->reason, was->reason);
	}
}

/* A report with nothing in it is none: the kernel's lockdown forbids all but such helpers. */
static void what_helps_nobody_is_off(void **state)
{
	static const struct wishes map = { .ops = OP(MAP) };
	struct refusal refused[REFUSED_MAX];
	struct plan plan;
	struct kernel k;
	size_t n;

	(void)state;
	kernel_named(&k, "5.10-amd64");
	plan_make(&plan, &k, &map, NULL, 0);
	check_on(&plan, DMT_HOOK_SLOT_FREE, WAY_FENTRY, "swiotlb_tbl_unmap_single",
		 "needed for map");
	n = refuse_hook(refused, DMT_HOOK_MAP);
	plan_make(&plan, &k, &map, refused, n);
	for (int h = 0; h < DMT_HOOK_MAX; h++)
		assert_null(plan.hooks[h].sight);
	check_off(&plan, DMT_HOOK_SLOT_FREE, helps_nobody);
	check_off(&plan, DMT_HOOK_BOUNCE, helps_nobody);
	kernel_release(&k);
}

static void one_hook_refused_costs_no_other(void **state)
{
	static const struct wishes everything = { .layers = LAYERS_ALL };
	struct refusal refused[REFUSED_MAX];
	struct plan whole, plan;
	struct kernel k;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		kernel_named(&k, kernels[i]);
		plan_make(&whole, &k, &everything, NULL, 0);
		for (int gone = 0; gone < DMT_HOOK_MAX; gone++) {
			if (!planned_attaches(&whole.hooks[gone]))
				continue;
			plan_make(&plan, &k, &everything, refused, refuse_hook(refused, gone));
			assert_null(plan.hooks[gone].sight);
			if (!strstr(plan.hooks[gone].reason, "refused (EACCES)"))
				fail_msg("%s: hook %d is off: %s", kernels[i], gone,
					 plan.hooks[gone].reason);
			check_rest(&plan, &whole, gone);
			check_sound(&plan);
		}
		kernel_release(&k);
	}
}

/* A kernel of one function; proto NULL when BTF lacks it. */
static void plan_one(struct plan *plan, const char *name, const char *proto, int copies)
{
	struct kernel k = { .btf = true };

	assert_non_null(kernel_add(&k.functions, &k.nfunctions, name, proto, copies));
	plan_make(plan, &k, &(struct wishes){ .ways = BIT(WAY_FENTRY) | BIT(WAY_KPROBE) }, NULL, 0);
	check_sound(plan);
	kernel_release(&k);
}

static void functions_that_do_not_fit(void **state)
{
	const struct sight *free_row = sight_of(probes, "free");
	struct plan plan;

	(void)state;
	plan_one(&plan, "dma_free_attrs", free_row->proto, 1);
	check_on(&plan, DMT_HOOK_FREE, WAY_FENTRY, "dma_free_attrs", "");
	plan_one(&plan, "dma_free_attrs", "void(device*,ulong)", 1);
	check_off(&plan, DMT_HOOK_FREE, "unknown prototype void(device*,ulong)");
	plan_one(&plan, "dma_free_attrs", free_row->proto, 2);
	check_off(&plan, DMT_HOOK_FREE, "symbol is ambiguous (2 copies)");
	plan_one(&plan, "dma_free_attrs.isra.0", free_row->proto, 1);
	check_off(&plan, DMT_HOOK_FREE, "no such symbol: dma_free_attrs");
	plan_one(&plan, "dma_free_attrs", NULL, 1);
	check_on(&plan, DMT_HOOK_FREE, WAY_KPROBE, "dma_free_attrs",
		 "fentry: function not in BTF");
	/* which of its two programs fits cannot be told */
	plan_one(&plan, "swiotlb_tbl_map_single", NULL, 1);
	check_off(&plan, DMT_HOOK_BOUNCE, "prototype not in BTF, and it differs between kernels");
	plan_one(&plan, "swiotlb_tbl_map_single", "phys_addr_t(device*)", 1);
	check_off(&plan, DMT_HOOK_BOUNCE, "unknown prototype phys_addr_t(device*)");
}

static void a_changed_tracepoint_is_left_alone(void **state)
{
	struct kernel k = { .btf = true };
	struct plan plan;

	(void)state;
	kernel_add(&k.events, &k.nevents, "dma_free", "void(device*)", 0);
	plan_make(&plan, &k, &(struct wishes){ .ways = BIT(WAY_TRACEPOINT) }, NULL, 0);
	check_off(&plan, DMT_HOOK_FREE, "unknown tracepoint prototype void(device*)");
	kernel_release(&k);
}

static void long_reasons_are_cut(void **state)
{
	char proto[400] = "void(";
	struct plan plan;

	(void)state;
	memset(proto + 5, 'x', sizeof(proto) - 6);
	plan_one(&plan, "dma_free_attrs", proto, 1);
	assert_true(strlen(plan.hooks[DMT_HOOK_FREE].reason) < PLAN_REASON);
}

static int asked_for(const struct plan *plan)
{
	int count = 0;

	check_sound(plan);
	for (int h = 0; h < DMT_HOOK_MAX; h++) {
		count += plan->hooks[h].wanted;
		if (!plan->hooks[h].wanted)
			check_off(plan, h, "not asked for");
	}
	return count;
}

static void wishes_by_operation_and_layer(void **state)
{
	struct plan plan;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		plan_for(&plan, kernels[i], &(struct wishes){ .ops = OP(SYNC_CPU) });
		assert_int_equal(asked_for(&plan), 2);
		plan_for(&plan, kernels[i], &(struct wishes){ .layers = BIT(LAYER_CORE) });
		assert_int_equal(asked_for(&plan), 2);
		plan_for(&plan, kernels[i], &(struct wishes){ .layers = BIT(LAYER_PGTABLE) |
				 BIT(LAYER_BACKEND), .ops = OP(BOUNCE) | OP(MAP) });
		/* and who gives the slots back, and has some of a restricted pool */
		assert_int_equal(asked_for(&plan), 4);
		/* whether a map bounced the bounce says */
		plan_for(&plan, kernels[i], &(struct wishes){ .ops = OP(MAP) });
		assert_int_equal(asked_for(&plan), 3);
		assert_true(plan.hooks[DMT_HOOK_BOUNCE].wanted);
	}
	plan_for(&plan, "6.12-amd64", &(struct wishes){ .ops = OP(MAP_RESOURCE) });
	assert_int_equal(asked_for(&plan), 1);
	plan_for(&plan, "7.x-amd64", &(struct wishes){ .ops = OP(MAP_RESOURCE) });
	assert_int_equal(asked_for(&plan), 2);
	check_on(&plan, DMT_HOOK_MAP, WAY_FSESSION, "dma_map_phys", "needed for map_resource");
	assert_true(planned_attaches(&plan.hooks[DMT_HOOK_MAP]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_plan_is_sound),
		cmocka_unit_test(old_arm64_has_kprobes_only),
		cmocka_unit_test(many_arguments_take_kprobes_on_6_1),
		cmocka_unit_test(new_kernels_share_one_map_function),
		cmocka_unit_test(sessions_where_the_kernel_has_them),
		cmocka_unit_test(tracepoints_alone),
		cmocka_unit_test(kernels_that_refuse_ways),
		cmocka_unit_test(refusals_fall_to_the_next_way),
		cmocka_unit_test(what_helps_nobody_is_off),
		cmocka_unit_test(one_hook_refused_costs_no_other),
		cmocka_unit_test(functions_that_do_not_fit),
		cmocka_unit_test(a_changed_tracepoint_is_left_alone),
		cmocka_unit_test(long_reasons_are_cut),
		cmocka_unit_test(wishes_by_operation_and_layer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
