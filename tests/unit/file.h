/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file of the test's own: made, looked into as SQL, read and written as bytes.
 */
#ifndef FILE_H
#define FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];

/* In memory, where it can be: recordings wait for a disk in each interval. */
static inline int file_make(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/dmatrace-test.XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	return 0;
}

static inline int file_drop(void **state)
{
	(void)state;
	return unlink(path);
}

static inline void change(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static inline sqlite3_int64 ask(const char *sql)
{
	sqlite3_stmt *stmt;
	sqlite3_int64 value;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return value;
}

static inline void put(const char *bytes, size_t size)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, size, out), size);
	assert_int_equal(fclose(out), 0);
}

static inline char *get(size_t *size)
{
	FILE *in = fopen(path, "r");
	struct stat st;
	char *bytes;

	assert_non_null(in);
	assert_int_equal(fstat(fileno(in), &st), 0);
	*size = st.st_size;
	bytes = malloc(*size);
	assert_int_equal(fread(bytes, 1, *size, in), *size);
	fclose(in);
	return bytes;
}

#endif
