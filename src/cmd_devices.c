// SPDX-License-Identifier: GPL-2.0
/*
 * dmatrace devices: what can do DMA here and how, without tracing and without privileges.
 */
#include <unistd.h>
#include "cmds.h"
#include "err.h"
#include "inventory.h"
#include "report.h"
#include "source.h"

struct devices_opts {
	struct source_opts source;	/* of which only how to print */
	const char *device, *driver;
};

static const struct devices_opts devices_defaults;

static const struct opt devices_options[] = {
	OPT_STR('D', "device", struct devices_opts, device, "GLOB", "only devices whose name matches GLOB"),
	OPT_STR('r', "driver", struct devices_opts, driver, "GLOB", "only devices whose driver matches GLOB"),
	OPT_ENUM('f', "format", struct devices_opts, source.format, format_names, "FORMAT",
		 "output format"),
	OPT_COUNTER('v', "verbose", struct devices_opts, source.verbose, "verbose"),
};

static void explain_empty(const struct devices_opts *o)
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

static int devices_run(const void *opts, int argc, char **argv)
{
	const struct devices_opts *o = opts;
	struct inventory inv;
	int err;

	(void)argc;
	(void)argv;
	verbose = o->source.verbose;
	err = inventory_read(&inv, "", o->device, o->driver);
	if (err)
		return EXIT_FAILED;
	if (!inv.ndevices)
		explain_empty(o);
	if (!inv.facts.pool_known)
		debug("the swiotlb cannot be read in /sys/kernel/debug; %s",
		      geteuid() ? "try as root" : "is it mounted, or the kernel locked down?");
	err = source_print(&o->source, report_devices(&inv));
	inventory_release(&inv);
	return err && err != -EPIPE ? EXIT_FAILED : EXIT_OK;
}

const struct cmd cmd_devices = {
	.name = "devices", .help = "which devices can do DMA, how far they reach, and through what",
	.options = devices_options,
	.noptions = sizeof(devices_options) / sizeof(*devices_options),
	.defaults = &devices_defaults, .opts_size = sizeof(struct devices_opts),
	.run = devices_run,
};
