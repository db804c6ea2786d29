// SPDX-License-Identifier: GPL-2.0
/*
 * Every program of a plan in every configuration a command can ask for, loaded and not attached:
 * what the verifier says of it.  What it walks depends on what the run is for, which is read-only
 * data by then.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/list.h"
#include "kernel/kernel_probe.h"
#include "live/private.h"
#include "model/verified.h"

#define STATS_ONLY 4		/* the verifier's log level: what it took, in one line */
#define LOG_SIZE 8192

/* Programs of one configuration, in the object that is loaded now; either end may have none. */
struct loaded {
	struct planned planned;
	size_t row;
	struct bpf_program *programs[2];
	char *logs[2];
};

struct configuration {
	struct loaded loaded[DMT_HOOK_MAX * 2];
	size_t count;
};

/* The number of its row, new if need be; -ENOMEM. */
static long row_of(struct verification *v, const struct planned *p)
{
	struct verified *grown;

	for (size_t i = 0; i < v->count; i++)
		if (v->rows[i].sight == p->sight && v->rows[i].way == p->way)
			return i;
	grown = reallocarray(v->rows, v->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	v->rows = grown;
	v->rows[v->count] = (struct verified){ .sight = p->sight, .way = p->way };
	return v->count++;
}

static bool is_there(const struct configuration *c, const struct planned *p)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct planned *known = &c->loaded[i].planned;

		if (known->sight == p->sight && known->way == p->way && known->ends == p->ends)
			return true;
	}
	return false;
}

static int plan_add(struct verification *v, struct configuration *c, const struct wishes *wishes)
{
	struct plan plan;

	plan_make(&plan, &v->kernel, wishes, NULL, 0);
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		const struct planned *p = &plan.hooks[hook];
		long row;

		if (!planned_attaches(p) || is_there(c, p))
			continue;
		row = row_of(v, p);
		if (row < 0)
			return row;
		c->loaded[c->count++] = (struct loaded){ .planned = *p, .row = row };
	}
	return 0;
}

/* Where nothing is named, what is watched only when asked for as well. */
static int configuration_make(struct verification *v, struct configuration *c,
			      struct wishes wishes)
{
	int err = plan_add(v, c, &wishes);

	if (err || wishes.ops || wishes.layers)
		return err;
	wishes.layers = LAYERS_ALL;
	return plan_add(v, c, &wishes);
}

static int program_choose(struct bpf_program *prog, enum way way, char **log)
{
	*log = calloc(1, LOG_SIZE);
	if (!*log)
		return -ENOMEM;
	bpf_program__set_autoload(prog, true);
	if (way == WAY_FSESSION)
		bpf_program__set_expected_attach_type(prog, ATTACH_FSESSION);
	bpf_program__set_log_level(prog, STATS_ONLY);
	return bpf_program__set_log_buf(prog, *log, LOG_SIZE);
}

static int programs_choose(const struct verification *v, struct bpf_object *obj,
			   struct configuration *c)
{
	static const char *const others[] = { "begin", "peek", "modules" };
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		bpf_program__set_autoload(live_program(obj, others[i], ""), true);
	for (size_t i = 0; i < c->count; i++) {
		struct loaded *l = &c->loaded[i];

		for (int end = 0; !err && !v->rows[l->row].err && end < 2; end++) {
			l->programs[end] = live_program_of(obj, &l->planned, end);
			if (l->programs[end])
				err = program_choose(l->programs[end], l->planned.way,
						     &l->logs[end]);
		}
	}
	return err;
}

/*
 * The kernel says since v5.16 ("bpf: Add verified_insns to bpf_prog_info"); before, only the log:
 * "processed 1234 insns (limit 1000000) max_states_per_insn ..."
 */
static unsigned long long walked(const struct bpf_program *prog, const char *log)
{
	const char *line = strstr(log, "processed ");
	struct bpf_prog_info info = { 0 };
	unsigned long long count = 0;
	__u32 len = sizeof(info);

	if (!bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len) && info.verified_insns)
		return info.verified_insns;
	if (line)
		sscanf(line, "processed %llu insns", &count);
	return count;
}

