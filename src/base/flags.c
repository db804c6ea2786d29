// SPDX-License-Identifier: GPL-2.0
/*
 * Flags in words, see flags.h.
 */
#include <stdio.h>
#include <string.h>
#include "base/flags.h"
#include "base/list.h"

static const char *const attr_names[] = {
	[1] = "WEAK_ORDERING", [2] = "WRITE_COMBINE", [4] = "NO_KERNEL_MAPPING",
	[5] = "SKIP_CPU_SYNC", [6] = "FORCE_CONTIGUOUS", [7] = "ALLOC_SINGLE_PAGES",
	[8] = "NO_WARN", [9] = "PRIVILEGED", [10] = "MMIO",
	[11] = "DEBUGGING_IGNORE_CACHELINES", [12] = "REQUIRE_COHERENT", [13] = "CC_SHARED",
};

const char *attrs_name(unsigned long long attrs, char *buf, size_t size)
{
	const size_t known = ARRAY_SIZE(attr_names);
	size_t used = 0;

	*buf = '\0';
	for (unsigned bit = 0; bit < 64 && used < size; bit++) {
		const char *comma = used ? ", " : "";

		if (!(attrs >> bit & 1))
			continue;
		if (bit < known && attr_names[bit])
			used += snprintf(buf + used, size - used, "%sDMA_ATTR_%s", comma,
					 attr_names[bit]);
		else
			used += snprintf(buf + used, size - used, "%sattribute %u", comma, bit);
	}
	return buf;
}

bool gfp_sleeps(unsigned long long gfp)
{
	return gfp & 0x400;
}
