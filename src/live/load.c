// SPDX-License-Identifier: GPL-2.0
/*
 * Loading: objects, maps, and which programs.  A program the kernel refuses is noted and the plan
 * made anew without it, so one refusal never costs more than the operation it was for.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/glob.h"
#include "kernel/kernel_probe.h"
#include "live/private.h"
#include "base/signals.h"

/* libbpf says which program did not load only in words; the last such name is kept here. */
static char refused_prog[64];
/* What ran out is in its messages, too: what its functions return says "No such process". */
static int ran_out;

static void ran_out_note(const char *text)
{
	const char *colon = strrchr(text, ':');
	int err = colon ? atoi(colon + 1) : 0;

	if (err == -ENOMEM || err_no_descriptors(err))
		ran_out = err;
}

int live_libbpf_says(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	static const char marker[] = "prog '";
	char *text, *start, *line, *rest;

	if (level == LIBBPF_DEBUG && verbose < 3 && !strstr(fmt, "loading kernel BTF"))
		return 0;
	if (vasprintf(&text, fmt, ap) < 0)
		return -1;
	ran_out_note(text);
	start = strstr(text, marker);
	if (start && strstr(start, "failed to load"))
		sscanf(start + sizeof(marker) - 1, "%63[^']", refused_prog);
	/* why a program was refused, which the verifier's log says, is a warning */
	if (verbose > 2 || (verbose > 1 && level != LIBBPF_DEBUG) ||
	    (verbose && level == LIBBPF_WARN))
		for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			debug("%s", line);
	free(text);
	return 0;
}

static int type_give(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	const char *target = strchr(bpf_program__section_name(prog), '/');
	int err = signals_check();

	(void)cookie;
	opts->attach_btf_id = target ? kernel_type_of(target + 1) : 0;
	return err ? err : opts->attach_btf_id ? 0 : -ESRCH;
}

/* libbpf calls it before each program: the verifier may take seconds for all of them. */
static int load_go_on(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	(void)prog, (void)opts, (void)cookie;
	return signals_check();
}

void live_types_give(void)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = type_give);
	LIBBPF_OPTS(libbpf_prog_handler_opts, others, .prog_prepare_load_fn = load_go_on);

	libbpf_register_prog_handler("fentry+", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, &opts);
	libbpf_register_prog_handler("fexit+", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, &opts);
	libbpf_register_prog_handler("kprobe", BPF_PROG_TYPE_KPROBE, 0, &others);
	libbpf_register_prog_handler("kretprobe", BPF_PROG_TYPE_KPROBE, 0, &others);
}

void live_refuse(struct live *l, const struct sight *sight, enum way way, int err)
{
	debug("%s by %s refused: %s", sight->target, way_names[way], strerror(-err));
	if (l->nrefused < MAX_REFUSED)
		l->refused[l->nrefused++] = (struct refusal){ sight, way, err };
}

struct bpf_program *live_program(const struct bpf_object *obj, const char *name,
				 const char *suffix)
{
	char full[64];

	snprintf(full, sizeof(full), "%s%s", name, suffix);
	return bpf_object__find_program_by_name(obj, full);
}

struct bpf_program *live_program_of(const struct bpf_object *obj, const struct planned *p,
				    bool at_return)
{
	const char *suffix = planned_suffix(p, at_return);

	return suffix ? live_program(obj, p->sight->prog, suffix) : NULL;
}

/* A ring buffer's size is a power of two, in whole pages. */
static __u32 ring_size(unsigned long long wished)
{
	const __u32 least = 4096, most = 1u << 30;

	if (!wished)
		wished = 4 << 20;
	return wished < least ? least : wished > most ? most : live_power(wished);
}

/* Hooks whose calls are events, and have call paths: not those that only serve others. */
static __u64 asked_hooks(dmt_ops wanted_ops)
{
	__u64 hooks = 0;

	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		if (!hook_marks(hook) && wanted_ops & op_bit(hook_op(hook)))
			hooks |= 1ull << hook;
	return hooks;
}

