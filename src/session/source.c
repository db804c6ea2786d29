// SPDX-License-Identifier: GPL-2.0
/*
 * Shared options, see source.h.
 */
#include <string.h>
#include "base/doc.h"
#include "base/err.h"
#include "render/render.h"
#include "session/source.h"

const char *const format_names[] = { "text", "json", NULL };
const char *const folded_format_names[] = { "text", "json", "folded", NULL };
static const char *const all_format_names[] = { "text", "json", "folded", "openmetrics" };

static int bits(const char *cmd, const char *what, const struct opt_list *list,
		const char *(*name)(int), int count, unsigned long long *out)
{
	*out = 0;
	for (size_t i = 0; i < list->count; i++) {
		int n = 0;

		while (n < count && strcmp(name(n), list->items[i]))
			n++;
		if (n == count)
			return fail_as(-EINVAL, cmd, "unknown %s '%s'; 'dmatrace hooks' lists them",
				       what, list->items[i]);
		*out |= 1ull << n;
	}
	return 0;
}

static const char *op_name(int i)
{
	return ops[i].name;
}

static const char *layer_name(int i)
{
	return i < LAYER_MAX ? layer_names[i] : "all";
}

static const char *way_name(int i)
{
	return way_names[i];
}

int source_wishes(const char *cmd, const struct source_opts *o, struct wishes *wishes)
{
	unsigned long long named = 0, layers = 0, ways = 0;
	int err;

	verbose = o->verbose;
	err = bits(cmd, "operation", &o->ops, op_name, DMT_OP_MAX, &named);
	if (!err)
		err = bits(cmd, "layer", &o->layers, layer_name, LAYER_MAX + 1, &layers);
	if (!err)
		err = bits(cmd, "way", &o->ways, way_name, WAY_MAX, &ways);
	*wishes = (struct wishes){
		.ops = named, .ways = ways, .layers = layers >> LAYER_MAX ? LAYERS_ALL : layers,
		.extras = o->no_latency ? DMT_WANTS_NO_LATENCY : 0,
	};
	return err;
}

int source_print_to(FILE *out, const struct source_opts *o, struct doc *doc)
{
	const struct renderer *renderer = renderer_find(all_format_names[o->format]);
	struct render_opts opts = render_opts_for(out);
	int err = renderer->render(out, doc, &opts);

	doc_free(doc);
	return err;
}

int source_print(const struct source_opts *o, struct doc *doc)
{
	return source_print_to(stdout, o, doc);
}

int source_exit(int err)
{
	switch (err) {
	case 0:
		return EXIT_OK;
	case -EPERM:
	case -EACCES:
	case -ENOENT:
	case -EOPNOTSUPP:
		return EXIT_CANNOT;
	default:
		return EXIT_FAILED;
	}
}
