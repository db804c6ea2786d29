// SPDX-License-Identifier: GPL-2.0
/*
 * How latencies, sizes and lifetimes are spread: what is added up, what is absent, and the rows
 * people see at the width they have.
 */
#include "golden.h"
#include "made.h"

static struct doc *hist_report(const struct model *m, enum hist_value value, unsigned by)
{
	static struct report_opts opts;

	opts = (struct report_opts){ .value = value, .by = by, .ops = OP(MAP) | OP(ALLOC) };
	asked = &opts;
	return report_of(m, &report_hist);
}

static struct aggregate *mapped(struct model *m, enum path path)
{
	const struct aggregate like = { .device = "0000:00:03.0", .bus = "pci", .driver = "nvme",
					.op = DMT_OP_MAP, .direction = DMT_TO_DEVICE,
					.path = path };

	return aggregate_like(m, &like);
}

static void make_spread_model(struct model *m)
{
	struct aggregate *a;

	make_model(m);
	a = mapped(m, VIA_DIRECT);
	add_calls(a, 900, 4096, 350);
	add_calls(a, 450, 8192, 700);
	add_calls(a, 1, 512, 0);
	a = mapped(m, VIA_BOUNCE);
	add_calls(a, 90, 65536, 17000);
	add_calls(a, 1, 65535, 1ull << 37);
	add_failures(a, FAILS_ADDRESS, -1, 2);
	add_samples(&a->latency, 2, 3000);
	/* a tracepoint has no time */
	a = new_aggregate(m, "usb1", "usb", NULL, DMT_OP_MAP_SG, DMT_FROM_DEVICE);
	add_calls(a, 7, 8192, 0);
	a->errors_known = a->latency_known = false;
	/* no call had a latency sample: none, which is known */
	a = new_aggregate(m, "usb1", "usb", NULL, DMT_OP_SYNC_CPU, DMT_UNKNOWN);
	add_calls(a, 3, 0, 0);
	a = new_aggregate(m, NULL, NULL, NULL, DMT_OP_IOTLB_FLUSH, DMT_NONE);
	add_samples(&a->latency, 5, 0);
	add_samples(&a->latency, 3, 1);
	add_samples(&a->latency, 1, 15);
	a->calls = 9;
	model_sort(m);
}

static void as_people_see_them(void **state)
{
	struct model m;

	(void)state;
	make_spread_model(&m);
	check_text(hist_report(&m, HIST_LATENCY, 1u << AXIS_OP), "hist/op-40.txt", 40);
	check_text(hist_report(&m, HIST_LATENCY, 1u << AXIS_OP), "hist/op-80.txt", 80);
	check_text(hist_report(&m, HIST_LATENCY, 1u << AXIS_OP), "hist/op-200.txt", 200);
	check_text(hist_report(&m, HIST_SIZE, ~0u), "hist/size-all-80.txt", 80);
	check_text(hist_report(&m, HIST_LATENCY, 1u << AXIS_LAYER), "hist/layer-80.txt", 80);
	model_release(&m);
	make_model(&m);
	check_text(hist_report(&m, HIST_LATENCY, 1u << AXIS_OP), "hist/nothing-80.txt", 80);
	model_release(&m);
}

static void as_programs_see_them(void **state)
{
	struct model m;

	(void)state;
	make_spread_model(&m);
	check_json(hist_report(&m, HIST_LATENCY, 1u << AXIS_OP | 1u << AXIS_PATH), "hist/path.json");
	check_json(hist_report(&m, HIST_SIZE, 1u << AXIS_OP), "hist/size.json");
	model_release(&m);
}

static void add_lifetime(struct model *m, enum dmt_op op, unsigned count, unsigned long long ns)
{
	struct lifetime_row *row;

	m->lifetimes = reallocarray(m->lifetimes, m->nlifetimes + 1, sizeof(*row));
	assert_non_null(m->lifetimes);
	row = &m->lifetimes[m->nlifetimes++];
	*row = (struct lifetime_row){ strdup("0000:00:03.0"), strdup("nvme"), op };
	add_samples(&row->lifetime, count, ns);
}

