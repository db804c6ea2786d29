// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/kallsyms in memory: a sorted array of addresses, and one text of all lines that the names
 * are part of.  It has no sizes: a function ends where the next symbol is, or its module.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "kernel/ksyms.h"
#include "base/list.h"

/* Of what ends nowhere else, as the last function of a BPF program; none is longer. */
#define LONGEST (256u << 10)

struct symbol {
	unsigned long long address;
	size_t name;		/* offset of "name" or "name\tmodule" in text */
	bool ends;		/* no function, but the end of one */
};

/* Where a module is, from its first function to the end of what may be its code. */
struct extent {
	char name[64];
	unsigned long long base, size;
};

struct ksyms {
	struct symbol *symbols;
	size_t count, room;
	char *text;
	size_t len, size;
	struct extent *extents;	/* by name */
	size_t nextents;
};

/* The list with room for so many; NULL without memory, the list is as it was then. */
static void *grow(void *list, size_t *room, size_t wanted, size_t each)
{
	size_t more = *room ? *room * 2 : 65536;
	void *grown;

	if (wanted <= *room)
		return list;
	if (more < wanted)
		more = wanted;
	grown = reallocarray(list, more, each);
	if (grown)
		*room = more;
	return grown;
}

/* Does code end there?  So it does where the kernel says, and where a module has data. */
static bool is_end(char type, const char *name)
{
	if (strchr(name, '\t'))
		return !strchr("tTwWaA", type);
	return !strncmp(name, "_etext\n", 7) || !strncmp(name, "_einittext\n", 11);
}

/* "ffffffff81000000 T name", perhaps with "\t[module]" behind. */
static bool add(struct ksyms *k, const char *line)
{
	struct symbol *symbols;
	unsigned long long address;
	int skip = 0;
	char type, *text;
	size_t len;
	bool ends;

	if (sscanf(line, "%llx %c %n", &address, &type, &skip) < 2 || !skip || !address)
		return true;
	/* of arm64 the assembler's marks between code and data are among a module's */
	if (line[skip] == '$')
		return true;
	ends = is_end(type, line + skip);
	if (!ends && !strchr("tTwW", type))
		return true;
	len = strcspn(line + skip, "\n") + 1;
	symbols = grow(k->symbols, &k->room, k->count + 1, sizeof(*symbols));
	if (!symbols)
		return false;
	k->symbols = symbols;
	text = grow(k->text, &k->size, k->len + len, 1);
	if (!text)
		return false;
	k->text = text;
	symbols[k->count++] = (struct symbol){ address, k->len, ends };
	memcpy(text + k->len, line + skip, len - 1);
	text[k->len + len - 1] = '\0';
	k->len += len;
	return true;
}

/* Of several at one address the kernel takes the first. */
static int by_address(const void *a, const void *b)
{
	const struct symbol *left = a, *right = b;

	if (left->address != right->address)
		return left->address < right->address ? -1 : 1;
	return left->name < right->name ? -1 : left->name > right->name;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct extent *)a)->name, ((const struct extent *)b)->name);
}

/* "nvme 69632 1 - Live 0xffffffffc0a00000" */
static bool extents_read(struct ksyms *k, FILE *modules)
{
	char line[4096];

	while (modules && fgets(line, sizeof(line), modules)) {
		const char *at = strstr(line, " 0x");
		struct extent *grown, extent = { "", 0, 0 };

		if (!at || sscanf(line, "%63s %llu", extent.name, &extent.size) != 2 ||
		    sscanf(at, "%llx", &extent.base) != 1 || !extent.base)
			continue;
		grown = list_grow(k->extents, k->nextents, sizeof(*grown));
		if (!grown)
			return false;
		k->extents = grown;
		k->extents[k->nextents++] = extent;
	}
	if (k->nextents)
		qsort(k->extents, k->nextents, sizeof(*k->extents), by_name);
	return true;
}

struct ksyms *ksyms_parse(FILE *in, FILE *modules)
{
	struct ksyms *k = calloc(1, sizeof(*k));
	char line[512];
	bool room = k;

	while (in && room && fgets(line, sizeof(line), in))
		room = add(k, line);
	room = room && extents_read(k, modules);
	if (room && k->count) {
		qsort(k->symbols, k->count, sizeof(*k->symbols), by_address);
		return k;
	}
	if (!room)
		warn("call paths stay numbers: out of memory");
	else
		warn("call paths stay numbers: /proc/kallsyms shows no addresses; see "
		     "/proc/sys/kernel/kptr_restrict");
	ksyms_free(k);
	return NULL;
}

struct ksyms *ksyms_read(void)
{
	FILE *in = fopen("/proc/kallsyms", "re"), *modules = fopen("/proc/modules", "re");
	struct ksyms *k = ksyms_parse(in, modules);

	if (in)
		fclose(in);
	if (modules)
		fclose(modules);
	return k;
}

char *ksyms_exact(const unsigned long long *addresses, size_t count)
{
	FILE *in = fopen("/proc/kallsyms", "re");
	unsigned long long address;
	char line[512], name[256], *found = NULL;

	while (in && count && fgets(line, sizeof(line), in)) {
		if (sscanf(line, "%llx %*c %255s", &address, name) != 2)
			continue;
		for (size_t i = 0; address && i < count; i++)
			if (addresses[i] == address) {
				free(found);
				found = strdup(name);
				count = i;	/* only one before it could be better */
			}
	}
	if (in)
		fclose(in);
	return found;
}

void ksyms_free(struct ksyms *k)
{
	if (!k)
		return;
	free(k->symbols);
	free(k->text);
	free(k->extents);
	free(k);
}

/* Is the address beyond the end of the module, "[name]", that has a symbol there? */
static bool beyond(const struct ksyms *k, const char *module, unsigned long long symbol,
		   unsigned long long address)
{
	struct extent like = { "", 0, 0 };
	const struct extent *e;

	if (!k->nextents || sscanf(module, "[%63[^]]", like.name) != 1)
		return false;
	e = bsearch(&like, k->extents, k->nextents, sizeof(like), by_name);
	/* a module that is just coming has its __init functions elsewhere */
	return e && symbol - e->base < e->size && address - e->base >= e->size;
}

bool ksyms_name(const struct ksyms *k, unsigned long long address, char *out, size_t size)
{
	size_t low = 0, high = k->count;
	const struct symbol *s;
	const char *name, *tab;

	/* the last symbol at or below */
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (k->symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	s = &k->symbols[low - 1];
	while (s > k->symbols && s[-1].address == s->address && (s->ends || !s[-1].ends))
		s--;
	name = k->text + s->name;
	tab = strchr(name, '\t');
	if (s->ends || address - s->address >= LONGEST ||
	    (tab && beyond(k, tab + 1, s->address, address)))
		return false;
	snprintf(out, size, "%.*s%s%s", tab ? (int)(tab - name) : (int)strlen(name), name,
		 tab ? " " : "", tab ? tab + 1 : "");
	return true;
}
