/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One call as it was seen, by names: what the model is to a run, this is to a call.  Made by a
 * source (live/events.c), which owns all it points to, and only until the next one.
 */
#ifndef EVENT_H
#define EVENT_H

#include "model/model.h"

struct event {
	unsigned long long time_ns;	/* of the return, since tracing began */
	unsigned cpu;
	const char *task;		/* NULL: not known, or in an interrupt */
	unsigned thread;		/* valid when there is a task */
	const char *device, *bus, *driver;	/* NULL: not known */
	enum dmt_op op;
	enum dmt_dir direction;
	unsigned long long size;
	/* for the device, of memory, and for the CPU; 0: not known */
	unsigned long long address, phys, virt;
	enum path path;
	enum reason reason;
	enum phase phase;
	enum context context;
	bool latency_known, failed;
	unsigned long long latency_ns;
	enum failure failure;
	long long value;		/* of a failed call, as the kernel returned it */
	const struct frames *stack;	/* NULL: not asked for, or lost */
};

#endif
