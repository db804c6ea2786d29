// SPDX-License-Identifier: GPL-2.0
/*
 * Reading: accounts of all CPUs into aggregates by name, and every counter of what escaped.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "kernel/kernel_probe.h"
#include "live/private.h"

/*
 * Calls of the function that its kprobe knows of: those it handled and those it had to skip.  (Not
 * its kretprobe, which on arm64 up to 5.10 also counts as missed what was not.)  A mark counts no
 * calls itself, and a part few of them, so that only what was skipped says anything.
 */
static unsigned long long kprobe_total(const struct live *l, int hook)
{
	const struct tracefs_probe *p = &l->probes[(size_t)hook * 2];

	if (hook_is_part(hook))
		return p[0].misses;
	return hook_marks(hook) ? p[0].misses + p[1].misses : p[0].hits + p[0].misses;
}

void live_baseline(struct live *l)
{
	tracefs_profile(l->probes, DMT_HOOK_MAX * 2);
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		l->before[hook] = kprobe_total(l, hook);
}

/* Runs the kernel skipped because the program was running already on that CPU. */
static bool recursion_misses(int prog_fd, unsigned long long *misses)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(prog_fd, &info, &len))
		return false;
	*misses = info.recursion_misses;
	return true;
}

/*
 * A session misses a call at both ends, but for the one whose return it saw: that one is counted,
 * without a latency.  A floor: another task may have come between the entry seen and the return.
 */
static unsigned long long session_missed(const struct live *l, int hook, unsigned long long misses)
{
	enum dmt_hook also = l->plan.hooks[hook].sight->also;
	unsigned long long seen = l->unsampled[hook] + (also ? l->unsampled[also] : 0);

	return misses > seen ? (misses - seen + 1) / 2 : 0;
}

static void hook_missed(const struct live *l, int hook, struct hook_state *states)
{
	const struct planned *p = &l->plan.hooks[hook];
	struct hook_state *state = &states[hook];
	unsigned long long total, counted;

	if (p->way == WAY_KPROBE) {
		total = kprobe_total(l, hook) - l->before[hook];
		counted = state->calls + (p->sight->also ? states[p->sight->also].calls : 0);
		if (hook_is_part(hook))
			counted = 0;
		state->missed = total > counted ? total - counted : 0;
		state->missed_known = true;
		return;
	}
	/* the program that counts: the one at the return, or the only one there is */
	state->missed_known = recursion_misses(
		l->attachments[hook][l->attachments[hook][1].prog_fd > 0].prog_fd, &state->missed);
	if (p->way == WAY_FSESSION)
		state->missed = session_missed(l, hook, state->missed);
}

static void hooks_read(struct live *l, struct model *m)
{
	model_plan(m, &l->plan);
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		if (planned_attaches(&l->plan.hooks[hook]))
			m->hooks[hook].on = l->attached[hook];
		if (l->attached[hook])
			hook_missed(l, hook, m->hooks);
		live_cost_read(l, hook, &m->hooks[hook]);
	}
}

static bool errors_add(struct aggregate *a, enum failure kind, __s64 value,
		       unsigned long long count)
{
	struct error_count *grown;

	for (size_t i = 0; i < a->nvalues; i++)
		if (a->values[i].kind == kind && a->values[i].value == value) {
			a->values[i].count += count;
			return true;
		}
	grown = realloc(a->values, (a->nvalues + 1) * sizeof(*grown));
	if (!grown)
		return false;
	a->values = grown;
	a->values[a->nvalues++] = (struct error_count){ kind, value, count };
	return true;
}

/* What the accounts are read with. */
struct reading {
	struct live *live;
	struct model *model;
	struct circumstances circumstances;
	bool *devices;		/* by id: were calls counted for it? */
	struct owner {
		size_t aggregate;	/* counted from 1; 0: none */
		enum dmt_hook hook;
	} *owners;		/* of every account */
};

