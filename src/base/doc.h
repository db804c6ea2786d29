/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A neutral document: what a report has to say, as values with units, in order.
 * It scales, aligns and prints nothing; that is the renderers' work, and they alone read
 * the structs in the second half.  Strings are copied; column tables are borrowed and must
 * outlive the document.  Running out of memory ends the program with a message.
 */
#ifndef DOC_H
#define DOC_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include "base/list.h"

enum unit {
	UNIT_TEXT, UNIT_COUNT, UNIT_BYTES, UNIT_NS, UNIT_HIST_NS, UNIT_HIST_BYTES, UNIT_LIST,
	UNIT_NAMES, UNIT_TABLE,
	UNIT_CLOCK,	/* ns, shown as s with all us */
	UNIT_ADDRESS,	/* shown in hexadecimal */
	UNIT_RATIO,	/* in hundredths: 125 is 1.25 */
	UNIT_SHARE,	/* the same, shown in percent */
	UNIT_CHANCE,	/* in millionths: 1250 is 0.001250 */
};
enum show {			/* to people, machines; 0: both.  Flame graphs, tests, metrics */
	SHOW_TEXT = 1, SHOW_DATA = 2, SHOW_ALL = 3, SHOW_FOLDED = 4, SHOW_TESTS = 8,
	SHOW_METRICS = 16,
};

struct column {
	const char *key, *title, *help;
	enum unit unit;
	enum show show;
	size_t least;	/* text may cut it to so many characters for a line to fit; 0: never.
			   Where rows are printed as they come: its width at first. */
};

struct doc_bucket {
	unsigned long long min, max, count;	/* max is ULLONG_MAX when open-ended */
};

struct doc_hist {
	unsigned long long count, sum;
	unsigned long long max, p50, p90, p99;	/* mean nothing when count is 0 */
	size_t nbuckets;			/* non-empty ones only */
	struct doc_bucket buckets[];
};

struct cell_pair {
	char *name;
	unsigned long long count;
};

struct doc;
struct table;
struct counters;

struct doc *doc_new(void);
void doc_free(struct doc *doc);

/*
 * Top-level values.  value NULL: absent, which is not the same as empty or zero.  Of several with
 * the same key, tables included, people get all and programs the last.
 */
void doc_text(struct doc *doc, const char *key, const char *title, enum show show,
	      const char *value);
void doc_u64(struct doc *doc, const char *key, const char *title, enum unit unit, enum show show,
	     unsigned long long value);
void doc_names(struct doc *doc, const char *key, const char *title, enum show show,
	       const char *const *names, size_t nnames);
/* What a part of the document is called, for people. */
void doc_heading(struct doc *doc, const char *text);
/* One line for people; no newline in it.  "" is an empty line. */
void doc_line(struct doc *doc, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same, of any length: broken between words, each line that many blanks from the left. */
void doc_prose(struct doc *doc, unsigned indent, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Rows are filled cell by cell in column order; a wrong number or kind of cells asserts.
 *
 * A table shown as metrics is of one: the key is its name, ending in its unit, bytes or seconds;
 * the last column is the value, whose key is "total" of a counter, "info" of an info, else "value",
 * and whose help is the metric's; the others are labels.  A row without a value is left out.
 */
struct table *doc_table(struct doc *doc, const char *key, const char *title,
			const struct column *cols, size_t ncols, enum show show);
/* One without a title, of all columns in an array. */
#define DOC_TABLE(doc, key, columns, show) \
	doc_table(doc, key, "", columns, ARRAY_SIZE(columns), show)
/*
 * The same for histograms shown whole: people get a block for each row, with the histogram as bars
 * below all else the row has, of which counts only if they are not 0.  The columns are copied.
 */
struct table *doc_bars(struct doc *doc, const char *key, const struct column *cols, size_t ncols,
		       enum show show);
void table_row(struct table *t);
void cell_text(struct table *t, const char *text);	/* NULL: absent */
/* The same, not copied: the text must outlive the document. */
void cell_name(struct table *t, const char *constant);
void cell_u64(struct table *t, unsigned long long value);
void cell_s64(struct table *t, long long value);
void cell_absent(struct table *t);
void cell_when(struct table *t, bool known, unsigned long long value);	/* else absent */
void cell_hist(struct table *t, struct doc_hist *hist);	/* takes ownership; NULL: absent */
void cell_list(struct table *t, const struct cell_pair *pairs, size_t npairs);
void cell_names(struct table *t, char *const *names, size_t nnames);
/* A table for programs in this cell, people see how many rows; filled as any other. */
struct table *cell_table(struct table *t, const struct column *cols, size_t ncols);

struct doc_hist *doc_hist_new(size_t nbuckets);
void doc_hist_free(struct doc_hist *hist);

/* Named counts of which only the non-zero ones interest people (losses). */
struct counters *doc_counters(struct doc *doc, const char *key, const char *title, enum show show);
void counters_add(struct counters *c, const char *name, unsigned long long value);

/* What follows is for renderers. */

enum cell_kind {
	CELL_ABSENT, CELL_TEXT, CELL_U64, CELL_S64, CELL_HIST, CELL_LIST, CELL_NAMES, CELL_TABLE,
};

struct cell_pairs {
	struct cell_pair *items;
	size_t count, room;
};

/* There are millions of them. */
struct cell {
	enum cell_kind kind;
	bool borrowed;		/* text that is not its own */
	union {
		char *text;
		unsigned long long u64;
		long long s64;
		struct doc_hist *hist;
		struct cell_pairs *list;	/* CELL_NAMES: their counts mean nothing */
		struct table *table;
	};
};

struct table {
	const struct column *cols;
	struct column *copied;	/* the same, where they are its own */
	size_t ncols;
	struct cell *cells;	/* row after row */
	size_t ncells, room, nrows;
};

struct counters {
	struct cell_pairs list;
};

enum item_kind {
	ITEM_FIELD, ITEM_HEADING, ITEM_LINE, ITEM_PROSE, ITEM_TABLE, ITEM_BARS, ITEM_COUNTERS,
};

struct item {
	struct item *next;
	enum item_kind kind;
	enum show show;
	char *key, *title;
	enum unit unit;			/* of a field */
	unsigned indent;		/* of prose */
	union {
		struct cell value;	/* of a field, a heading, a line or prose */
		struct table table;	/* of bars, too */
		struct counters counters;
	};
};

const struct item *doc_items(const struct doc *doc);
/* The cells of one row; asserts that the row is complete. */
const struct cell *table_cells(const struct table *t, size_t row);
/* The cell of a column; asserts that there is one. */
const struct cell *table_cell(const struct table *t, size_t row, const char *key);
static inline bool shown(enum show show, enum show where)
{
	return !show || (show & where);
}

#endif
