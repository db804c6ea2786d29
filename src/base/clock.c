// SPDX-License-Identifier: GPL-2.0
/*
 * The time, see clock.h.
 */
#include <time.h>
#include "base/clock.h"

unsigned long long clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}
