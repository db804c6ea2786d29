// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as what the kernel says in tracefs, procfs, sysfs and debugfs: the first byte chooses
 * the file, the rest is its content.  Names in it come from modules, devices and other tracers.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/list.h"
#include "model/inventory.h"
#include "kernel/ksyms.h"
#include "kernel/tracefs.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of a machine with a device, a swiotlb, a CMA area, an atomic pool and an IOMMU. */
static const char *const files[] = {
	"proc/meminfo", "proc/zoneinfo", "proc/kallsyms", "proc/iomem", "proc/cmdline",
	"sys/kernel/debug/swiotlb/io_tlb_nslabs", "sys/kernel/debug/swiotlb/io_tlb_used",
	"sys/kernel/debug/dma_pools/pool_size_dma", "sys/kernel/mm/cma/reserved/total_pages",
	"sys/kernel/mm/cma/reserved/available_pages", "sys/hypervisor/type",
	"sys/class/iommu/dmar0/devices/none", "sys/bus/pci/devices/0000:00:01.0/dma_mask_bits",
	"sys/bus/pci/devices/0000:00:01.0/consistent_dma_mask_bits",
	"sys/bus/pci/devices/0000:00:01.0/class", "sys/bus/pci/devices/0000:00:01.0/vendor",
	"sys/bus/pci/devices/0000:00:01.0/numa_node", "sys/bus/pci/devices/0000:00:01.0/removable",
	"sys/bus/pci/devices/0000:00:01.0/iommu_group/type",
	"sys/bus/pci/devices/0000:00:01.0/uevent",
};

#define FILES ARRAY_SIZE(files)

static char root[64];

static void must(int right)
{
	if (!right)
		abort();
}

static FILE *make(const char *name)
{
	char path[256];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	out = fopen(path, "w");
	must(out != NULL);
	return out;
}

static void finish(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	must(!system(command));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	snprintf(root, sizeof(root), "/dev/shm/dmatrace-sysfs.%d", getpid());
	for (size_t i = 0; i < FILES; i++)
		fclose(make(files[i]));
	atexit(finish);
	return 0;
}

static void inventory(const char *name, const uint8_t *data, size_t size)
{
	FILE *out = make(name);
	struct inventory inv;

	must(fwrite(data, 1, size, out) == size && !fclose(out));
	if (!inventory_read(&inv, root, NULL, NULL))
		inventory_release(&inv);
	must(!fclose(make(name)));
}

static void symbols(FILE *in)
{
	struct ksyms *k = ksyms_parse(in, NULL);
	char name[64];

	if (k)
		ksyms_name(k, 0xffffffff81000000, name, sizeof(name));
	ksyms_free(k);
}

static void modules(FILE *in)
{
	static const char symbol[] = "ffffffffc0000000 t probe\t[nvme]\n";
	FILE *symbols_in = fmemopen((void *)symbol, strlen(symbol), "r");
	struct ksyms *k;
	char name[64];

	must(symbols_in != NULL);
	k = ksyms_parse(symbols_in, in);
	fclose(symbols_in);
	must(k != NULL);
	ksyms_name(k, 0xffffffffc0000fff, name, sizeof(name));
	ksyms_free(k);
}

static void events(FILE *in)
{
	char line[512], group[64], name[64];

	while (fgets(line, sizeof(line), in))
		must(tracefs_event_parse(line, group, name));
}

static void profile(FILE *in)
{
	struct tracefs_probe probes[2] = { { "map_1", true }, { "map_return_1", true } };

	tracefs_profile_parse(in, probes, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const parsers[])(FILE *in) = { symbols, events, profile, modules };
	size_t which;
	FILE *in;

	if (size < 2)
		return 0;
	which = data[0] % (FILES + 4);
	if (which < FILES) {
		inventory(files[which], data + 1, size - 1);
		return 0;
	}
	in = fmemopen((void *)(data + 1), size - 1, "r");
	must(in != NULL);
	parsers[which - FILES](in);
	fclose(in);
	return 0;
}
