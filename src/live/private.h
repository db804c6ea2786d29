/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the files of this folder; nobody else includes it.
 */
#ifndef LIVE_PRIVATE_H
#define LIVE_PRIVATE_H

#include <pthread.h>
#include "bpf/dmatrace.h"	/* before the skeleton, which declares variables of its types */
#include "dmatrace.skel.h"
#include "counts.skel.h"
#include "counts_extra.skel.h"
#include "extra.skel.h"
#include "session.skel.h"
#include "session_extra.skel.h"
#include "kernel/ksyms.h"
#include "live/live.h"
#include "live/module.h"
#include "kernel/tracefs.h"

#define MAX_REFUSED 64
#define MAX_OBJECTS 6
#define LIFETIMES (256 * DMT_TAKER_MAX)	/* of 256 devices */
#define MIN_ACCOUNTS 1024
#define MAX_ACCOUNTS 12288	/* 52 MiB: with all else 64 at most, see dmatrace(1), MEMORY */
_Static_assert(MAX_ACCOUNTS * sizeof(struct dmt_account) <= 53 << 20, "dmatrace(1) says 52 MiB");

/* How the kernel addresses memory; see memory.c. */
struct live_memory {
	bool read, linear_known;
	__u64 pages;			/* page structure of frame 0; 0: not known */
	__u32 page_bytes;		/* of each */
	__u64 linear;			/* what the direct map adds to a physical address */
	__u64 end;			/* of memory, physical; 0: not known */
};

/* 0: not known. */
struct place {
	unsigned long long phys, virt;
};

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
	bool symbols;			/* the kernel's are known, not only its types */
	__u32 naccounts, ndevices;
	bool attached[DMT_HOOK_MAX];
	struct attachment attachments[DMT_HOOK_MAX][2];	/* entry, return */
	struct tracefs_probe probes[DMT_HOOK_MAX * 2];	/* the same, of kprobe ways */
	int stats_fd;			/* 0: not asked for */
	struct cost cost_before[DMT_HOOK_MAX];
	struct tracefs_probe forget_probe;
	pthread_t forget_thread;
	bool forgetting, forget_attached;
	int forget_link;
	unsigned long long before[DMT_HOOK_MAX];	/* calls kprobes had seen by then */
	unsigned long long unsampled[DMT_HOOK_MAX];	/* calls read without a latency */
	unsigned long long start_ns, duration_ns;
	struct live_events *events;	/* NULL: not open */
	struct live_memory memory;
	int modules_links[2];		/* 0: not attached */
	bool modules_refused;		/* the kernel does not load their program */
	struct ring_buffer *module_log;	/* NULL: nobody tells of modules that come and go */
	struct modules *modules;
	unsigned long long names_lost;	/* of modules: there were too many */
	struct ksyms *ksyms;		/* read when first asked */
	bool ksyms_tried;
};

/* The power of two that is not less: so many places the kernel makes, too, for call paths. */
static inline __u32 live_power(__u32 least)
{
	__u32 power = 1;

	while (power < least)
		power <<= 1;
	return power;
}

/* load.c */
int live_libbpf_says(enum libbpf_print_level level, const char *fmt, va_list ap);
/* Programs get their targets' types from kernel_probe(); else libbpf looks for each, 5 ms here. */
void live_types_give(void);
/* The next object of what is planned and not yet attached: 1, 0 if nothing is, or -errno. */
int live_load(struct live *l, struct bpf_object **obj);
/* Free indexes into the maps, before anything is counted: thousands of system calls. */
int live_fill(struct live *l);
void live_unload(struct live *l);
/* The same in pieces: the object that is first where there is none yet, or NULL with errno. */
struct bpf_object *live_object_open(struct live *l);
void live_object_close(struct live *l, struct bpf_object *obj);
/* Sizes its maps; 0 or -errno, and then live_refused_is() knows the program, if it was one. */
int live_first_load(struct live *l);
bool live_refused_is(const struct bpf_program *prog);
int live_load_failed(int err);	/* reported */
int live_open_failed(int error);	/* errno; reported */
/* "forget" and "__fentry" -> the program, NULL if there is none. */
struct bpf_program *live_program(const struct bpf_object *obj, const char *name,
				 const char *suffix);
