// SPDX-License-Identifier: GPL-2.0
/*
 * What of the machine decides which remedy can be followed: what its IOMMU does for the device,
 * where the device's reach ends, and what the command line says.  A remedy that this machine cannot
 * follow is not told.
 */
#include <string.h>
#include "analysis/diagnose_private.h"
#include "base/list.h"
#include "base/name.h"

struct word {
	const char *name, *value;
};

/* The parameter of the list that was given, or NULL. */
static const struct word *asked(const struct diagnosis *d, const struct word *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (inventory_asks(&d->m->inventory, words[i].name, words[i].value))
			return &words[i];
	return NULL;
}
#define ASKED(d, words) asked(d, words, ARRAY_SIZE(words))

/* Who turned IOMMUs off: iommu_setup(), intel_iommu_setup() and parse_amd_iommu_options(). */
static const struct word turned_off[] = {
	{ "iommu=", "off" }, { "intel_iommu=", "off" }, { "amd_iommu=", "off" },
};

static const char *domain_of(const struct diagnosis *d)
{
	return d->seen ? d->seen->domain : d->device ? d->device->domain : NULL;
}

bool translated(const struct diagnosis *d)
{
	const char *domain = domain_of(d);

	return name_same(domain, "DMA") || name_same(domain, "DMA-FQ");
}

enum iommu_use iommu_use(const struct diagnosis *d)
{
	if (translated(d))
		return IOMMU_TRANSLATES;
	if (name_same(domain_of(d), "identity"))
		return IOMMU_PASSTHROUGH;
	if (!d->seen && !d->device)
		return IOMMU_NOT_KNOWN;
	if (domain_of(d) || (d->device && d->device->group) || d->m->inventory.niommus)
		return IOMMU_OF_OTHERS;
	return ASKED(d, turned_off) ? IOMMU_TURNED_OFF : IOMMU_NONE;
}

/*
 * Identity is the default of the command line or of the kernel's configuration, or the IOMMU's
 * driver insists, or somebody wrote it to the group's file.  That can be written to since v5.11,
 * 08a27c1c3ecf ("iommu: Add support to change default domain of an iommu group"), while no device of
 * the group has a driver; kernels that show lazy domains are later ones.
 */
static void leave_passthrough(const struct diagnosis *d, struct draft *f)
{
	static const struct word pass[] = {
		{ "iommu=", "pt" }, { "iommu.passthrough=", "1" }, { "iommu.passthrough=", "y" },
		{ "iommu.passthrough=", "on" },
	};
	static const struct word translate[] = {
		{ "iommu=", "nopt" }, { "iommu.passthrough=", "0" }, { "iommu.passthrough=", "n" },
		{ "iommu.passthrough=", "off" },
	};
	const struct word *given = ASKED(d, pass);
	bool writable = d->m->inventory.facts.lazy_shown, boot = given || !ASKED(d, translate);

	if (!boot && !writable)
		return;
	ADVISE(f, "let the IOMMU translate for it: ");
	if (boot)
		ADD(f->remedy, "boot with%s %s%s", given ? "out" : "",
		    given ? given->name : "iommu.passthrough=0", given ? given->value : "");
	if (writable)
		ADD(f->remedy, "%swrite DMA to its iommu_group/type while it has no driver",
		    boot ? ", or " : "");
}

void advise_iommu(const struct diagnosis *d, struct draft *f)
{
	const struct word *off = ASKED(d, turned_off);
	enum iommu_use use = iommu_use(d);

	if (use == IOMMU_PASSTHROUGH)
		leave_passthrough(d, f);
	else if (use == IOMMU_TURNED_OFF)
		ADVISE(f, "let an IOMMU translate for it, if there is one: boot without %s%s",
		       off->name, off->value);
}

bool on_x86(const struct diagnosis *d)
{
	return name_same(d->m->inventory.arch, "x86_64");
}

static unsigned long long highest(const struct diagnosis *d, unsigned long long limit)
{
	return d->seen ? reach_phys(&d->seen->reach, limit) : limit;
}

/* Of addresses below top; 0: of any. */
static struct extent extent(const struct diagnosis *d, unsigned long long mask,
			    unsigned long long top)
{
	unsigned long long bus = d->seen ? d->seen->reach.bus_limit : 0;
	unsigned long long limit = bus && bus < mask ? bus : mask;
	struct extent e = { .end = ENDS_NOT_KNOWN, .highest = highest(d, limit) };

	if (!mask)
		return e;
	if (top ? e.highest >= top - 1 : limit == ~0ull)
		e.end = ENDS_NOWHERE;
	else if (!bus || mask < bus)
		e.end = ENDS_AT_MASK;
	else
		e.end = mask == bus ? ENDS_AT_BOTH : ENDS_AT_BUS;
	e.bus_too = bus && (!top || highest(d, bus) < top - 1);
	return e;
}

/* What sysfs says of the mask does not say where the bus ends: nowhere is then not known. */
static unsigned long long listed_mask(long long bits)
{
	return bits > 0 && bits < 64 ? (1ull << bits) - 1 : 0;
}

static unsigned long long mask_of(const struct diagnosis *d)
{
	return d->seen ? d->seen->reach.mask : d->device ? listed_mask(d->device->mask_bits) : 0;
}

