// SPDX-License-Identifier: GPL-2.0
/*
 * What is not given back.
 */
#include "diagnosed.h"
#include "base/list.h"

static struct live_row *live(struct model *m, enum dmt_op op, unsigned count, unsigned slices)
{
	struct live_row *row;

	m->live = reallocarray(m->live, m->nlive + 1, sizeof(*m->live));
	assert_non_null(m->live);
	row = &m->live[m->nlive++];
	*row = (struct live_row){ .op = op, .count = count, .slices = slices };
	row->device = name_copy(DEV);
	row->driver = name_copy("drv");
	return row;
}

static void what_a_driver_leaves_is_pending(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 5, 0);
	live(&m, DMT_OP_MAP, 3, 1)->pending = true;
	expect(&m, &f, "pending-at-unbind");
	contains(f.list[0].evidence, "3 maps not given back");
	findings_release(&f);
	/* where nothing has to be unmapped, nothing is left behind */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 5, 0);
	live(&m, DMT_OP_MAP, 3, 1)->pending = true;
	m.live->unmaps_skipped = true;
	only(&m, "");
}

/* Of so many maps and unmaps; unseen ones until so many ns of a run of 1000. */
static struct lifetime_row *unseen(struct model *m, unsigned count, unsigned until_ns)
{
	m->duration_ns = 1000;
	m->lifetimes = calloc(1, sizeof(*m->lifetimes));
	assert_non_null(m->lifetimes);
	m->nlifetimes = 1;
	*m->lifetimes = (struct lifetime_row){ .op = DMT_OP_MAP, .unseen = count,
					       .unseen_until_ns = until_ns };
	m->lifetimes->device = name_copy(DEV);
	m->lifetimes->driver = name_copy("drv");
	calls(m, DEV, DMT_OP_MAP, VIA_DIRECT, 200, 0);
	calls(m, DEV, DMT_OP_UNMAP, VIA_NONE, count, 0);
	return m->lifetimes;
}

static void a_leak_goes_on_and_on(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 200, 0);
	calls(&m, DEV, DMT_OP_UNMAP, VIA_NONE, 100, 0);
	live(&m, DMT_OP_MAP, 100, 0xff);
	expect(&m, &f, "mapping-leak");
	assert_string_equal(f.list[0].cause, "this call site's mappings are not all unmapped");
	assert_string_equal(f.list[0].remedy, "look for the way out on which this call site's "
			    "mappings are forgotten");
	findings_release(&f);
	/* a ring filled once, or growth that stops */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 100, 0);
	live(&m, DMT_OP_MAP, 100, 1);
	only(&m, "");
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 100, 0);
	live(&m, DMT_OP_MAP, 100, 7);
	only(&m, "");
	/* as few may be chance */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 100, 0);
	live(&m, DMT_OP_MAP, 15, 0xff);
	only(&m, "");
	/* coherent memory stays */
	begin(&m);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_DIRECT_PAGES, 100, 0);
	live(&m, DMT_OP_ALLOC, 100, 0xff);
	only(&m, "");
	/* what a scatterlist leaves is not balanced by what was unmapped otherwise */
	begin(&m);
	unseen(&m, 100, 1000);
	calls(&m, DEV, DMT_OP_MAP_SG, VIA_DIRECT, 100, 0);
	live(&m, DMT_OP_MAP_SG, 100, 0xff);
	only(&m, "mapping-leak");
}

static void a_ring_keeps_its_size(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	/* it turned within the run: all that was there before is gone, the oldest is young */
	begin(&m);
	unseen(&m, 100, 120);
	live(&m, DMT_OP_MAP, 100, 0x80);
	only(&m, "");
	/* it was turned once in the first half, and then there was nothing to do */
	begin(&m);
	unseen(&m, 100, 500);
	live(&m, DMT_OP_MAP, 100, 0x0f);
	only(&m, "");
	/* it did not turn as a whole: it may as well be a leak */
	begin(&m);
	unseen(&m, 100, 990);
	live(&m, DMT_OP_MAP, 100, 0xff);
	expect(&m, &f, "unmap-unseen");
	contains(f.list[0].evidence, "100 maps not given back");
	contains(f.list[0].evidence, "100 addresses not seen mapped were given back");
	contains(f.list[0].cause, "before the run");
	contains(f.list[0].cause, "or the driver unmaps other addresses");
	contains(f.list[0].remedy, "trace longer");
	findings_release(&f);
	/* a leak beside it is one, by as much as is left */
	begin(&m);
	unseen(&m, 100, 990);
	live(&m, DMT_OP_MAP, 100, 0xff);
	live(&m, DMT_OP_MAP, 150, 0xff);
	expect(&m, &f, "mapping-leak unmap-unseen");
	contains(f.list[0].evidence, "150 maps");
	findings_release(&f);
}

static void wrong_addresses_balance_nothing(void **state)
{
	static const struct {
		enum wrong wrong;
		const char *says;
	} kinds[] = {
		{ WRONG_INSIDE, "inside of mappings that are held" },
		{ WRONG_DEVICE, "which another device holds" },
		{ WRONG_CUT, "cut to 32 bits" },
		{ WRONG_PHYS, "physical ones" },
		{ WRONG_REPEATED, "the same again and again" },
	};
	struct findings f;
	struct model m;

	(void)state;
	_Static_assert(ARRAY_SIZE(kinds) == WRONG_MAX, "all of them");
	for (size_t i = 0; i < WRONG_MAX; i++) {
		begin(&m);
		unseen(&m, 200, 1000)->wrong[kinds[i].wrong] = 200;
		live(&m, DMT_OP_MAP, 200, 0xff);
		expect(&m, &f, "mapping-leak");
		contains(f.list[0].evidence, "200 maps not given back");
		contains(f.list[0].evidence, "200 addresses given back that nobody was given");
		contains(f.list[0].evidence, kinds[i].says);
		contains(f.list[0].cause, "unmaps other addresses than it maps");
		contains(f.list[0].remedy, "unmap the address that mapping returned");
		findings_release(&f);
	}
	/* more of them than were unseen is what a recording that was edited says */
	begin(&m);
	unseen(&m, 10, 1000)->wrong[WRONG_CUT] = 200;
	live(&m, DMT_OP_MAP, 200, 0xff);
	only(&m, "mapping-leak");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_driver_leaves_is_pending),
		cmocka_unit_test(a_leak_goes_on_and_on),
		cmocka_unit_test(a_ring_keeps_its_size),
		cmocka_unit_test(wrong_addresses_balance_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
