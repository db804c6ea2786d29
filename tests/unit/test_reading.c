// SPDX-License-Identifier: GPL-2.0
/*
 * Reading files from strangers: what an interrupted writer left is undone as SQLite does it, but
 * nothing is changed; what is not exactly a recording is refused in little time and memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "file.h"
#include "made.h"
#include "base/list.h"
#include "recording/record.h"
#include "recording/replay_file.h"
#include "session/sandbox.h"

#define JOURNAL(name) char name[sizeof(path) + 8]; snprintf(name, sizeof(name), "%s-journal", path)

/* A run with calls, a failed one, and what is outstanding: every kind of list has a row. */
static void record(void)
{
	struct model m = { .host = strdup("host"), .extras = DMT_WANTS_STACKS, .duration_ns = 1 };
	struct recording *r;

	new_aggregate(&m, "0000:00:02.0", "pci", "nvme", DMT_OP_MAP, DMT_TO_DEVICE)->calls = 7;
	m.stacks = calloc(1, sizeof(*m.stacks));
	m.nstacks = 1;
	m.stacks->op = DMT_OP_MAP;
	m.stacks->stack.names = calloc(1, sizeof(char *));
	m.stacks->stack.names[m.stacks->stack.count++] = strdup("nvme_queue_rq [nvme]");
	assert_int_equal(recording_create(&r, path, true), 0);
	for (int interval = 1; interval <= 4; interval++, m.aggregates->calls++, m.duration_ns++)
		assert_int_equal(recording_write(r, &m, interval == 4), 0);
	recording_close(r);
	model_release(&m);
}

static int read_it(void)
{
	struct model m = { 0 };
	unsigned long long intervals;
	size_t nparts;
	struct replay *r;
	int err = replay_open(&r, path, &m);

	if (!err)
		err = replay_parts(r, &m, 2, &nparts, &intervals);
	model_release(&m);
	replay_close(r);
	return err;
}

static unsigned char *bytes_of(const char *name, size_t *size)
{
	FILE *in = fopen(name, "r");
	unsigned char *bytes;

	assert_non_null(in);
	fseek(in, 0, SEEK_END);
	*size = ftell(in);
	rewind(in);
	bytes = malloc(*size);
	assert_int_equal(fread(bytes, 1, *size, in), *size);
	fclose(in);
	return bytes;
}

static void copy(const char *from, const char *to)
{
	size_t size;
	unsigned char *bytes = bytes_of(from, &size);
	FILE *out = fopen(to, "w");

	assert_int_equal(fwrite(bytes, 1, size, out), size);
	fclose(out);
	free(bytes);
}

/* Every page that the reader sees. */
static unsigned char *seen_of(const char *name, size_t *size)
{
	struct replay_file *f;
	sqlite3 *db = NULL;
	sqlite3_int64 n = 0;
	unsigned char *pages;

	assert_int_equal(replay_file_open(&f, name), 0);
	assert_int_equal(replay_file_connect(f, &db), SQLITE_OK);
	pages = sqlite3_serialize(db, "main", &n, 0);
	assert_non_null(pages);
	*size = n;
	sqlite3_close(db);
	replay_file_close(f);
	return pages;
}

