// SPDX-License-Identifier: GPL-2.0
/*
 * COMMAND is the file that a shell would run, and fails with the same exit code.  Scripts here say
 * with their exit code which one it was.
 */
#include <setjmp.h>
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
#include "session/command.h"
#include "base/signals.h"

static char root[] = "/tmp/dmatrace-test-XXXXXX";

static void file(const char *path, const char *text, mode_t mode)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void binary(const char *path, const char *bytes, size_t size, mode_t mode)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, size, out), size);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* The current directory has here, there, plain and a few scripts. */
static int setup(void **state)
{
	(void)state;
	signals_take();
	assert_non_null(mkdtemp(root));
	assert_int_equal(chdir(root), 0);
	assert_int_equal(mkdir("there", 0755) | mkdir("plain", 0755) | mkdir("there/folder", 0755), 0);
	file("script", "exit 10\n", 0755);
	file("there/script", "#!/bin/sh\nexit 11\n", 0755);
	file("plain/script", "exit 12\n", 0644);
	file("broken", "#!/no/such/interpreter\n", 0755);
	file("foreign", "\177ELF\nexit 13\n", 0755);
	binary("binary", "exit 14\0\n", 9, 0755);
	return 0;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "/bin/rm -rf %s", root);
	return system(command);
}

/* What the run of this ended with; or, when it does not start, what dmatrace ends with. */
static int result(const char *path, char *name)
{
	char *words[] = { name, NULL };
	int status, code, checked;
	pid_t pid;

	assert_int_equal(path ? setenv("PATH", path, 1) : unsetenv("PATH"), 0);
	checked = command_check(name);
	code = command_start(words, &pid);
	if (code)
		return checked && checked != code ? -1 : code;
	assert_int_equal(checked, 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void an_empty_element_is_the_current_directory(void **state)
{
	(void)state;
	assert_int_equal(result(":there", "script"), 10);
	assert_int_equal(result("plain:", "script"), 10);
	assert_int_equal(result("plain::there", "script"), 10);
	assert_int_equal(result("", "script"), 10);
	assert_int_equal(result(".", "script"), 10);
}

static void the_first_that_can_be_executed_is_it(void **state)
{
	(void)state;
	assert_int_equal(result("there:", "script"), 11);
	assert_int_equal(result("plain:there", "script"), 11);
	assert_int_equal(result("/no/such/directory:script:there", "script"), 11);
	assert_int_equal(result(NULL, "true"), 0);
}

static void a_name_with_a_slash_is_not_searched_for(void **state)
{
	(void)state;
	assert_int_equal(result("there", "./script"), 10);
	assert_int_equal(result("there", "plain/script"), 126);
}

static void what_is_not_there_is_not_found(void **state)
{
	(void)state;
	assert_int_equal(result("there:plain", "none"), 127);
	assert_int_equal(result("there", ""), 127);
	assert_int_equal(result("there", "folder"), 127);
	assert_int_equal(result("there", "script/x"), 127);
	assert_int_equal(result("there", "/no/such/file"), 127);
}

static void what_cannot_be_executed_is_found(void **state)
{
	(void)state;
	assert_int_equal(result("plain", "script"), 126);
	assert_int_equal(result("plain:/no/such/directory", "script"), 126);
	assert_int_equal(result("plain", "there/folder"), 126);
	assert_int_equal(result("there", "./broken"), 127);
}

/* To a shell it would be a script, and what is in it commands. */
static void a_program_that_is_not_for_this_machine_is_no_script(void **state)
{
	(void)state;
	assert_int_equal(result("there", "./foreign"), 126);
	assert_int_equal(result("there", "./binary"), 126);
}

static void no_descriptors_are_no_fault_of_the_command(void **state)
{
	struct rlimit before, few;
	int code;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	code = result("there", "script");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(code, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_element_is_the_current_directory),
		cmocka_unit_test(the_first_that_can_be_executed_is_it),
		cmocka_unit_test(a_name_with_a_slash_is_not_searched_for),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(what_cannot_be_executed_is_found),
		cmocka_unit_test(a_program_that_is_not_for_this_machine_is_no_script),
		cmocka_unit_test(no_descriptors_are_no_fault_of_the_command),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
