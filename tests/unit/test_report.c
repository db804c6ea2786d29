// SPDX-License-Identifier: GPL-2.0
/*
 * Reports of a model made by hand, as people and as programs get them, against tests/golden.
 * Run with GOLDEN_UPDATE=1 to accept what comes out now.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <errno.h>
#include <json-c/json.h>

#include "diagnose.h"
#include "record.h"
#include "render.h"
#include "report.h"

/* Named by its names and operation alone. */
static struct aggregate *new_aggregate(struct model *m, char *device, char *bus, char *driver,
				       enum dmt_op op, enum dmt_dir direction)
{
	const struct aggregate like = { .device = device, .bus = bus, .driver = driver, .op = op,
					.direction = direction };
	struct aggregate *a = model_aggregate(m, &like);

	assert_non_null(a);
	return a;
}

static char *render(struct doc *doc, const char *format, int width)
{
	struct render_opts opts = { .width = width };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(renderer_find(format)->render(out, doc, &opts), 0);
	fclose(out);
	doc_free(doc);
	return text;
}

typedef struct doc *report_fn(const struct model *m, const struct findings *f);

static struct doc *report_once(const struct model *m, report_fn *report)
{
	struct findings findings;
	struct doc *doc;

	assert_int_equal(diagnose(m, &findings), 0);
	doc = report(m, &findings);
	findings_release(&findings);
	return doc;
}

/* Written and read again, a model makes the same report to the letter. */
static void check_recorded(const struct model *m, report_fn *report)
{
	static const char *const formats[] = { "text", "json" };
	char path[] = "/tmp/dmatrace-test.XXXXXX";
	int fd = mkstemp(path);
	struct recording *recording;
	struct model again = { 0 };
	struct replay *replay;

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(recording_create(&recording, path, true), 0);
	assert_int_equal(recording_write(recording, m, false), 0);
	assert_int_equal(recording_write(recording, m, true), 0);
	recording_close(recording);
	assert_int_equal(replay_open(&replay, path, &again), 0);
	for (int i = 0; i < 2; i++) {
		char *want = render(report_once(m, report), formats[i], 100);
		char *got = render(report_once(&again, report), formats[i], 100);

		assert_string_equal(got, want);
		free(want);
		free(got);
	}
	model_release(&again);
	replay_close(replay);
	assert_int_equal(unlink(path), 0);
}

static struct doc *report_of(const struct model *m, report_fn *report)
{
	check_recorded(m, report);
	return report_once(m, report);
}

static struct doc *stat_of(const struct model *m)
{
	return report_of(m, report_stat);
}

static struct json_object *render_object(struct doc *doc)
{
	char *text = render(doc, "json", 0);
	struct json_object *object = json_tokener_parse(text);

	assert_non_null(object);
	free(text);
	return object;
}

static void check_golden(const char *name, const char *text)
{
	char path[128], *expected;
	size_t len = strlen(text);
	FILE *file;

	snprintf(path, sizeof(path), "tests/golden/%s", name);
	if (getenv("GOLDEN_UPDATE")) {
		file = fopen(path, "w");
		assert_non_null(file);
		assert_int_equal(fwrite(text, 1, len, file), len);
		assert_int_equal(fclose(file), 0);
		return;
	}
	file = fopen(path, "r");
	if (!file)
		fail_msg("no %s here; run from the top of the tree, or 'make golden'", path);
	expected = calloc(1, len + 2);
	assert_true(fread(expected, 1, len + 1, file) <= len + 1);
	fclose(file);
	assert_string_equal(text, expected);
	free(expected);
}

static void check_text(struct doc *doc, const char *name, int width)
{
	char *text = render(doc, "text", width);

	assert_null(strstr(text, "\n\n\n"));
	check_golden(name, text);
	free(text);
}

/* Spread over lines, so that a difference can be reviewed. */
static void check_json(struct doc *doc, const char *name)
{
	struct json_object *object = render_object(doc);
	char *text;

	if (asprintf(&text, "%s\n", json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
			JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)) < 0)
		fail();
	check_golden(name, text);
	free(text);
	json_object_put(object);
}

