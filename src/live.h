/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The live source: loads and attaches the BPF programs of a plan, reads what they counted.
 * The only user of the skeleton.
 */
#ifndef LIVE_H
#define LIVE_H

#include "model.h"
#include "plan.h"

struct live;

/*
 * Attach what wishes ask for and this kernel allows, then start counting.  On failure reports
 * and returns -errno: -EPERM and -EOPNOTSUPP mean this kernel or privilege cannot do it.
 */
int live_open(struct live **live, const struct wishes *wishes);

/* Facts and plan only: nothing is attached. */
int live_plan(struct kernel *k, struct plan *plan, const struct wishes *wishes);

/* After live_open() failed: every hook off and why; false when not even that is known. */
bool live_refused(const struct live *live, struct model *m);

/* Stop counting and fill the model (zeroed by the caller).  0 or -errno, reported. */
int live_finish(struct live *live, struct model *m);

/* Take everything down.  Slow (grace periods): print first. */
void live_close(struct live *live);

#endif
