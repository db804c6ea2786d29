/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between two recordings, and whether noise explains it; man/dmatrace-diff.1 has the
 * tests and why these.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include "model/group.h"
#include "analysis/recorded.h"

#define DOUBT 0.05	/* what chance does not bring about more often than that is no chance */

enum measure {
	/* of latency, ns */
	MEASURE_MEAN,		/* of the fastest 95 % */
	MEASURE_P50, MEASURE_P90, MEASURE_P99,
	/* of calls, how many */
	MEASURE_ERRORS,		/* failed */
	MEASURE_PATH,		/* took this path, of those of all paths */
	MEASURE_HELD,		/* made what was held in the end, and for longer than any other */
	MEASURE_MAX
};
extern const char *const measure_names[MEASURE_MAX];
/* One of latency, ns; count must not be 0. */
unsigned long long measure_of(const struct hist *latency, enum measure measure);

enum verdict {
	VERDICT_SAME,		/* no more than the threshold, or than noise */
	VERDICT_MORE,		/* slower, or a larger share */
	VERDICT_LESS,
	VERDICT_FEW,		/* not to be judged: calls or intervals with calls were too few */
	VERDICT_INCOMPARABLE,	/* watched in one only, or in another way; see watching */
	VERDICT_MAX
};

/* Of the second to the first. */
struct difference {
	enum verdict verdict;
	double ratio;			/* NAN: not known, or of nothing */
	double low, high;		/* with 95 % confidence; NAN: not known */
	double p;	/* that noise gives as much beyond the threshold; NAN: not judged */
};

/*
 * Latencies in a run, and in parts of it.  parts[i] NULL: none.  whole NULL: none at all.
 */
struct sample {
	const struct hist_sum *whole;
	const struct hist_sum *parts[STATS_BLOCKS];
	size_t nparts;
};

/*
 * Is a latency of the second larger, or smaller, by more than the threshold, 0.1 being 10 %?  Each
 * for itself: among many at 5 % one in 20 is a false alarm; see stats_holm().
 */
struct difference compare_latency(const struct sample *a, const struct sample *b,
				  enum measure measure, double threshold);

/* Calls of which so many are counted, in a run and in parts of it. */
struct shares {
	double counted, of;
	double counted_in[STATS_BLOCKS], of_in[STATS_BLOCKS];
	size_t nparts;
};

/* Where each call may be like its neighbours, and where so many are known to be as one. */
struct difference compare_shares(const struct shares *a, const struct shares *b, double threshold);
struct difference compare_counts(const struct shares *a, const struct shares *b, double repeated,
				 double threshold);

/* One measure of one kind of calls. */
struct change {
	const char *keys[AXIS_MAX];	/* of the first or the second model; NULL: none */
	enum dmt_op op;
	enum measure measure;
	unsigned long long before, after;	/* ns, or how many */
	unsigned long long calls_before, calls_after;	/* of how many */
	struct difference difference;	/* p is that of all changes together */
};

/* Neither the same nor unknown. */
static inline bool change_found(const struct change *c)
{
	return c->difference.verdict == VERDICT_MORE || c->difference.verdict == VERDICT_LESS;
}

/*
 * Where what is held more, or less, in the end came from: a call path of that device and operation
 * by which more are held in the run that holds more, and one for longer than any that was given
 * back.  All that are held by it are counted, also those that were made just now.
 */
struct held_path {
	const char *device, *driver;		/* a model's, as is the stack; NULL: not known */
	enum dmt_op op;
	unsigned long long before, after;	/* how many */
	unsigned long long bytes_before, bytes_after;
	const struct frames *stack;		/* of count 0: lost */
};

/* Work done on a device: what callers asked for, no fault of what served them. */
struct load {
	const char *keys[AXIS_MAX];
	enum dmt_op op;
	unsigned long long calls_before, calls_after, bytes_before, bytes_after;
	bool other;		/* more than twice, or less than half, as many a second */
};

/* Operations (bits) and why they are not compared. */
struct watching {
	dmt_ops before_only, after_only;	/* watched in one alone, or in part in one */
	dmt_ops other_way;			/* whose latencies therefore differ */
	bool other_extras;			/* as do all latencies */
};

struct comparison {
	struct change *changes;		/* by device, driver, operation, direction, path */
	size_t nchanges;
	struct held_path *held_paths;	/* of changes of MEASURE_HELD, as they seem one by one */
	size_t nheld_paths;
	struct load *loads;
	size_t nloads;
	struct watching watching;
	double threshold;
};

/* Both recordings must outlive it.  0 or -ENOMEM; release it whatever happens. */
int comparison_make(struct comparison *c, const struct recorded *a, const struct recorded *b,
		    double threshold);
/* The change of the same keys, operation and measure, or NULL. */
const struct change *comparison_find(const struct comparison *c, const struct change *like);
/*
 * Another recording of the first work was compared with the second as well: what was not found to
 * differ from that in the same way is not changed.
 */
void comparison_confirm(struct comparison *c, const struct comparison *again);
void comparison_release(struct comparison *c);

#endif
