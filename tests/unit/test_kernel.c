// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel facts: files read back as written, prototypes compared whole, and every way in which
 * a file can be no fact file refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/list.h"
#include "kernel/kernel.h"

#define HEAD "kernel 6.12\narch x86_64\nbtf yes\n"

static char path[] = "/tmp/dmatrace-test-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

/* What kernel_load says of a file with these bytes; the kernel itself into k, or dropped. */
static int load_bytes(struct kernel *k, const char *bytes, size_t len)
{
	struct kernel dropped = { 0 };
	FILE *out = fopen(path, "w");
	int err;

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
	err = kernel_load(k ? k : &dropped, path);
	if (!k)
		kernel_release(&dropped);
	return err;
}

static int load(struct kernel *k, const char *text)
{
	return load_bytes(k, text, strlen(text));
}

static char *saved(const struct kernel *k)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(kernel_save(k, out), 0);
	fclose(out);
	return text;
}

static void what_is_saved_is_loaded(void **state)
{
	static const char text[] = HEAD
		"try fentry 0\ntry kprobe -524\ntry tracepoint -1\n"
		"fentry-args 7 -524\nfentry-args 12 -1\n"
		"function dma_map_page_attrs 2 dma_addr_t(device*,page*)\n"
		"function no_btf 1\n"
		"event dma_map void(device*)\n"
		"end\n";
	struct kernel k;
	char *again;

	(void)state;
	assert_int_equal(load(&k, text), 0);
	assert_string_equal(k.release, "6.12");
	assert_true(k.btf);
	assert_int_equal(k.tries[WAY_KPROBE], -524);
	assert_int_equal(k.fentry_args[7], -524);
	assert_int_equal(kernel_function(&k, "dma_map_page_attrs")->copies, 2);
	assert_null(kernel_function(&k, "no_btf")->proto);
	assert_null(kernel_function(&k, "dma_map"));
	assert_string_equal(kernel_event(&k, "dma_map")->proto, "void(device*)");
	/* ways are listed all, so one that came later shows here, too */
	again = saved(&k);
	assert_non_null(strstr(again, strchr(strstr(text, "fentry-args"), '\n')));
	assert_memory_equal(again, HEAD, strlen(HEAD));
	kernel_release(&k);
	assert_int_equal(load(&k, again), 0);
	assert_int_equal(k.nfunctions, 2);
	free(again);
	kernel_release(&k);
}

static void unknown_and_other_lines_are_passed_over(void **state)
{
	struct kernel k;

	(void)state;
	assert_int_equal(load(&k, "# a comment\n\n" HEAD "colour blue 3\ntry telepathy -1\n"
			      "fentry-args 40 -1\nfunction f 1\nend"), 0);
	assert_int_equal(k.nfunctions, 1);
	/* of what the file does not say, nothing is known */
	assert_int_equal(k.tries[WAY_FENTRY], -ENODATA);
	assert_int_equal(k.fentry_args[3], 0);
	kernel_release(&k);
	assert_int_equal(load(&k, "kernel 6.12\r\narch x86_64\r\nfunction f 1 int()\r\nend\r\n"), 0);
	assert_string_equal(k.release, "6.12");
	assert_string_equal(k.functions[0].proto, "int()");
	kernel_release(&k);
	/* said twice, the last holds and nothing leaks */
	assert_int_equal(load(&k, HEAD "kernel 7.2\nend\n"), 0);
	assert_string_equal(k.release, "7.2");
	kernel_release(&k);
}

static void a_file_cut_short_is_refused(void **state)
{
	static const char text[] = HEAD "try fentry 0\nfunction f 1 int(device*)\n"
		"event e void(device*)\nend\n";
	size_t whole = strlen(text) - 1;	/* the last newline may be missing */

	(void)state;
	assert_int_equal(load_bytes(NULL, text, whole), 0);
	for (size_t len = 0; len < whole; len++)
		assert_true(load_bytes(NULL, text, len) < 0);
}

static void wrong_numbers_are_refused(void **state)
{
	static const char *const lines[] = {
		"function f", "function f x int()", "function f 0 int()", "function f -1 int()",
		"function f 1x int()", "function f 99999999999999999999 int()",
		"try fentry", "try fentry yes", "try fentry 1", "try fentry -4096",
		"fentry-args -1 -1", "fentry-args x -1", "fentry-args 3 x", "fentry-args 3",
		"event e", "kernel", "arch",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		snprintf(text, sizeof(text), HEAD "%s\nend\n", lines[i]);
		assert_int_equal(load(NULL, text), -EINVAL);
	}
}

static void what_is_no_fact_file_is_refused(void **state)
{
	static char large[(1 << 20) + 2];
	struct kernel k;

	(void)state;
	assert_int_equal(load(NULL, "end\n"), -EINVAL);
	assert_int_equal(load(NULL, "kernel 6.12\nend\n"), -EINVAL);
	assert_int_equal(load_bytes(NULL, HEAD "\0end\n", strlen(HEAD) + 5), -EINVAL);
	memset(large, '\n', sizeof(large));
	assert_int_equal(load_bytes(NULL, large, sizeof(large) - 1), -EFBIG);
	/* the largest there may be */
	memcpy(large, HEAD, strlen(HEAD));
	memcpy(large + sizeof(large) - 6, "end\n", 4);
	assert_int_equal(load_bytes(&k, large, sizeof(large) - 2), 0);
	kernel_release(&k);
	assert_int_equal(kernel_load(&k, "/dev/zero"), -ENXIO);
	kernel_release(&k);
	assert_int_equal(kernel_load(&k, "/tmp"), -EISDIR);
	kernel_release(&k);
	assert_int_equal(kernel_load(&k, "/nonexistent"), -ENOENT);
	kernel_release(&k);
}

static void prototypes_match_whole_alternatives(void **state)
{
	(void)state;
	assert_true(proto_matches("int(a)|uint(a)", "int(a)"));
	assert_true(proto_matches("int(a)|uint(a)", "uint(a)"));
	assert_false(proto_matches("int(a)|uint(a)", "int(a)|uint(a)x"));
	assert_false(proto_matches("int(a)|uint(a)", "int(a"));
	assert_false(proto_matches("int(a)", "int(a,b)"));
	assert_false(proto_matches("int(a)", ""));
	assert_int_equal(proto_args("int()"), 0);
	assert_int_equal(proto_args("int"), 0);
	assert_int_equal(proto_args("int(a)"), 1);
	assert_int_equal(proto_args("int(a,b,c)|int(a)"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_saved_is_loaded),
		cmocka_unit_test(unknown_and_other_lines_are_passed_over),
		cmocka_unit_test(a_file_cut_short_is_refused),
		cmocka_unit_test(wrong_numbers_are_refused),
		cmocka_unit_test(what_is_no_fact_file_is_refused),
		cmocka_unit_test(prototypes_match_whole_alternatives),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