static void add_samples(struct hist *h, unsigned count, unsigned long long value)
{
	__u64 buckets[DMT_HIST_BUCKETS] = { 0 };

	buckets[dmt_bucket(value)] = count;
	hist_add(h, buckets, count * value, value);
}

static void add_calls(struct aggregate *a, unsigned count, unsigned long long size,
		      unsigned long long ns)
{
	a->calls += count;
	a->bytes += count * size;
	add_samples(&a->size, count, size);
	if (ns)
		add_samples(&a->latency, count, ns);
}

static void add_failures(struct aggregate *a, enum failure kind, long long value, unsigned count)
{
	a->values = reallocarray(a->values, a->nvalues + 1, sizeof(*a->values));
	assert_non_null(a->values);
	a->values[a->nvalues++] = (struct error_count){ kind, value, count };
	a->calls += count;
	a->errors += count;
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

static void hook_on(struct model *m, enum dmt_hook hook, enum way way, const char *target,
		    unsigned calls)
{
	struct hook_state *h = &m->hooks[hook];

	h->on = h->wanted = true;
	h->way = way;
	h->target = target;
	h->calls = calls;
}

static void make_model(struct model *m)
{
	*m = (struct model){ .host = strdup("box"), .release = strdup("6.12.117+deb13-amd64"),
			     .arch = strdup("x86_64"), .duration_ns = 2500000000 };
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		m->hooks[hook].op = hook_op(hook);
		strcpy(m->hooks[hook].reason, "not asked for");
	}
	m->losses[0] = (struct loss){ "accounts_full", 0 };
	m->losses[1] = (struct loss){ "missed", 0 };
	m->nlosses = 2;
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
		.dma_ops = strdup("iommu-dma"), .domain = "DMA-FQ", .mask = ~0ull,
		.coherent_mask = 0xffffffff, .bus_limit = 0xffffffff };
	m->traced[1] = (struct traced_device){ .device = strdup("0000:00:01.0") };
	model_sort(m);
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

static void part(struct model *m, enum dmt_op op, unsigned within,
		 unsigned long long page_size, unsigned count, unsigned long long size,
		 unsigned long long ns)
{
	const struct aggregate like = { .device = "0000:00:02.0", .bus = "pci", .driver = "nvme",
					.op = op, .direction = DMT_TO_DEVICE, .within = within,
					.page_size = page_size };
	struct aggregate *a = model_aggregate(m, &like);

	assert_non_null(a);
	add_calls(a, count, size, ns);
	a->latency_known = ns;
}

#define WITHIN(op) (DMT_OP_##op + 1)

static void make_iommu_model(struct model *m)
{
	make_model(m);
	hook_on(m, DMT_HOOK_INTEL_MAP, WAY_FENTRY, "vtdss_map_range", 171);
	part(m, DMT_OP_ALLOC, 0, 0, 10, 65536, 8000);
	part(m, DMT_OP_MAP, 0, 0, 100, 4096, 900);
	/* a tracepoint has no time */
	part(m, DMT_OP_MAP_SG, 0, 0, 20, 8192, 0);
	/* of one call only the part was over when tracing ended */
	part(m, DMT_OP_MAP_RESOURCE, 0, 0, 1, 4096, 500);
	part(m, DMT_OP_FREE, 0, 0, 10, 65536, 800);
	part(m, DMT_OP_IOMMU_ALLOC, 0, 0, 10, 65536, 7800);
	part(m, DMT_OP_IOMMU_MAP, WITHIN(IOMMU_ALLOC), 0, 40, 16384, 700);
	part(m, DMT_OP_IOMMU_MAP, WITHIN(MAP), 0, 100, 4096, 300);
	part(m, DMT_OP_IOMMU_MAP, WITHIN(MAP_SG), 0, 20, 8192, 400);
	part(m, DMT_OP_IOMMU_MAP, WITHIN(MAP_RESOURCE), 0, 2, 4096, 400);
	part(m, DMT_OP_IOMMU_MAP, WITHIN_UNKNOWN, 0, 1, 4096, 400);
	part(m, DMT_OP_PGTABLE_MAP, WITHIN(IOMMU_MAP), 2 << 20, 3, 6 << 20, 200);
	part(m, DMT_OP_PGTABLE_MAP, WITHIN(IOMMU_MAP), 4096, 140, 4096, 100);
	part(m, DMT_OP_PGTABLE_MAP, WITHIN(IOMMU_MAP), 0, 23, 16384, 150);
	/* VT-d up to v5.10 */
	part(m, DMT_OP_PGTABLE_MAP, WITHIN(MAP), 4096, 5, 4096, 100);
	model_sort(m);
}

