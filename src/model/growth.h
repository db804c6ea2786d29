/* SPDX-License-Identifier: GPL-2.0 */
/*
 * By how many mappings or allocations more a device holds at the end of a run than at its
 * beginning: the one definition that reports, findings and limits share.
 *
 *	growth = held - (unseen - wrong), and not below 0
 *
 * held: made in the run, and not given back.  unseen: given back, but not seen made.  Such a one
 * was made before the run, and what is held replaces it, as in a ring that is refilled: so many are
 * no growth.  wrong: those of them that gave back nothing, since the address shows that the driver
 * never got it; they balance nothing.
 *
 * What was held before the run nobody saw, and not every wrong address shows as one.  So growth is
 * a least number; where unseen ones go on to come while others of the same kind stay, it may be up
 * to held, and `open` says so.  Once all that was there before is given back, none come any more:
 * a run that is longer than a ring takes to turn, or that begins before the driver does, is sure.
 */
#ifndef GROWTH_H
#define GROWTH_H

#include "model/model.h"

/* As few as that may be chance; see growth_lasting(). */
#define GROWTH_LEAST 16

/* Of one device and operation. */
struct growth {
	const char *device;			/* the model's; NULL: not known */
	enum dmt_op op;
	unsigned long long held, unseen, wrong;
	unsigned long long unseen_until_ns;	/* from the start to the last of them */
	enum wrong mostly;			/* how most of those are wrong, if any is */
	unsigned long long least;		/* growth, or less than it */
	bool open;				/* it may be more */
	bool unknown;				/* drivers need not unmap: held says nothing */
};

struct growths {
	struct growth *list;			/* in the order they come in the model */
	size_t count;
	struct index by_kind;
};

/* 0 or -ENOMEM; release it in both cases. */
int growths_make(struct growths *g, const struct model *m);
void growths_release(struct growths *g);
/* NULL: such a device holds nothing of it and gave back all it had made. */
const struct growth *growth_find(const struct growths *g, const char *device, enum dmt_op op);

/* Of a row's mappings, so many at least are growth. */
unsigned long long growth_of_row(const struct growth *g, const struct live_row *row);
/* Has its call site made mappings in most parts of the run that stay? */
bool growth_lasting(const struct live_row *row);

/* What the addresses are that are so wrong: "inside of what is held, ..." */
extern const char *const wrong_names[WRONG_MAX];

#endif
