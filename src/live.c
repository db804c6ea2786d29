// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and attaching.  A program the kernel refuses is noted and the plan made anew without
 * it, so one refusal never costs more than the operation it was for.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "err.h"
#include "kernel_probe.h"
#include "live_private.h"

static unsigned long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* libbpf says which program did not load only in words; the last such name is kept here. */
static char refused_prog[64];

static int libbpf_says(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	static const char marker[] = "prog '";
	char *text, *start, *line, *rest;

	if (level == LIBBPF_DEBUG && verbose < 3)
		return 0;
	if (vasprintf(&text, fmt, ap) < 0)
		return -1;
	start = strstr(text, marker);
	if (start && strstr(start, "failed to load"))
		sscanf(start + sizeof(marker) - 1, "%63[^']", refused_prog);
	if (verbose > 1)
		for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			debug("%s", line);
	free(text);
	return 0;
}

static void refuse(struct live *l, const struct sight *sight, enum way way, int err)
{
	debug("%s by %s refused: %s", sight->target, way_names[way], strerror(-err));
	if (l->nrefused < MAX_REFUSED)
		l->refused[l->nrefused++] = (struct refusal){ sight, way, err };
}

/* "map_page" and "__fexit" -> the program, NULL if there is none. */
static struct bpf_program *program(const struct bpf_object *obj, const char *name,
				   const char *suffix)
{
	char full[64];

	snprintf(full, sizeof(full), "%s%s", name, suffix);
	return bpf_object__find_program_by_name(obj, full);
}

static const char *const suffixes[WAY_MAX][2] = {
	[WAY_FSESSION] = { "__fsession", NULL },
	[WAY_FENTRY] = { "__fentry", "__fexit" },
	[WAY_KPROBE] = { "__kprobe", "__kretprobe" },
	[WAY_TRACEPOINT] = { "__tp", NULL },
};

/* Sizes follow the machine: memory per CPU is bounded, see README "Memory". */
static int maps_size(struct live *l, struct dmatrace_bpf *skel)
{
	int err = 0;

	l->naccounts = l->ncpus * 256u;
	if (l->naccounts > MAX_ACCOUNTS)
		l->naccounts = MAX_ACCOUNTS;
	if (l->naccounts < MIN_ACCOUNTS)
		l->naccounts = MIN_ACCOUNTS;
	l->ndevices = 1024;
	err |= bpf_map__set_max_entries(skel->maps.accounts, l->naccounts);
	err |= bpf_map__set_max_entries(skel->maps.account_index, l->naccounts);
	err |= bpf_map__set_max_entries(skel->maps.free_accounts, l->naccounts);
	err |= bpf_map__set_max_entries(skel->maps.devices, l->ndevices);
	err |= bpf_map__set_max_entries(skel->maps.device_index, l->ndevices);
	err |= bpf_map__set_max_entries(skel->maps.free_devices, l->ndevices);
	return err ? -EINVAL : 0;
}

/* A later object counts into the maps of the first. */
static int maps_share(struct bpf_object *from, struct bpf_object *to)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, to) {
		struct bpf_map *old = bpf_object__find_map_by_name(from, bpf_map__name(map));
		int err = !old ? -ENOENT : bpf_map__value_size(map) != bpf_map__value_size(old) ?
			  -EINVAL : bpf_map__reuse_fd(map, bpf_map__fd(old));

		if (err)
			return err;
	}
	return 0;
}

/* Is this hook still to be attached, by a program of this object? */
static bool pending(const struct live *l, int hook, bool session)
{
	const struct planned *p = &l->plan.hooks[hook];

	return planned_attaches(p) && !l->attached[hook] && (p->way == WAY_FSESSION) == session;
}

static bool any_pending(const struct live *l, bool session)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		if (pending(l, hook, session))
			return true;
	return false;
}

