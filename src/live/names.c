// SPDX-License-Identifier: GPL-2.0
/*
 * Names of addresses on call paths: from what is kept of modules that came or went meanwhile, else
 * from what the kernel says when the first is asked for.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "live/private.h"

static int record(void *ctx, void *data, size_t size)
{
	struct live *l = ctx;

	if (modules_take(l->modules, data, size))
		l->names_lost++;
	return 0;
}

int live_names_open(struct live *l)
{
	static const char *const tells[2] = { "module_load", "module_free" };
	int prog = bpf_program__fd(l->first->progs.modules);
	int err = -ENOMEM;

	l->modules = modules_new();
	if (l->modules) {
		l->module_log = ring_buffer__new(bpf_map__fd(l->first->maps.module_log), record, l,
						 NULL);
		err = l->module_log ? 0 : -errno;
	}
	if (err)
		return fail(err, "cannot keep the names of modules' functions: %s%s",
			    strerror(-err), err_remedy(err));
	for (int i = 0; i < 2 && !l->modules_refused; i++) {
		l->modules_links[i] = bpf_raw_tracepoint_open(tells[i], prog);
		if (l->modules_links[i] < 0) {
			debug("%s cannot be watched: %s", tells[i], strerror(errno));
			l->modules_links[i] = 0;
		}
	}
	return 0;
}

void live_names_detach(struct live *l)
{
	for (int i = 0; i < 2; i++) {
		if (l->modules_links[i] > 0)
			close(l->modules_links[i]);
		l->modules_links[i] = 0;
	}
}

void live_names_close(struct live *l)
{
	ring_buffer__free(l->module_log);
	modules_free(l->modules);
	ksyms_free(l->ksyms);
}

void live_names_take(struct live *l)
{
	ring_buffer__consume(l->module_log);
}

size_t live_names_moved(struct live *l, __u64 when)
{
	live_names_take(l);
	return modules_moved(l->modules, when);
}

bool live_name(struct live *l, __u64 address, __u64 when, char *out, size_t size)
{
	enum whose whose;

	/* of a module that came just before the call, too; nothing is asked of the kernel */
	live_names_take(l);
	if (!l->ksyms && !l->ksyms_tried) {
		l->ksyms_tried = true;
		l->ksyms = ksyms_read();
	}
	if (!l->ksyms)
		return false;
	whose = modules_name(l->modules, address, when, out, size);
	if (whose == WHOSE_UNKNOWN ||
	    (whose == WHOSE_NOBODY && !ksyms_name(l->ksyms, address, out, size)))
		snprintf(out, size, "%#llx [unknown]", address);
	return true;
}
