// SPDX-License-Identifier: GPL-2.0
/*
 * What each device can reach and through what, and the machine's means for the rest.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/inventory.h"
#include "base/glob.h"
#include "report/report.h"
#include "base/segment.h"

static const struct column device_columns[] = {
	{ "device", "DEVICE", "name in sysfs", UNIT_TEXT, SHOW_ALL },
	{ "bus", "BUS", "bus it is on", UNIT_TEXT, SHOW_DATA },
	{ "driver", "DRIVER", "driver bound to it", UNIT_TEXT, SHOW_ALL, 6 },
	{ "class", "CLASS", "PCI class in a word", UNIT_TEXT, SHOW_ALL, 6 },
	{ "id", "ID", "PCI vendor and device", UNIT_TEXT, SHOW_ALL },
	{ "mask_bits", "MASK", "address bits of streaming mappings", UNIT_COUNT, SHOW_ALL },
	{ "coherent_mask_bits", "COHERENT", "address bits of coherent memory", UNIT_COUNT,
	  SHOW_ALL },
	{ "iommu", "IOMMU", "IOMMU it is behind", UNIT_TEXT, SHOW_ALL },
	{ "iommu_group", "GROUP", "IOMMU group", UNIT_TEXT, SHOW_ALL },
	{ "domain", "DOMAIN", "type of the group's default domain", UNIT_TEXT, SHOW_ALL },
	{ "dma_ops", "OPS", "who maps for it", UNIT_TEXT, SHOW_ALL },
	{ "node", "NODE", "NUMA node", UNIT_COUNT, SHOW_ALL },
	{ "removable", "REMOVABLE", "removable or fixed, if firmware says", UNIT_TEXT, SHOW_DATA },
	{ "implies", "IMPLIES", "what follows for its DMA", UNIT_TEXT, SHOW_ALL, 16 },
	REACH_COLUMNS,
};

/* For people, of those devices of which it is known. */
static const struct column reach_columns[] = {
	{ "device", "DEVICE", "as above", UNIT_TEXT, SHOW_TEXT },
	{ "cache_coherent", "CACHES", "coherent with the CPUs' or not", UNIT_TEXT, SHOW_TEXT },
	{ "bus_limit", "BUS LIMIT", "highest address its bus carries", UNIT_ADDRESS, SHOW_TEXT },
	{ "range", "RANGE", "where its bus sees memory", UNIT_TEXT, SHOW_TEXT },
	{ "max_segment_size", "SEGMENT", "most in an entry of a list", UNIT_BYTES, SHOW_TEXT },
	{ "segment_boundary_mask", "BOUNDARY", "of what no entry crosses", UNIT_ADDRESS,
	  SHOW_TEXT },
	{ "min_align_mask", "ALIGN", "bits of an address that a bounce keeps", UNIT_ADDRESS,
	  SHOW_TEXT },
	{ "largest_bounce", "BOUNCE", "most that can be bounced at once", UNIT_BYTES, SHOW_TEXT },
};

static const struct column pool_columns[] = {
	{ "kind", "POOL", "swiotlb, atomic or cma", UNIT_TEXT, SHOW_ALL },
	{ "name", "NAME", "which of them", UNIT_TEXT, SHOW_ALL },
	{ "size_bytes", "SIZE", "size now", UNIT_BYTES, SHOW_ALL },
	{ "used_bytes", "USED", "taken now", UNIT_BYTES, SHOW_ALL },
	{ "transient_bytes", "TRANSIENT", "of that in pools made for one buffer each, not in SIZE",
	  UNIT_BYTES, SHOW_ALL },
	{ "high_water_bytes", "HIGH", "most ever taken", UNIT_BYTES, SHOW_ALL },
};

static const struct column iommu_columns[] = {
	{ "iommu", "IOMMU", "name", UNIT_TEXT, SHOW_ALL },
	{ "devices", "DEVICES", "devices behind it", UNIT_COUNT, SHOW_ALL },
};

static void cell_known(struct table *t, long long value)
{
	cell_when(t, value >= 0, value);
}

static void add_devices(struct doc *doc, const struct inventory *inv)
{
	struct table *t = DOC_TABLE(doc, "devices", device_columns, SHOW_ALL);
	char phrase[256];

	for (size_t i = 0; i < inv->ndevices; i++) {
		const struct device *dev = &inv->devices[i];
		const char *implies = device_implies(dev, &inv->facts, phrase, sizeof(phrase));

		table_row(t);
		cell_text(t, dev->name);
		cell_text(t, dev->bus);
		cell_text(t, dev->driver);
		cell_text(t, dev->kind);
		cell_text(t, dev->id);
		cell_known(t, dev->mask_bits);
		cell_known(t, dev->coherent_mask_bits);
		cell_text(t, dev->iommu);
		cell_text(t, dev->group);
		cell_text(t, dev->domain);
		cell_text(t, device_dma_ops(dev, &inv->facts));
		cell_known(t, dev->node);
		cell_text(t, dev->removable);
		cell_text(t, *implies ? implies : NULL);
		report_reach(t, dev->reach, dev->caches);
	}
}

