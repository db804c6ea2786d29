// SPDX-License-Identifier: GPL-2.0
/*
 * COMMAND, see command.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "session/command.h"
#include "base/err.h"
#include "base/signals.h"

#define NOT_EXECUTED 126
#define NOT_FOUND 127

static int runnable(const char *file)
{
	struct stat st;

	if (stat(file, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	return access(file, X_OK) ? -errno : 0;
}

/*
 * The file of that name; it has room for PATH_MAX.  Along PATH the first one that can be executed;
 * an empty directory name is the current directory.  What cannot be executed there is worth a word
 * only if nothing else is found, and directories are not.
 */
static int find(const char *name, char *file)
{
	const char *path = getenv("PATH"), *end;
	int err = -ENOENT;

	if (strchr(name, '/')) {
		if (snprintf(file, PATH_MAX, "%s", name) >= PATH_MAX)
			return -ENAMETOOLONG;
		return runnable(file);
	}
	for (path = path ? path : "/usr/bin:/bin";; path = end + 1) {
		int len, tried;

		end = strchrnul(path, ':');
		len = snprintf(file, PATH_MAX, "%.*s/%s", end > path ? (int)(end - path) : 1,
			       end > path ? path : ".", name);
		tried = len < PATH_MAX ? runnable(file) : -ENAMETOOLONG;
		if (!tried)
			return 0;
		if (tried == -EACCES && !access(file, F_OK))
			err = tried;
		if (!*end)
			return err;
	}
}

static int refused(const char *name, int err)
{
	fail(err, "cannot run '%s': %s", name, strerror(-err));
	return err == -ENOENT || err == -ENOTDIR ? NOT_FOUND : NOT_EXECUTED;
}

int command_check(const char *name)
{
	char file[PATH_MAX];
	int err = find(name, file);

	return err ? refused(name, err) : 0;
}

/* What could not be done for want of something says nothing about COMMAND. */
static int unstarted(const char *name, int err)
{
	if (*err_remedy(err)) {
		fail(err, "cannot start '%s': %s%s", name, strerror(-err), err_remedy(err));
		return EXIT_FAILED;
	}
	if (err != -ENOENT)
		return refused(name, err);
	fail(err, "cannot run '%s': the interpreter or loader that it names is not there", name);
	return NOT_FOUND;
}

/* As shells tell scripts without #! from programs that are not for this machine. */
static bool is_text(const char *file)
{
	char head[128], *end;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, head, sizeof(head));

	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return false;
	if (len >= 4 && !memcmp(head, "\177ELF", 4))
		return false;
	end = memchr(head, '\n', len);
	return !memchr(head, '\0', end ? end - head : len);
}

/* By the shell; returns with errno. */
static void execute_script(const char *file, char **words)
{
	size_t count = 0;
	char **all;

	while (words[count])
		count++;
	all = calloc(count + 2, sizeof(*all));
	if (!all)
		return;
	all[0] = (char *)"sh";
	all[1] = (char *)file;
	memcpy(all + 2, words + 1, count * sizeof(*all));
	execv("/bin/sh", all);
	free(all);
}

/* In the child. */
static void execute(const char *file, char **words, int report)
{
	int err;

	signals_give_back();
	execv(file, words);
	if (errno == ENOEXEC && is_text(file))
		execute_script(file, words);
	err = -errno;
	if (write(report, &err, sizeof(err)) < 0)
		_exit(NOT_EXECUTED);
	_exit(NOT_FOUND);
}

/* 0 or -errno.  Our handlers are not to run in the child, so signals wait until it has its own. */
static int spawn(const char *file, char **words, pid_t *pid)
{
	int ends[2], err = 0;
	sigset_t all, before;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	*pid = fork();
	if (!*pid)
		execute(file, words, ends[1]);
	if (*pid < 0)
		err = -errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	if (!err && read(ends[0], &err, sizeof(err)) != sizeof(err))
		err = 0;	/* closed by a successful exec */
	close(ends[0]);
	return err;
}

int command_start(char **words, pid_t *pid)
{
	char file[PATH_MAX];
	int err = find(words[0], file);

	if (err)
		return refused(words[0], err);
	err = spawn(file, words, pid);
	if (!err)
		return 0;
	if (*pid > 0)
		waitpid(*pid, NULL, 0);
	*pid = 0;
	return unstarted(words[0], err);
}
