// SPDX-License-Identifier: GPL-2.0
/*
 * What an IOMMU refuses, and what waiting for its flushes takes.
 */
#include "diagnosed.h"
#include "base/list.h"

static void refused(struct model *m, const char *dev, long long error, unsigned long long iova,
		    unsigned long long paddr, unsigned long long size)
{
	struct failed *f = failed(m, dev, DMT_OP_IOMMU_MAP, 1);

	f->value = error;
	f->iova = iova;
	f->paddr = paddr;
	f->size = size;
	f->min_pagesz = 4096;
}

static void unaligned_names_the_offender(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	value(calls(&m, NULL, DMT_OP_IOMMU_MAP, VIA_NONE, 5, 5), -EINVAL, 3);
	value(&m.aggregates[0], -ENXIO, 2);
	refused(&m, NULL, -EINVAL, 0xffffe000, 0x30830040, 0x2001);
	stack(&m.failed[0], "iommu_map", "unaligned [dmt_oracle]");
	refused(&m, NULL, -EINVAL, 0xfffff000, 0x30830080, 0x2001);
	refused(&m, NULL, -EINVAL, 0x10001, 0x1000, 0x1000);
	refused(&m, NULL, -ENXIO, 0x10001, 0x1000, 0x1000);
	refused(&m, NULL, -ENXIO, 0x10001, 0x1001, 0x1001);
	expect(&m, &f, "iommu-unaligned iommu-unaligned iommu-unaligned iommu-unaligned");
	assert_string_equal(f.list->subject, "unknown device, called from unaligned [dmt_oracle]");
	assert_string_equal(f.list->cause, "paddr+size: not a multiple of the smallest page");
	assert_string_equal(f.list->evidence, "2 calls returned EINVAL; first iova 0xffffe000, "
			    "paddr 0x30830040, size 0x2001, smallest page 0x1000");
	contains(f.list[1].cause, "iova: not");
	contains(f.list[2].evidence, "1 call returned ENXIO; iova 0x10001");
	contains(f.list[3].cause, "iova+paddr+size: not");
	findings_release(&f);
}

static void refusals_are_told_apart(void **state)
{
	static const struct {
		long long error;
		const char *cause;
	} cases[] = {
		{ -ENOMEM, "page table" }, { -EADDRINUSE, "mapped already" },
		{ -EEXIST, "mapped already" }, { -ERANGE, "out of the range" },
		{ -EFAULT, "out of the range" }, { -EINVAL, "neither read nor write" },
		{ -524, "ENOTSUPP" },
	};
	struct findings f;
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		begin(&m);
		value(calls(&m, DEV, DMT_OP_IOMMU_MAP, VIA_NONE, 1, 1), cases[i].error, 1);
		refused(&m, DEV, cases[i].error, 0x1000, 0x1000, 0x1000);
		expect(&m, &f, "iommu-map-failed");
		contains(f.list->cause, cases[i].cause);
		findings_release(&f);
	}
	begin(&m);
	value(calls(&m, DEV, DMT_OP_IOMMU_MAP, VIA_NONE, 1, 1), -EINVAL, 1);
	expect(&m, &f, "iommu-map-failed");
	contains(f.list->cause, "not kept");
	findings_release(&f);
}

static void samples(struct model *m, enum dmt_op op, unsigned count, unsigned long long ns)
{
	struct aggregate *a = calls(m, DEV, op, op == DMT_OP_MAP ? VIA_IOMMU : VIA_NONE, count, 0);

	add_samples(&a->latency, count, ns);
}

static void flushing(const char *domain, unsigned count, unsigned long long unmap, const char *ids)
{
	struct model m;

	begin(&m);
	device(&m, 64, domain);
	m.inventory.facts.lazy_shown = true;
	m.duration_ns = 100000000;
	samples(&m, DMT_OP_MAP, count, 1500);
	samples(&m, DMT_OP_IOMMU_MAP, count, 1000);
	samples(&m, DMT_OP_IOMMU_UNMAP, count, 1000);
	samples(&m, DMT_OP_UNMAP, count, unmap);
	only(&m, ids);
}

static void a_flush_may_be_most_of_an_unmap(void **state)
{
	(void)state;
	flushing("DMA", 1000, 5000, "strict-flush-cost");
	flushing("DMA-FQ", 1000, 5000, "");
	flushing("identity", 1000, 5000, "");
	flushing("DMA", 10, 5000, "");
	flushing("DMA", 200, 5000, "");
	flushing("DMA", 1000, 2500, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unaligned_names_the_offender),
		cmocka_unit_test(refusals_are_told_apart),
		cmocka_unit_test(a_flush_may_be_most_of_an_unmap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
