/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was observed, by names alone: no ids, no kernel addresses, no libbpf.  Filled by a
 * source (live.c), read by reports.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include "hist.h"
#include "hooks.h"
#include "plan.h"

struct error_count {
	enum failure kind;
	long long value;		/* as the kernel returned it */
	unsigned long long count;
};

/* All calls of one operation and direction on one device. */
struct aggregate {
	char *device, *bus, *driver;	/* NULL: not known */
	enum dmt_op op;
	enum dmt_dir direction;
	unsigned long long calls, errors, bytes;
	bool errors_known;		/* the way in use sees failing calls */
	bool latency_known;
	struct hist latency, size;
	struct error_count *values;
	size_t nvalues;
};

struct hook_state {
	enum dmt_op op;
	const char *target;		/* NULL: off */
	enum way way;
	bool on, wanted;
	char reason[PLAN_REASON];
	unsigned long long calls;
	unsigned long long missed;	/* calls known to have escaped it */
	bool missed_known;
};

struct loss {
	const char *name;
	unsigned long long count;
};

struct model {
	char *host, *release, *arch;
	unsigned long long duration_ns;
	struct hook_state hooks[DMT_HOOK_MAX];
	struct aggregate *aggregates;
	size_t naggregates;
	struct loss losses[DMT_LOSS_MAX + 1];
	size_t nlosses;
};

/* The aggregate of these names, new if need be; NULL without memory. */
struct aggregate *model_aggregate(struct model *m, const char *device, const char *bus,
				  const char *driver, enum dmt_op op, enum dmt_dir direction);
/* Drop aggregates a filter does not match; globs, NULL = any. */
void model_filter(struct model *m, const char *device, const char *driver, unsigned ops_wanted);
/* By device and driver, then in the order of operations and directions. */
void model_sort(struct model *m);
/* Hook states as planned; live.c corrects what the kernel then refused. */
void model_plan(struct model *m, const struct plan *plan);
void model_release(struct model *m);

#endif