/* Which devices: in the kernel, so that others take no room. */
static int extras_filter(const struct wishes *wishes, struct dmatrace_bpf *skel)
{
	struct dmt_glob device, driver;

	if (glob_compile(&device, wishes->device) || glob_compile(&driver, wishes->driver))
		return -EINVAL;
	memcpy((void *)&skel->rodata->device_glob, &device, sizeof(device));
	memcpy((void *)&skel->rodata->driver_glob, &driver, sizeof(driver));
	return 0;
}

/*
 * Stacks that hash to the same slot evict each other, and are walked twice: room keeps that rare.
 * One more than a power of two has twice as many places, of 8 bytes, where an entry takes 400.
 */
static __u32 traces_room(__u32 least)
{
	return live_power(least) + 1;
}

static int stacks_size(const struct wishes *wishes, struct dmatrace_bpf *skel)
{
	__u32 paths = wishes->max_stacks ? wishes->max_stacks : 16384;
	int err = bpf_map__set_max_entries(skel->maps.stack_counts, paths);

	return err | bpf_map__set_max_entries(skel->maps.stack_traces, traces_room(paths * 4));
}

static int live_size(const struct wishes *wishes, struct dmatrace_bpf *skel)
{
	__u32 mappings = wishes->max_mappings ? wishes->max_mappings : 65536;
	int err = bpf_map__set_max_entries(skel->maps.held, mappings);

	err |= bpf_map__set_max_entries(skel->maps.lifetimes, LIFETIMES);
	err |= bpf_map__set_max_entries(skel->maps.strays, DMT_STRAYS);
	/* with fewer mappings the room there is for call paths of failures is enough for theirs */
	if (wishes->extras & DMT_WANTS_LIVE_STACKS && mappings >= 16384)
		err |= bpf_map__set_max_entries(skel->maps.stack_traces, traces_room(32768));
	return err;
}

/* What takes memory only where it is asked for. */
static int extras_size(const struct wishes *wishes, struct dmatrace_bpf *skel)
{
	int err = extras_filter(wishes, skel);

	skel->rodata->wants = wishes->extras;
	skel->rodata->sample = wishes->sample;
	skel->rodata->failures_only = wishes->failures_only;
	skel->rodata->min_latency = wishes->min_latency_ns;
	skel->rodata->asked_hooks = asked_hooks(wishes_ops(wishes));
	if (wishes->extras & DMT_WANTS_PATHS)
		err |= stacks_size(wishes, skel);
	if (wishes->extras & DMT_WANTS_LIVE)
		err |= live_size(wishes, skel);
	if (wishes->extras & DMT_WANTS_EVENTS)
		err |= bpf_map__set_max_entries(skel->maps.events,
						ring_size(wishes->event_bytes));
	return err;
}

/* Sizes follow the machine: memory per CPU is bounded, see dmatrace(1), MEMORY. */
static int maps_size(struct live *l, struct dmatrace_bpf *skel)
{
	int err = extras_size(&l->wishes, skel);

	skel->rodata->page_shift = __builtin_ctzl(sysconf(_SC_PAGESIZE));
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

bool live_pending(const struct live *l, int hook)
{
	return planned_attaches(&l->plan.hooks[hook]) && !l->attached[hook];
}

static bool any_pending(const struct live *l)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		if (live_pending(l, hook))
			return true;
	return false;
}

/* Turn on the programs of hooks that are planned and not yet attached. */
static int programs_choose(struct live *l, struct bpf_object *obj)
{
	const char *forget = l->kernel.tries[WAY_FENTRY] || !kernel_type_of(KERNEL_FORGETS) ?
			     "__kprobe" : "__fentry";
	struct bpf_program *prog;

	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		const struct planned *p = &l->plan.hooks[hook];
		int found = 0;

		for (int i = 0; i < 2 && live_pending(l, hook); i++) {
			prog = live_program_of(obj, p, i);
			if (!prog)
				continue;
			found++;
			bpf_program__set_autoload(prog, true);
			if (p->way == WAY_FSESSION)
				bpf_program__set_expected_attach_type(prog, ATTACH_FSESSION);
		}
		if (!found && live_pending(l, hook))
			return -ENOENT;
	}
	if (!l->nobjects) {
		bpf_program__set_autoload(l->first->progs.begin, true);
		bpf_program__set_autoload(l->first->progs.modules, !l->modules_refused);
	}
	if (!l->nobjects && l->wishes.extras & (DMT_WANTS_LIVE | DMT_WANTS_EVENTS))
		bpf_program__set_autoload(l->first->progs.peek, true);
	prog = l->nobjects ? NULL : live_program(obj, "forget", forget);
	if (prog && (!l->kernel.tries[WAY_FENTRY] || !l->kernel.tries[WAY_KPROBE]))
		bpf_program__set_autoload(prog, true);
	return 0;
}