void report_reach(struct table *t, const struct reach *reach, enum caches caches)
{
	static const struct reach unknown;
	const struct reach *r = reach ? reach : &unknown;
	bool known = r->known;

	cell_when(t, r->bus_limit, r->bus_limit);
	cell_when(t, caches != CACHES_UNKNOWN, caches == CACHES_COHERENT);
	cell_when(t, r->segment, r->segment);
	cell_when(t, r->boundary, r->boundary);
	cell_when(t, known, r->align_mask);
	cell_when(t, known, segment_most(r->align_mask, r->boundary));
	cell_when(t, r->range_size, r->range_cpu);
	cell_when(t, r->range_size, r->range_bus);
	cell_when(t, r->range_size, r->range_size);
	cell_when(t, known, r->restricted);
}

static void reach_row(struct table *t, const struct device *dev)
{
	const struct reach *r = dev->reach;
	char range[64];

	table_row(t);
	cell_text(t, dev->name);
	cell_text(t, r->caches == CACHES_COHERENT ? "coherent" : "not coherent");
	cell_when(t, r->bus_limit, r->bus_limit);
	snprintf(range, sizeof(range), "%#llx at %#llx", r->range_cpu, r->range_bus);
	cell_text(t, r->range_size ? range : NULL);
	cell_when(t, r->segment, r->segment);
	cell_when(t, r->boundary, r->boundary);
	cell_when(t, r->align_mask, r->align_mask);
	cell_u64(t, segment_most(r->align_mask, r->boundary));
}

static void add_reaches(struct doc *doc, const struct inventory *inv)
{
	struct table *t = NULL;

	for (size_t i = 0; i < inv->ndevices; i++) {
		if (!inv->devices[i].reach || !inv->devices[i].reach->known)
			continue;
		if (!t)
			t = DOC_TABLE(doc, "reach", reach_columns, SHOW_TEXT);
		reach_row(t, &inv->devices[i]);
	}
}

/* People need no heading over nothing; programs find the key in any case. */
static enum show unless_empty(size_t count)
{
	return count ? SHOW_ALL : SHOW_DATA;
}

static void add_pools(struct doc *doc, const struct inventory *inv)
{
	struct table *t = DOC_TABLE(doc, "pools", pool_columns, unless_empty(inv->npools));

	for (size_t i = 0; i < inv->npools; i++) {
		table_row(t);
		cell_text(t, inv->pools[i].kind);
		cell_text(t, inv->pools[i].name);
		cell_known(t, inv->pools[i].size);
		cell_known(t, inv->pools[i].used);
		cell_known(t, inv->pools[i].grows ? inv->pools[i].transient : -1);
		cell_known(t, inv->pools[i].high);
	}
}

static void add_iommus(struct doc *doc, const struct inventory *inv)
{
	struct table *t = DOC_TABLE(doc, "iommus", iommu_columns, unless_empty(inv->niommus));

	for (size_t i = 0; i < inv->niommus; i++) {
		table_row(t);
		cell_text(t, inv->iommus[i].name);
		cell_u64(t, inv->iommus[i].devices);
	}
}

static const char *bounce_words(const struct dma_facts *facts)
{
	if (facts->bounce_forced)
		return "forced";
	if (facts->bounce_off || (facts->pool_known && !facts->pool))
		return "no pool";
	return facts->pool_known ? "when needed" : NULL;
}

static void inventory_build(struct doc *doc, const struct inventory *inv)
{
	report_head(doc, inv->host, inv->release, inv->arch);
	if (inv->facts.memory_top)
		doc_u64(doc, "memory_top", "memory up to", UNIT_BYTES, SHOW_ALL,
			inv->facts.memory_top);
	else
		doc_text(doc, "memory_top", "memory up to", SHOW_ALL, NULL);
	doc_text(doc, "bouncing", "bouncing", SHOW_ALL, bounce_words(&inv->facts));
	doc_text(doc, "parameters", "parameters", SHOW_ALL, inv->parameters);
	add_devices(doc, inv);
	add_reaches(doc, inv);
	add_pools(doc, inv);
	add_iommus(doc, inv);
}

struct doc *report_inventory(const struct inventory *inv)
{
	struct doc *doc = doc_new();

	inventory_build(doc, inv);
	return doc;
}

static void devices_build(struct doc *doc, const struct model *m, const struct findings *f,
			  const struct report_opts *o)
{
	struct inventory inv = m->inventory;
	struct device *chosen = calloc(inv.ndevices + 1, sizeof(*chosen));

	(void)f;
	(void)o;
	report_must(chosen ? 0 : -ENOMEM);
	inv.host = m->host;
	inv.release = m->release;
	inv.arch = m->arch;
	inv.devices = chosen;
	inv.ndevices = 0;
	for (size_t i = 0; i < m->inventory.ndevices; i++)
		if (glob_fits(m->left_out.device, m->inventory.devices[i].name) &&
		    glob_fits(m->left_out.driver, m->inventory.devices[i].driver))
			chosen[inv.ndevices++] = m->inventory.devices[i];
	inventory_build(doc, &inv);
	free(chosen);
}

const struct report report_devices = { .name = "devices", .bare = true, .build = devices_build };
