// SPDX-License-Identifier: GPL-2.0
/*
 * Metrics of models made by hand, to the letter, and by the rules of OpenMetrics, which
 * tests/openmetrics.py knows; and does that find what breaks them?  With a file as argument it
 * writes a recording there, and tests nothing.
 */
#include <math.h>
#include <sys/wait.h>

#include "golden.h"
#include "made.h"
#include "file.h"
#include "base/list.h"

/* What the checker says of a text: 0 is fine. */
static int checked(const char *text)
{
	FILE *out = popen("tests/openmetrics.py 2>/dev/null", "w");
	int status;

	assert_non_null(out);
	fputs(text, out);
	status = pclose(out);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/*
 * Without the version, which is another with each commit.  Not inlined, as gcc then takes the text
 * for a variable of render().
 */
static __attribute__((noinline)) char *masked(const char *text)
{
	const char *version = strstr(text, "version=");
	char *copy;

	assert_non_null(version);
	assert_true(asprintf(&copy, "%.*s%s", (int)(version - text), text,
			     version + strcspn(version, "}")) > 0);
	return copy;
}

static const struct report_opts coarse = { .powers_of_two = true };

static char *metrics_of(const struct model *m, const struct report_opts *opts)
{
	char *text, *copy;

	asked = opts;
	text = render(report_of(m, &report_metrics), "openmetrics", 0);
	assert_int_equal(checked(text), 0);
	copy = masked(text);
	free(text);
	return copy;
}

static void check_metrics(const struct model *m, const struct report_opts *opts, const char *golden)
{
	char *text = metrics_of(m, opts);

	check_golden(golden, text);
	free(text);
}

static void add_held(struct model *m)
{
	struct live_row *row = m->live = calloc(3, sizeof(*row));
	struct lifetime_row *lived = m->lifetimes = calloc(3, sizeof(*lived));

	assert_true(row && lived);
	m->followed = true;
	m->nlive = m->nlifetimes = 3;
	/* two call paths of one device are one series, as are two lives of one name */
	row[0] = (struct live_row){ strdup("0000:00:01.0"), strdup("edu"), DMT_OP_MAP, 3, 12288,
				    2000000000 };
	row[1] = (struct live_row){ strdup("0000:00:01.0"), strdup("edu"), DMT_OP_MAP, 1, 512,
				    5000000000 };
	row[2] = (struct live_row){ strdup("0000:00:02.0"), strdup("nvme"), DMT_OP_MAP, 9, 9,
				    1, .unmaps_skipped = true };
	lived[0] = (struct lifetime_row){ strdup("0000:00:01.0"), strdup("edu"), DMT_OP_MAP };
	add_samples(&lived[0].lifetime, 4, 5000);
	lived[1] = (struct lifetime_row){ strdup("0000:00:01.0"), strdup("edu"), DMT_OP_MAP };
	add_samples(&lived[1].lifetime, 1, 70000);
	/* gave back all it had */
	lived[2] = (struct lifetime_row){ strdup("0000:00:03.0"), NULL, DMT_OP_ALLOC };
	add_samples(&lived[2].lifetime, 2, 1000000);
}

static void make_full_model(struct model *m)
{
	const struct aggregate bounce = { .device = "0000:00:01.0", .bus = "pci", .driver = "edu",
					  .op = DMT_OP_BOUNCE, .direction = DMT_TO_DEVICE,
					  .reason = REASON_MASK, .context = CONTEXT_SOFTIRQ };
	const struct aggregate pages = { .device = "0000:00:01.0", .bus = "pci", .driver = "edu",
					 .op = DMT_OP_PGTABLE_MAP, .page_size = 4096,
					 .within = DMT_OP_IOMMU_MAP + 1 };
	struct aggregate *a;

	make_model(m);
	hook_on(m, DMT_HOOK_MAP, WAY_FENTRY, "dma_map_page_attrs", 1002);
	m->hooks[DMT_HOOK_MMAP].wanted = true;
	strcpy(m->hooks[DMT_HOOK_MMAP].reason, "no such symbol: dma_mmap_attrs");
	m->losses[1].count = 241;
	a = new_aggregate(m, "0000:00:03.0", "pci", "nvme", DMT_OP_MAP, DMT_TO_DEVICE);
	add_calls(a, 900, 4096, 350);
	add_calls(a, 90, 65536, 2100);
	/* neighbours share a bound; the last bucket has none */
	add_calls(a, 5, 65536, 2200);
	add_calls(a, 10, 512, 1ull << 40);
	add_failures(a, FAILS_ADDRESS, -1, 2);
	/* seen by a tracepoint that failing calls do not reach */
	a = new_aggregate(m, "usb1", "usb", NULL, DMT_OP_MAP_SG, DMT_FROM_DEVICE);
	add_calls(a, 7, 1, 0);
	a->errors_known = a->latency_known = false;
	/* of no size, and without a sample yet */
	new_aggregate(m, NULL, NULL, NULL, DMT_OP_IOTLB_FLUSH, DMT_NONE);
	add_calls(aggregate_like(m, &bounce), 3, 0, 1);
	add_calls(aggregate_like(m, &pages), 3, 4096, 200000);
	add_held(m);
	m->inventory.pools = calloc(2, sizeof(*m->inventory.pools));
	m->inventory.npools = 2;
	m->inventory.pools[0] = (struct pool){ strdup("swiotlb"), strdup("default"), 1 << 26, 8192,
					       -1 };
	m->inventory.pools[1] = (struct pool){ strdup("cma"), strdup("reserved"), 1 << 24, -1, -1 };
	model_sort(m);
}

static void metrics_as_they_are(void **state)
{
	struct model m;

	(void)state;
	make_full_model(&m);
	check_metrics(&m, NULL, "export/full.txt");
	model_release(&m);
	make_model(&m);
	check_metrics(&m, NULL, "export/nothing.txt");
	add_calls(new_aggregate(&m, "usb1", "usb", NULL, DMT_OP_MAP, DMT_TO_DEVICE), 3, 63, 64);
	add_calls(&m.aggregates[0], 2, 1ull << 36, 1000000);
	check_metrics(&m, &coarse, "export/log2.txt");
	model_release(&m);
}

static void every_bound_is_written_as_readers_compare_it(void **state)
{
	struct aggregate *a;
	struct model m;

	(void)state;
	make_model(&m);
	a = new_aggregate(&m, "usb1", "usb", NULL, DMT_OP_MAP, DMT_TO_DEVICE);
	for (unsigned bucket = 0; bucket < DMT_HIST_BUCKETS; bucket++)
		add_calls(a, 1, hist_bucket_min(bucket), hist_bucket_min(bucket));
	/* a latency of 0 is one, too */
	add_samples(&a->latency, 1, 0);
	free(metrics_of(&m, NULL));
	free(metrics_of(&m, &coarse));
	model_release(&m);
}

static void names_cannot_break_out(void **state)
{
	static const char host[] = "dmatrace_run_info{"
		"host=\"a\\\"} 1\\\\x0a# EOF\\\\x0a\\\\x1b[31m\\\\\\\\\",";
	struct model m;
	char *text;

	(void)state;
	make_model(&m);
	free(m.host);
	m.host = strdup("a\"} 1\n# EOF\n\033[31m\\");
	new_aggregate(&m, "dev\\n\"", "\xff", "dri\nver\xe2\x80\xae", DMT_OP_MAP, DMT_TO_DEVICE);
	text = metrics_of(&m, NULL);
	assert_non_null(strstr(text, host));
	assert_non_null(strstr(text, "{device=\"dev\\\\\\\\n\\\"\",bus=\"\\\\xff\","
				     "driver=\"dri\\\\x0aver\\\\u{202e}\","));
	free(text);
	model_release(&m);
}

static void names_that_are_escaped_alike_stay_apart(void **state)
{
	struct model m;

	(void)state;
	make_model(&m);
	new_aggregate(&m, "dev\033", NULL, NULL, DMT_OP_MAP, DMT_TO_DEVICE);
	new_aggregate(&m, "dev\\x1b", NULL, NULL, DMT_OP_MAP, DMT_TO_DEVICE);
	new_aggregate(&m, "dev\\\\x1b", NULL, NULL, DMT_OP_MAP, DMT_TO_DEVICE);
	free(metrics_of(&m, NULL));
	model_release(&m);
}

#define TWICE(table) "CREATE TEMP TABLE again AS SELECT * FROM " table ";"		\
	"UPDATE again SET id = NULL; INSERT INTO " table " SELECT * FROM again;"	\
	"DROP TABLE again;"

/* As of a recording that was edited. */
static void rows_of_one_key_are_one_series(void **state)
{
	static const char *const lines[] = {
		"dmatrace_calls_total{device=\"0000:00:03.0\",bus=\"pci\",driver=\"nvme\",op=\"map\","
		"direction=\"to_device\",path=\"\",bounce_reason=\"\",context=\"\",phase=\"\","
		"within=\"\",page_size=\"\"} 2014\n",
		"dmatrace_lost{loss=\"missed\"} 482\n",
		"dmatrace_pool_size_bytes{kind=\"swiotlb\",pool=\"default\"} 67108864\n",
		"dmatrace_lifetime_seconds_count{device=\"0000:00:01.0\",driver=\"edu\",op=\"map\"} 10\n",
	};
	struct recording *recording;
	struct model m, again = { 0 };
	struct replay *replay;
	char *text;

	(void)state;
	make_full_model(&m);
	assert_int_equal(recording_create(&recording, path, true), 0);
	assert_int_equal(recording_write(recording, &m, true), 0);
	recording_close(recording);
	model_release(&m);
	change(TWICE("aggregates") TWICE("losses") TWICE("pools") TWICE("lifetimes"));
	assert_int_equal(replay_open(&replay, path, &again), 0);
	model_sort(&again);
	text = render(report_once(&again, &report_metrics), "openmetrics", 0);
	assert_int_equal(checked(text), 0);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strstr(text, lines[i]))
			fail_msg("there is no %s", lines[i]);
	free(text);
	model_release(&again);
	replay_close(replay);
}

