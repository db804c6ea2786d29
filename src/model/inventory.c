// SPDX-License-Identifier: GPL-2.0
/*
 * The inventory, see inventory.h.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/attr.h"
#include "base/err.h"
#include "base/glob.h"
#include "base/list.h"
#include "model/inventory.h"
#include "base/name.h"

#define SLOT_SIZE 2048		/* of swiotlb, IO_TLB_SIZE */

struct reader {
	struct inventory *inv;
	const char *root, *device, *driver;
	int err;
	bool restricts;		/* this kernel has restricted pools */
};

/* The list with room for one more; NULL, remembered, without memory. */
static void *grow(struct reader *r, void *list, size_t count, size_t size)
{
	void *grown = reallocarray(list, count + 1, size);

	if (!grown)
		r->err = -ENOMEM;
	return grown;
}

static char *copy(struct reader *r, const char *text)
{
	char *made = strdup(text);

	if (!made)
		r->err = -ENOMEM;
	return made;
}

/* Call visit for every name in a directory; false when it cannot be read. */
static bool each_entry(struct reader *r, const char *dir,
		       void (*visit)(struct reader *r, const char *name))
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *d;

	snprintf(path, sizeof(path), "%s%s", r->root, dir);
	d = opendir(path);
	if (!d)
		return false;
	while (visit && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			visit(r, entry->d_name);
	closedir(d);
	return true;
}

/* Devices */

static bool add_device(void *arg, const char *bus, const char *name)
{
	struct reader *r = arg;
	struct inventory *inv = r->inv;
	struct device dev, *grown;

	if (!glob_fits(r->device, name))
		return true;
	if (!device_read(&dev, r->root, bus, name))
		return true;
	if (!glob_fits(r->driver, dev.driver)) {
		device_release(&dev);
		return true;
	}
	grown = grow(r, inv->devices, inv->ndevices, sizeof(dev));
	if (!grown) {
		device_release(&dev);
		return false;
	}
	/* on x86 all are coherent, and no firmware has to say so */
	if (name_same(inv->arch, "x86_64"))
		dev.caches = CACHES_COHERENT;
	inv->devices = grown;
	grown[inv->ndevices++] = dev;
	return true;
}

static int by_bus_and_name(const void *a, const void *b)
{
	const struct device *x = a, *y = b;
	int order = strcmp(x->bus, y->bus);

	return order ? order : strverscmp(x->name, y->name);
}

/* Pools */

static struct pool *add_pool(struct reader *r, const char *kind, const char *name, long long size,
			     long long used, long long high)
{
	struct inventory *inv = r->inv;
	struct pool *grown = grow(r, inv->pools, inv->npools, sizeof(*grown));

	if (!grown)
		return NULL;
	inv->pools = grown;
	grown += inv->npools++;
	*grown = (struct pool){ copy(r, kind), copy(r, name), size, used, high };
	return grown;
}

static long long slots(struct reader *r, const char *dir, const char *file)
{
	long long count;

	return attr_s64(&count, "%s%s/%s", r->root, dir, file) ? count * SLOT_SIZE : -1;
}

#define DEBUGFS "/sys/kernel/debug"
#define SWIOTLB DEBUGFS "/swiotlb"

static void add_swiotlb_of(struct reader *r, const char *dir, const char *name)
{
	long long size = slots(r, dir, "io_tlb_nslabs");
	struct pool *pool;

	if (size <= 0)
		return;
	pool = add_pool(r, "swiotlb", name, size, slots(r, dir, "io_tlb_used"),
			slots(r, dir, "io_tlb_used_hiwater"));
	if (!pool)
		return;
	pool->transient = slots(r, dir, "io_tlb_transient_nslabs");
	pool->grows = pool->transient >= 0;
}

static void add_swiotlb(struct reader *r, const char *name)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), SWIOTLB "/%s", name);
	add_swiotlb_of(r, dir, name);
}

/*
 * The pool of a device that came before late_initcall, when there was no directory for those of the
 * swiotlb yet, has its own at the top.
 */
static void add_early_swiotlb(struct reader *r, const char *name)
{
	char dir[PATH_MAX];

	if (!strcmp(name, "swiotlb"))
		return;
	snprintf(dir, sizeof(dir), DEBUGFS "/%s", name);
	add_swiotlb_of(r, dir, name);
}

