// SPDX-License-Identifier: GPL-2.0
/*
 * Reading: accounts of all CPUs into aggregates by name, and every counter of what escaped.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "err.h"
#include "live_private.h"

/* Calls of the function that kprobes know of: those they handled and those they had to skip. */
static unsigned long long kprobe_total(const struct live *l, int hook)
{
	const struct tracefs_probe *p = &l->probes[hook * 2 + 1];

	return p->hits + p->misses;
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
		state->missed = total > counted ? total - counted : 0;
		state->missed_known = true;
		return;
	}
	/* the program that counts: fexit, or the only one there is */
	state->missed_known = recursion_misses(
		l->attachments[hook][p->way == WAY_FENTRY].prog_fd, &state->missed);
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

/* One account into its aggregate; owners[] remembers whose it is, for the error values. */
static int account_read(struct live *l, struct model *m, const struct dmt_account_key *key,
			__u32 index, size_t *owners)
{
	const struct planned *p = &l->plan.hooks[key->hook];
	struct dmt_device device = { 0 };
	struct dmt_account account;
	unsigned long long calls;
	struct aggregate *a;

	if (bpf_map_lookup_elem(bpf_map__fd(l->first->maps.accounts), &index, &account))
		return -errno;
	if (key->device &&
	    bpf_map_lookup_elem(bpf_map__fd(l->first->maps.devices), &key->device, &device))
		return -errno;
	a = model_aggregate(m, device.name[0] ? device.name : NULL,
			    device.bus[0] ? device.bus : NULL,
			    device.driver[0] ? device.driver : NULL, hook_op(key->hook),
			    key->direction);
	if (!a)
		return -ENOMEM;
	owners[index] = a - m->aggregates + 1;
	a->errors += account.errors;
	a->bytes += account.bytes;
	a->errors_known &= !p->sight || !p->sight->blind;
	a->latency_known &= p->way != WAY_TRACEPOINT;
	/* every call is either in the histogram of sizes or an error */
	calls = account.errors + hist_add(&a->size, account.size, account.bytes, account.size_max);
	a->calls += calls;
	m->hooks[key->hook].calls += calls;
	l->unsampled[key->hook] += calls - hist_add(&a->latency, account.latency,
						    account.latency_sum, account.latency_max);
	return 0;
}

static int accounts_read(struct live *l, struct model *m, size_t *owners)
{
	int fd = bpf_map__fd(l->first->maps.account_index), err = 0;
	struct dmt_account_key key, *last = NULL;
	__u32 index;

	while (!err && !bpf_map_get_next_key(fd, last, &key)) {
		if (!bpf_map_lookup_elem(fd, &key, &index) && index < l->naccounts)
			err = account_read(l, m, &key, index, owners);
		last = &key;
	}
	return err;
}

static int errors_read(struct live *l, struct model *m, const size_t *owners,
		       const enum failure *kinds)
{
	int fd = bpf_map__fd(l->first->maps.errors);
	struct dmt_error_key key, *last = NULL;
	__u64 count;

	while (!bpf_map_get_next_key(fd, last, &key)) {
		last = &key;
		if (bpf_map_lookup_elem(fd, &key, &count) || key.account >= l->naccounts ||
		    !owners[key.account])
			continue;
		if (!errors_add(&m->aggregates[owners[key.account] - 1],
				kinds[m->aggregates[owners[key.account] - 1].op], key.value, count))
			return -ENOMEM;
	}
	return 0;
}

static const struct loss loss_names[DMT_LOSS_MAX] = {
#define X(id, name, help) { name, 0 },
	DMT_LOSSES(X)
#undef X
};

static void losses_read(struct live *l, struct model *m)
{
	struct loss *missed = &m->losses[DMT_LOSS_MAX];

	memcpy(m->losses, loss_names, sizeof(loss_names));
	for (int cpu = 0; cpu < DMT_CPUS; cpu++)
		for (int n = 0; n < DMT_LOSS_MAX; n++)
			m->losses[n].count += l->first->bss->cpus[cpu].losses[n];
	missed->name = "missed";
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		missed->count += m->hooks[hook].missed;
	m->nlosses = DMT_LOSS_MAX + 1;
}

/* What a failing value means, by operation: the row in use says. */
static void kinds_read(const struct live *l, enum failure *kinds)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		if (l->plan.hooks[hook].sight)
			kinds[hook_op(hook)] = l->plan.hooks[hook].sight->failure;
}

int live_read(struct live *l, struct model *m)
{
	size_t *owners = calloc(l->naccounts, sizeof(*owners));
	enum failure kinds[DMT_OP_MAX] = { 0 };
	int err;

	m->host = strdup(l->kernel.host);
	m->release = strdup(l->kernel.release);
	m->arch = strdup(l->kernel.arch);
	if (!owners || !m->host || !m->release || !m->arch) {
		free(owners);
		return fail(-ENOMEM, "cannot read the counters: out of memory");
	}
	/* the kernel's totals before ours: what they have more is a floor of what was missed */
	tracefs_profile(l->probes, DMT_HOOK_MAX * 2);
	err = accounts_read(l, m, owners);
	kinds_read(l, kinds);
	if (!err)
		err = errors_read(l, m, owners, kinds);
	hooks_read(l, m);
	losses_read(l, m);
	free(owners);
	return err ? fail(err, "cannot read the counters: %s", strerror(-err)) : 0;
}
