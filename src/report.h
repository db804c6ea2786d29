/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports: from a model (or kernel facts, or devices) to a document.  They never print.
 */
#ifndef REPORT_H
#define REPORT_H

#include "doc.h"
#include "model.h"

#define SCHEMA 1	/* of the JSON every report makes; grows, never renames */

struct kernel;
struct inventory;

struct doc *report_stat(const struct model *m);
struct doc *report_hooks(const struct model *m);
struct doc *report_devices(const struct inventory *inv);

/* The parts they share. */
void report_head(struct doc *doc, const char *host, const char *release, const char *arch);
void report_hook_rows(struct doc *doc, const struct model *m, enum show show);
/* The value a failing call returned, in words: ENOMEM, NULL, DMA_MAPPING_ERROR. */
const char *report_failure(enum failure kind, long long value, char *buf, size_t size);

#endif
