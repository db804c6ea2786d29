// SPDX-License-Identifier: GPL-2.0
/*
 * limits.c: how far the device reaches and what it takes at once, as the kernel says itself, and
 * calls that run into it. Also a device on a bus that is not PCI, lent instead of the usual one.
 */
#include <linux/dma-direct.h>
#include <linux/platform_device.h>
#include <linux/seq_file.h>
#include "oracle.h"

static struct platform_device *other;
static struct device *usual;

/* limits SEGMENT BOUNDARY ALIGN: of dma_parms; 0: as it is */
int cmd_limits(const u64 *arg)
{
	if (!oracle.dev->dma_parms)
		return -EIO;
	if (arg[0])
		dma_set_max_seg_size(oracle.dev, arg[0]);
	if (arg[1])
		dma_set_seg_boundary(oracle.dev, arg[1]);
	if (arg[2])
		dma_set_min_align_mask(oracle.dev, arg[2]);
	return 0;
}

static int map_each(struct mapping *m, u64 count, void *cpu)
{
	for (; count; count--) {
		if (oracle_interrupted())
			return -EINTR;
		if (oracle_map(m, cpu))
			oracle_unmap(m);
	}
	return 0;
}

/* map_at N SIZE OFFSET DIR */
int cmd_map_at(const u64 *arg)
{
	struct mapping m = { .size = arg[1], .dir = arg[3] };

	if (!m.size || m.size > BUF_SIZE || arg[2] > BUF_SIZE - m.size)
		return -EINVAL;
	return map_each(&m, arg[0], page_address(oracle.buf) + arg[2]);
}

/* map_attrs N SIZE ATTRS DIR */
int cmd_map_attrs(const u64 *arg)
{
	struct mapping m = { .size = arg[1], .attrs = arg[2], .dir = arg[3] };

	if (!m.size || m.size > BUF_SIZE)
		return -EINVAL;
	return map_each(&m, arg[0], page_address(oracle.buf));
}

static struct platform_driver other_driver = {
	.driver.name = "dmt_oracle",
};

static void other_end(void)
{
	oracle.dev = usual;
	platform_device_unregister(other);
	platform_driver_unregister(&other_driver);
	other = NULL;
}

/* other 1: calls are of a platform device from now on; 0: of the PCI device again */
int cmd_other(const u64 *arg)
{
	int err;

	if (!arg[0] == !other)
		return 0;
	if (!arg[0]) {
		other_end();
		return 0;
	}
	err = platform_driver_register(&other_driver);
	if (err)
		return err;
	other = platform_device_register_simple("dmt_oracle", 7, NULL, 0);
	if (IS_ERR(other)) {
		err = PTR_ERR(other);
		other = NULL;
		platform_driver_unregister(&other_driver);
		return err;
	}
	usual = oracle.dev;
	oracle.dev = &other->dev;
	return dma_set_mask_and_coherent(oracle.dev, DMA_BIT_MASK(64));
}

void oracle_limits_show(struct seq_file *s)
{
	struct device *dev = oracle.dev;
	const struct bus_dma_region *range = dev->dma_range_map;

	seq_printf(s, "info dma_mask %llx\n", *dev->dma_mask);
	seq_printf(s, "info max_segment_size %u\n", dma_get_max_seg_size(dev));
	seq_printf(s, "info segment_boundary_mask %lx\n", dma_get_seg_boundary(dev));
	seq_printf(s, "info min_align_mask %u\n", dma_get_min_align_mask(dev));
	seq_printf(s, "info max_mapping_size %zu\n", dma_max_mapping_size(dev));
	seq_printf(s, "info coherent %d\n", dev_is_dma_coherent(dev));
	if (range && range->size)
		seq_printf(s, "info range %llx %llx %llx\n", (u64)range->cpu_start,
			   (u64)range->dma_start, (u64)range->size);
}
