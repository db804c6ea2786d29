// SPDX-License-Identifier: GPL-2.0
/*
 * Recording while tracing, see keep.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "base/err.h"
#include "session/keep.h"
#include "live/live.h"
#include "recording/record.h"
#include "session/run.h"
#include "session/trace.h"

#define BATCH 1024	/* events read before signals are looked at */

struct keep {
	struct recording *recording;
	struct live *live;
	int timer, either;	/* either: readable when the timer is, or there are events */
	bool events;
	unsigned long long interval_ns;
};

int keep_open(struct keep **out, const struct trace_opts *o)
{
	struct keep *k = calloc(1, sizeof(*k));

	*out = k;
	if (!k)
		return fail(-ENOMEM, "cannot record: out of memory%s", err_remedy(-ENOMEM));
	k->timer = k->either = -1;
	k->interval_ns = o->interval_ns;
	return recording_create(&k->recording, o->output, o->force);
}

static int interval(struct keep *k)
{
	unsigned long long times;
	struct model *m;
	int err;

	if (read(k->timer, &times, sizeof(times)) != sizeof(times))
		return 0;
	m = model_new();
	err = m ? live_peek(k->live, m) : -ENOMEM;
	if (!err)
		err = recording_write(k->recording, m, false);
	model_free(m);
	return err;
}

static int take(void *arg, const struct event *e)
{
	struct keep *k = arg;

	return recording_event(k->recording, e);
}

/* While tracing: see run.h. */
static int work(void *arg)
{
	struct keep *k = arg;
	int got = k->events ? live_events_read(k->live, BATCH, take, k) : 0;

	return got < 0 ? got : interval(k);
}

static int watch(const struct keep *k, int fd)
{
	struct epoll_event in = { .events = EPOLLIN };

	return fd >= 0 && epoll_ctl(k->either, EPOLL_CTL_ADD, fd, &in) ? -errno : 0;
}

int keep_start(struct keep *k, struct live *live, const struct wishes *wishes, struct run *run)
{
	int events = -1, err;
	struct timespec every = { k->interval_ns / 1000000000, k->interval_ns % 1000000000 };
	struct itimerspec at = { .it_value = every, .it_interval = every };

	k->live = live;
	k->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (k->timer < 0 || timerfd_settime(k->timer, 0, &at, NULL))
		return fail(-errno, "cannot wait for intervals: %s%s", strerror(errno),
			    err_remedy(-errno));
	k->events = wishes->extras & DMT_WANTS_EVENTS;
	if (k->events)
		events = live_events_open(live);
	if (k->events && events < 0)
		return events;
	k->either = epoll_create1(EPOLL_CLOEXEC);
	if (k->either < 0 || watch(k, k->timer) || watch(k, events))
		return fail(-errno, "cannot wait for events: %s%s", strerror(errno),
			    err_remedy(-errno));
	/* now that everything is attached; and while we may still replace a file of that name */
	err = recording_begin(k->recording);
	if (err)
		return err;
	run->recording = true;
	run->work = work;
	run->arg = k;
	run->fd = k->either;
	return 0;
}

int keep_finish(struct keep *k, const struct model *m)
{
	int got;

	do {
		got = k->events ? live_events_read(k->live, BATCH, take, k) : 0;
	} while (got > 0);
	return got < 0 ? got : recording_write(k->recording, m, true);
}

void keep_close(struct keep *k)
{
	if (!k)
		return;
	if (k->either >= 0)
		close(k->either);
	if (k->timer >= 0)
		close(k->timer);
	recording_close(k->recording);
	free(k);
}
