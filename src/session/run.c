// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting, without busy loops: signals, the command's end and the clock in one poll.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "session/command.h"
#include "base/err.h"
#include "session/privileges.h"
#include "session/run.h"
#include "base/signals.h"

enum { SIGNAL, CLOCK, WORK, COMMAND, FDS };

static int timer(unsigned long long ns)
{
	struct itimerspec at = { .it_value = { ns / 1000000000, ns % 1000000000 } };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd >= 0 && timerfd_settime(fd, 0, &at, NULL)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int run_command_exit(const struct run *run)
{
	if (!run->command || run->status <= 0)
		return EXIT_OK;
	if (WIFSIGNALED(run->status))
		warn("'%s' was killed by signal %d", run->command[0], WTERMSIG(run->status));
	else if (WIFEXITED(run->status))
		warn("'%s' exited with %d", run->command[0], WEXITSTATUS(run->status));
	return EXIT_FAILED;
}

int run_check(const struct run *run)
{
	return run->command ? command_check(run->command[0]) : EXIT_OK;
}

static int cannot_wait(void)
{
	fail(-errno, "cannot wait for what ends the measurement: %s%s", strerror(errno),
	     err_remedy(-errno));
	return EXIT_FAILED;
}

/* What there is to wait for; an exit code.  The command starts last, as that cannot be undone. */
static int begin(struct run *run, struct pollfd *fds, pid_t *pid)
{
	int code;

	for (int i = 0; i < FDS; i++)
		fds[i] = (struct pollfd){ -1, POLLIN, 0 };
	if (signals_catch() || signals_check())
		return EXIT_FAILED;
	fds[SIGNAL].fd = signals_fd();
	fds[WORK].fd = run->work ? run->fd : -1;
	if (run->duration_ns)
		fds[CLOCK].fd = timer(run->duration_ns);
	if (run->duration_ns && fds[CLOCK].fd < 0)
		return cannot_wait();
	if (!run->command)
		return EXIT_OK;
	code = command_start(run->command, pid);
	if (code)
		return code;
	fds[COMMAND].fd = pidfd_open(*pid, 0);
	return fds[COMMAND].fd < 0 ? cannot_wait() : EXIT_OK;
}

static int wait_for(struct run *run, struct pollfd *fds, pid_t pid)
{
	for (int next = 0;;) {
		int ready = poll(fds, FDS, next ? next : -1);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0)
			return cannot_wait();
		run->interrupted = fds[SIGNAL].revents;
		if (run->interrupted)
			return EXIT_OK;
		if (fds[COMMAND].revents) {
			waitpid(pid, &run->status, WNOHANG);
			return EXIT_OK;
		}
		if (fds[CLOCK].revents)
			return EXIT_OK;
		if (run->work && (fds[WORK].revents || !ready))
			next = run->work(run->arg);
		if (next < 0) {
			run->work_err = next;
			return EXIT_OK;
		}
	}
}

int run_wait(struct run *run)
{
	struct pollfd fds[FDS];
	pid_t pid = 0;
	int code;

	run->status = -1;
	run->work_err = 0;
	code = begin(run, fds, &pid);
	privileges_drop(run->recording ? PRIVILEGES_RECORD : PRIVILEGES_COUNT);
	if (!code)
		code = wait_for(run, fds, pid);
	if (pid > 0 && run->status < 0) {
		kill(pid, SIGTERM);
		warn("'%s' was still running when the measurement ended; sent it SIGTERM",
		     run->command[0]);
	}
	if (fds[CLOCK].fd >= 0)
		close(fds[CLOCK].fd);
	if (fds[COMMAND].fd >= 0)
		close(fds[COMMAND].fd);
	signals_release();
	return code;
}
