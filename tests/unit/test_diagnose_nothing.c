// SPDX-License-Identifier: GPL-2.0
/*
 * Why no call was seen; and causes that a command does not watch.
 */
#include "diagnosed.h"
#include "model/settle.h"

static struct device *add_device(struct model *m, const char *name, const char *driver)
{
	struct inventory *inv = &m->inventory;
	struct device *dev;

	inv->devices = reallocarray(inv->devices, inv->ndevices + 1, sizeof(*inv->devices));
	assert_non_null(inv->devices);
	dev = &inv->devices[inv->ndevices++];
	*dev = (struct device){ .mask_bits = -1, .coherent_mask_bits = -1, .node = -1 };
	dev->name = name_copy(name);
	dev->bus = name_copy("pci");
	dev->driver = name_copy(driver);
	return dev;
}

static void a_machine_of_virtio_shows_nothing(void **state)
{
	struct findings f;
	struct model m;
	char name[16];

	(void)state;
	begin(&m);
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "0000:00:0%d.0", i);
		add_device(&m, name, "virtio-pci")->bypasses = true;
	}
	/* neither would make a call */
	add_device(&m, "0000:00:1f.2", NULL);
	add_device(&m, "0000:00:00.0", "bridge")->kind = name_copy("host bridge");
	expect(&m, &f, "nothing-seen");
	assert_string_equal(f.list[0].evidence, "all 5 devices with a driver bypass the DMA API: "
			    "0000:00:00.0, 0000:00:01.0, 0000:00:02.0, 0000:00:03.0, 0000:00:04.0");
	contains(f.list[0].cause, "virtio without VIRTIO_F_ACCESS_PLATFORM");
	contains(f.list[0].remedy, "iommu_platform=on");
	findings_release(&f);
	/* as many names as fit */
	begin(&m);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "0000:00:%02x.0", i);
		add_device(&m, name, "virtio-pci")->bypasses = true;
	}
	expect(&m, &f, "nothing-seen");
	contains(f.list[0].evidence, "all 20 devices with a driver bypass");
	contains(f.list[0].evidence, "0000:00:05.0, ...");
	findings_release(&f);
	/* a single one */
	begin(&m);
	add_device(&m, "0000:00:01.0", "virtio-pci")->bypasses = true;
	expect(&m, &f, "nothing-seen");
	contains(f.list[0].evidence, "all 1 device with a driver bypasses the DMA API: 0000:00:01.0");
	findings_release(&f);
}

static void an_idle_machine_is_nothing_to_find(void **state)
{
	struct model m;

	(void)state;
	begin(&m);
	add_device(&m, "0000:00:01.0", "virtio-pci")->bypasses = true;
	add_device(&m, "0000:00:02.0", "nvme");
	only(&m, "");
	/* a guest's, which a host cannot see into */
	begin(&m);
	add_device(&m, "0000:00:02.0", "vfio-pci");
	only(&m, "");
	/* calls were seen */
	begin(&m);
	add_device(&m, "0000:00:01.0", "virtio-pci")->bypasses = true;
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 5, 0);
	only(&m, "");
	/* what is there is not known */
	begin(&m);
	only(&m, "");
}

static void without_drivers_nothing_is_mapped(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	add_device(&m, "0000:00:1f.2", NULL);
	add_device(&m, "0000:00:1f.3", NULL);
	expect(&m, &f, "nothing-seen");
	assert_string_equal(f.list[0].evidence,
			    "2 devices without a driver: 0000:00:1f.2, 0000:00:1f.3");
	contains(f.list[0].remedy, "load the drivers");
	findings_release(&f);
}

static void a_filter_that_fits_nothing_is_named(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	add_device(&m, DEV, "drv");
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 5, 0);
	model_filter(&m, "0000:00:09.0", "e1000*", OPS_ALL);
	expect(&m, &f, "nothing-seen");
	assert_string_equal(f.list[0].evidence, "5 calls of other devices");
	contains(f.list[0].cause, "named '0000:00:09.0' and of driver 'e1000*'");
	contains(f.list[0].remedy, "dmatrace devices");
	findings_release(&f);
}

/* A map that failed, of which what was watched does not say why. */
static void expect_cause(struct model *m, const char *cause, bool stat_tells)
{
	struct findings f;

	expect(m, &f, "map-failed");
	assert_string_equal(f.list[0].cause, cause);
	assert_int_equal(!!strstr(f.list[0].remedy, "'dmatrace stat'"), stat_tells);
	findings_release(&f);
}

