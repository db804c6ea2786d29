// SPDX-License-Identifier: GPL-2.0
/*
 * Reading rollback journals, see replay_journal.h.  The format is SQLite's:
 * https://www.sqlite.org/fileformat2.html#the_rollback_journal
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "recording/replay_journal.h"

#define LARGEST_PAGE 65536u
#define JOURNAL_NAME (PATH_MAX + sizeof("-journal"))

/* At the start of a header, and at the end of a journal that names a super-journal. */
static const unsigned char magic[8] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };

/* Begins a sector; as many pages follow it as it says. */
struct header {
	unsigned char magic[8];
	uint32_t count;			/* ~0: as many as there is room for */
	uint32_t nonce;			/* checksums begin with it */
	uint32_t pages;			/* of the database before the write */
	uint32_t sector_size, page_size;
};

static bool power_of_two(uint32_t n, uint32_t least)
{
	return n >= least && n <= LARGEST_PAGE && !(n & (n - 1));
}

/* False where none begins: what a write had not finished is not to be undone. */
static bool header_read(int fd, off_t at, struct header *h)
{
	if (pread(fd, h, sizeof(*h), at) != sizeof(*h) || memcmp(h->magic, magic, sizeof(magic)))
		return false;
	h->count = be32toh(h->count);
	h->nonce = be32toh(h->nonce);
	h->pages = be32toh(h->pages);
	h->sector_size = be32toh(h->sector_size);
	h->page_size = be32toh(h->page_size);
	return power_of_two(h->sector_size, 32) && power_of_two(h->page_size, 512);
}

/* Every 200th byte, counted from the end. */
static uint32_t checksum(uint32_t nonce, const unsigned char *page, unsigned size)
{
	for (int i = (int)size - 200; i > 0; i -= 200)
		nonce += page[i];
	return nonce;
}

/* A page's number, content and checksum.  False: the whole ones end here. */
static bool page_read(int fd, off_t at, const struct header *h, unsigned char *page,
		      unsigned *number)
{
	uint32_t first, last;

	if (pread(fd, &first, sizeof(first), at) != sizeof(first) ||
	    pread(fd, page, h->page_size, at + 4) != (ssize_t)h->page_size ||
	    pread(fd, &last, sizeof(last), at + 4 + h->page_size) != sizeof(last))
		return false;
	*number = be32toh(first);
	/* a page behind the end is passed over, whatever its checksum */
	return *number && (*number > h->pages ||
			   be32toh(last) == checksum(h->nonce, page, h->page_size));
}

