// SPDX-License-Identifier: GPL-2.0
/*
 * Paths of failing maps, see settle.h.
 */
#include "model/owner.h"
#include "model/settle.h"


/* Of one owner. */
struct asked {
	unsigned long long bounces;	/* buffers that asked for slots */
	unsigned long long bounced;	/* maps that got some */
	unsigned long long untold;	/* failing maps of unknown path */
	bool mixed;			/* others took slots, or some of unknown path succeeded */
};

static void asked_add(struct asked *sum, const struct aggregate *a)
{
	bool bounced = a->path == VIA_BOUNCE || a->path == VIA_IOMMU_BOUNCE;

	if (a->op == DMT_OP_BOUNCE)
		sum->bounces += a->calls;
	else if (a->op == DMT_OP_MAP && a->path == VIA_UNKNOWN)
		sum->untold += a->calls;
	else if (a->op == DMT_OP_MAP && bounced)
		sum->bounced += a->calls;
	if (a->op == DMT_OP_MAP && a->path == VIA_UNKNOWN)
		sum->mixed |= a->calls != a->errors;
	else if ((OP(MAP_SG) | OP(IOVA_LINK)) & op_bit(a->op))
		sum->mixed |= bounced || a->path == VIA_UNKNOWN;
}

/* Of the owner whose first row is the nth. */
static void owner_settle(struct model *m, const struct index *owners, size_t n)
{
	struct asked sum = { 0 };

	for (size_t i = n; i != INDEX_NONE; i = index_next(owners, i))
		asked_add(&sum, &m->aggregates[i]);
	if (!sum.untold || sum.mixed || sum.bounces != sum.bounced + sum.untold)
		return;
	for (size_t i = n; i != INDEX_NONE; i = index_next(owners, i))
		if (m->aggregates[i].op == DMT_OP_MAP && m->aggregates[i].path == VIA_UNKNOWN)
			m->aggregates[i].path = VIA_BOUNCE;
}

int settle_paths(struct model *m)
{
	struct index owners;
	int err;

	if (!(m->extras & DMT_WANTS_NO_LATENCY) || !m->hooks[DMT_HOOK_BOUNCE].on)
		return 0;
	err = index_make(&owners, &aggregates_by_owner, m->aggregates, m->naggregates);
	for (size_t i = 0; !err && i < m->naggregates; i++)
		if (index_first(&owners, i) == i)
			owner_settle(m, &owners, i);
	index_release(&owners);
	index_release(&m->by_key);
	return err;
}
