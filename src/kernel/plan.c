// SPDX-License-Identifier: GPL-2.0
/*
 * Choosing a way per hook: the function exists, its prototype is the one compiled for, the
 * kernel takes this kind of attachment.  Prototypes decide, never versions: distributions
 * backport.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "kernel/plan.h"
#include "base/list.h"

dmt_ops wishes_ops(const struct wishes *wishes)
{
	dmt_ops wanted = 0;

	for (int op = 0; op < DMT_OP_MAX; op++)
		if ((!wishes->ops || wishes->ops & op_bit(op)) &&
		    (!wishes->layers || wishes->layers & 1u << ops[op].layer))
			wanted |= op_bit(op);
	if (!wishes->ops && wishes->layers != LAYERS_ALL)
		wanted &= ~ops_on_request;
	return wanted;
}

/* For its own operation; marks have none. */
static bool wanted(dmt_ops wanted_ops, enum dmt_hook hook)
{
	return !hook_marks(hook) && wanted_ops & op_bit(hook_op(hook));
}

static bool serves(dmt_ops wanted_ops, enum dmt_hook hook)
{
	return wanted_ops & hook_serves(hook);
}

/* Its own operation, or the first of those that are wanted. */
static enum dmt_op served(dmt_ops wanted_ops, enum dmt_hook hook)
{
	if (hook_marks(hook) && wanted_ops & op_bit(hook_op(hook)))
		return hook_op(hook);
	return __builtin_ctzll(wanted_ops & hook_serves(hook));
}

static bool way_wanted(const struct wishes *wishes, enum way way)
{
	return !wishes->ways || wishes->ways & 1u << way;
}

/* Adds to the reason, so that the last resort tells what was tried before it. */
static void __attribute__((format(printf, 2, 3))) because(struct planned *p, const char *fmt, ...)
{
	size_t used = strlen(p->reason);
	va_list ap;

	if (used)
		used += snprintf(p->reason + used, sizeof(p->reason) - used, "; ");
	if (used >= sizeof(p->reason))
		return;
	va_start(ap, fmt);
	vsnprintf(p->reason + used, sizeof(p->reason) - used, fmt, ap);
	va_end(ap);
}

/* Off, and not as if something this kernel has were missed; the reason is to follow. */
static void turn_off(struct planned *p)
{
	p->sight = NULL;
	p->absent = true;
	p->reason[0] = '\0';
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
	if (way == WAY_FENTRY || way == WAY_FSESSION) {
		int args = fact->proto ? proto_args(fact->proto) : 0;

		if (!fact->proto) {
			because(p, "%s: function not in BTF", way_names[way]);
			return -1;
		}
		if (k->fentry_args[args]) {
			because(p, "%s refused for %d arguments (%s)", way_names[way], args,
				error_name(k->fentry_args[args]));
			return k->fentry_args[args];
		}
	}
	return 0;
}

/* Does the hook table know this function with other prototypes, too? */
static bool has_variants(const struct sight *sight)
{
	for (const struct sight *row = probes; row->prog; row++)
		if (row != sight && !strcmp(row->target, sight->target))
			return true;
	return false;
}

/* Is the function on this kernel the one the row's programs were compiled for? */
static bool fits(struct planned *p, const struct sight *sight, const struct fact *fact)
{
	if (fact->proto && !proto_matches(sight->proto, fact->proto))
		because(p, "unknown prototype %.120s", fact->proto);
	else if (!fact->proto && has_variants(sight))
		because(p, "prototype not in BTF, and it differs between kernels");
	else if (fact->copies > 1)
		because(p, "symbol is ambiguous (%d copies)", fact->copies);
	else
		return true;
	return false;
}

/* Take the best way of one row; false with the reason when there is none. */
static bool take(struct planned *p, const struct kernel *k, const struct wishes *wishes,
		 const struct sight *sight, const struct refusal *refused, size_t nrefused)
{
	static const enum way order[] = { WAY_FSESSION, WAY_FENTRY, WAY_KPROBE };
	const struct fact *fact = kernel_function(k, sight->target);

	p->reason[0] = '\0';
	if (!fact || !fits(p, sight, fact))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		int err = refused_with(refused, nrefused, sight, order[i]);

		if (!way_wanted(wishes, order[i]))
			continue;
		if (order[i] == WAY_FSESSION && wishes->extras & DMT_WANTS_NO_LATENCY) {
			if (wishes->ways)
				because(p, "fsession: keeps when a call began");
			continue;
		}
		if (order[i] == WAY_FSESSION && hook_tells(sight->hook)) {
			if (wishes->ways)
				because(p, "fsession: a call it skips leaves no trace");
			continue;
		}
		/* few kernels have it, and fentry says the same: a word only to who asked */
		if (order[i] == WAY_FSESSION && k->tries[WAY_FSESSION] && !wishes->ways)
			continue;
		if (err)
			because(p, "%s refused (%s)", way_names[order[i]], error_name(err));
		else if (!way_check(p, k, fact, order[i])) {
			p->sight = sight;
			p->way = order[i];
			return true;
		}
	}
	return false;
}

