// SPDX-License-Identifier: GPL-2.0
/*
 * The file of a recording: a name is a name, what is there is replaced and never written to, what
 * lies beside it is no part of it, and a limit on file sizes is as a full disk.
 */
#include <errno.h>

#include "directory.h"
#include "base/list.h"
#include "model/event.h"
#include "file.h"
#include "made.h"
#include "base/outfile.h"
#include "recording/record.h"

/* A regular file of one name, for us only, that says it is a recording. */
static void is_recording(const char *name)
{
	char head[72] = "";
	struct stat st;
	FILE *in;

	assert_int_equal(lstat(name, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_uid, geteuid());
	assert_int_equal(st.st_nlink, 1);
	in = fopen(name, "r");
	assert_non_null(in);
	assert_int_equal(fread(head, 1, sizeof(head), in), sizeof(head));
	fclose(in);
	assert_memory_equal(head + 68, "DMAT", 4);
}

static int write_run(struct recording *r, bool last)
{
	struct model m = { .host = (char *)"host", .release = (char *)"6.12",
			   .arch = (char *)"x86_64", .duration_ns = 1 };

	return recording_write(r, &m, last);
}

static void record(const char *name, bool force)
{
	struct recording *r;

	assert_int_equal(recording_create(&r, name, force), 0);
	assert_int_equal(write_run(r, false), 0);
	assert_int_equal(write_run(r, true), 0);
	recording_close(r);
	is_recording(name);
}

static void refused(const char *name, bool force, int want)
{
	struct recording *r;

	assert_int_equal(recording_create(&r, name, force), want);
	recording_close(r);
}

static void a_name_is_a_name(void **state)
{
	static const char *const names[] = {
		":memory:", "file:other.db", "file:other.db?mode=memory", "file::memory:", "-o",
		"a?b=c#d%41.db", " ", "x.db",
	};

	(void)state;
	write_file("other.db", OLD);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		record(names[i], false);
		record(names[i], true);
		refused(names[i], false, -EEXIST);
		assert_int_equal(unlink(names[i]), 0);
		has_text("other.db", OLD);
		only(" other.db");
	}
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_int_equal(symlink("sub", "by"), 0);
	record("by/../sub//x.db", false);
	is_recording("sub/x.db");
}

static void what_names_no_file_is_refused(void **state)
{
	char lengthy[260] = "";

	(void)state;
	memset(lengthy, 'x', sizeof(lengthy) - 1);
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(symlink("/dev/null", "null"), 0);
	assert_int_equal(symlink("/proc/self/fd/1", "stdout"), 0);
	assert_int_equal(symlink("/proc/self/status", "status"), 0);
	refused("", true, -EINVAL);
	for (int force = 0; force < 2; force++) {
		refused(".", force, -EISDIR);
		refused("dir", force, -EISDIR);
		refused("dir/", force, -EISDIR);
		refused("dir/..", force, -EISDIR);
		refused("fifo", force, -ENXIO);
		refused("null", force, -ENXIO);
		refused("/dev/null", force, -ENXIO);
		refused("status", force, -ENXIO);
		refused("none/x.db", force, -ENOENT);
		refused("fifo/x.db", force, -ENOTDIR);
		refused(lengthy, force, -ENAMETOOLONG);
	}
	assert_true(outfile_check("stdout", true) < 0);
	only(" dir fifo null status stdout");
}

/* Of a library that takes no longer paths. */
static void too_long_a_path_is_refused(void **state)
{
	struct recording *r;
	char dir[121];

	(void)state;
	memset(dir, 'd', sizeof(dir) - 1);
	dir[sizeof(dir) - 1] = '\0';
	for (int i = 0; i < 4; i++) {
		assert_int_equal(mkdir(dir, 0700), 0);
		assert_int_equal(chdir(dir), 0);
	}
	for (int force = 0; force < 2; force++) {
		assert_int_equal(recording_create(&r, "x.db", force), 0);
		assert_int_equal(recording_begin(r), -ENAMETOOLONG);
		recording_close(r);
		only("");
	}
}

static void what_is_there_is_replaced_and_keeps_its_bytes(void **state)
{
	(void)state;
	write_file("old.db", OLD);
	assert_int_equal(chmod("old.db", 0666), 0);
	assert_int_equal(link("old.db", "hard"), 0);
	record("old.db", true);
	has_text("hard", OLD);
	assert_int_equal(symlink("hard", "soft"), 0);
	record("soft", true);
	has_text("hard", OLD);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	refused("dangling", false, -EEXIST);
	only(" dangling hard old.db soft");
	record("dangling", true);
	only(" dangling hard old.db soft");
}

