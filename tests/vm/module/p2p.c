// SPDX-License-Identifier: GPL-2.0
/*
 * p2p.c: memory of another device, mapped for one behind the same switch as that, and for one that
 * is not. The memory is QEMU's ivshmem device's, the devices are edu ones.
 */
#include <linux/pci-p2pdma.h>
#include "oracle.h"

#define MEMORY_BAR	2

static struct pci_dev *owner;

static int owner_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int err = pci_enable_device_mem(pdev);

	if (err)
		return err;
	err = pci_p2pdma_add_resource(pdev, MEMORY_BAR, 0, 0);
	if (!err)
		owner = pdev;
	return err;
}

static void owner_remove(struct pci_dev *pdev)
{
	owner = NULL;
}

static const struct pci_device_id owner_ids[] = {
	{ PCI_DEVICE(0x1af4, 0x1110) },
	{ }
};

static struct pci_driver owner_driver = {
	.name = "dmt_memory",
	.id_table = owner_ids,
	.probe = owner_probe,
	.remove = owner_remove,
};

/* An edu device below the switch the memory is behind, or the usual one. */
static struct device *device_for(bool near)
{
	struct pci_dev *pdev = NULL;

	if (!near)
		return oracle.dev;
	while ((pdev = pci_get_device(0x1234, 0x11e8, pdev)))
		if (pdev->bus->self && owner->bus->self &&
		    pdev->bus->self->bus == owner->bus->self->bus)
			break;
	pci_dev_put(pdev);	/* it stays: nobody unplugs it */
	return pdev ? &pdev->dev : NULL;
}

/* Does the kernel say that the address is one of the bus, where no host bridge is passed? */
static bool is_bus_address(struct scatterlist *sg)
{
#ifdef CONFIG_PCI_P2PDMA
	return sg_dma_is_bus_address(sg);
#else
	return false;
#endif
}

static int map_once(struct device *dev, struct sg_table *sgt, size_t size)
{
	int err = dma_map_sgtable(dev, sgt, DMA_TO_DEVICE, 0);

	oracle_info_add(err ? INFO_P2P_FAILED : is_bus_address(sgt->sgl) ? INFO_P2P_BUS :
						INFO_P2P_HOST, err ? 1 : size);
	if (!err)
		dma_unmap_sgtable(dev, sgt, DMA_TO_DEVICE, 0);
	return 0;
}

static int map_memory(u64 count, size_t size, bool near)
{
	struct device *dev = device_for(near);
	struct sg_table sgt = {};
	int err = 0;

	if (!dev)
		return -ENODEV;
	sgt.sgl = pci_p2pmem_alloc_sgl(owner, &sgt.nents, size);
	if (!sgt.sgl)
		return -ENOMEM;
	sgt.orig_nents = sgt.nents;
	while (!err && count--)
		err = oracle_interrupted() ? -EINTR : map_once(dev, &sgt, size);
	pci_p2pmem_free_sgl(owner, sgt.sgl);
	return err;
}

/* p2p N SIZE NEAR: 1: for a device behind the same switch, 0: for the usual one */
int cmd_p2p(const u64 *arg)
{
	int err;

	if (!IS_ENABLED(CONFIG_PCI_P2PDMA))
		return -EOPNOTSUPP;
	err = pci_register_driver(&owner_driver);
	if (err)
		return err;
	err = owner ? map_memory(arg[0], arg[1], arg[2]) : -ENXIO;
	pci_unregister_driver(&owner_driver);
	return err;
}
