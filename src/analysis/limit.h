/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limits for `dmatrace check`: what a user allows, from words to values.  Knows nothing of what
 * was measured.  man/dmatrace-check.1 has the grammar.
 */
#ifndef LIMIT_H
#define LIMIT_H

#include "analysis/diagnose.h"

enum bound { BOUND_MAX, BOUND_MIN, BOUNDS };
extern const char *const bound_names[BOUNDS + 1];	/* ends with NULL */

enum quantity {
	QUANTITY_CALLS, QUANTITY_ERRORS, QUANTITY_BYTES, QUANTITY_BOUNCED, QUANTITY_LIVE_GROWTH,
	QUANTITY_P50, QUANTITY_P90, QUANTITY_P99, QUANTITY_MAX, QUANTITY_MEAN,
	QUANTITY_FINDINGS, QUANTITIES,
	/* not to be asked of calls: against a baseline; the exit status of COMMAND */
	QUANTITY_REGRESSION = QUANTITIES, QUANTITY_COMMAND,
};
_Static_assert(QUANTITY_COMMAND < 32, "sets of quantities have 32 bits");
extern const char *const quantity_names[QUANTITIES + 1];	/* ends with NULL */

enum limit_unit {
	LIMIT_COUNT, LIMIT_BYTES, LIMIT_NS,
	LIMIT_BASIS_POINTS,	/* hundredths of one percent */
};

struct limit {
	char *text;		/* "max map.p99=20us" */
	enum bound bound;
	char *device;		/* glob: each device of such a name or driver; NULL: all together */
	enum quantity quantity;
	dmt_ops ops;		/* bits: calls it is about; 0: findings */
	const char *finding;	/* id or severity; NULL: any */
	unsigned long long value;
};

/* A number, or a share of all calls in units of a millionth. */
struct allowance {
	unsigned long long number;
	bool share;
};

struct limits {
	struct limit *list;
	size_t count;
	struct allowance max_loss;
	struct limit regression;	/* text NULL: there is none */
};

#define LIMIT_WHY 160

/*
 * Adds what `text` says, as "nvme*:map.p99=20us".  0, -ENOMEM, or -EINVAL with what is wrong in
 * why, as the end of a sentence about the text.
 */
int limits_add(struct limits *l, enum bound bound, const char *text, char why[LIMIT_WHY]);

/* "10%", in the place of what was set; the same. */
int limits_regression(struct limits *l, const char *text, char why[LIMIT_WHY]);

/* "10" or "0.5%"; the same. */
int allowance_parse(struct allowance *a, const char *text, char why[LIMIT_WHY]);

/* Operations and extras (DMT_WANTS_*) without which they cannot be judged: bits. */
dmt_ops limits_ops(const struct limits *l);
unsigned limits_extras(const struct limits *l);

enum limit_unit limit_unit_of(const struct limit *limit);
void limits_release(struct limits *l);

#endif
