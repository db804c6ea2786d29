// SPDX-License-Identifier: GPL-2.0
/*
 * The plan on eight kernels and on kernels that never were: which way, and which reason.  The
 * whole tables are in tests/golden/hooks; here is what must hold whatever they say.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plan.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define BIT(n) (1u << (n))
#define NOTSUPP (-524)
#define REFUSED_MAX 32

static const char *const kernels[] = {
	"5.10-amd64", "5.10-arm64", "6.1-amd64", "6.1-arm64",
	"6.12-amd64", "6.12-arm64", "7.x-amd64", "7.x-arm64",
};
static const struct wishes any;

static void kernel_named(struct kernel *k, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "tests/kernels/%s.txt", name);
	assert_int_equal(kernel_load(k, path), 0);
}

static void plan_for(struct plan *plan, const char *name, const struct wishes *wishes)
{
	struct kernel k;

	kernel_named(&k, name);
	plan_make(plan, &k, wishes, NULL, 0);
	kernel_release(&k);
}

static void check_on(const struct plan *plan, enum dmt_hook hook, enum way way, const char *target,
		     const char *reason)
{
	const struct planned *p = &plan->hooks[hook];

	if (!p->sight)
		fail_msg("hook %d for %s is off: %s", hook, target, p->reason);
	assert_string_equal(way_names[p->way], way_names[way]);
	assert_string_equal(p->sight->target, target);
	assert_string_equal(p->reason, reason);
}

static void check_off(const struct plan *plan, enum dmt_hook hook, const char *reason)
{
	assert_null(plan->hooks[hook].sight);
	assert_string_equal(plan->hooks[hook].reason, reason);
}

/* No function may be watched by two hooks of their own, or calls would count twice. */
static void check_sound(const struct plan *plan)
{
	for (int a = 0; a < DMT_HOOK_MAX; a++) {
		const struct planned *p = &plan->hooks[a];

		if (!p->sight && !p->reason[0])
			fail_msg("hook %d is off without a reason", a);
		if (!p->sight)
			continue;
		assert_true(p->shared ? p->sight->also == (enum dmt_hook)a :
			    p->sight->hook == (enum dmt_hook)a);
		for (int b = 0; b < a; b++) {
			const struct planned *other = &plan->hooks[b];

			if (planned_attaches(p) && planned_attaches(other))
				assert_string_not_equal(p->sight->target, other->sight->target);
		}
	}
}

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
	static const struct wishes map = { .ops = BIT(DMT_OP_MAP) };
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
		plan_for(&plan, kernels[i], &(struct wishes){ .ops = BIT(DMT_OP_SYNC_CPU) });
		assert_int_equal(asked_for(&plan), 2);
		plan_for(&plan, kernels[i], &(struct wishes){ .layers = BIT(LAYER_CORE) });
		assert_int_equal(asked_for(&plan), 2);
		plan_for(&plan, kernels[i], &(struct wishes){ .layers = BIT(LAYER_PGTABLE) |
				 BIT(LAYER_BACKEND), .ops = BIT(DMT_OP_BOUNCE) | BIT(DMT_OP_MAP) });
		/* and who gives the slots back */
		assert_int_equal(asked_for(&plan), 2);
		/* whether a map bounced the bounce says */
		plan_for(&plan, kernels[i], &(struct wishes){ .ops = BIT(DMT_OP_MAP) });
		assert_int_equal(asked_for(&plan), 3);
		assert_true(plan.hooks[DMT_HOOK_BOUNCE].wanted);
	}
	plan_for(&plan, "6.12-amd64", &(struct wishes){ .ops = BIT(DMT_OP_MAP_RESOURCE) });
	assert_int_equal(asked_for(&plan), 1);
	plan_for(&plan, "7.x-amd64", &(struct wishes){ .ops = BIT(DMT_OP_MAP_RESOURCE) });
	assert_int_equal(asked_for(&plan), 2);
	check_on(&plan, DMT_HOOK_MAP, WAY_FSESSION, "dma_map_phys", "needed for map_resource");
	assert_true(planned_attaches(&plan.hooks[DMT_HOOK_MAP]));
}

/* The ends a run without latencies watches, of a machine that has an IOMMU or not. */
static void plan_untimed(struct plan *plan, const char *name, unsigned ways, unsigned wanted_ops,
			 bool no_iommu)
{
	const struct wishes wish = { .ways = ways, .ops = wanted_ops,
				     .extras = DMT_WANTS_NO_LATENCY };
	struct kernel k;

	kernel_named(&k, name);
	k.no_iommu = no_iommu;
	plan_make(plan, &k, &wish, NULL, 0);
	check_sound(plan);
	kernel_release(&k);
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
		check_off(&plan, DMT_HOOK_IOMMU_MAP, "this machine has no IOMMU");
		assert_true(plan.hooks[DMT_HOOK_IOMMU_MAP].absent);
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
	const unsigned mapping = BIT(DMT_OP_MAP) | BIT(DMT_OP_UNMAP) | BIT(DMT_OP_MAP_SG) |
				 BIT(DMT_OP_ALLOC);
	struct plan plan;

	(void)state;
	/* iommu_map takes its device from the call around it */
	plan_untimed(&plan, "6.12-amd64", 0, 0, false);
	check_ends(&plan, ENDS_BOTH, ENDS_BOTH, ENDS_BOTH);
	check_on(&plan, DMT_HOOK_IOMMU_MAP, WAY_FENTRY, "__iommu_map", "not timed");
	plan_untimed(&plan, "6.12-amd64", 0, mapping | BIT(DMT_OP_IOMMU_MAP), true);
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
		cmocka_unit_test(one_end_is_enough_to_count),
		cmocka_unit_test(a_call_others_are_inside_of_keeps_both_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