/* Turn on the programs of hooks that are planned and not yet attached. */
static int programs_choose(struct live *l, struct bpf_object *obj, bool session)
{
	const char *forget = l->kernel.tries[WAY_FENTRY] ? "__kprobe" : "__fentry";
	struct bpf_program *prog;

	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		const struct planned *p = &l->plan.hooks[hook];

		for (int i = 0; i < 2 && pending(l, hook, session); i++) {
			const char *suffix = suffixes[p->way][i];

			if (!suffix)
				continue;
			prog = program(obj, p->sight->prog, suffix);
			if (!prog)
				return -ENOENT;
			bpf_program__set_autoload(prog, true);
			if (session)
				bpf_program__set_expected_attach_type(prog, ATTACH_FSESSION);
		}
	}
	if (!l->nobjects)
		bpf_program__set_autoload(l->first->progs.begin, true);
	prog = l->nobjects ? NULL : program(obj, "forget", forget);
	if (prog && (!l->kernel.tries[WAY_FENTRY] || !l->kernel.tries[WAY_KPROBE]))
		bpf_program__set_autoload(prog, true);
	return 0;
}

/* Which row and way the program libbpf complained about belongs to. */
static bool refuse_by_name(struct live *l, int err)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		const struct planned *p = &l->plan.hooks[hook];
		size_t len = p->sight ? strlen(p->sight->prog) : 0;

		if (len && !strncmp(refused_prog, p->sight->prog, len) &&
		    !strncmp(refused_prog + len, "__", 2)) {
			refuse(l, p->sight, p->way, err);
			return true;
		}
	}
	return false;
}

static struct bpf_object *object_open(struct live *l, bool session)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "dmatrace");
	const void *elf;
	size_t size;

	if (!l->nobjects) {
		l->first = dmatrace_bpf__open();
		return l->first ? l->first->obj : NULL;
	}
	elf = session ? session_bpf__elf_bytes(&size) : dmatrace_bpf__elf_bytes(&size);
	return bpf_object__open_mem(elf, size, &opts);
}

static void object_close(struct live *l, struct bpf_object *obj)
{
	if (obj != l->first->obj) {
		bpf_object__close(obj);
		return;
	}
	dmatrace_bpf__destroy(l->first);
	l->first = NULL;
}

/* Size or find the maps, and load. */
static int object_fill(struct live *l, struct bpf_object *obj, bool session)
{
	int err = programs_choose(l, obj, session);

	if (!err)
		err = l->nobjects ? maps_share(l->first->obj, obj) : maps_size(l, l->first);
	if (err)
		return err;
	refused_prog[0] = '\0';
	return l->nobjects ? bpf_object__load(obj) : dmatrace_bpf__load(l->first);
}

/*
 * Load an object with what the plan wants; replans as programs are refused.  The first is never
 * one of sessions: it owns the maps.  1, 0 if there is nothing to attach, or -errno.
 */
static int object_load(struct live *l, struct bpf_object **out, bool *session)
{
	for (;;) {
		struct bpf_object *obj;
		int err;

		plan_make(&l->plan, &l->kernel, &l->wishes, l->refused, l->nrefused);
		if (!any_pending(l, false) && !any_pending(l, true))
			return 0;
		*session = l->nobjects && any_pending(l, true);
		obj = object_open(l, *session);
		if (!obj)
			return fail(-errno, "cannot open the BPF object: %s", strerror(errno));
		err = object_fill(l, obj, *session);
		if (!err) {
			*out = obj;
			return 1;
		}
		object_close(l, obj);
		if (refuse_by_name(l, err))
			continue;
		/* this kernel's sessions are not those we know */
		if (*session)
			l->kernel.tries[WAY_FSESSION] = err;
		else
			return fail(err, "cannot load the BPF programs: %s%s", strerror(-err),
				    err != -EPERM ? "" : kernel_privileged() ?
				    "; up to 5.10 it needs a higher 'ulimit -l', try sudo" :
				    "; needs CAP_BPF and CAP_PERFMON, try sudo");
	}
}

static int queue_fill(const struct bpf_map *map, __u32 count)
{
	/* 0 means none: no account, no device */
	for (__u32 i = 1; i < count; i++)
		if (bpf_map_update_elem(bpf_map__fd(map), NULL, &i, BPF_ANY))
			return -errno;
	return 0;
}

/* What every later object finds done: free indexes, and the programs' own bearings. */
static int maps_begin(struct live *l)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	struct dmatrace_bpf *skel = l->first;
	int err = queue_fill(skel->maps.free_accounts, l->naccounts);

	if (!err)
		err = queue_fill(skel->maps.free_devices, l->ndevices);
	if (!err && bpf_prog_test_run_opts(bpf_program__fd(skel->progs.begin), &run))
		err = -errno;
	return err ? fail(err, "cannot set up the BPF maps: %s", strerror(-err)) : 0;
}

