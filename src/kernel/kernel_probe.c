// SPDX-License-Identifier: GPL-2.0
/*
 * Facts of the running kernel.  Trials use two-instruction programs: what a kernel loads it
 * may still refuse to attach (arm64 up to 6.1 takes fentry and then says ENOTSUPP), and the
 * number of arguments decides, not the function.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/err.h"
#include "kernel/kernel_probe.h"
#include "kernel/kernel_symbols.h"
#include "kernel/tracefs.h"

/* The name of a type as the hook table writes it: device*, ulong, dma_addr_t. */
static void type_name(const struct btf *btf, __u32 id, char *out, size_t size)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const char *name;
	int stars = 0;

	while (t && id && (btf_is_mod(t) || btf_is_ptr(t))) {
		stars += btf_is_ptr(t);
		id = t->type;
		t = btf__type_by_id(btf, id);
	}
	if (!id)
		name = "void";
	else if (!t)
		name = "?";
	else if (btf_is_func_proto(t))
		name = "fn";
	else
		name = btf__name_by_offset(btf, t->name_off);
	if (!strcmp(name, "long unsigned int") || !strcmp(name, "unsigned long"))
		name = "ulong";
	else if (!strcmp(name, "unsigned int"))
		name = "uint";
	else if (!strcmp(name, "_Bool"))
		name = "bool";
	snprintf(out, size, "%s%.*s", name, stars, "****");
}

/* "ret(type,type)" of a function prototype, its first `skip` parameters left out. */
static void proto_print(const struct btf *btf, const struct btf_type *proto, int skip, char *out,
			size_t size)
{
	const struct btf_param *param = btf_params(proto);
	size_t used;

	type_name(btf, proto->type, out, size);
	used = strlen(out);
	used += snprintf(out + used, size - used, "(");
	for (int i = skip; i < btf_vlen(proto) && used < size; i++) {
		char name[64];

		type_name(btf, param[i].type, name, sizeof(name));
		used += snprintf(out + used, size - used, "%s%s", i > skip ? "," : "", name);
	}
	if (used < size)
		snprintf(out + used, size - used, ")");
}

/* Of the one kernel there is to ask. */
static struct names names;

static void types_read(struct names *n, const struct btf *btf)
{
	static const char prefix[] = "btf_trace_";
	int count = btf__type_cnt(btf);

	for (int id = 1; id < count; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const char *name = btf__name_by_offset(btf, t->name_off);
		struct found *f;

		if (btf_is_func(t)) {
			f = names_find(n, name);
			if (!f)
				continue;
			f->ambiguous = f->function;
			f->function = f->function ? f->function : id;
		} else if (btf_is_typedef(t) && !strncmp(name, prefix, sizeof(prefix) - 1)) {
			f = names_find(n, name + sizeof(prefix) - 1);
			if (f)
				f->event = id;
		}
	}
}

static int function_add(struct kernel *k, const struct btf *btf, const struct found *f)
{
	char proto[512];

	if (f->function)
		proto_print(btf, btf__type_by_id(btf, btf__type_by_id(btf, f->function)->type), 0,
			    proto, sizeof(proto));
	return kernel_add(&k->functions, &k->nfunctions, f->name, f->function ? proto : NULL,
			  f->function ? 1 : 0) ? 0 : -ENOMEM;
}

/* A tracepoint is a typedef btf_trace_NAME of a pointer to a function (void *, arguments...). */
static int event_add(struct kernel *k, const struct btf *btf, const struct found *f)
{
	const struct btf_type *t;
	char proto[512];

	if (!f->event)
		return 0;
	t = btf__type_by_id(btf, btf__type_by_id(btf, f->event)->type);
	if (!t || !btf_is_ptr(t))
		return 0;
	t = btf__type_by_id(btf, t->type);
	if (!t || !btf_is_func_proto(t))
		return 0;
	proto_print(btf, t, 1, proto, sizeof(proto));
	return kernel_add(&k->events, &k->nevents, f->name, proto, 0) ? 0 : -ENOMEM;
}

