/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a device tree says of a device's memory, as sysfs shows it.
 */
#ifndef DEVICE_TREE_H
#define DEVICE_TREE_H

#include <stdbool.h>

/*
 * The restricted-dma-pool of the device at path, a directory of sysfs, by the name that its
 * directory in debugfs has, should the kernel use such pools; NULL: none, or no memory.
 */
char *restricted_pool(const char *root, const char *path, bool pci);

#endif
