// SPDX-License-Identifier: GPL-2.0
/*
 * What was seen of the DMA API and of hooks, and the names and absences programs rely on.
 */
#include <errno.h>

#include "golden.h"
#include "made.h"
#include "model/verified.h"

static struct doc *stat_of(const struct model *m)
{
	return report_of(m, &report_stat);
}

static void add_aggregates(struct model *m)
{
	struct aggregate *a;

	a = new_aggregate(m, "0000:00:03.0", "pci", "nvme", DMT_OP_MAP, DMT_TO_DEVICE);
	add_calls(a, 900, 4096, 350);
	add_calls(a, 90, 65536, 2100);
	add_calls(a, 10, 512, 1ull << 40);
	add_failures(a, FAILS_ADDRESS, -1, 2);
	a = new_aggregate(m, "0000:00:03.0", "pci", "nvme", DMT_OP_ALLOC, DMT_BIDIRECTIONAL);
	add_failures(a, FAILS_NULL, 0, 1);
	/* seen by a tracepoint that failing calls do not reach */
	a = new_aggregate(m, "usb1", "usb", NULL, DMT_OP_MAP_SG, DMT_FROM_DEVICE);
	add_calls(a, 7, 8192, 0);
	a->errors_known = a->latency_known = false;
	/* no call had a latency sample: none, which is known */
	a = new_aggregate(m, "usb1", "usb", NULL, DMT_OP_SYNC_CPU, DMT_UNKNOWN);
	add_calls(a, 3, 0, 0);
	a = new_aggregate(m, NULL, NULL, NULL, DMT_OP_IOMMU_MAP, DMT_NONE);
	add_calls(a, 1, 1ull << 37, 90);
	add_failures(a, FAILS_ERRNO, -EINVAL, 4);
	add_failures(a, FAILS_ERRNO, -ENOMEM, 3);
	add_failures(a, FAILS_ERRNO, -524, 2);
	add_failures(a, FAILS_ERRNO, -9999, 1);
}

static void add_failed(struct model *m)
{
	struct failed *f = m->failed = calloc(2, sizeof(*m->failed));
	struct frames *stack = &m->failed[0].stack;

	assert_non_null(m->failed);
	m->nfailed = 2;
	f[0].op = f[1].op = DMT_OP_IOMMU_MAP;
	f[0].kind = f[1].kind = FAILS_ERRNO;
	f[0].value = -EINVAL;
	f[0].count = 4;
	f[0].iova = 0xffffe000;
	f[0].paddr = 0x30830040;
	f[0].size = 0x2001;
	f[0].min_pagesz = 4096;
	stack->names = calloc(2, sizeof(char *));
	stack->names[0] = strdup("__iommu_map");
	stack->names[1] = strdup("unaligned_map [example]");
	stack->count = 2;
	/* the page size is not known here, so paddr means nothing */
	f[1].value = -ENOMEM;
	f[1].count = 3;
	f[1].size = 8192;
}

static void make_full_model(struct model *m)
{
	make_model(m);
	hook_on(m, DMT_HOOK_MAP, WAY_FENTRY, "dma_map_page_attrs", 1002);
	m->hooks[DMT_HOOK_MAP].reason[0] = '\0';
	m->hooks[DMT_HOOK_MAP].missed_known = true;
	hook_on(m, DMT_HOOK_MAP_SG, WAY_TRACEPOINT, "dma_map_sg", 7);
	strcpy(m->hooks[DMT_HOOK_MAP_SG].reason, "tracepoint: successful calls only, no latency");
	m->hooks[DMT_HOOK_MMAP].wanted = true;
	strcpy(m->hooks[DMT_HOOK_MMAP].reason, "no such symbol: dma_mmap_attrs");
	hook_on(m, DMT_HOOK_IN_CMA, WAY_FENTRY, "cma_alloc", 0);
	m->losses[1].count = 241;
	add_aggregates(m);
	add_failed(m);
	m->traced = calloc(2, sizeof(*m->traced));
	m->ntraced = 2;
	m->traced[0] = (struct traced_device){
		.device = strdup("0000:00:03.0"), .bus = strdup("pci"), .driver = strdup("e1000e"),
		.dma_ops = strdup("iommu-dma"), .domain = "DMA-FQ",
		.reach = { .mask = ~0ull, .coherent_mask = 0xffffffff, .bus_limit = 0xffffffff,
			   .segment = 65536, .boundary = 0xffffffff, .align_mask = 4095,
			   .range_cpu = 0, .range_bus = 0xc0000000, .range_size = 0x40000000,
			   .caches = CACHES_COHERENT, .known = true } };
	m->traced[1] = (struct traced_device){ .device = strdup("0000:00:01.0") };
	model_sort(m);
}

