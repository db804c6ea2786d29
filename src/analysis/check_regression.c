// SPDX-License-Identifier: GPL-2.0
/*
 * What became slower since another run, as verdicts.  Whether it did, and by more than noise, is
 * compare.h's to say.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/check.h"
#include "analysis/compare.h"
#include "base/fmt.h"

static void which(char *text, size_t size, const struct change *c)
{
	static const enum axis axes[] = { AXIS_OP, AXIS_DIRECTION, AXIS_PATH };
	size_t len = 0;

	for (int i = 0; i < 3; i++)
		if (c->keys[axes[i]] && len < size)
			len += snprintf(text + len, size - len, "%s ", c->keys[axes[i]]);
	if (len < size)
		snprintf(text + len, size - len, "%s", measure_names[c->measure]);
}

static struct checked slower(const struct limit *limit, const struct change *c)
{
	char before[FMT_MAX], after[FMT_MAX];
	struct checked one = { .limit = limit, .device = c->keys[AXIS_DEVICE],
			       .driver = c->keys[AXIS_DRIVER], .verdict = JUDGED_FAILED };

	which(one.calls, sizeof(one.calls), c);
	one.measured_known = c->difference.ratio >= 1;
	one.measured = one.measured_known ? (c->difference.ratio - 1) * 1e4 : 0;
	snprintf(one.why, sizeof(one.why), "%s before, %s now",
		 fmt_ns(before, sizeof(before), c->before), fmt_ns(after, sizeof(after), c->after));
	return one;
}

static struct checked not_comparable(const struct limit *limit, unsigned count)
{
	struct checked one = { .limit = limit, .verdict = JUDGED_INCOMPLETE };

	snprintf(one.calls, sizeof(one.calls), "%u latencies", count);
	snprintf(one.why, sizeof(one.why), "watched in another way in the baseline");
	return one;
}

/* Where nothing is to be said of any one. */
static struct checked rest(const struct limit *limit, unsigned judged, unsigned few)
{
	struct checked one = { .limit = limit };

	one.verdict = judged ? JUDGED_PASSED : few ? JUDGED_INCOMPLETE : JUDGED_UNMATCHED;
	snprintf(one.calls, sizeof(one.calls), "%u of %u latencies", judged, judged + few);
	if (!judged && few)
		snprintf(one.why, sizeof(one.why), "too few calls or intervals to compare");
	return one;
}

static struct checked unwatched(const struct limit *limit, dmt_ops ops_lacking)
{
	struct checked one = { .limit = limit, .verdict = JUDGED_INCOMPLETE };
	int op = __builtin_ctzll(ops_lacking);

	snprintf(one.calls, sizeof(one.calls), "%s", ops[op].name);
	snprintf(one.why, sizeof(one.why), "was watched in the baseline, and now is not");
	return one;
}

int check_regression(struct checks *checks, const struct comparison *c, const struct limit *limit)
{
	unsigned count[VERDICT_INCOMPARABLE + 1] = { 0 };
	size_t before = checks->count;
	int err = 0;

	for (size_t i = 0; i < c->nchanges && !err; i++) {
		const struct change *change = &c->changes[i];

		if (change->measure > MEASURE_P99)
			continue;
		count[change->difference.verdict]++;
		if (change->difference.verdict == VERDICT_MORE)
			err = checks_add(checks, slower(limit, change));
	}
	if (!err && count[VERDICT_INCOMPARABLE])
		err = checks_add(checks, not_comparable(limit, count[VERDICT_INCOMPARABLE]));
	if (!err && c->watching.before_only)
		err = checks_add(checks, unwatched(limit, c->watching.before_only));
	return err || checks->count > before ? err :
	       checks_add(checks, rest(limit, count[VERDICT_SAME] + count[VERDICT_LESS],
				       count[VERDICT_FEW]));
}
