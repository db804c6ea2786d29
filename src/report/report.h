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

struct doc *report_stat(const struct model *m, const struct findings *f);
struct doc *report_swiotlb(const struct model *m, const struct findings *f);
struct doc *report_iommu(const struct model *m, const struct findings *f);
struct doc *report_stacks_calls(const struct model *m, const struct findings *f);
struct doc *report_stacks_bytes(const struct model *m, const struct findings *f);
struct doc *report_stacks_ns(const struct model *m, const struct findings *f);
struct doc *report_live(const struct model *m, const struct findings *f);

/* Histograms. */
enum hist_value { HIST_LATENCY, HIST_SIZE, HIST_LIFETIME, HIST_VALUE_MAX };
extern const char *const hist_value_names[HIST_VALUE_MAX + 1];	/* ends with NULL */
struct hist_wish {
	enum hist_value value;
	unsigned by;		/* bits of enum axis; of LIFETIME_AXES for lifetimes */
	dmt_ops ops;		/* bits of operations whose lifetimes are shown */
};
struct doc *report_hist(const struct model *m, const struct findings *f,
			const struct hist_wish *wish);

/* All that was compared, or what of it changed; the first of those before has the numbers. */
struct doc *report_diff(const struct recorded *before, size_t nbefore,
			const struct recorded *after, const struct comparison *c, bool all);
/* when: it was judged, as 2026-11-21T18:00:00, UTC. */
struct doc *report_check(const struct model *m, const struct checks *checks, const char *when);
/* Histograms with the buckets in use, or with the same of powers of two everywhere. */
struct doc *report_metrics(const struct model *m, const struct findings *f);
struct doc *report_metrics_coarse(const struct model *m, const struct findings *f);
struct doc *report_hooks(const struct model *m);
struct doc *report_verification(const struct verification *v);
struct doc *report_devices(const struct inventory *inv);
struct doc *report_finding_kinds(void);
struct doc *report_finding_kind(const struct finding_kind *kind);

/* Events: a table for some of them, a row for each, and what comes after the last. */
struct table *report_events(struct doc *doc, bool stacks);
void report_event(struct table *t, const struct event *e, bool stacks);
struct doc *report_events_end(const struct model *m, unsigned long long events,
			      unsigned long long filtered);

/* All of these that the model has what they need for. */
struct doc *report_all(const struct model *m, const struct findings *f);

/* Operations (bits) that these are about, and the model should have no others; see model_view(). */
extern const dmt_ops report_swiotlb_ops;
dmt_ops report_iommu_ops(void);
/* What they say behind the head. */
void report_stat_body(struct doc *doc, const struct model *m);
void report_swiotlb_body(struct doc *doc, const struct model *m);
void report_iommu_body(struct doc *doc, const struct model *m);
void report_stacks_body(struct doc *doc, const struct model *m);
void report_live_body(struct doc *doc, const struct model *m);

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
