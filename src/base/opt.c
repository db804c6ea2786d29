// SPDX-License-Identifier: GPL-2.0
/*
 * Turns words into an options struct, and option tables into help.  Not getopt: a table can be
 * listed, checked against the man page and asked for the nearest name; a switch cannot.
 */
#include "base/opt.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fmt.h"

#define HELP_COLUMN 28

struct parse {
	const struct cmd *cmd;
	char *opts;
	char **words;		/* what is left to read */
};

static const struct opt help_option = {
	.short_name = 'h', .name = "help", .kind = OPT_KIND_FLAG, .help = "show this help",
};

/* usage(p, "unknown option '%s'", word): every complaint ends with where to read on. */
#define usage(p, fmt, ...) \
	fail_as(-EINVAL, (p)->cmd->name, fmt "; try 'dmatrace %s --help'", __VA_ARGS__, \
		(p)->cmd->name)

/* Edits to turn one word into the other; swapped neighbours count once, as people mistype. */
static size_t distance(const char *a, const char *b)
{
	enum { LONGEST = 32 };
	size_t d[LONGEST + 1][LONGEST + 1] = { 0 }, i, j;
	size_t na = strnlen(a, LONGEST), nb = strnlen(b, LONGEST);

	for (i = 0; i <= na; i++) {
		for (j = 0; j <= nb; j++) {
			size_t best;

			if (!i || !j) {
				d[i][j] = i + j;
				continue;
			}
			best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			best = d[i - 1][j] + 1 < best ? d[i - 1][j] + 1 : best;
			best = d[i][j - 1] + 1 < best ? d[i][j - 1] + 1 : best;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[na][nb];
}

/* A third of the letters may be wrong. */
size_t name_distance(const char *word, const char *name)
{
	size_t len = strlen(word), edits = distance(word, name);

	if (len >= 3 && !strncmp(word, name, len))
		return 0;
	return edits <= (len + 2) / 3 && edits < strlen(name) ? edits : SIZE_MAX;
}

const struct cmd *cmd_suggest(const struct cmd *const *cmds, const char *word)
{
	const struct cmd *best = NULL;
	size_t least = SIZE_MAX;

	for (; *cmds; cmds++) {
		size_t edits = name_distance(word, (*cmds)->name);

		if (edits < least) {
			least = edits;
			best = *cmds;
		}
	}
	return best;
}

static const char *option_suggest(const struct cmd *cmd, const char *typed, int len)
{
	const char *best = NULL;
	size_t least = SIZE_MAX;
	char word[64];

	snprintf(word, sizeof(word), "%.*s", len, typed);
	for (size_t i = 0; i < cmd->noptions; i++) {
		const char *name = cmd->options[i].name;
		size_t edits = name ? name_distance(word, name) : SIZE_MAX;

		if (edits < least) {
			least = edits;
			best = name;
		}
	}
	return best;
}

static bool takes_value(const struct opt *o)
{
	return o->kind != OPT_KIND_FLAG && o->kind != OPT_KIND_COUNTER;
}

static bool is_numeric(const struct opt *o)
{
	return o->kind == OPT_KIND_TIME || o->kind == OPT_KIND_SIZE || o->kind == OPT_KIND_U64 ||
	       o->kind == OPT_KIND_PERCENT;
}

static const struct opt *find_long(const struct cmd *cmd, const char *name, size_t len)
{
	for (size_t i = 0; i <= cmd->noptions; i++) {
		const struct opt *o = i < cmd->noptions ? &cmd->options[i] : &help_option;

		if (o->name && strlen(o->name) == len && !strncmp(o->name, name, len))
			return o;
	}
	return NULL;
}

static const struct opt *find_short(const struct cmd *cmd, char letter)
{
	for (size_t i = 0; i <= cmd->noptions; i++) {
		const struct opt *o = i < cmd->noptions ? &cmd->options[i] : &help_option;

		if (o->short_name == letter)
			return o;
	}
	return NULL;
}

/* "a, b or c" */
static void join_values(char *buf, size_t size, const char *const *values)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; values[i] && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s",
					!i ? "" : values[i + 1] ? ", " : " or ", values[i]);
}

static char *format_number(char *buf, const struct opt *o, unsigned long long value)
{
	if (o->kind == OPT_KIND_TIME)
		return fmt_ns(buf, FMT_MAX, value);
	if (o->kind == OPT_KIND_SIZE)
		return fmt_bytes(buf, FMT_MAX, value);
	if (o->kind == OPT_KIND_PERCENT)
		snprintf(buf, FMT_MAX, "%g%%", value / 100.0);
	else
		snprintf(buf, FMT_MAX, "%llu", value);
	return buf;
}