/*
 * Since 6.1 the directory is there, empty, when the pool is not.  A file that is there but cannot
 * be read, as a locked-down kernel may have it (6.1 does not), says nothing of the pool.
 */
static void read_swiotlb(struct reader *r)
{
	long long size = slots(r, SWIOTLB, "io_tlb_nslabs");
	bool listed;

	add_swiotlb_of(r, SWIOTLB, "default");
	listed = each_entry(r, SWIOTLB, add_swiotlb);
	each_entry(r, DEBUGFS, add_early_swiotlb);
	r->inv->facts.pool = size > 0;
	r->inv->facts.pool_known = size >= 0 ||
				   (listed && !attr_exists("%s" SWIOTLB "/io_tlb_nslabs", r->root));
}

static void add_atomic(struct reader *r, const char *file)
{
	long long size;

	if (!strncmp(file, "pool_size_", 10) &&
	    attr_s64(&size, "%s/sys/kernel/debug/dma_pools/%s", r->root, file))
		add_pool(r, "atomic", file + 10, size, -1, -1);
}

static long long cma_pages(struct reader *r, const char *name, const char *what)
{
	long long pages;

	return attr_s64(&pages, "%s/sys/kernel/mm/cma/%s/%s", r->root, name, what) ?
	       pages * sysconf(_SC_PAGESIZE) : -1;
}

static void add_cma(struct reader *r, const char *name)
{
	long long total = cma_pages(r, name, "total_pages");
	long long available = cma_pages(r, name, "available_pages");

	if (total > 0)
		add_pool(r, "cma", name, total, available < 0 ? -1 : total - available, -1);
}

static FILE *open_proc(struct reader *r, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc/%s", r->root, name);
	return fopen(path, "re");
}

/* Kernels that do not list their CMA areas still give a sum. */
static void read_cma(struct reader *r)
{
	long long total = 0, unused = 0;
	size_t before = r->inv->npools;
	char line[128];
	FILE *f;

	each_entry(r, "/sys/kernel/mm/cma", add_cma);
	if (r->inv->npools > before)
		return;
	f = open_proc(r, "meminfo");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		sscanf(line, "CmaTotal: %lld", &total);
		sscanf(line, "CmaFree: %lld", &unused);
	}
	fclose(f);
	if (total)
		add_pool(r, "cma", "all", total << 10, (total - unused) << 10, -1);
}

/* Machine */

static void count_iommu_device(struct reader *r, const char *name)
{
	(void)name;
	r->inv->iommus[r->inv->niommus - 1].devices++;
}

static void add_iommu(struct reader *r, const char *name)
{
	struct inventory *inv = r->inv;
	struct iommu *grown = grow(r, inv->iommus, inv->niommus, sizeof(*grown));
	char dir[PATH_MAX];

	if (!grown)
		return;
	inv->iommus = grown;
	grown[inv->niommus++] = (struct iommu){ .name = copy(r, name) };
	snprintf(dir, sizeof(dir), "/sys/class/iommu/%s/devices", name);
	each_entry(r, dir, count_iommu_device);
}

static int by_iommu_name(const void *a, const void *b)
{
	const struct iommu *x = a, *y = b;

	return strverscmp(x->name, y->name);
}

static int by_zone_end(const void *a, const void *b)
{
	const struct zone *x = a, *y = b;

	return (x->end > y->end) - (x->end < y->end);
}

static int by_pool_kind(const void *a, const void *b)
{
	const struct pool *x = a, *y = b;
	int order = strcmp(x->kind, y->kind);

	return order ? order : strverscmp(x->name, y->name);
}

/* Of one node; those of all are one zone here. */
static void add_zone(struct reader *r, const struct zone *zone)
{
	struct inventory *inv = r->inv;
	struct zone *grown;

	for (size_t i = 0; i < inv->nzones; i++) {
		struct zone *same = &inv->zones[i];

		if (strcmp(same->name, zone->name))
			continue;
		same->size += zone->size;
		same->unused += zone->unused;
		same->end = zone->end > same->end ? zone->end : same->end;
		return;
	}
	grown = grow(r, inv->zones, inv->nzones, sizeof(*grown));
	if (!grown)
		return;
	inv->zones = grown;
	grown[inv->nzones] = *zone;
	grown[inv->nzones++].name = copy(r, zone->name);
}

