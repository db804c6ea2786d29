// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace devices: what can do DMA here and how: without privileges what sysfs says, and of
 * devices that map in a run what only the kernel knows.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/list.h"
#include "cmd/cmds.h"
#include "base/err.h"
#include "base/glob.h"
#include "model/inventory.h"
#include "report/report.h"
#include "session/trace.h"

struct devices_opts {
	struct trace_opts trace;
};

static const struct devices_opts devices_defaults = { .trace = { TRACE_DEFAULTS } };

static const struct opt devices_options[] = {
	OPT_TRACE(struct devices_opts, trace),
	OPT_INPUT(struct devices_opts, trace),
	OPT_FORMAT(struct devices_opts, trace.source, format_names),
	OPT_VERBOSE(struct devices_opts, trace.source),
};

static void explain_empty(const struct trace_opts *o)
{
	if (o->device && o->driver)
		warn("no device that can do DMA is named '%s' and driven by '%s'", o->device,
		     o->driver);
	else if (o->device)
		warn("no device that can do DMA is named '%s'%s", o->device,
		     device_matches(o->device) ? "; its parent may do it for it" : "");
	else if (o->driver)
		warn("no device that can do DMA is driven by '%s'", o->driver);
	else
		warn("no device here can do DMA; is /sys mounted?");
}

/* What sysfs says, which takes no privileges. */
static int listed(const struct trace_opts *o)
{
	struct inventory inv;
	int err;

	verbose = o->source.verbose;
	err = inventory_read(&inv, "", o->device, o->driver);
	if (err)
		return EXIT_FAILED;
	if (!inv.ndevices)
		explain_empty(o);
	if (!inv.facts.pool_known)
		debug("the swiotlb cannot be read in /sys/kernel/debug; %s",
		      geteuid() ? "try as root" : "is it mounted, or the kernel locked down?");
	err = source_print(&o->source, report_inventory(&inv));
	inventory_release(&inv);
	return err && err != -EPIPE ? EXIT_FAILED : EXIT_OK;
}

static int devices_run(const void *opts, int argc, char **argv)
{
	const struct devices_opts *o = opts;
	struct wishes wishes;

	if (!o->trace.input && !o->trace.duration_ns && !argc)
		return listed(&o->trace);
	if (source_wishes("devices", &o->trace.source, &wishes))
		return EXIT_USAGE;
	return trace_run(&o->trace, &wishes, argc ? argv : NULL, &report_devices, NULL);
}

const struct cmd cmd_devices = {
	.name = "devices", .help = "which devices can do DMA, how far they reach, and through what",
	.args = "[-- COMMAND ...]", .options = devices_options,
	.noptions = ARRAY_SIZE(devices_options),
	.defaults = &devices_defaults, .opts_size = sizeof(struct devices_opts),
	.run = devices_run,
};
