// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a policy, as a limit and as what may be lost: taken or refused, and no harm done.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/limit.h"
#include "analysis/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_policy(const uint8_t *data, size_t size)
{
	int fd = memfd_create("policy", MFD_CLOEXEC);
	struct limits l = { 0 };
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	/* what is taken can be asked what it needs */
	if (!policy_read(&l, path) && l.count && !limits_ops(&l))
		abort();
	limits_release(&l);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), why[LIMIT_WHY];
	struct limits l = { 0 };
	struct allowance a;

	if (!text)
		abort();
	if (!limits_add(&l, BOUND_MAX, text, why) && !limits_ops(&l))
		abort();
	if (!allowance_parse(&a, text, why) && a.share && a.number > 1000000)
		abort();
	limits_release(&l);
	free(text);
	as_policy(data, size);
	return 0;
}
