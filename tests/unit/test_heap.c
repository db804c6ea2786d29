// SPDX-License-Identifier: GPL-2.0
/*
 * Memory in huge pages.  The kernel's count of page faults says whether there are any; each test
 * has a process of its own, as a heap is a process's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/heap.h"

#define MIB (1ul << 20)
#define PAGE 4096
#define PIECE 512

static long faults(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return ru.ru_minflt;
}

/* How many faults the first touches of so much in small pieces are; -1: there is no memory. */
static long filling(size_t bytes)
{
	long before = faults();

	for (size_t done = 0; done < bytes; done += PIECE) {
		char *piece = malloc(PIECE - 16);

		if (!piece)
			return -1;
		memset(piece, 1, PIECE - 16);
	}
	return faults() - before;
}

/* Does it hold in a process of its own? */
static void alone(bool (*holds)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(holds() ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static bool huge_pages_are_there(void)
{
	char modes[64] = "";
	FILE *f = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "r");

	if (f && !fgets(modes, sizeof(modes), f))
		modes[0] = 0;
	if (f)
		fclose(f);
	return strstr(modes, "[madvise]");
}

static bool few(void)
{
	heap_expect(64 * MIB);
	return filling(48 * MIB) < (long)(4 * MIB / PAGE);
}

static bool many(void)
{
	return filling(48 * MIB) >= (long)(48 * MIB / PAGE);
}

static bool none(void)
{
	long before = faults();

	heap_expect(64 * MIB);
	return faults() - before < 100;
}

static bool poor(void)
{
	const struct rlimit little = { 256 * MIB, 256 * MIB };

	if (setrlimit(RLIMIT_AS, &little))
		return false;
	heap_expect(1024 * MIB);
	return filling(32 * MIB) > 0;
}

static void much_is_touched_in_huge_pages(void **state)
{
	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
	if (!huge_pages_are_there())
		skip();
	alone(many);
	alone(few);
}

static void what_is_expected_is_not_touched(void **state)
{
	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
	alone(none);
}

static void without_address_space_all_is_as_before(void **state)
{
	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
	alone(poor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(much_is_touched_in_huge_pages),
		cmocka_unit_test(what_is_expected_is_not_touched),
		cmocka_unit_test(without_address_space_all_is_as_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
