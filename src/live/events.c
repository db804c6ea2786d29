// SPDX-License-Identifier: GPL-2.0
/*
 * Events: out of the ring buffer, by names.  What is looked up for a name is kept, as there are
 * many more events than devices and call paths.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "model/event.h"
#include "live/private.h"

struct kept_stack {
	struct frames frames;
	__u64 caller;		/* these three named them, too */
	size_t modules;		/* that had come or gone by then */
	__u32 hook;		/* counted from 1; 0: none yet */
};

struct live_events {
	struct live *live;
	struct ring_buffer *ring;
	struct circumstances circumstances;
	struct dmt_device *devices;	/* by id, which no second device gets */
	bool *known;
	struct kept_stack *stacks;	/* by id */
	__u32 nstacks;
	int (*each)(void *arg, const struct event *e);
	void *arg;
	int left, err;		/* how many more this time; what each() said */
};

static const struct dmt_device *device_of(struct live_events *v, __u32 id)
{
	if (!id || id >= v->live->ndevices)
		return NULL;
	if (!v->known[id])
		v->known[id] = !bpf_map_lookup_elem(bpf_map__fd(v->live->first->maps.devices), &id,
						    &v->devices[id]);
	return v->known[id] ? &v->devices[id] : NULL;
}

/* NULL: lost. */
static const struct frames *stack_of(struct live_events *v, const struct dmt_event *from)
{
	const struct sight *sight = v->live->plan.hooks[from->hook].sight;
	__s32 id = from->stack;
	size_t modules = live_names_moved(v->live, from->time);
	struct kept_stack *kept;

	if (id < 0 || (__u32)id >= v->nstacks)
		return NULL;
	kept = &v->stacks[id];
	if (kept->hook != from->hook + 1u || kept->caller != from->caller ||
	    kept->modules != modules) {
		frames_release(&kept->frames);
		v->err = live_frames(v->live, &kept->frames,
				     &(struct trail){ id, from->caller, from->time,
						      sight ? sight->target : NULL });
		kept->hook = from->hook + 1u;
		kept->caller = from->caller;
		kept->modules = modules;
	}
	return kept->frames.count ? &kept->frames : NULL;
}

static const char *name(const char *text)
{
	return text[0] ? text : NULL;
}

/* Is its address its result?  Then a call that failed has none. */
static bool makes_address(enum dmt_op op)
{
	switch (op) {
	case DMT_OP_ALLOC:
	case DMT_OP_ALLOC_PAGES:
	case DMT_OP_MAP:
	case DMT_OP_MAP_SG:
	case DMT_OP_MAP_RESOURCE:
	case DMT_OP_IOVA_ALLOC:
	case DMT_OP_IOMMU_ALLOC:
		return true;
	default:
		return false;
	}
}

static void fill(struct live_events *v, struct event *e, const struct dmt_event *from)
{
	const struct dmt_device *device = device_of(v, from->device);
	const struct sight *sight = v->live->plan.hooks[from->hook].sight;
	struct place place = live_place(v->live, hook_op(from->hook), from->memory, from->base,
					from->phys);

	*e = (struct event){
		.time_ns = from->time - v->live->start_ns, .cpu = from->cpu,
		.op = hook_op(from->hook), .direction = from->direction, .size = from->size,
		.address = from->where, .phys = place.phys, .virt = place.virt,
		.path = path_of(from->hook, from->notes, device, &v->circumstances),
		.reason = reason_of(from->hook, from->notes, device, &v->circumstances),
		.phase = phase_of(from->hook, from->notes),
		/* of events it is noted whatever the operation */
		.context = context_of(DMT_HOOK_BOUNCE, from->notes),
		.latency_known = from->latency >= 0, .latency_ns = from->latency,
		.failed = from->failed, .failure = sight ? sight->failure : FAILS_NEVER,
		.value = from->value,
	};
	if (device) {
		e->device = name(device->name);
		e->bus = name(device->bus);
		e->driver = name(device->driver);
	}
	if (from->failed && makes_address(e->op))
		e->address = 0;
	/* whoever an interrupt came over has nothing to do with it */
	if (e->context == CONTEXT_TASK || e->context == CONTEXT_UNKNOWN) {
		e->task = name(from->task);
		e->thread = from->thread;
	}
	if (v->live->wishes.extras & DMT_WANTS_EVENT_STACKS)
		e->stack = stack_of(v, from);
}

/* libbpf hands over what there is, and stops at a negative number. */
static int sample(void *ctx, void *data, size_t size)
{
	struct live_events *v = ctx;
	const struct dmt_event *from = data;
	struct event e;

	if (size < sizeof(*from) || from->hook >= DMT_HOOK_MAX)
		return 0;
	fill(v, &e, from);
	if (!v->err)
		v->err = v->each(v->arg, &e);
	return v->err || !--v->left ? -ECANCELED : 0;
}

static int events_make(struct live_events *v)
{
	struct inventory inventory = { 0 };
	int err = inventory_read(&inventory, "", NULL, NULL);

	if (err)
		return err;
	circumstances_read(&v->circumstances, &v->live->plan, v->live->kernel.arch,
			   inventory.facts.bounce_forced);
	inventory_release(&inventory);
	v->devices = calloc(v->live->ndevices, sizeof(*v->devices));
	v->known = calloc(v->live->ndevices, sizeof(*v->known));
	v->nstacks = live_power(bpf_map__max_entries(v->live->first->maps.stack_traces));
	v->stacks = calloc(v->nstacks, sizeof(*v->stacks));
	if (!v->devices || !v->known || !v->stacks)
		return -ENOMEM;
	v->ring = ring_buffer__new(bpf_map__fd(v->live->first->maps.events), sample, v, NULL);
	return v->ring ? 0 : -errno;
}

int live_events_open(struct live *l)
{
	int err;

	l->events = calloc(1, sizeof(*l->events));
	if (!l->events)
		return fail(-ENOMEM, "cannot read events: out of memory");
	l->events->live = l;
	err = events_make(l->events);
	if (err)
		return fail(err, "cannot read events: %s%s", strerror(-err), err_remedy(err));
	return ring_buffer__epoll_fd(l->events->ring);
}

int live_events_read(struct live *l, int most, int (*each)(void *arg, const struct event *e),
		     void *arg)
{
	struct live_events *v = l->events;
	int got;

	v->each = each;
	v->arg = arg;
	v->left = most;
	v->err = 0;
	got = ring_buffer__consume(v->ring);
	if (v->err)
		return v->err;
	if (got < 0 && got != -ECANCELED)
		return fail(got, "cannot read events: %s", strerror(-got));
	return most - v->left;
}

void live_events_close(struct live *l)
{
	struct live_events *v = l->events;

	if (!v)
		return;
	ring_buffer__free(v->ring);
	for (__u32 i = 0; v->stacks && i < v->nstacks; i++)
		frames_release(&v->stacks[i].frames);
	free(v->stacks);
	free(v->known);
	free(v->devices);
	free(v);
}
