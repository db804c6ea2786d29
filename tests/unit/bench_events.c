// SPDX-License-Identifier: GPL-2.0
/*
 * What it takes to write events into a recording, to read them again and to have `dmatrace trace`
 * print them, for `make bench`:
 *
 *	bench_events [COUNT]	10,000,000 if not given
 *
 * A hundredth of that comes first, as nothing but the file may grow with their number.  Times are
 * those of the CPU, as a disk is waited for besides.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/event.h"
#include "recording/record.h"

#define PER_INTERVAL 100000

static const char *path;

static void check(int err)
{
	if (err)
		exit(1);
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

/* Each in a process of its own: what one took of memory is not the next one's. */
static void tell(const char *what, pid_t child, unsigned long long count)
{
	struct rusage used;
	int status;
	double seconds;

	if (child < 0 || wait4(child, &status, 0, &used) != child || status) {
		unlink(path);
		exit(1);
	}
	seconds = used.ru_utime.tv_sec + used.ru_stime.tv_sec +
		  (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	printf("%llu events %-15s %9.0f a second, %.1f MiB of memory at most\n", count, what,
	       count / seconds, used.ru_maxrss / 1024.0);
}

static void run(const char *what, void (*work)(unsigned long long count),
		unsigned long long count)
{
	pid_t child = fork();

	if (!child) {
		work(count);
		_exit(0);
	}
	tell(what, child, count);
}

static void print(const char *what, const char *format, unsigned long long count)
{
	pid_t child = fork();

	if (!child) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execl("./dmatrace", "dmatrace", "trace", "-i", path, "-f", format, (char *)NULL);
		_exit(127);
	}
	tell(what, child, count);
}

static void measure(unsigned long long count)
{
	struct stat st;

	run("written", write_all, count);
	run("read", read_all, count);
	print("printed, text", "text", count);
	print("printed, JSON", "json", count);
	if (!stat(path, &st))
		printf("%llu events take %.1f bytes each\n", count, (double)st.st_size / count);
}

int main(int argc, char **argv)
{
	unsigned long long count = argc > 1 ? strtoull(argv[1], NULL, 0) : 10000000;
	char name[] = "/tmp/dmatrace-bench.XXXXXX";
	int fd = mkstemp(name);

	if (fd < 0 || count < 100)
		return 1;
	close(fd);
	path = name;
	setvbuf(stdout, NULL, _IOLBF, 0);
	measure(count / 100);
	measure(count);
	return unlink(path) ? 1 : 0;
}
