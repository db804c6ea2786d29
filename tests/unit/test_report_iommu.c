// SPDX-License-Identifier: GPL-2.0
/*
 * What an IOMMU costs: page tables and parts of calls, I/O addresses and flushes.
 */
#include <errno.h>

#include "golden.h"
#include "made.h"

static void part(struct model *m, enum dmt_op op, unsigned within,
		 unsigned long long page_size, unsigned count, unsigned long long size,
		 unsigned long long ns)
{
	const struct aggregate like = { .device = "0000:00:02.0", .bus = "pci", .driver = "nvme",
					.op = op, .direction = DMT_TO_DEVICE, .within = within,
					.page_size = page_size };
	struct aggregate *a = aggregate_like(m, &like);

	add_calls(a, count, size, ns);
	a->latency_known = ns;
}

#define WITHIN(op) (DMT_OP_##op + 1)

static void make_iommu_model(struct model *m)
{
	make_model(m);
	hook_on(m, DMT_HOOK_INTEL_MAP, WAY_FENTRY, "vtdss_map_range", 171);
	part(m, DMT_OP_ALLOC, 0, 0, 10, 65536, 8000);
	part(m, DMT_OP_MAP, 0, 0, 100, 4096, 900);
	/* a tracepoint has no time */
	part(m, DMT_OP_MAP_SG, 0, 0, 20, 8192, 0);
	/* of one call only the part was over when tracing ended */
	part(m, DMT_OP_MAP_RESOURCE, 0, 0, 1, 4096, 500);
	part(m, DMT_OP_FREE, 0, 0, 10, 65536, 800);
	part(m, DMT_OP_IOMMU_ALLOC, 0, 0, 10, 65536, 7800);
	part(m, DMT_OP_IOMMU_MAP, WITHIN(IOMMU_ALLOC), 0, 40, 16384, 700);
	part(m, DMT_OP_IOMMU_MAP, WITHIN(MAP), 0, 100, 4096, 300);
	part(m, DMT_OP_IOMMU_MAP, WITHIN(MAP_SG), 0, 20, 8192, 400);
	part(m, DMT_OP_IOMMU_MAP, WITHIN(MAP_RESOURCE), 0, 2, 4096, 400);
	part(m, DMT_OP_IOMMU_MAP, WITHIN_UNKNOWN, 0, 1, 4096, 400);
	part(m, DMT_OP_PGTABLE_MAP, WITHIN(IOMMU_MAP), 2 << 20, 3, 6 << 20, 200);
	part(m, DMT_OP_PGTABLE_MAP, WITHIN(IOMMU_MAP), 4096, 140, 4096, 100);
	part(m, DMT_OP_PGTABLE_MAP, WITHIN(IOMMU_MAP), 0, 23, 16384, 150);
	/* VT-d up to v5.10 */
	part(m, DMT_OP_PGTABLE_MAP, WITHIN(MAP), 4096, 5, 4096, 100);
	model_sort(m);
}

static void an_iommu_as_people_and_programs_see_it(void **state)
{
	struct model m;

	(void)state;
	make_iommu_model(&m);
	check_text(report_of(&m, &report_stat), "stat/iommu-120.txt", 120);
	check_json(report_of(&m, &report_stat), "stat/iommu.json");
	hook_on(&m, DMT_HOOK_IOVA_FAST_ALLOC, WAY_FENTRY, "alloc_iova_fast", 112);
	part(&m, DMT_OP_IOVA_FAST_ALLOC, WITHIN(IOMMU_ALLOC), 0, 10, 65536, 100);
	part(&m, DMT_OP_IOVA_FAST_ALLOC, WITHIN(MAP), 0, 101, 4096, 200);
	part(&m, DMT_OP_IOVA_ALLOC, 0, 0, 1, 8192, 700);
	part(&m, DMT_OP_IOVA_FAST_ALLOC, WITHIN(IOVA_ALLOC), 0, 1, 8192, 600);
	check_text(report_of(&m, &report_stat), "stat/iommu-iova-120.txt", 120);
	model_release(&m);
}

