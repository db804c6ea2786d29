// SPDX-License-Identifier: GPL-2.0
/*
 * Run a program that lacks something: deny WHAT... -- PROGRAM [ARG]...
 *	bpf=ERRNO	bpf(2) fails so
 *	attach=ERRNO	of bpf(2) only BPF_RAW_TRACEPOINT_OPEN does: fentry and tracepoints
 *	load=NAME	of bpf(2) only loading programs whose name begins so does, with EACCES
 *	root		user nobody, without capabilities
 *	caps		root without capabilities
 *	all-but-bpf	nobody with CAP_BPF and CAP_PERFMON
 *	background	SIGINT works, which a shell's & has ignored
 * Knows nothing of dmatrace.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define NOBODY 65534

static int seccomp(int nr, int any, unsigned cmd, unsigned action)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | (any ? BPF_JGE : BPF_JEQ) | BPF_K, any ? 0 : cmd, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };
	int asks = action == SECCOMP_RET_USER_NOTIF;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       asks ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0, &program);
}

/* Is the program to be loaded one of those?  The kernel keeps 15 letters of a name. */
static int named(pid_t pid, unsigned long long at, const char *name)
{
	char seen[BPF_OBJ_NAME_LEN] = "";
	struct iovec to = { seen, sizeof(seen) - 1 };
	struct iovec from = { (void *)(at + offsetof(union bpf_attr, prog_name)), to.iov_len };
	size_t len = strlen(name) < to.iov_len ? strlen(name) : to.iov_len;

	return process_vm_readv(pid, &to, 1, &from, 1, 0) > 0 && !strncmp(seen, name, len);
}

/* Says of each call whether it goes on, until nobody is left who could make one. */
static void judge(int listener, const char *name)
{
	struct pollfd in = { listener, POLLIN, 0 };

	while (poll(&in, 1, -1) >= 0 && !(in.revents & POLLHUP)) {
		struct seccomp_notif call = { 0 };
		struct seccomp_notif_resp answer = { 0 };

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
			continue;
		answer.id = call.id;
		if (named(call.pid, call.data.args[1], name))
			answer.error = -EACCES;
		else
			answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}

/* A child judges, so that this process stays the program's; it has to have the listener by then. */
static int load_judged(const char *name)
{
	int ends[2], number, listener, self = syscall(SYS_pidfd_open, getpid(), 0);
	pid_t child;

	if (self < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	child = fork();
	if (!child && read(ends[0], &number, sizeof(number)) == sizeof(number)) {
		listener = syscall(SYS_pidfd_getfd, self, number, 0);
		if (listener >= 0 && write(ends[0], "", 1) == 1)
			judge(listener, name);
	}
	if (!child)
		_exit(0);
	close(ends[0]);
	listener = seccomp(SYS_bpf, 0, BPF_PROG_LOAD, SECCOMP_RET_USER_NOTIF);
	return child < 0 || listener < 0 ||
	       write(ends[1], &listener, sizeof(listener)) != sizeof(listener) ||
	       read(ends[1], &number, 1) != 1;
}

static int nobody(void)
{
	return setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY);
}

static int capset(unsigned long long caps)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ caps, caps, caps }, { caps >> 32, caps >> 32, caps >> 32 },
	};

	return syscall(SYS_capset, &head, data);
}

static int bounding_set_empty(void)
{
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) && errno != EINVAL)
			return -1;
	return 0;
}

static int nobody_with_bpf(void)
{
	return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || nobody() ||
	       capset(1ull << CAP_BPF | 1ull << CAP_PERFMON) ||
	       prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_BPF, 0, 0) ||
	       prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_PERFMON, 0, 0);
}

static int deny(const char *what)
{
	if (!strncmp(what, "bpf=", 4))
		return seccomp(SYS_bpf, 1, 0, SECCOMP_RET_ERRNO | atoi(what + 4));
	if (!strncmp(what, "attach=", 7))
		return seccomp(SYS_bpf, 0, BPF_RAW_TRACEPOINT_OPEN,
			       SECCOMP_RET_ERRNO | atoi(what + 7));
	if (!strncmp(what, "load=", 5))
		return load_judged(what + 5);
	if (!strcmp(what, "root"))
		return nobody();
	if (!strcmp(what, "caps"))
		return bounding_set_empty();
	if (!strcmp(what, "all-but-bpf"))
		return nobody_with_bpf();
	if (!strcmp(what, "background"))
		return signal(SIGINT, SIG_DFL) == SIG_ERR;
	errno = EINVAL;
	return -1;
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (deny(argv[i])) {
			perror(argv[i]);
			return 100;
		}
	if (i + 1 < argc)
		execvp(argv[i + 1], argv + i + 1);
	perror("deny");
	return 100;
}