static void what_does_not_watch_the_cause_says_what_does(void **state)
{
	struct findings f;
	struct model m;

	(void)state;
	begin(&m);
	off(&m, DMT_HOOK_BOUNCE, false);
	calls(&m, DEV, DMT_OP_MAP, VIA_UNKNOWN, 5, 5);
	expect_cause(&m, "not known here: bounce was not watched; 'dmatrace stat' watches it", true);
	begin(&m);
	off(&m, DMT_HOOK_IOMMU_MAP, false);
	calls(&m, DEV, DMT_OP_MAP, VIA_IOMMU, 5, 5);
	expect_cause(&m, "not known here: iommu_map was not watched; 'dmatrace stat' watches it",
		     true);
	/* the same and more was asked for */
	begin(&m);
	m.hooks[DMT_HOOK_IOMMU_MAP].on = false;
	strcpy(m.hooks[DMT_HOOK_IOMMU_MAP].reason, "refused");
	calls(&m, DEV, DMT_OP_MAP, VIA_IOMMU, 5, 5);
	assert_int_equal(diagnose(&m, &f), 0);
	assert_string_equal(f.list[0].kind->id, "map-failed");
	assert_string_equal(f.list[0].cause, "not known: iommu_map could not be watched");
	findings_release(&f);
	model_release(&m);
	/* what came back does not tell */
	begin(&m);
	m.extras = DMT_WANTS_NO_LATENCY;
	calls(&m, DEV, DMT_OP_MAP, VIA_UNKNOWN, 5, 5);
	expect_cause(&m, "not known here: a map that is not timed does not tell; 'dmatrace stat' "
		     "times them", true);
	/* an allocation behind an IOMMU */
	begin(&m);
	off(&m, DMT_HOOK_IOMMU_MAP, false);
	m.inventory.iommus = calloc(1, sizeof(*m.inventory.iommus));
	m.inventory.niommus = 1;
	calls(&m, DEV, DMT_OP_ALLOC, VIA_UNKNOWN, 5, 5);
	expect(&m, &f, "alloc-failed");
	contains(f.list[0].cause, "iommu_map was not watched; 'dmatrace stat' watches it");
	findings_release(&f);
}

/* The findings of a run that times no call. */
static void settled(struct model *m, const char *ids)
{
	m->extras = DMT_WANTS_NO_LATENCY;
	assert_int_equal(settle_paths(m), 0);
	model_sort(m);
	only(m, ids);
}

static void counts_tell_that_slots_were_out_of_reach(void **state)
{
	struct model m;

	(void)state;
	/* 30 failed of unknown path, and 30 buffers got slots that no map returned */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_UNKNOWN, 30, 30);
	bounces(&m, REASON_MASK, 30, 0);
	settled(&m, "swiotlb-out-of-reach");
	/* some bounced well: of others no slot was asked for */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 20, 0);
	calls(&m, DEV, DMT_OP_MAP, VIA_UNKNOWN, 30, 30);
	bounces(&m, REASON_MASK, 50, 0);
	settled(&m, "swiotlb-out-of-reach bounce-mask");
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 20, 0);
	calls(&m, DEV, DMT_OP_MAP, VIA_UNKNOWN, 30, 30);
	bounces(&m, REASON_MASK, 49, 0);
	settled(&m, "map-failed bounce-mask");
	/* they got none */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_UNKNOWN, 30, 30);
	bounces(&m, REASON_MASK, 30, 30);
	settled(&m, "swiotlb-full");
	/* a scatterlist takes slots for each entry: which of them is not known */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_UNKNOWN, 30, 30);
	calls(&m, DEV, DMT_OP_MAP_SG, VIA_BOUNCE, 5, 0);
	bounces(&m, REASON_MASK, 30, 0);
	settled(&m, "map-failed bounce-mask");
	/* one of another device is no matter */
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_UNKNOWN, 30, 30);
	calls(&m, "0000:00:07.0", DMT_OP_MAP, VIA_UNKNOWN, 1, 0);
	bounces(&m, REASON_MASK, 30, 0);
	settled(&m, "swiotlb-out-of-reach");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_machine_of_virtio_shows_nothing),
		cmocka_unit_test(an_idle_machine_is_nothing_to_find),
		cmocka_unit_test(without_drivers_nothing_is_mapped),
		cmocka_unit_test(a_filter_that_fits_nothing_is_named),
		cmocka_unit_test(what_does_not_watch_the_cause_says_what_does),
		cmocka_unit_test(counts_tell_that_slots_were_out_of_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
