// SPDX-License-Identifier: GPL-2.0
/*
 * Verdicts: what passes, what fails, what nobody can know, and what nothing was seen of.
 */
#include "analysis/check.h"
#include "base/list.h"
#include "diagnosed.h"
#include "golden.h"

#define OTHER "0000:00:02.0"

static struct limits limits;

static void add_limit(const char *text)
{
	char why[LIMIT_WHY];
	enum bound bound = strncmp(text, "max ", 4) ? BOUND_MIN : BOUND_MAX;

	if (limits_add(&limits, bound, text + 4, why))
		fail_msg("'%s' %s", text, why);
}

static struct checks checked(const struct model *m)
{
	struct findings findings;
	struct checks checks;

	assert_int_equal(diagnose(m, &findings), 0);
	assert_int_equal(limits_check(&checks, m, &findings, &limits), 0);
	findings_release(&findings);
	return checks;
}

/* One limit with one subject, and what is said of it.  why NULL: of no interest. */
static void verdict(const struct model *m, const char *limit, enum judgement want, const char *why)
{
	struct checks checks;

	limits_release(&limits);
	add_limit(limit);
	checks = checked(m);
	assert_int_equal(checks.count, 1);
	if (checks.list->verdict != want)
		fail_msg("'%s': %s, not %s: %s", limit, judgement_names[checks.list->verdict],
			 judgement_names[want], checks.list->why);
	assert_int_equal(checks.verdict, want);
	if (why)
		assert_string_equal(checks.list->why, why);
	checks_release(&checks);
	limits_release(&limits);
}

static void passes(const struct model *m, const char *limit)
{
	verdict(m, limit, JUDGED_PASSED, "");
}

static void fails(const struct model *m, const char *limit)
{
	verdict(m, limit, JUDGED_FAILED, NULL);
}

static void unknown(const struct model *m, const char *limit, const char *why)
{
	verdict(m, limit, JUDGED_INCOMPLETE, why);
}

static void unmatched(const struct model *m, const char *limit)
{
	verdict(m, limit, JUDGED_UNMATCHED, NULL);
}

/* 100 maps of 1us and 10 of 1ms, 10 of them failing, on one device; 5 bounces on another. */
static void worked(struct model *m)
{
	struct aggregate *a;

	begin(m);
	a = calls(m, DEV, DMT_OP_MAP, VIA_DIRECT, 110, 10);
	add_samples(&a->latency, 100, 1000);
	add_samples(&a->latency, 10, 1000000);
	a = calls(m, OTHER, DMT_OP_MAP, VIA_BOUNCE, 5, 0);
	add_samples(&a->latency, 5, 100);
	calls(m, OTHER, DMT_OP_MAP_SG, VIA_IOMMU_BOUNCE, 2, 0);
}

static void numbers_are_held_against_limits(void **state)
{
	struct model m;

	(void)state;
	worked(&m);
	passes(&m, "max calls=117");
	verdict(&m, "max calls=116", JUDGED_FAILED, "110 by map of " DEV);
	passes(&m, "min calls=117");
	fails(&m, "min calls=118");
	passes(&m, "max map.calls=115");
	fails(&m, "max map.calls=114");
	passes(&m, "max errors=10");
	verdict(&m, "max errors=9", JUDGED_FAILED, "10 by map of " DEV);
	passes(&m, "max map_sg.errors=0");
	passes(&m, "max map.bytes=420K");
	fails(&m, "max map.bytes=419K");
	passes(&m, "max bounced=7");
	verdict(&m, "max bounced=6", JUDGED_FAILED, "5 by map of " OTHER);
	fails(&m, "max map_sg.bounced=1");
	passes(&m, "max map.p50=1100ns");
	fails(&m, "max map.p50=900ns");
	passes(&m, "max map.p90=1100ns");
	fails(&m, "max map.p99=900us");
	passes(&m, "max map.max=1000000ns");
	fails(&m, "max map.max=999999ns");
	/* 10100500 / 115 */
	passes(&m, "max map.mean=87830ns");
	fails(&m, "max map.mean=87829ns");
	passes(&m, "min map.mean=87830ns");
	fails(&m, "min map.mean=87831ns");
	model_release(&m);
}

