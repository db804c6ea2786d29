/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flags that callers of the DMA API give, in words.
 */
#ifndef FLAGS_H
#define FLAGS_H

#include <stdbool.h>
#include <stddef.h>

/* DMA_ATTR_*, as include/linux/dma-mapping.h has them, v5.10 to 7.2. */
#define ATTR_FORCE_CONTIGUOUS (1ull << 6)
#define ATTR_MMIO (1ull << 10)			/* v6.18 */
#define ATTR_REQUIRE_COHERENT (1ull << 12)	/* 7.2 */

/* "DMA_ATTR_NO_WARN, DMA_ATTR_MMIO", as much as fits; "" where there are none.  Returns buf. */
const char *attrs_name(unsigned long long attrs, char *buf, size_t size);

/* May an allocation with these flags sleep: __GFP_DIRECT_RECLAIM, v5.10 to 7.2. */
bool gfp_sleeps(unsigned long long gfp);

#endif
