// SPDX-License-Identifier: GPL-2.0
/*
 * Findings of models made by hand: each rule, what it stays silent on, and that each failing call
 * is told under one finding only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "diagnose.h"

static const char *const DEV = "0000:00:01.0";

static void copy_name(char **to, const char *name)
{
	*to = name ? strdup(name) : NULL;
}

/* A model in which everything was watched. */
static void begin(struct model *m)
{
	*m = (struct model){ 0 };
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		m->hooks[hook].op = hook_op(hook);
		m->hooks[hook].on = m->hooks[hook].wanted = true;
	}
}

static struct aggregate *calls(struct model *m, const char *device, enum dmt_op op,
			       enum path path, unsigned count, unsigned errors)
{
	const struct aggregate like = { .device = (char *)device, .driver = device ? "drv" : NULL,
					.op = op, .path = path };
	struct aggregate *a = model_aggregate(m, &like);

	assert_non_null(a);
	a->calls += count;
	a->errors += errors;
	a->bytes += (count - errors) * 4096ull;
	return a;
}

static void bounces(struct model *m, enum reason reason, unsigned count, unsigned errors)
{
	const struct aggregate like = { .device = (char *)DEV, .driver = "drv",
					.op = DMT_OP_BOUNCE, .reason = reason };
	struct aggregate *a = model_aggregate(m, &like);

	assert_non_null(a);
	a->calls += count;
	a->errors += errors;
	a->bytes += (count - errors) * 4096ull;
}

static void value(struct aggregate *a, long long value, unsigned count)
{
	a->values = reallocarray(a->values, a->nvalues + 1, sizeof(*a->values));
	assert_non_null(a->values);
	a->values[a->nvalues++] = (struct error_count){ FAILS_ERRNO, value, count };
}

static struct failed *failed(struct model *m, const char *device, enum dmt_op op, unsigned count)
{
	struct failed *f;

	m->failed = reallocarray(m->failed, m->nfailed + 1, sizeof(*m->failed));
	assert_non_null(m->failed);
	f = &m->failed[m->nfailed++];
	*f = (struct failed){ .op = op, .count = count, .kind = FAILS_ERRNO };
	copy_name(&f->device, device);
	copy_name(&f->driver, device ? "drv" : NULL);
	return f;
}

static void stack(struct failed *f, const char *innermost, const char *next)
{
	f->stack.names = calloc(2, sizeof(char *));
	copy_name(&f->stack.names[0], innermost);
	copy_name(&f->stack.names[1], next);
	f->stack.count = 2;
}

static void device(struct model *m, int mask_bits, const char *domain)
{
	struct inventory *inv = &m->inventory;

	inv->devices = calloc(1, sizeof(*inv->devices));
	inv->ndevices = 1;
	copy_name(&inv->devices->name, DEV);
	copy_name(&inv->devices->driver, "drv");
	copy_name(&inv->devices->domain, domain);
	copy_name(&inv->devices->group, domain ? "1" : NULL);
	inv->devices->mask_bits = mask_bits;
	inv->facts.memory_top = 5ull << 30;
}

/* "id id", in order; and the model is of no more use. */
static void expect(struct model *m, struct findings *f, const char *ids)
{
	char found[512] = "";

	assert_int_equal(diagnose(m, f), 0);
	for (size_t i = 0; i < f->count; i++) {
		strcat(found, *found ? " " : "");
		strcat(found, f->list[i].kind->id);
		assert_true(*f->list[i].evidence && *f->list[i].cause && *f->list[i].remedy);
	}
	assert_string_equal(found, ids);
	model_release(m);
}

static void only(struct model *m, const char *ids)
{
	struct findings f;

	expect(m, &f, ids);
	findings_release(&f);
}

static void contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in '%s'", part, text);
}

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

static void every_reason_to_bounce_is_found(void **state)
{
	struct model m;

	(void)state;
	begin(&m);
	bounces(&m, REASON_ENCRYPTED_GUEST, 1, 0);
	bounces(&m, REASON_RESTRICTED_POOL, 1, 0);
	bounces(&m, REASON_UNALIGNED_KMALLOC, 1, 0);
	bounces(&m, REASON_UNTRUSTED, 1, 0);
	bounces(&m, REASON_BUS_LIMIT, 1, 0);
	bounces(&m, REASON_MASK, 1, 0);
	bounces(&m, REASON_FORCED, 1, 0);
	bounces(&m, REASON_UNKNOWN, 1, 0);
	bounces(&m, REASON_XEN, 1, 0);
	only(&m, "bounce-forced bounce-mask bounce-bus-limit bounce-untrusted "
	     "bounce-unaligned-kmalloc bounce-restricted-pool bounce-encrypted-guest");
}

