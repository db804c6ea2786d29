/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the hook table names, and whether the running kernel has it; for kernel_probe.c alone.
 */
#ifndef KERNEL_SYMBOLS_H
#define KERNEL_SYMBOLS_H

#include <pthread.h>
#include <search.h>
#include "kernel/kernel.h"

struct found {
	const char *name;
	int copies;		/* of a function, among the symbols */
	unsigned long long address;	/* of a symbol; 0: not there, or not for us to see */
	int function, event;	/* types' ids; 0: none */
	bool ambiguous;		/* there are more such functions among the types */
};

#define FOUND_MAX ((size_t)192)

struct names {
	struct hsearch_data table;
	struct found found[FOUND_MAX];
	/* of these, first come functions to watch, then other symbols, then what has only types */
	size_t count, functions, symbols;
	pthread_t reader;
	bool reading;
	int err;
};

/* 0 or -errno, reported. */
int names_make(struct names *n);
struct found *names_find(struct names *n, const char *name);
/* All 0: not there. */
struct found names_found(struct names *n, const char *name);

/*
 * Can this kernel look up a name in no time?  It is asked when types are known.  Looking up fails,
 * with -errno and nothing reported, where we may not see addresses, and where it is not enough;
 * then all has to be read.  What is there counts as one copy.
 */
bool symbols_quick(struct names *n);
int symbols_look_up(struct names *n);

/*
 * Of all symbols, those named.  The kernel takes as long to write them as for all the rest of a
 * start, so once it is known that they are needed a thread may begin.  0 or -errno, reported.
 */
void symbols_begin(struct names *n);
int symbols_read(struct names *n);

/* Copies and addresses found either way, into what k names. */
void symbols_note(struct names *n, struct kernel *k);

#endif
