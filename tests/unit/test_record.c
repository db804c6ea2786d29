// SPDX-License-Identifier: GPL-2.0
/*
 * Recordings that are no recordings, newer, cut short, damaged or written to by others: refused or
 * read, never a crash.  That what was written is what is read golden.h checks for every report.
 */
#include <errno.h>

#include "file.h"
#include "made.h"
#include "base/list.h"
#include "model/part.h"
#include "recording/record.h"

static void fill(struct model *m, unsigned calls)
{
	const struct aggregate like = { .device = "0000:00:01.0", .driver = "edu", .bus = "pci",
					.op = DMT_OP_MAP, .direction = DMT_TO_DEVICE,
					.path = VIA_BOUNCE };
	struct aggregate *a = aggregate_like(m, &like);

	add_calls(a, calls, 700, 700);
	if (m->host)
		return;
	m->host = strdup("host");
	m->release = strdup("6.12");
	m->arch = strdup("x86_64");
	m->duration_ns = 1000000000;
	m->failed = calloc(1, sizeof(*m->failed));
	m->nfailed = 1;
	m->failed->op = DMT_OP_MAP;
	m->failed->stack.names = calloc(2, sizeof(char *));
	m->failed->stack.names[m->failed->stack.count++] = strdup("dma_map_page_attrs");
	m->failed->stack.names[m->failed->stack.count++] = strdup("edu_start [edu]");
	m->losses[0] = (struct loss){ "missed", 3 };
	m->nlosses = 1;
}

static int make(void **state)
{
	struct recording *r;
	struct model m = { 0 };

	file_make(state);
	fill(&m, 5);
	assert_int_equal(recording_create(&r, path, true), 0);
	assert_int_equal(recording_write(r, &m, false), 0);
	fill(&m, 2);
	assert_int_equal(recording_write(r, &m, true), 0);
	recording_close(r);
	model_release(&m);
	return 0;
}

/* 0 or what was wrong; whatever was read can be let go of. */
static int read_it(const char *from)
{
	struct model m = { 0 };
	unsigned long long intervals;
	struct replay *r = NULL;
	size_t nparts;
	int err = replay_open(&r, from, &m);

	if (!err)
		err = replay_parts(r, &m, 3, &nparts, &intervals);
	model_release(&m);
	replay_close(r);
	return err;
}

static void it_is_for_its_owner_and_stays(void **state)
{
	struct recording *r = NULL;
	struct stat st;

	(void)state;
	unlink(path);
	assert_int_equal(recording_create(&r, path, false), 0);
	assert_int_equal(recording_begin(r), 0);
	recording_close(r);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(recording_create(&r, path, false), -EEXIST);
	recording_close(r);
	assert_int_equal(recording_create(&r, "/nowhere/at/all", false), -ENOENT);
	recording_close(r);
}

static void intervals_add_up(void **state)
{
	(void)state;
	assert_int_equal(ask("SELECT count(*) FROM intervals"), 2);
	assert_int_equal(ask("SELECT calls FROM interval_calls WHERE interval = 1"), 5);
	assert_int_equal(ask("SELECT calls FROM interval_calls WHERE interval = 2"), 2);
	assert_int_equal(ask("SELECT sum(count) FROM interval_buckets WHERE interval = 2 "
			     "AND value = 'latency'"), 2);
	assert_int_equal(ask("SELECT low = 640 AND high = 703 AND count = 7 FROM aggregate_buckets "
			     "WHERE value = 'size'"), 1);
	assert_int_equal(ask("SELECT calls FROM by_device"), 7);
	assert_int_equal(ask("SELECT sum(calls) FROM timeline"), 7);
}

/* Two intervals: as two parts, and as one. */
static void parts_are_what_intervals_hold(void **state)
{
	static const unsigned calls[] = { 5, 2 };

	(void)state;
	for (size_t most = 2; most; most--) {
		const struct run_part *p;
		struct model m = { 0 };
		unsigned long long intervals;
		struct replay *r = NULL;
		size_t nparts;

		assert_int_equal(replay_open(&r, path, &m), 0);
		assert_int_equal(replay_parts(r, &m, most, &nparts, &intervals), 0);
		assert_int_equal(intervals, 2);
		assert_int_equal(nparts, most);
		assert_int_equal(m.naggregates, 1);
		p = m.aggregates->parts;
		for (size_t i = 0; i < most; i++, p = p->next) {
			unsigned want = most == 2 ? calls[i] : 7;
			struct hist_sum sum = { 0 };
			struct hist latency;

			assert_non_null(p);
			part_latency_add(&sum, p);
			latency = hist_of(&sum);
			assert_int_equal(p->n, i);
			assert_int_equal(p->calls, want);
			assert_int_equal(hist_in(&latency, dmt_bucket(700)), want);
			assert_int_equal(latency.sum, want * 700);
		}
		assert_null(p);
		model_release(&m);
		replay_close(r);
	}
}