static bool take_point(struct planned *p, const struct kernel *k, const struct sight *point,
		       const struct refusal *refused, size_t nrefused)
{
	const struct fact *fact = kernel_event(k, point->target);
	int err = refused_with(refused, nrefused, point, WAY_TRACEPOINT);

	if (!fact)
		return false;
	if (k->tries[WAY_TRACEPOINT]) {
		because(p, "tracepoint not available here (%s)",
			error_name(k->tries[WAY_TRACEPOINT]));
	} else if (err) {
		because(p, "tracepoint refused (%s)", error_name(err));
	} else if (!proto_matches(point->proto, fact->proto)) {
		because(p, "unknown tracepoint prototype %.110s", fact->proto);
	} else {
		p->sight = point;
		p->way = WAY_TRACEPOINT;
		because(p, "tracepoint: %sno latency",
			point->blind ? "successful calls only, " : "");
		return true;
	}
	return false;
}

/* Is the next row the same function with another prototype, as this one's is not the kernel's? */
static bool next_may_fit(const struct kernel *k, const struct sight *row)
{
	const struct sight *next = row + 1;
	const struct fact *fact = kernel_function(k, row->target);

	return next->prog && next->hook == row->hook && !strcmp(next->target, row->target) &&
	       fact->proto && !proto_matches(row->proto, fact->proto);
}

static void choose(struct planned *p, enum dmt_hook hook, const struct kernel *k,
		   const struct wishes *wishes, const struct refusal *refused, size_t nrefused)
{
	const struct sight *sight, *last = NULL;
	bool functions = !wishes->ways || wishes->ways & ~(1u << WAY_TRACEPOINT);

	for (sight = probes; functions && sight->prog; sight++) {
		if (sight->hook != hook)
			continue;
		last = sight;
		if (take(p, k, wishes, sight, refused, nrefused))
			return;
		/* a wrapper would miss calls, and a refusal is not to be told as a misfit */
		if (p->reason[0] && !next_may_fit(k, sight))
			break;
	}
	if (last && !p->reason[0]) {
		p->absent = true;
		because(p, "no such symbol: %s", last->target);
	}
	for (sight = points; way_wanted(wishes, WAY_TRACEPOINT) && sight->prog; sight++)
		if (sight->hook == hook && take_point(p, k, sight, refused, nrefused))
			return;
	if (!p->reason[0])
		because(p, "no tracepoint");
}

/* Its function sees the calls of another operation as well. */
static bool lends(const struct planned *p, dmt_ops wanted_ops)
{
	return p->sight && p->sight->also && wanted(wanted_ops, p->sight->also);
}

/* What for, as a reason to watch it.  Of slots it says who has them, of other calls their path. */
static void serves_because(struct planned *p, enum dmt_hook hook, enum dmt_op op)
{
	bool slots = hook >= DMT_HOOK_SLOT_FREE || op == DMT_OP_BOUNCE;

	because(p, hook_marks(hook) && !slots ? "tells the path of %s" : "needed for %s",
		ops[op].name);
}

static void drop_unwanted(struct planned *p, enum dmt_hook hook, const struct wishes *wishes)
{
	dmt_ops wanted_ops = wishes_ops(wishes);

	p->wanted = wanted(wanted_ops, hook) || lends(p, wanted_ops) || serves(wanted_ops, hook);
	if (!p->wanted) {
		p->sight = NULL;
		p->reason[0] = '\0';
		because(p, !wishes->ops && !wishes->layers &&
			ops_on_request & op_bit(hook_op(hook)) ?
			"only when asked for: --op %s" : "not asked for",
			ops[hook_op(hook)].name);
	} else if (p->sight && !wanted(wanted_ops, hook)) {
		serves_because(p, hook, lends(p, wanted_ops) ? hook_op(p->sight->also) :
							       served(wanted_ops, hook));
	}
}

/*
 * Without an IOMMU hardly a call comes to its functions, and to attach to them takes as long as to
 * others.  Who asks for them knows better: some drivers of GPUs write such page tables themselves.
 */
static void leave_out_iommu(struct plan *plan, const struct wishes *wishes)
{
	if ((wishes->ops || wishes->layers) && wishes_ops(wishes) & ops_of_iommu)
		return;
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		struct planned *p = &plan->hooks[hook];

		if (!p->sight || hook_marks(hook) || !(ops_of_iommu & op_bit(hook_op(hook))))
			continue;
		turn_off(p);
		p->lacks_iommu = true;
		because(p, "this machine has no IOMMU");
	}
}

