/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The live source: loads and attaches the BPF programs of a plan, reads what they counted.
 * The only user of the skeleton.
 */
#ifndef LIVE_H
#define LIVE_H

#include "model/model.h"
#include "kernel/plan.h"

struct event;
struct live;

/*
 * Attach what wishes ask for and this kernel allows, then start counting.  On failure reports
 * and returns -errno: -EPERM and -EOPNOTSUPP mean this kernel or privilege cannot do it, -EINTR
 * that a signal came meanwhile, see base/signals.h.
 */
int live_open(struct live **live, const struct wishes *wishes);

/* Facts and plan only: nothing is attached. */
int live_plan(struct kernel *k, struct plan *plan, const struct wishes *wishes);

/*
 * What the verifier walks of the programs that wishes are for (none named: of all), whatever else
 * a command asks for; attaches nothing.  Zeroed by the caller, who releases it either way.  0 or
 * -errno, reported.
 */
struct verification;
int live_verify(struct verification *v, const struct wishes *wishes);
void verification_release(struct verification *v);

/* After live_open() failed: every hook off and why; false when not even that is known. */
bool live_refused(const struct live *live, struct model *m);

/*
 * Where wishes.extras has DMT_WANTS_EVENTS.  A descriptor that is readable when there are events,
 * or -errno, reported.
 */
int live_events_open(struct live *live);
/*
 * Hands over what came since, but no more than `most`: how many that was, or -errno, reported, or
 * what each() said when it was negative.  What it gets is valid only until it returns.
 */
int live_events_read(struct live *live, int most, int (*each)(void *arg, const struct event *e),
		     void *arg);

/* Fill the model (zeroed by the caller) while counting goes on.  0 or -errno, reported. */
int live_peek(struct live *live, struct model *m);

/* The same, and stop counting. */
int live_finish(struct live *live, struct model *m);

/* Take everything down.  Slow (grace periods): print first. */
void live_close(struct live *live);

#endif