static void a_pattern_judges_each_device_alone(void **state)
{
	struct checks checks;
	struct model m;

	(void)state;
	worked(&m);
	fails(&m, "max " DEV ":errors=9");
	passes(&m, "max " OTHER ":errors=0");
	passes(&m, "max 0000:00:02.?:map.max=100ns");
	/* by their driver, both */
	add_limit("max dr*:map.max=1us");
	checks = checked(&m);
	assert_int_equal(checks.count, 2);
	assert_string_equal(checks.list[0].device, DEV);
	assert_string_equal(checks.list[0].driver, "drv");
	assert_int_equal(checks.list[0].verdict, JUDGED_FAILED);
	assert_int_equal(checks.list[0].measured, 1000000);
	assert_string_equal(checks.list[1].device, OTHER);
	assert_int_equal(checks.list[1].verdict, JUDGED_PASSED);
	assert_int_equal(checks.verdict, JUDGED_FAILED);
	checks_release(&checks);
	/* of those that did not call, nothing is said */
	passes(&m, "max *:map_sg.calls=2");
	limits_release(&limits);
	model_release(&m);
}

static void nothing_is_no_pass(void **state)
{
	struct model m;

	(void)state;
	worked(&m);
	device(&m, 64, NULL);
	unmatched(&m, "max alloc.errors=0");
	unmatched(&m, "max alloc.p99=1s");
	unmatched(&m, "max nvme*:errors=0");
	unmatched(&m, "max nvme*:alloc.calls=0");
	unmatched(&m, "min nvme*:calls=1");
	/* none is a number of calls, and of bytes */
	passes(&m, "max alloc.calls=0");
	passes(&m, "max alloc.bytes=0");
	fails(&m, "min alloc.calls=1");
	/* this one is there, and did nothing of the kind */
	passes(&m, "max " DEV ":alloc.calls=0");
	fails(&m, "min " DEV ":alloc.calls=1");
	unmatched(&m, "max " DEV ":alloc.errors=0");
	model_release(&m);
	begin(&m);
	unmatched(&m, "max bounced=0");
	unmatched(&m, "max errors=0");
	unmatched(&m, "max live-growth=0");
	passes(&m, "max findings=0");
	model_release(&m);
}

static void what_hooks_do_not_see_is_not_known(void **state)
{
	struct model m;

	(void)state;
	worked(&m);
	m.hooks[DMT_HOOK_MAP].on = false;
	strcpy(m.hooks[DMT_HOOK_MAP].reason, "kprobe refused");
	unknown(&m, "max errors=100", "map is not watched: kprobe refused");
	unknown(&m, "max bounced=100", "map is not watched: kprobe refused");
	unknown(&m, "max map.p50=1s", "map is not watched: kprobe refused");
	unknown(&m, "max live-growth=100", "map is not watched: kprobe refused");
	unknown(&m, "min calls=118", "map is not watched: kprobe refused");
	passes(&m, "min calls=117");
	/* it can only be more */
	fails(&m, "max errors=9");
	fails(&m, "max map.max=1us");
	passes(&m, "max map_sg.errors=0");
	/* also where nothing at all was seen */
	m.hooks[DMT_HOOK_ALLOC].on = false;
	unknown(&m, "max alloc.errors=0", NULL);
	unknown(&m, "max alloc.calls=0", NULL);
	/* what the kernel does not have is no gap */
	m.hooks[DMT_HOOK_MAP].absent = m.hooks[DMT_HOOK_ALLOC].absent = true;
	passes(&m, "max errors=10");
	model_release(&m);
	worked(&m);
	m.hooks[DMT_HOOK_BOUNCE].on = false;
	unknown(&m, "max bounced=100", NULL);
	passes(&m, "max errors=10");
	model_release(&m);
}

