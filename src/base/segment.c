// SPDX-License-Identifier: GPL-2.0
/*
 * Segments of the swiotlb, see segment.h.
 */
#include "base/segment.h"

static unsigned long long round_up(unsigned long long bytes, unsigned long long multiple)
{
	return (bytes + multiple - 1) / multiple * multiple;
}

unsigned long long segment_slots(unsigned long long bytes)
{
	return bytes / SLOT_SIZE + !!(bytes % SLOT_SIZE);
}

/* Slots between two addresses that no entry crosses, and not more than a segment has. */
static unsigned long long longest_run(unsigned long long boundary)
{
	unsigned long long most = boundary / SLOT_SIZE + 1;

	return boundary && most < SEGMENT_SLOTS ? most : SEGMENT_SLOTS;
}

/*
 * Bits of the address below a slot's size, and below what is asked for besides, are kept by
 * beginning within the first slot; those above by skipping slots at the front of the segment, as a
 * pool begins with a page.
 */
bool segment_never_fits(const struct segment_wish *wish)
{
	unsigned long long within = wish->alloc_align | (SLOT_SIZE - 1);
	unsigned long long run = longest_run(wish->boundary), bytes, skipped;

	if (wish->size > SEGMENT_SLOTS * SLOT_SIZE ||
	    wish->alloc_align >= SEGMENT_SLOTS * SLOT_SIZE)
		return true;
	bytes = wish->size + (wish->offset & wish->align_mask & within);
	if (wish->alloc_align)
		bytes = round_up(bytes, wish->alloc_align + 1);
	skipped = (wish->offset & wish->align_mask & ~within) / SLOT_SIZE;
	return skipped >= run || segment_slots(bytes) > run - skipped;
}

unsigned long long segment_most(unsigned long long align_mask, unsigned long long boundary)
{
	unsigned long long most = longest_run(boundary) * SLOT_SIZE;
	unsigned long long less = round_up(align_mask < most ? align_mask : most, SLOT_SIZE);

	return less < most ? most - less : 0;
}
