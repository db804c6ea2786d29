// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a recording: read, or refused, and all reports made of what was read; and compared
 * with itself.
 *
 *	fuzz_recording --seeds DIR	writes recordings to begin with
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"
#include "diagnose.h"
#include "record.h"
#include "render.h"
#include "report.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];

static void must(int right)
{
	if (!right)
		abort();
}

static struct aggregate *calls(struct model *m, enum dmt_op op, enum path by, unsigned count)
{
	const struct aggregate like = { .device = "0000:00:01.0", .driver = "nvme", .bus = "pci",
					.op = op, .direction = DMT_TO_DEVICE, .path = by };
	struct aggregate *a = model_aggregate(m, &like);
	__u64 buckets[DMT_HIST_BUCKETS] = { 0 };

	must(a != NULL);
	a->calls = count;
	a->bytes = count * 4096ull;
	buckets[dmt_bucket(700)] = count;
	hist_add(&a->latency, buckets, count * 700ull, 700);
	hist_add(&a->size, buckets, count * 700ull, 700);
	return a;
}

/* Something of everything that reports are made of. */
static void model_fill(struct model *m)
{
	struct aggregate *a = calls(m, DMT_OP_MAP, VIA_DIRECT, 20);

	a->values = calloc(1, sizeof(*a->values));
	a->values[a->nvalues++] = (struct error_count){ FAILS_ADDRESS, -1, 2 };
	a->errors = 2;
	calls(m, DMT_OP_MAP_SG, VIA_BOUNCE, 5);
	calls(m, DMT_OP_BOUNCE, VIA_NONE, 5)->reason = REASON_MASK;
	calls(m, DMT_OP_IOVA_FAST_ALLOC, VIA_RCACHE_MISS, 9);
	calls(m, DMT_OP_PGTABLE_MAP, VIA_NONE, 9)->page_size = 4096;
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		m->hooks[hook].op = hook_op(hook);
		m->hooks[hook].on = m->hooks[hook].wanted = hook % 3;
	}
	m->failed = calloc(1, sizeof(*m->failed));
	m->nfailed = 1;
	m->failed->op = DMT_OP_MAP;
	m->failed->count = 2;
	m->failed->stack.names = calloc(1, sizeof(char *));
	m->failed->stack.names[m->failed->stack.count++] = strdup("edu_start [edu]");
	m->live = calloc(1, sizeof(*m->live));
	m->nlive = 1;
	*m->live = (struct live_row){ .op = DMT_OP_MAP, .count = 30, .slices = 255 };
	m->lifetimes = calloc(1, sizeof(*m->lifetimes));
	m->nlifetimes = 1;
	m->mappings = calloc(1, sizeof(*m->mappings));
	m->nmappings = 1;
	m->followed = m->each = m->holders_known = true;
	m->extras = DMT_WANTS_STACKS | DMT_WANTS_LIVE;
	m->duration_ns = 1000000000;
	m->losses[m->nlosses++] = (struct loss){ "missed", 3 };
}

/* As many calls again as there were so far. */
static void go_on(struct model *m)
{
	for (size_t i = 0; i < m->naggregates; i++) {
		struct aggregate *a = &m->aggregates[i];
		const struct hist latency = a->latency;

		a->calls *= 2;
		hist_merge(&a->latency, &latency);
	}
}

/* Intervals enough to judge; small pages, so that more of what is changed is content. */
static void seed(const char *dir, const char *name, struct model *m)
{
	struct recording *recording;
	char file[4096];
	sqlite3 *db;

	snprintf(file, sizeof(file), "%s/%s", dir, name);
	must(!recording_create(&recording, file, true));
	for (int i = 0; i < 7; i++, go_on(m))
		must(!recording_write(recording, m, i == 6));
	recording_close(recording);
	must(!sqlite3_open(file, &db));
	must(!sqlite3_exec(db, "PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM",
			   NULL, NULL, NULL));
	sqlite3_close(db);
}

static void seeds(const char *dir)
{
	struct model m = { 0 };

	seed(dir, "nothing.db", &m);
	model_fill(&m);
	seed(dir, "all.db", &m);
	model_release(&m);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	if (*argc == 3 && !strcmp((*argv)[1], "--seeds")) {
		seeds((*argv)[2]);
		exit(0);
	}
	snprintf(path, sizeof(path), "/dev/shm/dmatrace-fuzz.%d", getpid());
	return 0;
}

static void put(const uint8_t *data, size_t size)
{
	FILE *out = fopen(path, "w");

	must(out && fwrite(data, 1, size, out) == size && !fclose(out));
}

static void report(struct model *m)
{
	static const struct render_opts opts = { .width = 80 };
	struct findings findings;
	FILE *out = fopen("/dev/null", "w");
	struct doc *doc;

	must(out != NULL);
	model_sort(m);
	must(!diagnose(m, &findings));
	doc = report_all(m, &findings);
	must(!render_text(out, doc, &opts) && !render_json(out, doc, &opts));
	doc_free(doc);
	findings_release(&findings);
	fclose(out);
}

static void compare(const struct recorded *r)
{
	static const struct render_opts opts = { .width = 80 };
	FILE *out = fopen("/dev/null", "w");
	struct comparison c;
	struct doc *doc;

	must(out && !comparison_make(&c, r, r, 0.1));
	doc = report_diff(r, 1, r, &c, true);
	must(!render_text(out, doc, &opts) && !render_json(out, doc, &opts));
	doc_free(doc);
	comparison_release(&c);
	fclose(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recorded r;

	put(data, size);
	if (!recorded_open(&r, path)) {
		compare(&r);
		report(&r.whole);
	}
	recorded_close(&r);
	unlink(path);
	return 0;
}
