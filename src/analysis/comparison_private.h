/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by comparison.c and comparison_held.c; nobody else includes it.
 */
#ifndef COMPARISON_PRIVATE_H
#define COMPARISON_PRIVATE_H

#include "analysis/compare.h"
#include "base/list.h"
#include "model/owner.h"

/*
 * A recording, its rows by what is compared.  Sums are made when they are needed, of one kind of
 * calls after the other: of all of them together they would take much memory.
 */
struct side {
	const struct recorded *from;
	struct index paths, kinds;	/* of aggregates: calls of one path, and of all paths */
	struct index made, ages, lifetimes, live;	/* of rows by owner and operation */
	struct index stacks;		/* the same of live rows, by call path, too */
	struct hist_sum whole, parts[STATS_BLOCKS];	/* latencies of calls being compared */
	bool latency_known;		/* of all of these */
};

struct making {
	struct comparison *c;
	struct side sides[2];
};

/* One more, without keys; NULL without memory. */
static inline struct change *change_add(struct comparison *c, enum dmt_op op, enum measure measure)
{
	struct change *grown = list_grow(c->changes, c->nchanges, sizeof(*grown));

	if (!grown)
		return NULL;
	c->changes = grown;
	grown += c->nchanges++;
	*grown = (struct change){ .op = op, .measure = measure };
	return grown;
}

/* What a side needs for held_add_all().  0 or -ENOMEM; end it in both cases. */
int side_held_begin(struct side *s);
void side_held_end(struct side *s);
/* What is held in the end, if both followed mappings.  0 or -ENOMEM. */
int held_add_all(struct making *m);

#endif
