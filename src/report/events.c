// SPDX-License-Identifier: GPL-2.0
/*
 * Calls one by one: a row for each, and what is to be said when the last was seen.
 */
#include "base/list.h"
#include "model/event.h"
#include "report/report.h"

/* In the order of text; the widths are what usual names and numbers need. */
static const struct column columns[] = {
	{ "time_ns", "TIME", "of the return, since tracing began", UNIT_CLOCK, SHOW_ALL, 11 },
	{ "cpu", "CPU", "on which it returned", UNIT_COUNT, SHOW_ALL, 3 },
	{ "context", NULL, "task, softirq or hardirq", UNIT_TEXT, SHOW_DATA },
	{ "task", "TASK", "name of the thread, if not in an interrupt", UNIT_TEXT, SHOW_ALL, 12 },
	{ "thread", "THREAD", "its number", UNIT_COUNT, SHOW_ALL, 6 },
	{ "device", "DEVICE", "as the driver core names it", UNIT_TEXT, SHOW_ALL, 12 },
	{ "bus", NULL, "bus of the device", UNIT_TEXT, SHOW_DATA },
	{ "driver", "DRIVER", "driver bound when the device was first seen", UNIT_TEXT, SHOW_ALL, 8 },
	{ "op", "OP", "operation", UNIT_TEXT, SHOW_ALL, 8 },
	{ "direction", "DIRECTION", "of the transfer", UNIT_TEXT, SHOW_ALL, 11 },
	{ "size", "SIZE", "in bytes", UNIT_BYTES, SHOW_ALL, 8 },
	{ "address", "ADDRESS", "for the device", UNIT_ADDRESS, SHOW_ALL, 11 },
	{ "phys", "PHYS", "physical address of the memory", UNIT_ADDRESS, SHOW_ALL, 11 },
	{ "virt", "VIRT", "its address for the CPU", UNIT_ADDRESS, SHOW_ALL, 18 },
	{ "latency_ns", "LATENCY", "time in the call", UNIT_NS, SHOW_ALL, 7 },
	{ "how", "PATH", "path; of a bounce why, of a copy what for", UNIT_TEXT, SHOW_TEXT, 12 },
	{ "path", NULL, "way the mapping or allocation took", UNIT_TEXT, SHOW_DATA },
	{ "bounce_reason", NULL, "of a bounce", UNIT_TEXT, SHOW_DATA },
	{ "phase", NULL, "what a copy was for", UNIT_TEXT, SHOW_DATA },
	{ "error", "ERROR", "what a failed call returned", UNIT_TEXT, SHOW_ALL },
	{ "stack", "STACK", "who called, innermost first", UNIT_NAMES, SHOW_ALL },
};

/* The last one only where it was asked for. */
struct table *report_events(struct doc *doc, bool stacks)
{
	return doc_table(doc, "events", "", columns,
			 ARRAY_SIZE(columns) - !stacks, SHOW_ALL);
}

static void who_cells(struct table *t, const struct event *e)
{
	cell_name(t, context_names[e->context]);
	cell_text(t, e->task);
	cell_when(t, e->task, e->thread);
	cell_text(t, e->device);
	cell_text(t, e->bus);
	cell_text(t, e->driver);
}

static void how_cells(struct table *t, const struct event *e)
{
	char error[32];

	/* an operation has no more than one of them */
	cell_name(t, e->path ? path_names[e->path] : e->phase ? phase_names[e->phase] :
		     reason_names[e->reason]);
	cell_name(t, path_names[e->path]);
	cell_name(t, reason_names[e->reason]);
	cell_name(t, phase_names[e->phase]);
	cell_text(t, e->failed ? failure_name(e->failure, e->value, error, sizeof(error)) : NULL);
}

void report_event(struct table *t, const struct event *e, bool stacks)
{
	table_row(t);
	cell_u64(t, e->time_ns);
	cell_u64(t, e->cpu);
	who_cells(t, e);
	cell_name(t, ops[e->op].name);
	cell_name(t, direction_names[e->direction]);
	if (ops_without_size & op_bit(e->op))
		cell_absent(t);
	else
		cell_u64(t, e->size);
	cell_when(t, e->address, e->address);
	cell_when(t, e->phys, e->phys);
	cell_when(t, e->virt, e->virt);
	cell_when(t, e->latency_known, e->latency_ns);
	how_cells(t, e);
	if (stacks && e->stack)
		cell_names(t, e->stack->names, e->stack->count);
	else if (stacks)
		cell_absent(t);
}

static void end_build(struct doc *doc, const struct model *m, const struct findings *f,
		      const struct report_opts *o)
{
	(void)f;
	doc_u64(doc, "events", "events", UNIT_COUNT, SHOW_ALL, o->events);
	doc_u64(doc, "events_filtered", "calls of other devices or drivers", UNIT_COUNT, SHOW_ALL,
		o->events_filtered);
	if (!o->events)
		report_nothing(doc, m, report_api_ops(), "no call was printed");
	report_run(doc, m);
}

const struct report report_events_end = { .name = "trace", .bare = true, .build = end_build };
