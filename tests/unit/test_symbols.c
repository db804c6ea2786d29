// SPDX-License-Identifier: GPL-2.0
/*
 * Names of addresses: of the kernel and its modules as they are, where each ends, and of modules
 * that came or went, at the time that is asked about.
 */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/dmatrace.h"
#include "kernel/ksyms.h"
#include "live/module.h"

static const char symbols[] =
	"0000000000000000 A fixed_percpu_data\n"
	"ffffffff81000000 T _stext\n"
	"ffffffff81001000 T first_alias\n"
	"ffffffff81001000 t second_alias\n"
	"ffffffff81002000 t last_of_kernel\n"
	"ffffffff81003000 T _etext\n"
	"ffffffff81004000 D some_data\n"
	"ffffffff82000000 T _sinittext\n"
	"ffffffff82000100 t start_things\n"
	"ffffffff82000200 T _einittext\n"
	"ffffffffc0000000 t probe\t[nvme]\n"
	"ffffffffc0000100 t $x\t[nvme]\n"
	"ffffffffc0000200 t cleanup_module\t[nvme]\n"
	"ffffffffc0002000 t comes\t[nvme]\n"
	"ffffffffc0003000 t read\t[loop]\n"
	"ffffffffc0003400 d table\t[loop]\n"
	"ffffffffc0100000 t bpf_prog_1\t[bpf]\n";

static const char modules[] =
	"nvme 4096 1 nvme_core, Live 0xffffffffc0000000\n"
	"loop 16384 0 - Live 0xffffffffc0003000 (E)\n";

static struct ksyms *parsed(const char *with_modules)
{
	FILE *in = fmemopen((void *)symbols, strlen(symbols), "r");
	FILE *second = with_modules ? fmemopen((void *)with_modules, strlen(with_modules), "r") :
				      NULL;
	struct ksyms *k = ksyms_parse(in, second);

	assert_non_null(k);
	fclose(in);
	if (second)
		fclose(second);
	return k;
}

static void check(const struct ksyms *k, unsigned long long address, const char *wanted)
{
	char name[64] = "";
	bool known = ksyms_name(k, address, name, sizeof(name));

	assert_int_equal(known, wanted != NULL);
	if (wanted)
		assert_string_equal(name, wanted);
}

static void an_address_has_the_name_of_its_own_function_or_none(void **state)
{
	struct ksyms *k = parsed(modules);

	(void)state;
	check(k, 0xffffffff80ffffff, NULL);
	check(k, 0xffffffff81001fff, "first_alias");
	check(k, 0xffffffff81002fff, "last_of_kernel");
	check(k, 0xffffffff81003000, NULL);
	check(k, 0xffffffff81ffffff, NULL);
	check(k, 0xffffffff820001ff, "start_things");
	check(k, 0xffffffff82000200, NULL);
	check(k, 0xffffffffbfffffff, NULL);
	check(k, 0xffffffffc0000101, "probe [nvme]");
	check(k, 0xffffffffc0000fff, "cleanup_module [nvme]");
	check(k, 0xffffffffc0001000, NULL);
	/* it is not where the rest of its module is: it is just coming */
	check(k, 0xffffffffc0002010, "comes [nvme]");
	check(k, 0xffffffffc00033ff, "read [loop]");
	check(k, 0xffffffffc0003400, NULL);
	check(k, 0xffffffffc0100123, "bpf_prog_1 [bpf]");
	check(k, 0xffffffffc0200000, NULL);
	ksyms_free(k);
}

static void without_a_list_of_modules_the_next_symbol_is_the_end(void **state)
{
	struct ksyms *k = parsed(NULL);

	(void)state;
	check(k, 0xffffffffc0001000, "cleanup_module [nvme]");
	check(k, 0xffffffffc0003fff, NULL);
	ksyms_free(k);
}

#define CODE 0xffffffffc0400000
#define INIT 0xffffffffc0500000

static void head(struct modules *m, unsigned long long whose, unsigned long long time, bool comes,
		 size_t nsymbols, size_t names, const char *name)
{
	struct dmt_module_head h = { .part = DMT_MODULE_HEAD, .comes = comes, .module = whose,
				     .time = time, .code = { CODE, 0x1000 },
				     .init = { INIT, 0x1000 }, .names_bytes = names,
				     .symbols_bytes = nsymbols * sizeof(Elf64_Sym) };

	snprintf(h.name, sizeof(h.name), "%s", name);
	assert_int_equal(modules_take(m, &h, sizeof(h)), 0);
}

static void piece(struct modules *m, unsigned long long whose, enum dmt_module_part part,
		  const void *data, size_t bytes, unsigned long long at)
{
	struct dmt_module_piece *p = calloc(1, sizeof(*p) + bytes);

	assert_non_null(p);
	*p = (struct dmt_module_piece){ .part = part, .bytes = bytes, .module = whose, .at = at };
	memcpy(p->data, data, bytes);
	assert_int_equal(modules_take(m, p, sizeof(*p) + bytes), 0);
	free(p);
}

/* A module with probe() and, to be freed, init(); from 1 on there is a name for each. */
static void comes(struct modules *m, unsigned long long whose, unsigned long long time,
		  const char *name, const char names[16])
{
	const Elf64_Sym table[] = {
		{ .st_name = 1, .st_value = INIT + 0x10, .st_size = 0x20, .st_shndx = 1 },
		{ .st_name = 8, .st_value = CODE + 0x40, .st_size = 0x40, .st_shndx = 1 },
		{ .st_name = 8, .st_value = 0x40, .st_size = 0x40, .st_shndx = 1 },
		{ .st_name = 1000, .st_value = CODE, .st_size = 0x40, .st_shndx = 1 },
	};

	head(m, whose, time, true, 4, 16, name);
	piece(m, whose, DMT_MODULE_SYMBOLS, table, sizeof(*table), 0);
	piece(m, whose, DMT_MODULE_NAMES, names, 16, 0);
	/* the last piece is longer than what is left */
	piece(m, whose, DMT_MODULE_SYMBOLS, table + 1, sizeof(*table) * 3, sizeof(*table));
}

