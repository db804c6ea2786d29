/* SPDX-License-Identifier: GPL-2.0 */
/*
 * OpenMetrics over HTTP: GET /metrics gets them as they are at that moment, everything else is
 * refused.  There are no threads: whoever waits for the descriptor serves.  Connections are bounded
 * in number, in all and by address, and each request and response has a deadline.
 */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdio.h>

struct listener;

/*
 * where: "PORT" of 127.0.0.1, or "ADDRESS:PORT"; port 0 is any that is free.  An address that other
 * machines can reach is warned of.  From here
 * on connections are accepted, and wait to be served.  0 or -errno, reported; -EINVAL: that is no
 * place.
 */
int listen_open(struct listener **listener, const char *where);
/* page writes them, and returns 0 or -errno, reported; so does this. */
int listen_start(struct listener *l, int (*page)(void *arg, FILE *out), void *arg);
/* As struct run wants them: a descriptor, and what to do when it can be read; arg is a listener. */
int listen_fd(const struct listener *l);
int listen_serve(void *arg);
/* NULL is none. */
void listen_close(struct listener *l);

#endif
