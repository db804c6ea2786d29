/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by listen.c, listen_clients.c and listen_page.c; and the fuzzer of requests.
 */
#ifndef LISTEN_PRIVATE_H
#define LISTEN_PRIVATE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include "session/listen.h"

#define CONNECTIONS 1024u	/* at a time */
#define SHARE 768u		/* of them for one address */
#define REQUEST_MS 10000ull	/* from the connection to the end of the first request's headers */
#define NEXT_MS 30000ull	/* from the end of a response to the end of the next headers */
#define RESPONSE_MS 10000ull	/* for a response, and RESPONSE_MS_MIB for each MiB of it */
#define RESPONSE_MS_MIB 1000ull
#define PAGES 4u		/* made at different times, and still being sent */

/* What a connection waits for. */
enum waits {
	WAITS_REQUEST,		/* its first */
	WAITS_NEXT,		/* another request, which need not come */
	WAITS_READER,		/* the client takes the response */
};

struct client {
	struct client *next, **link;	/* link: the pointer to this one */
	int fd;
	uint64_t address;	/* of one client, or of its network */
	enum waits waits;
	unsigned long long since_ms, until_ms;
	struct page *page;	/* that is sent to it; NULL: none */
	bool closing;		/* shut down; the library has yet to notice */
	bool nul;		/* the request's URL has a %00 */
};

/* The metrics of one moment. */
struct page {
	struct listener *l;
	struct MHD_Response *response;
	struct MHD_IoVec *chunks;
	size_t nchunks;
	size_t len;
	bool failed;		/* there was no memory for all of it */
	unsigned long long made_ms, took_ms;
};

struct listener {
	int fd;			/* connections come from here */
	int poll;		/* an epoll of fd and of the library's epoll */
	bool accepting;		/* poll has fd */
	struct MHD_Daemon *daemon;
	int (*page)(void *arg, FILE *out);
	void *arg;
	struct client *clients;	/* newest first */
	unsigned nclients;
	struct page *newest;	/* NULL: the next request makes one */
	unsigned npages;
};

/* Milliseconds of a clock that is never set. */
unsigned long long listen_now(void);

/* As MHD_OPTION_NOTIFY_CONNECTION wants it; arg is the listener. */
void client_notify(void *arg, struct MHD_Connection *connection, void **context,
		   enum MHD_ConnectionNotificationCode what);
/* NULL: it is being closed. */
struct client *client_of(struct MHD_Connection *connection);
/* From now on it waits for something else, for so long at most. */
void client_waits(struct client *c, enum waits waits, unsigned long long ms);
/* The library closes it in its next run. */
void client_close(struct client *c);
/* A connected socket, which is the library's from here on. */
void client_add(struct listener *l, int fd, const struct sockaddr *address, socklen_t len);

/* Close clients that are late. */
void clients_tick(struct listener *l);
/* Accept who waits, and make room for them; true: the library has something to do now. */
bool clients_accept(struct listener *l);
/* Until clients_tick() or clients_accept() have something to do; ULLONG_MAX: nothing. */
unsigned long long clients_wait_ms(const struct listener *l);

/*
 * The page as it is now, which is the listener's; 0 or -errno, reported; -EBUSY: too many are being
 * sent.
 */
int page_get(struct listener *l, struct page **page);
/* Before requests are answered: forget the newest page if it is too old to be sent again. */
void page_tick(struct listener *l);
/* Forget it at once. */
void page_forget(struct listener *l);
unsigned long long page_wait_ms(const struct listener *l);

#endif