/* Which row and way the program libbpf complained about belongs to. */
static bool refuse_by_name(struct live *l, int err)
{
	/* without it functions of modules that are gone have no names */
	if (!strcmp(refused_prog, "modules") && !l->modules_refused)
		return l->modules_refused = true;
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		const struct planned *p = &l->plan.hooks[hook];
		size_t len = p->sight ? strlen(p->sight->prog) : 0;

		if (len && !strncmp(refused_prog, p->sight->prog, len) &&
		    !strncmp(refused_prog + len, "__", 2)) {
			live_refuse(l, p->sight, p->way, err);
			return true;
		}
	}
	return false;
}

/* The skeleton's maps and variables are those of all objects, its programs are in all. */
static struct dmatrace_bpf *first_open(const void *elf, size_t size,
				       const struct bpf_object_open_opts *opts)
{
	struct dmatrace_bpf *skel = calloc(1, sizeof(*skel));

	if (!skel || dmatrace_bpf__create_skeleton(skel)) {
		free(skel);
		return NULL;
	}
	skel->skeleton->data = elf;
	skel->skeleton->data_sz = size;
	if (!bpf_object__open_skeleton(skel->skeleton, opts))
		return skel;
	dmatrace_bpf__destroy(skel);
	return NULL;
}

/* Which of the objects, one of which holds all a command and a kernel can use. */
static const void *elf_of(bool sessions, unsigned extras, size_t *size)
{
	if (extras & DMT_WANTS_NO_LATENCY)
		return extras & DMT_WANTS_LIVE ? counts_extra_bpf__elf_bytes(size) :
						 counts_bpf__elf_bytes(size);
	if (sessions)
		return extras ? session_extra_bpf__elf_bytes(size) : session_bpf__elf_bytes(size);
	return extras ? extra_bpf__elf_bytes(size) : dmatrace_bpf__elf_bytes(size);
}

struct bpf_object *live_object_open(struct live *l)
{
	/*
	 * 4: what verifying took, a line for each program.
	 * For a type this kernel lacks libbpf goes through those of modules, which takes
	 * CAP_SYS_ADMIN; told where types are it does not, but reads them twice.
	 */
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "dmatrace",
		    .kernel_log_level = verbose < 3 ? 0 : 4,
		    .btf_custom_path = kernel_administered() ? NULL : "/sys/kernel/btf/vmlinux");
	const void *elf;
	size_t size;

	elf = elf_of(!l->kernel.tries[WAY_FSESSION], l->wishes.extras, &size);
	if (l->nobjects)
		return bpf_object__open_mem(elf, size, &opts);
	l->first = first_open(elf, size, &opts);
	return l->first ? l->first->obj : NULL;
}

void live_object_close(struct live *l, struct bpf_object *obj)
{
	if (l->first && l->first->obj == obj) {
		dmatrace_bpf__destroy(l->first);
		l->first = NULL;
	} else {
		bpf_object__close(obj);
	}
}

int live_first_load(struct live *l)
{
	int err = maps_size(l, l->first);

	refused_prog[0] = '\0';
	ran_out = 0;
	return err ? err : dmatrace_bpf__load(l->first);
}

bool live_refused_is(const struct bpf_program *prog)
{
	return !strcmp(refused_prog, bpf_program__name(prog));
}