static void an_iommu_as_people_and_programs_see_it(void **state)
{
	struct model m;

	(void)state;
	make_iommu_model(&m);
	check_text(stat_of(&m), "stat/iommu-120.txt", 120);
	check_json(stat_of(&m), "stat/iommu.json");
	hook_on(&m, DMT_HOOK_IOVA_FAST_ALLOC, WAY_FENTRY, "alloc_iova_fast", 112);
	part(&m, DMT_OP_IOVA_FAST_ALLOC, WITHIN(IOMMU_ALLOC), 0, 10, 65536, 100);
	part(&m, DMT_OP_IOVA_FAST_ALLOC, WITHIN(MAP), 0, 101, 4096, 200);
	part(&m, DMT_OP_IOVA_ALLOC, 0, 0, 1, 8192, 700);
	part(&m, DMT_OP_IOVA_FAST_ALLOC, WITHIN(IOVA_ALLOC), 0, 1, 8192, 600);
	check_text(stat_of(&m), "stat/iommu-iova-120.txt", 120);
	model_release(&m);
}

static struct aggregate *bounced(struct model *m, enum dmt_op op, enum dmt_dir direction,
				 enum phase phase, enum context context)
{
	const struct aggregate like = { .device = "0000:00:01.0", .bus = "pci", .driver = "oracle",
					.op = op, .direction = direction, .phase = phase,
					.reason = op == DMT_OP_BOUNCE ? REASON_MASK : REASON_NONE,
					.context = context };
	struct aggregate *a = model_aggregate(m, &like);