void plan_iommu_came(struct plan *plan)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		struct planned *p = &plan->hooks[hook];

		if (!p->lacks_iommu)
			continue;
		p->absent = false;
		p->reason[0] = '\0';
		because(p, "an IOMMU came after the start");
	}
}

/* What only helps others to be told is off where none of those is on. */
static void drop_helper(struct plan *plan, enum dmt_hook hook, const struct wishes *wishes)
{
	struct planned *p = &plan->hooks[hook];
	dmt_ops wanted_ops = wishes_ops(wishes), helped = hook_serves(hook);

	if (hook_marks(hook))
		helped |= op_bit(hook_op(hook));
	if (!p->sight || wanted(wanted_ops, hook) || lends(p, wanted_ops))
		return;
	for (int other = 0; other < DMT_HOOK_MAX; other++)
		if (plan->hooks[other].sight && wanted(wanted_ops & helped, other))
			return;
	turn_off(p);
	because(p, "nothing it helps to tell is on");
}

/* Of two functions that see the same calls, the later one is off, and not as if it were absent. */
static void step_back(const struct plan *plan, struct planned *p, const struct wishes *wishes)
{
	const struct planned *other = p->sight ? &plan->hooks[p->sight->unless] : NULL;
	dmt_ops wanted_ops = wishes_ops(wishes);

	if (!other || !p->sight->unless || !other->sight)
		return;
	if (!wanted(wanted_ops, p->sight->unless) && !serves(wanted_ops, p->sight->unless))
		return;
	turn_off(p);
	because(p, "seen as %s", other->sight->target);
}

/* Of functions that have one it comes first. */
static bool has_device(const struct sight *sight)
{
	const char *arguments = strchr(sight->proto, '(');

	return arguments && !strncmp(arguments + 1, "device*", strlen("device*"));
}

/* Does any call take its device from the one around it, which has to be seen at both ends then? */
static bool any_inherits(const struct plan *plan)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		if (plan->hooks[hook].sight && !hook_marks(hook) &&
		    !has_device(plan->hooks[hook].sight))
			return true;
	return false;
}

/*
 * At which end a call is counted, where nothing inside has to find it: at the entry where it cannot
 * fail, at the return where the result tells the path, which an IOMMU's address does not.
 */
static enum ends ends_of(const struct planned *p, enum dmt_hook hook, const struct kernel *k)
{
	if (hook_op(hook) == DMT_OP_BOUNCE_COPY)
		return ENDS_BOTH;
	if (p->sight->failure == FAILS_NEVER)
		return ENDS_ENTRY;
	if (p->way == WAY_FENTRY && k->no_iommu && p->sight->failure == FAILS_ADDRESS &&
	    hook_op(hook) != DMT_OP_BOUNCE)
		return ENDS_RETURN;
	return ENDS_BOTH;
}

static const char *const ends_texts[] = {
	[ENDS_BOTH] = "", [ENDS_ENTRY] = ", watched at its entry only",
	[ENDS_RETURN] = ", watched at its return only",
};

/* A run without latencies: of as many calls as can be, one end is enough. */
static void save_ends(struct plan *plan, const struct kernel *k)
{
	for (int hook = 0, nested = any_inherits(plan); hook < DMT_HOOK_MAX; hook++) {
		struct planned *p = &plan->hooks[hook];

		if (!p->sight || hook_marks(hook) || p->way == WAY_TRACEPOINT)
			continue;
		p->ends = nested ? ENDS_BOTH : ends_of(p, hook, k);
		because(p, "not timed%s", ends_texts[p->ends]);
	}
}

const char *planned_suffix(const struct planned *p, bool at_return)
{
	static const char *const suffixes[][WAY_MAX][2] = {
		[ENDS_BOTH] = {
			[WAY_FSESSION] = { "__fsession", NULL },
			[WAY_FENTRY] = { "__fentry", "__fexit" },
			[WAY_KPROBE] = { "__kprobe", "__kretprobe" },
			[WAY_TRACEPOINT] = { "__tp", NULL },
		},
		[ENDS_ENTRY] = {
			[WAY_FENTRY] = { "__entry", NULL },
			[WAY_KPROBE] = { "__kentry", NULL },
		},
		[ENDS_RETURN] = { [WAY_FENTRY] = { NULL, "__return" } },
	};

	return suffixes[p->ends][p->way][at_return];
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
		step_back(plan, p, wishes);
		if (p->sight && p->sight->also) {
			struct planned *other = &plan->hooks[p->sight->also];

			*other = *p;
			other->shared = true;
			because(other, "told apart by the MMIO attribute");
		}
	}
	/* now that sharing is known, drop what nobody asked for */
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		drop_unwanted(&plan->hooks[hook], hook, wishes);
	if (k->no_iommu)
		leave_out_iommu(plan, wishes);
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		drop_helper(plan, hook, wishes);
	if (wishes->extras & DMT_WANTS_NO_LATENCY)
		save_ends(plan, k);
}
