// SPDX-License-Identifier: GPL-2.0
/*
 * Limits and policies: what they mean, and what is refused with which words.
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

#include "analysis/limit.h"
#include "analysis/policy.h"
#include "base/list.h"

static struct limits one(const char *text)
{
	struct limits l = { 0 };
	char why[LIMIT_WHY];

	if (limits_add(&l, BOUND_MAX, text, why))
		fail_msg("'%s' %s", text, why);
	assert_int_equal(l.count, 1);
	return l;
}

static void parts_are_told_apart(void **state)
{
	struct limits l = one("0000:00:02.0:map_sg.p99=20us");
	const struct limit *limit = l.list;

	(void)state;
	assert_string_equal(limit->text, "max 0000:00:02.0:map_sg.p99=20us");
	assert_string_equal(limit->device, "0000:00:02.0");
	assert_int_equal(limit->quantity, QUANTITY_P99);
	assert_int_equal(limit->ops, OP(MAP_SG));
	assert_int_equal(limit->value, 20000);
	assert_int_equal(limit_unit_of(limit), LIMIT_NS);
	assert_int_equal(limits_ops(&l), OP(MAP_SG));
	assert_int_equal(limits_extras(&l), 0);
	limits_release(&l);
	l = one("a=b:map.bytes=64K");
	assert_string_equal(l.list->device, "a=b");
	assert_int_equal(l.list->value, 65536);
	assert_int_equal(limit_unit_of(l.list), LIMIT_BYTES);
	limits_release(&l);
	l = one("nvme[[:digit:]]:map.calls=0");
	assert_string_equal(l.list->device, "nvme[[:digit:]]");
	limits_release(&l);
}

static void without_an_operation_it_is_what_drivers_call(void **state)
{
	struct limits l = one("errors=0");

	(void)state;
	assert_null(l.list->device);
	assert_true(l.list->ops & OP(MAP) && l.list->ops & OP(SYNC_CPU));
	assert_false(l.list->ops & (OP(BOUNCE) | OP(IOMMU_MAP) | OP(PGTABLE_MAP)));
	limits_release(&l);
	l = one("bounced=3");
	assert_int_equal(l.list->ops, OP(MAP) | OP(MAP_SG) | OP(IOVA_LINK));
	assert_int_equal(l.list->value, 3);
	limits_release(&l);
}

static void they_say_what_they_need(void **state)
{
	struct limits l = one("live-growth=0");

	(void)state;
	assert_int_equal(limits_ops(&l), ops_followed);
	assert_int_equal(limits_extras(&l), DMT_WANTS_LIVE);
	limits_release(&l);
	l = one("map.live-growth=0");
	assert_int_equal(l.list->ops, OP(MAP));
	assert_int_equal(limits_ops(&l), ops_followed);
	limits_release(&l);
	l = one("findings=0");
	assert_null(l.list->finding);
	assert_int_equal(limits_ops(&l) & ops_on_request, 0);
	assert_true(limits_ops(&l) & OP(PGTABLE_MAP));
	assert_int_equal(limits_extras(&l), 0);
	limits_release(&l);
	l = one("findings.mapping-leak=0");
	assert_string_equal(l.list->finding, "mapping-leak");
	assert_int_equal(limits_extras(&l), DMT_WANTS_LIVE);
	limits_release(&l);
	l = one("findings.iova-pressure=0");
	assert_true(limits_ops(&l) & OP(IOVA_FAST_ALLOC));
	limits_release(&l);
	l = one("findings.warning=1");
	assert_string_equal(l.list->finding, "warning");
	limits_release(&l);
}

static void every_operation_and_quantity_has_its_limit(void **state)
{
	char text[64], why[LIMIT_WHY];
	struct limits l = { 0 };

	(void)state;
	for (int op = 0; op < DMT_OP_MAX; op++)
		for (int q = QUANTITY_P50; q < QUANTITY_FINDINGS; q++) {
			snprintf(text, sizeof(text), "%s.%s=1ms", ops[op].name, quantity_names[q]);
			assert_int_equal(limits_add(&l, BOUND_MIN, text, why), 0);
			assert_int_equal(l.list[l.count - 1].ops, op_bit(op));
			assert_int_equal(l.list[l.count - 1].quantity, q);
		}
	assert_int_equal(l.count, DMT_OP_MAX * (QUANTITY_FINDINGS - QUANTITY_P50));
	limits_release(&l);
}

static void bad_limits_are_refused_in_words(void **state)
{
	static const char *const wrong[][2] = {
		{ "", "has no '=': say what and how much, as in bounced=0" },
		{ "bounced", "has no '=': say what and how much, as in bounced=0" },
		{ "=0", "is about none of calls, errors, bytes, bounced, live-growth, p50, p90, p99, "
		  "max, mean or findings" },
		{ "bounces=0", "is about none of calls, errors, bytes, bounced, live-growth, p50, "
		  "p90, p99, max, mean or findings" },
		{ "mapp.p99=1us", "names no operation before '.'; 'dmatrace hooks' lists them" },
		{ ".p99=1us", "names no operation before '.'; 'dmatrace hooks' lists them" },
		{ "p99=1us", "needs an operation, as in map.p99" },
		{ "bytes=1M", "needs an operation, as in map.bytes" },
		{ "unmap.bounced=0", "makes no sense: unmap has no bounced" },
		{ "unmap.live-growth=0", "makes no sense: unmap has no live-growth" },
		{ "msi_map.bytes=0", "makes no sense: msi_map has no bytes" },
		{ "map.findings=0", "is about none of calls, errors, bytes, bounced, live-growth, "
		  "p50, p90, p99, max, mean or findings" },
		{ "nvme0:findings=0", "asks for findings of a device; use --device, or leave it out" },
		{ "findings.teapot=0", "names no finding and no severity; 'dmatrace explain' lists "
		  "them" },
		{ ":map.p99=1us", "has no pattern before ':'" },
		{ "map.p99=20", "has no unit: say 20us" },
		{ "map.p99=", "has a value that is not a duration such as 10s, 500ms or 1m30s" },
		{ "map.p99=20ux", "has a value that has no known unit (ns, us, ms, s, m, h, d)" },
		{ "map.p99=0us", "has a value that must be longer than 0" },
		{ "bounced=", "has a value that is not a whole number" },
		{ "bounced=-1", "has a value that is not a whole number" },
		{ "bounced=1%", "has a value that is not a whole number" },
		{ "bounced=99999999999999999999", "has a value that is too large" },
		{ "map.bytes=5x", "has a value that has no known unit (B, K, M, G, T, KiB, MiB, GiB, "
		  "TiB)" },
	};
	char why[LIMIT_WHY];
	struct limits l = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(limits_add(&l, BOUND_MAX, wrong[i][0], why), -EINVAL);
		assert_string_equal(why, wrong[i][1]);
	}
	assert_int_equal(l.count, 0);
	limits_release(&l);
}

static void what_may_be_lost_is_a_number_or_a_share(void **state)
{
	static const struct {
		const char *text;
		unsigned long long number;
		bool share;
	} right[] = {
		{ "0", 0, false }, { "17", 17, false }, { "0%", 0, true }, { "1%", 10000, true },
		{ "0.1%", 1000, true }, { "12.3456%", 123456, true }, { "100%", 1000000, true },
	};
	static const char *const wrong[] = {
		"", "%", "x", "-1", "1.5", "100.1%", "101%", "1.%", ".5%", "1..5%", "1.23456%",
		"1e2%", "99999999999999999999%", " 1%",
	};
	char why[LIMIT_WHY];
	struct allowance a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(right); i++) {
		assert_int_equal(allowance_parse(&a, right[i].text, why), 0);
		assert_int_equal(a.number, right[i].number);
		assert_int_equal(a.share, right[i].share);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (allowance_parse(&a, wrong[i], why) != -EINVAL)
			fail_msg("'%s' was taken", wrong[i]);
}

/* Policies */