/* Whether the page says something of a word, as one of its own. */
static bool explained(const char *page, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = page; (at = strstr(at, word)); at += len)
		if (strchr(" (\n", at[-1]) && strchr(" ,.)\n", at[len]))
			return true;
	return false;
}

static void the_manual_explains_every_table_and_column(void **state)
{
	FILE *in = fopen("man/dmatrace-recording.5", "r");
	char page[32768] = "";
	sqlite3_stmt *stmt;
	sqlite3 *db;

	(void)state;
	assert_non_null(in);
	assert_true(fread(page, 1, sizeof(page) - 1, in) > 1000);
	fclose(in);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT m.name, c.name FROM sqlite_master m, "
					    "pragma_table_info(m.name) c "
					    "WHERE m.type IN ('table', 'view')", -1, &stmt, NULL),
			 SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		for (int i = 0; i < 2; i++)
			if (!explained(page, (const char *)sqlite3_column_text(stmt, i)))
				fail_msg("the manual says nothing of '%s' of %s",
					 sqlite3_column_text(stmt, i),
					 sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

static void foreign_files_are_refused(void **state)
{
	(void)state;
	put("no database", 11);
	assert_int_equal(read_it(path), -EINVAL);
	put("", 0);
	assert_int_equal(read_it(path), -EINVAL);
	assert_int_equal(read_it("/nowhere"), -ENOENT);
	assert_int_equal(read_it("/"), -EISDIR);
	unlink(path);
	change("CREATE TABLE run (id)");
	assert_int_equal(read_it(path), -EINVAL);
}

static void newer_and_incomplete_ones_are_refused(void **state)
{
	static const char *const wrong[] = {
		"PRAGMA user_version = 1", "PRAGMA user_version = 4", "DROP TABLE aggregates", "DROP TABLE complete",
		"UPDATE aggregates SET op = 'teleport'", "UPDATE aggregates SET size_hist = NULL",
		"UPDATE aggregates SET latency_hist = '[-77,6,1'",
		"UPDATE aggregates SET latency_hist = '[-77,6,1]'",
		"UPDATE aggregates SET latency_hist = '[-272,0,7]'",
		"UPDATE aggregates SET path = NULL", "DELETE FROM run",
		"UPDATE failed_frames SET name = NULL", "DROP TABLE intervals",
		"DELETE FROM series", "UPDATE series SET id = 7", "UPDATE series SET op = 'teleport'",
		"UPDATE marks SET calls = 99", "UPDATE marks SET series = 0",
		"UPDATE marks SET latency_hist = 'a lot'", "UPDATE marks SET latency_sum = 1 << 60",
		"INSERT INTO losses SELECT NULL, 1, 'much', 1 FROM buckets, sqlite_master",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		change(wrong[i]);
		assert_true(read_it(path) < 0);
		file_drop(state);
		make(state);
	}
}

static void odd_values_are_taken_as_they_are(void **state)
{
	struct replay *r;
	struct model m = { 0 };

	(void)state;
	change("UPDATE aggregates SET calls = 'many', device = 17, errors = -1;"
	       "UPDATE hooks SET hook = 'NEWER' WHERE hook = 'MAP';"
	       "UPDATE run SET host = x'41001b5b';");
	assert_int_equal(replay_open(&r, path, &m), 0);
	assert_string_equal(m.aggregates[0].device, "17");
	assert_int_equal(m.aggregates[0].calls, 0);
	assert_string_equal(m.host, "A");
	model_release(&m);
	replay_close(r);
}

/* Bytes go missing at the end. */
static void cut_files_do_no_harm(void **state)
{
	size_t size;
	char *bytes = get(&size);

	(void)state;
	srandom(1);
	for (int i = 0; i < 200; i++) {
		put(bytes, random() % size);
		read_it(path);
	}
	put(bytes, size);
	assert_int_equal(read_it(path), 0);
	free(bytes);
}

static void flipped_bits_do_no_harm(void **state)
{
	size_t size;
	char *bytes = get(&size);

	(void)state;
	srandom(2);
	for (int i = 0; i < 1000; i++) {
		size_t at = random() % size;
		char bit = 1 << random() % 8;

		bytes[at] ^= bit;
		put(bytes, size);
		read_it(path);
		bytes[at] ^= bit;
	}
	free(bytes);
}

#define MADE(test) cmocka_unit_test_setup_teardown(test, make, file_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MADE(it_is_for_its_owner_and_stays),
		MADE(intervals_add_up),
		MADE(parts_are_what_intervals_hold),
		MADE(the_manual_explains_every_table_and_column),
		MADE(foreign_files_are_refused),
		MADE(newer_and_incomplete_ones_are_refused),
		MADE(odd_values_are_taken_as_they_are),
		MADE(cut_files_do_no_harm),
		MADE(flipped_bits_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
