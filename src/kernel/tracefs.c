// SPDX-License-Identifier: GPL-2.0
/*
 * Kprobe events in a group of our own, dmatrace_PID.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/err.h"
#include "base/list.h"
#include "kernel/tracefs.h"

/*
 * Open calls a kretprobe can follow at a time.  The kernel's default, ten or twice the CPUs,
 * is too few for functions that sleep.
 */
#define MAXACTIVE 256

static const char *root(void)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	static const char *found;
	char path[128];

	for (size_t i = 0; !found && i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s/kprobe_events", places[i]);
		if (!access(path, F_OK))
			found = places[i];
	}
	return found;
}

int tracefs_kprobes(void)
{
	char path[128];

	if (!root())
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/kprobe_events", root());
	return access(path, W_OK) ? -errno : 0;
}

/* kprobe_events, to write, or -errno: open until we end, as then privileges to open it are gone. */
static int events = -ENOENT;

static int command(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static int command(const char *fmt, ...)
{
	char line[256];
	va_list ap;
	int len;

	if (events < 0)
		return events;
	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return write(events, line, len) == len ? 0 : -errno;
}

int tracefs_event_parse(const char *line, char group[64], char name[64])
{
	int pid;

	/* "p:group/name function" or "r256:group/name function" */
	if (sscanf(line, "%*[^:]:%63[^/]/%63s", group, name) != 2 ||
	    sscanf(group, "dmatrace_%d", &pid) != 1 || pid <= 0)
		return -EINVAL;
	return pid;
}

void tracefs_open(void)
{
	char path[128], line[512], group[64], name[64];
	FILE *in;
	int pid;

	if (!root())
		return;
	snprintf(path, sizeof(path), "%s/kprobe_events", root());
	if (events < 0)
		events = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (events < 0)
		events = -errno;
	in = fopen(path, "re");
	if (!in)
		return;
	while (fgets(line, sizeof(line), in)) {
		pid = tracefs_event_parse(line, group, name);
		if (pid > 0 && kill(pid, 0) && errno == ESRCH)
			command("-:%s/%s\n", group, name);
	}
	fclose(in);
}

static long event_id(const char *name)
{
	char path[256];
	long id = -1;
	FILE *in;

	snprintf(path, sizeof(path), "%s/events/dmatrace_%d/%s/id", root(), getpid(), name);
	in = fopen(path, "re");
	if (!in)
		return -errno;
	if (fscanf(in, "%ld", &id) != 1)
		id = -EIO;
	fclose(in);
	return id;
}

static int perf_attach(long id, int prog_fd)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .config = id,
		.sample_period = 1, .wakeup_events = 1,
	};
	int err, fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (!ioctl(fd, PERF_EVENT_IOC_SET_BPF, prog_fd) && !ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int tracefs_attach(struct tracefs_probe *p, const char *name, const char *function, bool at_return,
		   int prog_fd)
{
	char kind[16] = "p";
	long id;
	int err;

	if (at_return)
		snprintf(kind, sizeof(kind), "r%d", MAXACTIVE);
	/* kprobe_profile lists events without their group: the name alone must be ours */
	snprintf(p->name, sizeof(p->name), "%s%s_%d", name, at_return ? "_return" : "", getpid());
	p->perf_fd = -1;
	err = command("%s:dmatrace_%d/%s %s\n", kind, getpid(), p->name, function);
	if (err)
		return err;
	p->defined = true;
	id = event_id(p->name);
	if (id < 0)
		return id;
	p->perf_fd = perf_attach(id, prog_fd);
	return p->perf_fd < 0 ? p->perf_fd : 0;
}

void tracefs_detach(struct tracefs_probe *p)
{
	if (p->perf_fd >= 0)
		close(p->perf_fd);
	p->perf_fd = -1;
	if (p->defined)
		command("-:dmatrace_%d/%s\n", getpid(), p->name);
	p->defined = false;
}

void tracefs_profile_parse(FILE *in, struct tracefs_probe *probes, int count)
{
	unsigned long long hits, misses;
	char line[512], name[128];

	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "%127s %llu %llu", name, &hits, &misses) != 3)
			continue;
		for (int i = 0; i < count; i++)
			if (probes[i].defined && !strcmp(probes[i].name, name)) {
				probes[i].hits = hits;
				probes[i].misses = misses;
			}
	}
}

int tracefs_profile(struct tracefs_probe *probes, int count)
{
	char path[128];
	FILE *in;

	snprintf(path, sizeof(path), "%s/kprobe_profile", root());
	in = fopen(path, "re");
	if (!in)
		return -errno;
	tracefs_profile_parse(in, probes, count);
	fclose(in);
	return 0;
}