static int trial_load(enum bpf_prog_type type, enum bpf_attach_type attach, int btf_id)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach,
		    .attach_btf_id = btf_id);
	int fd = bpf_prog_load(type, "dmt_trial", "GPL", nothing, 2, &opts);

	return fd < 0 ? -errno : fd;
}

struct trial {
	pthread_t thread;
	enum bpf_attach_type attach;
	int btf_id, link, *result;
};

static void *trial_run(void *arg)
{
	struct trial *t = arg;
	int prog = trial_load(BPF_PROG_TYPE_TRACING, t->attach, t->btf_id);

	t->link = -1;
	if (prog < 0) {
		*t->result = prog;
		return NULL;
	}
	t->link = bpf_raw_tracepoint_open(NULL, prog);
	*t->result = t->link < 0 ? -errno : 0;
	close(prog);
	return NULL;
}

/*
 * Without room for a thread, one after the other.  The links stay open until the process ends:
 * letting go of one costs more than taking it.
 */
static void trials_run(struct trial *trials, int count)
{
	for (int n = 0; n < count; n++)
		if (trials[n].btf_id && pthread_create(&trials[n].thread, NULL, trial_run,
						       &trials[n])) {
			trial_run(&trials[n]);
			trials[n].btf_id = 0;
		}
	for (int n = 0; n < count; n++) {
		if (!trials[n].btf_id)
			continue;
		pthread_join(trials[n].thread, NULL);
		debug("trial of a trampoline, type %d, arguments %d: %d", trials[n].attach, n,
		      *trials[n].result);
	}
}

/*
 * One function for each number of arguments the hook table needs, and one of them for fsession,
 * which takes as many as fentry.
 */
static void trials_trampoline(struct kernel *k)
{
	struct trial trials[KERNEL_ARGS + 1] = { 0 };

	for (size_t i = 0; i < k->nfunctions; i++) {
		const struct fact *f = &k->functions[i];
		int args = f->proto ? proto_args(f->proto) : KERNEL_ARGS;

		/* up to six, any kernel that has fentry at all takes them */
		if (args > 0 && args < 6)
			args = 6;
		if (args >= KERNEL_ARGS || trials[args].btf_id)
			continue;
		trials[args].btf_id = kernel_type_of(f->name);
		trials[args].attach = BPF_TRACE_FENTRY;
		trials[args].result = &k->fentry_args[args];
	}
	trials[KERNEL_ARGS] = trials[6];
	trials[KERNEL_ARGS].attach = ATTACH_FSESSION;
	trials[KERNEL_ARGS].result = &k->tries[WAY_FSESSION];
	k->tries[WAY_FSESSION] = -EOPNOTSUPP;
	trials_run(trials, KERNEL_ARGS + 1);
	for (int n = 0; n < 6; n++)
		k->fentry_args[n] = k->fentry_args[6];
	k->tries[WAY_FENTRY] = k->fentry_args[6];
	if (k->tries[WAY_FSESSION] == -EINVAL)	/* how an older kernel says it */
		k->tries[WAY_FSESSION] = -EOPNOTSUPP;
}

static void trials(struct kernel *k, const struct btf *btf)
{
	int fd = btf__find_by_name_kind(btf, "btf_trace_sched_switch", BTF_KIND_TYPEDEF);

	fd = fd < 0 ? fd : trial_load(BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, fd);
	k->tries[WAY_TRACEPOINT] = fd < 0 ? fd : 0;
	if (fd >= 0)
		close(fd);
	fd = trial_load(BPF_PROG_TYPE_KPROBE, 0, 0);
	k->tries[WAY_KPROBE] = fd < 0 ? fd : tracefs_kprobes();
	if (fd >= 0)
		close(fd);
	trials_trampoline(k);
}