static int set_number(const struct parse *p, const struct opt *o, const char *text)
{
	unsigned long long max = o->max ? o->max : ULLONG_MAX, value;
	char low[FMT_MAX], high[FMT_MAX];
	const char *why;
	int err;

	if (o->kind == OPT_KIND_TIME)
		err = parse_duration(text, &value, &why);
	else if (o->kind == OPT_KIND_SIZE)
		err = parse_size(text, &value, &why);
	else if (o->kind == OPT_KIND_PERCENT)
		err = parse_percent(text, &value, &why);
	else
		err = parse_u64(text, 0, ULLONG_MAX, &value, &why);
	if (err)
		return usage(p, "--%s: '%s' %s", o->name, text, why);
	if (value < o->min || value > max) {
		format_number(low, o, o->min);
		format_number(high, o, max);
		if (!o->max)
			return usage(p, "--%s: '%s' is below %s", o->name, text, low);
		return usage(p, "--%s: '%s' is not between %s and %s", o->name, text, low, high);
	}
	memcpy(p->opts + o->offset, &value, sizeof(value));
	return 0;
}

static int set_enum(const struct parse *p, const struct opt *o, const char *text)
{
	char names[512];

	for (int i = 0; o->values[i]; i++) {
		if (!strcmp(o->values[i], text)) {
			memcpy(p->opts + o->offset, &i, sizeof(i));
			return 0;
		}
	}
	join_values(names, sizeof(names), o->values);
	return usage(p, "--%s: '%s' is not one of %s", o->name, text, names);
}

static int set_list(const struct parse *p, const struct opt *o, const char *text)
{
	struct opt_list *list = (struct opt_list *)(p->opts + o->offset);

	if (list->count == OPT_LIST_MAX)
		return usage(p, "--%s: given more than %d times", o->name, OPT_LIST_MAX);
	list->items[list->count++] = text;
	return 0;
}

/* text is NULL for options that take no value. */
static int set_option(const struct parse *p, const struct opt *o, const char *text)
{
	switch (o->kind) {
	case OPT_KIND_FLAG:
		*(bool *)(p->opts + o->offset) = true;
		return 0;
	case OPT_KIND_COUNTER:
		++*(int *)(p->opts + o->offset);
		return 0;
	case OPT_KIND_STRING:
		*(const char **)(p->opts + o->offset) = text;
		return 0;
	case OPT_KIND_TIME:
	case OPT_KIND_SIZE:
	case OPT_KIND_U64:
	case OPT_KIND_PERCENT:
		return set_number(p, o, text);
	case OPT_KIND_ENUM:
		return text ? set_enum(p, o, text) : -EINVAL;
	case OPT_KIND_LIST:
		return set_list(p, o, text);
	case OPT_KIND_GROUP:
		break;
	}
	return usage(p, "%s is not an option", o->help);
}

static int show_help(const struct parse *p)
{
	opt_help(stdout, p->cmd);
	return OPT_DONE;
}

/* The value after an option that came without "="; NULL if the words are used up. */
static const char *next_word(struct parse *p)
{
	return *p->words ? *p->words++ : NULL;
}

static int parse_long(struct parse *p, const char *word)
{
	const char *equals = strchr(word, '=');
	int len = (int)(equals ? (size_t)(equals - word) : strlen(word));
	const struct opt *o = find_long(p->cmd, word, (size_t)len);
	const char *value = equals ? equals + 1 : NULL;

	if (!o) {
		const char *meant = option_suggest(p->cmd, word, len);

		if (meant)
			return fail_as(-EINVAL, p->cmd->name, "unknown option '--%.*s'; did you "
				       "mean '--%s'? try 'dmatrace %s --help'", len, word, meant,
				       p->cmd->name);
		return usage(p, "unknown option '--%.*s'", len, word);
	}
	if (!takes_value(o) && value)
		return usage(p, "--%s takes no value", o->name);
	if (o == &help_option)
		return show_help(p);
	if (takes_value(o) && !value && !(value = next_word(p)))
		return usage(p, "--%s needs a value: %s", o->name, o->arg);
	return set_option(p, o, value);
}

static int parse_shorts(struct parse *p, const char *letters)
{
	int err = 0;

	for (; *letters && !err; letters++) {
		const struct opt *o = find_short(p->cmd, *letters);
		const char *value;

		if (!o)
			return usage(p, "unknown option '-%c'", *letters);
		if (o == &help_option)
			return show_help(p);
		if (takes_value(o)) {
			value = letters[1] ? letters + 1 : next_word(p);
			if (!value)
				return usage(p, "-%c needs a value: %s", o->short_name, o->arg);
			return set_option(p, o, value);
		}
		err = set_option(p, o, NULL);
	}
	return err;
}

static bool accepts_command(const struct cmd *cmd)
{
	return cmd->args && strstr(cmd->args, "--");
}

static bool accepts_operands(const struct cmd *cmd)
{
	return cmd->args && cmd->args[strspn(cmd->args, "[ ")] != '-';
}

