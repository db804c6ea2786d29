/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Machines made by hand, fact by fact, for tables of what is said of each.
 */
#ifndef WORLD_H
#define WORLD_H

#include "diagnosed.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)
#define MASK(bits) ((1ull << (bits)) - 1)

/* What is 0 is as on most machines: amd64, 8 GiB, no IOMMU, a pool, a mask of 64 bits. */
struct world {
	const char *arch, *domain, *parameters;
	const char *iommu;		/* of the device, "dmar0" */
	const char *bus;
	unsigned long long mask, coherent, bus_limit, top, largest;
	unsigned long long cpu, on_bus, range;	/* the device's DMA range */
	unsigned iommus;
	bool lazy_shown, restricted, no_zones, forced, noforce, no_pool, grows, not_coherent;
	bool removable, no_reach, grouped;
	long long area, atomic;		/* bytes of contiguous memory, of the atomic pool */
	const char *area_name;
	bool no_cma;
};

static inline void world_pool(struct model *m, const char *kind, const char *name, long long size,
			      bool grows)
{
	struct inventory *inv = &m->inventory;

	inv->pools = reallocarray(inv->pools, inv->npools + 1, sizeof(*inv->pools));
	assert_non_null(inv->pools);
	inv->pools[inv->npools++] = (struct pool){ name_copy(kind), name_copy(name), size, -1, -1,
						   grows, 0 };
}

static inline void world_pools(struct model *m, const struct world *w)
{
	m->inventory.facts.pool_known = true;
	m->inventory.facts.pool = !w->no_pool && !w->noforce;
	if (m->inventory.facts.pool || w->grows)
		world_pool(m, "swiotlb", "default", 64 * MIB, w->grows);
	if (w->area)
		world_pool(m, "cma", w->area_name ? w->area_name : "reserved", w->area, false);
	if (w->atomic)
		world_pool(m, "atomic", "kernel", w->atomic, false);
}

/* Zones that end at 16 MiB, 4 GiB and at the end of memory. */
static inline void world_memory(struct model *m, const struct world *w)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal" };
	struct inventory *inv = &m->inventory;
	unsigned long long top = w->top ? w->top : 8 * GIB;
	const unsigned long long ends[] = { 16 * MIB, 4 * GIB, top };

	inv->facts.memory_top = top;
	inv->facts.largest_block = w->largest ? w->largest : 4 * MIB;
	if (w->no_zones)
		return;
	inv->zones = calloc(3, sizeof(*inv->zones));
	assert_non_null(inv->zones);
	for (; inv->nzones < 3; inv->nzones++)
		inv->zones[inv->nzones] = (struct zone){ name_copy(names[inv->nzones]),
							 ends[inv->nzones], GIB, MIB };
}

static inline void world_device(struct model *m, const struct world *w)
{
	struct reach *reach;
	struct device *dev;

	device(m, 64, w->domain);
	dev = m->inventory.devices;
	dev->iommu = name_copy(w->iommu);
	dev->removable = name_copy(w->removable ? "removable" : NULL);
	if (w->grouped)
		dev->group = name_copy("1");
	if (w->no_reach)
		return;
	reach = seen(m, w->domain);
	if (w->bus) {
		free(m->traced->bus);
		m->traced->bus = *w->bus ? name_copy(w->bus) : NULL;
	}
	if (w->mask)
		reach->mask = w->mask;
	if (w->coherent)
		reach->coherent_mask = w->coherent;
	reach->bus_limit = w->bus_limit;
	reach->range_cpu = w->cpu;
	reach->range_bus = w->on_bus;
	reach->range_size = w->range;
	reach->restricted = w->restricted;
	if (w->not_coherent)
		reach->caches = CACHES_NOT_COHERENT;
	assert_int_equal(device_learn(dev, reach, m->traced->dma_ops), 0);
}

static inline void world_make(struct model *m, const struct world *w)
{
	struct inventory *inv = &m->inventory;

	begin(m);
	world_device(m, w);
	world_memory(m, w);
	world_pools(m, w);
	inv->arch = name_copy(w->arch ? w->arch : "x86_64");
	inv->parameters = name_copy(w->parameters);
	inv->facts.lazy_shown = w->lazy_shown;
	inv->facts.bounce_forced = w->forced;
	inv->facts.bounce_off = w->noforce;
	inv->niommus = w->iommus;
	inv->iommus = w->iommus ? calloc(w->iommus, sizeof(*inv->iommus)) : NULL;
	if (w->no_cma) {
		lacking(m, DMT_HOOK_IN_CMA);
		off(m, DMT_HOOK_CMA, false);
	}
}

static inline void same(const char *what, const char *told, const char *expected)
{
	if (strcmp(told, expected))
		fail_msg("%s: '%s' instead of '%s'", what, told, expected);
}

/* Of the first finding of this kind; the model is of no more use. */
static inline void said(struct model *m, const char *what, const char *id, const char *cause,
			const char *remedy)
{
	const struct finding *found = NULL;
	struct findings f;

	assert_int_equal(diagnose(m, &f), 0);
	for (size_t i = 0; !found && i < f.count; i++)
		if (!strcmp(f.list[i].kind->id, id))
			found = &f.list[i];
	if (!found)
		fail_msg("%s: no %s", what, id);
	same(what, found->cause, cause);
	same(what, found->remedy, remedy);
	findings_release(&f);
	model_release(m);
}

#endif