#define COUNTER "# TYPE a counter\n# HELP a b\n"
#define HISTOGRAM "# TYPE a histogram\n# HELP a b\n"
#define ENDS "a_count 3\na_sum 3\n# EOF\n"

static void what_breaks_the_rules_is_found(void **state)
{
	static const char *const broken[] = {
		"", COUNTER "a_total 1\n", COUNTER "a_total 1\n\n# EOF\n", COUNTER "# EOF\n",
		COUNTER "a_total 1\n# EOF\n# EOF\n", COUNTER "a 1\n# EOF\n",
		COUNTER "b_total 1\n# EOF\n", COUNTER "a_total -1\n# EOF\n",
		COUNTER "a_total NaN\n# EOF\n", COUNTER "a_total 1\na_total 1\n# EOF\n",
		COUNTER "a_total{l=\"\033\"} 1\n# EOF\n", COUNTER "a_total{l=\"\\x\"} 1\n# EOF\n",
		COUNTER "a_total{l=\"\"\"} 1\n# EOF\n", COUNTER "a_total{l=\"\",} 1\n# EOF\n",
		COUNTER "a_total{l=\"\",l=\"\"} 1\n# EOF\n", COUNTER "a_total{l=\"\xff\"} 1\n# EOF\n",
		COUNTER "a_total{l=\"\"} 1\na_total 1\n# EOF\n", COUNTER "a_total one\n# EOF\n",
		"# TYPE a counter\na_total 1\n# EOF\n", "# HELP a b\na_total 1\n# EOF\n",
		COUNTER "a_total 1\n# TYPE a counter\n# EOF\n", COUNTER "a_total 1\n# HELP a c\n# EOF\n",
		COUNTER "# UNIT a seconds\na_total 1\n# EOF\n",
		"# TYPE a_ms gauge\n# UNIT a_ms ms\n# HELP a_ms b\na_ms 1\n# EOF\n",
		"# TYPE a info\n# HELP a b\na_info 2\n# EOF\n",
		HISTOGRAM "a_bucket{le=\"1.0\"} 3\n" ENDS,
		HISTOGRAM "a_bucket{le=\"1\"} 3\na_bucket{le=\"+Inf\"} 3\n" ENDS,
		HISTOGRAM "a_bucket{le=\"0.00001\"} 3\na_bucket{le=\"+Inf\"} 3\n" ENDS,
		HISTOGRAM "a_bucket{le=\"1.0\"} 4\na_bucket{le=\"+Inf\"} 3\n" ENDS,
		HISTOGRAM "a_bucket{le=\"2.0\"} 1\na_bucket{le=\"1.0\"} 1\na_bucket{le=\"+Inf\"} 3\n" ENDS,
		HISTOGRAM "a_bucket{le=\"+Inf\"} 2\n" ENDS, HISTOGRAM ENDS,
	};

	(void)state;
	assert_int_equal(checked(COUNTER "a_total{l=\"\\\\\\\"\\n\"} 1\n# EOF\n"), 0);
	assert_int_equal(checked(HISTOGRAM "a_bucket{le=\"1.0\"} 3\na_bucket{le=\"+Inf\"} 3\n" ENDS), 0);
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
		if (!checked(broken[i]))
			fail_msg("passes: %s", broken[i]);
}

