// SPDX-License-Identifier: GPL-2.0
/*
 * The model's few operations.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/glob.h"
#include "base/list.h"
#include "model/model.h"
#include "base/name.h"
#include "model/part.h"

/* An empty name is no name. */
static bool aggregate_same(const void *left, const void *right)
{
	const struct aggregate *a = left, *b = right;

	return a->op == b->op && a->direction == b->direction && a->path == b->path &&
	       a->reason == b->reason && a->context == b->context && a->phase == b->phase &&
	       a->within == b->within && a->page_size == b->page_size &&
	       name_same(a->device, b->device) && name_same(a->bus, b->bus) &&
	       name_same(a->driver, b->driver);
}

static size_t aggregate_hash(const void *row)
{
	const struct aggregate *a = row;
	const unsigned long long numbers[] = {
		a->op, a->direction, a->path, a->reason, a->context, a->phase, a->within,
		a->page_size,
	};
	size_t hash = hash_name(hash_name(hash_name(0, a->device), a->driver), a->bus);

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		hash = hash_number(hash, numbers[i]);
	return hash;
}

const struct index_key aggregates_by_key = {
	sizeof(struct aggregate), aggregate_hash, aggregate_same
};

/* One more behind those there are; NULL without memory. */
static struct aggregate *aggregate_add(struct model *m, const struct aggregate *like)
{
	struct aggregate *a = list_grow(m->aggregates, m->naggregates, sizeof(*a));

	if (!a)
		return NULL;
	m->aggregates = a;
	a += m->naggregates++;
	*a = (struct aggregate){ .device = name_copy(like->device), .bus = name_copy(like->bus),
				 .driver = name_copy(like->driver), .op = like->op,
				 .direction = like->direction, .path = like->path,
				 .reason = like->reason, .context = like->context,
				 .phase = like->phase, .within = like->within,
				 .page_size = like->page_size, .errors_known = true,
				 .latency_known = true };
	return a;
}

struct aggregate *model_aggregate(struct model *m, const struct aggregate *like)
{
	size_t found;

	if (!m->by_key.key)
		m->by_key = index_of(&aggregates_by_key);
	if (index_fill(&m->by_key, m->aggregates, m->naggregates))
		return NULL;
	found = index_find(&m->by_key, m->aggregates, like);
	return found != INDEX_NONE ? &m->aggregates[found] : aggregate_add(m, like);
}

void aggregate_release(struct aggregate *a)
{
	free(a->device);
	free(a->bus);
	free(a->driver);
	hist_release(&a->latency);
	hist_release(&a->size);
	free(a->values);
	parts_release(a->parts);
}

void frames_release(struct frames *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->names[i]);
	free(f->names);
}

static void failed_release(struct failed *f)
{
	free(f->device);
	free(f->driver);
	frames_release(&f->stack);
}

static void holder_release(struct holder *h)
{
	free(h->device);
	free(h->driver);
	free(h->pool);
	frames_release(&h->stack);
}

void path_count_release(struct path_count *p)
{
	free(p->device);
	free(p->driver);
	frames_release(&p->stack);
}

static void live_row_release(struct live_row *row)
{
	free(row->device);
	free(row->driver);
	frames_release(&row->stack);
}

static void traced_device_release(struct traced_device *t)
{
	free(t->device);
	free(t->bus);
	free(t->driver);
	free(t->dma_ops);
	free(t->pool);
}

static void age_row_release(struct age_row *row)
{
	free(row->device);
	free(row->driver);
	hist_release(&row->age);
}

static void lifetime_row_release(struct lifetime_row *row)
{
	free(row->device);
	free(row->driver);
	hist_release(&row->lifetime);
}

static void mapping_row_release(struct mapping_row *row)
{
	free(row->device);
	free(row->driver);
	frames_release(&row->stack);
}

const unsigned long long age_limits_ns[AGES] = {
	1000000, 10000000, 100000000, 1000000000, 10000000000, 60000000000, 3600000000000,
	ULLONG_MAX,
};

int age_add(struct age_row *row, unsigned long long ns, unsigned long long count)
{
	int n = 0;

	while (n < AGES - 1 && ns >= age_limits_ns[n])
		n++;
	row->up_to[n] += count;
	return hist_put(&row->age, ns, count);
}

/* Keeps those members of a list that match in name and are `also` wanted. */
#define FILTER(list, count, release, device_glob, driver_glob, also) do {		\
	size_t kept_ = 0;								\
											\
	for (size_t i_ = 0; i_ < (count); i_++) {					\
		__typeof__(*(list)) *each = &(list)[i_];				\
											\
		if (!glob_fits(device_glob, each->device) ||				\
		    !glob_fits(driver_glob, each->driver) || !(also))			\
			release(each);							\
		else if (kept_++ != i_)							\
			(list)[kept_ - 1] = *each;					\
	}										\
	(count) = kept_;								\
} while (0)

static void left_out_count(struct model *m, const char *device, const char *driver)
{
	if (!device && !driver)
		return;
	m->left_out.device = device;
	m->left_out.driver = driver;
	for (size_t i = 0; i < m->naggregates; i++)
		if (!glob_fits(device, m->aggregates[i].device) ||
		    !glob_fits(driver, m->aggregates[i].driver))
			m->left_out.calls += m->aggregates[i].calls;
}

