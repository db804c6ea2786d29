// SPDX-License-Identifier: GPL-2.0
/*
 * All reports of a recording at once: to the letter what each command says, once, and what it
 * cannot say.
 */
#include "golden.h"
#include "made.h"
#include "base/list.h"

static struct aggregate *called(struct model *m, enum dmt_op op, enum path path, unsigned within,
				unsigned count, unsigned long long ns)
{
	const struct aggregate like = { .device = "0000:00:02.0", .bus = "pci", .driver = "nvme",
					.op = op, .direction = DMT_TO_DEVICE, .path = path,
					.within = within };
	struct aggregate *a = aggregate_like(m, &like);

	add_calls(a, count, 4096, ns);
	return a;
}

static void add_stack(struct model *m, enum dmt_op op, const char *caller)
{
	struct path_count *p;

	m->stacks = reallocarray(m->stacks, m->nstacks + 1, sizeof(*p));
	assert_non_null(m->stacks);
	p = &m->stacks[m->nstacks++];
	*p = (struct path_count){ strdup("0000:00:02.0"), strdup("nvme"), op, DMT_TO_DEVICE, 5,
				  20480, 4500, { calloc(1, sizeof(char *)), 1 } };
	p->stack.names[0] = strdup(caller);
}

static void add_held(struct model *m)
{
	m->live = calloc(1, sizeof(*m->live));
	m->nlive = 1;
	*m->live = (struct live_row){ strdup("0000:00:02.0"), strdup("nvme"), DMT_OP_MAP, 3, 12288,
				      2000000000 };
	m->lifetimes = calloc(1, sizeof(*m->lifetimes));
	m->nlifetimes = 1;
	*m->lifetimes = (struct lifetime_row){ strdup("0000:00:02.0"), strdup("nvme"),
					       DMT_OP_MAP };
	add_samples(&m->lifetimes->lifetime, 97, 5000);
	m->each = true;
	m->mappings = calloc(1, sizeof(*m->mappings));
	m->nmappings = 1;
	m->mappings_left = 2;
	*m->mappings = (struct mapping_row){ strdup("0000:00:02.0"), strdup("nvme"), DMT_OP_MAP,
					     DMT_TO_DEVICE, 1, 4096, 2000000000, 0xfffff000 };
	m->followed = true;
}

static void make_all_model(struct model *m)
{
	struct inventory *inv = &m->inventory;

	make_model(m);
	hook_on(m, DMT_HOOK_MAP, WAY_FENTRY, "dma_map_page_attrs", 102);
	hook_on(m, DMT_HOOK_UNMAP, WAY_FENTRY, "dma_unmap_page_attrs", 97);
	hook_on(m, DMT_HOOK_BOUNCE, WAY_FENTRY, "swiotlb_tbl_map_single", 4);
	hook_on(m, DMT_HOOK_IOVA_FAST_ALLOC, WAY_FENTRY, "alloc_iova_fast", 100);
	/* was asked for, in vain */
	m->hooks[DMT_HOOK_MMAP].wanted = true;
	add_failures(called(m, DMT_OP_MAP, VIA_IOMMU, 0, 100, 900), FAILS_ADDRESS, -1, 2);
	called(m, DMT_OP_UNMAP, VIA_NONE, 0, 97, 800);
	called(m, DMT_OP_BOUNCE, VIA_NONE, 0, 4, 2000);
	called(m, DMT_OP_IOMMU_MAP, VIA_NONE, DMT_OP_MAP + 1, 100, 300);
	called(m, DMT_OP_PGTABLE_MAP, VIA_NONE, DMT_OP_IOMMU_MAP + 1, 100, 100);
	called(m, DMT_OP_IOVA_FAST_ALLOC, VIA_RCACHE, DMT_OP_MAP + 1, 100, 200);
	inv->pools = calloc(1, sizeof(*inv->pools));
	inv->npools = 1;
	inv->pools[0] = (struct pool){ strdup("swiotlb"), strdup("default"), 1 << 20, 8192, -1 };
	m->extras = DMT_WANTS_STACKS | DMT_WANTS_LIVE;
	add_stack(m, DMT_OP_MAP, "nvme_queue_rq [nvme]");
	/* a layer below, which stacks does not show of itself */
	add_stack(m, DMT_OP_IOMMU_MAP, "iommu_dma_map_page");
	add_held(m);
	model_sort(m);
}

/* As a command has it: of what it watches, and no more. */
static struct doc *command(const struct model *m, const struct report *report, dmt_ops ops_wanted)
{
	struct findings findings;
	struct model view;
	struct doc *doc;

	assert_int_equal(diagnose(m, &findings), 0);
	assert_int_equal(model_view(&view, m, ops_wanted), 0);
	doc = report_make(report, &view, &findings, NULL);
	model_view_release(&view);
	findings_release(&findings);
	return doc;
}

