// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting, without busy loops: signals, the command's end and the clock in one poll.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "err.h"
#include "privileges.h"
#include "run.h"

static sigset_t awaited(void)
{
	struct sigaction hangup;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	/* a signalfd would hear it under nohup, too */
	sigaction(SIGHUP, NULL, &hangup);
	if (hangup.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	return set;
}

static int runnable(const char *file)
{
	struct stat st;

	if (stat(file, &st) || access(file, X_OK))
		return -errno;
	return S_ISREG(st.st_mode) ? 0 : -EACCES;
}

/* The file execvp() would run is there and may be run. */
static int lookup(const char *name)
{
	const char *path = getenv("PATH"), *end;
	int err = -ENOENT;
	char file[4096];

	if (strchr(name, '/'))
		return runnable(name);
	for (path = path ? path : "/usr/bin:/bin"; *path; path = *end ? end + 1 : end) {
		end = strchrnul(path, ':');
		snprintf(file, sizeof(file), "%.*s/%s", (int)(end - path), path, name);
		if (!runnable(file))
			return 0;
		if (!access(file, F_OK))
			err = -EACCES;
	}
	return err;
}

int run_check(const struct run *run)
{
	int err = run->command ? lookup(run->command[0]) : 0;

	return err ? fail(err, "cannot run '%s': %s", run->command[0], strerror(-err)) : 0;
}

int run_exit_code(int err)
{
	return err == -ENOENT ? 127 : 126;
}

void run_prepare(void)
{
	sigset_t set = awaited();

	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* The command, with signals as the user had them; -errno when it cannot be started. */
static int start(struct run *run, pid_t *pid)
{
	int pipefd[2], err = 0;
	sigset_t set = awaited();

	if (pipe2(pipefd, O_CLOEXEC))
		return -errno;
	*pid = fork();
	if (*pid < 0) {
		err = -errno;
		close(pipefd[0]);
		close(pipefd[1]);
		return err;
	}
	if (!*pid) {
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		signal(SIGPIPE, SIG_DFL);
		signal(SIGXFSZ, SIG_DFL);
		execvp(run->command[0], run->command);
		err = -errno;
		if (write(pipefd[1], &err, sizeof(err)) < 0)
			_exit(126);
		_exit(127);
	}
	close(pipefd[1]);
	if (read(pipefd[0], &err, sizeof(err)) != sizeof(err))
		err = 0;	/* closed by a successful exec */
	close(pipefd[0]);
	return err;
}

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

/* True when what the signal says ends the measurement. */
static bool over(int fd, struct run *run, pid_t pid)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return false;
	if (info.ssi_signo != SIGCHLD)
		return true;
	return pid > 0 && waitpid(pid, &run->status, WNOHANG) == pid;
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

int run_wait(struct run *run)
{
	sigset_t set = awaited();
	struct pollfd fds[3];
	int err = 0, next = 0;
	pid_t pid = 0;

	run->status = -1;
	fds[0] = (struct pollfd){ signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), POLLIN, 0 };
	fds[1] = (struct pollfd){ run->duration_ns ? timer(run->duration_ns) : -1, POLLIN, 0 };
	fds[2] = (struct pollfd){ run->work ? run->fd : -1, POLLIN, 0 };
	run->work_err = 0;
	if (fds[0].fd < 0 || (run->duration_ns && fds[1].fd < 0))
		return fail(-errno, "cannot wait for signals: %s", strerror(errno));
	if (run->command) {
		err = start(run, &pid);
		if (err)
			fail(err, "cannot run '%s': %s", run->command[0], strerror(-err));
	}
	privileges_drop(run->recording ? PRIVILEGES_RECORD : PRIVILEGES_COUNT);
	while (!err) {
		int ready = poll(fds, 3, next ? next : -1);

		if (ready < 0 && errno != EINTR)
			err = fail(-errno, "cannot wait: %s", strerror(errno));
		if (fds[1].revents || (fds[0].revents && over(fds[0].fd, run, pid)))
			break;
		if (run->work && (fds[2].revents || !ready))
			next = run->work(run->arg);
		if (next < 0) {
			run->work_err = next;
			break;
		}
	}
	/* a command that outlives the measurement is of no more use */
	if (pid > 0 && run->status < 0)
		kill(pid, SIGTERM);
	close(fds[0].fd);
	if (fds[1].fd >= 0)
		close(fds[1].fd);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return err;
}
