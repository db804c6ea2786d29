// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of a run, see part.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model.h"
#include "part.h"

int part_add(struct run_part **list, unsigned short n, const struct aggregate *came)
{
	char text[HIST_TEXT];
	size_t len = hist_print(&came->latency, text);
	struct run_part *p;

	if (!came->calls && !came->errors && !len)
		return 0;
	while (*list)
		list = &(*list)->next;
	p = malloc(offsetof(struct run_part, latency) + len + 1);
	if (!p)
		return -ENOMEM;
	p->next = NULL;
	p->calls = came->calls;
	p->errors = came->errors;
	p->latency_sum = came->latency.sum;
	p->n = n;
	memcpy(p->latency, text, len + 1);
	*list = p;
	return 0;
}

void part_latency_add(struct hist *to, const struct run_part *p)
{
	to->sum += p->latency_sum;
	if (*p->latency)
		hist_scan(to, p->latency);
}

void parts_release(struct run_part *list)
{
	while (list) {
		struct run_part *next = list->next;

		free(list);
		list = next;
	}
}
