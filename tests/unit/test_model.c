// SPDX-License-Identifier: GPL-2.0
/*
 * The model: one aggregate per set of names, filters, order, and hook states as planned.
 */
#include "made.h"

static void equal_names_share_an_aggregate(void **state)
{
	struct model m = { 0 };
	struct aggregate *a;
	char name[] = "nvme0";

	(void)state;
	a = new_aggregate(&m, name, "pci", "nvme", DMT_OP_MAP, DMT_TO_DEVICE);
	name[0] = 'X';
	assert_string_equal(a->device, "nvme0");
	assert_true(a->errors_known && a->latency_known);
	assert_int_equal(a->calls, 0);
	assert_ptr_equal(a, new_aggregate(&m, "nvme0", "pci", "nvme", DMT_OP_MAP, DMT_TO_DEVICE));
	assert_int_equal(m.naggregates, 1);
	new_aggregate(&m, "nvme1", "pci", "nvme", DMT_OP_MAP, DMT_TO_DEVICE);
	new_aggregate(&m, "nvme0", "usb", "nvme", DMT_OP_MAP, DMT_TO_DEVICE);
	new_aggregate(&m, "nvme0", "pci", NULL, DMT_OP_MAP, DMT_TO_DEVICE);
	new_aggregate(&m, "nvme0", "pci", "nvme", DMT_OP_UNMAP, DMT_TO_DEVICE);
	new_aggregate(&m, "nvme0", "pci", "nvme", DMT_OP_MAP, DMT_FROM_DEVICE);
	assert_int_equal(m.naggregates, 6);
	new_aggregate(&m, NULL, NULL, NULL, DMT_OP_MAP, DMT_NONE);
	a = new_aggregate(&m, "", "", "", DMT_OP_MAP, DMT_NONE);
	assert_int_equal(m.naggregates, 7);
	assert_non_null(model_aggregate(&m, &(struct aggregate){ .op = DMT_OP_MAP,
				.direction = DMT_NONE, .within = DMT_OP_ALLOC + 1 }));
	a = model_aggregate(&m, &(struct aggregate){ .op = DMT_OP_MAP, .direction = DMT_NONE,
				.page_size = 4096 });
	assert_int_equal(m.naggregates, 9);
	assert_int_equal(a->page_size, 4096);
	assert_null(a->device);
	model_release(&m);
	assert_int_equal(m.naggregates, 0);
	model_release(&m);
}

static void fill(struct model *m)
{
	new_aggregate(m, NULL, NULL, NULL, DMT_OP_ALLOC, DMT_NONE);
	new_aggregate(m, "b", "usb", "x", DMT_OP_MAP, DMT_TO_DEVICE);
	new_aggregate(m, "b", "pci", "x", DMT_OP_MAP, DMT_TO_DEVICE);
	new_aggregate(m, "b", NULL, NULL, DMT_OP_MAP, DMT_TO_DEVICE);
	new_aggregate(m, "a", "pci", "y", DMT_OP_UNMAP, DMT_TO_DEVICE);
	new_aggregate(m, "a", "pci", "y", DMT_OP_MAP, DMT_FROM_DEVICE);
	new_aggregate(m, "a", "pci", "y", DMT_OP_MAP, DMT_TO_DEVICE);
}

/* "device/bus/driver operation direction", of each aggregate in order. */
static void check_order(const struct model *m, const char *const *expected)
{
	char text[64];

	for (size_t i = 0; i < m->naggregates; i++) {
		const struct aggregate *a = &m->aggregates[i];

		snprintf(text, sizeof(text), "%s/%s/%s %s %s", a->device ? a->device : "-",
			 a->bus ? a->bus : "-", a->driver ? a->driver : "-", ops[a->op].name,
			 direction_names[a->direction]);
		assert_non_null(expected[i]);
		assert_string_equal(text, expected[i]);
	}
	assert_null(expected[m->naggregates]);
}

