// SPDX-License-Identifier: GPL-2.0
/*
 * What was recorded of a real kernel once, tests/recordings, reads today as it did then.
 */
#include <sqlite3.h>

#include "golden.h"

static char path[] = "/tmp/dmatrace-recording.XXXXXX";

static char *file_text(const char *name)
{
	FILE *in = fopen(name, "r");
	char *text = NULL;
	size_t size = 0;

	if (!in)
		fail_msg("no %s here; run from the top of the tree", name);
	assert_true(getdelim(&text, &size, '\0', in) > 0);
	fclose(in);
	return text;
}

static void database_make(const char *name)
{
	char *sql = file_text(name);
	int fd = mkstemp(path);
	sqlite3 *db;

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", name, sqlite3_errmsg(db));
	sqlite3_close(db);
	free(sql);
}

static struct doc *map_by_path(const struct model *m)
{
	const struct report_opts opts = { .by = BIT(AXIS_DRIVER) | BIT(AXIS_PATH), .ops = OPS_ALL };
	struct findings f;
	struct model maps;
	struct doc *doc;

	assert_int_equal(diagnose(m, &f), 0);
	assert_int_equal(model_view(&maps, m, OP(MAP)), 0);
	doc = report_make(&report_hist, &maps, &f, &opts);
	model_view_release(&maps);
	findings_release(&f);
	return doc;
}

static struct doc *devices_of(const struct model *m)
{
	struct inventory inv = m->inventory;

	inv.host = m->host;
	inv.release = m->release;
	inv.arch = m->arch;
	return report_inventory(&inv);
}

static void a_real_one_reads_as_it_did(void **state)
{
	struct replay *replay;
	struct model m = { 0 };

	(void)state;
	database_make("tests/recordings/demo.sql");
	assert_int_equal(replay_open(&replay, path, &m), 0);
	model_sort(&m);
	check_text(report_once(&m, &report_all), "recording/report-120.txt", 120);
	check_text(map_by_path(&m), "recording/hist-80.txt", 80);
	check_json(map_by_path(&m), "recording/hist.json");
	/* what was seen of devices, and what sysfs said of the others */
	assert_int_equal(model_learn(&m), 0);
	check_text(devices_of(&m), "recording/devices-160.txt", 160);
	check_json(devices_of(&m), "recording/devices.json");
	model_release(&m);
	replay_close(replay);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_real_one_reads_as_it_did),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