static void tracepoints_see_less(void **state)
{
	struct model m;

	(void)state;
	worked(&m);
	m.hooks[DMT_HOOK_MAP_SG].way = WAY_TRACEPOINT;
	m.aggregates[2].errors_known = m.aggregates[2].latency_known = false;
	unknown(&m, "max errors=10", "failures of map_sg are not seen by a tracepoint");
	fails(&m, "max errors=9");
	unknown(&m, "max map_sg.p99=1s",
		"map_sg is watched by a tracepoint, which has no latency");
	passes(&m, "max map.errors=10");
	passes(&m, "max map_sg.calls=2");
	/* blind even where no call came through */
	m.naggregates = 2;
	unknown(&m, "max errors=10", "failures of map_sg are not seen by a tracepoint");
	unknown(&m, "max map_sg.errors=0", NULL);
	m.naggregates = 3;
	/* maps by a tracepoint tell no failures, but no path is lost with that */
	calls(&m, DEV, DMT_OP_MAP, VIA_UNKNOWN, 4, 0);
	unknown(&m, "max bounced=7", "the path of 4 calls of map is not known");
	fails(&m, "max bounced=6");
	model_release(&m);
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 4, 0);
	unknown(&m, "max map.p99=1s", "no call has a latency");
	m.extras = DMT_WANTS_NO_LATENCY;
	m.aggregates[0].latency_known = false;
	unknown(&m, "max map.p99=1s", "map was not timed (--no-latency)");
	passes(&m, "max map.calls=4");
	model_release(&m);
}

static void lose(struct model *m, const char *name, unsigned long long count)
{
	m->losses[0] = (struct loss){ name, count };
	m->nlosses = 1;
}

static void what_was_lost_is_not_known(void **state)
{
	struct model m;

	(void)state;
	worked(&m);
	lose(&m, "accounts_full", 2);
	unknown(&m, "max bounced=7", "lost: accounts_full 2");
	unknown(&m, "max map.p99=1s", "lost: accounts_full 2");
	unknown(&m, "max findings=9", "lost: accounts_full 2");
	fails(&m, "max bounced=6");
	passes(&m, "min map.calls=1");
	unknown(&m, "min map.calls=116", "lost: accounts_full 2");
	/* each loss spoils what it is of, and no more */
	lose(&m, "latency_lost", 1);
	unknown(&m, "max map.p99=1s", "lost: latency_lost 1");
	passes(&m, "max bounced=7");
	lose(&m, "sg_truncated", 1);
	unknown(&m, "max map.bytes=1M", "lost: sg_truncated 1");
	passes(&m, "max map.p99=1s");
	lose(&m, "held_full", 1);
	unknown(&m, "max live-growth=9", "lost: held_full 1");
	passes(&m, "max map.p99=1s");
	lose(&m, "stack_counts_full", 1);
	passes(&m, "max bounced=7");
	/* "missed" is a sum of all hooks: theirs count */
	lose(&m, "missed", 7);
	m.hooks[DMT_HOOK_UNMAP].missed = 7;
	passes(&m, "max map.p99=1s");
	unknown(&m, "max calls=1000", "lost: missed 7");
	unknown(&m, "max live-growth=9", "lost: missed 7");
	m.hooks[DMT_HOOK_IN_CMA].missed = 1;
	passes(&m, "max alloc.calls=0");
	model_release(&m);
}

static void some_loss_may_be_allowed(void **state)
{
	static const struct {
		const char *allowed;
		enum judgement verdict;
	} rows[] = {
		{ "0", JUDGED_INCOMPLETE }, { "4", JUDGED_INCOMPLETE }, { "5", JUDGED_PASSED },
		{ "4%", JUDGED_INCOMPLETE }, { "5%", JUDGED_PASSED },
	};
	char why[LIMIT_WHY];
	struct checks checks;
	struct model m;

	(void)state;
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 95, 0);
	calls(&m, DEV, DMT_OP_UNMAP, VIA_NONE, 1000, 0);
	lose(&m, "unpaired", 5);
	add_limit("max map.errors=0");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(allowance_parse(&limits.max_loss, rows[i].allowed, why), 0);
		checks = checked(&m);
		assert_int_equal(checks.verdict, rows[i].verdict);
		checks_release(&checks);
	}
	limits_release(&limits);
	m.cut_short = true;
	m.nlosses = 0;
	unknown(&m, "max map.errors=0", "the recording was cut short");
	passes(&m, "min map.calls=95");
	model_release(&m);
}

static void live(struct model *m, const char *name, enum dmt_op op, unsigned count)
{
	struct live_row *row;

	m->live = reallocarray(m->live, m->nlive + 1, sizeof(*m->live));
	assert_non_null(m->live);
	row = &m->live[m->nlive++];
	*row = (struct live_row){ .device = name_copy(name), .op = op, .count = count };
}