static int page_add(struct journal *j, unsigned number, off_t at)
{
	struct journal_page *grown;

	/* each time the number of pages reaches a power of two */
	if (!(j->npages & (j->npages - 1))) {
		grown = reallocarray(j->pages, j->npages ? j->npages * 2 : 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		j->pages = grown;
	}
	j->pages[j->npages++] = (struct journal_page){ number, at };
	return 0;
}

/* Pages behind one header; *at moves on to their end.  1: whole pages may follow in a next one. */
static int segment_read(struct journal *j, const struct header *h, off_t size, off_t *at)
{
	off_t record = (off_t)h->page_size + 8;
	unsigned char *page = malloc(h->page_size);
	uint32_t count = h->count;
	int more = 1;
	unsigned number;

	*at += h->sector_size;
	if (count == UINT32_MAX)
		count = size > *at ? (size - *at) / record : 0;
	for (; page && more == 1 && count; count--, *at += record) {
		if (!page_read(j->fd, *at, h, page, &number))
			more = 0;
		else if (number <= h->pages && page_add(j, number, *at + 4))
			more = -ENOMEM;
	}
	free(page);
	return page ? more : -ENOMEM;
}

static int by_number(const void *left, const void *right)
{
	const struct journal_page *a = left, *b = right;
	int order = (a->number > b->number) - (a->number < b->number);

	return order ? order : (a->at > b->at) - (a->at < b->at);
}

/* SQLite writes pages back in order, so the last of a number counts. */
static void pages_sort(struct journal *j)
{
	size_t n = 0;

	if (j->npages)
		qsort(j->pages, j->npages, sizeof(*j->pages), by_number);
	for (size_t i = 0; i < j->npages; i++) {
		if (n && j->pages[n - 1].number == j->pages[i].number)
			n--;
		j->pages[n++] = j->pages[i];
	}
	j->npages = n;
}

/* 1: pages are to be read from it; 0: its write had not begun to change the database; -ENOMEM. */
static int pages_read(struct journal *j, off_t size)
{
	struct header first, h;
	off_t at = 0;
	int more;

	if (!header_read(j->fd, 0, &first))
		return 0;
	j->page_size = first.page_size;
	j->size = (off_t)first.pages * first.page_size;
	h = first;
	do {
		more = segment_read(j, &h, size, &at);
		at = (at + first.sector_size - 1) / first.sector_size * first.sector_size;
	} while (more == 1 && header_read(j->fd, at, &h) && h.page_size == first.page_size &&
		 h.sector_size == first.sector_size);
	pages_sort(j);
	return more < 0 ? more : 1;
}

/* Does it name a super-journal?  A write to several databases makes one; no recorder does. */
static bool names_another(int fd, off_t size)
{
	unsigned char end[sizeof(magic)];

	return size >= 16 &&
	       pread(fd, end, sizeof(end), size - (off_t)sizeof(end)) == sizeof(end) &&
	       !memcmp(end, magic, sizeof(magic));
}

/* Why a recorder cannot have left it; NULL: it can. */
static const char *not_ours(int fd, const struct stat *journal, const struct stat *database)
{
	if (!S_ISREG(journal->st_mode) || journal->st_nlink > 1)
		return "it is no plain file of its own";
	if (database->st_uid != journal->st_uid)
		return "it belongs to another user than the recording";
	return names_another(fd, journal->st_size) ? "it names another database's journal" : NULL;
}

static int ignored(const char *name, const char *why)
{
	warn("%s is ignored: %s", name, why);
	return 1;
}

static int unopened(const char *name, int err)
{
	if (err == -ENOENT)
		return 0;
	if (err == -ELOOP)
		return ignored(name, "it is a symbolic link");
	if (err != -EACCES && err != -EPERM)
		return fail(err, "cannot read %s: %s%s", name, strerror(-err), err_remedy(err));
	return fail(err, "cannot read %s, which holds what its recorder had not finished: %s; "
		    "make it readable, as the recording is", name, strerror(-err));
}

static void name_print(char name[JOURNAL_NAME], const char *path)
{
	snprintf(name, JOURNAL_NAME, "%s-journal", path);
}

int journal_find_file(const char *path)
{
	char name[JOURNAL_NAME];
	int fd;

	name_print(name, path);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	return fd;
}

/* What was found early, unless it has been removed since. */
static int found_early(int early)
{
	struct stat st;

	if (early < 0)
		return early;
	if (fstat(early, &st))
		return -errno;
	if (!st.st_nlink)
		return -ENOENT;
	early = fcntl(early, F_DUPFD_CLOEXEC, 0);
	return early < 0 ? -errno : early;
}

int journal_open(struct journal *j, const char *path, int fd, int early)
{
	char name[JOURNAL_NAME];
	struct stat db;
	const char *why;
	int found;

	*j = JOURNAL_NONE;
	name_print(name, path);
	j->fd = journal_find_file(path);
	if (j->fd == -EACCES)
		j->fd = found_early(early);
	if (j->fd < 0)
		return unopened(name, j->fd);
	if (fstat(j->fd, &j->file) || fstat(fd, &db)) {
		found = fail(-errno, "cannot read %s: %s", name, strerror(errno));
		journal_close(j);
		return found;
	}
	why = not_ours(j->fd, &j->file, &db);
	/* removed meanwhile, or left by another file of this name: SQLite passes over it, too */
	if (!why && (!j->file.st_nlink || !db.st_size)) {
		journal_close(j);
		return 0;
	}
	found = why ? ignored(name, why) : pages_read(j, j->file.st_size);
	if (!why && found == 1)
		return 0;
	journal_close(j);
	return found < 0 ? fail(found, "cannot read %s: out of memory", name) : found;
}

bool journal_same(const struct journal *j, const char *path)
{
	char name[JOURNAL_NAME];
	struct stat st;

	name_print(name, path);
	return j->fd >= 0 && !lstat(name, &st) && st.st_dev == j->file.st_dev &&
	       st.st_ino == j->file.st_ino && st.st_size == j->file.st_size &&
	       st.st_ctim.tv_sec == j->file.st_ctim.tv_sec &&
	       st.st_ctim.tv_nsec == j->file.st_ctim.tv_nsec;
}

static int by_key(const void *key, const void *item)
{
	unsigned number = *(const unsigned *)key;
	const struct journal_page *page = item;

	return (number > page->number) - (number < page->number);
}

const struct journal_page *journal_find(const struct journal *j, unsigned number)
{
	return j->npages ? bsearch(&number, j->pages, j->npages, sizeof(*j->pages), by_key) : NULL;
}

void journal_close(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	free(j->pages);
	*j = JOURNAL_NONE;
}
