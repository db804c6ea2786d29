// SPDX-License-Identifier: GPL-2.0
/*
 * Signals, see signals.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/list.h"
#include "base/signals.h"

/* timeout(1) sends its signal to the process and to its group: the second one is the same. */
#define ECHO_NS 100000000ull

enum use { ENDS, DEFAULT, IGNORED };

static struct {
	int number;
	enum use use;
	struct sigaction before;	/* of our caller */
} taken[] = {
	{ SIGINT, ENDS }, { SIGTERM, ENDS }, { SIGQUIT, ENDS }, { SIGHUP, ENDS },
	{ SIGCHLD, DEFAULT },	/* ignored, it would lose the command's exit status */
	{ SIGPIPE, IGNORED }, { SIGXFSZ, IGNORED },	/* writing says so itself */
	{ SIGUSR1, IGNORED }, { SIGUSR2, IGNORED },
};
#define TAKEN ARRAY_SIZE(taken)

static sigset_t mask_before;
static int event = -1;
static atomic_int noted, fatal;		/* signals; 0: none */
static atomic_bool released;
static _Atomic unsigned long long noted_ns;

/* Is it one that ends the program?  Under nohup SIGHUP does not. */
static bool ends(size_t i)
{
	return taken[i].use == ENDS &&
	       !(taken[i].number == SIGHUP && taken[i].before.sa_handler == SIG_IGN);
}

void signals_take(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < TAKEN; i++) {
		sigaction(taken[i].number, NULL, &taken[i].before);
		sigaddset(&set, taken[i].number);
		if (taken[i].use == IGNORED)
			signal(taken[i].number, SIG_IGN);
		else if (taken[i].use == DEFAULT || ends(i))
			signal(taken[i].number, SIG_DFL);
	}
	sigprocmask(SIG_UNBLOCK, &set, &mask_before);
}

static void handle(int number)
{
	unsigned long long now = clock_ns(), never = 0;
	const uint64_t one = 1;
	int saved = errno;
	ssize_t written;

	/* threads may handle two signals at the same time */
	if (!released && atomic_compare_exchange_strong(&noted_ns, &never, now)) {
		noted = number;
		written = write(event, &one, sizeof(one));
		(void)written;	/* the counter cannot overflow */
	} else if (now >= noted_ns + ECHO_NS) {
		signal(number, SIG_DFL);
		raise(number);
	}
	errno = saved;
}

int signals_catch(void)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };

	if (event >= 0)
		return 0;
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event < 0)
		return fail(-errno, "cannot wait for signals: %s%s", strerror(errno),
			    err_remedy(-errno));
	for (size_t i = 0; i < TAKEN; i++)
		if (ends(i))
			sigaction(taken[i].number, &action, NULL);
	return 0;
}

int signals_fd(void)
{
	return event;
}

int signals_check(void)
{
	int number = noted, none = 0;

	if (!number)
		return 0;
	if (atomic_compare_exchange_strong(&fatal, &none, number))
		fail(-EINTR, "interrupted by SIG%s while attaching; nothing was measured",
		     sigabbrev_np(number));
	return -EINTR;
}

void signals_release(void)
{
	released = true;
}

void signals_give_back(void)
{
	for (size_t i = 0; i < TAKEN; i++)
		sigaction(taken[i].number, &taken[i].before, NULL);
	sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

int signals_exit(int code)
{
	if (!fatal)
		return code;
	/* all was taken down in order: there is nothing to find in a core file */
	prctl(PR_SET_DUMPABLE, 0);
	signal(fatal, SIG_DFL);
	raise(fatal);
	return 128 + fatal;
}
