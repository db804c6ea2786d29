// SPDX-License-Identifier: GPL-2.0
/*
 * Choosing a way per hook: the function exists, its prototype is the one compiled for, the
 * kernel takes this kind of attachment.  Prototypes decide, never versions: distributions
 * backport.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "plan.h"

static bool wanted(const struct wishes *wishes, enum dmt_hook hook)
{
	enum dmt_op op = hook_op(hook);

	return (!wishes->ops || wishes->ops & 1u << op) &&
	       (!wishes->layers || wishes->layers & 1u << ops[op].layer);
}

static bool way_wanted(const struct wishes *wishes, enum way way)
{
	return !wishes->ways || wishes->ways & 1u << way;
}

static void __attribute__((format(printf, 2, 3))) because(struct planned *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->reason, sizeof(p->reason), fmt, ap);
	va_end(ap);
}

static int refused_with(const struct refusal *refused, size_t n, const struct sight *sight,
			enum way way)
{
	for (size_t i = 0; i < n; i++)
		if (refused[i].sight == sight && refused[i].way == way)
			return refused[i].err;
	return 0;
}

static const char *error_name(int err)
{
	const char *name = err == -524 ? "ENOTSUPP" : strerrorname_np(-err);

	return name ? name : "unknown error";
}

/* 0 if the kernel lets this function be watched this way, else why not, into the reason. */
static int way_check(struct planned *p, const struct kernel *k, const struct fact *fact,
		     enum way way)
{
	if (k->tries[way]) {
		because(p, "%s not available here (%s)", way_names[way], error_name(k->tries[way]));
		return k->tries[way];
	}
	if (way == WAY_FENTRY) {
		int args = fact->proto ? proto_args(fact->proto) : 0;

		if (!fact->proto) {
			because(p, "fentry: function not in BTF");
			return -1;
		}
		if (k->fentry_args[args]) {
			because(p, "fentry refused for %d arguments (%s)", args,
				error_name(k->fentry_args[args]));
			return k->fentry_args[args];
		}
	}
	if (way == WAY_KPROBE && fact->copies > 1) {
		because(p, "symbol is ambiguous (%d copies)", fact->copies);
		return -1;
	}
	return 0;
}

/* Take the best way of one row; false with the reason when there is none. */
static bool take(struct planned *p, const struct kernel *k, const struct wishes *wishes,
		 const struct sight *sight, const struct refusal *refused, size_t nrefused)
{
	static const enum way order[] = { WAY_FENTRY, WAY_KPROBE };
	const struct fact *fact = kernel_function(k, sight->target);
	char notes[160] = "";

	p->reason[0] = '\0';
	if (!fact)
		return false;
	if (fact->proto && !proto_matches(sight->proto, fact->proto)) {
		because(p, "unknown prototype %.120s", fact->proto);
		return false;
	}
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		int err = refused_with(refused, nrefused, sight, order[i]);

		if (!way_wanted(wishes, order[i]))
			continue;
		if (err)
			because(p, "%s refused (%s)", way_names[order[i]], error_name(err));
		else if (!way_check(p, k, fact, order[i])) {
			p->sight = sight;
			p->way = order[i];
			memcpy(p->reason, notes, sizeof(notes));
			return true;
		}
		memcpy(notes, p->reason, sizeof(notes));
	}
	return false;
}

static bool take_point(struct planned *p, const struct kernel *k, const struct sight *point,
		       const struct refusal *refused, size_t nrefused)
{
	const struct fact *fact = kernel_event(k, point->target);

	if (!fact || k->tries[WAY_TRACEPOINT] ||
	    refused_with(refused, nrefused, point, WAY_TRACEPOINT))
		return false;
	if (!proto_matches(point->proto, fact->proto)) {
		because(p, "unknown tracepoint prototype %.110s", fact->proto);
		return false;
	}
	p->sight = point;
	p->way = WAY_TRACEPOINT;
	because(p, "%s", point->blind ? "tracepoint: successful calls only, no latency" :
		"tracepoint: no latency");
	return true;
}

static bool same_target(const struct sight *a, const struct sight *b)
{
	return b->prog && a->hook == b->hook && !strcmp(a->target, b->target);
}

static void choose(struct planned *p, enum dmt_hook hook, const struct kernel *k,
		   const struct wishes *wishes, const struct refusal *refused, size_t nrefused)
{
	const struct sight *sight, *last = NULL;
	bool functions = way_wanted(wishes, WAY_FENTRY) || way_wanted(wishes, WAY_KPROBE);

	for (sight = probes; functions && sight->prog; sight++) {
		if (sight->hook != hook)
			continue;
		last = sight;
		if (take(p, k, wishes, sight, refused, nrefused))
			return;
		/* another prototype of the same function may fit; its wrapper would miss calls */
		if (p->reason[0] && !same_target(sight, sight + 1))
			break;
	}
	for (sight = points; way_wanted(wishes, WAY_TRACEPOINT) && sight->prog; sight++)
		if (sight->hook == hook && take_point(p, k, sight, refused, nrefused))
			return;
	if (!p->reason[0])
		because(p, functions ? "no such symbol: %s" : "no tracepoint for it",
			last ? last->target : "");
}

void plan_make(struct plan *plan, const struct kernel *k, const struct wishes *wishes,
	       const struct refusal *refused, size_t nrefused)
{
	memset(plan, 0, sizeof(*plan));
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		struct planned *p = &plan->hooks[hook];

		if (p->shared)
			continue;
		choose(p, hook, k, wishes, refused, nrefused);
		if (p->sight && p->sight->also) {
			struct planned *other = &plan->hooks[p->sight->also];

			*other = *p;
			other->shared = true;
			because(other, "told apart by the MMIO attribute");
		}
	}
	/* now that sharing is known, drop what nobody asked for */
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		struct planned *p = &plan->hooks[hook];
		bool needed = wanted(wishes, hook) ||
			      (p->sight && p->sight->also && wanted(wishes, p->sight->also));

		p->wanted = needed;
		if (needed)
			continue;
		p->sight = NULL;
		because(p, "not asked for");
	}
}
