/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recording while tracing: what was seen so far, written at every interval and at the end, and
 * events, if they were asked for, as they come.
 */
#ifndef KEEP_H
#define KEEP_H

struct keep;
struct live;
struct model;
struct run;
struct trace_opts;
struct wishes;

/* Before anything is attached, so that a file that cannot be written says so at once. */
int keep_open(struct keep **keep, const struct trace_opts *o);
/* The recording begins.  Have run_wait() write it meanwhile; wishes: those of live. */
int keep_start(struct keep *keep, struct live *live, const struct wishes *wishes,
	       struct run *run);
/* All there is, after live_finish(). */
int keep_finish(struct keep *keep, const struct model *m);
/* NULL is none. */
void keep_close(struct keep *keep);

#endif
