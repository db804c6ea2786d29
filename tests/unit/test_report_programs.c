// SPDX-License-Identifier: GPL-2.0
/*
 * Which programs each command attaches on each kernel: nothing that its reports do not need.  The
 * case `programs` finds the same ones on a real kernel.
 */
#include "golden.h"
#include "base/list.h"
#include "kernel/plan.h"

static const char *const kernels[] = {
	"5.10-amd64", "5.10-arm64", "6.1-amd64", "6.1-arm64",
	"6.12-amd64", "6.12-arm64", "7.x-amd64", "7.x-arm64",
};

/* One row can have programs at both ends, at one, or, as a mark or a release, one of its own. */
static bool has_end(const struct planned *p, enum dmt_hook hook, bool at_return)
{
	if (!planned_suffix(p, at_return))
		return false;
	/* where a kprobe has to keep what the other end is to know */
	if (hook == DMT_HOOK_IN_RESTRICTED_POOL && p->way == WAY_KPROBE)
		return true;
	return !hook_marks(hook) || at_return == (hook < DMT_HOOK_SLOT_FREE);
}

#define COMMANDS 8
#define NAMES 4			/* of a hook's programs, at most: timed and not, at both ends */

struct use {
	char program[64], commands[128];
};

static void use_add(struct use *uses, const char *program, const char *command)
{
	while (uses->program[0] && strcmp(uses->program, program))
		uses++;
	snprintf(uses->program, sizeof(uses->program), "%s", program);
	strcat(strcat(uses->commands, " "), command);
}

static void uses_of(struct use *uses, const struct plan *plan, enum dmt_hook hook,
		    const char *command)
{
	const struct planned *p = &plan->hooks[hook];
	char program[64];

	for (int i = 0; i < 2 && planned_attaches(p); i++) {
		if (!has_end(p, hook, i))
			continue;
		snprintf(program, sizeof(program), "%s%s", p->sight->prog, planned_suffix(p, i));
		use_add(uses, program, command);
	}
}

/* As commands wish without options, on a machine without an IOMMU; stat-iommu: with one. */
static void commands_print(FILE *out, struct kernel *k)
{
	static const char *const names[COMMANDS] = {
		"stat", "stacks", "trace", "live", "swiotlb", "iommu", "no-latency",
		"stat-iommu",
	};
	const struct wishes api = { .layers = 1u << LAYER_API };
	const struct wishes wishes[COMMANDS] = {
		[1] = api,
		[2] = { .ops = wishes_ops(&api) | OP(BOUNCE), .extras = DMT_WANTS_EVENTS },
		[3] = { .ops = ops_followed,
			.extras = DMT_WANTS_LIVE | DMT_WANTS_NO_LATENCY },
		[4] = { .ops = report_swiotlb.about() },
		[5] = { .ops = report_iommu.about() },
		[6] = { .extras = DMT_WANTS_NO_LATENCY },
	};
	struct plan plans[COMMANDS];

	for (int i = 0; i < COMMANDS; i++) {
		k->no_iommu = strcmp(names[i], "stat-iommu");
		plan_make(&plans[i], k, &wishes[i], NULL, 0);
	}
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		struct use uses[NAMES + 1] = { 0 };

		for (int i = 0; i < COMMANDS; i++)
			uses_of(uses, &plans[i], hook, names[i]);
		for (struct use *use = uses; use->program[0]; use++)
			fprintf(out, "%s:%s\n", use->program, use->commands);
	}
}

static void every_command_attaches_what_it_needs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		char path[64], *text = NULL;
		struct kernel k;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		snprintf(path, sizeof(path), "tests/kernels/%s.txt", kernels[i]);
		assert_int_equal(kernel_load(&k, path), 0);
		commands_print(out, &k);
		fclose(out);
		snprintf(path, sizeof(path), "programs/%s.txt", kernels[i]);
		check_golden(path, text);
		kernel_release(&k);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_attaches_what_it_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