static void what_stays_mapped_grows(void **state)
{
	struct lifetime_row *gone;
	struct model m;

	(void)state;
	worked(&m);
	passes(&m, "max live-growth=0");
	live(&m, DEV, DMT_OP_MAP, 3);
	live(&m, OTHER, DMT_OP_MAP, 4);
	live(&m, OTHER, DMT_OP_MAP, 2);
	live(&m, OTHER, DMT_OP_ALLOC, 1);
	passes(&m, "max live-growth=10");
	verdict(&m, "max live-growth=9", JUDGED_FAILED, "6 by map of " OTHER);
	passes(&m, "max map.live-growth=9");
	passes(&m, "max " DEV ":live-growth=3");
	fails(&m, "max " OTHER ":live-growth=6");
	/* 5 that were there before are not any more; one device does not make up for another */
	gone = m.lifetimes = calloc(1, sizeof(*gone));
	m.nlifetimes = 1;
	*gone = (struct lifetime_row){ .device = name_copy(OTHER), .op = DMT_OP_MAP, .unseen = 5 };
	passes(&m, "max live-growth=5");
	fails(&m, "max live-growth=4");
	gone->unseen = 100;
	passes(&m, "max live-growth=4");
	fails(&m, "max live-growth=3");
	/* addresses nobody was given balance nothing */
	gone->wrong[WRONG_INSIDE] = 99;
	fails(&m, "max live-growth=8");
	passes(&m, "max live-growth=9");
	gone->wrong[WRONG_INSIDE] = 0;
	/* while some go on to come, nobody knows what they are of */
	m.live[1].count = m.live[1].count + 20;
	m.live[1].slices = 0xff;
	m.duration_ns = 1000;
	gone->unseen_until_ns = 500;
	passes(&m, "max " OTHER ":map.live-growth=0");
	gone->unseen_until_ns = 900;
	verdict(&m, "max " OTHER ":map.live-growth=0", JUDGED_INCOMPLETE,
		"26 map of " OTHER " are held, and 100 addresses given back were not seen made: "
		"before the run, or wrong ones");
	gone->unseen = 20;
	fails(&m, "max " OTHER ":map.live-growth=5");
	m.live[1].count -= 20;
	gone->unseen = 100;
	m.live[1].unmaps_skipped = true;
	unknown(&m, "max live-growth=100", "drivers need not unmap for " OTHER
		", so nobody knows what is left");
	passes(&m, "max " DEV ":live-growth=3");
	model_release(&m);
}

static void findings_are_counted_by_kind(void **state)
{
	struct model m;

	(void)state;
	begin(&m);
	calls(&m, DEV, DMT_OP_MAP, VIA_BOUNCE, 100, 0);
	bounces(&m, REASON_MASK, 100, 0);
	passes(&m, "max findings=1");
	verdict(&m, "max findings=0", JUDGED_FAILED, "bounce-mask");
	fails(&m, "max findings.bounce-mask=0");
	fails(&m, "max findings.warning=0");
	passes(&m, "max findings.error=0");
	passes(&m, "max findings.map-failed=0");
	passes(&m, "min findings.bounce-mask=1");
	/* to have lost data is a finding only by its name */
	lose(&m, "stacks_lost", 1);
	passes(&m, "max findings=1");
	passes(&m, "max findings.warning=1");
	fails(&m, "max findings.data-incomplete=0");
	model_release(&m);
}

static void what_nobody_asked_for_is_said(void **state)
{
	struct model m;

	(void)state;
	begin(&m);
	add_limit("max map.calls=1");
	add_limit("max alloc.p50=1ms");
	assert_int_equal(check_unasked(&m, &limits), -1);
	m.hooks[DMT_HOOK_ALLOC].wanted = m.hooks[DMT_HOOK_FREE].wanted = false;
	assert_int_equal(check_unasked(&m, &limits), DMT_OP_ALLOC);
	/* that a mark is off is another matter */
	m.hooks[DMT_HOOK_ALLOC].wanted = true;
	m.hooks[DMT_HOOK_IN_CMA].wanted = false;
	assert_int_equal(check_unasked(&m, &limits), -1);
	limits_release(&limits);
	model_release(&m);
}

