// SPDX-License-Identifier: GPL-2.0
/*
 * What is mapped and not unmapped: left behind by a driver that went, or forgotten by one that
 * did not.
 */
#include "diagnose_private.h"

#define LEAK_LEAST 16

static void row_evidence(struct draft *f, const struct live_row *row)
{
	char size[24], age[24];

	ADD(f->evidence, "%llu %s%s not given back, %s; the oldest is %s old", row->count,
	    ops[row->op].name, plural(row->count), fmt_bytes(size, sizeof(size), row->bytes),
	    fmt_ns(age, sizeof(age), row->oldest_ns));
}

static void diagnose_pending(struct diagnosis *d, const struct live_row *row)
{
	struct draft *f = raise_finding(d, FINDING_PENDING_AT_UNBIND, &row->stack);

	if (!f)
		return;
	row_evidence(f, row);
	ADD(f->cause, "the driver has let the device go since");
}

/* So many more mappings of the owner were made than undone. */
static unsigned long long excess(const struct diagnosis *d)
{
	struct tally made = tally(d, MAPS & ~BIT(IOVA_LINK), ANY, ANY);
	struct tally undone = tally(d, UNMAPS, ANY, ANY);
	unsigned long long succeeded = made.calls - made.errors;

	return succeeded > undone.calls ? succeeded - undone.calls : 0;
}

/* Mappings alone: a device keeps what it allocates. */
static void diagnose_leak(struct diagnosis *d, const struct live_row *row,
			  unsigned long long more)
{
	struct draft *f;

	if (!(1u << row->op & MAPS) || row->count < LEAK_LEAST || more < row->count ||
	    __builtin_popcount(row->slices) < LIVE_SLICES / 2)
		return;
	f = raise_finding(d, FINDING_MAPPING_LEAK, &row->stack);
	if (!f)
		return;
	row_evidence(f, row);
	ADD(f->evidence, "; made throughout the run");
	ADD(f->cause, "this call site's mappings are not all unmapped");
}

void diagnose_live(struct diagnosis *d)
{
	const struct live_row *row = NULL;
	unsigned long long more = excess(d);

	while ((row = next_live(d, row))) {
		if (row->unmaps_skipped)
			continue;
		if (row->pending)
			diagnose_pending(d, row);
		else
			diagnose_leak(d, row, more);
	}
}
