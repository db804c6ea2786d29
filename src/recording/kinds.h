/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What many events have in common, so that a recording holds it once: everything but the time,
 * the thread, the memory, and how long it took.  There are as many as devices, operations and call
 * paths make, however many events there are.
 */
#ifndef KINDS_H
#define KINDS_H

struct event;
struct kinds;

/* NULL without memory. */
struct kinds *kinds_new(void);
/* The id of the event's kind, 0 until the caller sets one; NULL without memory. */
long long *kinds_id(struct kinds *k, const struct event *e);
void kinds_free(struct kinds *k);

#endif