/* What failed for want of descriptors says nothing about the kernel: 0 or -errno, reported. */
static int trials_cut_short(const struct kernel *k)
{
	for (int way = 0; way < WAY_MAX; way++)
		if (err_no_descriptors(k->tries[way]))
			return fail(k->tries[way], "cannot try what this kernel offers: %s%s",
				    strerror(-k->tries[way]), err_remedy(k->tries[way]));
	return 0;
}

/* Bits of enum capability. */
static unsigned long long capabilities(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &head, data))
		return 0;
	return data[0].effective | (unsigned long long)data[1].effective << 32;
}

bool kernel_administered(void)
{
	return capabilities() & 1ull << CAP_SYS_ADMIN;
}

bool kernel_privileged(void)
{
	unsigned long long caps = capabilities();

	return caps & 1ull << CAP_SYS_ADMIN ||
	       (caps & 1ull << CAP_BPF && caps & 1ull << CAP_PERFMON);
}

/* Every driver of one registers it there, as it finds it. */
bool kernel_no_iommu(void)
{
	DIR *dir = opendir("/sys/class/iommu");
	const struct dirent *entry;
	bool none = true;

	if (!dir)
		return errno == ENOENT && !access("/sys/class", F_OK);
	while ((entry = readdir(dir)))
		none &= entry->d_name[0] == '.';
	closedir(dir);
	return none;
}

static int names_read(struct kernel *k)
{
	struct utsname u;

	uname(&u);
	k->release = strdup(u.release);
	k->arch = strdup(u.machine);
	k->host = strdup(u.nodename);
	k->no_iommu = kernel_no_iommu();
	return k->release && k->arch && k->host ? 0 : -ENOMEM;
}

/* The caller frees the types. */
static int facts_read(struct kernel *k, struct btf **btf)
{
	int err = 0;

	/* asked for more places than this one, libbpf says of all failures that there is none */
	*btf = btf__parse("/sys/kernel/btf/vmlinux", NULL);
	if (!*btf && *err_remedy(-errno))
		return fail(-errno, "cannot read the types of this kernel: %s%s", strerror(errno),
			    err_remedy(-errno));
	if (!*btf)
		*btf = btf__load_vmlinux_btf();
	if (!*btf)
		return fail(-ENOENT, "this kernel (%s) has no type information: "
			    "/sys/kernel/btf/vmlinux is missing; it needs CONFIG_DEBUG_INFO_BTF=y",
			    k->release);
	types_read(&names, *btf);
	for (size_t i = 0; !err && i < names.functions; i++)
		err = function_add(k, *btf, &names.found[i]);
	for (size_t i = 0; !err && i < names.count; i++)
		err = event_add(k, *btf, &names.found[i]);
	return err ? fail(err, "cannot list what this kernel has: %s", strerror(-err)) : 0;
}

int kernel_probe(struct kernel *k)
{
	struct btf *btf = NULL;
	int err;

	memset(k, 0, sizeof(*k));
	err = names_read(k);
	if (!err)
		err = names_make(&names);
	if (err)
		return err;
	err = facts_read(k, &btf);
	if (!err) {
		if (!symbols_quick(&names))
			symbols_begin(&names);
		k->btf = true;
		trials(k, btf);
		err = trials_cut_short(k);
	}
	btf__free(btf);
	return err;
}

int kernel_type_of(const char *function)
{
	return names_found(&names, function).function;
}

int kernel_symbols(struct kernel *k)
{
	if (names.reading || !symbols_quick(&names) || symbols_look_up(&names))
		return kernel_count(k);
	symbols_note(&names, k);
	return 0;
}

void kernel_count_begin(void)
{
	symbols_begin(&names);
}

int kernel_count(struct kernel *k)
{
	int err = symbols_read(&names);

	k->counted = true;
	symbols_note(&names, k);
	return err;
}
