// SPDX-License-Identifier: GPL-2.0
/*
 * What a long run takes to record and to report, for `make bench`: 50 devices with 10 kinds of
 * calls each, all of which come in every interval.
 *
 *	bench_intervals [COUNT]		86400 if not given: a day of seconds
 *
 * One of a 24th of that comes first, as nothing but the file may grow with the run, and as diff
 * wants two.  They are in memory, if it has room for them: a disk is waited for besides.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/list.h"
#include "model/model.h"
#include "recording/record.h"

#define DEVICES 50
#define KINDS 10
#define CALLS 64		/* of each kind in an interval */
#define ROOM 100000ull		/* bytes an interval takes, at most */

static unsigned long long random_next(void)
{
	static unsigned long long state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void model_make(struct model *m)
{
	*m = (struct model){ .host = strdup("host"), .release = strdup("6.12"),
			     .arch = strdup("x86_64") };
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++) {
		m->hooks[hook].op = hook_op(hook);
		m->hooks[hook].on = m->hooks[hook].wanted = true;
	}
	for (int i = 0; i < DEVICES * KINDS; i++) {
		char name[32];
		const struct aggregate like = {
			.device = name, .bus = (char *)"pci", .driver = (char *)"nvme",
			.op = i % KINDS < 5 ? DMT_OP_MAP : DMT_OP_UNMAP,
			.direction = i % 2 ? DMT_TO_DEVICE : DMT_FROM_DEVICE,
			.path = VIA_NONE + i % 5,
		};

		snprintf(name, sizeof(name), "0000:%02x:00.0", i / KINDS);
		if (!model_aggregate(m, &like))
			exit(1);
	}
}

/* Latencies of one kind spread over a dozen buckets; one in 64 calls is slower. */
static void calls_add(struct aggregate *a, unsigned fastest)
{
	static const unsigned sizes[] = { 1500, 4096, 65536 };

	for (int n = 0; n < CALLS; n++) {
		unsigned long long bits = random_next();
		unsigned bucket = fastest + __builtin_popcount(bits & 0xffffff);
		unsigned size = sizes[bits >> 32 & 1];

		if (bits >> 58 == 0)
			bucket += bits >> 33 & 63;
		if (hist_put(&a->latency, hist_bucket_min(bucket), 1) ||
		    hist_put(&a->size, size, 1))
			abort();
		a->bytes += size;
	}
	a->calls += CALLS;
}

static int write_all(const char *path, unsigned long long count)
{
	struct recording *r;
	struct model m;
	int err = recording_create(&r, path, true);

	model_make(&m);
	for (unsigned long long n = 1; !err && n <= count; n++) {
		for (size_t i = 0; i < m.naggregates; i++)
			calls_add(&m.aggregates[i], 60 + i % KINDS);
		m.duration_ns = n * 1000000000;
		err = recording_write(r, &m, n == count);
	}
	recording_close(r);
	model_release(&m);
	return err;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* What a child took, which must have succeeded. */
static struct rusage took(pid_t child, double *seconds)
{
	double start = now_s();
	struct rusage used;
	int status;

	if (child < 0 || wait4(child, &status, 0, &used) != child || status)
		exit(1);
	*seconds = now_s() - start;
	return used;
}

static void written(const char *path, unsigned long long count)
{
	pid_t child = fork();
	struct rusage used;
	struct stat st;
	double seconds, cpu;

	if (!child)
		_exit(write_all(path, count) != 0);
	used = took(child, &seconds);
	cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec +
	      (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	if (stat(path, &st))
		exit(1);
	printf("%llu intervals written %15.1f s, %.1f ms of the CPU each, %.1f MiB of memory\n",
	       count, seconds, cpu / count * 1e3, used.ru_maxrss / 1024.0);
	printf("%llu intervals take    %15.1f MiB, %.0f bytes each\n", count,
	       st.st_size / 1048576.0, (double)st.st_size / count);
}

/* Says what it took; what it prints nobody reads. */
static void run(char *const *command)
{
	pid_t child = fork();
	struct rusage used;
	double seconds;

	if (!child) {
		int nowhere = open("/dev/null", O_WRONLY);

		dup2(nowhere, STDOUT_FILENO);
		execv(command[0], command);
		_exit(127);
	}
	used = took(child, &seconds);
	printf("%-8s %.2f s, %.1f MiB of memory\n", command[1], seconds, used.ru_maxrss / 1024.0);
}

static void report(char *path, char *other)
{
	char *program = (char *)"./dmatrace", *in = (char *)"-i";
	char *const commands[][8] = {
		{ program, (char *)"stat", in, path }, { program, (char *)"report", in, path },
		{ program, (char *)"hist", in, path },
		{ program, (char *)"check", in, path, (char *)"--max", (char *)"errors=0" },
		{ program, (char *)"diff", path, other },
	};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		run(commands[i]);
}

static const char *where(unsigned long long count)
{
	struct statvfs memory;

	return !statvfs("/dev/shm", &memory) &&
	       memory.f_bavail * memory.f_frsize > 2 * count * ROOM ? "/dev/shm" : "/tmp";
}

int main(int argc, char **argv)
{
	unsigned long long count = argc > 1 ? strtoull(argv[1], NULL, 0) : 86400;
	char dir[64], part[80], all[80];

	snprintf(dir, sizeof(dir), "%s/dmatrace-bench.XXXXXX", where(count));
	if (count < 24 || !mkdtemp(dir))
		return 1;
	snprintf(part, sizeof(part), "%s/part.db", dir);
	snprintf(all, sizeof(all), "%s/all.db", dir);
	setvbuf(stdout, NULL, _IOLBF, 0);
	written(part, count / 24);
	report(part, part);
	written(all, count);
	report(all, part);
	unlink(part);
	unlink(all);
	return rmdir(dir) ? 1 : 0;
}
