// SPDX-License-Identifier: GPL-2.0
/*
 * What is not given back.
 */
#include "diagnosed.h"

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

static void a_leak_goes_on_and_on(void **state)
{
	struct model m;

	(void)state;
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 200, 0);
	calls(&m, DEV, DMT_OP_UNMAP, VIA_NONE, 100, 0);
	live(&m, DMT_OP_MAP, 100, 0xff);
	only(&m, "mapping-leak");
	/* a ring filled once */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 100, 0);
	live(&m, DMT_OP_MAP, 100, 1);
	only(&m, "");
	/* a ring that keeps its size: what it unmaps was mapped before */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 100, 0);
	calls(&m, DEV, DMT_OP_UNMAP, VIA_NONE, 100, 0);
	live(&m, DMT_OP_MAP, 100, 0xff);
	only(&m, "");
	/* coherent memory stays */
	begin(&m);
	calls(&m, DEV, DMT_OP_ALLOC, VIA_DIRECT_PAGES, 100, 0);
	live(&m, DMT_OP_ALLOC, 100, 0xff);
	only(&m, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_driver_leaves_is_pending),
		cmocka_unit_test(a_leak_goes_on_and_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
