/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What commands that trace have in common: for how long, which devices, and the order of things.
 */
#ifndef TRACE_H
#define TRACE_H

#include "session/source.h"

struct trace_opts {
	struct source_opts source;
	unsigned long long duration_ns;
	const char *device, *driver;
	const char *input, *output;	/* recordings */
	const char *listen;		/* where to serve the report instead of printing it */
	unsigned long long interval_ns;	/* at which the output is written */
	bool force;
	bool writes_file;		/* judge does: it keeps the privilege to do so */
};

#define TRACE_DEFAULTS .interval_ns = 1000000000

#define OPT_DURATION(type, field)							\
	OPT_TIME('d', "duration", type, field.duration_ns, "TIME",			\
		 "trace for TIME (10s, 500ms), then end COMMAND; default: until Ctrl-C")

/*
 * Then OPT_SOURCE or OPT_FORM; and OPT_INPUT and OPT_OUTPUT, where there is a report to get from a
 * recording.
 */
#define OPT_TRACE(type, field)								\
	OPT_DURATION(type, field),							\
	OPT_DEVICES(type, field)

#define OPT_DEVICES(type, field)							\
	OPT_STR('D', "device", type, field.device, "GLOB", "only devices whose name matches GLOB"), \
	OPT_STR('r', "driver", type, field.driver, "GLOB", "only devices whose driver matches GLOB")

#define OPT_INPUT(type, field)								\
	OPT_STR('i', "input", type, field.input, "FILE",				\
		"read this recording instead of tracing")

#define OPT_OUTPUT(type, field)								\
	OPT_STR('o', "output", type, field.output, "FILE",				\
		"also write a recording to this file"),					\
	OPT_TIME(0, "interval", type, field.interval_ns, "TIME",			\
		 "with -o: write interval", .min = 100000000),				\
	OPT_FLAG(0, "force", type, field.force, "replace an existing FILE")

/*
 * The devices asked for, as wishes: of what is kept one by one, the others take no room.  -EINVAL,
 * reported, when a pattern cannot be one.
 */
int trace_filter(const char *cmd, struct wishes *wishes, const struct trace_opts *o);

/* -EINVAL, reported, when there is a recording to report and something to trace, too. */
int trace_input_check(const struct trace_opts *o, char *const *command);

struct findings;
struct model;
struct report;
struct report_opts;
struct run;

/* It is given what was asked for, in order.  run: what was traced; NULL: it is a recording. */
typedef int judge_fn(const struct model *m, const struct findings *f, const struct run *run,
		     void *arg);

/*
 * Trace what is wished for while the command runs, until Ctrl-C or for the time asked, then
 * report; or report what a recording holds.  command ends with NULL; NULL: none.  report NULL: only
 * record; opts NULL: nothing special.  wishes NULL: for all that is in the recording, of which
 * there must be one.  Returns the exit code.
 */
int trace_run(const struct trace_opts *o, const struct wishes *wishes, char **command,
	      const struct report *report, const struct report_opts *opts);

/*
 * The same for a command that prints for itself: judge returns the exit code of a run that went
 * well.  more: what judge does besides reading and printing, see sandbox.h.
 */
int trace_judge(const struct trace_opts *o, const struct wishes *wishes, char **command,
		judge_fn *judge, void *arg, unsigned more);

#endif
