// SPDX-License-Identifier: GPL-2.0
/*
 * Capabilities, by their system calls: libcap would be one more library for two of them.
 */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "err.h"
#include "privileges.h"

#define KEPT(cap) (1ull << (cap))

/* For the maps, for addresses of symbols, for tracefs of other users, for the command's end. */
#define KEPT_ALWAYS (KEPT(CAP_BPF) | KEPT(CAP_PERFMON) | KEPT(CAP_SYSLOG) | \
		     KEPT(CAP_DAC_READ_SEARCH) | KEPT(CAP_KILL))

bool privileges_borrowed(void)
{
	return getuid() != geteuid() || getgid() != getegid();
}

void privileges_drop(enum privileges keep)
{
	static const unsigned long long kept_of[] = {
		[PRIVILEGES_COUNT] = KEPT_ALWAYS,
		/*
		 * Beside a recording SQLite makes a journal at each write, and removes it; other
		 * files are made at the end.  The directory may be another user's.
		 */
		[PRIVILEGES_RECORD] = KEPT_ALWAYS | KEPT(CAP_DAC_OVERRIDE),
		[PRIVILEGES_RENAME] = KEPT(CAP_DAC_OVERRIDE),
		[PRIVILEGES_NONE] = 0,
	};
	static bool none_left;
	unsigned long long kept = kept_of[keep];
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { 0 };
	int err;

	/* the sandbox allows no such calls any more */
	if (none_left)
		return;
	none_left = keep == PRIVILEGES_NONE || keep == PRIVILEGES_RENAME;
	err = syscall(SYS_capget, &head, data);
	for (int i = 0; i < 2; i++) {
		data[i].effective &= (__u32)(kept >> i * 32);
		data[i].permitted &= (__u32)(kept >> i * 32);
		data[i].inheritable = 0;
	}
	/* root would have all of them again from any program it executes */
	if (err || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_capset, &head, data))
		warn("cannot give up privileges that are not needed any more: %s",
		     strerror(errno));
}
