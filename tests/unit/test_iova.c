// SPDX-License-Identifier: GPL-2.0
/*
 * I/O addresses and flushes: which hooks see them and when, what becomes of what was noted, and
 * what is found to be too much.
 */
#include "analysis/diagnose.h"
#include "base/list.h"
#include "made.h"
#include "kernel/plan.h"

#define DEV "0000:00:01.0"

static void plan_for(struct plan *plan, const char *file, const struct wishes *wishes)
{
	struct kernel k;

	assert_int_equal(kernel_load(&k, file), 0);
	plan_make(plan, &k, wishes, NULL, 0);
	kernel_release(&k);
}

static void only_on_request(void **state)
{
	const char *const file = "tests/kernels/6.12-amd64.txt";
	struct plan plan;

	(void)state;
	plan_for(&plan, file, &(struct wishes){ 0 });
	assert_false(plan.hooks[DMT_HOOK_IOVA_FAST_ALLOC].wanted);
	assert_false(plan.hooks[DMT_HOOK_IN_IOVA_TREE].wanted);
	assert_string_equal(plan.hooks[DMT_HOOK_MSI_MAP].reason,
			    "only when asked for: --op msi_map");
	plan_for(&plan, file, &(struct wishes){ .layers = BIT(LAYER_CORE) });
	assert_true(plan.hooks[DMT_HOOK_IOMMU_MAP].wanted);
	assert_false(plan.hooks[DMT_HOOK_IOVA_FAST_ALLOC].wanted);
	plan_for(&plan, file, &(struct wishes){ .layers = LAYERS_ALL });
	assert_non_null(plan.hooks[DMT_HOOK_IOVA_FAST_ALLOC].sight);
	assert_non_null(plan.hooks[DMT_HOOK_MSI_MAP].sight);
	plan_for(&plan, file, &(struct wishes){ .ops = OP(IOTLB_FLUSH) });
	assert_false(plan.hooks[DMT_HOOK_MSI_MAP].wanted);
	assert_non_null(plan.hooks[DMT_HOOK_FLUSH].sight);
	/* which tells whose domain it is */
	assert_string_equal(plan.hooks[DMT_HOOK_IOVA_FAST_ALLOC].reason, "needed for iotlb_flush");
}

/* What is a part of calls tells their path as well, and then nothing else need. */
static void parts_take_the_place_of_marks(void **state)
{
	const char *const file = "tests/kernels/7.x-arm64.txt";
	struct plan plan;

	(void)state;
	plan_for(&plan, file, &(struct wishes){ 0 });
	assert_false(plan.hooks[DMT_HOOK_PAGES].wanted);
	assert_non_null(plan.hooks[DMT_HOOK_IN_CMA].sight);
	assert_non_null(plan.hooks[DMT_HOOK_IN_PAGES_REMAP].sight);
	plan_for(&plan, file, &(struct wishes){ .ops = OP(REMAP) });
	assert_null(plan.hooks[DMT_HOOK_PAGES].sight);
	assert_null(plan.hooks[DMT_HOOK_CMA].sight);
	assert_int_equal(plan.hooks[DMT_HOOK_REMAP].way, WAY_FENTRY);
	assert_string_equal(plan.hooks[DMT_HOOK_ALLOC].reason, "needed for remap");
	plan_for(&plan, file, &(struct wishes){ .layers = LAYERS_ALL });
	assert_non_null(plan.hooks[DMT_HOOK_PAGES].sight);
	assert_non_null(plan.hooks[DMT_HOOK_CMA].sight);
	assert_null(plan.hooks[DMT_HOOK_IN_CMA].sight);
	assert_string_equal(plan.hooks[DMT_HOOK_IN_CMA].reason, "seen as cma_alloc");
	/* nothing is missing by that */
	assert_true(plan.hooks[DMT_HOOK_IN_CMA].absent);
	assert_non_null(plan.hooks[DMT_HOOK_IN_ATOMIC_POOL].sight);
}

static void check_target(const struct plan *plan, enum dmt_hook hook, const char *target)
{
	const struct sight *sight = plan->hooks[hook].sight;

	if (!target)
		assert_null(sight);
	else
		assert_string_equal(sight ? sight->target : plan->hooks[hook].reason, target);
}

