/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording with something of everything, to be changed; and all that is done with a recording.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include <errno.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/compare.h"
#include "analysis/diagnose.h"
#include "model/event.h"
#include "recording/record.h"
#include "analysis/recorded.h"
#include "render/render.h"
#include "report/report.h"

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

	must(a != NULL);
	a->calls = count;
	a->bytes = count * 4096ull;
	must(!hist_put(&a->latency, 700, count) && !hist_put(&a->size, 700, count));
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
	m->extras = DMT_WANTS_STACKS | DMT_WANTS_LIVE | DMT_WANTS_EVENTS;
	m->duration_ns = 1000000000;
	m->losses[m->nlosses++] = (struct loss){ "missed", 3 };
}

/* As many calls again as there were so far. */
static void go_on(struct model *m)
{
	for (size_t i = 0; i < m->naggregates; i++) {
		struct aggregate *a = &m->aggregates[i];
		a->calls *= 2;
		must(!hist_merge(&a->latency, &a->latency));
	}
}

static void events_add(struct recording *recording, const struct model *m)
{
	for (unsigned i = 0; m->extras & DMT_WANTS_EVENTS && i < 3; i++) {
		const struct event e = {
			.time_ns = i, .device = "0000:00:01.0", .driver = "nvme", .bus = "pci",
			.op = DMT_OP_MAP, .failed = i == 1, .failure = FAILS_ADDRESS,
			.latency_known = true, .latency_ns = i, .stack = &m->failed->stack,
		};

		must(!recording_event(recording, &e));
	}
}

/* Intervals enough to judge; small pages, so that more of what is changed is content. */
static void recording_make(const char *file, struct model *m)
{
	struct recording *recording;
	sqlite3 *db;

	must(!recording_create(&recording, file, true));
	events_add(recording, m);
	for (int i = 0; i < 7; i++, go_on(m))
		must(!recording_write(recording, m, i == 6));
	recording_close(recording);
	must(!sqlite3_open(file, &db));
	must(!sqlite3_exec(db, "PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM",
			   NULL, NULL, NULL));
	sqlite3_close(db);
}

static void render(FILE *out, struct doc *doc)
{
	static const struct render_opts opts = { .width = 80 };

	for (const struct renderer *r = renderers; r->name; r++)
		must(!r->render(out, doc, &opts));
	doc_free(doc);
}

static void report(FILE *out, struct model *m)
{
	struct findings findings;

	model_sort(m);
	must(!diagnose(m, &findings));
	render(out, report_make(&report_all, m, &findings, NULL));
	render(out, report_make(&report_stacks, m, &findings, NULL));
	render(out, report_make(&report_metrics, m, &findings, NULL));
	findings_release(&findings);
}

static void compare(FILE *out, const struct recorded *r)
{
	struct comparison c;

	must(!comparison_make(&c, r, r, 0.1));
	render(out, report_diff(r, 1, r, &c, true));
	comparison_release(&c);
}

static int event_add(void *table, const struct event *e)
{
	report_event(table, e, true);
	return 0;
}

static void events_print(FILE *out, struct recorded *r)
{
	struct doc *doc = doc_new();

	while (replay_events(r->replay, 1000, event_add, report_events(doc, true)) > 0) {
		render(out, doc);
		doc = doc_new();
	}
	doc_free(doc);
}

/* Read, or refused; all reports made of what was read, and compared with itself. */
static void recording_read(const char *file)
{
	FILE *out = fopen("/dev/null", "w");
	struct recorded r;

	must(out != NULL);
	if (!recorded_open(&r, file)) {
		compare(out, &r);
		report(out, &r.whole);
		if (r.whole.extras & DMT_WANTS_EVENTS)
			events_print(out, &r);
	}
	recorded_close(&r);
	fclose(out);
}

#endif
