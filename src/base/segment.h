/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What fits into a segment of the swiotlb, into which no buffer fits that needs more, however many
 * slots are free.  As kernel/dma/swiotlb.c has it, v5.10 to 7.2.
 */
#ifndef SEGMENT_H
#define SEGMENT_H

#include <stdbool.h>

#define SLOT_SIZE 2048ull	/* IO_TLB_SIZE */
#define SEGMENT_SLOTS 128	/* IO_TLB_SEGSIZE */

/* A buffer to be bounced. */
struct segment_wish {
	unsigned long long size;
	unsigned long long offset;	/* of its address the bits of align_mask */
	unsigned long long align_mask;	/* of the device: min_align_mask */
	unsigned long long alloc_align;	/* asked for besides: alloc_align_mask */
	unsigned long long boundary;	/* of the device: segment_boundary_mask; 0: none */
};

unsigned long long segment_slots(unsigned long long bytes);
/* Does it need more than the longest run of slots that can ever be free for it? */
bool segment_never_fits(const struct segment_wish *wish);
/* The most bytes that fit wherever the buffer begins, see swiotlb_max_mapping_size(). */
unsigned long long segment_most(unsigned long long align_mask, unsigned long long boundary);

#endif
