// SPDX-License-Identifier: GPL-2.0
/*
 * The model's few operations.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include "model.h"

/* An empty name is no name. */
static bool same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static char *copy(const char *s)
{
	return s && *s ? strdup(s) : NULL;
}

struct aggregate *model_aggregate(struct model *m, const char *device, const char *bus,
				  const char *driver, enum dmt_op op, enum dmt_dir direction)
{
	struct aggregate *a;

	for (size_t i = 0; i < m->naggregates; i++) {
		a = &m->aggregates[i];
		if (a->op == op && a->direction == direction && same(a->device, device) &&
		    same(a->bus, bus) && same(a->driver, driver))
			return a;
	}
	a = realloc(m->aggregates, (m->naggregates + 1) * sizeof(*a));
	if (!a)
		return NULL;
	m->aggregates = a;
	a += m->naggregates++;
	*a = (struct aggregate){ .device = copy(device), .bus = copy(bus), .driver = copy(driver),
				 .op = op, .direction = direction, .errors_known = true,
				 .latency_known = true };
	return a;
}

static void aggregate_release(struct aggregate *a)
{
	free(a->device);
	free(a->bus);
	free(a->driver);
	free(a->values);
}

static bool matches(const char *glob, const char *name)
{
	return !glob || (name && !fnmatch(glob, name, 0));
}

void model_filter(struct model *m, const char *device, const char *driver, unsigned ops_wanted)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->naggregates; i++) {
		struct aggregate *a = &m->aggregates[i];

		if (matches(device, a->device) && matches(driver, a->driver) &&
		    (!ops_wanted || ops_wanted & 1u << a->op))
			m->aggregates[kept++] = *a;
		else
			aggregate_release(a);
	}
	m->naggregates = kept;
}

static int text_compare(const char *a, const char *b)
{
	if (!a || !b)
		return !a - !b;		/* the unknown device comes last */
	return strcmp(a, b);
}

static int compare(const void *left, const void *right)
{
	const struct aggregate *a = left, *b = right;
	int order = text_compare(a->device, b->device);

	if (!order)
		order = text_compare(a->driver, b->driver);
	if (!order)
		order = text_compare(a->bus, b->bus);
	if (!order)
		order = (int)a->op - (int)b->op;
	return order ? order : (int)a->direction - (int)b->direction;
}

void model_sort(struct model *m)
{
	if (m->naggregates)
		qsort(m->aggregates, m->naggregates, sizeof(*m->aggregates), compare);
}

void model_plan(struct model *m, const struct plan *plan)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		const struct planned *p = &plan->hooks[hook];
		struct hook_state *state = &m->hooks[hook];

		state->op = hook_op(hook);
		state->way = p->way;
		state->wanted = p->wanted;
		state->on = p->sight;
		state->target = p->sight ? p->sight->target : NULL;
		memcpy(state->reason, p->reason, sizeof(state->reason));
	}
}

void model_release(struct model *m)
{
	for (size_t i = 0; i < m->naggregates; i++)
		aggregate_release(&m->aggregates[i]);
	free(m->aggregates);
	free(m->host);
	free(m->release);
	free(m->arch);
	memset(m, 0, sizeof(*m));
}
