// SPDX-License-Identifier: GPL-2.0
/*
 * early.c: a module that makes its calls as it is loaded and unloaded, for the oracle's device; and
 * another one of the same size with other names (other.c), which can take its place in memory.
 * What it did stands in the kernel's log.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>

#ifndef NAMED
#define NAMED(function)	early_##function
#endif

#define SIZE		0x10000

static unsigned int calls = 1;
module_param(calls, uint, 0);
static bool leave;		/* what is allocated, but for the last */
module_param(leave, bool, 0);

static void *cpu;
static dma_addr_t addr;

static noinline bool NAMED(keep)(struct device *dev)
{
	cpu = dma_alloc_coherent(dev, SIZE, &addr, GFP_KERNEL);
	return cpu;
}

static noinline void NAMED(drop)(struct device *dev)
{
	dma_free_coherent(dev, SIZE, cpu, addr);
	cpu = NULL;	/* a call at the end would be a jump, and nobody to return to */
}

/* Called by what is freed with it. */
static noinline bool __init NAMED(try)(struct device *dev)
{
	dma_addr_t at;
	void *tried = dma_alloc_coherent(dev, SIZE, &at, GFP_KERNEL);

	if (tried && !leave)
		dma_free_coherent(dev, SIZE, tried, at);
	return tried;
}

static struct pci_dev *NAMED(device)(void)
{
	return pci_get_device(0x1234, 0x11e8, NULL);
}

static int __init NAMED(init)(void)
{
	struct pci_dev *pdev = NAMED(device)();
	unsigned int i, made = 0;

	if (!pdev)
		return -ENODEV;
	for (i = 0; i < calls; i++)
		made += NAMED(try)(&pdev->dev);
	if (!NAMED(keep)(&pdev->dev)) {
		pci_dev_put(pdev);
		return -ENOMEM;
	}
	pr_info("%s: loaded %u at %px %px\n", KBUILD_MODNAME, made, NAMED(keep), NAMED(try));
	pci_dev_put(pdev);
	return 0;
}

static void __exit NAMED(exit)(void)
{
	struct pci_dev *pdev = NAMED(device)();

	if (cpu)
		NAMED(drop)(&pdev->dev);
	pci_dev_put(pdev);
}

/* what these make of a name is text: it has to be whole by then */
#define COMES(function)	module_init(function)
#define GOES(function)	module_exit(function)
COMES(NAMED(init));
GOES(NAMED(exit));

MODULE_DESCRIPTION("makes DMA-mapping calls while it is loaded and unloaded");
MODULE_LICENSE("GPL");