/* SQLite's own reading of a copy, which rolls back what is in its journal. */
static unsigned char *rolled_back(const char *name, size_t *size)
{
	char other[sizeof(path) + 8], from[sizeof(path) + 16], to[sizeof(path) + 16];
	unsigned char *bytes;
	sqlite3 *db;

	snprintf(other, sizeof(other), "%s.copy", name);
	snprintf(from, sizeof(from), "%s-journal", name);
	snprintf(to, sizeof(to), "%s-journal", other);
	copy(name, other);
	copy(from, to);
	assert_int_equal(sqlite3_open(other, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "SELECT count(*) FROM run", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(access(to, F_OK), -1);
	bytes = bytes_of(other, size);
	unlink(other);
	return bytes;
}

/* Writes with hardly a page of memory, so that some of it reaches the file, and dies. */
static void die_while(const char *sql)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		sqlite3 *db;

		sqlite3_open(path, &db);
		sqlite3_exec(db, "PRAGMA cache_size = 1; BEGIN;", NULL, NULL, NULL);
		if (!sqlite3_exec(db, sql, NULL, NULL, NULL))
			raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static const char fill_sql[] =
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
	"INSERT INTO event_rows (owner, task) SELECT 1, hex(randomblob(100)) FROM n";

static void an_interrupted_write_is_undone_as_sqlite_does(void **state)
{
	static const char *const writes[] = {
		"UPDATE event_rows SET task = 'x' || task",
		"DELETE FROM event_rows WHERE id % 7",
		"INSERT INTO event_rows (owner, task) SELECT 2, task FROM event_rows",
		"INSERT INTO event_rows (owner, task) SELECT 2, task FROM event_rows; "
			"DELETE FROM event_rows WHERE id < 2000; DROP TABLE stacks",
	};
	JOURNAL(journal);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(writes); i++) {
		size_t before_size, after_size, want_size, got_size;
		unsigned char *before, *after, *want, *got;

		record();
		change(fill_sql);
		die_while(writes[i]);
		before = bytes_of(path, &before_size);
		got = seen_of(path, &got_size);
		want = rolled_back(path, &want_size);
		after = bytes_of(path, &after_size);
		assert_int_equal(got_size, want_size);
		assert_memory_equal(got, want, want_size);
		assert_int_equal(before_size, after_size);
		assert_memory_equal(before, after, after_size);
		/* else there was nothing to undo */
		assert_true(before_size != want_size || memcmp(before, want, want_size));
		assert_int_equal(read_it(), 0);
		assert_int_equal(unlink(journal), 0);
		free(before);
		free(after);
		free(want);
		sqlite3_free(got);
	}
}

/* Cut at any byte, as by a crash of the machine: what SQLite takes of it is what is taken. */
static void a_journal_cut_short_is_undone_as_sqlite_does(void **state)
{
	size_t whole, want_size, got_size;
	unsigned char *want, *got;
	struct stat st;
	JOURNAL(journal);

	(void)state;
	record();
	change(fill_sql);
	die_while("UPDATE event_rows SET task = 'x' || task");
	assert_int_equal(stat(journal, &st), 0);
	whole = st.st_size;
	for (int cut = 1; cut < 40; cut++) {
		assert_int_equal(truncate(journal, whole * (40 - cut) / 40 - cut), 0);
		got = seen_of(path, &got_size);
		want = rolled_back(path, &want_size);
		assert_int_equal(got_size, want_size);
		assert_memory_equal(got, want, want_size);
		free(want);
		sqlite3_free(got);
	}
	assert_int_equal(unlink(journal), 0);
}

/* A journal as of a write to two databases, which names what SQLite would remove. */
static void plant(const char *journal, const char *victim)
{
	static const unsigned char magic[8] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
	unsigned char head[512] = { 0 }, tail[16] = { 0 };
	unsigned sum = 0, len = strlen(victim);
	FILE *out = fopen(journal, "w");

	memcpy(head, magic, sizeof(magic));
	head[22] = 2;			/* sectors of 512 bytes */
	head[26] = 0x10;		/* pages of 4096 */
	fwrite(head, 1, sizeof(head), out);
	fwrite("\x00\x04\x00\x01", 1, 4, out);
	fwrite(victim, 1, len, out);
	for (unsigned i = 0; i < len; i++)
		sum += victim[i];
	for (int i = 0; i < 4; i++) {
		tail[i] = len >> (24 - 8 * i);
		tail[4 + i] = sum >> (24 - 8 * i);
	}
	memcpy(tail + 8, magic, sizeof(magic));
	fwrite(tail, 1, sizeof(tail), out);
	fclose(out);
}

static void nothing_beside_it_is_followed_or_removed(void **state)
{
	char victim[sizeof(path) + 8];
	struct stat st;
	JOURNAL(journal);

	(void)state;
	snprintf(victim, sizeof(victim), "%s.victim", path);
	record();
	fclose(fopen(victim, "w"));
	plant(journal, victim);
	assert_int_equal(read_it(), 0);
	assert_int_equal(access(victim, F_OK), 0);
	assert_int_equal(stat(journal, &st), 0);
	assert_int_equal(unlink(journal), 0);
	/* a link to a journal of another database */
	plant(victim, "/nowhere");
	assert_int_equal(symlink(victim, journal), 0);
	assert_int_equal(read_it(), 0);
	assert_int_equal(unlink(journal), 0);
	assert_int_equal(link(victim, journal), 0);
	assert_int_equal(read_it(), 0);
	assert_int_equal(unlink(journal), 0);
	assert_int_equal(mkfifo(journal, 0600), 0);
	assert_int_equal(read_it(), 0);
	assert_int_equal(unlink(journal), 0);
	assert_int_equal(unlink(victim), 0);
}

/* A whole page of zeros, instead of the first: taken only from who owns the recording. */
static void a_journal_of_another_user_is_ignored(void **state)
{
	JOURNAL(journal);

	(void)state;
	if (getuid())
		skip();
	record();
	change(fill_sql);
	die_while("UPDATE event_rows SET task = 'x' || task; DELETE FROM run");
	assert_int_equal(chown(journal, 65534, 65534), 0);
	/* what reached the file is read as it is */
	assert_int_not_equal(read_it(), 0);
	assert_int_equal(chown(journal, 0, 0), 0);
	assert_int_equal(read_it(), 0);
	assert_int_equal(unlink(journal), 0);
}

static int read_without_privileges(void)
{
	struct model m = { 0 };
	struct replay *r;
	int err = replay_new(&r, path);

	sandbox_enter(0);
	if (!err)
		err = replay_read(r, &m);
	return err;
}

/* Root reads a file in another user's directory, which it may not search without privileges. */
static void a_journal_is_found_before_privileges_end(void **state)
{
	char saved[sizeof(path)], directory[] = "/tmp/dmatrace-test-XXXXXX";
	struct stat st;
	int status;
	pid_t pid;

	(void)state;
	if (getuid())
		skip();
	strcpy(saved, path);
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/x", directory);
	record();
	change(fill_sql);
	die_while("UPDATE event_rows SET task = 'x' || task; DELETE FROM run");
	JOURNAL(journal);
	assert_int_equal(stat(journal, &st), 0);
	assert_int_equal(chown(path, 65534, 0) | chown(journal, 65534, 0), 0);
	assert_int_equal(chmod(path, 0644) | chmod(journal, 0644), 0);
	assert_int_equal(chown(directory, 65534, 0), 0);
	pid = fork();
	if (!pid)
		_exit(-read_without_privileges());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(unlink(journal) | unlink(path) | rmdir(directory), 0);
	strcpy(path, saved);
}

static double cpu_seconds(void)
{
	return clock() / (double)CLOCKS_PER_SEC;
}

/* In place of our tables, or beside them. */
static const char *const hostile[] = {
	"DROP TABLE aggregates; CREATE VIEW aggregates AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
		"SELECT i + 1 FROM n) SELECT i AS id, 1 AS owner FROM n",
	"DROP TABLE run; CREATE VIEW run AS SELECT 1 AS id, 0 AS owner, zeroblob(1 << 29) AS host",
	"DROP TABLE stacks; CREATE VIEW stacks AS SELECT * FROM pragma_database_list",
	"DROP TABLE hooks; CREATE VIRTUAL TABLE hooks USING fts5(id, owner, hook)",
	"DROP TABLE hooks; CREATE VIRTUAL TABLE hooks USING rtree(id, a, b)",
	"DROP TABLE losses; CREATE TABLE losses (id INTEGER PRIMARY KEY, owner INTEGER, "
		"name AS (hex(zeroblob(1 << 28))), count)",
	"DROP TABLE losses; CREATE TABLE losses (id INTEGER PRIMARY KEY, owner INTEGER, name, count, "
		"more)",
	"DROP TABLE losses; CREATE TABLE losses (id INTEGER, owner INTEGER, name, count)",
	"DROP TABLE losses; CREATE TABLE losses (id INTEGER PRIMARY KEY, owner INTEGER, name ANY, "
		"count ANY) STRICT",
	"CREATE INDEX planted ON aggregates (owner, hex(zeroblob(1 << 20)))",
	"DROP INDEX aggregates_owner; CREATE INDEX aggregates_owner ON aggregates (owner) "
		"WHERE owner > 0",
	"DROP INDEX aggregates_owner; CREATE UNIQUE INDEX aggregates_owner ON aggregates (owner)",
	"CREATE TRIGGER planted AFTER INSERT ON run BEGIN SELECT 1; END",
	"CREATE TABLE planted (x)",
	"ANALYZE",
	"PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE losses (id, "
		"owner, name, count, CHECK (1))' WHERE name = 'losses'",
	"PRAGMA writable_schema = ON; UPDATE sqlite_master SET name = 'LOSSES', tbl_name = 'LOSSES', "
		"sql = replace(sql, 'losses', 'LOSSES') WHERE name = 'losses'",
};

static void only_the_tables_of_a_recorder_are_read(void **state)
{
	sqlite3 *db;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		double began;

		record();
		assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
		if (sqlite3_exec(db, hostile[i], NULL, NULL, NULL))
			fail_msg("%s: %s", hostile[i], sqlite3_errmsg(db));
		sqlite3_close(db);
		began = cpu_seconds();
		if (read_it() != -EINVAL)
			fail_msg("it was read with: %s", hostile[i]);
		assert_true(cpu_seconds() - began < 1);
	}
}