/* Where memory comes from and how it is mapped for the CPU is shown where it was watched. */
static void parts_of_allocations(void **state)
{
	struct model m;

	(void)state;
	make_model(&m);
	hook_on(&m, DMT_HOOK_PAGES, WAY_FENTRY, "__alloc_pages_noprof", 36);
	hook_on(&m, DMT_HOOK_CMA, WAY_FENTRY, "cma_alloc", 20);
	hook_on(&m, DMT_HOOK_REMAP_PAGES, WAY_FENTRY, "dma_common_pages_remap", 10);
	part(&m, DMT_OP_ALLOC, 0, 0, 30, 65536, 8000);
	part(&m, DMT_OP_PAGE_ALLOC, WITHIN(IOMMU_ALLOC), 0, 32, 32768, 2000);
	part(&m, DMT_OP_REMAP, WITHIN(IOMMU_ALLOC), 0, 10, 65536, 1000);
	/* of page tables, and of mapping anew: in the time of those */
	part(&m, DMT_OP_PAGE_ALLOC, WITHIN(IOMMU_MAP), 0, 3, 4096, 2000);
	part(&m, DMT_OP_PAGE_ALLOC, WITHIN(REMAP), 0, 1, 4096, 2000);
	model_aggregate(&m, &(struct aggregate){ .device = "0000:00:02.0", .bus = "pci",
						 .driver = "nvme", .op = DMT_OP_PAGE_ALLOC,
						 .path = VIA_CMA, .within = WITHIN(ALLOC) });
	add_calls(&m.aggregates[m.naggregates - 1], 20, 65536, 4000);
	model_sort(&m);
	check_text(report_of(&m, &report_stat), "stat/memory-120.txt", 120);
	model_release(&m);
}

static struct aggregate *translated(struct model *m, enum dmt_op op, enum path path, unsigned count,
				    unsigned long long size, unsigned long long ns)
{
	const struct aggregate like = { .device = "0000:00:02.0", .driver = "nvme", .bus = "pci",
					.op = op, .path = path };
	struct aggregate *a = aggregate_like(m, &like);

	add_calls(a, count, size, ns);
	return a;
}

static void make_translated_model(struct model *m)
{
	struct inventory *inv = &m->inventory;
	struct failed *f;

	make_model(m);
	hook_on(m, DMT_HOOK_IOVA_FAST_ALLOC, WAY_FENTRY, "alloc_iova_fast", 106);
	hook_on(m, DMT_HOOK_IOVA_FAST_FREE, WAY_FENTRY, "free_iova_fast", 100);
	inv->devices = calloc(1, sizeof(*inv->devices));
	inv->ndevices = 1;
	inv->facts.lazy_shown = true;
	*inv->devices = (struct device){ .name = strdup("0000:00:02.0"), .domain = strdup("DMA") };
	translated(m, DMT_OP_MAP, VIA_IOMMU, 100, 4096, 9000);
	translated(m, DMT_OP_UNMAP, VIA_NONE, 100, 4096, 30000);
	translated(m, DMT_OP_IOVA_FAST_ALLOC, VIA_RCACHE, 70, 4096, 300);
	translated(m, DMT_OP_IOVA_FAST_ALLOC, VIA_RCACHE_MISS, 20, 4096, 2000);
	translated(m, DMT_OP_IOVA_FAST_ALLOC, VIA_ABOVE_RCACHE, 10, 262144, 3000);
	translated(m, DMT_OP_IOVA_FAST_ALLOC, VIA_RETRIED, 4, 0, 1000);
	add_failures(translated(m, DMT_OP_IOVA_FAST_ALLOC, VIA_ABOVE_RCACHE, 0, 0, 0), FAILS_ZERO,
		     0, 2);
	translated(m, DMT_OP_IOVA_FAST_FREE, VIA_NONE, 100, 4096, 200);
	translated(m, DMT_OP_IOTLB_SYNC, VIA_NONE, 100, 4096, 20000);
	translated(m, DMT_OP_IOTLB_FLUSH, VIA_NONE, 3, 0, 50000);
	translated(m, DMT_OP_MSI_MAP, VIA_NONE, 2, 0, 70000);
	m->failed = calloc(2, sizeof(*m->failed));
	m->nfailed = 2;
	f = m->failed;
	*f++ = (struct failed){ .device = strdup("0000:00:02.0"), .driver = strdup("nvme"),
				.op = DMT_OP_IOVA_FAST_ALLOC, .kind = FAILS_ZERO, .count = 2,
				.size = 1 << 20, .limit = 0xffffff };
	*f = (struct failed){ .device = strdup("0000:00:02.0"), .driver = strdup("nvme"),
			      .op = DMT_OP_IOMMU_MAP, .kind = FAILS_ERRNO, .value = -EINVAL,
			      .count = 1, .size = 0x2001, .iova = 0xffffe000,
			      .paddr = 0x30830040, .min_pagesz = 4096 };
	model_sort(m);
}

static void iommu_as_people_and_programs_see_it(void **state)
{
	struct model m;

	(void)state;
	make_translated_model(&m);
	check_text(report_of(&m, &report_iommu), "iommu/strict.txt", 100);
	check_json(report_of(&m, &report_iommu), "iommu/strict.json");
	model_release(&m);
	make_model(&m);
	check_text(report_of(&m, &report_iommu), "iommu/nothing.txt", 100);
	model_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_iommu_as_people_and_programs_see_it),
		cmocka_unit_test(parts_of_allocations),
		cmocka_unit_test(iommu_as_people_and_programs_see_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
