/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Findings: what a model says that somebody should act on.  diagnose() is a pure function of the
 * model; what each finding means is a row of findings.c, for reports, `dmatrace explain` and
 * man/dmatrace-findings.7.  Knows no document and no source.
 */
#ifndef DIAGNOSE_H
#define DIAGNOSE_H

#include "model/model.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };
extern const char *const severity_names[];

enum finding_id {
	FINDING_BOUNCE_FORCED, FINDING_BOUNCE_MASK, FINDING_BOUNCE_BUS_LIMIT,
	FINDING_BOUNCE_UNTRUSTED, FINDING_BOUNCE_UNALIGNED_KMALLOC,
	FINDING_BOUNCE_RESTRICTED_POOL, FINDING_BOUNCE_ENCRYPTED_GUEST,
	FINDING_SWIOTLB_FULL, FINDING_SWIOTLB_OUT_OF_REACH,
	FINDING_MAP_FAILED, FINDING_ALLOC_FAILED, FINDING_PENDING_AT_UNBIND,
	FINDING_MAPPING_LEAK, FINDING_UNMAP_UNSEEN,
	FINDING_IOMMU_UNALIGNED, FINDING_IOMMU_MAP_FAILED, FINDING_ATOMIC_POOL_EXHAUSTED,
	FINDING_CMA_FALLBACK, FINDING_IOVA_PRESSURE, FINDING_STRICT_FLUSH_COST,
	FINDING_MASK_TOO_NARROW, FINDING_NOTHING_SEEN, FINDING_DATA_INCOMPLETE,
	FINDING_MAX
};

/* What holds for all findings of one id. */
struct finding_kind {
	const char *id;
	enum severity severity;
	const char *summary;		/* in a line */
	const char *meaning, *decided, *advice;		/* a paragraph each */
	const char *remedy;		/* the advice in a sentence, for reports */
};
extern const struct finding_kind finding_kinds[FINDING_MAX];

/* NULL: there is none of this name. */
const struct finding_kind *finding_kind(const char *id);

struct finding {
	const struct finding_kind *kind;
	char *subject;			/* device, driver, who called; "" where it is the run */
	const char *evidence;		/* numbers, scaled for people */
	const char *cause;
	const char *remedy;
};

struct findings {
	struct finding *list;		/* the gravest first */
	size_t count;
};

/* 0 or -ENOMEM; *f is valid in both cases. */
int diagnose(const struct model *m, struct findings *f);
void findings_release(struct findings *f);

/* Which of iova, paddr and size are no multiples of min_pagesz: "paddr+size"; NULL: none. */
const char *iommu_offender(const struct failed *f);

/*
 * Who called: the innermost frame that is neither of the DMA layer nor of those below; NULL if
 * the stack does not tell.
 */
const char *frames_site(const struct frames *stack);

#endif
