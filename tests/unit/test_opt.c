// SPDX-License-Identifier: GPL-2.0
/*
 * Every kind of option in every spelling, every complaint word for word, help and suggestions.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <errno.h>

#include "base/list.h"
#include "base/opt.h"

enum sort { SORT_CALLS, SORT_BYTES };
static const char *const sort_names[] = { "calls", "bytes", NULL };

struct opts {
	bool quiet, all;
	int verbose;
	const char *input;
	unsigned long long duration_ns, ring_bytes, rows;
	enum sort sort;
	struct opt_list devices;
};

static const struct opts defaults = { .duration_ns = 1000000000, .rows = 20, .sort = SORT_BYTES };

static const struct opt options[] = {
	OPT_GROUP("What to trace"),
	OPT_TIME('d', "duration", struct opts, duration_ns, "TIME", "stop after TIME",
		 .min = 1000000, .max = 3600000000000ULL),
	OPT_LIST('D', "device", struct opts, devices, "NAME", "only this device; repeatable"),
	OPT_SIZE(0, "ring-size-of-each-processor", struct opts, ring_bytes, "SIZE", "ring",
		 .min = 4096),
	OPT_GROUP("What to print"),
	OPT_FLAG('q', "quiet", struct opts, quiet, "print no header"),
	OPT_FLAG('a', "all", struct opts, all, "print all rows"),
	OPT_COUNTER('v', "verbose", struct opts, verbose, "say more"),
	OPT_STR('i', "input", struct opts, input, "FILE", "replay FILE"),
	OPT_U64('n', "rows", struct opts, rows, "N", "at most N rows", .min = 1, .max = 100),
	OPT_ENUM('s', "sort", struct opts, sort, sort_names, "COLUMN", "order rows by"),
};

#define COMMAND(a) { \
	.name = "stat", .help = "account of DMA by device", .args = a, .options = options, \
	.noptions = ARRAY_SIZE(options), .defaults = &defaults, \
	.opts_size = sizeof(struct opts), \
}
static const struct cmd runs_command = COMMAND("[-- COMMAND ...]");
static const struct cmd takes_files = COMMAND("A B");
static const struct cmd takes_nothing = COMMAND(NULL);

/* One parse: its words in, its results and what it printed out. */
static struct {
	struct opts opts;
	char words[512], *argv[80], **rest;
	int argc, err;
	char printed[8192];
} run;

static void read_back(FILE *f, int fd, int saved)
{
	size_t len;

	fflush(NULL);
	dup2(saved, fd);
	close(saved);
	rewind(f);
	len = fread(run.printed, 1, sizeof(run.printed) - 1, f);
	run.printed[len] = '\0';
	fclose(f);
}

/* Splits line at spaces and parses it; fd is the stream to capture. */
static void parse_capturing(const struct cmd *cmd, const char *line, int fd)
{
	FILE *f = tmpfile();
	int saved, n = 0;
	char *word, *save;

	snprintf(run.words, sizeof(run.words), "%s", line);
	for (word = strtok_r(run.words, " ", &save); word; word = strtok_r(NULL, " ", &save))
		run.argv[n++] = word;
	run.argv[n] = NULL;
	run.argc = n;
	run.rest = run.argv;
	memset(&run.opts, 0xa5, sizeof(run.opts));

	fflush(NULL);
	saved = dup(fd);
	dup2(fileno(f), fd);
	run.err = opt_parse(cmd, &run.opts, &run.argc, &run.rest);
	read_back(f, fd, saved);
}

static const struct opts *parse_ok(const char *line)
{
	parse_capturing(&runs_command, line, STDERR_FILENO);
	assert_string_equal(run.printed, "");
	assert_int_equal(run.err, 0);
	return &run.opts;
}

static void refused(const struct cmd *cmd, const char *line, const char *message)
{
	char expected[512];

	parse_capturing(cmd, line, STDERR_FILENO);
	snprintf(expected, sizeof(expected),
		 "dmatrace stat: %s try 'dmatrace stat --help'\n", message);
	assert_string_equal(run.printed, expected);
	assert_int_equal(run.err, -EINVAL);
}

static void defaults_hold(void **state)
{
	(void)state;
	parse_ok("");
	assert_memory_equal(&run.opts, &defaults, sizeof(defaults));
	assert_int_equal(run.argc, 0);
}

static void flags(void **state)
{
	(void)state;
	assert_true(parse_ok("-q")->quiet);
	assert_true(parse_ok("--quiet")->quiet);
	assert_true(parse_ok("-qa")->all);
	assert_true(run.opts.quiet);
	refused(&runs_command, "--quiet=yes", "--quiet takes no value;");
}

static void counters(void **state)
{
	(void)state;
	assert_int_equal(parse_ok("-vvv")->verbose, 3);
	assert_int_equal(parse_ok("-v --verbose")->verbose, 2);
}