static void bounces_have_evidence(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 30, 0);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 10, 0);
	calls(&m, DEV, DMT_OP_BOUNCE_COPY, VIA_NONE, 60, 0)->latency.sum = 120000;
	bounces(&m, REASON_MASK, 30, 0);
	expect(&m, &f, "bounce-mask");
	assert_string_equal(f.list->subject, "0000:00:01.0 (drv)");
	assert_string_equal(f.list->evidence, "30 bounces, 120.0KiB; 30 of 40 maps (75 %); "
			    "240.0KiB copied in 120.0us");
	findings_release(&f);
}

static void expect_shortage(unsigned long long size, unsigned long long slots,
			    unsigned long long used_min, unsigned long long used_max,
			    const char *cause, const char *evidence)
{
	struct findings f;
	struct failed *one;
	struct model m;

	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 64, 48);
	bounces(&m, REASON_FORCED, 64, 48);
	one = failed(&m, DEV, DMT_OP_BOUNCE, 48);
	one->size = size;
	one->slots = slots;
	one->used_min = used_min;
	one->used_max = used_max;
	stack(one, "swiotlb_tbl_map_single", "probe [drv]");
	expect(&m, &f, "swiotlb-full bounce-forced");
	contains(f.list->cause, cause);
	contains(f.list->evidence, evidence);
	assert_string_equal(f.list->subject, "0000:00:01.0 (drv), called from probe [drv]");
	findings_release(&f);
}

static void a_full_swiotlb_is_decoded(void **state)
{
	(void)state;
	expect_shortage(65536, 512, 512, 512, "exhausted",
			"48 of 64 bounces failed; 64.0KiB (32 slots) asked for; 512 of 512 slots");
	expect_shortage(65537, 512, 480, 512, "exhausted", "480 to 512 of 512 slots used");
	expect_shortage(65536, 512, 480, 480, "fragmented", "480 of 512");
	expect_shortage(65536, 512, 10, 500, "for others fragmented", "10 to 500");
	expect_shortage(524288, 512, 0, 0, "segment limit", "512.0KiB (256 slots)");
	expect_shortage(262145, 0, 0, 0, "segment limit", "(129 slots)");
	expect_shortage(262144, 0, 0, 0, "unknown", "(128 slots)");
}

static void two_causes_are_two_findings(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP_SG, VIA_BOUNCE, 100, 9);
	bounces(&m, REASON_FORCED, 100, 9);
	failed(&m, DEV, DMT_OP_BOUNCE, 3)->size = 512 << 10;
	failed(&m, DEV, DMT_OP_BOUNCE, 1)->size = 300 << 10;
	expect(&m, &f, "swiotlb-full swiotlb-full bounce-forced");
	contains(f.list[0].evidence, "4 of 100 bounces failed; 300.0KiB to 512.0KiB");
	contains(f.list[1].evidence, "5 of 100 bounces failed");
	contains(f.list[1].cause, "unknown");
	findings_release(&f);
}

static void without_a_pool_the_map_itself_fails(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	device(&m, 32, NULL);
	m.inventory.facts.pool_known = true;
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 10, 10);
	expect(&m, &f, "swiotlb-full mask-too-narrow");
	contains(f.list->cause, "no pool (0 slots)");
	contains(f.list->evidence, "10 of 10 maps failed; the mask has 32 bits");
	contains(f.list[1].cause, "no swiotlb to bounce through");
	findings_release(&f);
	/* 5.10 has one of a single slot then, and does not use it */
	begin(&m);
	device(&m, 32, NULL);
	m.inventory.facts.pool_known = m.inventory.facts.pool = true;
	m.inventory.facts.bounce_off = true;
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 10, 10);
	expect(&m, &f, "swiotlb-full mask-too-narrow");
	contains(f.list[1].cause, "no swiotlb to bounce through");
	findings_release(&f);
}

