/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording to be compared: the run, and what came in each part of it, which its aggregates
 * have as lists of parts.
 */
#ifndef RECORDED_H
#define RECORDED_H

#include "model/model.h"
#include "analysis/stats.h"	/* STATS_BLOCKS: the most parts there are */

struct replay;

struct recorded {
	const char *path;		/* the caller's */
	struct model whole;
	size_t nparts;			/* 0: not known what came when */
	unsigned long long intervals;	/* that was written in */
	struct replay *replay;
};

/* Opens the file and reads nothing of it yet.  0 or -errno, reported; close it whatever happens. */
int recorded_new(struct recorded *r, const char *path);
/* All of it, once.  0 or -errno, reported. */
int recorded_read(struct recorded *r);
/* Both. */
int recorded_open(struct recorded *r, const char *path);
/* As model_filter(). */
void recorded_filter(struct recorded *r, const char *device, const char *driver,
		     dmt_ops ops_wanted);
void recorded_close(struct recorded *r);

#endif
