// SPDX-License-Identifier: GPL-2.0
/*
 * Who is connected, for how long, and who has to go.  libmicrohttpd knows only how long a
 * connection idles, which a client that sends a byte now and then never does.  So connections are
 * accepted here, and closed by shutting their sockets down, which it notices.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/err.h"
#include "session/listen_private.h"

#define GRACE_MS 250ull		/* who has just come is not closed to make room */
#define READING_MS 2000ull	/* nor who has just begun to read */
#define RETRY_MS 100ull		/* until there may be room again */
#define BATCH 64		/* accepted before requests are answered */
#define SPARE 16		/* descriptors left to who makes the page, of many */

unsigned long long listen_now(void)
{
	return clock_ns() / 1000000;
}

/* Of IPv6, hosts have 64 bits to choose from: what they share is the network's half. */
static uint64_t address_key(const struct sockaddr *address)
{
	const struct sockaddr_in6 *v6 = (const void *)address;
	const struct sockaddr_in *v4 = (const void *)address;
	uint64_t key = 0;
	uint32_t mapped;

	if (address->sa_family == AF_INET)
		return v4->sin_addr.s_addr;
	if (address->sa_family != AF_INET6)
		return 0;
	if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		memcpy(&mapped, &v6->sin6_addr.s6_addr[12], sizeof(mapped));
		return mapped;
	}
	memcpy(&key, &v6->sin6_addr, sizeof(key));
	return key;
}

struct client *client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct client *c = info ? info->socket_context : NULL;

	return c && !c->closing ? c : NULL;
}

void client_waits(struct client *c, enum waits waits, unsigned long long ms)
{
	c->waits = waits;
	c->since_ms = listen_now();
	c->until_ms = c->since_ms + ms;
	c->page = NULL;
}

void client_close(struct client *c)
{
	shutdown(c->fd, SHUT_RDWR);
	c->closing = true;
}

static struct client *client_new(struct listener *l, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct client *c = calloc(1, sizeof(*c));
	int fd = info->connect_fd;

	if (!c) {
		shutdown(fd, SHUT_RDWR);
		return NULL;
	}
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	c->fd = fd;
	c->address = info && info->client_addr ? address_key(info->client_addr) : 0;
	c->link = &l->clients;
	c->next = l->clients;
	if (c->next)
		c->next->link = &c->next;
	l->clients = c;
	l->nclients++;
	client_waits(c, WAITS_REQUEST, REQUEST_MS);
	return c;
}

void client_notify(void *arg, struct MHD_Connection *connection, void **context,
		   enum MHD_ConnectionNotificationCode what)
{
	struct listener *l = arg;
	struct client *c = *context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = client_new(l, connection);
		return;
	}
	*context = NULL;
	if (!c)
		return;
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	l->nclients--;
	free(c);
}

void client_add(struct listener *l, int fd, const struct sockaddr *address, socklen_t len)
{
	MHD_add_connection(l->daemon, fd, address, len);
}

void clients_tick(struct listener *l)
{
	unsigned long long now = listen_now();

	for (struct client *c = l->clients; c; c = c->next)
		if (!c->closing && now >= c->until_ms)
			client_close(c);
}

/* For how long one that waits for this is left alone when there is no room. */
static unsigned long long spared_ms(enum waits waits)
{
	return waits == WAITS_NEXT ? 0 : waits == WAITS_REQUEST ? GRACE_MS : READING_MS;
}

static unsigned connections_of(const struct listener *l, uint64_t address)
{
	unsigned count = 0;

	for (const struct client *c = l->clients; c; c = c->next)
		count += !c->closing && c->address == address;
	return count;
}

/* The address that has the most connections. */
static uint64_t address_most(const struct listener *l)
{
	unsigned most = 0;
	uint64_t address = 0;

	for (const struct client *c = l->clients; c; c = c->next) {
		unsigned count = !c->closing && (!most || c->address != address) ?
				 connections_of(l, c->address) : 0;

		if (count > most) {
			most = count;
			address = c->address;
		}
	}
	return address;
}

/* Close the connection of this address that has waited longest; false: all are spared. */
static bool make_room(struct listener *l, uint64_t address)
{
	unsigned long long now = listen_now();
	struct client *oldest = NULL;

	for (struct client *c = l->clients; c; c = c->next)
		if (!c->closing && c->address == address &&
		    now - c->since_ms >= spared_ms(c->waits) &&
		    (!oldest || c->since_ms <= oldest->since_ms))
			oldest = c;
	if (oldest)
		client_close(oldest);
	return oldest;
}

static void accepting(struct listener *l, bool on)
{
	struct epoll_event event = { .events = on ? EPOLLIN : 0, .data.fd = l->fd };

	if (l->accepting != on && !epoll_ctl(l->poll, EPOLL_CTL_MOD, l->fd, &event))
		l->accepting = on;
}

/* Descriptors are given out from the lowest: one that high says that few are left. */
static bool descriptors_short(int fd)
{
	struct rlimit limit;
	rlim_t spare;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return false;
	spare = limit.rlim_cur / 8 < SPARE ? limit.rlim_cur / 8 : SPARE;
	return fd + spare >= limit.rlim_cur;
}

enum accepted { ACCEPTED, NOBODY, NO_ROOM };

static enum accepted accept_one(struct listener *l)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof(address);
	uint64_t key;
	int fd;

	if (l->nclients >= CONNECTIONS)
		return NO_ROOM;
	fd = accept4(l->fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM ?
		       NO_ROOM : NOBODY;
	key = address_key((struct sockaddr *)&address);
	if ((connections_of(l, key) >= SHARE && !make_room(l, key)) ||
	    (descriptors_short(fd) && !make_room(l, address_most(l)))) {
		close(fd);
		return NO_ROOM;
	}
	client_add(l, fd, (struct sockaddr *)&address, len);
	return ACCEPTED;
}

bool clients_accept(struct listener *l)
{
	enum accepted last = ACCEPTED;
	bool busy = false;

	for (int n = 0; n < BATCH && last == ACCEPTED; n++) {
		last = accept_one(l);
		busy |= last == ACCEPTED;
	}
	if (last == NO_ROOM && make_room(l, address_most(l)))
		return true;
	/* nobody can be let in for now, and an epoll that says so would keep us busy */
	accepting(l, last != NO_ROOM);
	return busy;
}

unsigned long long clients_wait_ms(const struct listener *l)
{
	unsigned long long now = listen_now(), wait = l->accepting ? ULLONG_MAX : RETRY_MS;

	for (const struct client *c = l->clients; c; c = c->next) {
		unsigned long long left = c->until_ms > now ? c->until_ms - now : 0;

		if (!c->closing && left < wait)
			wait = left;
	}
	return wait;
}
