/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What commands that trace have in common: for how long, which devices, and the order of things.
 */
#ifndef TRACE_H
#define TRACE_H

#include "source.h"

struct trace_opts {
	struct source_opts source;
	unsigned long long duration_ns;
	const char *device, *driver;
};

/* Then OPT_SOURCE or OPT_FORM. */
#define OPT_TRACE(type, field)								\
	OPT_TIME('d', "duration", type, field.duration_ns, "TIME",			\
		 "trace for TIME (10s, 500ms), then end COMMAND; default: until Ctrl-C"), \
	OPT_STR('D', "device", type, field.device, "GLOB", "only devices of this name"), \
	OPT_STR('r', "driver", type, field.driver, "GLOB", "only devices of this driver")

struct doc;
struct findings;
struct model;

/*
 * Trace what is wished for while the command runs, until Ctrl-C or for the time asked, then
 * report.  command ends with NULL; NULL: none.  Returns the exit code.
 */
int trace_run(const struct trace_opts *o, const struct wishes *wishes, char **command,
	      struct doc *(*report)(const struct model *m, const struct findings *f));

#endif
