/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was observed, by names alone: no ids, no kernel addresses, no libbpf.  Filled by a
 * source (live/live.c), read by reports.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include "model/classify.h"
#include "model/hist.h"
#include "kernel/hooks.h"
#include "base/index.h"
#include "model/inventory.h"
#include "kernel/plan.h"

struct error_count {
	enum failure kind;
	long long value;		/* as the kernel returned it */
	unsigned long long count;
};

/* All calls of one kind on one device. */
struct aggregate {
	char *device, *bus, *driver;	/* NULL: not known */
	enum dmt_op op;
	enum dmt_dir direction;
	enum path path;
	enum reason reason;
	enum context context;
	enum phase phase;
	unsigned within;		/* see classify.h */
	unsigned long long page_size;	/* 0: not known, or there is none */
	unsigned long long calls, errors, bytes;
	unsigned long long fell_back;	/* see cma_fell_back(); also where there is no such area */
	bool errors_known;		/* the way in use sees failing calls */
	bool latency_known;
	struct hist latency, size;
	struct error_count *values;
	size_t nvalues;
	struct run_part *parts;		/* of a recording to be compared: see analysis/recorded.h */
};

/* A call path by names, innermost first: "dma_alloc_attrs", "probe [driver]".  count 0: none. */
struct frames {
	char **names;
	size_t count;
};

/* Failing calls of one kind that are alike in all of this. */
struct failed {
	char *device, *driver;		/* NULL: not known */
	enum dmt_op op;
	enum dmt_dir direction;
	enum failure kind;
	long long value;		/* as the kernel returned it */
	unsigned long long count;
	unsigned long long size;	/* asked for, bytes */
	/* of iommu_map; min_pagesz 0: not known, as is paddr then */
	unsigned long long iova, paddr, min_pagesz;
	unsigned long long limit;	/* of iova_fast_alloc: highest address asked for */
	/*
	 * Of a bounce that is large: the bits of its address that its slots have to have, and what
	 * was asked of where they begin and end (alloc_align_mask).
	 */
	unsigned long long offset, align;
	unsigned long long attrs, gfp;	/* DMA_ATTR_*; of an allocation */
	/* of bounce: the pool and what was taken of it, in slots of 2 KiB; slots 0: not known */
	unsigned long long slots, used_min, used_max;
	struct frames stack;
};

/* Slots of the swiotlb taken and not given back. */
struct holder {
	char *device, *driver;
	char *pool;			/* its directory in debugfs; NULL: not known */
	unsigned long long count, bytes;
	struct frames stack;		/* where they were taken */
};

/* Calls of one aggregate's kind by the path they came by. */
struct path_count {
	char *device, *driver;		/* NULL: not known */
	enum dmt_op op;
	enum dmt_dir direction;
	unsigned long long calls, bytes, ns;
	struct frames stack;		/* empty: lost */
};

#define LIVE_SLICES 8			/* equal parts of a run */
_Static_assert(LIVE_SLICES <= 32, "struct live_row has a bit for each");

/* Mappings and allocations not given back, by device and call path. */
struct live_row {
	char *device, *driver;
	enum dmt_op op;			/* that made them */
	unsigned long long count, bytes;
	unsigned long long oldest_ns;	/* age */
	unsigned slices;		/* bit n: some were made in the nth of LIVE_SLICES parts */
	bool pending;			/* the driver has let the device go since */
	bool unmaps_skipped;		/* drivers need not unmap there: says nothing */
	struct frames stack;
};

/* A device that was seen, as it was then. */
struct traced_device {
	char *device, *bus, *driver;	/* NULL: not known */
	char *dma_ops;			/* as device_dma_ops() says it */
	const char *domain;		/* that it is in, as sysfs writes types; NULL: in none */
	struct reach reach;
	char *pool;			/* its swiotlb's directory in debugfs; NULL: not known */
	unsigned areas;			/* of that swiotlb; 0: not known */
};

/* How old those are that are not given back, by device and operation. */
#define AGES 8
struct age_row {
	char *device, *driver;
	enum dmt_op op;
	struct hist age;		/* ns */
	unsigned long long up_to[AGES];	/* by age_limits_ns[] */
};
/* Each below its limit and not below the one before; the last has none. */
extern const unsigned long long age_limits_ns[AGES];
/* So many of that age.  0 or -ENOMEM. */
int age_add(struct age_row *row, unsigned long long ns, unsigned long long count);

/*
 * What is wrong with an address that was given back and not seen made, where that is known; else it
 * may have been made before the run.
 */
enum wrong {
	WRONG_INSIDE,			/* inside of what is held, behind its beginning */
	WRONG_DEVICE,			/* another device holds it */
	WRONG_CUT,			/* the lower 32 bits of what is held */
	WRONG_PHYS,			/* the physical address of what is held */
	WRONG_REPEATED,			/* the same one, more often than memory can be held */
	WRONG_MAX
};

/* How long those were held that are given back, by device and the operation that made them. */
struct lifetime_row {
	char *device, *driver;
	enum dmt_op op;
	struct hist lifetime;		/* ns; its max may miss one */
	unsigned long long unseen;	/* not seen made */
	unsigned long long unseen_until_ns;	/* from the start to the last of them */
	unsigned long long wrong[WRONG_MAX];	/* of them: gave back nothing */
	unsigned long long shared;	/* one of several of the same memory: which is not known */
};

