/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recordings: a model kept in an SQLite file, man/dmatrace-recording.5.  What is written is
 * written in one transaction, so that whatever happens the file holds the state before or after.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define RECORDING_ID 0x444d4154	/* SQLite's application_id: "DMAT" */
/* A byte that its recorder has locked; SQLite's are 2^30 and on. */
#define RECORDING_LOCK_AT ((off_t)1 << 62)
/* user_version: what is written, and the oldest that is read; shape.c says what came between. */
#define RECORDING_VERSION 3
#define RECORDING_OLDEST 2

struct event;
struct model;
struct recording;

/*
 * Finds out if the file can be made, and changes nothing yet; one that is there will be replaced
 * with force, else it is refused.  0 or -errno, reported.  Close it whatever happens.
 */
int recording_create(struct recording **out, const char *path, bool force);
/*
 * The recording begins: a new file, mode 0600, in the place of what had that name.  The first
 * recording_write() or recording_event() does this as well.  0 or -errno, reported; then what had
 * that name is as it was, unless the file system failed.
 */
int recording_begin(struct recording *r);

/*
 * What was seen up to now in the place of what was written before, and as an interval the
 * difference between the two.  last: the run is over.  0 or -errno, reported; then the file holds
 * what it held before, and nothing but recording_close() may follow.
 */
int recording_write(struct recording *r, const struct model *m, bool last);
/*
 * One call.  It is in the file for good with the next recording_write(), or before that when there
 * are many.  0 or -errno, reported; then there is no room for more, and what was not in the file
 * for good is lost.
 */
int recording_event(struct recording *r, const struct event *e);
void recording_close(struct recording *r);

/*
 * Recordings as a source.  Reading writes nothing and removes nothing, whatever lies beside the
 * file.
 */
struct replay;

/* Opens the file and reads nothing of it yet.  0 or -errno, reported; close it whatever happens. */
int replay_new(struct replay **out, const char *path);
/* All of it but its events and intervals, once.  0 or -errno, reported. */
int replay_read(struct replay *r, struct model *m);
/* Both. */
int replay_open(struct replay **out, const char *path, struct model *m);
/*
 * What came when: the run in so many parts of about as many intervals each, most if there are as
 * many intervals.  whole: what replay_open() read, as it was read; its aggregates get their parts.
 * 0 or -errno, reported.
 */
int replay_parts(struct replay *r, struct model *whole, size_t most, size_t *nparts,
		 unsigned long long *intervals);
/*
 * Hands over the events that follow those it handed over before, but no more than `most`: how many,
 * 0: there are no more; or -errno, reported, or what each() said when it was negative.  There are
 * none but where m->extras says so.  What each() gets is valid only until it returns.
 */
int replay_events(struct replay *r, int most, int (*each)(void *arg, const struct event *e),
		  void *arg);
/* The model's names live until then. */
void replay_close(struct replay *r);

#endif
