// SPDX-License-Identifier: GPL-2.0
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "base/heap.h"

/* Less is not worth it: many a command reads a recording of some KiB. */
#define LEAST (16u << 20)
#define HUGE_PAGE (2u << 20)

void heap_expect(size_t bytes)
{
	size_t before;
	char *top;

	if (bytes < LEAST)
		return;
	/* from the end of the heap, which keeps it when it is given back */
	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, INT32_MAX);
	top = malloc(bytes);
	if (!top)
		return;
	/* huge pages begin at multiples of their size */
	before = -(uintptr_t)top & (HUGE_PAGE - 1);
	madvise(top + before, (bytes - before) & -(size_t)HUGE_PAGE, MADV_HUGEPAGE);
	free(top);
}