/* Everybody may read them; iomem shows its addresses to root alone. */
static void read_zones(struct reader *r)
{
	unsigned long long page = sysconf(_SC_PAGESIZE), spanned = 0, present = 0, start, count;
	FILE *f = open_proc(r, "zoneinfo");
	struct zone zone = { 0 };
	char line[256], name[32];

	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Node %*d, zone %31s", name) == 1)
			zone = (struct zone){ .name = name };
		if (sscanf(line, " pages free %llu", &count) == 1)
			zone.unused = count * page;
		if (sscanf(line, " managed %llu", &count) == 1)
			zone.size = count * page;
		sscanf(line, " present %llu", &present);
		sscanf(line, " spanned %llu", &spanned);
		if (sscanf(line, " start_pfn: %llu", &start) != 1 || !spanned)
			continue;
		zone.end = (start + spanned) * page;
		if (zone.end > r->inv->facts.memory_top)
			r->inv->facts.memory_top = zone.end;
		if (zone.name && present)
			add_zone(r, &zone);
	}
	fclose(f);
}

/* Each zone's line has a number of free pieces for each order, of one page and up. */
static void read_largest_block(struct reader *r)
{
	unsigned long long bytes = sysconf(_SC_PAGESIZE);
	FILE *f = open_proc(r, "buddyinfo");
	char line[512], *rest, *word;

	if (!f)
		return;
	word = fgets(line, sizeof(line), f) ? strstr(line, "zone") : NULL;
	word = word ? strtok_r(word, " \n", &rest) : NULL;
	word = word ? strtok_r(NULL, " \n", &rest) : NULL;
	for (int orders = 0; word && orders < 32 && strtok_r(NULL, " \n", &rest); orders++) {
		r->inv->facts.largest_block = bytes;
		bytes <<= 1;
	}
	fclose(f);
}

/* Symbols, whose names everybody may read, tell what a kernel has and its IOMMU drivers do. */
static void read_symbols(struct reader *r)
{
	struct dma_facts *facts = &r->inv->facts;
	FILE *f = open_proc(r, "kallsyms");
	char line[1024];

	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		/* before 5.15 a lazy domain was called DMA too; the two came together */
		facts->lazy_shown |= !!strstr(line, " iommu_dma_init_fq\n");
		/* gone with v5.11, "iommu/vt-d: Convert intel iommu driver to the iommu ops" */
		facts->vtd_ops |= !!strstr(line, " intel_map_page\n");
		r->restricts |= !!strstr(line, " swiotlb_alloc\n");
	}
	fclose(f);
	/* as all kernels of Debian's: what the device tree says of such pools is nothing to them */
	for (size_t i = 0; !r->restricts && i < r->inv->ndevices; i++) {
		free(r->inv->devices[i].restricted);
		r->inv->devices[i].restricted = NULL;
	}
}

/*
 * DMA ops for devices that have none of their own: get_arch_dma_ops() of x86 gives those of Xen or
 * of a GART, v5.10 to 7.2; on arm64 only Xen sets any.
 */
static void read_arch_ops(struct reader *r)
{
	char *hypervisor = attr_text("%s/sys/hypervisor/type", r->root), line[256];
	FILE *f = open_proc(r, "iomem");

	r->inv->facts.arch_ops = hypervisor && !strcmp(hypervisor, "xen");
	free(hypervisor);
	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		r->inv->facts.arch_ops |= !!strstr(line, " : GART\n");
	fclose(f);
}

