// SPDX-License-Identifier: GPL-2.0
/*
 * Groups of aggregates and of lifetimes: sums by the axes asked for, and by no others.
 */
#include "model/group.h"
#include "made.h"

static void add(struct model *m, const char *device, enum dmt_op op, enum path path,
		unsigned long long calls, unsigned long long ns)
{
	const struct aggregate like = { .device = (char *)device, .driver = (char *)"nvme",
					.op = op, .path = path };
	struct aggregate *a = aggregate_like(m, &like);

	a->calls = calls;
	a->bytes = calls * 4096;
	a->errors = 1;
	add_samples(&a->latency, calls, ns);
}

static int make(void **state)
{
	struct model *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	add(m, "nvme0", DMT_OP_MAP, VIA_DIRECT, 10, 100);
	add(m, "nvme0", DMT_OP_MAP, VIA_BOUNCE, 5, 1000);
	add(m, "nvme1", DMT_OP_MAP, VIA_DIRECT, 3, 200);
	add(m, NULL, DMT_OP_IOMMU_MAP, VIA_NONE, 2, 300);
	m->aggregates[2].latency_known = false;
	*state = m;
	return 0;
}

static int drop(void **state)
{
	model_release(*state);
	free(*state);
	return 0;
}

static void by_device_and_operation(void **state)
{
	struct groups groups;
	const struct group *g;

	assert_int_equal(groups_make(&groups, *state, 1u << AXIS_DEVICE | 1u << AXIS_OP), 0);
	assert_int_equal(groups.count, 3);
	g = &groups.items[0];
	assert_string_equal(g->keys[AXIS_DEVICE], "nvme0");
	assert_string_equal(g->keys[AXIS_OP], "map");
	assert_null(g->keys[AXIS_PATH]);
	assert_int_equal(g->op, DMT_OP_MAP);
	assert_int_equal(g->calls, 15);
	assert_int_equal(g->errors, 2);
	assert_int_equal(g->bytes, 15 * 4096);
	assert_int_equal(g->latency.count, 15);
	assert_int_equal(g->latency.sum, 6000);
	assert_int_equal(g->latency.max, 1000);
	assert_true(g->latency_known);
	assert_false(groups.items[1].latency_known);
	assert_null(groups.items[2].keys[AXIS_DEVICE]);
	groups_release(&groups);
	assert_int_equal(groups.count, 0);
}

static void by_nothing_is_all_in_one(void **state)
{
	struct groups groups;

	assert_int_equal(groups_make(&groups, *state, 0), 0);
	assert_int_equal(groups.count, 1);
	assert_int_equal(groups.items[0].calls, 20);
	groups_release(&groups);
}

static void found_by_all_keys(void **state)
{
	struct groups groups;
	struct group like = { 0 };

	assert_int_equal(groups_make(&groups, *state, 1u << AXIS_PATH | 1u << AXIS_LAYER), 0);
	assert_int_equal(groups.count, 3);
	like.keys[AXIS_LAYER] = "api";
	assert_null(groups_find(&groups, &like));
	like.keys[AXIS_PATH] = "bounce";
	assert_int_equal(groups_find(&groups, &like)->calls, 5);
	groups_release(&groups);
}

static void some_have_no_size(void **state)
{
	struct groups groups;

	add(*state, "nvme0", DMT_OP_IOTLB_FLUSH, VIA_NONE, 2, 300);
	assert_int_equal(groups_make(&groups, *state, 1u << AXIS_OP), 0);
	assert_int_equal(groups.count, 3);
	assert_true(groups.items[0].sized);
	assert_false(groups.items[2].sized);
	groups_release(&groups);
	assert_int_equal(groups_make(&groups, *state, 0), 0);
	assert_true(groups.items[0].sized);
	groups_release(&groups);
}

static void live_for(struct lifetime_row *row, const char *device, enum dmt_op op,
		     unsigned long long ns)
{
	*row = (struct lifetime_row){ strdup(device), strdup("nvme"), op, .unseen = 2,
				      .shared = 1 };
	add_samples(&row->lifetime, 3, ns);
}

static void lifetimes_of_the_operations_wanted(void **state)
{
	struct model *m = *state;
	struct groups groups;

	m->lifetimes = calloc(3, sizeof(*m->lifetimes));
	m->nlifetimes = 3;
	live_for(&m->lifetimes[0], "nvme0", DMT_OP_MAP, 1000);
	live_for(&m->lifetimes[1], "nvme1", DMT_OP_MAP, 3000);
	live_for(&m->lifetimes[2], "nvme1", DMT_OP_ALLOC, 9000);
	assert_int_equal(groups_lifetimes(&groups, m, 1u << AXIS_OP | 1u << AXIS_PATH, OPS_ALL), 0);
	assert_int_equal(groups.count, 2);
	assert_string_equal(groups.items[0].keys[AXIS_OP], "map");
	assert_null(groups.items[0].keys[AXIS_PATH]);
	assert_int_equal(groups.items[0].lifetime.count, 6);
	assert_int_equal(groups.items[0].lifetime.sum, 12000);
	assert_int_equal(groups.items[0].lifetime.max, 3000);
	assert_int_equal(groups.items[0].unseen, 4);
	assert_int_equal(groups.items[0].shared, 2);
	groups_release(&groups);
	assert_int_equal(groups_lifetimes(&groups, m, 0, OP(ALLOC)), 0);
	assert_int_equal(groups.count, 1);
	assert_int_equal(groups.items[0].lifetime.count, 3);
	groups_release(&groups);
}

static void of_nothing_is_none(void **state)
{
	const struct model empty = { 0 };
	struct groups groups;

	(void)state;
	assert_int_equal(groups_make(&groups, &empty, ~0u), 0);
	assert_int_equal(groups.count, 0);
	groups_release(&groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_device_and_operation, make, drop),
		cmocka_unit_test_setup_teardown(by_nothing_is_all_in_one, make, drop),
		cmocka_unit_test_setup_teardown(found_by_all_keys, make, drop),
		cmocka_unit_test_setup_teardown(some_have_no_size, make, drop),
		cmocka_unit_test_setup_teardown(lifetimes_of_the_operations_wanted, make, drop),
		cmocka_unit_test(of_nothing_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