static struct limits limits;
static int code;

/* What is said of it on stderr, in full; NULL: it is taken. */
static void policy(const char *text, size_t len, const char *said)
{
	char path[] = "/tmp/dmatrace-policy.XXXXXX", errors[] = "/tmp/dmatrace-errors.XXXXXX";
	int fd = mkstemp(path), to = mkstemp(errors), saved = dup(STDERR_FILENO);
	char got[512] = "", want[512] = "", *at;

	assert_true(fd >= 0 && to >= 0 && saved >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	limits_release(&limits);
	dup2(to, STDERR_FILENO);
	code = policy_read(&limits, path);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_true(pread(to, got, sizeof(got) - 1, 0) >= 0);
	close(to);
	if (said)
		snprintf(want, sizeof(want), "dmatrace: %s\n", said);
	/* its name is not known beforehand */
	at = strstr(got, path);
	assert_int_equal(!at, !said);
	if (at)
		memmove(at, at + strlen(path), strlen(at + strlen(path)) + 1);
	assert_string_equal(got, want);
	assert_int_equal(code, said ? -EINVAL : 0);
	unlink(path);
	unlink(errors);
}

#define TAKEN(text) policy(text, sizeof(text) - 1, NULL)
#define REFUSED(text, said) policy(text, sizeof(text) - 1, said)
#define HINT "; indent with blanks, and quote what begins with '*' or another sign"

static void policies_have_limits_and_comments(void **state)
{
	(void)state;
	TAKEN("# a comment\n"
	      "max:\n"
	      "  bounced: 0     # another\n"
	      "  nvme*:alloc.p50: 1ms\n"
	      "  \"*:map.p99\": '20us'\n"
	      "min:\n"
	      "  map.calls: 1\n"
	      "max-loss: 0.5%\n"
	      "max: { bounced: 7 }\n");
	assert_int_equal(limits.count, 5);
	assert_string_equal(limits.list[0].text, "max bounced=0");
	assert_string_equal(limits.list[1].text, "max nvme*:alloc.p50=1ms");
	assert_string_equal(limits.list[1].device, "nvme*");
	assert_string_equal(limits.list[2].text, "max *:map.p99=20us");
	assert_string_equal(limits.list[3].text, "min map.calls=1");
	assert_int_equal(limits.list[3].bound, BOUND_MIN);
	/* said twice holds twice */
	assert_string_equal(limits.list[4].text, "max bounced=7");
	assert_int_equal(limits.max_loss.number, 5000);
	assert_true(limits.max_loss.share);
	TAKEN("{ \"max\": { \"bounced\": 0, \"bounced\": 1 }, \"max-loss\": 10 }");
	assert_int_equal(limits.count, 2);
	assert_int_equal(limits.max_loss.number, 10);
	TAKEN("--- { max: {} }\n...\n");
	assert_int_equal(limits.count, 0);
}

static void bad_policies_are_refused_with_their_line(void **state)
{
	(void)state;
	REFUSED("", ":1: has no limits: 'max:' or 'min:' is wanted here");
	REFUSED("# nothing\n", ":2: has no limits: 'max:' or 'min:' is wanted here");
	REFUSED("- bounced=0\n", ":1: has no limits: 'max:' or 'min:' is wanted here");
	REFUSED("most:\n  bounced: 0\n", ":1: 'most' is none of max, min, max-loss, max-regression");
	REFUSED("max: 0\n", ":1: 'max' wants limits below it, such as 'bounced: 0'");
	REFUSED("max:\n", ":1: 'max' wants limits below it, such as 'bounced: 0'");
	REFUSED("max:\n  bounced: [0]\n", ":2: a name or a value is wanted here");
	REFUSED("max:\n  ? [a]\n  : 0\n", ":2: a name or a value is wanted here");
	REFUSED("a: &x 1\n", ":1: 'a' is none of max, min, max-loss, max-regression");
	REFUSED("max: { bounced: *x }\n", ":1: a name or a value is wanted here");
	REFUSED("max:\n\n  bounced: 0\n  map.p98: 1us\n", ":4: 'map.p98=1us' is about none of calls, "
		"errors, bytes, bounced, live-growth, p50, p90, p99, max, mean or findings");
	REFUSED("max:\n  bounced: \"0\\0\"\n", ":2: has a zero byte");
	REFUSED("max-loss: much\n", ":1: max-loss: 'much' is not a whole number");
	REFUSED("max:\n  errors: 0\n---\nmax:\n  errors: 1\n",
		":3: a second document begins; there may be one");
	REFUSED("max:\n  *:errors: 0\n",
		":2: not YAML: did not find expected alphabetic or numeric character" HINT);
	REFUSED("max:\n\terrors: 0\n",
		":2: not YAML: found character that cannot start any token" HINT);
	REFUSED("\xff\xff", "cannot read the policy : invalid leading UTF-8 octet");
	REFUSED("max: {", ":2: not YAML: did not find expected node content" HINT);
}

static void missing_policies_are_no_bad_ones(void **state)
{
	(void)state;
	assert_int_equal(policy_read(&limits, "/nowhere"), -ENOENT);
	assert_int_equal(policy_read(&limits, "/"), -EISDIR);
	limits_release(&limits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_told_apart),
		cmocka_unit_test(without_an_operation_it_is_what_drivers_call),
		cmocka_unit_test(they_say_what_they_need),
		cmocka_unit_test(every_operation_and_quantity_has_its_limit),
		cmocka_unit_test(bad_limits_are_refused_in_words),
		cmocka_unit_test(what_may_be_lost_is_a_number_or_a_share),
		cmocka_unit_test(policies_have_limits_and_comments),
		cmocka_unit_test(bad_policies_are_refused_with_their_line),
		cmocka_unit_test(missing_policies_are_no_bad_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
