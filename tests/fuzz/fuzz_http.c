// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as what an HTTP client sends, in two pieces: answered in HTTP or not at all, and the
 * connection ends with the client.  The first byte says where the second piece begins.
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session/listen_private.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct listener *listener;

static void must(int right)
{
	if (!right)
		abort();
}

static int page(void *arg, FILE *out)
{
	(void)arg;
	return fputs("# EOF\n", out) < 0 ? -EIO : 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	signal(SIGPIPE, SIG_IGN);
	must(!listen_open(&listener, "127.0.0.1:0") && !listen_start(listener, page, NULL));
	return 0;
}

static void say(int fd, const uint8_t *data, size_t size)
{
	/* the server may have closed it */
	if (size && send(fd, data, size, MSG_DONTWAIT) < 0)
		return;
	must(listen_serve(listener) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sockaddr_in from = { .sin_family = AF_INET };
	size_t first = size ? 1 + data[0] * (size - 1) / 255 : 0;
	char answer[16];
	ssize_t len;
	int pair[2];

	if (!size)
		return 0;
	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
	client_add(listener, pair[1], (const void *)&from, sizeof(from));
	say(pair[0], data + 1, first - 1);
	say(pair[0], data + first, size - first);
	len = recv(pair[0], answer, sizeof(answer), MSG_DONTWAIT);
	must(len < 7 || !memcmp(answer, "HTTP/1.", 7));
	close(pair[0]);
	for (int i = 0; listener->nclients && i < 100; i++)
		must(listen_serve(listener) >= 0);
	must(!listener->nclients);
	return 0;
}