static void order_is_total_and_the_unknown_come_last(void **state)
{
	static const char *const expected[] = {
		"a/pci/y map to_device", "a/pci/y map from_device", "a/pci/y unmap to_device",
		"b/pci/x map to_device", "b/usb/x map to_device", "b/-/- map to_device",
		"-/-/- alloc none", NULL,
	};
	struct model m = { 0 };

	(void)state;
	model_sort(&m);
	fill(&m);
	model_sort(&m);
	check_order(&m, expected);
	model_sort(&m);
	check_order(&m, expected);
	model_release(&m);
}

static void check_filter(const char *device, const char *driver, dmt_ops wanted, size_t left)
{
	struct model m = { 0 };

	fill(&m);
	model_filter(&m, device, driver, wanted);
	assert_int_equal(m.naggregates, left);
	model_release(&m);
}

static void filters_match_globs(void **state)
{
	(void)state;
	check_filter(NULL, NULL, OPS_ALL, 7);
	check_filter("*", NULL, OPS_ALL, 6);	/* a name that is not known matches nothing */
	check_filter("a", NULL, OPS_ALL, 3);
	check_filter("[ab]", "?", OPS_ALL, 5);
	check_filter(NULL, "x", OPS_ALL, 2);
	check_filter("a", "x", OPS_ALL, 0);
	check_filter(NULL, NULL, OP(UNMAP) | OP(ALLOC), 2);
	check_filter("a", "y", OP(MAP), 2);
}

static void a_view_leaves_the_model_whole(void **state)
{
	struct model m = { .host = strdup("box") }, view;

	(void)state;
	fill(&m);
	m.stacks = calloc(1, sizeof(*m.stacks));
	m.nstacks = 1;
	m.stacks->op = DMT_OP_ALLOC;
	m.lifetimes = calloc(2, sizeof(*m.lifetimes));
	m.nlifetimes = 2;
	m.lifetimes[0].op = DMT_OP_ALLOC;
	m.lifetimes[1].op = DMT_OP_MAP;
	assert_int_equal(model_view(&view, &m, OP(MAP)), 0);
	assert_int_equal(view.naggregates, 5);
	for (size_t i = 0; i < view.naggregates; i++)
		assert_int_equal(view.aggregates[i].op, DMT_OP_MAP);
	assert_ptr_equal(view.host, m.host);
	assert_int_equal(view.nstacks, 0);
	assert_int_equal(view.nlifetimes, 1);
	assert_int_equal(view.lifetimes[0].op, DMT_OP_MAP);
	model_view_release(&view);
	assert_int_equal(m.naggregates, 7);
	assert_int_equal(m.nlifetimes, 2);
	assert_string_equal(m.host, "box");
	model_release(&m);
}

static void hooks_are_as_planned(void **state)
{
	struct model m = { 0 };
	struct plan plan = { 0 };

	(void)state;
	plan.hooks[DMT_HOOK_MAP] = (struct planned){ .sight = &probes[0], .way = WAY_KPROBE,
						     .wanted = true, .reason = "because" };
	plan.hooks[DMT_HOOK_SYNC_SG_CPU].wanted = true;
	model_plan(&m, &plan);
	assert_int_equal(m.hooks[DMT_HOOK_MAP].op, DMT_OP_MAP);
	assert_int_equal(m.hooks[DMT_HOOK_MAP].way, WAY_KPROBE);
	assert_true(m.hooks[DMT_HOOK_MAP].on);
	assert_string_equal(m.hooks[DMT_HOOK_MAP].target, probes[0].target);
	assert_string_equal(m.hooks[DMT_HOOK_MAP].reason, "because");
	assert_int_equal(m.hooks[DMT_HOOK_SYNC_SG_CPU].op, DMT_OP_SYNC_CPU);
	assert_true(m.hooks[DMT_HOOK_SYNC_SG_CPU].wanted);
	assert_false(m.hooks[DMT_HOOK_SYNC_SG_CPU].on);
	assert_null(m.hooks[DMT_HOOK_SYNC_SG_CPU].target);
	assert_false(m.hooks[DMT_HOOK_ALLOC].wanted);
	model_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_names_share_an_aggregate),
		cmocka_unit_test(order_is_total_and_the_unknown_come_last),
		cmocka_unit_test(filters_match_globs),
		cmocka_unit_test(a_view_leaves_the_model_whole),
		cmocka_unit_test(hooks_are_as_planned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
