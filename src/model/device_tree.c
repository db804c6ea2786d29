// SPDX-License-Identifier: GPL-2.0
/*
 * Restricted pools: reserved memory that a device's node names, or that of the host bridge it is
 * behind (of_dma_set_restricted_buffer(), v5.15).
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/attr.h"
#include "model/device_tree.h"

#define RESERVED "/sys/firmware/devicetree/base/reserved-memory"
#define PROPERTY_MAX 256	/* bytes; as many regions as nobody has */

/* The bytes of a property, 0 where it is absent. */
static size_t property(char *bytes, const char *dir, const char *name)
{
	char path[PATH_MAX];
	size_t count = 0;
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return 0;
	f = fopen(path, "re");
	if (!f)
		return 0;
	count = fread(bytes, 1, PROPERTY_MAX, f);
	fclose(f);
	return count;
}

/* One of the words of a list, each of which a 0 ends. */
static bool lists(const char *bytes, size_t count, const char *word)
{
	size_t len = strlen(word) + 1;

	for (const char *at = bytes, *end = at + count; at < end; at += strnlen(at, end - at) + 1)
		if ((size_t)(end - at) >= len && !memcmp(at, word, len))
			return true;
	return false;
}

/* A node of reserved memory: is it a restricted pool, and the one of this handle? */
static bool is_pool(const char *dir, const char *handle)
{
	char bytes[PROPERTY_MAX];

	if (property(bytes, dir, "phandle") != 4 || memcmp(bytes, handle, 4))
		return false;
	return lists(bytes, property(bytes, dir, "compatible"), "restricted-dma-pool");
}

static char *pool_of_handle(const char *root, const char *handle)
{
	char path[PATH_MAX], *name = NULL;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s" RESERVED, root);
	dir = opendir(path);
	if (!dir)
		return NULL;
	while (!name && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s" RESERVED "/%s", root, entry->d_name) >=
		    (int)sizeof(path))
			continue;
		if (is_pool(path, handle))
			name = strdup(entry->d_name);
	}
	closedir(dir);
	return name;
}

/* The first pool that a node names; regions says whether it names any memory at all. */
static char *pool_of_node(const char *root, const char *path, bool *regions)
{
	char bytes[PROPERTY_MAX], *pool = NULL;
	size_t count = property(bytes, path, "of_node/memory-region");

	*regions = count >= 4;
	for (size_t i = 0; !pool && i + 4 <= count; i += 4)
		pool = pool_of_handle(root, bytes + i);
	return pool;
}

char *restricted_pool(const char *root, const char *path, bool pci)
{
	char *real, *slash, *pool = NULL;
	bool regions = false;

	if (!attr_exists("%s" RESERVED, root))
		return NULL;
	real = realpath(path, NULL);
	/* a PCI device whose own node names no memory has that of the bridge above it */
	do {
		pool = real ? pool_of_node(root, real, &regions) : NULL;
		slash = real ? strrchr(real, '/') : NULL;
		if (slash)
			*slash = '\0';
	} while (pci && !regions && slash && slash != real);
	free(real);
	return pool;
}