static void it_belongs_to_who_records(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	write_file("old.db", OLD);
	assert_int_equal(chown("old.db", 65534, 65534), 0);
	record("old.db", true);
	/* as /tmp: another user's file may not even be removed there */
	write_file("other.db", OLD);
	assert_int_equal(chown("other.db", 65534, 65534), 0);
	assert_int_equal(chown(".", 1, 1), 0);
	assert_int_equal(chmod(".", 01777), 0);
	refused("other.db", true, -EPERM);
	has_text("other.db", OLD);
	only(" old.db other.db");
}

/* As when attaching fails. */
static void nothing_changes_before_it_begins(void **state)
{
	struct recording *r;

	(void)state;
	refused("new.db", false, 0);
	refused("new.db", true, 0);
	only("");
	write_file("old.db", OLD);
	write_file("old.db-journal", OLD);
	refused("old.db", true, 0);
	has_text("old.db", OLD);
	has_text("old.db-journal", OLD);
	only(" old.db old.db-journal");
	assert_int_equal(recording_create(&r, "old.db", true), 0);
	assert_int_equal(recording_begin(r), 0);
	is_recording("old.db");
	only(" old.db");
	recording_close(r);
}

/* What was free when it was looked at has been taken since. */
static void what_cannot_begin_leaves_nothing(void **state)
{
	struct recording *r;

	(void)state;
	assert_int_equal(recording_create(&r, "x.db", false), 0);
	write_file("x.db", OLD);
	assert_int_equal(recording_begin(r), -EEXIST);
	recording_close(r);
	has_text("x.db", OLD);
	assert_int_equal(recording_create(&r, "x.db", true), 0);
	assert_int_equal(unlink("x.db") || mkdir("x.db", 0700), 0);
	assert_int_equal(write_run(r, true), -EISDIR);
	recording_close(r);
	only(" x.db");
}

/* SQLite looks for the journal of a killed recorder beside the file: under its last name. */
static void the_journal_has_the_name_of_the_file(void **state)
{
	const struct event e = { .device = "0000:00:02.0", .op = DMT_OP_MAP };
	struct recording *r, *second;

	(void)state;
	write_file("x.db", OLD);
	assert_int_equal(recording_create(&r, "x.db", true), 0);
	assert_int_equal(recording_event(r, &e), 0);
	only(" x.db x.db-journal");
	assert_int_equal(recording_create(&second, "x.db", true), -EBUSY);
	recording_close(second);
	assert_int_equal(write_run(r, true), 0);
	only(" x.db");
	recording_close(r);
}

/* The same of two that were told to go ahead. */
static void a_recorder_that_began_meanwhile_is_left_alone(void **state)
{
	struct recording *first, *second;

	(void)state;
	assert_int_equal(recording_create(&first, "x.db", true), 0);
	assert_int_equal(recording_create(&second, "x.db", true), 0);
	assert_int_equal(recording_begin(second), 0);
	assert_int_equal(recording_begin(first), -EBUSY);
	recording_close(first);
	assert_int_equal(write_run(second, true), 0);
	recording_close(second);
	is_recording("x.db");
	only(" x.db");
}

static const char *const siblings[] = { "x.db-journal", "x.db-wal", "x.db-shm" };

static void what_lies_beside_is_no_part_of_it(void **state)
{
	(void)state;
	write_file("victim", OLD);
	for (int i = 0; i < 3; i++) {
		const char *name = siblings[i];

		write_file(name, OLD);
		refused("x.db", false, -EEXIST);
		has_text(name, OLD);
		record("x.db", true);
		only(" victim x.db");
		assert_int_equal(unlink("x.db") || symlink("victim", name), 0);
		refused("x.db", false, -EEXIST);
		record("x.db", true);
		has_text("victim", OLD);
		only(" victim x.db");
		if (geteuid())
			continue;
		write_file(name, OLD);
		assert_int_equal(chown(name, 65534, 65534), 0);
		refused("x.db", true, -EPERM);
		has_text(name, OLD);
		is_recording("x.db");
		assert_int_equal(unlink(name) || unlink("x.db"), 0);
	}
}

