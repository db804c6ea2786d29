/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Models made by hand, piece by piece.
 */
#ifndef MADE_H
#define MADE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/model.h"

/* The one of the same names, which must not fail. */
static inline struct aggregate *aggregate_like(struct model *m, const struct aggregate *like)
{
	struct aggregate *a = model_aggregate(m, like);

	assert_non_null(a);
	return a;
}

/* Named by its names and operation alone. */
static inline struct aggregate *new_aggregate(struct model *m, char *device, char *bus,
					      char *driver, enum dmt_op op, enum dmt_dir direction)
{
	const struct aggregate like = { .device = device, .bus = bus, .driver = driver, .op = op,
					.direction = direction };

	return aggregate_like(m, &like);
}

/* count values, all alike */
static inline void add_samples(struct hist *h, unsigned count, unsigned long long value)
{
	assert_int_equal(hist_put(h, value, count), 0);
}

/* Calls that succeed, of this size each; ns 0: without a latency. */
static inline void add_calls(struct aggregate *a, unsigned count, unsigned long long size,
			     unsigned long long ns)
{
	a->calls += count;
	a->bytes += count * size;
	add_samples(&a->size, count, size);
	if (ns)
		add_samples(&a->latency, count, ns);
}

static inline void add_failures(struct aggregate *a, enum failure kind, long long value,
				unsigned count)
{
	a->values = reallocarray(a->values, a->nvalues + 1, sizeof(*a->values));
	assert_non_null(a->values);
	a->values[a->nvalues++] = (struct error_count){ kind, value, count };
	a->calls += count;
	a->errors += count;
}

static inline void hook_on(struct model *m, enum dmt_hook hook, enum way way, const char *target,
			   unsigned calls)
{
	struct hook_state *h = &m->hooks[hook];

	h->on = h->wanted = true;
	h->way = way;
	h->target = target;
	h->calls = calls;
}

/* In which nothing was watched, and nothing lost. */
static inline void make_model(struct model *m)
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

/* What is mapped and was, of one device: nothing yet. */
static inline void make_followed(struct model *m)
{
	m->followed = true;
	m->ages = calloc(1, sizeof(*m->ages));
	m->lifetimes = calloc(1, sizeof(*m->lifetimes));
	m->nages = m->nlifetimes = 1;
	m->ages->op = m->lifetimes->op = DMT_OP_MAP;
	m->ages->device = strdup("0000:00:02.0");
	m->ages->driver = strdup("nvme");
	m->lifetimes->device = strdup("0000:00:02.0");
	m->lifetimes->driver = strdup("nvme");
}

#endif