	assert_non_null(a);
	return a;
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

static struct aggregate *translated(struct model *m, enum dmt_op op, enum path path, unsigned count,
				    unsigned long long size, unsigned long long ns)
{
	const struct aggregate like = { .device = "0000:00:02.0", .driver = "nvme", .bus = "pci",
					.op = op, .path = path };
	struct aggregate *a = model_aggregate(m, &like);

	assert_non_null(a);
	add_calls(a, count, size, ns);
	return a;
}

static void make_translated_model(struct model *m)
{
	struct inventory *inv = &m->inventory;
	struct failed *f;

	make_model(m);
	hook_on(m, DMT_HOOK_IOVA_FAST_ALLOC, WAY_FENTRY, "alloc_iova_fast", 106);
	hook_on(m, DMT_HOOK_IOVA_FAST_FREE, WAY_FENTRY, "free_iova_fast", 100);
	inv->devices = calloc(1, sizeof(*inv->devices));
	inv->ndevices = 1;
	inv->facts.lazy_shown = true;
	*inv->devices = (struct device){ .name = strdup("0000:00:02.0"), .domain = strdup("DMA") };
	translated(m, DMT_OP_MAP, VIA_IOMMU, 100, 4096, 9000);
	translated(m, DMT_OP_UNMAP, VIA_NONE, 100, 4096, 30000);
	translated(m, DMT_OP_IOVA_FAST_ALLOC, VIA_RCACHE, 70, 4096, 300);
	translated(m, DMT_OP_IOVA_FAST_ALLOC, VIA_RCACHE_MISS, 20, 4096, 2000);
	translated(m, DMT_OP_IOVA_FAST_ALLOC, VIA_ABOVE_RCACHE, 10, 262144, 3000);
	translated(m, DMT_OP_IOVA_FAST_ALLOC, VIA_RETRIED, 4, 0, 1000);
	add_failures(translated(m, DMT_OP_IOVA_FAST_ALLOC, VIA_ABOVE_RCACHE, 0, 0, 0), FAILS_ZERO,
		     0, 2);
	translated(m, DMT_OP_IOVA_FAST_FREE, VIA_NONE, 100, 4096, 200);
	translated(m, DMT_OP_IOTLB_SYNC, VIA_NONE, 100, 4096, 20000);
	translated(m, DMT_OP_IOTLB_FLUSH, VIA_NONE, 3, 0, 50000);
	translated(m, DMT_OP_MSI_MAP, VIA_NONE, 2, 0, 70000);
	m->failed = calloc(2, sizeof(*m->failed));
	m->nfailed = 2;
	f = m->failed;
	*f++ = (struct failed){ .device = strdup("0000:00:02.0"), .driver = strdup("nvme"),
				.op = DMT_OP_IOVA_FAST_ALLOC, .kind = FAILS_ZERO, .count = 2,
				.size = 1 << 20, .limit = 0xffffff };
	*f = (struct failed){ .device = strdup("0000:00:02.0"), .driver = strdup("nvme"),
			      .op = DMT_OP_IOMMU_MAP, .kind = FAILS_ERRNO, .value = -EINVAL,
			      .count = 1, .size = 0x2001, .iova = 0xffffe000,
			      .paddr = 0x30830040, .min_pagesz = 4096 };
	model_sort(m);
}

static void iommu_as_people_and_programs_see_it(void **state)
{
	struct model m;

	(void)state;
	make_translated_model(&m);
	check_text(report_of(&m, report_iommu), "iommu/strict.txt", 100);
	check_json(report_of(&m, report_iommu), "iommu/strict.json");
	model_release(&m);
	make_model(&m);
	check_text(report_of(&m, report_iommu), "iommu/nothing.txt", 100);
	model_release(&m);
}

static void swiotlb_as_people_and_programs_see_it(void **state)
{
	struct model m;

	(void)state;
	make_bounced_model(&m);
	check_text(report_of(&m, report_swiotlb), "swiotlb/bounced-80.txt", 80);
	check_json(report_of(&m, report_swiotlb), "swiotlb/bounced.json");
	model_release(&m);
	make_model(&m);
	check_text(report_of(&m, report_swiotlb), "swiotlb/nothing-80.txt", 80);
	check_json(report_of(&m, report_swiotlb), "swiotlb/nothing.json");
	model_release(&m);
}

static void add_live(struct model *m)
{
	struct live_row *row = m->live = calloc(2, sizeof(*row));
	struct age_row *age = m->ages = calloc(1, sizeof(*age));

	assert_true(row && age);
	m->nlive = 2;
	m->nages = 1;
	row[0] = (struct live_row){ strdup("0000:00:02.0"), strdup("nvme"), DMT_OP_MAP, 3, 12288,
				    2000000000, .unmaps_skipped = true };
	row[1] = (struct live_row){ strdup("0000:00:01.0"), strdup("oracle"), DMT_OP_MAP, 3, 12288,
				    2000000000 };
	row[1].stack = (struct frames){ calloc(2, sizeof(char *)), 2 };
	row[1].stack.names[0] = strdup("dma_map_page_attrs");
	row[1].stack.names[1] = strdup("fill [oracle]");
	*age = (struct age_row){ strdup("0000:00:01.0"), strdup("oracle"), DMT_OP_MAP };
	age_add(age, 999999, 1);
	age_add(age, 1000000, 1);
	age_add(age, 2000000000, 1);
}

static void add_mappings(struct model *m)
{
	struct lifetime_row *lived = m->lifetimes = calloc(1, sizeof(*lived));
	struct mapping_row *row = m->mappings = calloc(2, sizeof(*row));
	__u64 buckets[DMT_HIST_BUCKETS] = { 0 };

	assert_true(row && lived);
	m->nlifetimes = 1;
	*lived = (struct lifetime_row){ strdup("0000:00:01.0"), strdup("oracle"), DMT_OP_MAP,
					.unseen = 2, .shared = 1 };
	buckets[dmt_bucket(5000)] = 9;
	buckets[dmt_bucket(70000)] = 1;
	hist_add(&lived->lifetime, buckets, 115000, 70000);
	m->each = true;
	m->nmappings = 2;
	m->mappings_left = 1;
	row[0] = (struct mapping_row){ strdup("0000:00:01.0"), strdup("oracle"), DMT_OP_MAP,
				       DMT_TO_DEVICE, 1, 4096, 2000000000, 0xfffff000, 0x104000,
				       0xffff888000104000 };
	/* nothing is known of where it lies */
	row[1] = (struct mapping_row){ strdup("0000:00:01.0"), strdup("oracle"), DMT_OP_MAP,
				       DMT_TO_DEVICE, 1, 4096, 1000000, 0xffffe000,
				       .pending = true };
}

static void live_as_people_and_programs_see_it(void **state)
{
	struct model m;

	(void)state;
	make_model(&m);
	m.followed = true;
	add_live(&m);
	add_mappings(&m);
	check_text(report_of(&m, report_live), "live/each-140.txt", 140);
	check_json(report_of(&m, report_live), "live/each.json");
	model_release(&m);
	make_model(&m);
	m.followed = true;
	add_live(&m);
	check_text(report_of(&m, report_live), "live/some-80.txt", 80);
	model_release(&m);
	make_model(&m);
	check_text(report_of(&m, report_live), "live/nothing-80.txt", 80);
	check_json(report_of(&m, report_live), "live/nothing.json");
	model_release(&m);
}

static struct json_object *at(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(object, key, &value));
	return value;
}