struct extent streaming_extent(const struct diagnosis *d)
{
	return extent(d, mask_of(d), d->m->inventory.facts.memory_top);
}

struct extent registers_extent(const struct diagnosis *d)
{
	return extent(d, mask_of(d), 0);
}

struct extent coherent_extent(const struct diagnosis *d)
{
	return extent(d, d->seen ? d->seen->reach.coherent_mask :
			 d->device ? listed_mask(d->device->coherent_mask_bits) : 0,
		      d->m->inventory.facts.memory_top);
}

const char *extent_word(const struct extent *e)
{
	return e->end == ENDS_AT_BUS ? "the limit of the device's bus" :
	       e->end == ENDS_AT_BOTH ? "the device's mask, which is the limit of its bus as well" :
	       "the device's mask";
}

bool zone_within(const struct diagnosis *d, const struct extent *e)
{
	const struct inventory *inv = &d->m->inventory;

	for (size_t i = 0; i < inv->nzones; i++)
		if (inv->zones[i].end - 1 <= e->highest)
			return true;
	return false;
}

/*
 * Firmware says what a bus carries, in a device tree or in ACPI's _DMA.  On x86 nobody asks it:
 * there the kernel sets the limit of what is behind a bridge of VIA's, unless told not to, see
 * via_no_dac() and iommu_setup().
 */
static void advise_bus(const struct diagnosis *d, struct draft *f, const struct extent *e)
{
	const char *mask = e->end == ENDS_AT_BOTH ? ", and raise the mask" : "";

	if (on_x86(d))
		ADVISE(f, "boot with iommu=usedac if the bridge above it carries more%s", mask);
	else
		ADVISE(f, "correct dma-ranges in the device tree, or _DMA in ACPI, if the bus "
		       "carries more%s", mask);
}

void advise_reach(const struct diagnosis *d, struct draft *f, const struct extent *e,
		  const char *mask)
{
	if (e->end == ENDS_AT_BUS || e->end == ENDS_AT_BOTH)
		advise_bus(d, f, e);
	else if (e->end == ENDS_AT_MASK && e->bus_too)
		ADVISE(f, "raise the %s, up to the 0x%llx its bus carries, if the hardware reaches "
		       "further", mask, d->seen->reach.bus_limit);
	else if (e->end == ENDS_AT_MASK)
		ADVISE(f, "raise the %s if the hardware reaches further", mask);
}

void advise_memory(const struct diagnosis *d, struct draft *f, const struct extent *e)
{
	if (e->end >= ENDS_AT_MASK && zone_within(d, e))
		ADVISE(f, "give it memory below %s",
		       e->end == ENDS_AT_BUS ? "the limit of its bus" : "the mask");
}

/*
 * The command line, the kernel's configuration or the IOMMU's driver asks for strict domains:
 * Intel's does in virtual machines, whatever iommu.strict=0 says, see intel_iommu_init().  A single
 * domain can be made lazy, while its device has a driver, since v5.15, 26225bea1d84 ("iommu: Expose
 * DMA domain strictness via sysfs").
 */
void advise_lazy(const struct diagnosis *d, struct draft *f)
{
	static const struct word strict[] = {
		{ "iommu.strict=", "1" }, { "iommu.strict=", "y" }, { "iommu.strict=", "on" },
		{ "intel_iommu=", "strict" }, { "amd_iommu=", "fullflush" },
	};
	static const struct word lazy[] = {
		{ "iommu.strict=", "0" }, { "iommu.strict=", "n" }, { "iommu.strict=", "off" },
	};
	const struct word *given = ASKED(d, strict);
	const struct device *dev = d->device;
	bool intel = dev && dev->iommu && !strncmp(dev->iommu, "dmar", 4);
	bool writable = d->m->inventory.facts.lazy_shown;

	bool boot = given || !intel, may_be_lazy = dev && !ASKED(d, lazy) &&
		    !name_same(dev->removable, "removable");

	if (may_be_lazy && (boot || writable))
		ADVISE(f, "if the device is trusted, ");
	if (may_be_lazy && boot)
		ADD(f->remedy, "boot with%s %s%s", given ? "out" : "",
		    given ? given->name : "iommu.strict=0", given ? given->value : "");
	if (may_be_lazy && writable)
		ADD(f->remedy, "%swrite DMA-FQ to its iommu_group/type", boot ? ", or " : "");
	ADVISE(f, "map fewer and larger buffers, or reuse mappings");
}

/*
 * The parameter sets the size of the area that all devices share, also where the device tree has
 * one for that, see rmem_cma_setup().  Areas of other names may be a device's own.
 */
bool cma_enlarged(const struct diagnosis *d)
{
	static const char *const shared[] = { "all", "linux,cma", "pernuma", "reserved" };
	const struct inventory *inv = &d->m->inventory;
	size_t areas = 0, named = 0;

	for (size_t i = 0; i < inv->npools; i++) {
		const struct pool *p = &inv->pools[i];

		if (!name_same(p->kind, "cma"))
			continue;
		areas++;
		for (size_t n = 0; p->name && n < ARRAY_SIZE(shared); n++)
			named += !strncmp(p->name, shared[n], strlen(shared[n]));
	}
	return areas && named == areas;
}
