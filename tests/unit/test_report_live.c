// SPDX-License-Identifier: GPL-2.0
/*
 * What is mapped: how much, by whom, for how long, and one by one.
 */
#include "golden.h"
#include "made.h"

static void add_live(struct model *m)
{
	struct live_row *row = m->live = calloc(2, sizeof(*row));
	struct age_row *age = m->ages = calloc(1, sizeof(*age));

	assert_true(row && age);
	m->nlive = 2;
	m->nages = 1;
	row[0] = (struct live_row){ strdup("0000:00:02.0"), strdup("nvme"), DMT_OP_MAP, 3, 12288,
				    2000000000, .unmaps_skipped = true };
	row[1] = (struct live_row){ strdup("0000:00:01.0"), strdup("oracle"), DMT_OP_MAP, 3, 12288,
				    2000000000 };
	row[1].stack = (struct frames){ calloc(2, sizeof(char *)), 2 };
	row[1].stack.names[0] = strdup("dma_map_page_attrs");
	row[1].stack.names[1] = strdup("fill [oracle]");
	*age = (struct age_row){ strdup("0000:00:01.0"), strdup("oracle"), DMT_OP_MAP };
	age_add(age, 999999, 1);
	age_add(age, 1000000, 1);
	age_add(age, 2000000000, 1);
}

static void add_mappings(struct model *m)
{
	struct lifetime_row *lived = m->lifetimes = calloc(1, sizeof(*lived));
	struct mapping_row *row = m->mappings = calloc(2, sizeof(*row));

	assert_true(row && lived);
	m->nlifetimes = 1;
	*lived = (struct lifetime_row){ strdup("0000:00:01.0"), strdup("oracle"), DMT_OP_MAP,
					.unseen = 2, .shared = 1 };
	add_samples(&lived->lifetime, 9, 5000);
	add_samples(&lived->lifetime, 1, 70000);
	m->each = true;
	m->nmappings = 2;
	m->mappings_left = 1;
	row[0] = (struct mapping_row){ strdup("0000:00:01.0"), strdup("oracle"), DMT_OP_MAP,
				       DMT_TO_DEVICE, 1, 4096, 2000000000, 0xfffff000, 0x104000,
				       0xffff888000104000 };
	/* nothing is known of where it lies, and of who made it only the caller */
	row[1] = (struct mapping_row){ strdup("0000:00:01.0"), strdup("oracle"), DMT_OP_MAP,
				       DMT_TO_DEVICE, 1, 4096, 1000000, 0xffffe000,
				       .pending = true };
	row[1].stack = (struct frames){ calloc(2, sizeof(char *)), 2 };
	row[1].stack.names[0] = strdup("dma_alloc_attrs");
	row[1].stack.names[1] = strdup("dmam_alloc_attrs");
}

static void live_as_people_and_programs_see_it(void **state)
{
	struct model m;

	(void)state;
	make_model(&m);
	m.followed = true;
	add_live(&m);
	add_mappings(&m);
	check_text(report_of(&m, &report_live), "live/each-140.txt", 140);
	check_json(report_of(&m, &report_live), "live/each.json");
	model_release(&m);
	make_model(&m);
	m.followed = true;
	add_live(&m);
	check_text(report_of(&m, &report_live), "live/some-80.txt", 80);
	model_release(&m);
	make_model(&m);
	check_text(report_of(&m, &report_live), "live/nothing-80.txt", 80);
	check_json(report_of(&m, &report_live), "live/nothing.json");
	model_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(live_as_people_and_programs_see_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
