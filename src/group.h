/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Aggregates of a model added up by some of what they are told apart by.
 */
#ifndef GROUP_H
#define GROUP_H

#include "model.h"

enum axis {
	AXIS_DEVICE, AXIS_DRIVER, AXIS_OP, AXIS_PATH, AXIS_LAYER, AXIS_DIRECTION, AXIS_MAX
};
extern const char *const axis_names[AXIS_MAX + 1];	/* ends with NULL */

struct group {
	const char *keys[AXIS_MAX];	/* the model's; NULL: not grouped by it, or it has none */
	enum dmt_op op;			/* valid when grouped by it */
	unsigned long long calls, errors, bytes;
	bool errors_known, latency_known;	/* of all that is in it */
	struct hist latency, size;
};

struct groups {
	struct group *items;		/* in the order in which the model has them */
	size_t count;
};

/* by: bits of enum axis.  The model must outlive the groups.  0 or -ENOMEM. */
int groups_make(struct groups *groups, const struct model *m, unsigned by);
/* The one of the same keys, or NULL. */
const struct group *groups_find(const struct groups *groups, const struct group *like);
void groups_release(struct groups *groups);

#endif