/* Reports */

static void make_reported(struct model *m)
{
	struct aggregate *a;

	make_model(m);
	hook_on(m, DMT_HOOK_MAP, WAY_FENTRY, "dma_map_page_attrs", 1005);
	hook_on(m, DMT_HOOK_BOUNCE, WAY_KPROBE, "swiotlb_tbl_map_single", 0);
	hook_on(m, DMT_HOOK_MAP_SG, WAY_TRACEPOINT, "dma_map_sg", 7);
	a = calls(m, DEV, DMT_OP_MAP, VIA_DIRECT, 1000, 2);
	add_samples(&a->latency, 1000, 1200);
	/* a name as bad as a name can be */
	a = calls(m, "x\033[31m<&\"'>\n%,:\xff\xef\xbf\xbf", DMT_OP_MAP, VIA_BOUNCE, 5, 0);
	add_samples(&a->latency, 5, 30000000);
	a = calls(m, DEV, DMT_OP_MAP_SG, VIA_DIRECT, 7, 0);
	a->errors_known = a->latency_known = false;
	add_limit("max map.calls=2000");
	add_limit("max map.errors=1");
	add_limit("max *:map.p99=20us");
	add_limit("min map.bytes=1M");
	add_limit("max map_sg.p50=1ms");
	add_limit("max map.bounced=0");
	add_limit("max eth?:map.calls=1");
}

static struct doc *reported(const struct model *m)
{
	struct checks checks = checked(m);
	struct doc *doc = report_check(m, &checks, "2026-11-21T18:00:00");

	checks_release(&checks);
	return doc;
}

static void people_and_programs_see_it(void **state)
{
	struct model m;

	(void)state;
	make_reported(&m);
	check_text(reported(&m), "check/some-100.txt", 100);
	check_json(reported(&m), "check/some.json");
	model_release(&m);
	limits_release(&limits);
}

static void ci_systems_see_it(void **state)
{
	char *text;
	struct model m;

	(void)state;
	make_reported(&m);
	text = render(reported(&m), "junit", 0);
	assert_null(strchr(text, '\033'));
	check_golden("check/some.xml", text);
	free(text);
	text = render(reported(&m), "github", 0);
	assert_null(strchr(text, '\033'));
	check_golden("check/some.github", text);
	free(text);
	model_release(&m);
	limits_release(&limits);
}

/* status: as of waitpid() */
static void check_ended(int status, bool interrupted, enum judgement verdict, const char *why)
{
	struct checks checks = { .verdict = JUDGED_PASSED };

	assert_int_equal(check_command(&checks, "tests", status, interrupted), 0);
	assert_int_equal(checks.verdict, verdict);
	assert_int_equal(checks.list[0].verdict, verdict);
	assert_string_equal(checks.list[0].why, why);
	assert_string_equal(checks.list[0].calls, "tests");
	checks_release(&checks);
}

static void how_the_command_ended_is_a_verdict(void **state)
{
	(void)state;
	check_ended(0, false, JUDGED_PASSED, "");
	check_ended(0, true, JUDGED_PASSED, "");
	check_ended(3 << 8, false, JUDGED_FAILED, "");
	check_ended(9, false, JUDGED_FAILED, "killed by signal 9");
	check_ended(-1, false, JUDGED_PASSED, "it was running when the time was over");
	check_ended(-1, true, JUDGED_INCOMPLETE, "a signal ended the run while it was running");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_held_against_limits),
		cmocka_unit_test(a_pattern_judges_each_device_alone),
		cmocka_unit_test(nothing_is_no_pass),
		cmocka_unit_test(what_hooks_do_not_see_is_not_known),
		cmocka_unit_test(tracepoints_see_less),
		cmocka_unit_test(what_was_lost_is_not_known),
		cmocka_unit_test(some_loss_may_be_allowed),
		cmocka_unit_test(what_stays_mapped_grows),
		cmocka_unit_test(findings_are_counted_by_kind),
		cmocka_unit_test(what_nobody_asked_for_is_said),
		cmocka_unit_test(people_and_programs_see_it),
		cmocka_unit_test(how_the_command_ended_is_a_verdict),
		cmocka_unit_test(ci_systems_see_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
