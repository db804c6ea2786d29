// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as the rollback journal beside a recording: it is undone, ignored or refused, and
 * neither file is changed.
 *
 *	fuzz_journal --seeds DIR	writes journals of real interrupted writes to begin with
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/list.h"
#include "model/model.h"
#include "recording/record.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64], journal[80];

static void must(int right)
{
	if (!right)
		abort();
}

static void execute(const char *sql)
{
	sqlite3 *db;

	must(!sqlite3_open(path, &db) && !sqlite3_exec(db, sql, NULL, NULL, NULL));
	sqlite3_close(db);
}

/* Small pages, so that a journal holds many of them. */
static void base_make(void)
{
	struct model m = { .extras = DMT_WANTS_EVENTS };
	struct recording *r;

	must(!recording_create(&r, path, true) && !recording_write(r, &m, true));
	recording_close(r);
	execute("PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM; "
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) "
		"INSERT INTO event_rows (owner, task) SELECT 1, hex(randomblob(50)) FROM n");
}

static void die_while(const char *sql)
{
	pid_t pid = fork();

	if (!pid) {
		sqlite3 *db;

		must(!sqlite3_open(path, &db));
		sqlite3_exec(db, "PRAGMA cache_size = 1; BEGIN", NULL, NULL, NULL);
		sqlite3_exec(db, sql, NULL, NULL, NULL);
		raise(SIGKILL);
	}
	must(waitpid(pid, NULL, 0) == pid);
}

static void seeds(const char *dir)
{
	static const char *const writes[] = {
		"UPDATE event_rows SET task = 'x' || task",
		"DELETE FROM event_rows WHERE id % 7",
		"INSERT INTO event_rows (owner, task) SELECT 2, task FROM event_rows",
	};
	char command[256];

	for (size_t i = 0; i < ARRAY_SIZE(writes); i++) {
		base_make();
		die_while(writes[i]);
		snprintf(command, sizeof(command), "mv %s %s/%zu", journal, dir, i);
		must(!system(command));
	}
	unlink(path);
}

static void finish(void)
{
	unlink(path);
	unlink(journal);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	snprintf(path, sizeof(path), "/dev/shm/dmatrace-journal.%d", getpid());
	snprintf(journal, sizeof(journal), "%s-journal", path);
	if (*argc == 3 && !strcmp((*argv)[1], "--seeds")) {
		seeds((*argv)[2]);
		exit(0);
	}
	base_make();
	atexit(finish);
	return 0;
}

static int take(void *arg, const struct event *e)
{
	(void)arg, (void)e;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *out = fopen(journal, "w");
	struct stat before, after, left;
	struct model m = { 0 };
	struct replay *r;

	must(out && fwrite(data, 1, size, out) == size && !fclose(out));
	must(!stat(path, &before));
	if (!replay_open(&r, path, &m))
		while (replay_events(r, 1024, take, NULL) > 0)
			;
	model_release(&m);
	replay_close(r);
	must(!stat(path, &after) && !stat(journal, &left));
	must(after.st_size == before.st_size && !memcmp(&after.st_mtim, &before.st_mtim,
							sizeof(after.st_mtim)));
	must((size_t)left.st_size == size);
	return 0;
}
