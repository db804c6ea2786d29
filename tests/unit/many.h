/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Models of many rows: each shape has its rows where another report could take a time that grows
 * with their square.
 */
#ifndef MANY_H
#define MANY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/list.h"
#include "model/model.h"

struct many {
	const char *name;
	void (*make)(struct model *m, unsigned rows);
};

static inline void *many_rows(unsigned rows, size_t size)
{
	void *list = calloc(rows, size);

	if (!list)
		abort();
	return list;
}

static inline char *many_name(const char *format, unsigned n)
{
	char *name = NULL;

	if (asprintf(&name, format, n) < 0)
		abort();
	return name;
}

static inline void many_values(struct hist *h, unsigned long long value, unsigned count)
{
	if (hist_put(h, value, count))
		abort();
}

/* The shared part: everything watched, 10 s of it. */
static inline void many_begin(struct model *m)
{
	*m = (struct model){ .host = strdup("box"), .release = strdup("6.12.0"),
			     .arch = strdup("x86_64"), .duration_ns = 10000000000,
			     .extras = DMT_WANTS_STACKS | DMT_WANTS_LIVE };
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		m->hooks[hook].op = hook_op(hook);
		m->hooks[hook].on = m->hooks[hook].wanted = true;
	}
	m->losses[0] = (struct loss){ "accounts_full", 0 };
	m->nlosses = 1;
	m->inventory.facts.pool_known = m->inventory.facts.pool = true;
	m->inventory.facts.lazy_shown = true;
}

static const enum dmt_op many_ops[] = {
	DMT_OP_MAP, DMT_OP_UNMAP, DMT_OP_IOMMU_MAP, DMT_OP_BOUNCE, DMT_OP_BOUNCE_COPY,
	DMT_OP_IOVA_FAST_ALLOC, DMT_OP_PGTABLE_MAP, DMT_OP_IOTLB_SYNC, DMT_OP_MSI_MAP, DMT_OP_ALLOC,
};
#define MANY_OPS (ARRAY_SIZE(many_ops))

static inline void many_aggregate(struct aggregate *a, unsigned n, char *device, char *driver)
{
	*a = (struct aggregate){ .device = device, .bus = strdup("pci"), .driver = driver,
				 .op = many_ops[n % MANY_OPS], .direction = DMT_TO_DEVICE,
				 .path = VIA_DIRECT, .calls = 100, .errors = 2, .bytes = 409600,
				 .errors_known = true, .latency_known = true };
	if (a->op == DMT_OP_BOUNCE)
		a->reason = REASON_MASK;
	for (unsigned i = 0; i < 12; i++) {
		many_values(&a->latency, 500 << (i / 3), i + 1);
		many_values(&a->size, 512 << (i / 2), i + 1);
	}
	a->values = many_rows(1, sizeof(*a->values));
	a->nvalues = 1;
	a->values[0] = (struct error_count){ FAILS_ERRNO, -12, 2 };
}

/* Calls of one kind on each of many devices, all of which are in the inventory. */
static inline void many_devices(struct model *m, unsigned rows)
{
	struct inventory *inv = &m->inventory;

	m->aggregates = many_rows(rows, sizeof(*m->aggregates));
	m->traced = many_rows(rows, sizeof(*m->traced));
	inv->devices = many_rows(rows, sizeof(*inv->devices));
	m->naggregates = m->ntraced = inv->ndevices = rows;
	for (unsigned i = 0; i < rows; i++) {
		many_aggregate(&m->aggregates[i], i, many_name("device %u", i), strdup("driver"));
		m->traced[i] = (struct traced_device){ .device = many_name("device %u", i),
						       .driver = strdup("driver"), .areas = 2 };
		inv->devices[i] = (struct device){ .name = many_name("device %u", i),
						   .bus = strdup("pci"), .domain = strdup("DMA"),
						   .mask_bits = 32, .coherent_mask_bits = 32,
						   .node = -1 };
	}
}

/* Calls of so many kinds on each of many devices. */
#define MANY_SERIES 20
static inline void many_series(struct model *m, unsigned devices)
{
	m->naggregates = devices * MANY_SERIES;
	m->aggregates = many_rows(m->naggregates, sizeof(*m->aggregates));
	for (unsigned i = 0; i < m->naggregates; i++) {
		struct aggregate *a = &m->aggregates[i];

		many_aggregate(a, i, many_name("device %u", i / MANY_SERIES), strdup("driver"));
		a->direction = i % MANY_SERIES / MANY_OPS ? DMT_FROM_DEVICE : DMT_TO_DEVICE;
	}
}

static inline void many_drivers(struct model *m, unsigned rows)
{
	m->aggregates = many_rows(rows, sizeof(*m->aggregates));
	m->naggregates = rows;
	for (unsigned i = 0; i < rows; i++)
		many_aggregate(&m->aggregates[i], i, strdup("device"), many_name("driver %u", i));
}

/* Calls of many kinds on one device. */
static inline void many_kinds(struct model *m, unsigned rows)
{
	m->aggregates = many_rows(rows, sizeof(*m->aggregates));
	m->naggregates = rows;
	for (unsigned i = 0; i < rows; i++) {
		struct aggregate *a = &m->aggregates[i];

		many_aggregate(a, i, strdup("device"), strdup("driver"));
		a->path = i / MANY_OPS % VIA_MAX;
		a->context = i / MANY_OPS / VIA_MAX % CONTEXT_MAX;
		a->page_size = 4096ull * (1 + i / MANY_OPS / VIA_MAX / CONTEXT_MAX);
		a->values[0].value = -1000ll - i;
	}
}

