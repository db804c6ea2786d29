// SPDX-License-Identifier: GPL-2.0
/*
 * Metrics over HTTP, see listen.h.  The only user of libmicrohttpd.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "err.h"
#include "fmt.h"
#include "listen.h"

#define CONNECTIONS 16u		/* at a time; more wait until one ends */
#define IDLE_SECONDS 30u	/* also of one that waits for others to get their page */
#define CONNECTION_MEMORY ((size_t)16 << 10)	/* for what a request says */
#define DEFAULT_ADDRESS "127.0.0.1"
#define METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

struct listener {
	int fd;
	struct MHD_Daemon *daemon;
	int (*page)(void *arg, FILE *out);
	void *arg;
};

static enum MHD_Result respond(struct MHD_Connection *c, unsigned status, const char *type,
			       struct MHD_Response *response)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_GET);
	result = MHD_queue_response(c, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *c, unsigned status, const char *why)
{
	return respond(c, status, "text/plain; charset=utf-8",
		       MHD_create_response_from_buffer(strlen(why), (void *)why,
						       MHD_RESPMEM_PERSISTENT));
}

static enum MHD_Result answer(void *arg, struct MHD_Connection *c, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **state)
{
	struct listener *l = arg;
	char *text = NULL;
	size_t len;
	FILE *out;
	int err;

	(void)version, (void)upload, (void)upload_size, (void)state;
	if (strcmp(url, "/metrics"))
		return refuse(c, MHD_HTTP_NOT_FOUND, "there is nothing but /metrics\n");
	if (strcmp(method, MHD_HTTP_METHOD_GET))
		return refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED, "it can be read only\n");
	out = open_memstream(&text, &len);
	err = out ? l->page(l->arg, out) : -ENOMEM;
	if (out && fclose(out))
		err = -ENOMEM;
	if (!err)
		return respond(c, MHD_HTTP_OK, METRICS_TYPE,
			       MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE));
	free(text);
	return refuse(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "the counters cannot be read now\n");
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

static int address_of(const char *where, struct addrinfo **address)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
					.ai_socktype = SOCK_STREAM };
	char host[NI_MAXHOST];
	const char *port;

	if (split(where, host, sizeof(host), &port) && !getaddrinfo(host, port, &hints, address))
		return 0;
	return fail_as(-EINVAL, "export", "--listen: '%s' is neither PORT nor ADDRESS:PORT, such as "
		       DEFAULT_ADDRESS ":9777", where);
}

static int bound(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, err;

	if (fd < 0)
		return -errno;
	if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) &&
	    !bind(fd, a->ai_addr, a->ai_addrlen) && !listen(fd, SOMAXCONN))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Where that is in the end, as the port may have been any. */
static void say_where(int fd)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof(address);
	bool v6;

	if (getsockname(fd, (struct sockaddr *)&address, &len) ||
	    getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	v6 = address.ss_family == AF_INET6;
	note("serving http://%s%s%s:%s/metrics", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

int listen_open(struct listener **out, const char *where)
{
	struct listener *l = calloc(1, sizeof(*l));
	struct addrinfo *address;
	int err;

	*out = l;
	if (!l)
		return fail(-ENOMEM, "cannot listen on %s: out of memory", where);
	l->fd = -1;
	err = address_of(where, &address);
	if (err)
		return err;
	l->fd = bound(address);
	freeaddrinfo(address);
	if (l->fd < 0)
		return fail(l->fd, "cannot listen on %s: %s", where, strerror(-l->fd));
	say_where(l->fd);
	return 0;
}

int listen_start(struct listener *l, int (*page)(void *arg, FILE *out), void *arg)
{
	l->page = page;
	l->arg = arg;
	l->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, l,
				     MHD_OPTION_LISTEN_SOCKET, l->fd,
				     MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
				     MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
				     MHD_OPTION_END);
	if (!l->daemon)
		return fail(-EIO, "cannot serve: libmicrohttpd does not start");
	l->fd = -1;	/* its own from now on */
	return 0;
}

int listen_fd(const struct listener *l)
{
	return MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

static unsigned connections(const struct listener *l)
{
	return MHD_get_daemon_info(l->daemon,
				   MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections;
}

int listen_serve(void *arg)
{
	struct listener *l = arg;
	MHD_UNSIGNED_LONG_LONG ms;
	unsigned before;

	/* where there were too many, new ones are heard of by a run that begins with fewer */
	do {
		before = connections(l);
		if (MHD_run(l->daemon) != MHD_YES)
			return fail(-EIO, "cannot serve: libmicrohttpd failed");
	} while (connections(l) < before);
	if (MHD_get_timeout(l->daemon, &ms) != MHD_YES)
		return 0;
	/* 0 means now, but to who waits: only when there is something to read */
	return ms ? ms < INT_MAX ? (int)ms : INT_MAX : 1;
}

void listen_close(struct listener *l)
{
	if (!l)
		return;
	if (l->daemon)
		MHD_stop_daemon(l->daemon);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}
