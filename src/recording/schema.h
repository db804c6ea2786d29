/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables of a recording as SQL, made from shape.h: what the recorder creates is exactly what
 * the reader accepts.  Strings are the caller's to free; NULL: out of memory.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

struct shape;

/* CREATE statements for every table, index and view of a version. */
char *schema_create(int version);
/* DELETE statements for every row that holds a part of the model; intervals and events stay. */
char *schema_empty(void);
/* How many columns a shape's table has in this version, id and owner included. */
int schema_columns(const struct shape *shape);

#endif
