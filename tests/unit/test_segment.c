// SPDX-License-Identifier: GPL-2.0
/*
 * What fits into a segment of the swiotlb.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/flags.h"
#include "base/segment.h"

#define K 1024ull

static void a_segment_has_128_slots(void **state)
{
	(void)state;
	assert_false(segment_never_fits(&(struct segment_wish){ .size = 256 * K }));
	assert_true(segment_never_fits(&(struct segment_wish){ .size = 256 * K + 1 }));
	assert_true(segment_never_fits(&(struct segment_wish){ .size = ~0ull }));
	/* without min_align_mask it does not matter where the buffer begins */
	assert_false(segment_never_fits(&(struct segment_wish){ .size = 256 * K,
								 .offset = 2048 }));
	assert_int_equal(segment_slots(2049), 2);
	assert_true(segment_slots(~0ull) == 1ull << 53);
}

/* As nvme has it: a mapping keeps its offset in the page. */
static void alignment_takes_slots(void **state)
{
	struct segment_wish wish = { .size = 256 * K, .align_mask = 4095 };

	(void)state;
	assert_false(segment_never_fits(&wish));
	wish.offset = 2048;		/* the first slot is skipped */
	assert_true(segment_never_fits(&wish));
	wish.size = 254 * K;
	assert_false(segment_never_fits(&wish));
	wish.offset = 512;		/* begins within a slot, and ends within one more */
	wish.size = 256 * K - 511;
	assert_true(segment_never_fits(&wish));
	wish.size = 256 * K - 512;
	assert_false(segment_never_fits(&wish));
	wish.offset = 4095;
	wish.size = 252 * K;
	assert_false(segment_never_fits(&wish));
}

/* Behind an IOMMU a device that is not trusted gets whole pages. */
static void what_is_asked_for_besides_is_rounded_up(void **state)
{
	struct segment_wish wish = { .size = 256 * K, .alloc_align = 4095 };

	(void)state;
	assert_false(segment_never_fits(&wish));
	wish.align_mask = 4095;
	wish.offset = 1;
	wish.size = 252 * K;
	assert_false(segment_never_fits(&wish));
	wish.size++;
	assert_false(segment_never_fits(&(struct segment_wish){ .size = 252 * K + 1,
								 .alloc_align = 4095 }));
	wish.offset = 4095;
	wish.size = 252 * K + 2;
	assert_true(segment_never_fits(&wish));
	wish.alloc_align = ~0ull;
	assert_true(segment_never_fits(&wish));
}

static void a_boundary_is_not_crossed(void **state)
{
	struct segment_wish wish = { .size = 64 * K, .boundary = 0xffff };

	(void)state;
	assert_false(segment_never_fits(&wish));
	wish.size++;
	assert_true(segment_never_fits(&wish));
	wish = (struct segment_wish){ .size = 256 * K, .boundary = 0xffffffff };
	assert_false(segment_never_fits(&wish));
	wish = (struct segment_wish){ .size = 1, .boundary = 2047, .align_mask = 4095,
				      .offset = 2048 };
	assert_true(segment_never_fits(&wish));
}

/* What dma_max_mapping_size() says. */
static void the_most_that_fits_anywhere(void **state)
{
	(void)state;
	assert_int_equal(segment_most(0, 0), 256 * K);
	assert_int_equal(segment_most(4095, 0), 258048);
	assert_int_equal(segment_most(511, ~0ull), 254 * K);
	assert_int_equal(segment_most(65535, 0xffffffff), 192 * K);
	assert_int_equal(segment_most(0, 0xffff), 64 * K);
	assert_int_equal(segment_most(~0ull, 0), 0);
}

static void attributes_have_names(void **state)
{
	char buf[64], little[12];

	(void)state;
	assert_string_equal(attrs_name(0, buf, sizeof(buf)), "");
	assert_string_equal(attrs_name(ATTR_REQUIRE_COHERENT | 1 << 8, buf, sizeof(buf)),
			    "DMA_ATTR_NO_WARN, DMA_ATTR_REQUIRE_COHERENT");
	assert_string_equal(attrs_name(1ull << 63 | 1, buf, sizeof(buf)),
			    "attribute 0, attribute 63");
	assert_string_equal(attrs_name(~0ull, little, sizeof(little)), "attribute 0");
	assert_true(gfp_sleeps(0xcc0));		/* GFP_KERNEL */
	assert_false(gfp_sleeps(0x820));	/* GFP_ATOMIC */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_has_128_slots),
		cmocka_unit_test(alignment_takes_slots),
		cmocka_unit_test(what_is_asked_for_besides_is_rounded_up),
		cmocka_unit_test(a_boundary_is_not_crossed),
		cmocka_unit_test(the_most_that_fits_anywhere),
		cmocka_unit_test(attributes_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
