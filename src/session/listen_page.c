// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that are served.  A page is written once, into chunks that are sent as they are.  It is
 * sent again to requests that came at the same time, and for as long as making it took: requests
 * take half of a CPU at most.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "session/listen_private.h"

#define CHUNK ((size_t)1 << 18)
#define METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* Once nobody is sent it, and it is not the newest. */
static void page_free(void *arg)
{
	struct page *p = arg;

	for (size_t i = 0; i < p->nchunks; i++)
		free((void *)p->chunks[i].iov_base);
	free(p->chunks);
	p->l->npages--;
	free(p);
}

/* The chunk to write to; NULL without memory. */
static struct MHD_IoVec *chunk_with_room(struct page *p)
{
	struct MHD_IoVec *grown;

	if (p->nchunks && p->chunks[p->nchunks - 1].iov_len < CHUNK)
		return &p->chunks[p->nchunks - 1];
	grown = reallocarray(p->chunks, p->nchunks + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	p->chunks = grown;
	grown[p->nchunks] = (struct MHD_IoVec){ .iov_base = malloc(CHUNK) };
	return grown[p->nchunks].iov_base ? &grown[p->nchunks++] : NULL;
}

static ssize_t page_write(void *arg, const char *text, size_t size)
{
	struct page *p = arg;
	size_t left = size;

	while (left) {
		struct MHD_IoVec *chunk = p->failed ? NULL : chunk_with_room(p);
		size_t part;

		p->failed |= !chunk;
		if (!chunk)
			return 0;	/* what a stream takes for an error */
		part = CHUNK - chunk->iov_len < left ? CHUNK - chunk->iov_len : left;
		memcpy((char *)chunk->iov_base + chunk->iov_len, text + size - left, part);
		chunk->iov_len += part;
		left -= part;
	}
	p->len += size;
	return size;
}

static int page_fill(struct page *p)
{
	FILE *out = fopencookie(p, "w", (cookie_io_functions_t){ .write = page_write });
	int err;

	if (!out)
		return fail(-ENOMEM, "cannot serve the metrics: out of memory");
	err = p->l->page(p->l->arg, out);
	if ((fclose(out) || p->failed) && !err)
		err = fail(-ENOMEM, "cannot serve the metrics: out of memory");
	return err;
}

/* Most pages are small, and many chunks would be nearly empty. */
static void last_chunk_cut(struct page *p)
{
	struct MHD_IoVec *last = p->nchunks ? &p->chunks[p->nchunks - 1] : NULL;
	void *cut = last ? realloc((void *)last->iov_base, last->iov_len) : NULL;

	if (cut)
		last->iov_base = cut;
}

static int page_respond(struct page *p)
{
	last_chunk_cut(p);
	p->response = MHD_create_response_from_iovec(p->chunks, p->nchunks, page_free, p);
	if (!p->response)
		return fail(-ENOMEM, "cannot serve the metrics: out of memory");
	MHD_add_response_header(p->response, MHD_HTTP_HEADER_CONTENT_TYPE, METRICS_TYPE);
	return 0;
}

/* Readers of the page that was made first have had the longest time for it. */
static void oldest_close(struct listener *l)
{
	const struct page *oldest = NULL;

	for (const struct client *c = l->clients; c; c = c->next)
		if (c->page && !c->closing && (!oldest || c->page->made_ms < oldest->made_ms))
			oldest = c->page;
	for (struct client *c = l->clients; oldest && c; c = c->next)
		if (c->page == oldest)
			client_close(c);
}

static int page_make(struct listener *l, struct page **out)
{
	struct page *p = calloc(1, sizeof(*p));
	unsigned long long begin = listen_now();
	int err;

	if (!p)
		return fail(-ENOMEM, "cannot serve the metrics: out of memory");
	p->l = l;
	l->npages++;
	err = page_fill(p);
	if (!err)
		err = page_respond(p);
	if (err) {
		page_free(p);
		return err;
	}
	p->made_ms = listen_now();
	p->took_ms = p->made_ms - begin;
	*out = p;
	return 0;
}

int page_get(struct listener *l, struct page **page)
{
	int err;

	if (!l->newest) {
		if (l->npages >= PAGES)
			oldest_close(l);
		/* those just closed are there until the library's next run */
		if (l->npages >= 2 * PAGES)
			return -EBUSY;
		err = page_make(l, &l->newest);
		if (err)
			return err;
	}
	*page = l->newest;
	return 0;
}

static unsigned long long expires_ms(const struct page *p)
{
	return p->made_ms + p->took_ms;
}

void page_forget(struct listener *l)
{
	if (l->newest)
		MHD_destroy_response(l->newest->response);
	l->newest = NULL;
}

void page_tick(struct listener *l)
{
	if (l->newest && listen_now() >= expires_ms(l->newest))
		page_forget(l);
}

unsigned long long page_wait_ms(const struct listener *l)
{
	unsigned long long now = listen_now();

	if (!l->newest)
		return ULLONG_MAX;
	return expires_ms(l->newest) > now ? expires_ms(l->newest) - now : 0;
}