/* Find the maps, and load. */
static int object_fill(struct live *l, struct bpf_object *obj)
{
	int err = programs_choose(l, obj);

	if (!err && !l->nobjects)
		return live_first_load(l);
	if (!err)
		err = maps_share(l->first->obj, obj);
	refused_prog[0] = '\0';
	ran_out = 0;
	return err ? err : bpf_object__load(obj);
}

int live_load_failed(int err)
{
	if (ran_out)
		err = ran_out;
	return fail(err, "cannot load the BPF programs: %s%s", strerror(-err),
		    err == -ENOMEM ? "; their tables take more than there is, or than 'ulimit -v' "
		    "or a cgroup's memory.max allows" : err != -EPERM ? err_remedy(err) :
		    kernel_privileged() ?
		    "; up to 5.10 it needs 'ulimit -l 65536' or more, try sudo" :
		    "; needs CAP_BPF and CAP_PERFMON, try sudo");
}

int live_open_failed(int error)
{
	return error == ENOMEM ? live_load_failed(-ENOMEM) :
	       fail(-error, "cannot open the BPF object: %s", strerror(error));
}

static bool any_kprobe(const struct plan *plan)
{
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		if (plan->hooks[hook].sight && plan->hooks[hook].way == WAY_KPROBE)
			return true;
	return false;
}

/* From what is known of the kernel, and if kprobes are to be, from what they take to know. */
static int plan_anew(struct live *l)
{
	int err;

	plan_make(&l->plan, &l->kernel, &l->wishes, l->refused, l->nrefused);
	if (l->kernel.counted || !any_kprobe(&l->plan))
		return 0;
	if (!l->symbols) {
		kernel_count_begin();
		return 0;
	}
	err = kernel_count(&l->kernel);
	plan_make(&l->plan, &l->kernel, &l->wishes, l->refused, l->nrefused);
	return err;
}

/* Replans as programs are refused. */
static int object_load(struct live *l, struct bpf_object **obj)
{
	for (;;) {
		int err = plan_anew(l);

		if (err)
			return err;
		if (!any_pending(l))
			return 0;
		*obj = live_object_open(l);
		if (!*obj)
			return live_open_failed(errno);
		err = object_fill(l, *obj);
		if (!err)
			return 1;
		live_object_close(l, *obj);
		if (signals_check())
			return -EINTR;
		if (!err_no_descriptors(err) && !ran_out && refuse_by_name(l, err))
			continue;
		/* perhaps this kernel's sessions are not those we know */
		if (!l->kernel.tries[WAY_FSESSION] && !ran_out)
			l->kernel.tries[WAY_FSESSION] = err;
		else
			return live_load_failed(err);
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

int live_fill(struct live *l)
{
	int err = queue_fill(l->first->maps.free_accounts, l->naccounts);

	if (!err)
		err = queue_fill(l->first->maps.free_devices, l->ndevices);
	return err ? fail(err, "cannot fill the BPF maps: %s", strerror(-err)) : 0;
}

/* The programs' own bearings. */
static int begin(struct live *l)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);

	if (bpf_prog_test_run_opts(bpf_program__fd(l->first->progs.begin), &run))
		return fail(-errno, "cannot set up the BPF maps: %s", strerror(errno));
	return 0;
}

/* From here on the plan knows all symbols, not only those in BTF. */
static int symbols(struct live *l)
{
	int err = kernel_symbols(&l->kernel);

	l->symbols = true;
	return err ? err : plan_anew(l);
}

int live_load(struct live *l, struct bpf_object **obj)
{
	int loaded = object_load(l, obj), err = 0;

	if (loaded >= 0 && !l->symbols) {
		err = symbols(l);
		/* what BTF does not have may be there all the same */
		if (!err && !loaded)
			loaded = object_load(l, obj);
	}
	if (loaded <= 0)
		return loaded ? loaded : err;
	/* kept also after an error, to be closed */
	l->objects[l->nobjects++] = *obj;
	if (!err && l->nobjects == 1)
		err = begin(l);
	return err ? err : 1;
}

void live_unload(struct live *l)
{
	while (l->nobjects)
		live_object_close(l, l->objects[--l->nobjects]);
}
