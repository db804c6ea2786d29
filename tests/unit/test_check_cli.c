// SPDX-License-Identifier: GPL-2.0
/*
 * `dmatrace check` of recordings, as a CI job runs it: what it exits with, and what it leaves
 * behind for the CI system.
 */
#include <libgen.h>
#include <sys/wait.h>

#include "diagnosed.h"
#include "golden.h"

static char dir[] = "/tmp/dmatrace-check.XXXXXX";

static void put(const char *name, const struct model *m, bool last)
{
	struct recording *recording;

	assert_int_equal(recording_create(&recording, name, true), 0);
	assert_int_equal(recording_write(recording, m, last), 0);
	recording_close(recording);
}

static void make_recordings(void)
{
	struct aggregate *a;
	struct model m;

	make_model(&m);
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		m.hooks[hook].on = m.hooks[hook].wanted = true;
	a = calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 100, 3);
	add_samples(&a->latency, 100, 1000);
	put("run.db", &m, true);
	put("cut.db", &m, false);
	m.extras = DMT_WANTS_LIVE;
	put("live.db", &m, true);
	m.losses[0].count = 10;
	put("lossy.db", &m, true);
	m.hooks[DMT_HOOK_ALLOC].wanted = m.hooks[DMT_HOOK_ALLOC].on = false;
	put("maps.db", &m, true);
	model_release(&m);
}

/* Twenty intervals of calls that take about that long. */
static void put_latencies(const char *name, unsigned ns, unsigned extras)
{
	struct recording *recording;
	struct aggregate *a;
	struct model m;

	make_model(&m);
	m.extras = extras;
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		m.hooks[hook].on = m.hooks[hook].wanted = true;
	assert_int_equal(recording_create(&recording, name, true), 0);
	for (unsigned i = 0; i < 20; i++) {
		m.duration_ns = (i + 1) * 1000000000ull;
		for (unsigned n = 0; n < 10; n++) {
			a = calls(&m, DEV, DMT_OP_MAP, VIA_DIRECT, 50, 0);
			add_samples(&a->latency, 50, ns + (i * 37 + n * 11) % 50 * ns / 1000);
		}
		assert_int_equal(recording_write(recording, &m, i == 19), 0);
	}
	recording_close(recording);
	model_release(&m);
}

static int prepare(void **state)
{
	char *top = getcwd(NULL, 0), path[4096];
	const char *built = getenv("DMATRACE");		/* another binary of that name */

	(void)state;
	snprintf(path, sizeof(path), "%s%s%s:%s", top, built ? "/" : "",
		 built ? dirname(strdupa(built)) : "", getenv("PATH"));
	setenv("PATH", path, 1);
	setenv("TOP", top, 1);
	free(top);
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	make_recordings();
	put_latencies("base.db", 1000, 0);
	put_latencies("same.db", 1010, 0);
	put_latencies("slow.db", 1500, 0);
	put_latencies("followed.db", 1500, DMT_WANTS_LIVE);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	return chdir(getenv("TOP")) || setenv("DIR", dir, 1) || system("rm -r \"$DIR\"");
}