/* Some 64 K values that are spread in ways of their own: n of count, 1.0 being a millisecond. */
static double spread(unsigned kind, unsigned n, unsigned count)
{
	double part = (n + 0.5) / count;

	switch (kind) {
	case 0:
		return part;			/* uniform */
	case 1:
		return -log(1 - part) / 100;	/* exponential */
	case 2:
		return n % 10 ? 0.001 : 5;	/* bimodal */
	default:
		return 0.0625;			/* constant, and the least of its bucket */
	}
}

/* For tests/prometheus/run.sh: a recording of known loads. */
static int record(const char *to)
{
	static char *const names[] = { "uniform", "exponential", "bimodal", "constant\"\n\033" };
	struct recording *r = NULL;
	const unsigned count = 1 << 16;
	struct model m;
	int err;

	make_full_model(&m);
	for (unsigned kind = 0; kind < 4; kind++) {
		struct aggregate *a = new_aggregate(&m, names[kind], "pci", "edu", DMT_OP_MAP,
						    DMT_TO_DEVICE);

		for (unsigned n = 0; n < count; n++)
			add_calls(a, 1, n % 100, spread(kind, n, count) * 1048576);
	}
	err = recording_create(&r, to, true);
	if (!err)
		err = recording_write(r, &m, true);
	recording_close(r);
	model_release(&m);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metrics_as_they_are),
		cmocka_unit_test(every_bound_is_written_as_readers_compare_it),
		cmocka_unit_test(names_cannot_break_out),
		cmocka_unit_test(names_that_are_escaped_alike_stay_apart),
		cmocka_unit_test_setup_teardown(rows_of_one_key_are_one_series, file_make,
						file_drop),
		cmocka_unit_test(what_breaks_the_rules_is_found),
	};

	if (argc > 1)
		return record(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
