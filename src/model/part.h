/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What came of one kind of calls in each part of a run.  There are many kinds and many parts, so a
 * part takes little memory: its latencies are text, as in a recording.
 */
#ifndef PART_H
#define PART_H

#include <stddef.h>
#include "model/hist.h"

/* What had come of it at some time, or came from one time to another. */
struct come {
	unsigned long long calls, errors, bytes;
	struct hist_sum latency;	/* its maximum means nothing */
};

struct run_part {
	struct run_part *next;	/* a later part of the run; NULL: none */
	unsigned long long calls, errors, latency_sum;
	unsigned short n;	/* which part, counted from 0 */
	char latency[];		/* buckets, see hist_print(); "": none */
};

/*
 * Puts a part behind the others of a list, all of which are earlier.  It has calls, errors and
 * latencies of `came`; if all of these are none, nothing is put there.  0 or -ENOMEM.
 */
int part_add(struct run_part **list, unsigned short n, const struct come *came);
/* Adds its latencies, of which the maximum is not known. */
void part_latency_add(struct hist_sum *to, const struct run_part *p);
void parts_release(struct run_part *list);

#endif
