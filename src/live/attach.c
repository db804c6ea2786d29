// SPDX-License-Identifier: GPL-2.0
/*
 * Attaching, in threads: taking a trampoline waits for grace periods, and so does giving it back.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "kernel/kernel_probe.h"
#include "live/private.h"
#include "base/signals.h"

struct job {
	struct live *live;
	struct bpf_object *obj;
	enum dmt_hook hook;
	bool at_return;
	int err;
	pthread_t thread;
};

static int kprobe_attach(struct live *l, struct bpf_object *obj, enum dmt_hook hook,
			 bool at_return)
{
	const struct planned *p = &l->plan.hooks[hook];
	struct bpf_program *prog = live_program_of(obj, p, at_return);
	struct attachment *a = &l->attachments[hook][at_return];

	if (!prog || signals_check())
		return 0;
	a->prog_fd = bpf_program__fd(prog);
	return tracefs_attach(&l->probes[hook * 2 + at_return], p->sight->prog, p->sight->target,
			      at_return, a->prog_fd);
}

/* Runs in a thread: taking a trampoline waits for grace periods, so all are taken at once. */
static void *job_run(void *arg)
{
	struct job *job = arg;
	struct live *l = job->live;
	const struct planned *p = &l->plan.hooks[job->hook];
	struct bpf_program *prog = live_program_of(job->obj, p, job->at_return);
	struct attachment *a = &l->attachments[job->hook][job->at_return];

	/* what is not attached needs no taking down: attach_rounds() ends it all */
	if (signals_check())
		return NULL;
	if (p->way == WAY_KPROBE) {
		/*
		 * The one registered last runs first: the entry program is to see the return
		 * address before the kretprobe puts its own there.
		 */
		job->err = kprobe_attach(l, job->obj, job->hook, true);
		if (!job->err)
			job->err = kprobe_attach(l, job->obj, job->hook, false);
		return NULL;
	}
	a->prog_fd = bpf_program__fd(prog);
	a->link_fd = bpf_raw_tracepoint_open(NULL, a->prog_fd);	/* the program knows its target */
	job->err = a->link_fd < 0 ? -errno : 0;
	return NULL;
}

static void detach(struct live *l, enum dmt_hook hook)
{
	for (int i = 0; i < 2; i++) {
		struct attachment *a = &l->attachments[hook][i];

		tracefs_detach(&l->probes[hook * 2 + i]);
		if (a->link_fd > 0)
			close(a->link_fd);
		a->link_fd = 0;
	}
}

static void *job_undo(void *arg)
{
	struct job *job = arg;

	detach(job->live, job->hook);
	return NULL;
}

/* What the object was loaded for and the plan still wants, now that it knows all symbols. */
static int jobs_list(struct live *l, struct bpf_object *obj, struct job *jobs)
{
	int n = 0;

	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		const struct planned *p = &l->plan.hooks[hook];

		for (int i = 0; i < 2 && live_pending(l, hook); i++) {
			struct bpf_program *prog = live_program_of(obj, p, i);

			/* one job does both ends of a kprobe */
			if (p->way == WAY_KPROBE && i && live_program_of(obj, p, 0))
				continue;
			if (prog && bpf_program__fd(prog) >= 0)
				jobs[n++] = (struct job){ .live = l, .obj = obj, .hook = hook,
							  .at_return = i };
		}
	}
	return n;
}

static int attach_round(struct live *l, struct bpf_object *obj)
{
	struct job jobs[DMT_HOOK_MAX * 2];
	int n = jobs_list(l, obj, jobs), err = 0;

	for (int i = 0; i < n; i++)
		if (pthread_create(&jobs[i].thread, NULL, job_run, &jobs[i])) {
			job_run(&jobs[i]);
			jobs[i].thread = pthread_self();
		}
	/* meanwhile */
	if (l->nobjects == 1)
		err = live_fill(l);
	for (int i = 0; i < n; i++) {
		if (!pthread_equal(jobs[i].thread, pthread_self()))
			pthread_join(jobs[i].thread, NULL);
		l->attached[jobs[i].hook] = true;
	}
	debug("attached %d programs", n);
	for (int i = 0; i < n; i++) {
		const struct planned *p = &l->plan.hooks[jobs[i].hook];

		if (err_no_descriptors(jobs[i].err))
			err = jobs[i].err;
		if (!jobs[i].err || !l->attached[jobs[i].hook])
			continue;
		live_refuse(l, p->sight, p->way, jobs[i].err);
		detach(l, jobs[i].hook);
		l->attached[jobs[i].hook] = false;
	}
	return !err_no_descriptors(err) ? err :
	       fail(err, "cannot attach all programs: %s%s", strerror(-err), err_remedy(err));
}

/* In a thread, as it waits for a grace period as well. */
static void *forget_attach(void *arg)
{
	struct live *l = arg;
	struct bpf_program *prog = live_program(l->first->obj, "forget", "__fentry");

	if (prog && bpf_program__fd(prog) >= 0) {
		l->forget_link = bpf_raw_tracepoint_open(NULL, bpf_program__fd(prog));
		l->forget_attached = l->forget_link >= 0;
		return NULL;
	}
	prog = live_program(l->first->obj, "forget", "__kprobe");
	if (prog && bpf_program__fd(prog) >= 0)
		l->forget_attached = !tracefs_attach(&l->forget_probe, "forget",
						     KERNEL_FORGETS, false, bpf_program__fd(prog));
	return NULL;
}

static int attach_rounds(struct live *l)
{
	while (l->nobjects < MAX_OBJECTS) {
		struct bpf_object *obj;
		int err = live_load(l, &obj);

		if (err <= 0)
			return err;
		if (signals_check())
			return -EINTR;
		if (l->nobjects == 1)
			l->forgetting = !pthread_create(&l->forget_thread, NULL, forget_attach, l);
		err = attach_round(l, obj);
		if (!err)
			err = signals_check();
		if (err)
			return err;
	}
	return 0;
}

int live_attach(struct live *l)
{
	int err = attach_rounds(l);

	if (l->forgetting)
		pthread_join(l->forget_thread, NULL);
	return err;
}

void live_detach(struct live *l)
{
	struct job jobs[DMT_HOOK_MAX];

	/* giving a trampoline back waits as long as taking it */
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		jobs[hook] = (struct job){ .live = l, .hook = hook };
		if (pthread_create(&jobs[hook].thread, NULL, job_undo, &jobs[hook])) {
			job_undo(&jobs[hook]);
			jobs[hook].thread = pthread_self();
		}
	}
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		if (!pthread_equal(jobs[hook].thread, pthread_self()))
			pthread_join(jobs[hook].thread, NULL);
	live_names_detach(l);
	tracefs_detach(&l->forget_probe);
	if (l->forget_link > 0)
		close(l->forget_link);
}
