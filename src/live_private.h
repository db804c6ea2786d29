/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by live.c (attaching) and live_read.c (reading); nobody else includes it.
 */
#ifndef LIVE_PRIVATE_H
#define LIVE_PRIVATE_H

#include <pthread.h>
#include "../bpf/dmatrace.h"	/* before the skeleton, which declares variables of its types */
#include "dmatrace.skel.h"
#include "session.skel.h"
#include "live.h"
#include "tracefs.h"

#define MAX_REFUSED 64
#define MAX_OBJECTS 6
#define MIN_ACCOUNTS 1024
#define MAX_ACCOUNTS 14336	/* 62 MiB */

struct attachment {
	int prog_fd, link_fd;
};

struct live {
	struct wishes wishes;
	struct kernel kernel;
	struct plan plan;
	struct refusal refused[MAX_REFUSED];
	size_t nrefused;
	struct dmatrace_bpf *first;	/* its maps are everybody's */
	struct bpf_object *objects[MAX_OBJECTS];	/* first->obj and what came after it */
	int nobjects, ncpus;
	__u32 naccounts, ndevices;
	bool attached[DMT_HOOK_MAX];
	struct attachment attachments[DMT_HOOK_MAX][2];	/* entry, return */
	struct tracefs_probe probes[DMT_HOOK_MAX * 2];	/* the same, of kprobe ways */
	struct tracefs_probe forget_probe;
	pthread_t forget_thread;
	bool forgetting, forget_attached;
	int forget_link;
	unsigned long long before[DMT_HOOK_MAX];	/* calls kprobes had seen by then */
	unsigned long long unsampled[DMT_HOOK_MAX];	/* calls read without a latency */
	unsigned long long start_ns;
};

/* What the kernel's own counters say before counting begins. */
void live_baseline(struct live *l);
int live_read(struct live *l, struct model *m);

#endif
