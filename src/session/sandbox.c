// SPDX-License-Identifier: GPL-2.0
/*
 * The filter of system calls, see sandbox.h.  The only user of libseccomp.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include "base/err.h"
#include "session/privileges.h"
#include "session/sandbox.h"

/* Whatever changes, makes or empties a file. */
#define WRITES (O_ACCMODE | O_CREAT | O_TRUNC)

#define CALL(name) SCMP_SYS(name)
#define END __NR_SCMP_ERROR

/* Memory, time, signals; files that are open, and their names. */
static const int reading[] = {
	CALL(read), CALL(pread64), CALL(readv), CALL(write), CALL(writev), CALL(lseek),
	CALL(close), CALL(fcntl), CALL(fstat), CALL(stat), CALL(lstat), CALL(newfstatat),
	CALL(statx), CALL(access), CALL(faccessat), CALL(faccessat2), CALL(readlink),
	CALL(readlinkat), CALL(getdents64), CALL(getcwd), CALL(ioctl),
	CALL(brk), CALL(mmap), CALL(munmap), CALL(mremap), CALL(mprotect), CALL(madvise),
	CALL(clock_gettime), CALL(clock_getres), CALL(clock_nanosleep), CALL(nanosleep),
	CALL(gettimeofday), CALL(poll), CALL(ppoll), CALL(select), CALL(pselect6),
	CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_wait), CALL(epoll_pwait),
	CALL(signalfd4), CALL(timerfd_create), CALL(timerfd_settime), CALL(eventfd2),
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(sigaltstack),
	CALL(futex), CALL(getrandom), CALL(getpid), CALL(gettid), CALL(getuid), CALL(geteuid),
	CALL(getgid), CALL(getegid), CALL(uname), CALL(sysinfo), CALL(prlimit64), CALL(getrusage),
	CALL(sched_yield), CALL(sched_getaffinity), CALL(rseq), CALL(tgkill),
	CALL(restart_syscall), CALL(exit), CALL(exit_group), END
};

static const int serving[] = {
	CALL(accept), CALL(accept4), CALL(recvfrom), CALL(recvmsg), CALL(sendto), CALL(sendmsg),
	CALL(sendfile), CALL(shutdown), CALL(getsockname), CALL(getpeername), CALL(getsockopt),
	CALL(setsockopt), END
};

static const int replacing[] = {
	CALL(rename), CALL(renameat), CALL(renameat2), CALL(unlink), CALL(unlinkat), CALL(fsync),
	CALL(fdatasync), CALL(fchmod), END
};

/* A call that this architecture has not got is none to allow. */
static int allow(scmp_filter_ctx filter, const int *calls)
{
	for (; *calls != END; calls++) {
		int err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, *calls, 0);

		if (err && err != -EDOM)
			return err;
	}
	return 0;
}

/* To read only; plugins of the C library, character sets and time zones are opened late. */
static int allow_open(scmp_filter_ctx filter)
{
	int err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(openat), 1,
				   SCMP_A2(SCMP_CMP_MASKED_EQ, WRITES, O_RDONLY));

	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(open), 1,
				       SCMP_A1(SCMP_CMP_MASKED_EQ, WRITES, O_RDONLY));
	return err == -EDOM ? 0 : err;
}

static int filter_make(scmp_filter_ctx filter, unsigned more)
{
	int err = allow(filter, reading);

	if (!err)
		err = allow_open(filter);
	if (!err && more & SANDBOX_SERVE)
		err = allow(filter, serving);
	if (!err && more & SANDBOX_REPLACE)
		err = allow(filter, replacing);
	return err ? err : seccomp_load(filter);
}

/* Sanitizers make calls of their own. */
static bool sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return true;
#elif defined(__has_feature)
	return __has_feature(address_sanitizer);
#else
	return false;
#endif
}

void sandbox_enter(unsigned more)
{
	scmp_filter_ctx filter;
	int err;

	/* the directory may be another user's */
	privileges_drop(more & SANDBOX_REPLACE ? PRIVILEGES_RENAME : PRIVILEGES_NONE);
	if (sanitized())
		return;
	/* not killed: on another C library something harmless may be missing in the lists above */
	filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	err = filter ? filter_make(filter, more) : -ENOMEM;
	if (err)
		debug("system calls are not restricted while reading: %s", strerror(-err));
	seccomp_release(filter);
}
