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
#include "base/err.h"
#include "session/privileges.h"


/* For the maps, for addresses of symbols, for tracefs of other users, for the command's end. */
#define KEPT_ALWAYS									\
	(1ull << CAP_BPF | 1ull << CAP_PERFMON | 1ull << CAP_SYSLOG |			\
	 1ull << CAP_DAC_READ_SEARCH | 1ull << CAP_KILL)

static int capabilities(struct __user_cap_header_struct *head, struct __user_cap_data_struct *data)
{
	*head = (struct __user_cap_header_struct){ _LINUX_CAPABILITY_VERSION_3, 0 };
	return syscall(SYS_capget, head, data);
}

/*
 * Not AT_SECURE: SELinux and AppArmor set it as well where they only change the domain.  Who is not
 * root gets capabilities from the ambient set, whose capabilities are inheritable, or from the
 * file.  Of the file's, those that are inheritable were given to the user, too.
 */
bool privileges_borrowed(void)
{
	struct __user_cap_header_struct head;
	struct __user_cap_data_struct data[2] = { 0 };

	if (getuid() != geteuid() || getgid() != getegid())
		return true;
	if (!getuid() || capabilities(&head, data))
		return false;
	return data[0].permitted & ~data[0].inheritable || data[1].permitted & ~data[1].inheritable;
}

void privileges_drop(enum privileges keep)
{
	static const unsigned long long kept_of[] = {
		[PRIVILEGES_COUNT] = KEPT_ALWAYS,
		/*
		 * Beside a recording SQLite makes a journal at each write, and removes it; other
		 * files are made at the end.  The directory may be another user's.
		 */
		[PRIVILEGES_RECORD] = KEPT_ALWAYS | 1ull << CAP_DAC_OVERRIDE,
		[PRIVILEGES_RENAME] = 1ull << CAP_DAC_OVERRIDE,
		[PRIVILEGES_NONE] = 0,
	};
	static bool none_left;
	unsigned long long kept = kept_of[keep];
	struct __user_cap_header_struct head;
	struct __user_cap_data_struct data[2] = { 0 };
	int err;

	/* the sandbox allows no such calls any more */
	if (none_left)
		return;
	none_left = keep == PRIVILEGES_NONE || keep == PRIVILEGES_RENAME;
	err = capabilities(&head, data);
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
