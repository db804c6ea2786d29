// SPDX-License-Identifier: GPL-2.0
/*
 * Recording while tracing, see keep.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "err.h"
#include "keep.h"
#include "live.h"
#include "record.h"
#include "run.h"
#include "trace.h"

struct keep {
	struct recording *recording;
	struct live *live;
	int timer;
	unsigned long long interval_ns;
};

int keep_open(struct keep **out, const struct trace_opts *o)
{
	struct keep *k = calloc(1, sizeof(*k));

	*out = k;
	if (!k)
		return -ENOMEM;
	k->timer = -1;
	k->interval_ns = o->interval_ns;
	return recording_create(&k->recording, o->output, o->force);
}

static int interval(void *arg)
{
	struct keep *k = arg;
	struct model m = { 0 };
	unsigned long long times;
	int err = 0;

	if (read(k->timer, &times, sizeof(times)) == sizeof(times)) {
		err = live_peek(k->live, &m);
		if (!err)
			err = recording_write(k->recording, &m, false);
		model_release(&m);
	}
	return err;
}

int keep_start(struct keep *k, struct live *live, struct run *run)
{
	struct timespec every = { k->interval_ns / 1000000000, k->interval_ns % 1000000000 };
	struct itimerspec at = { .it_value = every, .it_interval = every };

	k->live = live;
	k->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (k->timer < 0 || timerfd_settime(k->timer, 0, &at, NULL))
		return fail(-errno, "cannot wait for intervals: %s", strerror(errno));
	run->work = interval;
	run->arg = k;
	run->fd = k->timer;
	return 0;
}

int keep_finish(struct keep *k, const struct model *m)
{
	return recording_write(k->recording, m, true);
}

void keep_close(struct keep *k)
{
	if (!k)
		return;
	if (k->timer >= 0)
		close(k->timer);
	recording_close(k->recording);
	free(k);
}
