/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kprobes as tracefs events: there the kernel counts what it missed, and a kretprobe can be
 * given room for as many open calls as it needs.  Neither can be had through perf alone
 * before 6.7.
 */
#ifndef TRACEFS_H
#define TRACEFS_H

#include <stdbool.h>
#include <stdio.h>

struct tracefs_probe {
	char name[64];		/* event in our group */
	bool defined;
	int perf_fd;
	unsigned long long hits, misses;	/* filled by tracefs_profile() */
};

/* 0 when kprobe events can be made here, else -errno. */
int tracefs_kprobes(void);

/* Before anything is attached: be able to, and remove events a killed dmatrace left behind. */
void tracefs_open(void);

/* Define an event at a function's entry or return and run a loaded program there. */
int tracefs_attach(struct tracefs_probe *p, const char *name, const char *function, bool at_return,
		   int prog_fd);
void tracefs_detach(struct tracefs_probe *p);

/* Hits and misses of each so far. 0 or -errno. */
int tracefs_profile(struct tracefs_probe *probes, int count);

/* What the two files say, a line or all of it; the process that made the event, or -EINVAL. */
int tracefs_event_parse(const char *line, char group[64], char name[64]);
void tracefs_profile_parse(FILE *in, struct tracefs_probe *probes, int count);

#endif
