/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limits held against what was observed.  A pure function of the two; what is not known cannot
 * pass.
 */
#ifndef CHECK_H
#define CHECK_H

#include "analysis/limit.h"

/* In ascending order of what a run with some of each amounts to. */
enum judgement { JUDGED_PASSED, JUDGED_INCOMPLETE, JUDGED_UNMATCHED, JUDGED_FAILED, JUDGEMENTS };
extern const char *const judgement_names[JUDGEMENTS];

/* One limit held against one subject. */
struct checked {
	const struct limit *limit;
	const char *device, *driver;	/* the model's; device NULL: not of one */
	unsigned long long measured;	/* in the measure of the limit */
	bool measured_known;		/* else measured means nothing */
	enum judgement verdict;
	char calls[96];			/* of a regression: which, "map to_device direct p99" */
	char why[256];			/* what there is to add; "" */
};

struct checks {
	struct checked *list;
	size_t count;
	enum judgement verdict;		/* of all */
};

/*
 * The first operation the limits need and nobody asked to be watched; -1: none.  Then the model
 * says nothing about it, which is not the same as that a hook is off.  Regressions need none: what
 * they are is for check_regression() to say.
 */
int check_unasked(const struct model *m, const struct limits *l);

/* 0 or -ENOMEM; *c is valid in both cases.  Borrows limits and names. */
int limits_check(struct checks *c, const struct model *m, const struct findings *f,
		 const struct limits *l);
/* Adds what became slower.  The same. */
struct comparison;
int check_regression(struct checks *checks, const struct comparison *c,
		     const struct limit *limit);
/*
 * Adds how COMMAND ended.  status: from waitpid(), -1: it was still running.  interrupted: a signal
 * ended the run.  The same.
 */
int check_command(struct checks *c, const char *command, int status, bool interrupted);
int checks_add(struct checks *c, struct checked one);
void checks_release(struct checks *c);

#endif
