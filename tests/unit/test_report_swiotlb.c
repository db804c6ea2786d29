// SPDX-License-Identifier: GPL-2.0
/*
 * The swiotlb: bounces, copies, pools and who holds their slots.
 */
#include "golden.h"
#include "made.h"

static struct aggregate *bounced(struct model *m, enum dmt_op op, enum dmt_dir direction,
				 enum phase phase, enum context context)
{
	const struct aggregate like = { .device = "0000:00:01.0", .bus = "pci", .driver = "oracle",
					.op = op, .direction = direction, .phase = phase,
					.reason = op == DMT_OP_BOUNCE ? REASON_MASK : REASON_NONE,
					.context = context };

	return aggregate_like(m, &like);
}

static void add_holder(struct model *m)
{
	struct holder *h = m->holders = calloc(1, sizeof(*h));

	assert_non_null(h);
	m->nholders = 1;
	m->holders_known = true;
	h->device = strdup("0000:00:01.0");
	h->driver = strdup("oracle");
	h->pool = strdup("swiotlb");
	h->count = 4;
	h->bytes = 8192;
	h->stack.count = 2;
	h->stack.names = calloc(2, sizeof(char *));
	h->stack.names[0] = strdup("swiotlb_tbl_map_single");
	h->stack.names[1] = strdup("fill [oracle]");
}

static void make_bounced_model(struct model *m)
{
	struct inventory *inv = &m->inventory;
	const struct aggregate like = { .device = "0000:00:01.0", .driver = "oracle", .bus = "pci",
					.op = DMT_OP_MAP, .path = VIA_BOUNCE };
	struct aggregate *a;

	make_model(m);
	inv->pools = calloc(2, sizeof(*inv->pools));
	inv->npools = 2;
	inv->pools[0] = (struct pool){ strdup("atomic"), strdup("dma32"), 131072, -1, -1 };
	inv->pools[1] = (struct pool){ strdup("swiotlb"), strdup("default"), 1 << 20, 8192, -1 };
	add_holder(m);
	m->traced = calloc(1, sizeof(*m->traced));
	m->ntraced = 1;
	m->traced[0] = (struct traced_device){ .device = strdup("0000:00:01.0"),
					       .pool = strdup("swiotlb"), .areas = 2 };
	add_calls(model_aggregate(m, &like), 104, 4096, 9000);
	/* both directions are one row */
	a = bounced(m, DMT_OP_BOUNCE, DMT_TO_DEVICE, PHASE_NONE, CONTEXT_TASK);
	add_calls(a, 100, 4096, 2000);
	a = bounced(m, DMT_OP_BOUNCE, DMT_FROM_DEVICE, PHASE_NONE, CONTEXT_TASK);
	add_calls(a, 3, 512, 900);
	a = bounced(m, DMT_OP_BOUNCE, DMT_TO_DEVICE, PHASE_NONE, CONTEXT_HARDIRQ);
	add_calls(a, 1, 64, 700);
	a = bounced(m, DMT_OP_BOUNCE_COPY, DMT_TO_DEVICE, PHASE_MAP, CONTEXT_TASK);
	add_calls(a, 100, 4096, 1500);
	a = bounced(m, DMT_OP_BOUNCE_COPY, DMT_FROM_DEVICE, PHASE_UNMAP, CONTEXT_SOFTIRQ);
	add_calls(a, 3, 512, 300);
	/* a tracepoint has no time */
	a = bounced(m, DMT_OP_BOUNCE_COPY, DMT_TO_DEVICE, PHASE_SYNC, CONTEXT_UNKNOWN);
	add_calls(a, 2, 256, 0);
	a->latency_known = false;
	model_sort(m);
}

static void swiotlb_as_people_and_programs_see_it(void **state)
{
	struct model m;

	(void)state;
	make_bounced_model(&m);
	check_text(report_of(&m, &report_swiotlb), "swiotlb/bounced-80.txt", 80);
	check_json(report_of(&m, &report_swiotlb), "swiotlb/bounced.json");
	model_release(&m);
	make_model(&m);
	check_text(report_of(&m, &report_swiotlb), "swiotlb/nothing-80.txt", 80);
	check_json(report_of(&m, &report_swiotlb), "swiotlb/nothing.json");
	model_release(&m);
}

static void slots_of_several_pools_are_told_apart(void **state)
{
	struct json_object *root, *own, *shared;
	struct model m;

	(void)state;
	make_bounced_model(&m);
	free(m.inventory.pools[0].kind);
	m.inventory.pools[0].kind = strdup("swiotlb");
	root = render_object(report_of(&m, &report_swiotlb));
	own = json_object_array_get_idx(at(root, "swiotlb"), 0);
	shared = json_object_array_get_idx(at(root, "swiotlb"), 1);
	assert_int_equal(json_object_array_length(at(own, "holders")), 0);
	assert_int_equal(json_object_array_length(at(shared, "holders")), 1);
	assert_null(at(own, "areas"));
	assert_int_equal(json_object_get_int(at(shared, "areas")), 2);
	json_object_put(root);
	/* a device with a pool of its own */
	free(m.holders[0].pool);
	free(m.traced[0].pool);
	m.holders[0].pool = strdup("dma32");
	m.traced[0].pool = strdup("dma32");
	root = render_object(report_of(&m, &report_swiotlb));
	own = json_object_array_get_idx(at(root, "swiotlb"), 0);
	shared = json_object_array_get_idx(at(root, "swiotlb"), 1);
	assert_int_equal(json_object_array_length(at(own, "holders")), 1);
	assert_int_equal(json_object_array_length(at(shared, "holders")), 0);
	assert_int_equal(json_object_get_int(at(own, "areas")), 2);
	assert_null(at(shared, "areas"));
	json_object_put(root);
	model_release(&m);
}

static void what_no_pool_is_said_to_have_is_not_known(void **state)
{
	struct json_object *root, *pools;
	struct model m;

	(void)state;
	make_bounced_model(&m);
	free(m.inventory.pools[0].kind);
	m.inventory.pools[0].kind = strdup("swiotlb");
	free(m.holders[0].pool);
	m.holders[0].pool = NULL;
	root = render_object(report_of(&m, &report_swiotlb));
	pools = at(root, "swiotlb");
	assert_int_equal(json_object_array_length(pools), 2);
	for (size_t i = 0; i < 2; i++)
		assert_null(at(json_object_array_get_idx(pools, i), "holders"));
	json_object_put(root);
	/* without debugfs there is no pool to see, but those who hold its slots are */
	m.inventory.npools = 0;
	root = render_object(report_of(&m, &report_swiotlb));
	pools = at(root, "swiotlb");
	assert_int_equal(json_object_array_length(pools), 1);
	assert_null(at(json_object_array_get_idx(pools, 0), "nslabs"));
	assert_int_equal(json_object_array_length(at(json_object_array_get_idx(pools, 0),
						     "holders")), 1);
	json_object_put(root);
	m.inventory.npools = 2;
	model_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(swiotlb_as_people_and_programs_see_it),
		cmocka_unit_test(slots_of_several_pools_are_told_apart),
		cmocka_unit_test(what_no_pool_is_said_to_have_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
