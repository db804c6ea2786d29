// SPDX-License-Identifier: GPL-2.0
/*
 * Recordings to be compared, see recorded.h.
 */
#include "record.h"
#include "recorded.h"

int recorded_open(struct recorded *r, const char *path)
{
	int err;

	*r = (struct recorded){ .path = path };
	err = replay_open(&r->replay, path, &r->whole);
	if (!err)
		err = replay_parts(r->replay, &r->whole, STATS_BLOCKS, &r->nparts, &r->intervals);
	if (!err)
		model_sort(&r->whole);
	return err;
}

void recorded_filter(struct recorded *r, const char *device, const char *driver,
		     unsigned ops_wanted)
{
	model_filter(&r->whole, device, driver, ops_wanted);
}

void recorded_close(struct recorded *r)
{
	model_release(&r->whole);
	replay_close(r->replay);
}
