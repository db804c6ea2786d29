// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of a run, see part.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/part.h"

int part_add(struct run_part **list, unsigned short n, const struct come *came)
{
	char text[HIST_TEXT];
	const struct hist latency = hist_of(&came->latency);
	size_t len = hist_print(&latency, text);
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

void part_latency_add(struct hist_sum *to, const struct run_part *p)
{
	to->sum += p->latency_sum;
	hist_sum_scan(to, *p->latency ? p->latency : NULL);
}

void parts_release(struct run_part *list)
{
	while (list) {
		struct run_part *next = list->next;

		free(list);
		list = next;
	}
}