/* Asked for with --cost; a hook that saw nothing cost nothing. */
static void what_tracing_costs(void **state)
{
	struct model m;

	(void)state;
	make_full_model(&m);
	m.hooks[DMT_HOOK_MAP].cost = (struct cost){ 2004, 501000 };
	m.hooks[DMT_HOOK_MAP].cost_known = true;
	m.hooks[DMT_HOOK_IN_CMA].cost_known = true;
	check_text(stat_of(&m), "stat/cost-80.txt", 80);
	check_json(stat_of(&m), "stat/cost.json");
	model_release(&m);
}

/* Asked for with --no-latency; a report of its recording says so, too. */
static void counts_without_latencies(void **state)
{
	struct model m;

	(void)state;
	make_model(&m);
	m.extras = DMT_WANTS_NO_LATENCY;
	hook_on(&m, DMT_HOOK_MAP, WAY_FENTRY, "dma_map_page_attrs", 7);
	strcpy(m.hooks[DMT_HOOK_MAP].reason, "not timed, watched at its return only");
	add_calls(new_aggregate(&m, "0000:00:03.0", "pci", "nvme", DMT_OP_MAP, DMT_TO_DEVICE), 7,
		  4096, 0);
	m.aggregates[0].path = VIA_DIRECT;
	m.aggregates[0].latency_known = false;
	check_text(stat_of(&m), "stat/counts-80.txt", 80);
	check_json(stat_of(&m), "stat/counts.json");
	m.extras |= DMT_WANTS_LIVE;
	check_text(stat_of(&m), "stat/followed-80.txt", 80);
	model_release(&m);
}

static void stat_as_people_see_it(void **state)
{
	struct model m;

	(void)state;
	make_full_model(&m);
	check_text(stat_of(&m), "stat/full-80.txt", 80);
	check_text(stat_of(&m), "stat/full-120.txt", 120);
	model_release(&m);
	make_model(&m);
	check_text(stat_of(&m), "stat/nothing-80.txt", 80);
	model_release(&m);
	m = (struct model){ 0 };
	check_text(stat_of(&m), "stat/unknown-80.txt", 80);
}

static void stat_as_programs_see_it(void **state)
{
	struct model m;

	(void)state;
	make_full_model(&m);
	check_json(stat_of(&m), "stat/full.json");
	model_release(&m);
	make_model(&m);
	check_json(stat_of(&m), "stat/nothing.json");
	model_release(&m);
}

/* Names are a contract: they may be added to, never taken away. */
static void a_recording_ends_as_the_trace_did(void **state)
{
	const struct report_opts end = { .events = 1002, .events_filtered = 7 };
	struct model m;

	(void)state;
	make_full_model(&m);
	m.losses[1].count = 3;
	asked = &end;
	check_recorded(&m, &report_events_end);
	asked = NULL;
	model_release(&m);
}

static void check_keys(struct json_object *object, const char *keys)
{
	char *copy = strdup(keys), *left = copy, *key;

	assert_true(json_object_is_type(object, json_type_object));
	while ((key = strsep(&left, " ")))
		if (!json_object_object_get_ex(object, key, NULL))
			fail_msg("no key '%s'", key);
	free(copy);
}

static void check_row_keys(struct json_object *row)
{
	struct json_object *size = at(row, "size"), *latency = at(row, "latency");

	check_keys(row, "device bus driver op direction path bounce_reason context phase within "
		   "page_size calls errors bytes latency size");
	if (latency)
		check_keys(latency, "count sum_ns max_ns p50_ns p90_ns p99_ns buckets");
	check_keys(size, "count sum_bytes max_bytes p50_bytes p90_bytes p99_bytes buckets");
	if (json_object_array_length(at(size, "buckets")))
		check_keys(json_object_array_get_idx(at(size, "buckets"), 0), "min max count");
}

