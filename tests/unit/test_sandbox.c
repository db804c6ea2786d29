// SPDX-License-Identifier: GPL-2.0
/*
 * What is left to a process that reads files of others.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "file.h"
#include "session/sandbox.h"

/* Runs what() in a process that entered the sandbox: its exit code. */
static int inside(unsigned more, int (*what)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		sandbox_enter(more);
		_exit(what());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The number of the first of these that is not refused; 0: all are. */
static int harms(void)
{
	char *const argv[] = { "true", NULL };
	int n = 0;

#define REFUSED(call) do { n++; errno = 0; if ((call) >= 0 || errno != EPERM) return n; } while (0)
	REFUSED(open(path, O_WRONLY));
	REFUSED(open(path, O_RDWR));
	REFUSED(open(path, O_RDONLY | O_TRUNC));
	REFUSED(open("/dev/shm/dmatrace-made", O_RDONLY | O_CREAT, 0600));
	REFUSED(unlink(path));
	REFUSED(rename(path, "/dev/shm/dmatrace-made"));
	REFUSED(truncate(path, 0));
	REFUSED(chmod(path, 0777));
	REFUSED(link(path, "/dev/shm/dmatrace-made"));
	REFUSED(symlink(path, "/dev/shm/dmatrace-made"));
	REFUSED(mkdir("/dev/shm/dmatrace-made", 0700));
	REFUSED(execv("/bin/true", argv));
	REFUSED(fork());
	REFUSED(socket(AF_INET, SOCK_STREAM, 0));
	REFUSED(socket(AF_UNIX, SOCK_STREAM, 0));
	REFUSED(kill(getppid(), 0));
	REFUSED(syscall(SYS_bpf, 0, NULL, 0));
	REFUSED(syscall(SYS_ptrace, 0, 0, 0, 0));
#undef REFUSED
	return 0;
}

static int needs(void)
{
	char byte;
	int fd = open(path, O_RDONLY);

	return fd >= 0 && read(fd, &byte, 1) == 0 && !close(fd) && malloc(1 << 24) &&
	       printf("# still printing\n") > 0 && !fflush(stdout) ? 0 : 1;
}

static int capabilities(void)
{
	FILE *in = fopen("/proc/self/status", "r");
	char line[256];
	unsigned long long bits = 0, value;

	while (in && fgets(line, sizeof(line), in))
		if (sscanf(line, "CapEff: %llx", &value) == 1 ||
		    sscanf(line, "CapPrm: %llx", &value) == 1 ||
		    sscanf(line, "CapInh: %llx", &value) == 1)
			bits |= value;
	return !in || bits ? 1 : 0;
}

static int serves(void)
{
	return accept(-1, NULL, NULL) < 0 && errno == EBADF &&
	       socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EPERM ? 0 : 1;
}

static int replaces(void)
{
	return unlink("/nowhere") < 0 && errno == ENOENT && open(path, O_WRONLY) < 0 &&
	       errno == EPERM ? 0 : 1;
}

static void reading_is_all_it_can_do(void **state)
{
	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
	assert_int_equal(inside(0, harms), 0);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(inside(0, needs), 0);
}

static void no_capability_is_left(void **state)
{
	(void)state;
	assert_int_equal(inside(0, capabilities), 0);
}

static void more_is_what_was_asked_for(void **state)
{
	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
	assert_int_equal(inside(SANDBOX_SERVE, serves), 0);
	assert_int_equal(inside(SANDBOX_REPLACE, replaces), 0);
}

#define MADE(test) cmocka_unit_test_setup_teardown(test, file_make, file_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MADE(reading_is_all_it_can_do),
		MADE(no_capability_is_left),
		MADE(more_is_what_was_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
