/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Aggregates of a model, or lifetimes, added up by some of what they are told apart by.
 */
#ifndef GROUP_H
#define GROUP_H

#include "base/index.h"
#include "model/model.h"

enum axis {
	AXIS_DEVICE, AXIS_DRIVER, AXIS_OP, AXIS_PATH, AXIS_LAYER, AXIS_DIRECTION, AXIS_MAX
};
_Static_assert(AXIS_MAX <= 32, "sets of axes have 32 bits");
extern const char *const axis_names[AXIS_MAX + 1];	/* ends with NULL */

struct group {
	const char *keys[AXIS_MAX];	/* the model's; NULL: not grouped by it, or it has none */
	enum dmt_op op;			/* valid when grouped by it */
	unsigned long long calls, errors, bytes;
	bool errors_known, latency_known;	/* of all that is in it */
	bool sized;			/* some of it is of a size */
	struct hist latency, size;
	/* of groups_lifetimes(), which knows nothing of the above but the keys */
	struct hist lifetime;
	unsigned long long unseen, shared;	/* see struct lifetime_row */
};

struct groups {
	struct group *items;		/* in the order in which the model has them */
	size_t count;
	struct index by_keys;		/* valid while the items stay where they are */
};

/* by: bits of enum axis.  The model must outlive the groups.  0 or -ENOMEM. */
int groups_make(struct groups *groups, const struct model *m, unsigned by);
/* The same of lifetimes of what these operations (bits) made; they have some axes only. */
#define LIFETIME_AXES (1u << AXIS_DEVICE | 1u << AXIS_DRIVER | 1u << AXIS_OP | 1u << AXIS_LAYER)
int groups_lifetimes(struct groups *groups, const struct model *m, unsigned by,
		     dmt_ops ops_wanted);
/* The one of the same keys, or NULL. */
const struct group *groups_find(const struct groups *groups, const struct group *like);
void groups_release(struct groups *groups);

#endif