/* People who look at a recording with the sqlite3 shell make them. */
static void views_of_other_names_do_no_harm(void **state)
{
	(void)state;
	record();
	change("CREATE VIEW mine AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
	       "SELECT i FROM n, aggregates");
	assert_int_equal(read_it(), 0);
}

static void a_write_ahead_log_is_refused(void **state)
{
	char log[sizeof(path) + 8];

	(void)state;
	record();
	change("PRAGMA journal_mode = WAL");
	assert_int_equal(read_it(), -EINVAL);
	snprintf(log, sizeof(log), "%s-wal", path);
	assert_int_equal(access(log, F_OK), -1);
	snprintf(log, sizeof(log), "%s-shm", path);
	assert_int_equal(access(log, F_OK), -1);
}

static void with_rows(const char *sql, int err)
{
	record();
	change(sql);
	if (read_it() != err)
		fail_msg("%s", sql);
}

static void lists_and_names_are_bounded(void **state)
{
	(void)state;
	with_rows("UPDATE run SET host = hex(zeroblob(2048))", 0);
	with_rows("UPDATE run SET host = hex(zeroblob(2048)) || 'x'", -EINVAL);
	with_rows("UPDATE run SET host = zeroblob(1 << 20)", -EINVAL);
	with_rows("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1023) "
		  "INSERT INTO stack_frames SELECT 1, i, 'f' FROM n", 0);
	with_rows("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1024) "
		  "INSERT INTO stack_frames SELECT 1, i, 'f' FROM n", -EINVAL);
}