/* Two frames; the outer one is shared by all. */
static inline struct frames many_stack(unsigned n)
{
	struct frames stack = { many_rows(2, sizeof(*stack.names)), 2 };

	stack.names[0] = many_name("caller_%u [mod]", n);
	stack.names[1] = strdup("task");
	return stack;
}

static inline void many_one_device(struct model *m)
{
	m->aggregates = many_rows(1, sizeof(*m->aggregates));
	m->naggregates = 1;
	many_aggregate(m->aggregates, 0, strdup("device"), strdup("driver"));
	m->aggregates[0].calls = 1000000000;
}

static inline void many_stacks(struct model *m, unsigned rows)
{
	many_one_device(m);
	m->stacks = many_rows(rows, sizeof(*m->stacks));
	m->nstacks = rows;
	for (unsigned i = 0; i < rows; i++)
		m->stacks[i] = (struct path_count){
			.device = strdup("device"), .driver = strdup("driver"), .op = DMT_OP_MAP,
			.calls = 1 + i % 100, .bytes = 4096, .ns = 100, .stack = many_stack(i) };
}

static inline struct live_row many_live_row(char *device, unsigned n)
{
	return (struct live_row){ .device = device, .driver = strdup("driver"), .op = DMT_OP_MAP,
				  .count = 20 + n % 7, .bytes = 4096, .oldest_ns = 5000000000,
				  .slices = 255, .pending = n % 2, .stack = many_stack(n) };
}

/* Call paths that hold mappings of one device. */
static inline void many_live(struct model *m, unsigned rows)
{
	many_one_device(m);
	m->followed = true;
	m->live = many_rows(rows, sizeof(*m->live));
	m->nlive = rows;
	m->ages = many_rows(1, sizeof(*m->ages));
	m->nages = 1;
	m->ages[0] = (struct age_row){ strdup("device"), strdup("driver"), DMT_OP_MAP };
	if (age_add(m->ages, 5000000000, 20ull * rows))
		abort();
	for (unsigned i = 0; i < rows; i++)
		m->live[i] = many_live_row(strdup("device"), i);
}

/* A few mappings of each of many devices, one by one, too. */
static inline void many_holding(struct model *m, unsigned rows)
{
	many_one_device(m);
	m->followed = m->each = true;
	m->live = many_rows(rows, sizeof(*m->live));
	m->ages = many_rows(rows, sizeof(*m->ages));
	m->lifetimes = many_rows(rows, sizeof(*m->lifetimes));
	m->mappings = many_rows(rows, sizeof(*m->mappings));
	m->nlive = m->nages = m->nlifetimes = m->nmappings = rows;
	for (unsigned i = 0; i < rows; i++) {
		m->live[i] = many_live_row(many_name("device %u", i), i);
		m->ages[i] = (struct age_row){ many_name("device %u", i), strdup("driver"),
					       DMT_OP_MAP };
		if (age_add(&m->ages[i], 5000000000, 20))
			abort();
		m->lifetimes[i] = (struct lifetime_row){ many_name("device %u", i),
							 strdup("driver"), DMT_OP_MAP };
		many_values(&m->lifetimes[i].lifetime, 1000, 5);
		m->mappings[i] = (struct mapping_row){
			.device = many_name("device %u", i), .driver = strdup("driver"),
			.op = DMT_OP_MAP, .count = 1, .size = 4096, .age_ns = 1000,
			.address = 4096ull * (i + 1), .stack = many_stack(i) };
	}
}

/* Failing calls of one device, each with a value of its own. */
static inline void many_failed(struct model *m, unsigned rows)
{
	static const enum dmt_op failing[] = {
		DMT_OP_IOMMU_MAP, DMT_OP_BOUNCE, DMT_OP_MAP, DMT_OP_IOVA_FAST_ALLOC,
	};

	many_one_device(m);
	m->failed = many_rows(rows, sizeof(*m->failed));
	m->nfailed = rows;
	for (unsigned i = 0; i < rows; i++)
		m->failed[i] = (struct failed){
			.device = strdup("device"), .driver = strdup("driver"),
			.op = failing[i % 4], .kind = FAILS_ERRNO, .value = -1000ll - i, .count = 1,
			.size = 4096, .iova = 512ull * i, .paddr = 4096, .min_pagesz = 4096,
			.stack = many_stack(i) };
}

/* Holders of slots of the swiotlb, in as many pools. */
static inline void many_holders(struct model *m, unsigned rows)
{
	struct inventory *inv = &m->inventory;

	many_one_device(m);
	m->holders_known = true;
	m->holders = many_rows(rows, sizeof(*m->holders));
	m->traced = many_rows(rows, sizeof(*m->traced));
	inv->pools = many_rows(rows, sizeof(*inv->pools));
	m->nholders = m->ntraced = inv->npools = rows;
	for (unsigned i = 0; i < rows; i++) {
		m->holders[i] = (struct holder){ many_name("device %u", i), strdup("driver"),
						 many_name("pool %u", i), 1, 2048, many_stack(i) };
		m->traced[i] = (struct traced_device){ .device = many_name("device %u", i),
						       .pool = many_name("pool %u", i),
						       .areas = 2 };
		inv->pools[i] = (struct pool){ strdup("swiotlb"), many_name("pool %u", i),
					       1 << 20, 2048, 2048 };
	}
}

static const struct many many[] = {
	{ "devices", many_devices }, { "drivers", many_drivers }, { "kinds", many_kinds },
	{ "stacks", many_stacks }, { "live", many_live }, { "holding", many_holding },
	{ "failed", many_failed }, { "holders", many_holders },
};
#define MANY ARRAY_SIZE(many)

static inline void many_make(const struct many *shape, struct model *m, unsigned rows)
{
	many_begin(m);
	shape->make(m, rows);
}

#endif
