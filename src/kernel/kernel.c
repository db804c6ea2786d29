// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel facts as data: look-up and the fact file.  Asks no kernel; kernel_probe.c does.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/input.h"
#include "kernel/kernel.h"

#define FACTS_MAX (1u << 20)	/* bytes; real ones are 4K */
#define MAX_ERRNO 4095		/* as in the kernel */

static const struct fact *find(const struct fact *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].name, name))
			return &list[i];
	return NULL;
}

const struct fact *kernel_function(const struct kernel *k, const char *name)
{
	const struct fact *f = find(k->functions, k->nfunctions, name);

	return f && f->copies ? f : NULL;
}

const struct fact *kernel_event(const struct kernel *k, const char *name)
{
	return find(k->events, k->nevents, name);
}

struct fact *kernel_add(struct fact **list, size_t *count, const char *name, const char *proto,
			int copies)
{
	struct fact *grown = reallocarray(*list, *count + 1, sizeof(**list));
	struct fact fact = { .copies = copies };

	if (!grown)
		return NULL;
	*list = grown;
	fact.name = strdup(name);
	fact.proto = proto ? strdup(proto) : NULL;
	if (!fact.name || (proto && !fact.proto)) {
		free(fact.name);
		free(fact.proto);
		return NULL;
	}
	grown[*count] = fact;
	return &grown[(*count)++];
}

int proto_args(const char *proto)
{
	const char *c = strchr(proto, '(');
	int args = 1;

	if (!c || c[1] == ')')
		return 0;
	for (; *c && *c != '|'; c++)
		args += *c == ',';
	return args;
}

bool proto_matches(const char *wanted, const char *seen)
{
	size_t len = strlen(seen);

	while (wanted) {
		if (!strncmp(wanted, seen, len) && (wanted[len] == '|' || !wanted[len]))
			return true;
		wanted = strchr(wanted, '|');
		wanted += wanted ? 1 : 0;
	}
	return false;
}

/* A whole number within bounds; the table of hooks indexes with some of them. */
static int parse_number(const char *word, int min, int max, int *value)
{
	char *end;
	long number = strtol(word, &end, 10);

	if (end == word || (*end && *end != ' ') || number < min || number > max)
		return -EINVAL;
	*value = number;
	return 0;
}

static int parse_text(char **to, const char *word)
{
	free(*to);
	*to = strdup(word);
	return *to ? 0 : -ENOMEM;
}

static int parse_function(struct kernel *k, const char *name, const char *rest)
{
	const char *proto = strchr(rest, ' ');
	int copies, err = parse_number(rest, 1, INT_MAX, &copies);

	if (err)
		return err;
	return kernel_add(&k->functions, &k->nfunctions, name, proto ? proto + 1 : NULL, copies) ?
	       0 : -ENOMEM;
}

static int parse_try(struct kernel *k, const char *name, const char *rest)
{
	for (int w = 0; w < WAY_MAX; w++)
		if (!strcmp(name, way_names[w]))
			return parse_number(rest, -MAX_ERRNO, 0, &k->tries[w]);
	return 0;	/* a way this dmatrace does not know */
}

static int parse_args(struct kernel *k, const char *name, const char *rest)
{
	int args, err = parse_number(name, 0, INT_MAX, &args);

	if (err || args >= KERNEL_ARGS)
		return err;
	return parse_number(rest, -MAX_ERRNO, 0, &k->fentry_args[args]);
}

/* One line; unknown keywords are of a newer dmatrace. */
static int parse_line(struct kernel *k, char *line)
{
	char *left, *word = strtok_r(line, " ", &left), *name = strtok_r(NULL, " ", &left);
	char *rest = name ? strtok_r(NULL, "", &left) : NULL;

	if (!word || *word == '#')
		return 0;
	if (!name)
		return -EINVAL;
	if (!strcmp(word, "kernel"))
		return parse_text(&k->release, name);
	if (!strcmp(word, "arch"))
		return parse_text(&k->arch, name);
	if (!strcmp(word, "btf"))
		return k->btf = !strcmp(name, "yes"), 0;
	if (!rest)
		return -EINVAL;
	if (!strcmp(word, "function"))
		return parse_function(k, name, rest);
	if (!strcmp(word, "event"))
		return kernel_add(&k->events, &k->nevents, name, rest, 0) ? 0 : -ENOMEM;
	if (!strcmp(word, "try"))
		return parse_try(k, name, rest);
	if (!strcmp(word, "fentry-args"))
		return parse_args(k, name, rest);
	return 0;
}

