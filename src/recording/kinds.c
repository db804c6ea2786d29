// SPDX-License-Identifier: GPL-2.0
/*
 * Kinds of events, see kinds.h.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include "model/event.h"
#include "recording/kinds.h"

struct kind {
	struct event like;	/* its names and call path are the kind's own */
	struct frames stack;
	long long id;
};

struct kinds {
	void *tree;
};

static int name_compare(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static int stack_compare(const struct frames *a, const struct frames *b)
{
	int order = 0;

	if (!a || !b || a->count != b->count)
		return a && b ? (a->count > b->count) - (a->count < b->count) : !!a - !!b;
	for (size_t i = 0; !order && i < a->count; i++)
		order = strcmp(a->names[i], b->names[i]);
	return order;
}

_Static_assert(VIA_MAX <= 256 && REASON_MAX <= 256 && DMT_DIR_MAX <= 128 && CONTEXT_MAX <= 256 &&
	       PHASE_MAX <= 256 && FAILS_MAX <= 128,
	       "number_of() has eight bits for each, of a failure seven");

/* What is told apart by a number. */
static unsigned long long number_of(const struct event *e)
{
	return (unsigned long long)e->op << 48 | (unsigned long long)e->path << 40 |
	       (unsigned long long)e->reason << 32 | e->direction << 24 | e->context << 16 |
	       e->phase << 8 | e->failure << 1 | e->failed;
}

static int kind_compare(const void *left, const void *right)
{
	const struct event *a = &((const struct kind *)left)->like;
	const struct event *b = &((const struct kind *)right)->like;
	unsigned long long x = number_of(a), y = number_of(b);
	int order = (x > y) - (x < y);

	if (!order)
		order = name_compare(a->device, b->device);
	if (!order)
		order = name_compare(a->driver, b->driver);
	if (!order)
		order = name_compare(a->bus, b->bus);
	return order ? order : stack_compare(a->stack, b->stack);
}

static void kind_free(void *node)
{
	struct kind *kind = node;

	free((char *)kind->like.device);
	free((char *)kind->like.bus);
	free((char *)kind->like.driver);
	frames_release(&kind->stack);
	free(kind);
}

static bool stack_copy(struct frames *to, const struct frames *from)
{
	to->names = calloc(from->count + 1, sizeof(*to->names));
	while (to->names && to->count < from->count) {
		to->names[to->count] = strdup(from->names[to->count]);
		if (!to->names[to->count])
			return false;
		to->count++;
	}
	return to->names;
}

static bool text_copy(const char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return !from || *to;
}

/* NULL without memory. */
static struct kind *kind_new(const struct event *e)
{
	struct kind *kind = calloc(1, sizeof(*kind));
	bool copied;

	if (!kind)
		return NULL;
	kind->like = *e;
	kind->like.stack = e->stack ? &kind->stack : NULL;
	copied = text_copy(&kind->like.device, e->device);
	copied &= text_copy(&kind->like.bus, e->bus);
	copied &= text_copy(&kind->like.driver, e->driver);
	if (e->stack)
		copied &= stack_copy(&kind->stack, e->stack);
	if (copied)
		return kind;
	kind_free(kind);
	return NULL;
}

struct kinds *kinds_new(void)
{
	return calloc(1, sizeof(struct kinds));
}

long long *kinds_id(struct kinds *k, const struct event *e)
{
	struct kind key = { .like = *e }, *made, **found = tfind(&key, &k->tree, kind_compare);

	if (found)
		return &(*found)->id;
	made = kind_new(e);
	found = made ? tsearch(made, &k->tree, kind_compare) : NULL;
	if (found)
		return &made->id;
	if (made)
		kind_free(made);
	return NULL;
}

void kinds_free(struct kinds *k)
{
	if (!k)
		return;
	tdestroy(k->tree, kind_free);
	free(k);
}