/* The exit code of a shell command. */
static int sh(const char *command)
{
	int status = system(command);

	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* dmatrace check with these words; its output goes to `out`, its messages to `err`. */
static int run(const char *words)
{
	char command[1024];

	snprintf(command, sizeof(command), "dmatrace check %s >out 2>err", words);
	return sh(command);
}

/* The one line of messages. */
static void says(const char *words, int code, const char *line)
{
	char got[512] = "", want[512];
	FILE *in;

	if (run(words) != code)
		fail_msg("'%s' exits with %d", words, run(words));
	in = fopen("err", "r");
	assert_non_null(in);
	assert_true(fread(got, 1, sizeof(got) - 1, in) < sizeof(got));
	fclose(in);
	snprintf(want, sizeof(want), "%s%s", line, *line ? "\n" : "");
	assert_string_equal(got, want);
}

static void exit_codes_say_it_all(void **state)
{
	(void)state;
	says("-i run.db --max errors=3 --max bounced=0 --min map.calls=100", 0, "");
	says("-i run.db --max errors=2", 4, "");
	says("-i run.db --min map.calls=101", 4, "");
	says("-i run.db --max nvme*:errors=0", 2, "");
	says("-i run.db --max errors=3 --max alloc.p50=1s", 2, "");
	says("-i lossy.db --max errors=3", 5, "");
	says("-i lossy.db --max errors=3 --max-loss 10", 0, "");
	says("-i live.db --max live-growth=0", 0, "");
	says("-i cut.db --max errors=3", 5,
	     "dmatrace: cut.db: the run was cut short; this is what was seen up to its last interval");
	/* the gravest of several is told */
	says("-i lossy.db --max errors=3 --max 'nvme*:errors=0'", 2, "");
	says("-i lossy.db --max errors=2 --max 'nvme*:errors=0' --max bounced=0", 4, "");
	says("-i run.db --device 'nvme*' --max errors=5", 2, "");
}

static void what_cannot_be_judged_is_refused_in_a_line(void **state)
{
	(void)state;
	says("-i run.db", 2, "dmatrace check: there is no limit to check; give one with --max, --min or "
	     "--policy");
	says("-i run.db --max bounced", 2, "dmatrace check: --max: 'bounced' has no '=': say what and "
	     "how much, as in bounced=0");
	says("-i run.db --min map.p99=7", 2,
	     "dmatrace check: --min: 'map.p99=7' has no unit: say 20us");
	says("-i run.db --max errors=3 --max-loss all", 2,
	     "dmatrace check: --max-loss: 'all' is not a whole number");
	says("-i run.db --max live-growth=0", 3, "dmatrace: run.db does not hold which mappings are "
	     "outstanding; record with '--with live'");
	says("-i maps.db --max errors=3", 3, "dmatrace check: alloc was not watched: nobody asked for "
	     "it; record it with '--op alloc', or without --op and --layers");
	says("-i maps.db --max map.errors=3 --max-loss 1%", 5, "");
	says("-i none.db --max errors=3", 1,
	     "dmatrace: cannot read none.db: No such file or directory");
	says("-i run.db --max errors=3 --junit /nowhere/x.xml", 1,
	     "dmatrace: cannot create /nowhere/x.xml: No such file or directory");
	says("-i run.db --policy none.yml", 1,
	     "dmatrace: cannot read the policy none.yml: No such file or directory");
	says("-i run.db --max errors=3 -- true", 2,
	     "dmatrace: -i reads a recording; COMMAND cannot be combined with it");
	says("--max errors=3 -- no-such-command", 127,
	     "dmatrace: cannot run 'no-such-command': No such file or directory");
}

#define PASSES "-i run.db --max errors=3 "
#define BASE "--baseline base.db --max-regression 10% "

/* They are refused before anything is read or written, by whatever name. */
static void what_is_read_is_not_written(void **state)
{
	(void)state;
	assert_int_equal(sh("cp run.db run.copy && cp base.db base.copy && cp run.db far.db && "
			    "ln far.db hard && ln -s far.db soft && mkdir sub && "
			    "printf 'max: { errors: 3 }\n' >p.yml && cp p.yml p.copy"), 0);
	says(PASSES "--junit run.db", 2, "dmatrace check: --junit and --input name one file, run.db; "
	     "take another for --junit");
	says(PASSES "--junit sub/.././run.db", 2, "dmatrace check: --junit and --input name one file, "
	     "run.db; take another for --junit");
	says("-i hard --max errors=3 --junit far.db", 2, "dmatrace check: --junit and --input name one "
	     "file, hard; take another for --junit");
	says("-i far.db --max errors=3 --junit soft", 2, "dmatrace check: --junit and --input name one "
	     "file, far.db; take another for --junit");
	says("-i same.db " BASE "--junit base.db", 2, "dmatrace check: --junit and --baseline name one "
	     "file, base.db; take another for --junit");
	says("-i run.db -P p.yml --junit p.yml", 2, "dmatrace check: --junit and --policy name one file, "
	     "p.yml; take another for --junit");
	says("-o ./base.db --force " BASE "-- true", 2, "dmatrace check: --output and --baseline name one "
	     "file, base.db; take another for --output");
	says("-o p.yml --force -P p.yml -- true", 2, "dmatrace check: --output and --policy name one "
	     "file, p.yml; take another for --output");
	says("-o new --junit ./new --max errors=3 -- true", 2, "dmatrace check: --junit and --output name "
	     "one file, new; take another for --junit");
	assert_int_equal(sh("cmp run.db run.copy && cmp base.db base.copy && cmp run.db far.db && "
			    "cmp p.yml p.copy && test ! -e new && test -L soft && rm -r sub hard soft"),
			 0);
}

static void verdicts_replace_a_file_and_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(sh("echo old >kept && ln kept hard.xml && ln -s kept soft.xml && "
			    "mkfifo fifo && mkdir directory && ln -s /dev/full full"), 0);
	says(PASSES "--junit hard.xml", 0, "");
	says(PASSES "--junit soft.xml", 0, "");
	says(PASSES "--junit file:x.xml", 0, "");
	assert_int_equal(sh("test \"$(cat kept)\" = old && test ! -L soft.xml && "
			    "grep -q '^</testsuites>$' hard.xml && "
			    "grep -q '^</testsuites>$' soft.xml && "
			    "grep -q '^</testsuites>$' file:x.xml"), 0);
	says(PASSES "--junit fifo", 1, "dmatrace: cannot create fifo: it is a FIFO, not a file");
	says(PASSES "--junit directory", 1,
	     "dmatrace: cannot create directory: it is a directory, not a file");
	says(PASSES "--junit /dev/full", 1,
	     "dmatrace: cannot create /dev/full: it is a device, not a file");
	says(PASSES "--junit full", 1, "dmatrace: cannot create full: it is a device, not a file");
	says(PASSES "--junit /dev/stdout", 1,
	     "dmatrace: cannot create /dev/stdout: it stands for an open file of a process");
	says(PASSES "--junit ''", 1, "dmatrace: cannot create a file of no name; give it one");
	/* where root may write they are written, with the privileges left after reading, too */
	if (!geteuid()) {
		assert_int_equal(sh("mkdir others && chown 65534 others && chmod 755 others"), 0);
		says(PASSES "--junit others/x.xml", 0, "");
		assert_int_equal(sh("grep -q '^</testsuites>$' others/x.xml"), 0);
	}
	/* verdicts that cannot be given replace none */
	says("-i run.db --max live-growth=0 --junit hard.xml", 3, "dmatrace: run.db does not hold which "
	     "mappings are outstanding; record with '--with live'");
	assert_int_equal(sh("grep -q '^</testsuites>$' hard.xml && test -c /dev/full && "
			    "test -z \"$(find . -name '.dmatrace*')\""), 0);
}