static void check_at(struct modules *m, unsigned long long address, unsigned long long when,
		     enum whose whose, const char *wanted)
{
	char name[64] = "";

	assert_int_equal(modules_name(m, address, when, name, sizeof(name)), whose);
	assert_string_equal(name, wanted);
}

static void a_module_that_is_gone_keeps_its_names(void **state)
{
	struct modules *m = modules_new();

	(void)state;
	comes(m, 1, 100, "net", "\0setup\0\0probe\0\0");
	check_at(m, INIT + 0x2f, 110, WHOSE_NAMED, "setup [net]");
	check_at(m, CODE + 0x7f, 110, WHOSE_NAMED, "probe [net]");
	check_at(m, CODE + 0x80, 110, WHOSE_UNKNOWN, "");
	check_at(m, CODE + 0x10, 110, WHOSE_UNKNOWN, "");
	check_at(m, CODE + 0x1000, 110, WHOSE_NOBODY, "");
	check_at(m, CODE + 0x40, 99, WHOSE_NOBODY, "");
	head(m, 1, 200, false, 0, 0, "net");
	check_at(m, CODE + 0x7f, 200, WHOSE_NAMED, "probe [net]");
	check_at(m, CODE + 0x7f, 201, WHOSE_NOBODY, "");
	check_at(m, CODE + 0x7f, 0, WHOSE_NAMED, "probe [net]");
	modules_free(m);
}

static void the_time_tells_modules_at_one_place_apart(void **state)
{
	struct modules *m = modules_new();

	(void)state;
	comes(m, 1, 100, "old", "\0setup\0\0probe\0\0");
	head(m, 1, 200, false, 0, 0, "old");
	comes(m, 1, 300, "new", "\0begin\0\0serve\0\0");
	check_at(m, CODE + 0x40, 150, WHOSE_NAMED, "probe [old]");
	check_at(m, CODE + 0x40, 250, WHOSE_NOBODY, "");
	check_at(m, CODE + 0x40, 350, WHOSE_NAMED, "serve [new]");
	check_at(m, INIT + 0x10, 350, WHOSE_NAMED, "begin [new]");
	/* either could be meant */
	check_at(m, CODE + 0x40, 0, WHOSE_UNKNOWN, "");
	assert_int_equal(modules_moved(m, 99), 0);
	assert_int_equal(modules_moved(m, 250), 2);
	assert_int_equal(modules_moved(m, 300), 3);
	modules_free(m);
}

static void a_module_from_before_is_known_as_it_goes(void **state)
{
	struct modules *m = modules_new();
	const Elf64_Sym table[] = {
		{ .st_name = 1, .st_value = CODE, .st_size = 0, .st_shndx = 1 },
	};

	(void)state;
	head(m, 7, 500, false, 1, 8, "gone");
	piece(m, 7, DMT_MODULE_SYMBOLS, table, sizeof(table), 0);
	piece(m, 7, DMT_MODULE_NAMES, "\0serve\0", 8, 0);
	/* no size: up to the end of the code */
	check_at(m, CODE + 0xfff, 3, WHOSE_NAMED, "serve [gone]");
	check_at(m, CODE + 0xfff, 501, WHOSE_NOBODY, "");
	modules_free(m);
}

static void names_that_were_lost_are_unknown_unless_others_have_them(void **state)
{
	struct modules *m = modules_new();

	(void)state;
	head(m, 3, 100, true, 9, 90, "large");
	piece(m, 3, DMT_MODULE_NAMES, "\0serve\0", 8, 0);
	check_at(m, CODE + 0x10, 150, WHOSE_NOBODY, "");
	check_at(m, INIT + 0x10, 150, WHOSE_UNKNOWN, "");
	head(m, 3, 200, false, 0, 0, "large");
	check_at(m, CODE + 0x10, 150, WHOSE_UNKNOWN, "");
	modules_free(m);
}

static void what_is_no_record_is_left_out(void **state)
{
	struct modules *m = modules_new();
	struct dmt_module_piece stray = { .part = DMT_MODULE_NAMES, .bytes = 100, .module = 1 };
	const struct dmt_module_head huge = { .part = DMT_MODULE_HEAD, .comes = 1, .module = 9,
					      .symbols_bytes = ~0u };

	(void)state;
	comes(m, 1, 100, "net", "\0setup\0\0probe\0\0");
	assert_int_equal(modules_take(m, &stray, sizeof(stray)), 0);
	assert_int_equal(modules_take(m, &stray, 3), 0);
	piece(m, 2, DMT_MODULE_NAMES, "nobody", 6, 0);
	piece(m, 1, DMT_MODULE_NAMES, "beyond", 6, ~0ull - 2);
	assert_int_equal(modules_take(m, &huge, sizeof(huge)), -ENOSPC);
	check_at(m, CODE + 0x7f, 110, WHOSE_NAMED, "probe [net]");
	modules_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_has_the_name_of_its_own_function_or_none),
		cmocka_unit_test(without_a_list_of_modules_the_next_symbol_is_the_end),
		cmocka_unit_test(a_module_that_is_gone_keeps_its_names),
		cmocka_unit_test(the_time_tells_modules_at_one_place_apart),
		cmocka_unit_test(a_module_from_before_is_known_as_it_goes),
		cmocka_unit_test(names_that_were_lost_are_unknown_unless_others_have_them),
		cmocka_unit_test(what_is_no_record_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
