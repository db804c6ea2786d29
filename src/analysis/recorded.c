// SPDX-License-Identifier: GPL-2.0
/*
 * Recordings to be compared, see recorded.h.
 */
#include <errno.h>
#include "base/err.h"
#include "recording/record.h"
#include "analysis/recorded.h"

int recorded_new(struct recorded *r, const char *path)
{
	*r = (struct recorded){ .path = path };
	return replay_new(&r->replay, path);
}

int recorded_read(struct recorded *r)
{
	int err = replay_read(r->replay, &r->whole);

	if (!err)
		err = replay_parts(r->replay, &r->whole, STATS_BLOCKS, &r->nparts, &r->intervals);
	if (!err && model_sort(&r->whole))
		err = fail(-ENOMEM, "cannot read %s: out of memory%s", r->path, err_remedy(-ENOMEM));
	return err;
}

int recorded_open(struct recorded *r, const char *path)
{
	int err = recorded_new(r, path);

	return err ? err : recorded_read(r);
}

void recorded_filter(struct recorded *r, const char *device, const char *driver,
		     dmt_ops ops_wanted)
{
	model_filter(&r->whole, device, driver, ops_wanted);
}

void recorded_close(struct recorded *r)
{
	model_release(&r->whole);
	replay_close(r->replay);
}