/* As a full disk. */
static void at_the_limit_of_file_sizes_the_old_verdicts_stay(void **state)
{
	(void)state;
	assert_int_equal(sh("echo old >x.xml && said=$(ulimit -f 0; dmatrace check " PASSES
			    "--junit x.xml 2>&1 >/dev/null; echo \"exit $?\") && "
			    "test \"$said\" = \"dmatrace: cannot write x.xml: the limit on file sizes "
			    "is reached; raise it with 'ulimit -f'\nexit 1\" && "
			    "test \"$(cat x.xml)\" = old && "
			    "test -z \"$(find . -name '.dmatrace*')\""), 0);
}

static void a_policy_is_a_file_of_limits(void **state)
{
	(void)state;
	assert_int_equal(sh("printf 'max: { errors: 2 }\\nmax-loss: 100%%\\n' >p.yml"), 0);
	says("-i lossy.db -P p.yml", 4, "");
	says("-i lossy.db -P p.yml --max bounced=0 --max-loss 0", 4, "");
	assert_int_equal(sh("printf 'max:\\n  errors: 3\\nmax-loss: 100%%\\n' >p.yml"), 0);
	says("-i lossy.db -P p.yml", 0, "");
	/* the command line goes before the file */
	says("-i lossy.db -P p.yml --max-loss 0", 5, "");
	assert_int_equal(sh("printf 'max:\\n  error: 3\\n' >p.yml"), 0);
	says("-i run.db -P p.yml", 2, "dmatrace: p.yml:2: 'error=3' is about none of calls, errors, "
	     "bytes, bounced, live-growth, p50, p90, p99, max, mean or findings");
}