/* How many operands come before "--", where a command to run comes after it. */
static int operands_before(const struct cmd *cmd)
{
	int count = 0;

	for (const char *at = cmd->args; *at && *at != '[' && *at != '-'; count++) {
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	return count;
}

/* What follows "--" is a command to run where one is accepted, else it is operands. */
static int take_rest(const struct parse *p, char **rest, char **kept, int *nkept)
{
	if (*rest && !accepts_command(p->cmd) && !accepts_operands(p->cmd))
		return usage(p, "unexpected argument '%s'", *rest);
	/* an empty variable, say: to trace without an end is not what was meant */
	if (!*rest && accepts_command(p->cmd))
		return usage(p, "missing COMMAND after '%s'", "--");
	if (accepts_command(p->cmd) && *nkept < operands_before(p->cmd))
		return usage(p, "missing '%.*s' before '--'", (int)strcspn(p->cmd->args, " "),
			     p->cmd->args);
	for (; *rest; rest++)
		kept[(*nkept)++] = *rest;
	return 0;
}

static int take_operand(const struct parse *p, char *word, char **kept, int *nkept)
{
	if (!accepts_operands(p->cmd) ||
	    (accepts_command(p->cmd) && *nkept == operands_before(p->cmd)))
		return usage(p, "unexpected argument '%s'%s", word, accepts_command(p->cmd) ?
			     "; a command to run goes after '--'" : "");
	kept[(*nkept)++] = word;
	return 0;
}

int opt_parse(const struct cmd *cmd, void *opts, int *argc, char ***argv)
{
	struct parse p = { .cmd = cmd, .opts = opts, .words = *argv };
	char **kept = *argv;		/* never ahead of p.words */
	int nkept = 0, err = 0;

	if (cmd->defaults)
		memcpy(opts, cmd->defaults, cmd->opts_size);
	else if (cmd->opts_size)
		memset(opts, 0, cmd->opts_size);
	while (!err && *p.words) {
		char *word = *p.words++;

		if (!strcmp(word, "--")) {
			err = take_rest(&p, p.words, kept, &nkept);
			break;
		}
		if (!strncmp(word, "--", 2))
			err = parse_long(&p, word + 2);
		else if (word[0] == '-' && word[1])
			err = parse_shorts(&p, word + 1);
		else
			err = take_operand(&p, word, kept, &nkept);
	}
	kept[nkept] = NULL;
	*argc = nkept;
	return err;
}

/* The default as help shows it; empty when there is none worth a mention. */
static void format_default(char *buf, size_t size, const struct cmd *cmd, const struct opt *o)
{
	const char *field = cmd->defaults ? (const char *)cmd->defaults + o->offset : NULL;
	unsigned long long number;
	char text[FMT_MAX];
	int index;

	buf[0] = '\0';
	if (!field)
		return;
	if (o->kind == OPT_KIND_STRING && *(const char *const *)field) {
		snprintf(buf, size, " (default %s)", *(const char *const *)field);
	} else if (o->kind == OPT_KIND_ENUM) {
		memcpy(&index, field, sizeof(index));
		snprintf(buf, size, " (default %s)", o->values[index]);
	} else if (is_numeric(o)) {
		memcpy(&number, field, sizeof(number));
		if (number)
			snprintf(buf, size, " (default %s)", format_number(text, o, number));
	}
}

static void help_line(FILE *out, const struct cmd *cmd, const struct opt *o)
{
	char names[512] = "", fallback[128];
	int width;

	if (o->kind == OPT_KIND_GROUP) {
		fprintf(out, "\n%s:\n", o->help);
		return;
	}
	width = o->short_name ? fprintf(out, "  -%c, ", o->short_name) : fprintf(out, "      ");
	width += fprintf(out, "--%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
	if (width > HELP_COLUMN - 2) {
		fputc('\n', out);
		width = 0;
	}
	format_default(fallback, sizeof(fallback), cmd, o);
	if (o->values)
		join_values(names, sizeof(names), o->values);
	fprintf(out, "%*s%s%s%s%s\n", HELP_COLUMN - width, "", o->help, *names ? ": " : "", names,
		fallback);
}

void opt_help(FILE *out, const struct cmd *cmd)
{
	bool grouped = cmd->noptions && cmd->options[0].kind == OPT_KIND_GROUP;

	fprintf(out, "Usage: dmatrace %s [OPTION ...]%s%s\n", cmd->name, cmd->args ? " " : "",
		cmd->args ? cmd->args : "");
	fprintf(out, "%c%s.\n", toupper((unsigned char)cmd->help[0]), cmd->help + 1);
	if (!grouped)
		fputs("\nOptions:\n", out);
	for (size_t i = 0; i < cmd->noptions; i++)
		help_line(out, cmd, &cmd->options[i]);
	help_line(out, cmd, &help_option);
}

static void dump_line(FILE *out, const struct cmd *cmd, const struct opt *o)
{
	if (o->kind == OPT_KIND_GROUP)
		return;
	fprintf(out, "%s\t%c%c\t--%s\t%s\n", cmd->name, '-', o->short_name ? o->short_name : '-',
		o->name, o->arg ? o->arg : "-");
}

void opt_dump(FILE *out, const struct cmd *cmd)
{
	for (size_t i = 0; i < cmd->noptions; i++)
		dump_line(out, cmd, &cmd->options[i]);
	dump_line(out, cmd, &help_option);
}
