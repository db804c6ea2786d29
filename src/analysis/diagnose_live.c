// SPDX-License-Identifier: GPL-2.0
/*
 * What is mapped and not unmapped: left behind by a driver that went, or forgotten by one that
 * did not.  What is growth, model/growth.h says.
 */
#include "analysis/diagnose_private.h"

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
	ADVISE(f, "%s what is left in the driver's remove()", ALLOCS & op_bit(row->op) ? "free" :
	       "unmap");
}

static void diagnose_leak(struct diagnosis *d, const struct live_row *row, const struct growth *g)
{
	struct draft *f = raise_finding(d, FINDING_MAPPING_LEAK, &row->stack);

	if (!f)
		return;
	row_evidence(f, row);
	ADD(f->evidence, "; made throughout the run");
	if (!g->wrong) {
		ADD(f->cause, "this call site's mappings are not all unmapped");
		return;
	}
	ADD(f->evidence, "; %llu address%s given back that nobody was given: %s", g->wrong,
	    g->wrong == 1 ? "" : "es", wrong_names[g->mostly]);
	ADD(f->cause, "the driver unmaps other addresses than it maps");
	ADVISE(f, "unmap the address that mapping returned, for the same device");
}

/* Who maps and what is given back may have to do with each other, or not. */
static void diagnose_unseen(struct diagnosis *d, const struct live_row *row,
			    const struct growth *g)
{
	struct draft *f = raise_finding(d, FINDING_UNMAP_UNSEEN, &row->stack);

	if (!f)
		return;
	row_evidence(f, row);
	ADD(f->evidence, "; made throughout the run, in which %llu addresses not seen mapped were "
	    "given back", g->unseen - g->wrong);
	ADD(f->cause, "these were mapped before the run and are being replaced, as in a ring that "
	    "turns slowly, or the driver unmaps other addresses than it maps");
}

/* Mappings alone: a device keeps what it allocates. */
static void diagnose_growth(struct diagnosis *d, const struct live_row *row)
{
	const struct growth *g = growth_find(&d->growths, row->device, row->op);

	if (!g || !(op_bit(row->op) & MAPS) || !growth_lasting(row))
		return;
	if (growth_of_row(g, row) >= GROWTH_LEAST && g->least >= GROWTH_LEAST)
		diagnose_leak(d, row, g);
	else if (g->open)
		diagnose_unseen(d, row, g);
}

void diagnose_live(struct diagnosis *d)
{
	const struct live_row *row = NULL;

	while ((row = next_live(d, row))) {
		if (row->unmaps_skipped)
			continue;
		if (row->pending)
			diagnose_pending(d, row);
		else
			diagnose_growth(d, row);
	}
}