static void what_became_slower_is_found(void **state)
{
	(void)state;
	says("-i same.db --baseline base.db --max-regression 10%", 0, "");
	says("-i slow.db --baseline base.db --max-regression 10%", 4, "");
	assert_int_equal(sh("grep -qE '^max-regression 10% +" DEV " .drv. map .*direct mean +[+]50"
			    "[.][0-9]% +failed +1.0us before, 1.5us now$' out"), 0);
	says("-i slow.db --baseline base.db --max-regression 100%", 0, "");
	says("-i base.db --baseline slow.db --max-regression 10%", 0, "");
	says("-i slow.db --baseline base.db --max-regression 10% --driver nvme", 2, "");
	says("-i run.db --baseline base.db --max-regression 10%", 5, "");
	says("-i followed.db --baseline base.db --max-regression 10%", 5, "");
	assert_int_equal(sh("printf 'max-regression: 100%%\\n' >p.yml"), 0);
	says("-i slow.db --baseline base.db -P p.yml", 0, "");
	/* the command line goes before the file */
	says("-i slow.db --baseline base.db -P p.yml --max-regression 1%", 4, "");
	says("-i slow.db -P p.yml", 2,
	     "dmatrace check: --max-regression, or max-regression in a policy, requires --baseline");
	says("-i slow.db --baseline base.db --max calls=1", 2,
	     "dmatrace check: --baseline requires --max-regression");
	says("--baseline base.db --max-regression 10% -- true", 2, "dmatrace check: recordings are what "
	     "is compared: keep this run in one, with --output");
	says("-i slow.db --baseline base.db --max-regression some", 2,
	     "dmatrace check: --max-regression: 'some' is not a percentage such as 10% or 2.5%");
	says("-i slow.db --baseline none.db --max-regression 1%", 1,
	     "dmatrace: cannot read none.db: No such file or directory");
}

static void ci_systems_get_what_they_read(void **state)
{
	(void)state;
	says("-i run.db --max errors=2 --annotate github", 4,
	     "::error title=dmatrace check%3A max errors=2 failed::all devices: measured 3; 3 by map of "
	     DEV);
	assert_int_equal(sh("grep -q '^verdict: failed$' out"), 0);
	assert_int_equal(run("-i run.db --max errors=2 --max bounced=0 --max alloc.p50=1s "
			     "-f json --junit x.xml"), 4);
	assert_int_equal(sh("grep -q '\"verdict\":\"failed\"' out"), 0);
	if (sh("command -v xmllint >/dev/null"))
		skip();
	assert_int_equal(sh("xmllint --noout --schema \"$TOP/tests/unit/junit.xsd\" x.xml "
			    "\"$TOP/tests/golden/check/some.xml\" 2>err"), 0);
}

/* A program that others wrote to read the format reads ours. */
static void a_reader_of_junit_reads_it(void **state)
{
	(void)state;
	if (sh("/usr/bin/python3 -c 'import junitparser' 2>err"))
		skip();
	assert_int_equal(run("-i run.db --max errors=2 --max bounced=0 --max alloc.p50=1s "
			     "--junit x.xml"), 4);
	assert_int_equal(sh("/usr/bin/python3 -c 'import junitparser\n"
		"suite, = junitparser.JUnitXml.fromfile(\"x.xml\")\n"
		"assert (suite.name, suite.hostname, suite.time) == (\"dmatrace\", \"box\", 2.5)\n"
		"assert (suite.tests, suite.failures, suite.errors) == (3, 1, 1)\n"
		"cases = [(c.name, [type(r).__name__ for r in c.result or []]) for c in suite]\n"
		"assert cases == [(\"max errors=2: all devices\", [\"Failure\"]),\n"
		"                 (\"max bounced=0: all devices\", []),\n"
		"                 (\"max alloc.p50=1s: all devices\", [\"Error\"])], cases\n'"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_codes_say_it_all),
		cmocka_unit_test(what_cannot_be_judged_is_refused_in_a_line),
		cmocka_unit_test(what_is_read_is_not_written),
		cmocka_unit_test(verdicts_replace_a_file_and_nothing_else),
		cmocka_unit_test(at_the_limit_of_file_sizes_the_old_verdicts_stay),
		cmocka_unit_test(a_policy_is_a_file_of_limits),
		cmocka_unit_test(what_became_slower_is_found),
		cmocka_unit_test(ci_systems_get_what_they_read),
		cmocka_unit_test(a_reader_of_junit_reads_it),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