static struct aggregate *aggregate_of(struct reading *r, const struct dmt_account_key *key)
{
	struct aggregate like = { .op = hook_op(key->hook), .direction = key->direction };
	const struct circumstances *c = &r->circumstances;
	struct dmt_device device = { 0 }, *known = NULL;

	if (key->device) {
		if (bpf_map_lookup_elem(bpf_map__fd(r->live->first->maps.devices), &key->device,
					&device))
			return NULL;
		known = &device;
		r->devices[key->device] = true;
	}
	like.device = device.name;
	like.bus = device.bus;
	like.driver = device.driver;
	like.path = path_of(key->hook, key->notes, known, c);
	like.reason = reason_of(key->hook, key->notes, known, c);
	like.context = context_of(key->hook, key->notes);
	like.phase = phase_of(key->hook, key->notes);
	like.within = within_of(key->hook, key->notes, c);
	like.page_size = page_size_of(key->hook, key->notes);
	return model_aggregate(r->model, &like);
}

static int account_read(struct reading *r, const struct dmt_account_key *key, __u32 index)
{
	const struct planned *p = &r->live->plan.hooks[key->hook];
	struct model *m = r->model;
	struct dmt_account account;
	unsigned long long sized, timed, calls;
	struct aggregate *a;

	if (bpf_map_lookup_elem(bpf_map__fd(r->live->first->maps.accounts), &index, &account))
		return -errno;
	a = aggregate_of(r, key);
	if (!a)
		return -ENOMEM;
	r->owners[index] = (struct owner){ a - m->aggregates + 1, key->hook };
	a->errors += account.errors;
	a->bytes += account.bytes;
	a->errors_known &= !p->sight || !p->sight->blind;
	a->latency_known &= p->way != WAY_TRACEPOINT &&
			    !(r->live->wishes.extras & DMT_WANTS_NO_LATENCY);
	if (hist_add(&a->size, account.size, account.bytes, account.size_max, &sized) ||
	    hist_add(&a->latency, account.latency, account.latency_sum, account.latency_max,
		     &timed))
		return -ENOMEM;
	/* every call is either in the histogram of sizes or an error */
	calls = account.errors + sized;
	a->calls += calls;
	if (cma_fell_back(key->hook, key->notes))
		a->fell_back += calls - account.errors;
	m->hooks[key->hook].calls += calls;
	r->live->unsampled[key->hook] += calls - timed;
	return 0;
}

static int accounts_read(struct reading *r)
{
	int fd = bpf_map__fd(r->live->first->maps.account_index), err = 0;
	struct dmt_account_key key, *last = NULL;
	__u32 index;

	while (!err && !bpf_map_get_next_key(fd, last, &key)) {
		if (!bpf_map_lookup_elem(fd, &key, &index) && index < r->live->naccounts)
			err = account_read(r, &key, index);
		last = &key;
	}
	return err;
}

/* NULL for an account that counts nothing, or is none. */
static struct aggregate *owner_of(const struct reading *r, __u32 account)
{
	if (account >= r->live->naccounts || !r->owners[account].aggregate)
		return NULL;
	return &r->model->aggregates[r->owners[account].aggregate - 1];
}

static const char *target_of(const struct reading *r, __u32 account)
{
	const struct sight *sight = r->live->plan.hooks[r->owners[account].hook].sight;

	return sight ? sight->target : NULL;
}

static int failures_read(struct reading *r, const enum failure *kinds)
{
	int fd = bpf_map__fd(r->live->first->maps.failures), err = 0;
	struct dmt_failure_key key, *last = NULL;
	struct dmt_failure value;
	struct aggregate *a;

	while (!err && !bpf_map_get_next_key(fd, last, &key)) {
		last = &key;
		a = owner_of(r, key.account);
		if (!a || bpf_map_lookup_elem(fd, &key, &value))
			continue;
		if (!errors_add(a, kinds[a->op], key.value, value.count))
			return -ENOMEM;
		err = live_failure(r->live, r->model, &key, a, kinds[a->op],
				   target_of(r, key.account));
	}
	return err;
}

