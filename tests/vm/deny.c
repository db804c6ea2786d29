// SPDX-License-Identifier: GPL-2.0
/*
 * Run a program that lacks something: deny WHAT... -- PROGRAM [ARG]...
 *	bpf=ERRNO	bpf(2) fails so
 *	attach=ERRNO	of bpf(2) only BPF_RAW_TRACEPOINT_OPEN does: fentry and tracepoints
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
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

static int seccomp(int nr, int any, unsigned cmd, unsigned err)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | (any ? BPF_JGE : BPF_JEQ) | BPF_K, any ? 0 : cmd, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
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
		return seccomp(SYS_bpf, 1, 0, atoi(what + 4));
	if (!strncmp(what, "attach=", 7))
		return seccomp(SYS_bpf, 0, BPF_RAW_TRACEPOINT_OPEN, atoi(what + 7));
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