static void flushes_are_seen_once(void **state)
{
	static const struct {
		const char *file, *intel_sync, *amd_sync, *smmu_sync, *flush, *intel_flush, *msi;
	} kernels[] = {
		{ "5.10-amd64", "iommu_flush_iotlb_psi", "amd_iommu_iotlb_sync", NULL,
		  "iova_domain_flush", NULL, "iommu_dma_prepare_msi" },
		{ "6.1-amd64", "intel_iommu_tlb_sync", "amd_iommu_iotlb_sync", NULL,
		  "fq_flush_iotlb", NULL, "iommu_dma_prepare_msi" },
		{ "7.x-amd64", "intel_iommu_tlb_sync", "amd_iommu_iotlb_sync", NULL,
		  NULL, "intel_flush_iotlb_all", "iommu_dma_sw_msi" },
		{ "5.10-arm64", NULL, NULL, "arm_smmu_tlb_inv_range",
		  "iova_domain_flush", NULL, "iommu_dma_prepare_msi" },
		{ "6.12-arm64", NULL, NULL, "__arm_smmu_tlb_inv_range",
		  "fq_flush_iotlb", NULL, "iommu_dma_prepare_msi" },
		{ "7.x-arm64", NULL, NULL, "arm_smmu_domain_inv_range",
		  "fq_flush_iotlb", NULL, "iommu_dma_prepare_msi" },
	};
	struct plan plan;
	char path[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		snprintf(path, sizeof(path), "tests/kernels/%s.txt", kernels[i].file);
		plan_for(&plan, path, &(struct wishes){ .layers = LAYERS_ALL });
		check_target(&plan, DMT_HOOK_SYNC_INTEL, kernels[i].intel_sync);
		check_target(&plan, DMT_HOOK_SYNC_AMD, kernels[i].amd_sync);
		check_target(&plan, DMT_HOOK_SYNC_SMMU, kernels[i].smmu_sync);
		check_target(&plan, DMT_HOOK_FLUSH, kernels[i].flush);
		check_target(&plan, DMT_HOOK_FLUSH_INTEL, kernels[i].intel_flush);
		check_target(&plan, DMT_HOOK_MSI_MAP, kernels[i].msi);
	}
}