static const struct {
	const char *heading, *next;
	const struct report *report;
} parts[] = {
	{ "\ndmatrace stat\n", "\ndmatrace swiotlb\n", &report_stat },
	{ "\ndmatrace swiotlb\n", "\ndmatrace iommu\n", &report_swiotlb },
	{ "\ndmatrace iommu\n", "\ndmatrace stacks\n", &report_iommu },
	{ "\ndmatrace stacks\n", "\ndmatrace live\n", &report_stacks },
	{ "\ndmatrace live\n", "", &report_live },
};
#define PARTS ARRAY_SIZE(parts)

static void nothing(struct doc *doc, const struct model *m, const struct findings *f,
		    const struct report_opts *o)
{
	(void)doc;
	(void)m;
	(void)f;
	(void)o;
}

static const struct report head = { .build = nothing };

static void each_part_is_what_its_command_says(void **state)
{
	char *begin, *all, *at_part;
	struct model m;

	(void)state;
	make_all_model(&m);
	begin = render(report_once(&m, &head), "text", 120);
	all = render(report_of(&m, &report_all), "text", 120);
	assert_int_equal(strncmp(all, begin, strlen(begin)), 0);
	at_part = all;
	for (size_t i = 0; i < PARTS; i++) {
		const struct report *part = parts[i].report;
		char *alone = render(command(&m, part, part->about()), "text", 120), *end;

		at_part = strstr(at_part, parts[i].heading);
		assert_non_null(at_part);
		end = *parts[i].next ? strstr(at_part, parts[i].next) : strchr(at_part, '\0');
		assert_non_null(end);
		at_part += strlen(parts[i].heading);
		*end = '\0';
		assert_string_equal(at_part, alone + strlen(begin));
		if (*parts[i].next)
			*end = '\n';
		free(alone);
	}
	free(begin);
	free(all);
	model_release(&m);
}

static unsigned times(const char *text, const char *word)
{
	unsigned n = 0;

	while ((text = strstr(text, word))) {
		text += strlen(word);
		n++;
	}
	return n;
}

static void programs_get_each_key_once(void **state)
{
	struct json_object *all;
	struct model m;
	char *text;

	(void)state;
	make_all_model(&m);
	all = render_object(report_of(&m, &report_all));
	/* from the last part on: what the first has in common with it is that one's */
	for (size_t i = PARTS; i--; ) {
		struct json_object *alone = render_object(command(&m, parts[i].report,
								  parts[i].report->about()));

		json_object_object_foreach(alone, key, value) {
			if (i == 0 && !strcmp(key, "latency_split"))
				continue;
			assert_string_equal(json_object_to_json_string(at(all, key)),
					    json_object_to_json_string(value));
		}
		json_object_put(alone);
	}
	assert_int_equal(json_object_array_length(at(all, "not_recorded")), 0);
	json_object_put(all);
	text = render(report_once(&m, &report_all), "json", 0);
	assert_int_equal(times(text, "\"findings\""), 1);
	assert_int_equal(times(text, "\"latency_split\""), 1);
	assert_int_equal(times(text, "\"iova_calls\":100"), 1);
	free(text);
	model_release(&m);
}

static void what_was_not_recorded_is_said(void **state)
{
	struct json_object *all, *names;
	struct model m;
	char *text;

	(void)state;
	make_all_model(&m);
	m.extras = DMT_WANTS_STACKS;
	text = render(report_of(&m, &report_all), "text", 0);
	assert_non_null(strstr(text, "\ndmatrace live\n\nnot in this recording: "
			       "'dmatrace record --with live' keeps it\n"));
	assert_null(strstr(text, "--with stacks"));
	free(text);
	all = render_object(report_once(&m, &report_all));
	assert_false(json_object_object_get_ex(all, "live", NULL));
	assert_true(json_object_object_get_ex(all, "stacks", NULL));
	names = at(all, "not_recorded");
	assert_int_equal(json_object_array_length(names), 1);
	assert_string_equal(json_object_get_string(json_object_array_get_idx(names, 0)), "live");
	/* all but those above: the one that could not be had is none of them */
	names = at(all, "not_watched");
	assert_int_equal(json_object_array_length(names), DMT_OP_MAX - 4);
	json_object_put(all);
	model_release(&m);
}

static void as_people_and_programs_see_it(void **state)
{
	struct model m;

	(void)state;
	make_all_model(&m);
	check_text(report_of(&m, &report_all), "report/all-120.txt", 120);
	check_json(report_of(&m, &report_all), "report/all.json");
	model_release(&m);
	make_model(&m);
	check_text(report_of(&m, &report_all), "report/nothing-80.txt", 80);
	model_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_is_what_its_command_says),
		cmocka_unit_test(programs_get_each_key_once),
		cmocka_unit_test(what_was_not_recorded_is_said),
		cmocka_unit_test(as_people_and_programs_see_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