struct job {
	struct live *live;
	struct bpf_object *obj;
	enum dmt_hook hook;
	bool at_return;
	int err;
	pthread_t thread;
};

/* Runs in a thread: taking a trampoline waits for grace periods, so all are taken at once. */
static void *job_run(void *arg)
{
	struct job *job = arg;
	struct live *l = job->live;
	const struct planned *p = &l->plan.hooks[job->hook];
	struct bpf_program *prog = program(job->obj, p->sight->prog,
					   suffixes[p->way][job->at_return]);
	struct attachment *a = &l->attachments[job->hook][job->at_return];

	a->prog_fd = bpf_program__fd(prog);
	if (p->way == WAY_KPROBE) {
		job->err = tracefs_attach(&l->probes[job->hook * 2 + job->at_return],
					  p->sight->prog, p->sight->target, job->at_return,
					  a->prog_fd);
		return NULL;
	}
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

static int jobs_list(struct live *l, struct bpf_object *obj, bool session, struct job *jobs)
{
	int n = 0;

	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		const struct planned *p = &l->plan.hooks[hook];

		if (!pending(l, hook, session))
			continue;
		for (int i = 0; i < 2 && suffixes[p->way][i]; i++)
			jobs[n++] = (struct job){ .live = l, .obj = obj, .hook = hook,
						  .at_return = i };
	}
	return n;
}

static void attach_round(struct live *l, struct bpf_object *obj, bool session)
{
	struct job jobs[DMT_HOOK_MAX * 2];
	int n = jobs_list(l, obj, session, jobs);

	for (int i = 0; i < n; i++)
		if (pthread_create(&jobs[i].thread, NULL, job_run, &jobs[i])) {
			job_run(&jobs[i]);
			jobs[i].thread = pthread_self();
		}
	for (int i = 0; i < n; i++) {
		if (!pthread_equal(jobs[i].thread, pthread_self()))
			pthread_join(jobs[i].thread, NULL);
		l->attached[jobs[i].hook] = true;
	}
	debug("attached %d programs", n);
	for (int i = 0; i < n; i++) {
		const struct planned *p = &l->plan.hooks[jobs[i].hook];

		if (!jobs[i].err || !l->attached[jobs[i].hook])
			continue;
		refuse(l, p->sight, p->way, jobs[i].err);
		detach(l, jobs[i].hook);
		l->attached[jobs[i].hook] = false;
	}
}

/* In a thread, as it waits for a grace period as well. */
static void *forget_attach(void *arg)
{
	struct live *l = arg;
	struct bpf_program *prog = program(l->first->obj, "forget", "__fentry");

	if (prog && bpf_program__fd(prog) >= 0) {
		l->forget_link = bpf_raw_tracepoint_open(NULL, bpf_program__fd(prog));
		l->forget_attached = l->forget_link >= 0;
		return NULL;
	}
	prog = program(l->first->obj, "forget", "__kprobe");
	if (prog && bpf_program__fd(prog) >= 0)
		l->forget_attached = !tracefs_attach(&l->forget_probe, "forget",
						     "devres_release_all", false,
						     bpf_program__fd(prog));
	return NULL;
}

static int attach_rounds(struct live *l)
{
	while (l->nobjects < MAX_OBJECTS) {
		struct bpf_object *obj;
		bool session;
		int err = object_load(l, &obj, &session);

		if (err <= 0)
			return err;
		l->objects[l->nobjects++] = obj;
		err = l->nobjects == 1 ? maps_begin(l) : 0;
		if (err)
			return err;
		if (l->nobjects == 1)
			l->forgetting = !pthread_create(&l->forget_thread, NULL, forget_attach, l);
		attach_round(l, obj, session);
	}
	return 0;
}

static int attach_all(struct live *l)
{
	int err = attach_rounds(l);

	if (l->forgetting)
		pthread_join(l->forget_thread, NULL);
	return err;
}

static bool anything_on(const struct live *l)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		if (l->attached[hook])
			return true;
	return false;
}

/* Programs that read kernel memory do not load then (EINVAL): the helper is not there. */
static bool locked_down(void)
{
	FILE *in = fopen("/sys/kernel/security/lockdown", "re");
	char line[128] = "";

	if (!in)
		return false;
	if (!fgets(line, sizeof(line), in))
		line[0] = '\0';
	fclose(in);
	return strstr(line, "[confidentiality]");
}

