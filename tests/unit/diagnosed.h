/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Models made by hand of what one device did, and what is to be found in them.
 */
#ifndef DIAGNOSED_H
#define DIAGNOSED_H

#include <errno.h>
#include <stdio.h>

#include "analysis/diagnose.h"
#include "made.h"
#include "base/name.h"

#define DEV "0000:00:01.0"

/* A model in which everything was watched. */
static inline void begin(struct model *m)
{
	*m = (struct model){ 0 };
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		m->hooks[hook].op = hook_op(hook);
		m->hooks[hook].on = m->hooks[hook].wanted = true;
	}
}

/* Not on, and whether that is missed. */
static inline void off(struct model *m, enum dmt_hook hook, bool wanted)
{
	m->hooks[hook].on = false;
	m->hooks[hook].wanted = wanted;
}

/* This kernel has no such function. */
static inline void lacking(struct model *m, enum dmt_hook hook)
{
	off(m, hook, true);
	m->hooks[hook].absent = true;
}

/* Calls that fail have no bytes. */
static inline struct aggregate *calls(struct model *m, const char *device, enum dmt_op op,
				      enum path path, unsigned count, unsigned errors)
{
	const struct aggregate like = { .device = (char *)device, .driver = device ? "drv" : NULL,
					.op = op, .path = path };
	struct aggregate *a = aggregate_like(m, &like);

	a->calls += count;
	a->errors += errors;
	a->bytes += (count - errors) * 4096ull;
	return a;
}

static inline void bounces(struct model *m, enum reason reason, unsigned count, unsigned errors)
{
	const struct aggregate like = { .device = DEV, .driver = "drv",
					.op = DMT_OP_BOUNCE, .reason = reason };
	struct aggregate *a = aggregate_like(m, &like);

	a->calls += count;
	a->errors += errors;
	a->bytes += (count - errors) * 4096ull;
}

/* That so many of its calls returned. */
static inline void value(struct aggregate *a, long long value, unsigned count)
{
	a->values = reallocarray(a->values, a->nvalues + 1, sizeof(*a->values));
	assert_non_null(a->values);
	a->values[a->nvalues++] = (struct error_count){ FAILS_ERRNO, value, count };
}

static inline struct failed *failed(struct model *m, const char *device, enum dmt_op op,
				    unsigned count)
{
	struct failed *f;

	m->failed = reallocarray(m->failed, m->nfailed + 1, sizeof(*m->failed));
	assert_non_null(m->failed);
	f = &m->failed[m->nfailed++];
	*f = (struct failed){ .op = op, .count = count, .kind = FAILS_ERRNO };
	f->device = name_copy(device);
	f->driver = name_copy(device ? "drv" : NULL);
	return f;
}

static inline void stack(struct failed *f, const char *innermost, const char *next)
{
	f->stack.names = calloc(2, sizeof(char *));
	f->stack.names[0] = name_copy(innermost);
	f->stack.names[1] = name_copy(next);
	f->stack.count = 2;
}

/* What sysfs says of DEV; domain NULL: no IOMMU translates for it. */
static inline void device(struct model *m, int mask_bits, const char *domain)
{
	struct inventory *inv = &m->inventory;

	inv->devices = calloc(1, sizeof(*inv->devices));
	inv->ndevices = 1;
	inv->devices->name = name_copy(DEV);
	inv->devices->driver = name_copy("drv");
	inv->devices->domain = name_copy(domain);
	inv->devices->group = name_copy(domain ? "1" : NULL);
	inv->devices->mask_bits = mask_bits;
	inv->facts.memory_top = 5ull << 30;
}

/* As DEV was when it was seen: coherent, and reaches everything; domain NULL: in none. */
static inline struct reach *seen(struct model *m, const char *domain)
{
	m->traced = calloc(1, sizeof(*m->traced));
	assert_non_null(m->traced);
	m->ntraced = 1;
	m->traced->device = name_copy(DEV);
	m->traced->driver = name_copy("drv");
	m->traced->bus = name_copy("pci");
	m->traced->domain = domain;
	m->traced->dma_ops = name_copy(domain && strcmp(domain, "identity") ? "iommu-dma" : "direct");
	m->traced->reach = (struct reach){ .mask = ~0ull, .coherent_mask = ~0ull,
					   .caches = CACHES_COHERENT, .known = true };
	return &m->traced->reach;
}

/* "id id", in order; and the model is of no more use. */
static inline void expect(struct model *m, struct findings *f, const char *ids)
{
	char found[512] = "";

	assert_int_equal(diagnose(m, f), 0);
	for (size_t i = 0; i < f->count; i++) {
		strcat(found, *found ? " " : "");
		strcat(found, f->list[i].kind->id);
		assert_true(*f->list[i].evidence && *f->list[i].cause && *f->list[i].remedy);
	}
	assert_string_equal(found, ids);
	model_release(m);
}

static inline void only(struct model *m, const char *ids)
{
	struct findings f;

	expect(m, &f, ids);
	findings_release(&f);
}

static inline void contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in '%s'", part, text);
}

#endif
