// SPDX-License-Identifier: GPL-2.0
/*
 * That nothing was seen is said of what was watched.
 */
#include "made.h"
#include "golden.h"
#include "base/list.h"
#include "base/name.h"

/* In which all was watched. */
static void watched(struct model *m)
{
	make_model(m);
	m->inventory.facts.pool_known = true;
	m->holders_known = m->followed = true;
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		hook_on(m, hook, WAY_FENTRY, "function", 0);
}

static void off(struct model *m, enum dmt_hook hook, bool absent)
{
	m->hooks[hook].on = false;
	m->hooks[hook].absent = absent;
}

/* As text in one line: prose is folded. */
static char *flat(const struct model *m, const struct report *report)
{
	char *all = render(report_once(m, report), "text", 200);

	for (char *at = all; *at; at++)
		if (*at == '\n')
			*at = '|';
	for (char *at = all; (at = strstr(at, ":|")); )
		at[1] = ' ';
	return all;
}

static void says(const struct model *m, const struct report *report, const char *text)
{
	char *all = flat(m, report);

	if (!strstr(all, text))
		fail_msg("'%s' is not in '%s'", text, all);
	free(all);
}

static void lacks(const struct model *m, const struct report *report, const char *text)
{
	char *all = flat(m, report);

	if (strstr(all, text))
		fail_msg("'%s' is in '%s'", text, all);
	free(all);
}

static const struct {
	const struct report *report;
	const char *nothing;
	enum dmt_hook hook;
	const char *unwatched;
} kinds[] = {
	{ &report_stat, "no DMA call was seen", DMT_HOOK_MAP, "map" },
	{ &report_stacks, "no DMA call was seen", DMT_HOOK_UNMAP_SG, "unmap_sg" },
	{ &report_iommu, "no DMA call was seen", DMT_HOOK_IOVA_FAST_ALLOC, "iova_fast_alloc" },
	{ &report_swiotlb, "no bounce was seen", DMT_HOOK_BOUNCE, "bounce" },
	{ &report_live, "nothing was seen mapped or allocated that is not given back",
	  DMT_HOOK_ALLOC_NONCONTIGUOUS, "alloc_noncontiguous" },
};

static void what_was_not_watched_is_named(void **state)
{
	char text[256];
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		watched(&m);
		snprintf(text, sizeof(text), "|%s|", kinds[i].nothing);
		says(&m, kinds[i].report, text);
		lacks(&m, kinds[i].report, "not watched");
		/* no such function: nobody can have called it */
		off(&m, kinds[i].hook, true);
		lacks(&m, kinds[i].report, "not watched");
		off(&m, kinds[i].hook, false);
		snprintf(text, sizeof(text), "|%s; not watched: %s|", kinds[i].nothing,
			 kinds[i].unwatched);
		says(&m, kinds[i].report, text);
		/* what a report is not about is no matter to it */
		m.hooks[kinds[i].hook].on = true;
		off(&m, DMT_HOOK_MMAP, false);
		if (kinds[i].report != &report_stat && kinds[i].report != &report_stacks)
			lacks(&m, kinds[i].report, "not watched");
		model_release(&m);
	}
}

static void what_was_lost_or_left_out_is_named(void **state)
{
	struct model m;

	(void)state;
	watched(&m);
	lacks(&m, &report_stat, "some was lost");
	m.losses[0].count = 3;
	says(&m, &report_stat, "|some was lost: see losses|");
	m.losses[0].count = 0;
	add_calls(new_aggregate(&m, "0000:00:02.0", "pci", "nvme", DMT_OP_MAP, DMT_TO_DEVICE), 7,
		  4096, 0);
	model_filter(&m, "nobody", NULL, OPS_ALL);
	says(&m, &report_stat, "|left out: 7 calls of devices that are not named nobody|");
	model_filter(&m, "nobody", "e1000e", OPS_ALL);
	says(&m, &report_stat, "not named nobody or not of driver e1000e|");
	model_release(&m);
}

static void a_machine_without_a_pool_or_an_iommu_says_so(void **state)
{
	struct model m;

	(void)state;
	watched(&m);
	says(&m, &report_swiotlb, "|there is no swiotlb|");
	lacks(&m, &report_swiotlb, "who holds slots is not known");
	says(&m, &report_iommu, "|this machine has no IOMMU, as far as sysfs shows|");
	m.inventory.facts.pool_known = false;
	m.holders_known = false;
	says(&m, &report_swiotlb, "|whether there is a swiotlb is not known: debugfs does not show it|");
	says(&m, &report_swiotlb, "|who holds slots is not known: how they come back is not watched|");
	model_release(&m);
}

/* Of a device no IOMMU translates for there are no numbers of one. */
static void what_no_iommu_does_is_absent(void **state)
{
	struct json_object *all, *row, *value;
	struct model m;

	(void)state;
	watched(&m);
	add_calls(new_aggregate(&m, "0000:00:02.0", "pci", "nvme", DMT_OP_MAP, DMT_TO_DEVICE), 7,
		  4096, 0);
	all = render_object(report_once(&m, &report_iommu));
	row = json_object_array_get_idx(at(all, "domains"), 0);
	assert_true(json_object_object_get_ex(row, "iova_allocs", &value));
	assert_null(value);
	json_object_put(all);
	/* one it does translate for took none: that is 0 */
	m.inventory.devices = calloc(1, sizeof(*m.inventory.devices));
	m.inventory.ndevices = 1;
	m.inventory.devices->name = name_copy("0000:00:02.0");
	m.inventory.devices->group = name_copy("3");
	all = render_object(report_once(&m, &report_iommu));
	row = json_object_array_get_idx(at(all, "domains"), 0);
	assert_true(json_object_object_get_ex(row, "iova_allocs", &value));
	assert_non_null(value);
	assert_int_equal(json_object_get_int(value), 0);
	json_object_put(all);
	model_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_not_watched_is_named),
		cmocka_unit_test(what_was_lost_or_left_out_is_named),
		cmocka_unit_test(a_machine_without_a_pool_or_an_iommu_says_so),
		cmocka_unit_test(what_no_iommu_does_is_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
