/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Options every tracing command shares, and what they amount to.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "base/opt.h"
#include "kernel/plan.h"

struct source_opts {
	struct opt_list ops, layers, ways;
	int format;			/* enum format */
	int verbose;
	bool no_latency;
};

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_FOLDED, FORMAT_OPENMETRICS };

/* The first of them; the second for reports that have call paths. */
extern const char *const format_names[], *const folded_format_names[];

#define OPT_SOURCE(type, field)								\
	OPT_OPS(type, field),								\
	OPT_FORM(type, field)

#define OPT_OPS(type, field)								\
	OPT_LIST('p', "op", type, field.ops, "OP",					\
		 "only this operation, repeatable (see 'dmatrace hooks')"),		\
	OPT_LIST('l', "layers", type, field.layers, "LAYER",				\
		 "only this layer (repeatable): api, backend, core, pgtable; all: also layers that are off by default")

/* Without these two, for a command that knows what it wants to see. */
#define OPT_FORM(type, field) OPT_FORM_AS(type, field, format_names)

#define OPT_FORM_AS(type, field, names)							\
	OPT_FORMAT(type, field, names),							\
	OPT_WAYS(type, field)

#define OPT_FORMAT(type, field, names)							\
	OPT_ENUM('f', "format", type, field.format, names, "FORMAT",			\
		 "output format")

/* Where counts are enough. */
#define OPT_NO_LATENCY(type, field)							\
	OPT_FLAG(0, "no-latency", type, field.no_latency,				\
		 "count calls without latencies, at a much lower cost")

/* For one that prints nothing. */
#define OPT_WAYS(type, field)								\
	OPT_LIST('w', "ways", type, field.ways, "WAY",					\
		 "attach only by this method (repeatable): fsession, fentry, kprobe, tracepoint"),	\
	OPT_VERBOSE(type, field)

#define OPT_VERBOSE(type, field)							\
	OPT_COUNTER('v', "verbose", type, field.verbose, "verbose; -vv adds libbpf's log")

/* Names to bits; -EINVAL, reported, for an unknown one.  Sets the log level too. */
int source_wishes(const char *cmd, const struct source_opts *o, struct wishes *wishes);

/* Print a document as asked and free it: 0 or -errno, reported. */
struct doc;
int source_print(const struct source_opts *o, struct doc *doc);
int source_print_to(FILE *out, const struct source_opts *o, struct doc *doc);

/* The exit code for an error from the source. */
int source_exit(int err);

#endif