#define PAGE 4096
#define CHILDREN 100

/* An inner page of a table all of whose children are one page. */
static void inner_page(unsigned char *page, unsigned child)
{
	memset(page, 0, PAGE);
	page[0] = 5;
	page[4] = CHILDREN;
	page[5] = (PAGE - 5 * CHILDREN) >> 8;
	page[6] = (PAGE - 5 * CHILDREN) & 0xff;
	page[10] = child >> 8;
	page[11] = child;
	for (int i = 0; i < CHILDREN; i++) {
		unsigned at = PAGE - 5 * (i + 1);

		page[12 + 2 * i] = at >> 8;
		page[13 + 2 * i] = at;
		page[at + 2] = child >> 8;
		page[at + 3] = child;
		page[at + 4] = 1;
	}
}

/* Levels of inner pages above the table's only page of rows, where the file ends. */
static void circles_make(const char *table, unsigned levels)
{
	char sql[128];
	unsigned root, last;
	unsigned char page[PAGE];
	size_t size;
	int fd;

	snprintf(sql, sizeof(sql), "SELECT rootpage FROM sqlite_master WHERE name = '%s'", table);
	root = ask(sql);
	free(bytes_of(path, &size));
	last = size / PAGE;
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, page, PAGE, (root - 1) * (off_t)PAGE), PAGE);
	assert_int_equal(page[0], 13);
	assert_int_equal(pwrite(fd, page, PAGE, (last + levels - 1) * (off_t)PAGE), PAGE);
	for (unsigned level = 0; level < levels; level++) {
		unsigned at = level ? last + level : root;

		inner_page(page, last + level + 1);
		assert_int_equal(pwrite(fd, page, PAGE, (at - 1) * (off_t)PAGE), PAGE);
	}
	/* how many pages there are */
	assert_int_equal(pwrite(fd, (char[2]){ (last + levels) >> 8, last + levels }, 2, 30), 2);
	close(fd);
}

