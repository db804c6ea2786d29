// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of bpf/hooks.bpf.h, each held against its own prototype: what a program reads is there,
 * and of the type it takes it for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/hooks.h"
#include "kernel/kernel.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ARGUMENTS 16

struct row {
	const char *name;
	int args;			/* -1: a tracepoint's number is not told */
	enum dmt_hook hook;
	const char *device, *result;	/* as the row has them */
	const char *proto;
	const char *reads;		/* what of its arguments, as the row says it */
};

#define MARK(name, symbol, args, hook, ret, yes, no, proto, ...)			\
	{ #name, args, DMT_HOOK_##hook, "", #ret, proto },
#define TAKE(name, symbol, args, hook, proto, ...)					\
	{ #name, args, DMT_HOOK_##hook, "DEV", "PAGE", proto },
#define RELEASE(name, symbol, args, hook, slot, proto, ...)				\
	{ #name, args, DMT_HOOK_##hook, "", "ANY", proto },

static const struct row functions[] = {
#define PROBE(name, symbol, args, hook, dev, ret, proto, what, ...)			\
	{ #name, args, DMT_HOOK_##hook, #dev, #ret, proto, #what },
#define POINT(...)
#include "bpf/hooks.bpf.h"
};

#undef PROBE
#undef MARK
#undef TAKE
#undef RELEASE
#undef POINT

static const struct row events[] = {
#define PROBE(...)
#define MARK(...)
#define TAKE(...)
#define RELEASE(...)
#define POINT(name, event, hook, dev, ret, proto, what, ...)				\
	{ #name, -1, DMT_HOOK_##hook, #dev, #ret, proto, #what },
#include "bpf/hooks.bpf.h"
};

/* One of a row's prototypes, cut in pieces. */
struct signature {
	char text[256], *returns, *args[ARGUMENTS];
	int count;
};

static void signature_cut(struct signature *s, const char *proto)
{
	char *rest = s->text;

	snprintf(s->text, sizeof(s->text), "%.*s", (int)strcspn(proto, "|"), proto);
	s->returns = strsep(&rest, "(");
	rest[strcspn(rest, ")")] = '\0';
	for (s->count = 0; rest && s->count < ARGUMENTS; s->count++)
		s->args[s->count] = strsep(&rest, ",");
}

/* Words of a row, and the types they are for: how these end, separated by blanks. */
struct type {
	const char *word, *ends;
};

static void check_type(const struct row *row, const struct type *types, size_t n, const char *word,
		       const char *type)
{
	char ends[64], *rest = ends, *end;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(types[i].word, word))
			continue;
		snprintf(ends, sizeof(ends), "%s", types[i].ends);
		while ((end = strsep(&rest, " ")))
			if (strlen(type) >= strlen(end) &&
			    !strcmp(type + strlen(type) - strlen(end), end))
				return;
		fail_msg("%s: %s is of type %s, not %s", row->name, word, type, types[i].ends);
	}
	fail_msg("%s: no such word as %s", row->name, word);
}

static void check_device(const struct row *row, const struct signature *s)
{
	static const struct type devices[] = {
		{ "DEV", "device*" }, { "MSI0", "msi_desc*" }, { "MSI1", "msi_desc*" },
		{ "IOVAD", "iova_domain*" }, { "COOKIE", "iommu_dma_cookie*" },
		{ "DOMAIN", "iommu_domain*" },
	};
	int at = !strcmp(row->device, "MSI1");

	if (!strcmp(row->device, "NONE"))
		assert_string_not_equal(s->args[0], "device*");
	else if (row->device[0])
		check_type(row, devices, ARRAY_SIZE(devices), row->device, s->args[at]);
}

/* READS(.size = ARG(1), .context = true): each word, and the argument it names. */
static void check_reads(const struct row *row, const struct signature *s)
{
	static const struct type reads[] = {
		{ "phys", "phys_addr_t" }, { "page", "page*" }, { "offset", "size_t" },
		{ "virt", "void*" }, { "table", "sg_table*" }, { "where", "dma_addr_t ulong" },
		{ "handle", "dma_addr_t*" }, { "state", "dma_iova_state*" },
		{ "space", "dma_iova_state*" }, { "sg", "scatterlist*" }, { "nents", "int" },
		{ "size", "size_t" }, { "size_at", "size_t*" }, { "pages", "ulong size_t" },
		{ "order", "uint" }, { "vtd_pages", "ulong" }, { "vtd_pages32", "uint" },
		{ "page_size", "size_t" }, { "length", "dma_addr_t" },
		{ "gather", "iommu_iotlb_gather*" }, { "domain", "iommu_domain*" },
		{ "iovad", "iova_domain*" }, { "iova_pfn", "ulong" }, { "iova_pages", "ulong" },
		{ "limit_pfn", "ulong" }, { "rcache_pages", "ulong" }, { "last_try", "bool" },
		{ "dir", "dma_data_direction" }, { "prot", "int uint" }, { "prot_mmio", "int" },
		{ "mmio", "ulong" }, { "bounced", "phys_addr_t" }, { "attrs", "ulong" },
		{ "gfp", "gfp_t" }, { "align", "size_t uint" },
	};
	const char *at = row->reads ? row->reads : "";
	char word[32];
	int arg;

	while ((at = strchr(at, '.'))) {
		if (sscanf(at, ".%31[a-z_0-9] = ARG(%d)", word, &arg) == 2) {
			assert_true(arg < s->count);
			check_type(row, reads, ARRAY_SIZE(reads), word, s->args[arg]);
		} else if (strncmp(at, ".context = true", 15)) {
			fail_msg("%s: reads %s", row->name, at);
		}
		at++;
	}
}

static void check_result(const struct row *row, const struct signature *s)
{
	static const struct type results[] = {
		{ "VOID", "void" }, { "POINTER", "*" }, { "PAGE", "page*" },
		{ "ADDRESS", "dma_addr_t" }, { "SLOT", "phys_addr_t" }, { "ERRNO", "int" },
		{ "INT", "int" }, { "NENTS", "int uint" }, { "UNMAPPED", "size_t" },
		{ "RESERVED", "bool" }, { "IOVA", "ulong" }, { "P2P", "void" }, { "ANY", "" },
	};

	check_type(row, results, ARRAY_SIZE(results), row->result, s->returns);
}

static void each_prototype(void (*check)(const struct row *row, const struct signature *s),
			   const struct row *rows, size_t n)
{
	struct signature s;

	for (size_t i = 0; i < n; i++)
		for (const char *proto = rows[i].proto; proto; proto = strchr(proto, '|')) {
			proto += *proto == '|';
			signature_cut(&s, proto);
			check(&rows[i], &s);
		}
}

static void arguments_are_as_many_as_the_row_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		for (const char *proto = functions[i].proto; proto; proto = strchr(proto, '|')) {
			proto += *proto == '|';
			if (proto_args(proto) != functions[i].args)
				fail_msg("%s: %d arguments, but %s", functions[i].name,
					 functions[i].args, proto);
		}
}

static void devices_are_where_the_row_says(void **state)
{
	(void)state;
	each_prototype(check_device, functions, ARRAY_SIZE(functions));
	each_prototype(check_device, events, ARRAY_SIZE(events));
}

static void results_are_of_the_type_the_row_says(void **state)
{
	(void)state;
	each_prototype(check_result, functions, ARRAY_SIZE(functions));
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		assert_int_equal(strncmp(events[i].proto, "void(", 5), 0);
}

static void what_is_read_is_of_the_type_the_word_is_for(void **state)
{
	(void)state;
	each_prototype(check_reads, functions, ARRAY_SIZE(functions));
	each_prototype(check_reads, events, ARRAY_SIZE(events));
}

static void check_order(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++) {
			if (!strcmp(rows[i].name, rows[j].name))
				fail_msg("%s: two rows have this name", rows[i].name);
			if (rows[i].hook == rows[j].hook && rows[i - 1].hook != rows[i].hook)
				fail_msg("%s: not beside %s", rows[i].name, rows[j].name);
		}
}

static void rows_of_a_hook_stand_together(void **state)
{
	(void)state;
	check_order(functions, ARRAY_SIZE(functions));
	check_order(events, ARRAY_SIZE(events));
}

static void whom_a_row_gives_way_to_stands_before_it(void **state)
{
	(void)state;
	for (const struct sight *row = probes; row->prog; row++) {
		const struct sight *other = probes;

		while (other->prog && other->hook != row->unless)
			other++;
		assert_true(!row->unless || other < row);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_as_many_as_the_row_says),
		cmocka_unit_test(devices_are_where_the_row_says),
		cmocka_unit_test(results_are_of_the_type_the_row_says),
		cmocka_unit_test(what_is_read_is_of_the_type_the_word_is_for),
		cmocka_unit_test(rows_of_a_hook_stand_together),
		cmocka_unit_test(whom_a_row_gives_way_to_stands_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