#define ANEW "write it anew with 'dmatrace hooks --facts'"

/* All of a file as a string, within bounds: people name the wrong file. */
static int text_read(const char *path, char **text)
{
	const char *why;
	size_t len;
	int err;
	FILE *in = file_read_regular(path, &err, &why);

	if (!in)
		return fail(err, "cannot read the kernel facts in %s: %s", path, why);
	*text = malloc(FACTS_MAX + 1);
	len = *text ? fread(*text, 1, FACTS_MAX + 1, in) : 0;
	err = !*text ? -ENOMEM : ferror(in) ? -errno : 0;
	fclose(in);
	if (err)
		return fail(err, "cannot read the kernel facts in %s: %s", path, strerror(-err));
	if (memchr(*text, '\0', len))
		return fail(-EINVAL, "%s is not text, so no kernel facts; " ANEW, path);
	if (len > FACTS_MAX)
		return fail(-EFBIG, "%s is too large for kernel facts (over 1 MiB); " ANEW, path);
	(*text)[len] = '\0';
	return 0;
}

static int text_parse(struct kernel *k, char *text, const char *path)
{
	int number = 0, err;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		number++;
		line[strcspn(line, "\r")] = '\0';
		if (!strcmp(line, "end"))
			break;
		err = parse_line(k, line);
		if (err)
			return fail(err, "%s:%d: not a kernel fact; write the file anew with "
				    "'dmatrace hooks --facts'", path, number);
	}
	if (!k->release || !k->arch)
		return fail(-EINVAL, "%s names no kernel; " ANEW, path);
	if (!line)
		return fail(-EINVAL, "%s is cut short, its line 'end' is missing; " ANEW, path);
	return 0;
}

int kernel_load(struct kernel *k, const char *path)
{
	char *text = NULL;
	int err = text_read(path, &text);

	memset(k, 0, sizeof(*k));
	/* a way that an older dmatrace did not try may work or not */
	for (int w = 0; w < WAY_MAX; w++)
		k->tries[w] = -ENODATA;
	if (!err)
		err = text_parse(k, text, path);
	free(text);
	return err;
}

int kernel_save(const struct kernel *k, FILE *out)
{
	fprintf(out, "kernel %s\narch %s\nbtf %s\n", k->release, k->arch, k->btf ? "yes" : "no");
	for (int w = 0; w < WAY_MAX; w++)
		fprintf(out, "try %s %d\n", way_names[w], k->tries[w]);
	for (int n = 0; n < KERNEL_ARGS; n++)
		if (k->fentry_args[n])
			fprintf(out, "fentry-args %d %d\n", n, k->fentry_args[n]);
	for (size_t i = 0; i < k->nfunctions; i++)
		if (k->functions[i].copies)
			fprintf(out, "function %s %d%s%s\n", k->functions[i].name,
				k->functions[i].copies, k->functions[i].proto ? " " : "",
				k->functions[i].proto ? k->functions[i].proto : "");
	for (size_t i = 0; i < k->nevents; i++)
		fprintf(out, "event %s %s\n", k->events[i].name, k->events[i].proto);
	fputs("end\n", out);	/* so that a file cut short shows */
	return ferror(out) ? -EIO : 0;
}

static void facts_free(struct fact *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].name);
		free(list[i].proto);
	}
	free(list);
}

void kernel_release(struct kernel *k)
{
	facts_free(k->functions, k->nfunctions);
	facts_free(k->events, k->nevents);
	free(k->release);
	free(k->arch);
	free(k->host);
	memset(k, 0, sizeof(*k));
}