static void is_soon_refused(void)
{
	double began = cpu_seconds();

	assert_int_equal(read_it(), -E2BIG);
	assert_true(cpu_seconds() - began < 10);
}

/* 10^12 rows in a few pages; and holes, which make the file large and take no time to read. */
static void a_file_that_leads_in_circles_ends(void **state)
{
	(void)state;
	record();
	circles_make("intervals", 6);
	is_soon_refused();
	assert_int_equal(truncate(path, 1ll << 40), 0);
	is_soon_refused();
}

/* 60 KB a row, which SQLite sorts in memory before any is looked at. */
static void rows_to_sort_take_bounded_memory(void **state)
{
	struct rusage used;

	(void)state;
	record();
	change("DELETE FROM marks WHERE rowid <> 3; "
	       "UPDATE marks SET latency_hist = printf('%60000d', 0)");
	assert_true(ask("SELECT count(*) FROM marks") > 0);
	circles_make("marks", 3);
	is_soon_refused();
	assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
	assert_in_range(used.ru_maxrss, 1, 1 << 20);
}

/* Its name leads to no directory entry any more. */
static void a_file_without_a_name_is_read(void **state)
{
	char saved[sizeof(path)];
	int fd;

	(void)state;
	record();
	strcpy(saved, path);
	fd = open(path, O_RDONLY);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(read_it(), 0);
	close(fd);
	strcpy(path, saved);
	record();
}

/* As SQLite sees it: an empty file has nothing to undo. */
static void an_empty_file_has_no_journal(void **state)
{
	JOURNAL(journal);

	(void)state;
	record();
	change(fill_sql);
	die_while("UPDATE event_rows SET task = 'x' || task");
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(read_it(), -EINVAL);
	assert_int_equal(unlink(journal), 0);
}

static void only_files_are_read(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char other[sizeof(path) + 8], saved[sizeof(path)];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	record();
	strcpy(saved, path);
	snprintf(other, sizeof(other), "%s.x", path);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", other);
	assert_int_equal(bind(fd, (void *)&address, sizeof(address)), 0);
	assert_true(strlen(other) < sizeof(path));
	strcpy(path, other);
	assert_int_equal(read_it(), -ENXIO);
	unlink(other);
	assert_int_equal(mkfifo(other, 0600), 0);
	assert_int_equal(read_it(), -ENXIO);
	unlink(other);
	assert_int_equal(symlink(saved, other), 0);
	assert_int_equal(read_it(), 0);
	unlink(other);
	strcpy(path, "/dev/zero");
	assert_int_equal(read_it(), -ENXIO);
	strcpy(path, "/proc");
	assert_int_equal(read_it(), -EISDIR);
	strcpy(path, saved);
	close(fd);
}

#define MADE(test) cmocka_unit_test_setup_teardown(test, file_make, file_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MADE(an_interrupted_write_is_undone_as_sqlite_does),
		MADE(a_journal_cut_short_is_undone_as_sqlite_does),
		MADE(nothing_beside_it_is_followed_or_removed),
		MADE(a_journal_of_another_user_is_ignored),
		MADE(a_journal_is_found_before_privileges_end),
		MADE(only_the_tables_of_a_recorder_are_read),
		MADE(views_of_other_names_do_no_harm),
		MADE(a_write_ahead_log_is_refused),
		MADE(lists_and_names_are_bounded),
		MADE(a_file_that_leads_in_circles_ends),
		MADE(rows_to_sort_take_bounded_memory),
		MADE(a_file_without_a_name_is_read),
		MADE(an_empty_file_has_no_journal),
		MADE(only_files_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