static void json_keeps_its_names(void **state)
{
	struct json_object *root, *rows, *hooks;
	struct model m;

	(void)state;
	make_full_model(&m);
	root = render_object(stat_of(&m));
	check_keys(root, "schema host kernel arch duration_ns hooks losses aggregates findings "
		   "iommu_failures swiotlb iommu_pages latency_split");
	check_keys(json_object_array_get_idx(at(root, "findings"), 0),
		   "id severity subject evidence cause remedy");
	check_keys(json_object_array_get_idx(at(root, "iommu_failures"), 0),
		   "iova paddr size min_pagesz offender errno device stack count");
	check_keys(at(root, "losses"), "accounts_full missed");
	hooks = at(root, "hooks");
	assert_int_equal(json_object_array_length(hooks), DMT_HOOK_MAX);
	for (size_t i = 0; i < DMT_HOOK_MAX; i++)
		check_keys(json_object_array_get_idx(hooks, i),
			   "op layer way target status reason calls missed");
	rows = at(root, "aggregates");
	assert_int_equal(json_object_array_length(rows), m.naggregates);
	for (size_t i = 0; i < m.naggregates; i++)
		check_row_keys(json_object_array_get_idx(rows, i));
	json_object_put(root);
	model_release(&m);
}

static void absent_is_null_and_never_zero(void **state)
{
	struct json_object *root, *rows, *row;
	struct model m;

	(void)state;
	make_full_model(&m);
	root = render_object(stat_of(&m));
	rows = at(root, "aggregates");
	row = json_object_array_get_idx(rows, 2);
	assert_string_equal(json_object_get_string(at(row, "op")), "map_sg");
	assert_null(at(row, "errors"));
	assert_null(at(row, "error_values"));
	assert_null(at(row, "latency"));
	assert_null(at(row, "driver"));
	row = json_object_array_get_idx(rows, 3);
	assert_null(at(row, "direction"));
	assert_int_equal(json_object_get_int(at(row, "errors")), 0);
	assert_null(at(at(row, "latency"), "p50_ns"));
	row = json_object_array_get_idx(rows, 4);
	assert_null(at(row, "device"));
	assert_null(at(row, "bus"));
	row = json_object_array_get_idx(at(root, "devices"), 0);
	assert_null(at(row, "dma_ops"));
	assert_null(at(row, "mask_bits"));
	assert_null(at(row, "bus_limit"));
	row = json_object_array_get_idx(at(root, "devices"), 1);
	assert_int_equal(json_object_get_int(at(row, "mask_bits")), 64);
	assert_int_equal(json_object_get_int(at(row, "coherent_mask_bits")), 32);
	row = json_object_array_get_idx(at(root, "hooks"), DMT_HOOK_MMAP);
	assert_null(at(row, "calls"));
	assert_null(at(row, "way"));
	row = json_object_array_get_idx(at(root, "hooks"), DMT_HOOK_MAP_SG);
	assert_null(at(row, "missed"));
	row = json_object_array_get_idx(at(root, "hooks"), DMT_HOOK_IN_CMA);
	assert_string_equal(json_object_get_string(at(row, "status")), "on");
	assert_null(at(row, "calls"));
	json_object_put(root);
	model_release(&m);
}

/* The largest is told, and whatever is refused. */
static void what_the_verifier_walks(void **state)
{
	static struct verified rows[] = {
		{ &probes[0], WAY_FENTRY, 4321, 0 },
		{ &probes[0], WAY_KPROBE, 65432, DMT_WANTS_LIVE | DMT_WANTS_EVENTS },
		{ &points[0], WAY_TRACEPOINT, 0, 0, -EACCES },
	};
	const struct verification v = {
		.kernel = { .host = "box", .release = "6.12.117+deb13-amd64", .arch = "x86_64" },
		.rows = rows, .count = 3, .configurations = 10,
	};

	(void)state;
	check_text(report_verification(&v), "verifier/some-120.txt", 120);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_as_people_see_it),
		cmocka_unit_test(what_tracing_costs),
		cmocka_unit_test(counts_without_latencies),
		cmocka_unit_test(stat_as_programs_see_it),
		cmocka_unit_test(a_recording_ends_as_the_trace_did),
		cmocka_unit_test(json_keeps_its_names),
		cmocka_unit_test(absent_is_null_and_never_zero),
		cmocka_unit_test(what_the_verifier_walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