void model_filter(struct model *m, const char *device, const char *driver, dmt_ops ops_wanted)
{
	index_release(&m->by_key);
	left_out_count(m, device, driver);
	FILTER(m->aggregates, m->naggregates, aggregate_release, device, driver,
	       ops_wanted & op_bit(each->op));
	FILTER(m->failed, m->nfailed, failed_release, device, driver,
	       ops_wanted & op_bit(each->op));
	FILTER(m->stacks, m->nstacks, path_count_release, device, driver,
	       ops_wanted & op_bit(each->op));
	FILTER(m->live, m->nlive, live_row_release, device, driver, ops_wanted & op_bit(each->op));
	FILTER(m->traced, m->ntraced, traced_device_release, device, driver, true);
	FILTER(m->ages, m->nages, age_row_release, device, driver, ops_wanted & op_bit(each->op));
	FILTER(m->lifetimes, m->nlifetimes, lifetime_row_release, device, driver,
	       ops_wanted & op_bit(each->op));
	FILTER(m->mappings, m->nmappings, mapping_row_release, device, driver,
	       ops_wanted & op_bit(each->op));
	FILTER(m->holders, m->nholders, holder_release, device, driver, true);
}

/* A list of its own with those members that the operations did. */
#define VIEW(list, count, ops_wanted) do {						\
	__typeof__(list) from_ = (list);						\
	size_t all_ = (count);								\
											\
	(list) = calloc(all_ + 1, sizeof(*from_));					\
	(count) = 0;									\
	for (size_t i_ = 0; (list) && i_ < all_; i_++)					\
		if ((ops_wanted) & op_bit(from_[i_].op))					\
			(list)[(count)++] = from_[i_];					\
} while (0)

int model_view(struct model *view, const struct model *m, dmt_ops ops_wanted)
{
	*view = *m;
	view->by_key = (struct index){ 0 };
	VIEW(view->aggregates, view->naggregates, ops_wanted);
	VIEW(view->failed, view->nfailed, ops_wanted);
	VIEW(view->stacks, view->nstacks, ops_wanted);
	VIEW(view->live, view->nlive, ops_wanted);
	VIEW(view->ages, view->nages, ops_wanted);
	VIEW(view->lifetimes, view->nlifetimes, ops_wanted);
	VIEW(view->mappings, view->nmappings, ops_wanted);
	return view->aggregates && view->failed && view->stacks && view->live && view->ages &&
	       view->lifetimes && view->mappings ? 0 : -ENOMEM;
}

void model_view_release(struct model *view)
{
	free(view->aggregates);
	free(view->failed);
	free(view->stacks);
	free(view->live);
	free(view->ages);
	free(view->lifetimes);
	free(view->mappings);
	*view = (struct model){ 0 };
}

void model_plan(struct model *m, const struct plan *plan)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		const struct planned *p = &plan->hooks[hook];
		struct hook_state *state = &m->hooks[hook];

		state->op = hook_op(hook);
		state->way = p->way;
		state->wanted = p->wanted;
		state->absent = p->absent;
		state->on = p->sight;
		state->target = p->sight ? p->sight->target : NULL;
		memcpy(state->reason, p->reason, sizeof(state->reason));
	}
}

struct model *model_new(void)
{
	struct model *m = calloc(1, sizeof(*m));

	if (!m)
		fail(-ENOMEM, "out of memory%s", err_remedy(-ENOMEM));
	return m;
}

void model_free(struct model *m)
{
	if (m)
		model_release(m);
	free(m);
}

void model_release(struct model *m)
{
	for (size_t i = 0; i < m->naggregates; i++)
		aggregate_release(&m->aggregates[i]);
	for (size_t i = 0; i < m->nfailed; i++)
		failed_release(&m->failed[i]);
	for (size_t i = 0; i < m->nholders; i++)
		holder_release(&m->holders[i]);
	for (size_t i = 0; i < m->nstacks; i++)
		path_count_release(&m->stacks[i]);
	for (size_t i = 0; i < m->nlive; i++)
		live_row_release(&m->live[i]);
	for (size_t i = 0; i < m->ntraced; i++)
		traced_device_release(&m->traced[i]);
	free(m->traced);
	for (size_t i = 0; i < m->nages; i++)
		age_row_release(&m->ages[i]);
	for (size_t i = 0; i < m->nlifetimes; i++)
		lifetime_row_release(&m->lifetimes[i]);
	for (size_t i = 0; i < m->nmappings; i++)
		mapping_row_release(&m->mappings[i]);
	free(m->aggregates);
	index_release(&m->by_key);
	free(m->failed);
	free(m->holders);
	free(m->stacks);
	free(m->live);
	free(m->ages);
	free(m->lifetimes);
	free(m->mappings);
	inventory_release(&m->inventory);
	free(m->host);
	free(m->release);
	free(m->arch);
	memset(m, 0, sizeof(*m));
}

const char *failure_name(enum failure kind, long long value, char *buf, size_t size)
{
	/* a recording may say anything */
	const char *name = value < 0 && value >= -INT_MAX ? strerrorname_np(-value) : NULL;

	switch (kind) {
	case FAILS_NULL:
		return "NULL";
	case FAILS_ADDRESS:
		return "DMA_MAPPING_ERROR";
	case FAILS_ZERO:
		return "0";
	case FAILS_FALSE:
		return "false";
	default:
		if (name)
			return name;
		if (value == -524)
			return "ENOTSUPP";
		snprintf(buf, size, "%lld", value);
		return buf;
	}
}
