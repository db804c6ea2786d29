// SPDX-License-Identifier: GPL-2.0
/*
 * Policy files, see policy.h.  Read as a stream of events, not as a tree: a limit that is given
 * twice must not hide the first, and a complaint names its line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "base/err.h"
#include "base/input.h"
#include "analysis/limit.h"
#include "analysis/policy.h"

struct policy {
	const char *path;
	struct limits *limits;
	yaml_parser_t parser;
	yaml_event_t event;
};

/* Of the event at hand. */
#define refuse(p, fmt, ...) \
	fail(-EINVAL, "%s:%zu: " fmt, (p)->path, (p)->event.start_mark.line + 1, ##__VA_ARGS__)

/* What the library has to say it says in words that end without a stop. */
static int malformed(const struct policy *p)
{
	const yaml_parser_t *parser = &p->parser;

	if (parser->error == YAML_MEMORY_ERROR)
		return fail(-ENOMEM, "out of memory while reading %s", p->path);
	/* of bytes, not of lines */
	if (parser->error == YAML_READER_ERROR)
		return fail(-EINVAL, "cannot read the policy %s: %s", p->path, parser->problem);
	return fail(-EINVAL, "%s:%zu: not YAML: %s; indent with blanks, and quote what begins with '*' "
		    "or another sign", p->path, parser->problem_mark.line + 1,
		    parser->problem ? parser->problem : "unreadable");
}

static int next(struct policy *p)
{
	yaml_event_delete(&p->event);
	return yaml_parser_parse(&p->parser, &p->event) ? 0 : malformed(p);
}

/* A string of its own; a zero byte would end it unseen. */
static int text_take(const struct policy *p, char **text)
{
	const char *value = (const char *)p->event.data.scalar.value;
	size_t len = p->event.data.scalar.length;

	*text = NULL;
	if (p->event.type != YAML_SCALAR_EVENT)
		return refuse(p, "a name or a value is wanted here");
	if (strlen(value) != len)
		return refuse(p, "has a zero byte");
	*text = strdup(value);
	return *text ? 0 : fail(-ENOMEM, "out of memory while reading %s", p->path);
}

/* The value of a name: the next event. */
static int value_take(struct policy *p, char **text)
{
	int err = next(p);

	*text = NULL;
	return err ? err : text_take(p, text);
}

static int limit_read(struct policy *p, enum bound bound)
{
	char *what, *value = NULL, *text = NULL, why[LIMIT_WHY];
	int err = text_take(p, &what);

	if (!err)
		err = value_take(p, &value);
	if (!err && asprintf(&text, "%s=%s", what, value) < 0) {
		text = NULL;
		err = fail(-ENOMEM, "out of memory while reading %s", p->path);
	} else if (!err) {
		err = limits_add(p->limits, bound, text, why);
		if (err)
			err = refuse(p, "'%s' %s", text, why);
	}
	free(text);
	free(value);
	free(what);
	return err;
}

static int limits_read(struct policy *p, enum bound bound)
{
	int err = next(p);

	if (!err && p->event.type != YAML_MAPPING_START_EVENT)
		return refuse(p, "'%s' wants limits below it, such as 'bounced: 0'",
			      bound_names[bound]);
	while (!err && !(err = next(p)) && p->event.type != YAML_MAPPING_END_EVENT)
		err = limit_read(p, bound);
	return err;
}

static int allowance_read(struct policy *p, const char *name, struct allowance *a)
{
	char *text, why[LIMIT_WHY];
	int err = value_take(p, &text);

	if (!err && allowance_parse(a, text, why))
		err = refuse(p, "%s: '%s' %s", name, text, why);
	free(text);
	return err;
}

static int regression_read(struct policy *p, const char *name)
{
	char *text, why[LIMIT_WHY];
	int err = value_take(p, &text);

	if (!err && limits_regression(p->limits, text, why))
		err = refuse(p, "%s: '%s' %s", name, text, why);
	free(text);
	return err;
}

static int entry_read(struct policy *p)
{
	char *name;
	int err = text_take(p, &name);

	if (!err && !strcmp(name, bound_names[BOUND_MAX]))
		err = limits_read(p, BOUND_MAX);
	else if (!err && !strcmp(name, bound_names[BOUND_MIN]))
		err = limits_read(p, BOUND_MIN);
	else if (!err && !strcmp(name, "max-loss"))
		err = allowance_read(p, name, &p->limits->max_loss);
	else if (!err && !strcmp(name, "max-regression"))
		err = regression_read(p, name);
	else if (!err)
		err = refuse(p, "'%s' is none of max, min, max-loss, max-regression", name);
	free(name);
	return err;
}

/* One document, and nothing after it. */
static int document_read(struct policy *p)
{
	int err = next(p);

	while (!err && (p->event.type == YAML_STREAM_START_EVENT ||
			p->event.type == YAML_DOCUMENT_START_EVENT))
		err = next(p);
	if (!err && p->event.type != YAML_MAPPING_START_EVENT)
		return refuse(p, "has no limits: 'max:' or 'min:' is wanted here");
	while (!err && !(err = next(p)) && p->event.type != YAML_MAPPING_END_EVENT)
		err = entry_read(p);
	if (!err)
		err = next(p);
	if (!err)
		err = next(p);
	if (!err && p->event.type != YAML_STREAM_END_EVENT)
		err = refuse(p, "a second document begins; there may be one");
	return err;
}

int policy_read(struct limits *l, const char *path)
{
	struct policy p = { .path = path, .limits = l };
	const char *why;
	int err;
	FILE *in = file_read_regular(path, &err, &why);

	if (!in)
		return fail(err, "cannot read the policy %s: %s", path, why);
	if (!yaml_parser_initialize(&p.parser)) {
		fclose(in);
		return fail(-ENOMEM, "out of memory while reading %s", path);
	}
	yaml_parser_set_input_file(&p.parser, in);
	err = document_read(&p);
	yaml_event_delete(&p.event);
	yaml_parser_delete(&p.parser);
	fclose(in);
	return err;
}
