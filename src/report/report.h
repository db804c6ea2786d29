/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports: from a model (or kernel facts, or devices) to a document.  They never print.  Names in
 * the document may be those of what it is made from, which must outlive it; but for findings.
 */
#ifndef REPORT_H
#define REPORT_H

#include "base/doc.h"
#include "model/group.h"
#include "base/index.h"
#include "model/model.h"

#define SCHEMA 1	/* of the JSON every report makes; grows, never renames */

struct kernel;
struct inventory;
struct findings;
struct event;
struct finding_kind;
struct recorded;
struct comparison;
struct checks;
struct verification;

enum hist_value { HIST_LATENCY, HIST_SIZE, HIST_LIFETIME, HIST_VALUE_MAX };
extern const char *const hist_value_names[HIST_VALUE_MAX + 1];	/* ends with NULL */
enum weight { WEIGHT_CALLS, WEIGHT_BYTES, WEIGHT_NS };

/* What is asked of a report, beyond the model; 0 is what is usual. */
struct report_opts {
	enum hist_value value;		/* hist */
	unsigned by;			/* hist: bits of enum axis; lifetimes: of LIFETIME_AXES */
	dmt_ops ops;			/* hist: operations whose lifetimes are shown */
	enum weight weight;		/* stacks */
	bool powers_of_two;		/* metrics: the same buckets everywhere */
	unsigned long long events, events_filtered;	/* trace: printed, and left out */
};

/* A report of a run.  Its model has no operations but those it is about; see model_view(). */
struct report {
	const char *name;		/* of the command */
	dmt_ops (*about)(void);		/* as a set; NULL: it is no part of report_all */
	unsigned extras;		/* DMT_WANTS_*: a run without these has nothing for it */
	bool bare;			/* does not begin with report_trace() */
	void (*build)(struct doc *doc, const struct model *m, const struct findings *f,
		      const struct report_opts *o);
};

extern const struct report report_stat, report_hist, report_swiotlb, report_iommu, report_stacks,
			   report_live, report_metrics, report_devices,
			   report_events_end;
/* All of those below that the model has what they need for. */
extern const struct report report_all;
/* What a recording can hold, in the order of report_all; ends with NULL. */
extern const struct report *const reports[];

/* o NULL: nothing special. */
struct doc *report_make(const struct report *r, const struct model *m, const struct findings *f,
			const struct report_opts *o);

/* All that was compared, or what of it changed; the first of those before has the numbers. */
struct doc *report_diff(const struct recorded *before, size_t nbefore,
			const struct recorded *after, const struct comparison *c, bool all);
/* when: it was judged, as 2026-11-21T18:00:00, UTC. */
struct doc *report_check(const struct model *m, const struct checks *checks, const char *when);
struct doc *report_hooks(const struct model *m);
struct doc *report_verification(const struct verification *v);
struct doc *report_inventory(const struct inventory *inv);
struct doc *report_finding_kinds(void);
struct doc *report_finding_kind(const struct finding_kind *kind);

/* Events: a table for some of them, and a row for each; report_events_end comes after the last. */
struct table *report_events(struct doc *doc, bool stacks);
void report_event(struct table *t, const struct event *e, bool stacks);

/* Ends the program with a message, as documents do without memory. */
_Noreturn void report_die(int err);

static inline void report_must(int err)
{
	if (err)
		report_die(err);
}

/* index_make(), which must not fail. */
struct index report_index(const struct index_key *key, const void *rows, size_t count);

/*
 * Operations (bits) of whose calls this kernel has some and nobody could see any: no hook was on.
 */
dmt_ops report_unwatched(const struct model *m);
/* The same by name, as data. */
void report_not_watched(struct doc *doc, const struct model *m);
/*
 * That nothing was seen, in those words, with what was not watched of the operations (bits) it is
 * about, what was lost and what was left out.
 */
dmt_ops report_api_ops(void);
void report_nothing(struct doc *doc, const struct model *m, dmt_ops about, const char *what);

/* The parts they share. */
void report_head(struct doc *doc, const char *host, const char *release, const char *arch);
/* Of a run: when and where, what was watched and lost. */
void report_run(struct doc *doc, const struct model *m);
/* What its reports begin with: all that, and what was found. */
void report_trace(struct doc *doc, const struct model *m, const struct findings *f);
void report_findings(struct doc *doc, const struct findings *f);
void report_pools(struct doc *doc, const struct model *m, enum show show);
/* What the IOMMU refused to map. */
void report_iommu_failures(struct doc *doc, const struct model *m, enum show show);
/* What page tables take: pages by size, and their share of a call's time. */
void report_pages(struct doc *doc, const struct model *m);
void report_split(struct doc *doc, const struct model *m);
/* How far a device reaches: cells of columns, which programs see; reach NULL: that is not known. */
#define REACH_COLUMNS									\
	{ "bus_limit", NULL, "highest address its bus carries", UNIT_COUNT, SHOW_DATA },	\
	{ "cache_coherent", NULL, "with the CPUs' caches: 1, 0", UNIT_COUNT, SHOW_DATA },	\
	{ "max_segment_size", NULL, "most bytes in an entry of a list", UNIT_COUNT, SHOW_DATA },	\
	{ "segment_boundary_mask", NULL, "of what no entry crosses", UNIT_COUNT, SHOW_DATA },	\
	{ "min_align_mask", NULL, "bits of an address that a bounce keeps", UNIT_COUNT,	\
	  SHOW_DATA },									\
	{ "largest_bounce", NULL, "most bytes that can be bounced at once", UNIT_COUNT,	\
	  SHOW_DATA },									\
	{ "range_cpu", NULL, "of its first DMA range: the CPU's address", UNIT_COUNT,	\
	  SHOW_DATA },									\
	{ "range_bus", NULL, "what that is on the bus", UNIT_COUNT, SHOW_DATA },		\
	{ "range_bytes", NULL, "how long the range is", UNIT_COUNT, SHOW_DATA },		\
	{ "restricted_pool", NULL, "its pool is all it may use: 1, 0", UNIT_COUNT, SHOW_DATA }
void report_reach(struct table *t, const struct reach *reach, enum caches caches);
void report_hook_rows(struct doc *doc, const struct model *m, enum show show);

#endif