/* Distributions mount it late or never. */
static bool tracefs_unmounted(const struct live *l)
{
	return l->kernel.tries[WAY_KPROBE] == -ENOENT &&
	       access("/sys/kernel/tracing/README", F_OK) && errno == ENOENT &&
	       access("/sys/kernel/debug/tracing/README", F_OK) && errno == ENOENT;
}

#define TRACEFS_HINT "kprobes need tracefs, which is not mounted; " \
		     "mount -t tracefs tracefs /sys/kernel/tracing"

/* What keeps everything away, in one line; the reasons hook by hook are in the plan. */
static int nothing_on(const struct live *l)
{
	int err = l->kernel.tries[WAY_TRACEPOINT];

	if (err == -EPERM && !kernel_privileged())
		return fail(-EPERM, "no privilege to trace; run it as root (sudo), or with CAP_BPF "
			    "and CAP_PERFMON");
	if (locked_down())
		return fail(-EPERM, "kernel lockdown (confidentiality) forbids BPF to read kernel "
			    "memory; boot with lockdown=integrity or without");
	if (err == -EPERM)
		return fail(-EPERM, "the kernel refuses BPF programs even from root: a container or "
			    "seccomp filter forbids them; run it on the host");
	if (err == -ENOSYS)
		return fail(-EOPNOTSUPP, "no bpf() system call: the kernel lacks "
			    "CONFIG_BPF_SYSCALL=y, or a seccomp filter hides it; run it elsewhere");
	if (tracefs_unmounted(l))
		return fail(-EOPNOTSUPP, TRACEFS_HINT);
	if (l->kernel.tries[WAY_FENTRY] && l->kernel.tries[WAY_KPROBE] && geteuid())
		return fail(-EPERM, "this kernel offers kprobes only, and tracefs, which they need, "
			    "is for root; try sudo");
	return fail(-EOPNOTSUPP, "nothing that was asked for can be attached on this kernel; "
		    "'dmatrace hooks' says why");
}

int live_plan(struct kernel *k, struct plan *plan, const struct wishes *wishes)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	int err;

	libbpf_set_print(libbpf_says);
	/* up to 5.10 maps are charged to this limit */
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	err = kernel_probe(k);
	if (!err)
		plan_make(plan, k, wishes, NULL, 0);
	return err;
}

int live_open(struct live **out, const struct wishes *wishes)
{
	struct live *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	*out = l;
	l->wishes = *wishes;
	/* 0 is a descriptor, too: the command's stdin */
	for (int i = 0; i < DMT_HOOK_MAX * 2; i++)
		l->probes[i].perf_fd = -1;
	l->forget_probe.perf_fd = -1;
	l->ncpus = libbpf_num_possible_cpus();
	tracefs_sweep();
	err = live_plan(&l->kernel, &l->plan, wishes);
	if (err)
		return err;
	err = attach_all(l);
	if (err)
		return err;
	if (!anything_on(l))
		return nothing_on(l);
	/* with fentry, kprobes are hardly missed */
	if (l->kernel.tries[WAY_FENTRY] && tracefs_unmounted(l))
		warn(TRACEFS_HINT);
	if (!l->forget_attached)
		warn("devices that come and go may be taken for one another: "
		     "devres_release_all cannot be watched");
	live_baseline(l);
	l->first->bss->enabled = 1;
	l->start_ns = now_ns();
	return 0;
}

int live_finish(struct live *l, struct model *m)
{
	l->first->bss->enabled = 0;
	m->duration_ns = now_ns() - l->start_ns;
	return live_read(l, m);
}

bool live_refused(const struct live *l, struct model *m)
{
	if (!l || !l->kernel.nfunctions)
		return false;
	m->host = strdup(l->kernel.host);
	m->release = strdup(l->kernel.release);
	m->arch = strdup(l->kernel.arch);
	model_plan(m, &l->plan);
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		m->hooks[hook].on = false;
	return true;
}

void live_close(struct live *l)
{
	struct job jobs[DMT_HOOK_MAX];

	if (!l)
		return;
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
	tracefs_detach(&l->forget_probe);
	if (l->forget_link > 0)
		close(l->forget_link);
	while (l->nobjects)
		object_close(l, l->objects[--l->nobjects]);
	kernel_release(&l->kernel);
	free(l);
}