static void ranges_by_path(void **state)
{
	static const struct circumstances seen = { .tree_seen = true }, unseen = { 0 };
	static const struct {
		unsigned notes;
		enum path path, where_the_tree_is_unseen;
	} cases[] = {
		{ DMT_NOTE_PAIRED, VIA_RCACHE, VIA_UNKNOWN },
		{ 0, VIA_UNKNOWN, VIA_UNKNOWN },
		{ DMT_NOTE_PAIRED | DMT_NOTE_TREE, VIA_RCACHE_MISS, VIA_RCACHE_MISS },
		{ DMT_NOTE_ABOVE_RCACHE | DMT_NOTE_TREE, VIA_ABOVE_RCACHE, VIA_ABOVE_RCACHE },
		{ DMT_NOTE_PAIRED | DMT_NOTE_ABOVE_RCACHE, VIA_ABOVE_RCACHE, VIA_ABOVE_RCACHE },
		{ DMT_NOTE_RETRIED | DMT_NOTE_ABOVE_RCACHE, VIA_RETRIED, VIA_RETRIED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(path_of(DMT_HOOK_IOVA_FAST_ALLOC, cases[i].notes, NULL, &seen),
				 cases[i].path);
		assert_int_equal(path_of(DMT_HOOK_IOVA_FAST_ALLOC, cases[i].notes, NULL, &unseen),
				 cases[i].where_the_tree_is_unseen);
	}
}

static struct aggregate *calls(struct model *m, enum dmt_op op, enum path path,
			       unsigned long long count, unsigned long long ns)
{
	const struct aggregate like = { .device = DEV, .driver = "drv", .op = op, .path = path };
	struct aggregate *a = aggregate_like(m, &like);

	a->calls += count;
	a->latency.count += count;
	a->latency.sum += count * ns;
	return a;
}

/* One second behind a domain of this type. */
static void begin(struct model *m, const char *domain)
{
	struct inventory *inv = &m->inventory;

	*m = (struct model){ .duration_ns = 1000000000 };
	inv->devices = calloc(1, sizeof(*inv->devices));
	inv->ndevices = 1;
	inv->devices->name = strdup(DEV);
	inv->devices->driver = strdup("drv");
	inv->devices->domain = strdup(domain);
	inv->devices->group = strdup("1");
	inv->facts.lazy_shown = true;
}

/* The one finding, or none; the model is of no more use. */
static void found(struct model *m, const char *id, const char *evidence, const char *cause)
{
	struct findings f;

	assert_int_equal(diagnose(m, &f), 0);
	assert_int_equal(f.count, id ? 1 : 0);
	if (id) {
		assert_string_equal(f.list->kind->id, id);
		assert_string_equal(f.list->evidence, evidence);
		assert_non_null(strstr(f.list->cause, cause));
	}
	findings_release(&f);
	model_release(m);
}

static void searching(unsigned long long hits, unsigned long long misses,
		      unsigned long long above, unsigned long long ns, const char *evidence,
		      const char *cause)
{
	struct model m;

	begin(&m, "DMA-FQ");
	calls(&m, DMT_OP_IOVA_FAST_ALLOC, VIA_RCACHE, hits, 100);
	calls(&m, DMT_OP_IOVA_FAST_ALLOC, VIA_RETRIED, 50, ns);
	calls(&m, DMT_OP_IOVA_FAST_ALLOC, VIA_RCACHE_MISS, misses, ns);
	calls(&m, DMT_OP_IOVA_FAST_ALLOC, VIA_ABOVE_RCACHE, above, ns);
	found(&m, evidence ? "iova-pressure" : NULL, evidence, cause);
}

static void searching_the_tree_may_be_too_much(void **state)
{
	(void)state;
	searching(1000, 0, 1000, 10000, "1000 of 2000 ranges of I/O addresses (50 %) were "
		  "searched for in the tree, in 10.0ms; 1000 were too large for the rcache",
		  "more than 32 pages");
	searching(0, 2000, 0, 10000, "2000 of 2000 ranges of I/O addresses (100 %) were "
		  "searched for in the tree, in 20.0ms; 0 were too large for the rcache",
		  "the rcaches had none");
	/* too few, too small a share, too little time */
	searching(0, 999, 0, 100000, NULL, NULL);
	searching(20000, 1000, 1000, 10000, NULL, NULL);
	searching(0, 2000, 0, 4000, NULL, NULL);
}

static void no_address_left(void **state)
{
	struct aggregate *a;
	struct model m;

	(void)state;
	begin(&m, "DMA");
	/* two tries each, of which the first is no failure */
	calls(&m, DMT_OP_IOVA_FAST_ALLOC, VIA_RETRIED, 10, 100);
	a = calls(&m, DMT_OP_IOVA_FAST_ALLOC, VIA_RCACHE_MISS, 10, 100);
	a->errors = 3;
	/* explained by that */
	a = calls(&m, DMT_OP_MAP, VIA_IOMMU, 10, 100);
	a->errors = 3;
	m.failed = calloc(1, sizeof(*m.failed));
	m.nfailed = 1;
	*m.failed = (struct failed){ .device = strdup(DEV), .driver = strdup("drv"), .count = 3,
				     .op = DMT_OP_IOVA_FAST_ALLOC, .limit = 0xffffff };
	found(&m, "iova-pressure", "3 of 10 ranges of I/O addresses were not to be had; "
	      "the lowest limit was 0xffffff", "below the limit");
}

static void flushing(const char *domain, unsigned long long flush, unsigned long long unmap,
		     const char *evidence)
{
	struct model m;

	begin(&m, domain);
	calls(&m, DMT_OP_IOTLB_SYNC, VIA_NONE, 1000, flush);
	calls(&m, DMT_OP_UNMAP, VIA_NONE, 900, unmap);
	calls(&m, DMT_OP_FREE, VIA_NONE, 100, unmap);
	found(&m, evidence ? "strict-flush-cost" : NULL, evidence, "strict");
}

static void a_flush_that_was_watched_is_not_estimated(void **state)
{
	struct model m;

	(void)state;
	flushing("DMA", 20000, 25000, "1000 flushes took 20.0ms of the 25.0ms (80 %) that 1000 "
		 "unmaps and frees took");
	flushing("DMA-FQ", 20000, 25000, NULL);
	flushing("DMA", 10000, 25000, NULL);
	flushing("DMA", 9000, 10000, NULL);
	/* of which the estimate would make more than half of an unmap */
	begin(&m, "DMA");
	calls(&m, DMT_OP_IOTLB_SYNC, VIA_NONE, 1000, 1000);
	calls(&m, DMT_OP_UNMAP, VIA_NONE, 1000, 50000);
	calls(&m, DMT_OP_MAP, VIA_IOMMU, 1000, 2000);
	calls(&m, DMT_OP_IOMMU_MAP, VIA_NONE, 1000, 1000);
	calls(&m, DMT_OP_IOMMU_UNMAP, VIA_NONE, 1000, 1000);
	found(&m, NULL, NULL, NULL);
}

static void domains_in_a_word(void **state)
{
	const struct dma_facts told = { .lazy_shown = true }, not_told = { 0 },
			       asked = { .strict_asked = true };
	struct device dev = { .domain = "DMA" };

	(void)state;
	assert_string_equal(device_domain(&dev, &told), "strict");
	assert_string_equal(device_domain(&dev, &asked), "strict");
	assert_null(device_domain(&dev, &not_told));
	dev.domain = "DMA-FQ";
	assert_string_equal(device_domain(&dev, &told), "lazy");
	dev.domain = "identity";
	assert_string_equal(device_domain(&dev, &not_told), "identity");
	dev.domain = NULL;
	assert_null(device_domain(&dev, &told));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_on_request),
		cmocka_unit_test(parts_take_the_place_of_marks),
		cmocka_unit_test(flushes_are_seen_once),
		cmocka_unit_test(ranges_by_path),
		cmocka_unit_test(searching_the_tree_may_be_too_much),
		cmocka_unit_test(no_address_left),
		cmocka_unit_test(a_flush_that_was_watched_is_not_estimated),
		cmocka_unit_test(domains_in_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