static void a_slot_may_be_out_of_reach(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 320, 20);
	bounces(&m, REASON_MASK, 320, 0);
	expect(&m, &f, "swiotlb-out-of-reach bounce-mask");
	contains(f.list->evidence, "20 of 320 bounced maps");
	findings_release(&f);
	/* all in vain: that is what there is to say */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 26, 26);
	bounces(&m, REASON_MASK, 26, 0);
	only(&m, "swiotlb-out-of-reach");
	/* who did not watch bounces cannot tell */
	begin(&m);
	m.hooks[DMT_HOOK_BOUNCE].on = m.hooks[DMT_HOOK_BOUNCE].wanted = false;
	calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 26, 26);
	only(&m, "map-failed");
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
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
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
	__u64 buckets[DMT_HIST_BUCKETS] = { 0 };

	buckets[dmt_bucket(ns)] = count;
	hist_add(&a->latency, buckets, count * ns, ns);
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
	m.nlosses = 2;
	m.hooks[DMT_HOOK_BOUNCE_COPY].on = false;
	strcpy(m.hooks[DMT_HOOK_BOUNCE_COPY].reason, "prototype not in BTF");
	expect(&m, &f, "data-incomplete");
	assert_string_equal(f.list->evidence,
			    "lost: missed 241; 1 hook off: bounce_copy (prototype not in BTF)");
	assert_string_equal(f.list->subject, "");
	findings_release(&f);
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

static struct live_row *live(struct model *m, enum dmt_op op, unsigned count, unsigned slices)
{
	struct live_row *row;

	m->live = reallocarray(m->live, m->nlive + 1, sizeof(*m->live));
	assert_non_null(m->live);
	row = &m->live[m->nlive++];
	*row = (struct live_row){ .op = op, .count = count, .slices = slices };
	copy_name(&row->device, DEV);
	copy_name(&row->driver, "drv");
	return row;
}

static void what_a_driver_leaves_is_pending(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 5, 0);
	live(&m, DMT_OP_MAP, 3, 1)->pending = true;
	expect(&m, &f, "pending-at-unbind");
	contains(f.list[0].evidence, "3 maps not given back");
	findings_release(&f);
	/* where nothing has to be unmapped, nothing is left behind */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 5, 0);
	live(&m, DMT_OP_MAP, 3, 1)->pending = true;
	m.live->unmaps_skipped = true;
	only(&m, "");
}

static void a_leak_goes_on_and_on(void **state)
{
	struct model m;

	(void)state;
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 200, 0);
	calls(&m, DEV, DMT_OP_UNMAP, VIA_NONE, 100, 0);
	live(&m, DMT_OP_MAP, 100, 0xff);
	only(&m, "mapping-leak");
	/* a ring filled once */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 100, 0);
	live(&m, DMT_OP_MAP, 100, 1);
	only(&m, "");
	/* a ring that keeps its size: what it unmaps was mapped before */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 100, 0);
	calls(&m, DEV, DMT_OP_UNMAP, VIA_NONE, 100, 0);
	live(&m, DMT_OP_MAP, 100, 0xff);
	only(&m, "");
	/* coherent memory stays */
	begin(&m);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_DIRECT_PAGES, 100, 0);
	live(&m, DMT_OP_ALLOC, 100, 0xff);
	only(&m, "");
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
		cmocka_unit_test(every_reason_to_bounce_is_found),
		cmocka_unit_test(bounces_have_evidence),
		cmocka_unit_test(a_full_swiotlb_is_decoded),
		cmocka_unit_test(two_causes_are_two_findings),
		cmocka_unit_test(without_a_pool_the_map_itself_fails),
		cmocka_unit_test(a_slot_may_be_out_of_reach),
		cmocka_unit_test(only_what_is_left_has_failed),
		cmocka_unit_test(contiguous_memory_may_be_full),
		cmocka_unit_test(unaligned_names_the_offender),
		cmocka_unit_test(refusals_are_told_apart),
		cmocka_unit_test(a_flush_may_be_most_of_an_unmap),
		cmocka_unit_test(a_mask_is_too_narrow_for_devices_that_map),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(each_device_has_its_own),
		cmocka_unit_test(what_a_driver_leaves_is_pending),
		cmocka_unit_test(a_leak_goes_on_and_on),
		cmocka_unit_test(kinds_are_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
