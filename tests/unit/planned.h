/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Plans for the eight kernels of tests/kernels, and what a test asks of one.
 */
#ifndef PLANNED_H
#define PLANNED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/plan.h"


static const char *const kernels[] = {
	"5.10-amd64", "5.10-arm64", "6.1-amd64", "6.1-arm64",
	"6.12-amd64", "6.12-arm64", "7.x-amd64", "7.x-arm64",
};
static const struct wishes any;

static inline void kernel_named(struct kernel *k, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "tests/kernels/%s.txt", name);
	assert_int_equal(kernel_load(k, path), 0);
}

static inline void plan_for(struct plan *plan, const char *name, const struct wishes *wishes)
{
	struct kernel k;

	kernel_named(&k, name);
	plan_make(plan, &k, wishes, NULL, 0);
	kernel_release(&k);
}

static inline void check_on(const struct plan *plan, enum dmt_hook hook, enum way way,
			    const char *target, const char *reason)
{
	const struct planned *p = &plan->hooks[hook];

	if (!p->sight)
		fail_msg("hook %d for %s is off: %s", hook, target, p->reason);
	assert_string_equal(way_names[p->way], way_names[way]);
	assert_string_equal(p->sight->target, target);
	assert_string_equal(p->reason, reason);
}

static inline void check_off(const struct plan *plan, enum dmt_hook hook, const char *reason)
{
	assert_null(plan->hooks[hook].sight);
	assert_string_equal(plan->hooks[hook].reason, reason);
}

/* No function may be watched by two hooks of their own, or calls would count twice. */
static inline void check_sound(const struct plan *plan)
{
	for (int a = 0; a < DMT_HOOK_MAX; a++) {
		const struct planned *p = &plan->hooks[a];

		if (!p->sight && !p->reason[0])
			fail_msg("hook %d is off without a reason", a);
		if (!p->sight)
			continue;
		assert_true(p->shared ? p->sight->also == (enum dmt_hook)a :
			    p->sight->hook == (enum dmt_hook)a);
		for (int b = 0; b < a; b++) {
			const struct planned *other = &plan->hooks[b];

			if (planned_attaches(p) && planned_attaches(other))
				assert_string_not_equal(p->sight->target, other->sight->target);
		}
	}
}

#endif