/* One that is not given back; of the same memory there may be several. */
struct mapping_row {
	char *device, *driver;
	enum dmt_op op;
	enum dmt_dir direction;
	unsigned long long count;	/* more than 1 in recordings of version 2 only */
	unsigned long long size, age_ns;
	unsigned long long address, phys, virt;	/* for the device, of memory, for the CPU; 0: not
						   known */
	bool pending;
	struct frames stack;
};

/* What programs of ours took of the system. */
struct cost {
	unsigned long long runs, ns;
};

struct hook_state {
	enum dmt_op op;
	const char *target;		/* NULL: off */
	enum way way;
	bool on, wanted;
	bool absent;			/* off, as this kernel has no such function */
	char reason[PLAN_REASON];
	unsigned long long calls;
	unsigned long long missed;	/* calls known to have escaped it */
	bool missed_known;
	struct cost cost;		/* of its programs; valid when cost_known */
	bool cost_known;
};

struct loss {
	const char *name;
	unsigned long long count;
};

/* What the filters of a report dropped; their patterns are borrowed. */
struct left_out {
	const char *device, *driver;	/* NULL: no such filter */
	unsigned long long calls;
};

struct model {
	char *host, *release, *arch;
	unsigned long long duration_ns;
	unsigned extras;		/* DMT_WANTS_*: what was asked for besides counts */
	bool cut_short;			/* of a recording: its end is missing */
	struct inventory inventory;	/* of the machine, at the end */
	struct hook_state hooks[DMT_HOOK_MAX];
	struct aggregate *aggregates;
	size_t naggregates;
	struct index by_key;		/* of aggregates, for model_aggregate() */
	struct failed *failed;
	size_t nfailed;
	struct holder *holders;		/* valid when holders_known */
	size_t nholders;
	bool holders_known;
	struct path_count *stacks;	/* where asked for */
	size_t nstacks;
	unsigned sampled;		/* call paths: of one call in so many; 0 or 1: of all */
	struct live_row *live;
	size_t nlive;
	struct traced_device *traced;	/* all that calls were counted for */
	size_t ntraced;
	bool followed;			/* the next three are known */
	struct age_row *ages;
	size_t nages;
	struct lifetime_row *lifetimes;
	size_t nlifetimes;
	bool each;			/* valid when true: */
	struct mapping_row *mappings;	/* one by one, oldest first */
	size_t nmappings;
	unsigned long long mappings_left;	/* how many more there are */
	struct loss losses[DMT_LOSS_MAX + 3];	/* and missed, path_missed, held_missed */
	size_t nlosses;
	struct left_out left_out;
};

/*
 * The aggregate of the same names, operation and so on as `like`, new if need be; NULL without
 * memory.  Its counters are of no interest, its names stay the caller's; an empty one is none.
 * Whoever moves aggregates, as model_filter() and model_sort() do, releases by_key; the next call
 * makes it anew.
 */
struct aggregate *model_aggregate(struct model *m, const struct aggregate *like);
/* For an index of aggregates, by what model_aggregate() tells them apart by. */
extern const struct index_key aggregates_by_key;
/* As strcmp(): 0 where model_aggregate() sees no difference; else as model_sort() orders them. */
int aggregate_compare(const struct aggregate *a, const struct aggregate *b);
/*
 * What was seen of devices goes to those of the inventory, which gets all of them, of every bus.
 * It then refers to m->traced.  0 or -ENOMEM.
 */
int model_learn(struct model *m);
/* Drop what a filter does not match; globs, NULL = any; operations are bits. */
void model_filter(struct model *m, const char *device, const char *driver, dmt_ops ops_wanted);
/*
 * The same model without what other operations (bits) did, which it keeps: what the view holds is
 * m's.  0 or -ENOMEM; release it in both cases.
 */
int model_view(struct model *view, const struct model *m, dmt_ops ops_wanted);
void model_view_release(struct model *view);
/*
 * By device and driver, then in the order of operations and directions.  Aggregates, losses and
 * pools that are there more than once, as in a recording that was edited, become one: counters and
 * histograms are added up, of pools the first is kept.  0 or -ENOMEM, and then some are there more
 * than once.
 */
int model_sort(struct model *m);
/* The strings and lists of one aggregate. */
void aggregate_release(struct aggregate *a);
/* Hook states as planned; live/live.c corrects what the kernel then refused. */
void model_plan(struct model *m, const struct plan *plan);
void model_release(struct model *m);
/*
 * An empty one that is not on the stack, of which it would be a third where 'ulimit -s' is 64.
 * NULL, reported, without memory.  model_free() takes NULL, too.
 */
struct model *model_new(void);
void model_free(struct model *m);
void frames_release(struct frames *f);
void path_count_release(struct path_count *p);
/* The value a failing call returned, in words: ENOMEM, NULL, DMA_MAPPING_ERROR. */
const char *failure_name(enum failure kind, long long value, char *buf, size_t size);

#endif
