// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel facts as data: look-up and the fact file.  Asks no kernel; kernel_probe.c does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "err.h"
#include "kernel.h"

static const struct fact *find(const struct fact *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].name, name))
			return &list[i];
	return NULL;
}

const struct fact *kernel_function(const struct kernel *k, const char *name)
{
	return find(k->functions, k->nfunctions, name);
}

const struct fact *kernel_event(const struct kernel *k, const char *name)
{
	return find(k->events, k->nevents, name);
}

struct fact *kernel_add(struct fact **list, size_t *count, const char *name, const char *proto,
			int copies)
{
	struct fact *grown = realloc(*list, (*count + 1) * sizeof(**list));
	struct fact *fact;

	if (!grown)
		return NULL;
	*list = grown;
	fact = &grown[(*count)++];
	fact->name = strdup(name);
	fact->proto = proto ? strdup(proto) : NULL;
	fact->copies = copies;
	return fact;
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

/* What follows a keyword of the fact file.  Unknown keywords are for a newer dmatrace. */
static int parse_line(struct kernel *k, char *line)
{
	char *word = strtok(line, " \n"), *name = strtok(NULL, " \n"), *rest = strtok(NULL, "\n");

	if (!word || *word == '#')
		return 0;
	if (!name)
		return -EINVAL;
	if (!strcmp(word, "kernel"))
		return (k->release = strdup(name)) ? 0 : -ENOMEM;
	if (!strcmp(word, "arch"))
		return (k->arch = strdup(name)) ? 0 : -ENOMEM;
	if (!strcmp(word, "btf"))
		return k->btf = !strcmp(name, "yes"), 0;
	if (!rest)
		return -EINVAL;
	if (!strcmp(word, "function")) {
		char *proto = strchr(rest, ' ');

		return kernel_add(&k->functions, &k->nfunctions, name, proto ? proto + 1 : NULL,
				  atoi(rest)) ? 0 : -ENOMEM;
	}
	if (!strcmp(word, "event"))
		return kernel_add(&k->events, &k->nevents, name, rest, 0) ? 0 : -ENOMEM;
	if (!strcmp(word, "try")) {
		for (int w = 0; w < WAY_MAX; w++)
			if (!strcmp(name, way_names[w]))
				k->tries[w] = atoi(rest);
		return 0;
	}
	if (!strcmp(word, "fentry-args") && atoi(name) < KERNEL_ARGS)
		k->fentry_args[atoi(name)] = atoi(rest);
	return 0;
}

int kernel_load(struct kernel *k, const char *path)
{
	FILE *in = fopen(path, "re");
	char line[1024];
	int number = 0, err = 0;

	memset(k, 0, sizeof(*k));
	if (!in)
		return fail(-errno, "cannot read the kernel facts in %s: %s", path, strerror(errno));
	while (!err && fgets(line, sizeof(line), in)) {
		number++;
		err = parse_line(k, line);
	}
	fclose(in);
	if (err)
		return fail(err, "%s:%d: not a kernel fact; write the file anew with "
			    "'dmatrace hooks --facts'", path, number);
	if (!k->release || !k->arch)
		return fail(-EINVAL, "%s names no kernel; write it anew with "
			    "'dmatrace hooks --facts'", path);
	return 0;
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
		fprintf(out, "function %s %d%s%s\n", k->functions[i].name, k->functions[i].copies,
			k->functions[i].proto ? " " : "",
			k->functions[i].proto ? k->functions[i].proto : "");
	for (size_t i = 0; i < k->nevents; i++)
		fprintf(out, "event %s %s\n", k->events[i].name, k->events[i].proto);
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
