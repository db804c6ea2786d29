// SPDX-License-Identifier: GPL-2.0
/*
 * Metrics over HTTP, see listen.h: the address, the requests, and the event loop.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "base/err.h"
#include "base/fmt.h"
#include "session/listen_private.h"

#define CONNECTION_MEMORY ((size_t)16 << 10)	/* for what a request says */
#define SEND_BUFFER (256 << 10)	/* of a socket, which a client that does not read fills */
#define ROUNDS 16		/* before who waits for the descriptor can see to other things */
#define DEFAULT_ADDRESS "127.0.0.1"

static enum MHD_Result refuse(struct MHD_Connection *c, unsigned status, const char *why)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(strlen(why), (void *)why, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				"text/plain; charset=utf-8");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	client_waits(client_of(c), WAITS_READER, RESPONSE_MS);
	result = MHD_queue_response(c, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result send_page(struct listener *l, struct MHD_Connection *c)
{
	struct client *client = client_of(c);
	struct page *page;
	int err = page_get(l, &page);

	if (err == -EBUSY)
		return refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "too many are reading already\n");
	if (err)
		return refuse(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
			      "the counters cannot be read now\n");
	client_waits(client, WAITS_READER, RESPONSE_MS + (page->len >> 20) * RESPONSE_MS_MIB);
	client->page = page;
	return MHD_queue_response(c, MHD_HTTP_OK, page->response);
}

static bool has_body(struct MHD_Connection *c)
{
	const char *length = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_CONTENT_LENGTH);

	return (length && strcmp(length, "0")) ||
	       MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

/* A proxy may ask for http://HOST/PATH (RFC 9112, 3.2.2). */
static const char *path_of(const char *url)
{
	const char *path = strncasecmp(url, "http://", 7) ? url : strchr(url + 7, '/');

	return path ? path : "/";
}

/*
 * Called with the headers, and again at the end of the request.  An answer to the first call closes
 * the connection: a body is neither waited for nor read.
 */
static enum MHD_Result answer(void *arg, struct MHD_Connection *c, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **state)
{
	struct client *client = client_of(c);

	(void)version, (void)upload, (void)upload_size;
	if (!client)
		return MHD_NO;
	if (!*state && !has_body(c)) {
		*state = client;
		return MHD_YES;
	}
	if (client->nul)
		return refuse(c, MHD_HTTP_BAD_REQUEST, "a URL has no %00\n");
	if (strcmp(path_of(url), "/metrics"))
		return refuse(c, MHD_HTTP_NOT_FOUND, "there is nothing but /metrics\n");
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED, "it can be read only\n");
	return send_page(arg, c);
}

/* The URL as the client wrote it: later a %00 ends it. */
static void *url_seen(void *arg, const char *url, struct MHD_Connection *connection)
{
	struct client *c = client_of(connection);

	(void)arg;
	if (c)
		c->nul = strstr(url, "%00");
	return NULL;
}

static void completed(void *arg, struct MHD_Connection *connection, void **state,
		      enum MHD_RequestTerminationCode how)
{
	struct client *c = client_of(connection);

	(void)arg, (void)state, (void)how;
	if (c)
		client_waits(c, WAITS_NEXT, NEXT_MS);
}

/* Address and port apart; false when there is no such. */
static bool split(const char *where, char *host, size_t size, const char **port)
{
	const char *colon = strrchr(where, ':'), *from = where;
	size_t len = colon ? (size_t)(colon - where) : strlen(DEFAULT_ADDRESS);
	unsigned long long number;

	*port = colon ? colon + 1 : where;
	if (!colon)
		from = DEFAULT_ADDRESS;
	else if (len > 2 && from[0] == '[' && from[len - 1] == ']')
		from++, len -= 2;
	if (!len || len >= size || parse_u64(*port, 0, USHRT_MAX, &number, NULL))
		return false;
	memcpy(host, from, len);
	host[len] = '\0';
	return true;
}

static int addresses_of(const char *where, struct addrinfo **addresses)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
					.ai_socktype = SOCK_STREAM };
	char host[NI_MAXHOST];
	const char *port;
	int err;

	if (!split(where, host, sizeof(host), &port))
		return fail_as(-EINVAL, "export", "--listen: '%s' is neither PORT nor ADDRESS:PORT, "
			       "such as " DEFAULT_ADDRESS ":9777", where);
	err = getaddrinfo(host, port, &hints, addresses);
	if (err == EAI_NONAME)
		return fail_as(-EINVAL, "export", "--listen: '%s' is neither an address nor the name of "
			       "a host", host);
	return err ? fail(-EIO, "cannot listen on %s: %s", where, gai_strerror(err)) : 0;
}

static int bound(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1, size = SEND_BUFFER;
	int err;

	if (fd < 0)
		return -errno;
	/* accepted sockets inherit the size */
	if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) &&
	    !setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) &&
	    !bind(fd, a->ai_addr, a->ai_addrlen) && !listen(fd, SOMAXCONN))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* The first of them that can be listened on; a host may have addresses of a family it lacks. */