/* Of a hook; either end may have none. */
struct bpf_program *live_program_of(const struct bpf_object *obj, const struct planned *p,
				    bool at_return);
/* Is this hook still to be attached? */
bool live_pending(const struct live *l, int hook);
void live_refuse(struct live *l, const struct sight *sight, enum way way, int err);

/* attach.c: all there is; what was refused is in the plan. */
int live_attach(struct live *l);
void live_detach(struct live *l);

/* cost.c: before anything is attached; 0 or -errno, reported */
int live_cost_open(struct live *l);
void live_cost_baseline(struct live *l);
void live_cost_read(const struct live *l, int hook, struct hook_state *state);
void live_cost_close(struct live *l);

/* read.c: what the kernel's own counters say before counting begins. */
void live_baseline(struct live *l);
int live_read(struct live *l, struct model *m);

/* names.c: modules that come and go are told of once it is open; 0 or -errno, reported. */
int live_names_open(struct live *l);
/* Lets the programs go; waits for nothing. */
void live_names_detach(struct live *l);
void live_names_close(struct live *l);
/* Makes room for what comes next. */
void live_names_take(struct live *l);
/* How many had come or gone at a time in ns: addresses may be of other functions than before. */
size_t live_names_moved(struct live *l, __u64 when);
/*
 * The name of the function around the address at a time (0: not known), or the address and that its
 * function is not known.  False: there are no names at all, which has been reported.
 */
bool live_name(struct live *l, __u64 address, __u64 when, char *out, size_t size);

/* rare.c; these return 0 or -ENOMEM */
/* Where a call came from. */
struct trail {
	__s32 stack;		/* its id, or DMT_NO_STACK */
	__u64 caller;		/* a return address that was not on the stack yet; 0: it was */
	__u64 when;		/* ns; 0: not known */
	const char *target;	/* the function it was taken in */
};

/* The names on it; empty when not known. */
int live_frames(struct live *l, struct frames *f, const struct trail *trail);
/* One failure into the model; a: the aggregate that counted it. */
int live_failure(struct live *l, struct model *m, const struct dmt_failure_key *key,
		 const struct aggregate *a, enum failure kind, const char *target);
/* Calls by one call path into the model; a: the aggregate that counted them. */
int live_path(struct live *l, struct model *m, const struct dmt_stack_key *key,
	      const struct dmt_stack_count *count, const struct aggregate *a, const char *target);
/* Then paths of the same names into one. */
int live_paths_unite(struct model *m);

/* One that is held, while it is not yet known whether it is told of. */
struct live_one {
	struct dmt_held_key key;	/* the same for all of the same memory */
	struct dmt_held_value value;
	bool gone;
};

/* strays.c: adds to wrong, by index in lifetimes, what these show; 0 or -ENOMEM */
int live_strays(struct live *l, const struct live_one *ones, size_t count,
		unsigned long long (*wrong)[WRONG_MAX]);

/* devices.c: those of these ids; 0 or -ENOMEM */
int live_devices(struct live *l, struct model *m, const bool *seen);

/*
 * held.c: what is held, slots and mappings, and how long mappings were that are not any more;
 * now: ns of the monotonic clock.  0 or -errno.
 */
int live_held(struct live *l, struct model *m, unsigned long long now);

/* memory.c: of what a call of this operation says, see enum dmt_memory */
struct place live_place(struct live *l, enum dmt_op op, enum dmt_memory memory, __u64 base,
			__u64 phys);

/* events.c */
void live_events_close(struct live *l);

#endif
