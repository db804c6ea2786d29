// SPDX-License-Identifier: GPL-2.0
/*
 * What it takes to write events into a recording and to read them again, for `make bench`:
 *
 *	bench_events [COUNT]	10,000,000 if not given
 *
 * Times are those of the CPU, as a disk is waited for besides.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event.h"
#include "record.h"

#define PER_INTERVAL 100000

static const char *path;

static void check(int err)
{
	if (!err)
		return;
	unlink(path);
	exit(1);
}

static double cpu_s(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return used.ru_utime.tv_sec + used.ru_stime.tv_sec +
	       (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static double peak_mib(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return used.ru_maxrss / 1024.0;
}

/* Four devices, a few threads, addresses that differ: what a busy machine has. */
static struct event nth(unsigned long long n)
{
	static const char *const devices[] = {
		"0000:00:02.0", "0000:00:03.0", "0000:00:04.0", "0000:00:05.0"
	};
	static const char *const tasks[] = { "kworker/u8:2", "dd", "nginx", "postgres" };
	unsigned long long random = n * 0x9e3779b97f4a7c15ull >> 20;

	return (struct event){
		.time_ns = n * 10000, .cpu = random % 8, .task = tasks[random % 4],
		.thread = 1000 + random % 4, .device = devices[random / 4 % 4], .bus = "pci",
		.driver = "nvme", .op = n % 2 ? DMT_OP_UNMAP : DMT_OP_MAP,
		.direction = random / 16 % 2 ? DMT_TO_DEVICE : DMT_FROM_DEVICE, .size = 4096,
		.address = 0xf0000000 + random % 65536 * 4096,
		.phys = random % 1048576 * 4096,
		.virt = 0xffff888000000000 + random % 1048576 * 4096,
		.path = n % 2 ? VIA_NONE : VIA_IOMMU, .context = CONTEXT_TASK,
		.failure = FAILS_ADDRESS, .latency_known = true, .latency_ns = 300 + random % 5000,
	};
}

static void write_all(unsigned long long count)
{
	struct model m = { .host = (char *)"host", .extras = DMT_WANTS_EVENTS };
	struct recording *r;

	check(recording_create(&r, path, true));
	for (unsigned long long n = 0; n < count; n++) {
		struct event e = nth(n);

		check(recording_event(r, &e));
		if (n % PER_INTERVAL == PER_INTERVAL - 1)
			check(recording_write(r, &m, false));
	}
	check(recording_write(r, &m, true));
	recording_close(r);
}

static int count_one(void *arg, const struct event *e)
{
	unsigned long long *seen = arg;

	*seen += e->latency_known;
	return 0;
}

static void read_all(unsigned long long count)
{
	unsigned long long seen = 0;
	struct model m = { 0 };
	struct replay *r;
	int got;

	check(replay_open(&r, path, &m));
	while ((got = replay_events(r, 1024, count_one, &seen)) > 0)
		;
	check(got < 0 || seen != count);
	model_release(&m);
	replay_close(r);
}

static void tell(const char *what, unsigned long long count, double seconds)
{
	printf("events %-8s %9.0f a second, %.1f MiB of memory at most\n", what, count / seconds,
	       peak_mib());
}

int main(int argc, char **argv)
{
	unsigned long long count = argc > 1 ? strtoull(argv[1], NULL, 0) : 10000000;
	char name[] = "/tmp/dmatrace-bench.XXXXXX";
	double start = cpu_s(), written;
	int fd = mkstemp(name);
	struct stat st;

	if (fd < 0 || !count)
		return 1;
	close(fd);
	path = name;
	write_all(count);
	written = cpu_s();
	tell("written", count, written - start);
	read_all(count);
	tell("read", count, cpu_s() - written);
	if (!stat(path, &st))
		printf("events take     %9.1f bytes each\n", (double)st.st_size / count);
	return unlink(path) ? 1 : 0;
}