/* A journal that has SQLite roll something back, and remove a file of whatever name. */
static void put_journal(const char *name, const char *super)
{
	static const unsigned char magic[] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
	unsigned char page[4096 + 8] = { 0, 0, 0, 1 }, head[512] = { 0 }, end[12] = { 0 };
	FILE *out = fopen(name, "w");
	unsigned sum = 0;

	assert_non_null(out);
	memcpy(head, magic, sizeof(magic));
	head[11] = 1;		/* page, */
	head[19] = 1;		/* and as many as the file is to have then */
	head[22] = 2;		/* 512 bytes of header */
	head[26] = 16;		/* 4096 of a page */
	assert_int_equal(fwrite(head, 1, sizeof(head), out), sizeof(head));
	assert_int_equal(fwrite(page, 1, sizeof(page), out), sizeof(page));
	for (const char *c = super; *c; c++)
		sum += *c;
	end[0] = 0x40;		/* the page that holds locks */
	end[3] = 1;
	assert_int_equal(fwrite(end, 1, 4, out), 4);
	assert_true(fputs(super, out) >= 0);
	end[4] = 0;
	end[7] = strlen(super);
	end[10] = sum >> 8;
	end[11] = sum;
	assert_int_equal(fwrite(end + 4, 1, 8, out), 8);
	assert_int_equal(fwrite(magic, 1, sizeof(magic), out), sizeof(magic));
	assert_int_equal(fclose(out), 0);
}

/* SQLite's own way, so that the above is known to be what it seems. */
static void obey(const char *name)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	sqlite3_exec(db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
	sqlite3_close(db);
}

/* By another user of the directory, while it is recorded. */
static void what_is_put_beside_it_later_is_not_followed(void **state)
{
	char victim[128];
	struct recording *r;

	(void)state;
	snprintf(victim, sizeof(victim), "%s/victim", top);
	for (int i = 0; i < 2; i++) {
		write_file("victim", OLD);
		assert_int_equal(recording_create(&r, "x.db", true), 0);
		assert_int_equal(write_run(r, false), 0);
		write_file("x.db-wal", OLD);
		assert_int_equal(write_run(r, false), 0);
		has_text("x.db-wal", OLD);
		assert_int_equal(unlink("x.db-wal"), 0);
		put_journal("x.db-journal", victim);
		if (i) {
			obey("x.db");
			only(" x.db");
		} else {
			assert_int_equal(write_run(r, false), -EIO);
			only(" victim x.db x.db-journal");
			assert_int_equal(unlink("x.db-journal"), 0);
		}
		recording_close(r);
	}
	assert_int_equal(recording_create(&r, "y.db", true), 0);
	assert_int_equal(write_run(r, false), 0);
	write_file("victim", OLD);
	assert_int_equal(link("victim", "y.db-journal"), 0);
	assert_int_equal(write_run(r, false), -EIO);
	recording_close(r);
	has_text("victim", OLD);
	is_recording("y.db");
}

static int record_too_much(void)
{
	struct event e = { .device = "0000:00:02.0", .op = DMT_OP_MAP };
	struct recording *r;
	int err;

	limit_files(1 << 20);
	err = recording_create(&r, "x.db", true);
	for (unsigned n = 0; !err && n < 100; n++) {
		for (unsigned i = 0; !err && i < 1000; i++)
			err = recording_event(r, &e);
		if (!err)
			err = write_run(r, false);
	}
	recording_close(r);
	return err != -EFBIG;
}

static int record_nothing(void)
{
	struct recording *r;
	int err;

	limit_files(4096);
	err = recording_create(&r, "x.db", true);
	if (!err)
		err = recording_begin(r);
	recording_close(r);
	return err != -EFBIG;
}

static void a_limit_on_file_sizes_is_as_a_full_disk(void **state)
{
	(void)state;
	write_file("x.db", OLD);
	in_child(record_nothing);
	has_text("err", "dmatrace: cannot write x.db: " LIMIT);
	has_text("x.db", OLD);
	only(" err x.db");
	in_child(record_too_much);
	has_text("err", "dmatrace: cannot write x.db: " LIMIT);
	only(" err x.db");
	strcpy(path, "x.db");
	assert_int_equal(ask("SELECT count(*) % 1000 FROM event_rows"), 0);
	assert_in_range(ask("SELECT count(*) FROM event_rows"), 1000, 99000);
	assert_int_equal(ask("SELECT count(*) FROM pragma_integrity_check "
			     "WHERE integrity_check = 'ok'"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(a_name_is_a_name),
		IN_DIR(what_names_no_file_is_refused),
		IN_DIR(too_long_a_path_is_refused),
		IN_DIR(what_is_there_is_replaced_and_keeps_its_bytes),
		IN_DIR(it_belongs_to_who_records),
		IN_DIR(nothing_changes_before_it_begins),
		IN_DIR(what_cannot_begin_leaves_nothing),
		IN_DIR(the_journal_has_the_name_of_the_file),
		IN_DIR(a_recorder_that_began_meanwhile_is_left_alone),
		IN_DIR(what_lies_beside_is_no_part_of_it),
		IN_DIR(what_is_put_beside_it_later_is_not_followed),
		IN_DIR(a_limit_on_file_sizes_is_as_a_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
