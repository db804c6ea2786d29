/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signals: how they are set while the program runs, and how COMMAND gets them.  What each one does
 * is in man/dmatrace.1, "SIGNALS".  Below, a signal means one of SIGINT, SIGTERM, SIGQUIT and,
 * unless it was ignored at the start, SIGHUP.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

/*
 * To be called first of all.  A signal kills from here on, although the caller ignored or blocked
 * it.
 */
void signals_take(void);

/*
 * From here on the first signal is only noted, and a later one kills.  0 or -errno, reported.
 * Calling it again does nothing.
 */
int signals_catch(void);
/* Readable once a signal was noted; valid after signals_catch(). */
int signals_fd(void);
/* While attaching: 0, or -EINTR when a signal was noted; reported once, by any thread. */
int signals_check(void);
/* The measurement is over: a signal kills, although it is the first. */
void signals_release(void);

/* In a child, before it executes COMMAND: handlers, ignored and blocked signals of our caller. */
void signals_give_back(void);

/*
 * At the end: code, unless signals_check() reported a signal, of which the program dies here.  So a
 * shell that runs it in a loop ends the loop, too.
 */
int signals_exit(int code);

#endif
