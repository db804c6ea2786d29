// SPDX-License-Identifier: GPL-2.0
/*
 * What bounces and why, and why slots are not had.
 */
#include "diagnosed.h"

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

/* Of a restricted pool, whatever there is of the default one. */
static void restricted_bounces(struct model *m, bool off, unsigned errors,
			       unsigned long long slots, unsigned long long used)
{
	struct failed *one;

	begin(m);
	m->inventory.facts.bounce_off = off;
	m->inventory.facts.pool_known = off;
	calls(m, DEV, DMT_OP_MAP, VIA_BOUNCE, 64, errors);
	bounces(m, REASON_RESTRICTED_POOL, 64, errors);
	one = failed(m, DEV, DMT_OP_BOUNCE, errors);
	one->size = 65536;
	one->slots = slots;
	one->used_min = one->used_max = used;
}

static void a_full_restricted_pool_is_not_the_default_one(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	for (int off = 0; off < 2; off++) {
		restricted_bounces(&m, off, 48, 512, 512);
		expect(&m, &f, "swiotlb-full bounce-restricted-pool");
		contains(f.list->cause, "exhausted");
		contains(f.list->evidence, "512 of 512 slots used");
		contains(f.list->remedy, "restricted-dma-pool, a reserved-memory node");
		findings_release(&f);
		/* the state of the pool could not be read */
		restricted_bounces(&m, off, 48, 0, 0);
		expect(&m, &f, "swiotlb-full bounce-restricted-pool");
		contains(f.list->cause, "unknown");
		contains(f.list->remedy, "restricted-dma-pool");
		findings_release(&f);
	}
	/* none used, and none found: that is what noforce does to a kernel whose pools grow */
	restricted_bounces(&m, true, 64, 512, 0);
	expect(&m, &f, "swiotlb-full");
	contains(f.list->cause, "SWIOTLB_DYNAMIC");
	contains(f.list->remedy, "without swiotlb=noforce");
	findings_release(&f);
	restricted_bounces(&m, false, 64, 512, 0);
	expect(&m, &f, "swiotlb-full");
	contains(f.list->cause, "fragmented");
	findings_release(&f);
}

static void expect_restricted_alloc(unsigned long long size, unsigned long long used,
				    const char *evidence, const char *cause, const char *remedy)
{
	struct findings f;
	struct failed *one;
	struct model m;

	begin(&m);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_RESTRICTED_POOL, 10, 4);
	one = failed(&m, DEV, DMT_OP_ALLOC, 4);
	one->size = size;
	one->slots = 512;
	one->used_min = one->used_max = used;
	expect(&m, &f, "alloc-failed");
	contains(f.list->evidence, evidence);
	contains(f.list->cause, "restricted pool, and gets nothing from elsewhere");
	contains(f.list->cause, cause);
	contains(f.list->remedy, remedy);
	findings_release(&f);
}

static void an_allocation_fails_in_a_restricted_pool(void **state)
{
	(void)state;
	expect_restricted_alloc(8192, 510, "4 of 10 allocations failed; 8.0KiB (4 slots) asked for; "
				"510 of 512 slots used", "exhausted", "restricted-dma-pool");
	/* in whole pages */
	expect_restricted_alloc(5000, 509, "509 of 512", "exhausted", "restricted-dma-pool");
	expect_restricted_alloc(8192, 500, "500 of 512", "fragmented", "restricted-dma-pool");
	expect_restricted_alloc(524288, 0, "256 slots", "segment limit", "at most 256 KiB");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_to_bounce_is_found),
		cmocka_unit_test(bounces_have_evidence),
		cmocka_unit_test(a_full_swiotlb_is_decoded),
		cmocka_unit_test(a_full_restricted_pool_is_not_the_default_one),
		cmocka_unit_test(an_allocation_fails_in_a_restricted_pool),
		cmocka_unit_test(two_causes_are_two_findings),
		cmocka_unit_test(without_a_pool_the_map_itself_fails),
		cmocka_unit_test(a_slot_may_be_out_of_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