static void strings(void **state)
{
	(void)state;
	assert_string_equal(parse_ok("-i a.db")->input, "a.db");
	assert_string_equal(parse_ok("-ia.db")->input, "a.db");
	assert_string_equal(parse_ok("-qi a.db")->input, "a.db");
	assert_string_equal(parse_ok("--input a.db")->input, "a.db");
	assert_string_equal(parse_ok("--input=a=b")->input, "a=b");
	assert_string_equal(parse_ok("--input=")->input, "");
	assert_string_equal(parse_ok("--input -")->input, "-");
	assert_string_equal(parse_ok("-i a -i b")->input, "b");
	refused(&runs_command, "-i", "-i needs a value: FILE;");
	refused(&runs_command, "--input", "--input needs a value: FILE;");
}

static void durations(void **state)
{
	(void)state;
	assert_int_equal(parse_ok("-d 500ms")->duration_ns, 500000000);
	assert_int_equal(parse_ok("-d2")->duration_ns, 2000000000);
	assert_int_equal(parse_ok("--duration=1m30s")->duration_ns, 90000000000);
	refused(&runs_command, "-d 10x",
		"--duration: '10x' has no known unit (ns, us, ms, s, m, h, d);");
	refused(&runs_command, "-d 0", "--duration: '0' must be longer than 0;");
	refused(&runs_command, "-d 1us", "--duration: '1us' is not between 1.0ms and 1h00m;");
	refused(&runs_command, "-d 2h", "--duration: '2h' is not between 1.0ms and 1h00m;");
}

static void sizes(void **state)
{
	(void)state;
	assert_int_equal(parse_ok("--ring-size-of-each-processor 64K")->ring_bytes, 65536);
	refused(&runs_command, "--ring-size-of-each-processor=1",
		"--ring-size-of-each-processor: '1' is below 4.0KiB;");
	refused(&runs_command, "--ring-size-of-each-processor=x",
		"--ring-size-of-each-processor: 'x' is not a size such as 4096, 64K or 1MiB;");
}

static void whole_numbers(void **state)
{
	(void)state;
	assert_int_equal(parse_ok("-n 1")->rows, 1);
	assert_int_equal(parse_ok("--rows=100")->rows, 100);
	refused(&runs_command, "-n 0", "--rows: '0' is not between 1 and 100;");
	refused(&runs_command, "-n101", "--rows: '101' is not between 1 and 100;");
	refused(&runs_command, "-n -5", "--rows: '-5' is not a whole number;");
}

static void names(void **state)
{
	(void)state;
	assert_int_equal(parse_ok("-s calls")->sort, SORT_CALLS);
	assert_int_equal(parse_ok("--sort=bytes")->sort, SORT_BYTES);
	refused(&runs_command, "--sort size", "--sort: 'size' is not one of calls or bytes;");
}

static void lists(void **state)
{
	char line[512] = "";

	(void)state;
	parse_ok("-D a --device b --device=c");
	assert_int_equal(run.opts.devices.count, 3);
	assert_string_equal(run.opts.devices.items[0], "a");
	assert_string_equal(run.opts.devices.items[2], "c");
	for (int i = 0; i < OPT_LIST_MAX; i++)
		strcat(line, "-Da ");
	assert_int_equal(parse_ok(line)->devices.count, OPT_LIST_MAX);
	strcat(line, "-Da");
	refused(&runs_command, line, "--device: given more than 32 times;");
}

static void unknown_options(void **state)
{
	(void)state;
	refused(&runs_command, "--foo", "unknown option '--foo';");
	refused(&runs_command, "--foo=bar", "unknown option '--foo';");
	refused(&runs_command, "-x", "unknown option '-x';");
	refused(&runs_command, "-qx", "unknown option '-x';");
	refused(&runs_command, "--dev=x", "unknown option '--dev'; did you mean '--device'?");
	refused(&runs_command, "--quite", "unknown option '--quite'; did you mean '--quiet'?");
	refused(&runs_command, "--foo\x1b[2J", "unknown option '--foo\\x1b[2J';");
}

static void command_after_dashes(void **state)
{
	(void)state;
	parse_ok("-q -- dd --help -q");
	assert_int_equal(run.argc, 3);
	assert_string_equal(run.rest[0], "dd");
	assert_string_equal(run.rest[1], "--help");
	assert_null(run.rest[3]);
	refused(&runs_command, "-q --", "missing COMMAND after '--';");
	refused(&runs_command, "dd",
		"unexpected argument 'dd'; a command to run goes after '--';");
	refused(&takes_nothing, "dd", "unexpected argument 'dd';");
	refused(&takes_nothing, "-- dd", "unexpected argument 'dd';");
}