static int bound_first(const struct addrinfo *a)
{
	int fd = -EADDRNOTAVAIL;

	for (; a && fd < 0; a = a->ai_next)
		fd = bound(a);
	return fd;
}

/* host: an address as getnameinfo() writes it. */
static bool is_loopback(const char *host)
{
	return !strcmp(host, "::1") || !strncmp(host, "127.", 4) ||
	       !strncmp(host, "::ffff:127.", 11);
}

/* The address and port in the end, as the port may have been any; and who can reach it. */
static void say_where(int fd)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof(address);
	const char *open, *close;

	if (getsockname(fd, (struct sockaddr *)&address, &len) ||
	    getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	open = address.ss_family == AF_INET6 ? "[" : "";
	close = address.ss_family == AF_INET6 ? "]" : "";
	if (!is_loopback(host))
		warn("other machines can reach %s%s%s:%s, which has neither password nor "
		     "encryption; put a reverse proxy with TLS and authentication in front of it, "
		     "or listen on " DEFAULT_ADDRESS " and use an SSH tunnel",
		     open, host, close, port);
	note("serving http://%s%s%s:%s/metrics", open, host, close, port);
}

static const char *remedy_of(int err)
{
	switch (err) {
	case -EADDRINUSE:
		return "; take another port, or 0 for any that is free";
	case -EACCES:
		return "; a port below 1024 requires CAP_NET_BIND_SERVICE";
	default:
		return err_remedy(err);
	}
}

int listen_open(struct listener **out, const char *where)
{
	struct listener *l = calloc(1, sizeof(*l));
	struct addrinfo *addresses;
	int err;

	*out = l;
	if (!l)
		return fail(-ENOMEM, "cannot listen on %s: out of memory", where);
	l->fd = l->poll = -1;
	err = addresses_of(where, &addresses);
	if (err)
		return err;
	l->fd = bound_first(addresses);
	freeaddrinfo(addresses);
	if (l->fd < 0)
		return fail(l->fd, "cannot listen on %s: %s%s", where, strerror(-l->fd),
			    remedy_of(l->fd));
	say_where(l->fd);
	return 0;
}

/* One descriptor for connections that come and for what happens on those that are there. */
static int poll_open(struct listener *l)
{
	int inner = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	struct epoll_event event = { .events = EPOLLIN };

	l->poll = epoll_create1(EPOLL_CLOEXEC);
	if (l->poll < 0 || epoll_ctl(l->poll, EPOLL_CTL_ADD, l->fd, &event) ||
	    epoll_ctl(l->poll, EPOLL_CTL_ADD, inner, &event))
		return fail(-errno, "cannot serve: %s", strerror(errno));
	l->accepting = true;
	return 0;
}

int listen_start(struct listener *l, int (*page)(void *arg, FILE *out), void *arg)
{
	l->page = page;
	l->arg = arg;
	l->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
				     answer, l,
				     MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
				     MHD_OPTION_NOTIFY_CONNECTION, client_notify, l,
				     MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
				     MHD_OPTION_URI_LOG_CALLBACK, url_seen, NULL,
				     MHD_OPTION_END);
	if (!l->daemon)
		return fail(-EIO, "cannot serve: libmicrohttpd does not start");
	return poll_open(l);
}

int listen_fd(const struct listener *l)
{
	return l->poll;
}

/* How long to wait for the descriptor; 1: there is something to do now. */
static int wait_ms(const struct listener *l)
{
	unsigned long long wait = clients_wait_ms(l), page = page_wait_ms(l);
	MHD_UNSIGNED_LONG_LONG library;

	if (page < wait)
		wait = page;
	if (MHD_get_timeout(l->daemon, &library) == MHD_YES && library < wait)
		wait = library;
	/* who waits takes 0 for ever */
	return wait == ULLONG_MAX ? 0 : wait > INT_MAX ? INT_MAX : wait ? (int)wait : 1;
}

int listen_serve(void *arg)
{
	struct listener *l = arg;
	MHD_UNSIGNED_LONG_LONG ms;
	bool busy = true;

	for (int round = 0; busy && round < ROUNDS; round++) {
		page_tick(l);
		if (MHD_run(l->daemon) != MHD_YES)
			return fail(-EIO, "cannot serve: libmicrohttpd failed");
		clients_tick(l);
		busy = clients_accept(l);
		busy |= MHD_get_timeout(l->daemon, &ms) == MHD_YES && !ms;
	}
	return wait_ms(l);
}

void listen_close(struct listener *l)
{
	if (!l)
		return;
	page_forget(l);
	if (l->daemon)
		MHD_stop_daemon(l->daemon);
	if (l->poll >= 0)
		close(l->poll);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}