static int stacks_read(struct reading *r)
{
	int fd = bpf_map__fd(r->live->first->maps.stack_counts), err = 0;
	struct dmt_stack_key key, *last = NULL;
	struct dmt_stack_count count;
	struct aggregate *a;

	while (!err && !bpf_map_get_next_key(fd, last, &key)) {
		last = &key;
		a = owner_of(r, key.account);
		if (a && !bpf_map_lookup_elem(fd, &key, &count))
			err = live_path(r->live, r->model, &key, &count, a,
					target_of(r, key.account));
	}
	return err ? err : live_paths_unite(r->model);
}

static const struct loss loss_names[DMT_LOSS_MAX] = {
#define X(id, name, help) { name, 0 },
	DMT_LOSSES(X)
#undef X
};

static void losses_read(struct live *l, struct model *m)
{
	struct loss *missed = &m->losses[DMT_LOSS_MAX], *path = missed + 1, *held = missed + 2;

	memcpy(m->losses, loss_names, sizeof(loss_names));
	for (int cpu = 0; cpu < DMT_CPUS; cpu++)
		for (int n = 0; n < DMT_LOSS_MAX; n++)
			m->losses[n].count += l->first->bss->cpus[cpu].losses[n];
	m->losses[DMT_LOSS_NAMES].count += l->names_lost;
	missed->name = "missed";
	path->name = "path_missed";
	held->name = "held_missed";
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		(hook >= DMT_HOOK_SLOT_FREE ? held : hook_marks(hook) ? path : missed)->count +=
			m->hooks[hook].missed;
	m->nlosses = DMT_LOSS_MAX + 3;
}

/* What a failing value means, by operation: the row in use says. */
static void kinds_read(const struct live *l, enum failure *kinds)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		if (l->plan.hooks[hook].sight && !hook_marks(hook))
			kinds[hook_op(hook)] = l->plan.hooks[hook].sight->failure;
}

int live_read(struct live *l, struct model *m)
{
	struct reading r = { .live = l, .model = m,
			     .devices = calloc(l->ndevices, sizeof(*r.devices)),
			     .owners = calloc(l->naccounts, sizeof(*r.owners)) };
	enum failure kinds[DMT_OP_MAX] = { 0 };
	int err;

	m->host = strdup(l->kernel.host);
	m->release = strdup(l->kernel.release);
	m->arch = strdup(l->kernel.arch);
	if (!r.owners || !r.devices || !m->host || !m->release || !m->arch) {
		err = fail(-ENOMEM, "cannot read the counters: out of memory");
		goto out;
	}
	live_names_take(l);
	m->extras = l->wishes.extras;
	m->sampled = l->wishes.sample;
	memset(l->unsampled, 0, sizeof(l->unsampled));
	/* the kernel's totals before ours: what they have more is a floor of what was missed */
	tracefs_profile(l->probes, DMT_HOOK_MAX * 2);
	err = inventory_read(&m->inventory, "", NULL, NULL);
	if (err)
		goto out;
	if (l->kernel.no_iommu && !kernel_no_iommu())
		plan_iommu_came(&l->plan);
	circumstances_read(&r.circumstances, &l->plan, m->arch, m->inventory.facts.bounce_forced);
	err = accounts_read(&r);
	if (!err)
		err = live_devices(l, m, r.devices);
	kinds_read(l, kinds);
	if (!err)
		err = failures_read(&r, kinds);
	if (!err)
		err = live_held(l, m, l->start_ns + m->duration_ns);
	if (!err && l->wishes.extras & DMT_WANTS_STACKS)
		err = stacks_read(&r);
	hooks_read(l, m);
	losses_read(l, m);
	if (err)
		fail(err, "cannot read the counters: %s", strerror(-err));
out:
	free(r.devices);
	free(r.owners);
	return err;
}
