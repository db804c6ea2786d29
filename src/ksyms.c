// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/kallsyms in memory: a sorted array of addresses, and one text of all lines that the names
 * are part of.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "err.h"
#include "ksyms.h"

struct symbol {
	unsigned long long address;
	size_t name;		/* offset of "name" or "name\tmodule" in text */
};

struct ksyms {
	struct symbol *symbols;
	size_t count, room;
	char *text;
	size_t len, size;
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

/* "ffffffff81000000 T name", perhaps with "\t[module]" behind. */
static bool add(struct ksyms *k, const char *line)
{
	struct symbol *symbols;
	unsigned long long address;
	int skip = 0;
	char type, *text;
	size_t len;

	if (sscanf(line, "%llx %c %n", &address, &type, &skip) < 2 || !skip)
		return true;
	if (!address || !strchr("tTwW", type))
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
	symbols[k->count++] = (struct symbol){ address, k->len };
	memcpy(text + k->len, line + skip, len - 1);
	text[k->len + len - 1] = '\0';
	k->len += len;
	return true;
}

static int by_address(const void *a, const void *b)
{
	unsigned long long left = ((const struct symbol *)a)->address;
	unsigned long long right = ((const struct symbol *)b)->address;

	return left < right ? -1 : left > right;
}

struct ksyms *ksyms_parse(FILE *in)
{
	struct ksyms *k = calloc(1, sizeof(*k));
	char line[512];
	bool room = k;

	while (in && room && fgets(line, sizeof(line), in))
		room = add(k, line);
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
	FILE *in = fopen("/proc/kallsyms", "re");
	struct ksyms *k = ksyms_parse(in);

	if (in)
		fclose(in);
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
	free(k);
}

bool ksyms_name(const struct ksyms *k, unsigned long long address, char *out, size_t size)
{
	size_t low = 0, high = k->count;
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
	name = k->text + k->symbols[low - 1].name;
	tab = strchr(name, '\t');
	snprintf(out, size, "%.*s%s%s", tab ? (int)(tab - name) : (int)strlen(name), name,
		 tab ? " " : "", tab ? tab + 1 : "");
	return true;
}