static bool matters(const char *word)
{
	static const char *const exact[] = {
		"swiotlb=", "iommu=", "intel_iommu=", "amd_iommu=", "cma=", "cma_pernuma=",
		"numa_cma=", "coherent_pool=", "mem_encrypt=", "dma_debug=",
	};
	static const char *const prefixes[] = { "iommu.", "arm-smmu", "arm_smmu" };

	for (size_t i = 0; i < ARRAY_SIZE(exact); i++)
		if (!strncmp(word, exact[i], strlen(exact[i])))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(word, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* Is word one of those between commas after name=?  A parameter ends with the line or a blank. */
static bool has_value(const char *parameter, const char *name, const char *word)
{
	size_t skip = strlen(name), length;

	if (strncmp(parameter, name, skip))
		return false;
	for (const char *at = parameter + skip; ; at += length + 1) {
		length = strcspn(at, ", ");
		if (length == strlen(word) && !strncmp(at, word, length))
			return true;
		if (at[length] != ',')
			return false;
	}
}

bool inventory_asks(const struct inventory *inv, const char *name, const char *word)
{
	const char *at = inv->parameters;

	while (at && !has_value(at, name, word)) {
		at = strchr(at, ' ');
		at += !!at;
	}
	return at;
}

static void understand(struct dma_facts *facts, const char *parameter)
{
	facts->bounce_forced |= has_value(parameter, "swiotlb=", "force");
	facts->bounce_off |= has_value(parameter, "swiotlb=", "noforce");
	facts->strict_asked |= has_value(parameter, "iommu.strict=", "1") ||
			       has_value(parameter, "intel_iommu=", "strict") ||
			       has_value(parameter, "amd_iommu=", "fullflush");
}

static void read_parameters(struct reader *r)
{
	char *line = attr_text("%s/proc/cmdline", r->root), *rest, *word, *all;
	size_t len = 0;

	if (!line)
		return;
	all = calloc(1, strlen(line) + 1);
	for (word = strtok_r(line, " ", &rest); all && word && strcmp(word, "--");
	     word = strtok_r(NULL, " ", &rest)) {
		if (!matters(word))
			continue;
		len += sprintf(all + len, "%s%s", len ? " " : "", word);
		understand(&r->inv->facts, word);
	}
	free(line);
	if (!all)
		r->err = -ENOMEM;
	else if (len)
		r->inv->parameters = all;
	else
		free(all);
}

static void read_name(struct reader *r)
{
	struct utsname uts;

	if (uname(&uts))
		return;
	r->inv->host = copy(r, uts.nodename);
	r->inv->release = copy(r, uts.release);
	r->inv->arch = copy(r, uts.machine);
}

/* qsort() does not take NULL for an empty list. */
static void sort(void *list, size_t count, size_t size, int (*order)(const void *, const void *))
{
	if (count)
		qsort(list, count, size, order);
}

static bool any_restricted(const struct inventory *inv)
{
	bool any = false;

	for (size_t i = 0; i < inv->ndevices; i++)
		any |= inv->devices[i].restricted != NULL;
	return any;
}

/* In the order that inventory.h says. */
static void sort_all(struct inventory *inv)
{
	sort(inv->devices, inv->ndevices, sizeof(*inv->devices), by_bus_and_name);
	sort(inv->pools, inv->npools, sizeof(*inv->pools), by_pool_kind);
	sort(inv->iommus, inv->niommus, sizeof(*inv->iommus), by_iommu_name);
	sort(inv->zones, inv->nzones, sizeof(*inv->zones), by_zone_end);
}

int inventory_read(struct inventory *inv, const char *root, const char *device,
		   const char *driver)
{
	struct reader r = { .inv = inv, .root = root, .device = device, .driver = driver };

	*inv = (struct inventory){ 0 };
	read_name(&r);
	read_zones(&r);
	read_largest_block(&r);
	read_parameters(&r);
	read_swiotlb(&r);
	each_entry(&r, "/sys/kernel/debug/dma_pools", add_atomic);
	read_cma(&r);
	each_entry(&r, "/sys/class/iommu", add_iommu);
	device_each(root, add_device, &r);
	if (inv->niommus || any_restricted(inv))
		read_symbols(&r);
	read_arch_ops(&r);
	if (r.err) {
		inventory_release(inv);
		return fail(r.err, "out of memory while reading sysfs");
	}
	sort_all(inv);
	return 0;
}

void pool_release(struct pool *p)
{
	free(p->kind);
	free(p->name);
}

void inventory_release(struct inventory *inv)
{
	for (size_t i = 0; i < inv->ndevices; i++)
		device_release(&inv->devices[i]);
	for (size_t i = 0; i < inv->npools; i++)
		pool_release(&inv->pools[i]);
	for (size_t i = 0; i < inv->niommus; i++)
		free(inv->iommus[i].name);
	for (size_t i = 0; i < inv->nzones; i++)
		free(inv->zones[i].name);
	free(inv->zones);
	free(inv->devices);
	free(inv->pools);
	free(inv->iommus);
	free(inv->host);
	free(inv->release);
	free(inv->arch);
	free(inv->parameters);
	*inv = (struct inventory){ 0 };
}
