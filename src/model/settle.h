/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What counts alone tell of calls whose own return does not say it.
 */
#ifndef SETTLE_H
#define SETTLE_H

#include "model/model.h"

/*
 * A run without latencies watches a map at its return only, and of one that failed that is no
 * address to find a slot by.  If as many buffers asked for slots as maps bounced or failed so, each
 * of these had asked for one: their path is a bounce, as it is where calls are timed.  Before
 * model_sort(), which unites rows that become alike.  0 or -ENOMEM.
 */
int settle_paths(struct model *m);

#endif
