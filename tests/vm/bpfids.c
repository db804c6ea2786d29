// SPDX-License-Identifier: GPL-2.0
/*
 * How many BPF programs, maps and links the kernel holds: a tracer that is gone must have left
 * none.  One line, "programs N maps N links N".
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int count(int cmd)
{
	union bpf_attr attr;
	int n;

	memset(&attr, 0, sizeof(attr));
	for (n = 0; !syscall(SYS_bpf, cmd, &attr, sizeof(attr)); n++)
		attr.start_id = attr.next_id;
	return n;
}

int main(void)
{
	printf("programs %d maps %d links %d\n", count(BPF_PROG_GET_NEXT_ID),
	       count(BPF_MAP_GET_NEXT_ID), count(BPF_LINK_GET_NEXT_ID));
	return 0;
}
