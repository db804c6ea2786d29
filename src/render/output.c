// SPDX-License-Identifier: GPL-2.0
/*
 * The one place that writes reports.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/err.h"
#include "render/private.h"

static int write_failed(int err)
{
	if (err == EPIPE)
		return -EPIPE;
	return fail(-err, "cannot write the report: %s", error_text(err));
}

int render_flush(FILE *out)
{
	errno = 0;
	if (!fflush(out) && !ferror(out))
		return 0;
	return write_failed(errno ? errno : EIO);
}

int render_write(FILE *out, const char *buf, size_t len)
{
	errno = 0;
	if (fwrite(buf, 1, len, out) != len)
		return write_failed(errno ? errno : EIO);
	return render_flush(out);
}

int render_end(struct bytes *page)
{
	int err = page->failed ? fail(-ENOMEM, "out of memory while writing the report") :
		  page->unwritten ? write_failed(page->unwritten) :
		  render_write(page->out, page->at, page->len);

	free(page->at);
	*page = (struct bytes){ 0 };
	return err;
}