static void operands_between_options(void **state)
{
	(void)state;
	parse_capturing(&takes_files, "a.db -q - -n 5 -- -b.db", STDERR_FILENO);
	assert_int_equal(run.err, 0);
	assert_true(run.opts.quiet);
	assert_int_equal(run.opts.rows, 5);
	assert_int_equal(run.argc, 3);
	assert_string_equal(run.rest[0], "a.db");
	assert_string_equal(run.rest[1], "-");
	assert_string_equal(run.rest[2], "-b.db");
	assert_null(run.rest[3]);
}

static const char help[] =
	"Usage: dmatrace stat [OPTION ...] [-- COMMAND ...]\n"
	"Account of DMA by device.\n"
	"\n"
	"What to trace:\n"
	"  -d, --duration TIME       stop after TIME (default 1.0s)\n"
	"  -D, --device NAME         only this device; repeatable\n"
	"      --ring-size-of-each-processor SIZE\n"
	"                            ring\n"
	"\n"
	"What to print:\n"
	"  -q, --quiet               print no header\n"
	"  -a, --all                 print all rows\n"
	"  -v, --verbose             say more\n"
	"  -i, --input FILE          replay FILE\n"
	"  -n, --rows N              at most N rows (default 20)\n"
	"  -s, --sort COLUMN         order rows by: calls or bytes (default bytes)\n"
	"  -h, --help                show this help\n";

static void help_goes_to_stdout(void **state)
{
	static const char *const lines[] = { "-h", "--help", "-q --help -n bad", "-qh" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		parse_capturing(&runs_command, lines[i], STDOUT_FILENO);
		assert_int_equal(run.err, OPT_DONE);
		assert_string_equal(run.printed, help);
	}
	parse_capturing(&runs_command, "--help=x", STDERR_FILENO);
	assert_int_equal(run.err, -EINVAL);
}

static void help_without_options(void **state)
{
	static const struct cmd bare = { .name = "hooks", .help = "what attaches" };
	char text[256] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	opt_help(f, &bare);
	fclose(f);
	assert_string_equal(text, "Usage: dmatrace hooks [OPTION ...]\nWhat attaches.\n\nOptions:\n"
			    "  -h, --help                show this help\n");
	parse_capturing(&bare, "", STDERR_FILENO);
	assert_int_equal(run.err, 0);
}

static void dump_lists_every_option(void **state)
{
	char text[1024] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	opt_dump(f, &runs_command);
	fclose(f);
	assert_string_equal(text,
		"stat\t-d\t--duration\tTIME\n"
		"stat\t-D\t--device\tNAME\n"
		"stat\t--\t--ring-size-of-each-processor\tSIZE\n"
		"stat\t-q\t--quiet\t-\n"
		"stat\t-a\t--all\t-\n"
		"stat\t-v\t--verbose\t-\n"
		"stat\t-i\t--input\tFILE\n"
		"stat\t-n\t--rows\tN\n"
		"stat\t-s\t--sort\tCOLUMN\n"
		"stat\t-h\t--help\t-\n");
}

static void commands_are_suggested(void **state)
{
	static const struct cmd stat = { .name = "stat" }, stacks = { .name = "stacks" },
		report = { .name = "report" }, record = { .name = "record" },
		hist = { .name = "hist" };
	static const struct cmd *const cmds[] = { &stat, &stacks, &report, &record, &hist, NULL };

	(void)state;
	assert_ptr_equal(cmd_suggest(cmds, "stta"), &stat);
	assert_ptr_equal(cmd_suggest(cmds, "state"), &stat);
	assert_ptr_equal(cmd_suggest(cmds, "sta"), &stat);
	assert_ptr_equal(cmd_suggest(cmds, "stack"), &stacks);
	assert_ptr_equal(cmd_suggest(cmds, "reprot"), &report);
	assert_ptr_equal(cmd_suggest(cmds, "rec"), &record);
	assert_ptr_equal(cmd_suggest(cmds, "list"), &hist);
	assert_null(cmd_suggest(cmds, "x"));
	assert_null(cmd_suggest(cmds, ""));
	assert_null(cmd_suggest(cmds, "swiotlb"));
	assert_null(cmd_suggest(cmds, "a-word-longer-than-any-command-could-ever-sensibly-be"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_hold),
		cmocka_unit_test(flags),
		cmocka_unit_test(counters),
		cmocka_unit_test(strings),
		cmocka_unit_test(durations),
		cmocka_unit_test(sizes),
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(names),
		cmocka_unit_test(lists),
		cmocka_unit_test(unknown_options),
		cmocka_unit_test(command_after_dashes),
		cmocka_unit_test(operands_between_options),
		cmocka_unit_test(help_goes_to_stdout),
		cmocka_unit_test(help_without_options),
		cmocka_unit_test(dump_lists_every_option),
		cmocka_unit_test(commands_are_suggested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
