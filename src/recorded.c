// SPDX-License-Identifier: GPL-2.0
/*
 * Recordings to be compared, see recorded.h.
 */
#include <errno.h>
#include <stdlib.h>
#include "record.h"
#include "recorded.h"

int recorded_new(struct recorded *r, const char *path)
{
	*r = (struct recorded){ .path = path, .parts = calloc(STATS_BLOCKS, sizeof(*r->parts)) };
	return r->parts ? replay_new(&r->replay, path) : -ENOMEM;
}

int recorded_read(struct recorded *r)
{
	int err = replay_read(r->replay, &r->whole);

	if (!err)
		err = replay_parts(r->replay, &r->whole, r->parts, STATS_BLOCKS, &r->nparts,
				   &r->intervals);
	if (!err)
		model_sort(&r->whole);
	return err;
}

int recorded_open(struct recorded *r, const char *path)
{
	int err = recorded_new(r, path);

	return err ? err : recorded_read(r);
}

void recorded_filter(struct recorded *r, const char *device, const char *driver,
		     unsigned ops_wanted)
{
	model_filter(&r->whole, device, driver, ops_wanted);
	for (size_t i = 0; i < r->nparts; i++)
		model_filter(&r->parts[i], device, driver, ops_wanted);
}

void recorded_close(struct recorded *r)
{
	for (size_t i = 0; r->parts && i < STATS_BLOCKS; i++)
		model_release(&r->parts[i]);
	free(r->parts);
	model_release(&r->whole);
	replay_close(r->replay);
}