static void loaded_read(struct verified *row, const struct loaded *l, unsigned extras)
{
	for (int end = 0; end < 2; end++) {
		unsigned long long count = l->programs[end] ? walked(l->programs[end],
								     l->logs[end]) : 0;

		if (count <= row->instructions)
			continue;
		row->instructions = count;
		row->extras = extras;
	}
}

/* The row whose program did not load; false: none of them. */
static bool row_refuse(struct verification *v, const struct configuration *c, int err)
{
	for (size_t i = 0; i < c->count; i++)
		for (int end = 0; end < 2; end++)
			if (c->loaded[i].programs[end] &&
			    live_refused_is(c->loaded[i].programs[end])) {
				v->rows[c->loaded[i].row].err = err;
				return true;
			}
	return false;
}

/* One object; -EAGAIN: without a program that was refused, it may be loaded. */
static int object_verify(struct verification *v, struct live *l, struct configuration *c)
{
	struct bpf_object *obj = live_object_open(l);
	int err;

	if (!obj)
		return live_open_failed(errno);
	err = programs_choose(v, obj, c);
	if (!err)
		err = live_first_load(l);
	for (size_t i = 0; !err && i < c->count; i++)
		loaded_read(&v->rows[c->loaded[i].row], &c->loaded[i], l->wishes.extras);
	if (err)
		err = row_refuse(v, c, err) ? -EAGAIN : live_load_failed(err);
	for (size_t i = 0; i < c->count; i++)
		for (int end = 0; end < 2; end++) {
			free(c->loaded[i].logs[end]);
			c->loaded[i].logs[end] = NULL;
			c->loaded[i].programs[end] = NULL;
		}
	live_object_close(l, obj);
	return err;
}

static int configuration_verify(struct verification *v, const struct wishes *wishes)
{
	struct configuration *c = calloc(1, sizeof(*c));
	struct live *l = calloc(1, sizeof(*l));
	int err = c && l ? configuration_make(v, c, *wishes) : -ENOMEM;

	if (!err) {
		l->wishes = *wishes;
		l->kernel = v->kernel;
		l->ncpus = 1;
		do
			err = object_verify(v, l, c);
		while (err == -EAGAIN);
	}
	v->configurations++;
	free(c);
	free(l);
	return err;
}

/*
 * Can a command ask for these?  Call paths of events come with events: when trace wants them, and
 * when record wants both events and call paths.
 */
static bool makes_sense(unsigned extras)
{
	const unsigned traced = DMT_WANTS_EVENTS | DMT_WANTS_EVENT_STACKS;
	const unsigned followed = DMT_WANTS_LIVE | DMT_WANTS_NO_LATENCY | DMT_WANTS_LIVE_STACKS;
	bool both = extras & DMT_WANTS_EVENTS && extras & DMT_WANTS_STACKS;

	if (extras & DMT_WANTS_LIVE_STACKS && extras != followed)
		return false;
	if (extras & DMT_WANTS_NO_LATENCY)
		return !(extras & ~followed);
	return extras == traced || !!(extras & DMT_WANTS_EVENT_STACKS) == both;
}

/* Commands for one purpose can leave some of it out, which is more to verify; record keeps all. */
static void filters_set(struct wishes *wishes)
{
	unsigned purposes = wishes->extras & ~(DMT_WANTS_NO_LATENCY | DMT_WANTS_LIVE_STACKS);
	bool one = purposes && !(purposes & (purposes - 1));

	wishes->sample = one ? 2 : 1;
	wishes->failures_only = one;
	wishes->min_latency_ns = one;
	wishes->device = wishes->driver = one ? "*" : NULL;
}

int live_verify(struct verification *v, const struct wishes *asked)
{
	struct wishes wishes = *asked;
	struct plan plan;
	int err = live_plan(&v->kernel, &plan, asked);

	wishes.max_mappings = wishes.max_stacks = 1;
	for (unsigned extras = 0; !err && extras < DMT_WANTS_END; extras++) {
		if (!makes_sense(extras) || (asked->extras && asked->extras != extras))
			continue;
		wishes.extras = extras;
		filters_set(&wishes);
		err = configuration_verify(v, &wishes);
	}
	return err;
}

void verification_release(struct verification *v)
{
	free(v->rows);
	kernel_release(&v->kernel);
}
