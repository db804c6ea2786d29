// SPDX-License-Identifier: GPL-2.0
/*
 * Files that are written at once, such as verdicts: whole or not at all; signals meanwhile; and
 * which names lead to one file.
 */
#include <errno.h>

#include "directory.h"
#include "base/outfile.h"
#include "session/run.h"

static int save_too_much(void)
{
	static const char bytes[8192];

	limit_files(4096);
	return outfile_save("x.xml", 0666, bytes, sizeof(bytes)) != -EFBIG;
}

static void a_limit_on_file_sizes_is_as_a_full_disk(void **state)
{
	(void)state;
	write_file("x.xml", OLD);
	in_child(save_too_much);
	has_text("err", "dmatrace: cannot write x.xml: " LIMIT);
	has_text("x.xml", OLD);
	only(" err x.xml");
}

/* Only we want to go on. */
static int run_command(void)
{
	char *command[] = { (char *)"sh", (char *)"-c",
			    (char *)"case $(sed -n 's/^SigIgn:.//p' /proc/self/status) in "
				    "*[13579bdf]?" "?" "?" "?" "?" "?) exit 1;; esac", NULL };
	struct run run = { .command = command };

	signal(SIGXFSZ, SIG_IGN);
	return run_wait(&run) || run.status;
}

static void a_command_gets_the_signal_as_usual(void **state)
{
	(void)state;
	in_child(run_command);
}

static int terminated(void)
{
	struct outfile f;

	if (outfile_open(&f, "x.xml", true, 0600))
		return 1;
	if (raise(SIGTERM) || raise(SIGINT) || write(f.fd, OLD, 3) != 3)
		return 2;
	outfile_close(&f);
	return 3;
}

static void signals_wait_until_nothing_is_left(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (!pid)
		_exit(terminated());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	only("");
}

static void a_file_is_saved_as_a_whole(void **state)
{
	struct stat st;
	mode_t before = umask(027);

	(void)state;
	write_file("x.xml", OLD);
	assert_int_equal(chmod("x.xml", 0444), 0);
	assert_int_equal(link("x.xml", "hard"), 0);
	assert_int_equal(outfile_save("x.xml", 0666, "new", 3), 0);
	umask(before);
	has_text("x.xml", "new");
	has_text("hard", OLD);
	assert_int_equal(stat("x.xml", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	only(" hard x.xml");
}

static void one_file_is_known_by_all_its_names(void **state)
{
	(void)state;
	write_file("a", OLD);
	write_file("b", OLD);
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_int_equal(link("a", "hard") || symlink("a", "soft") || symlink("dir", "by"), 0);
	assert_true(outfile_same("a", "a"));
	assert_true(outfile_same("a", "./dir/../a"));
	assert_true(outfile_same("hard", "a"));
	assert_true(outfile_same("a", "soft"));
	assert_false(outfile_same("a", "b"));
	assert_false(outfile_same("a", "new"));
	assert_true(outfile_same("new", "./new"));
	assert_true(outfile_same("dir/new", "by/new"));
	assert_false(outfile_same("dir/new", "new"));
	assert_false(outfile_same("", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(a_limit_on_file_sizes_is_as_a_full_disk),
		IN_DIR(a_command_gets_the_signal_as_usual),
		IN_DIR(signals_wait_until_nothing_is_left),
		IN_DIR(a_file_is_saved_as_a_whole),
		IN_DIR(one_file_is_known_by_all_its_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
