/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A directory of the test's own, which it works in: files as text, all names in it, and children
 * with a limit on file sizes.
 */
#ifndef DIRECTORY_H
#define DIRECTORY_H

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define OLD "what was there before"
#define LIMIT "the limit on file sizes is reached; raise it with 'ulimit -f'\n"

static char top[] = "/dev/shm/dmatrace-test.XXXXXX";
static int home;

/* Each test in an empty directory. */
static inline int enter(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "%s/dmatrace-test.XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	home = open(".", O_RDONLY | O_DIRECTORY);
	return home < 0 || !mkdtemp(top) || chdir(top);
}

static inline int leave(void **state)
{
	int err;

	(void)state;
	err = fchdir(home) || setenv("DIR", top, 1) || system("rm -r \"$DIR\"");
	close(home);
	return err;
}

static inline void write_file(const char *name, const char *text)
{
	FILE *out = fopen(name, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static inline void has_text(const char *name, const char *want)
{
	char got[256] = "";
	FILE *in = fopen(name, "r");

	assert_non_null(in);
	assert_true(fread(got, 1, sizeof(got) - 1, in) < sizeof(got));
	fclose(in);
	assert_string_equal(got, want);
}

/* All names in the directory, in order, each with a blank before it. */
static inline void only(const char *want)
{
	struct dirent **found;
	char got[1024] = "";
	int count = scandir(".", &found, NULL, alphasort);

	assert_true(count >= 2);
	for (int i = 0; i < count; i++) {
		if (strcmp(found[i]->d_name, ".") && strcmp(found[i]->d_name, ".."))
			snprintf(got + strlen(got), sizeof(got) - strlen(got), " %s",
				 found[i]->d_name);
		free(found[i]);
	}
	free(found);
	assert_string_equal(got, want);
}

/* In a child, whose messages go to `err`: it returns 0. */
static inline void in_child(int (*run)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		dup2(open("err", O_CREAT | O_WRONLY | O_TRUNC, 0600), STDERR_FILENO);
		_exit(run());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static inline void limit_files(rlim_t bytes)
{
	const struct rlimit limit = { bytes, bytes };

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, enter, leave)

#endif
