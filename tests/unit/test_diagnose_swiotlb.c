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

/* A pool of which nothing is taken, and a device that is particular. */
static void expect_limit(const struct failed *like, const struct reach *reach, const char *cause,
			 const char *remedy)
{
	struct findings f;
	struct failed *one;
	struct model m;

	begin(&m);
	*seen(&m, NULL) = *reach;
	calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 5, 5);
	bounces(&m, REASON_FORCED, 5, 5);
	one = failed(&m, DEV, DMT_OP_BOUNCE, 5);
	one->size = like->size;
	one->offset = like->offset;
	one->align = like->align;
	one->slots = 8192;
	expect(&m, &f, "swiotlb-full");
	contains(f.list->cause, cause);
	contains(f.list->remedy, remedy);
	findings_release(&f);
}

/* No pool is large enough for them, and none is said to be. */
static void what_can_never_fit_is_told(void **state)
{
	const struct failed half_a_page = { .size = 262144, .offset = 2048 };
	const struct failed aligned = { .size = 262144 }, large = { .size = 524288 };
	const struct failed whole_pages = { .size = 260000, .offset = 3000, .align = 4095 };
	const struct reach nvme = { .mask = ~0ull, .align_mask = 4095, .boundary = ~0ull };
	const struct reach plain = { .mask = ~0ull };
	const struct reach bounded = { .mask = ~0ull, .boundary = 0xffff };

	(void)state;
	expect_limit(&half_a_page, &nvme, "segment limit of 256 KiB (128 slots of 2 KiB), of which "
		     "its min_align_mask, 4095, leaves this device 258048 bytes",
		     "map in pieces of at most 258048 bytes, as dma_max_mapping_size() says; a "
		     "larger pool does not help");
	expect_limit(&whole_pages, &nvme, "whole pages of the IOMMU", "at most 258048 bytes");
	expect_limit(&large, &plain, "the segment limit of 256 KiB (128 slots of 2 KiB)",
		     "at most 262144 bytes");
	expect_limit(&aligned, &bounded, "segment boundary allows 65536 bytes",
		     "at most 65536 bytes");
	/* these would have fitted */
	expect_limit(&half_a_page, &plain, "fragmented", "enlarge the pool");
	expect_limit(&aligned, &nvme, "fragmented", "enlarge the pool");
}

/* Its size is the device tree's, and swiotlb=noforce says nothing of it. */
static void a_restricted_pool_is_not_the_command_line_s(void **state)
{
	struct findings f;
	struct failed *one;
	struct model m;

	(void)state;
	begin(&m);
	seen(&m, NULL)->restricted = true;
	m.inventory.facts.bounce_off = true;
	calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 5, 5);
	bounces(&m, REASON_RESTRICTED_POOL, 5, 5);
	one = failed(&m, DEV, DMT_OP_BOUNCE, 5);
	one->size = 4096;
	one->slots = one->used_min = one->used_max = 1024;
	expect(&m, &f, "swiotlb-full");
	contains(f.list->cause, "exhausted");
	contains(f.list->remedy, "restricted-dma-pool in the device tree");
	findings_release(&f);
}

static void noforce_keeps_growing_pools_from_being_searched(void **state)
{
	struct findings f;
	struct failed *one;
	struct model m;

	(void)state;
	for (int off = 0; off < 2; off++) {
		begin(&m);
		seen(&m, NULL)->restricted = true;
		m.inventory.facts.bounce_off = off;
		calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 5, 5);
		bounces(&m, REASON_RESTRICTED_POOL, 5, 5);
		one = failed(&m, DEV, DMT_OP_BOUNCE, 5);
		one->size = 4096;
		one->slots = 1024;
		expect(&m, &f, "swiotlb-full");
		contains(f.list->cause, off ? "SWIOTLB_DYNAMIC" : "fragmented");
		contains(f.list->remedy, off ? "without swiotlb=noforce" : "restricted-dma-pool");
		findings_release(&f);
	}
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_to_bounce_is_found),
		cmocka_unit_test(bounces_have_evidence),
		cmocka_unit_test(a_full_swiotlb_is_decoded),
		cmocka_unit_test(what_can_never_fit_is_told),
		cmocka_unit_test(a_restricted_pool_is_not_the_command_line_s),
		cmocka_unit_test(noforce_keeps_growing_pools_from_being_searched),
		cmocka_unit_test(two_causes_are_two_findings),
		cmocka_unit_test(without_a_pool_the_map_itself_fails),
		cmocka_unit_test(a_slot_may_be_out_of_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