static void lifetimes_of_operations_asked_for(void **state)
{
	struct model m;

	(void)state;
	make_model(&m);
	m.followed = true;
	add_lifetime(&m, DMT_OP_MAP, 40, 11000);
	m.lifetimes[0].unseen = 3;
	add_lifetime(&m, DMT_OP_ALLOC, 1, 1000000000);
	add_lifetime(&m, DMT_OP_MAP_SG, 1000, 5);
	check_text(hist_report(&m, HIST_LIFETIME, 1u << AXIS_DRIVER | 1u << AXIS_OP),
		   "hist/lifetime-80.txt", 80);
	check_json(hist_report(&m, HIST_LIFETIME, 1u << AXIS_DRIVER | 1u << AXIS_OP),
		   "hist/lifetime.json");
	model_release(&m);
	make_model(&m);
	m.followed = true;
	check_text(hist_report(&m, HIST_LIFETIME, 1u << AXIS_OP), "hist/no-lifetime-80.txt", 80);
	model_release(&m);
}

static struct json_object *group(struct json_object *root, const char *key, const char *name)
{
	struct json_object *rows = at(root, "histograms");

	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		const char *got = json_object_get_string(at(row, key));

		if (got && !strcmp(got, name))
			return row;
	}
	fail_msg("no histogram of %s '%s'", key, name);
	return NULL;
}

static unsigned long long number(struct json_object *object, const char *key)
{
	return json_object_get_uint64(at(object, key));
}

/* Every call is in one bucket, and each quantile within a sixteenth of a value known by heart. */
static void nothing_is_lost_on_the_way(void **state)
{
	struct json_object *root, *map, *latency, *buckets;
	unsigned long long sum = 0, p50, p99;
	struct model m;

	(void)state;
	make_spread_model(&m);
	root = render_object(hist_report(&m, HIST_LATENCY, 1u << AXIS_OP));
	map = group(root, "op", "map");
	latency = at(map, "latency");
	buckets = at(latency, "buckets");
	for (size_t i = 0; i < json_object_array_length(buckets); i++)
		sum += number(json_object_array_get_idx(buckets, i), "count");
	assert_int_equal(sum, 900 + 450 + 90 + 1 + 2);
	assert_int_equal(number(latency, "count"), sum);
	/* one had none */
	assert_int_equal(number(map, "calls"), sum + 1);
	assert_int_equal(number(map, "errors"), 2);
	assert_int_equal(number(latency, "max_ns"), 1ull << 37);
	p50 = number(latency, "p50_ns");
	p99 = number(latency, "p99_ns");
	assert_true(p50 >= 350 * 0.9375 && p50 <= 350 * 1.0625);
	assert_true(p99 >= 17000 * 0.9375 && p99 <= 17000 * 1.0625);
	json_object_put(root);
	model_release(&m);
}

static void what_is_not_known_is_absent(void **state)
{
	struct json_object *root, *row, *by;
	struct model m;

	(void)state;
	make_spread_model(&m);
	root = render_object(hist_report(&m, HIST_LATENCY, 1u << AXIS_OP));
	row = group(root, "op", "map_sg");
	assert_null(at(row, "latency"));
	assert_null(at(row, "errors"));
	assert_int_equal(number(row, "calls"), 7);
	assert_int_equal(number(at(group(root, "op", "sync_cpu"), "latency"), "count"), 0);
	/* only what was asked for is a key */
	assert_false(json_object_object_get_ex(row, "device", NULL));
	assert_string_equal(json_object_get_string(at(root, "value")), "latency");
	by = at(root, "by");
	assert_int_equal(json_object_array_length(by), 1);
	assert_string_equal(json_object_get_string(json_object_array_get_idx(by, 0)), "op");
	json_object_put(root);
	/* of a device of which one operation is not timed, neither is the whole */
	root = render_object(hist_report(&m, HIST_LATENCY, 1u << AXIS_DEVICE));
	assert_null(at(group(root, "device", "usb1"), "latency"));
	assert_int_equal(number(at(group(root, "device", "0000:00:03.0"), "latency"), "count"),
			 1443);
	json_object_put(root);
	root = render_object(hist_report(&m, HIST_SIZE, 1u << AXIS_OP));
	assert_null(at(group(root, "op", "iotlb_flush"), "size"));
	assert_int_equal(number(at(group(root, "op", "map_sg"), "size"), "count"), 7);
	json_object_put(root);
	model_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_people_see_them),
		cmocka_unit_test(as_programs_see_them),
		cmocka_unit_test(lifetimes_of_operations_asked_for),
		cmocka_unit_test(nothing_is_lost_on_the_way),
		cmocka_unit_test(what_is_not_known_is_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