static void slots_of_several_pools_are_told_apart(void **state)
{
	struct json_object *root, *own, *shared;
	struct model m;

	(void)state;
	make_bounced_model(&m);
	free(m.inventory.pools[0].kind);
	m.inventory.pools[0].kind = strdup("swiotlb");
	root = render_object(report_of(&m, report_swiotlb));
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
	root = render_object(report_of(&m, report_swiotlb));
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
	root = render_object(report_of(&m, report_swiotlb));
	pools = at(root, "swiotlb");
	assert_int_equal(json_object_array_length(pools), 2);
	for (size_t i = 0; i < 2; i++)
		assert_null(at(json_object_array_get_idx(pools, i), "holders"));
	json_object_put(root);
	/* without debugfs there is no pool to see, but those who hold its slots are */
	m.inventory.npools = 0;
	root = render_object(report_of(&m, report_swiotlb));
	pools = at(root, "swiotlb");
	assert_int_equal(json_object_array_length(pools), 1);
	assert_null(at(json_object_array_get_idx(pools, 0), "nslabs"));
	assert_int_equal(json_object_array_length(at(json_object_array_get_idx(pools, 0),
						     "holders")), 1);
	json_object_put(root);
	m.inventory.npools = 2;
	model_release(&m);
}

/* Names are a contract: they may be added to, never taken away. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_as_people_see_it),
		cmocka_unit_test(stat_as_programs_see_it),
		cmocka_unit_test(an_iommu_as_people_and_programs_see_it),
		cmocka_unit_test(swiotlb_as_people_and_programs_see_it),
		cmocka_unit_test(slots_of_several_pools_are_told_apart),
		cmocka_unit_test(what_no_pool_is_said_to_have_is_not_known),
		cmocka_unit_test(iommu_as_people_and_programs_see_it),
		cmocka_unit_test(live_as_people_and_programs_see_it),
		cmocka_unit_test(json_keeps_its_names),
		cmocka_unit_test(absent_is_null_and_never_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
