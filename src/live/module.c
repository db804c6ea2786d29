// SPDX-License-Identifier: GPL-2.0
/*
 * Modules in the order in which they came or went.  Their symbols are kept as the kernel has them
 * until somebody asks for a name, as most runs never do.
 */
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bpf/dmatrace.h"
#include "base/list.h"
#include "live/module.h"

_Static_assert(sizeof(Elf64_Sym) == DMT_MODULE_SYMBOL, "as long as the kernel's");

/* A run may go on for days while modules come and go. */
#define MOST_MODULES 4096
#define MOST_BYTES (64u << 20)

struct table {
	unsigned char *at;
	size_t size, got;
};

struct function {
	unsigned long long address, size;	/* size 0: up to the next one */
	size_t order;
	const char *name;
};

struct module {
	char name[56];
	unsigned long long whose;	/* struct module * */
	unsigned long long came, went;	/* ns; came 0: before the run; went 0: not yet */
	struct dmt_code code, init;
	struct table symbols, names;
	struct function *functions;	/* by address */
	size_t nfunctions;
	bool sorted;			/* these are there */
};

struct modules {
	struct module *list;
	size_t count, bytes;
};

struct modules *modules_new(void)
{
	return calloc(1, sizeof(struct modules));
}

void modules_free(struct modules *m)
{
	for (size_t i = 0; m && i < m->count; i++) {
		free(m->list[i].symbols.at);
		free(m->list[i].names.at);
		free(m->list[i].functions);
	}
	if (m)
		free(m->list);
	free(m);
}

/* The last one at this address; those before it are gone. */
static struct module *last_of(struct modules *m, unsigned long long whose)
{
	for (size_t i = m->count; i; i--)
		if (m->list[i - 1].whose == whose)
			return &m->list[i - 1];
	return NULL;
}

static int table_make(struct modules *m, struct table *t, size_t size)
{
	if (size > MOST_BYTES - m->bytes)
		return -ENOSPC;
	t->at = calloc(1, size + 1);	/* and one zero that ends the last name */
	if (!t->at)
		return -ENOMEM;
	t->size = size;
	m->bytes += size;
	return 0;
}

static int head_take(struct modules *m, const struct dmt_module_head *head)
{
	struct module *known = last_of(m, head->module), *grown;
	int err;

	if (!head->comes && known && !known->went) {
		known->went = head->time;
		return 0;
	}
	if (m->count == MOST_MODULES)
		return -ENOSPC;
	grown = list_grow(m->list, m->count, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	m->list = grown;
	grown += m->count++;
	*grown = (struct module){ .whose = head->module, .code = head->code, .init = head->init };
	memcpy(grown->name, head->name, sizeof(grown->name) - 1);
	if (head->comes)
		grown->came = head->time;
	else
		grown->went = head->time;
	err = table_make(m, &grown->symbols, head->symbols_bytes);
	return err ? err : table_make(m, &grown->names, head->names_bytes);
}

static void piece_take(struct modules *m, const struct dmt_module_piece *piece, size_t size)
{
	struct module *mod = last_of(m, piece->module);
	struct table *t;

	if (!mod || mod->sorted)
		return;
	t = piece->part == DMT_MODULE_SYMBOLS ? &mod->symbols : &mod->names;
	if (piece->at > t->size)
		return;
	if (size > t->size - piece->at)
		size = t->size - piece->at;
	memcpy(t->at + piece->at, piece->data, size);
	t->got += size;
}

int modules_take(struct modules *m, const void *data, size_t size)
{
	const struct dmt_module_head *head = data;
	const struct dmt_module_piece *piece = data;

	if (size >= sizeof(*head) && head->part == DMT_MODULE_HEAD)
		return head_take(m, head);
	if (size >= sizeof(*piece) && piece->part != DMT_MODULE_HEAD &&
	    piece->bytes <= size - sizeof(*piece))
		piece_take(m, piece, piece->bytes);
	return 0;
}

size_t modules_moved(const struct modules *m, unsigned long long when)
{
	size_t moved = 0;

	for (size_t i = 0; i < m->count; i++)
		moved += (m->list[i].came && m->list[i].came <= when) +
			 (m->list[i].went && m->list[i].went <= when);
	return moved;
}

static bool within(const struct dmt_code *code, unsigned long long address)
{
	return address - code->base < code->size;
}

/* What the assembler left among the symbols: $x and $d on arm64, .L0 and the like. */
static bool is_name(const char *name)
{
	return *name && *name != '$' && *name != '.';
}

/* By address; of several names the one that the kernel would take, which comes first. */
static int by_address(const void *a, const void *b)
{
	const struct function *left = a, *right = b;

	if (left->address != right->address)
		return left->address < right->address ? -1 : 1;
	return left->order < right->order ? -1 : 1;
}

static void functions_sort(struct module *mod)
{
	size_t count = mod->symbols.got == mod->symbols.size &&
		       mod->names.got == mod->names.size ?
		       mod->symbols.size / sizeof(Elf64_Sym) : 0;
	const Elf64_Sym *symbols = (const void *)mod->symbols.at;

	mod->sorted = true;
	mod->functions = count ? calloc(count, sizeof(*mod->functions)) : NULL;
	for (size_t i = 0; mod->functions && i < count; i++) {
		const Elf64_Sym *s = &symbols[i];
		const char *name = (const char *)mod->names.at + s->st_name;

		if (s->st_shndx == SHN_UNDEF || s->st_name >= mod->names.size || !is_name(name) ||
		    (!within(&mod->code, s->st_value) && !within(&mod->init, s->st_value)))
			continue;
		mod->functions[mod->nfunctions++] =
			(struct function){ s->st_value, s->st_size, i, name };
	}
	if (mod->functions)
		qsort(mod->functions, mod->nfunctions, sizeof(*mod->functions), by_address);
}

/* NULL: there is none. */
static const char *name_in(struct module *mod, unsigned long long address)
{
	size_t low = 0, high;
	const struct function *f;

	if (!mod->sorted)
		functions_sort(mod);
	high = mod->functions ? mod->nfunctions : 0;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (mod->functions[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	f = &mod->functions[low - 1];
	while (f > mod->functions && f[-1].address == f->address)
		f--;
	return !f->size || address - f->address < f->size ? f->name : NULL;
}

static bool was_there(const struct module *mod, unsigned long long address,
		      unsigned long long when)
{
	if (!within(&mod->code, address) && !within(&mod->init, address))
		return false;
	return !when || (mod->came <= when && (!mod->went || when <= mod->went));
}

enum whose modules_name(struct modules *m, unsigned long long address, unsigned long long when,
			char *out, size_t size)
{
	struct module *found = NULL;
	const char *name = NULL;

	/* the last that came: what an earlier one's __init functions had it may have taken */
	for (size_t i = m->count; i && (!found || !when); i--) {
		struct module *mod = &m->list[i - 1];
		const char *its;

		if (!was_there(mod, address, when))
			continue;
		its = name_in(mod, address);
		if (found && (!its || !name || strcmp(its, name) ||
			      strcmp(mod->name, found->name)))
			return WHOSE_UNKNOWN;
		found = mod;
		name = its;
	}
	if (!found)
		return WHOSE_NOBODY;
	/* whose names were lost, if it is still there, others have */
	if (!found->nfunctions && within(&found->code, address) && !found->went)
		return WHOSE_NOBODY;
	if (!name)
		return WHOSE_UNKNOWN;
	snprintf(out, size, "%s [%s]", name, found->name);
	return WHOSE_NAMED;
}
