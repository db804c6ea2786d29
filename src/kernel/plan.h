/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The plan: for every hook, the one way it is observed on a given kernel, or why it is not.
 * A pure function of kernel facts and wishes; attaches nothing.
 */
#ifndef PLAN_H
#define PLAN_H

#include "kernel/kernel.h"

#define PLAN_REASON 256

#define LAYERS_ALL (~0u)
_Static_assert(WAY_MAX <= 32 && LAYER_MAX < 32, "struct wishes has 32 bits for each, and for 'all'");

struct wishes {
	unsigned ways;		/* bits of enum way; 0 = all */
	unsigned layers;	/* bits of enum layer; 0 = all; LAYERS_ALL: and on request */
	dmt_ops ops;		/* bits of enum dmt_op; 0 = all */
	unsigned extras;	/* DMT_WANTS_*: what for, besides counting */
	unsigned sample;	/* of events and call paths keep one in so many; 0 = all */
	bool cost;		/* what tracing itself costs */
	bool failures_only;	/* events of failing calls only */
	unsigned long long min_latency_ns;	/* of events */
	unsigned long long event_bytes;	/* room for events; 0: the usual */
	unsigned long long max_mappings, max_stacks;	/* to keep at a time; 0: the usual */
	unsigned each;		/* so many live mappings one by one */
	const char *device, *driver;	/* globs; NULL = all; of what extras keep */
};

/* Which ends of a call have a program: of most both, of marks and tracepoints the one there is. */
enum ends { ENDS_BOTH, ENDS_ENTRY, ENDS_RETURN };

struct planned {
	const struct sight *sight;	/* NULL: off */
	enum way way;
	enum ends ends;
	bool shared;			/* another hook's program sees it */
	bool wanted;
	bool absent;			/* this kernel has no such function, or no use for it */
	bool lacks_iommu;		/* off only because the machine has none */
	char reason[PLAN_REASON];		/* why off, or what to know of it */
};

struct plan {
	struct planned hooks[DMT_HOOK_MAX];
};

/* One way the kernel refused when it came to it: not tried again. */
struct refusal {
	const struct sight *sight;
	enum way way;
	int err;
};

void plan_make(struct plan *plan, const struct kernel *k, const struct wishes *wishes,
	       const struct refusal *refused, size_t nrefused);

/* What was left out for lack of an IOMMU is missed from now on, and says so. */
void plan_iommu_came(struct plan *plan);

/* Operations (bits) the wishes are for; hooks of others may be attached to serve these. */
dmt_ops wishes_ops(const struct wishes *wishes);

/* What of its row's programs is for this end, as "__fentry"; a mark or release has one end only. */
const char *planned_suffix(const struct planned *p, bool at_return);

/* Does this hook have a program of its own to attach? */
static inline bool planned_attaches(const struct planned *p)
{
	return p->sight && !p->shared;
}

#endif
