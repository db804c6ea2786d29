// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of a recording as SQL, see schema.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include "recording/record.h"
#include "recording/schema.h"
#include "recording/shape.h"

#define KEY "device, bus, driver, op, direction, path, reason, context, phase, within, page_size"

/*
 * A SELECT of the buckets that are not empty, one a row, made from the text of hist_print().
 * columns: the columns that name the owner; as: their names in the result.
 */
#define BUCKETS(columns, as, name, table)						\
	"SELECT " as ", value, low, high, count FROM (SELECT " columns ", '" name "' AS value, "	\
	"sum(max(1, -j.value)) OVER (PARTITION BY t.rowid ORDER BY j.key) - 1 AS bucket, "	\
	"j.value AS count FROM " table " t, json_each(t." name "_hist) j) "			\
	"JOIN buckets ON id = bucket WHERE count > 0"

/* The columns a field takes, each behind ", ". */
static void columns_print(FILE *out, const struct shape *shape, int version)
{
	for_each_field(f, shape, version)
		if (field_is_column(f))
			fprintf(out, ", %s", f->name);
		else if (f->kind == FIELD_HIST)
			fprintf(out, ", %s_count, %s_sum, %s_max, %s_hist", f->name, f->name,
				f->name, f->name);
}

/* Without an index: its rows are many, and come in the order in which they are read. */
static void table_print(FILE *out, const struct shape *shape, int version)
{
	fprintf(out, "CREATE TABLE %s (id INTEGER PRIMARY KEY, owner INTEGER", shape->table);
	if (shape->which)
		fprintf(out, ", %s", shape->which);
	columns_print(out, shape, version);
	fprintf(out, ");\n");
}

/* The histograms of its rows, a row for each bucket: for people with the sqlite3 shell. */
static void buckets_print(FILE *out, const struct shape *shape, int version)
{
	const char *also = "";

	fprintf(out, "CREATE VIEW %s AS ", shape->buckets);
	for_each_field(f, shape, version) {
		if (f->kind != FIELD_HIST)
			continue;
		fprintf(out, "%s", also);
		fprintf(out, BUCKETS("t.id AS owner", "owner", "%1$s", "%2$s"), f->name,
			shape->table);
		also = " UNION ALL ";
	}
	fprintf(out, ";\n");
}

static void create_print(FILE *out, const struct shape *shape, int version)
{
	if (!shape->fields) {
		fprintf(out, "CREATE TABLE %s (owner INTEGER, depth INTEGER, name TEXT);"
			"CREATE INDEX %s_owner ON %s (owner);\n", shape->table, shape->table,
			shape->table);
		return;
	}
	table_print(out, shape, version);
	fprintf(out, "CREATE INDEX %s_owner ON %s (owner);\n", shape->table, shape->table);
	if (shape->buckets)
		buckets_print(out, shape, version);
	for_each_field(f, shape, version)
		if (f->rows)
			create_print(out, f->rows, version);
}

static void delete_print(FILE *out, const struct shape *shape, int version)
{
	fprintf(out, "DELETE FROM %s;\n", shape->table);
	if (!shape->fields)
		return;
	for_each_field(f, shape, version)
		if (f->rows)
			delete_print(out, f->rows, version);
}

/* What came when, from one write to the next; man/dmatrace-recording.5 explains it. */
static const char intervals_sql[] =
	"CREATE TABLE buckets (id INTEGER PRIMARY KEY, low INTEGER, high INTEGER);\n"
	"CREATE TABLE intervals (id INTEGER PRIMARY KEY, end_ns INTEGER);\n"
	"CREATE TABLE series (id INTEGER PRIMARY KEY, " KEY ");\n"
	"CREATE TABLE interval_calls (interval INTEGER, series INTEGER, calls INTEGER, "
	"errors INTEGER, bytes INTEGER, latency_count INTEGER, latency_sum INTEGER, latency_hist, "
	"size_hist);\n"
	"CREATE TABLE marks (interval INTEGER, series INTEGER, calls INTEGER, errors INTEGER, "
	"bytes INTEGER, latency_sum INTEGER, latency_hist);\n"
	"CREATE VIEW interval_buckets AS "
	BUCKETS("t.interval, t.series", "interval, series", "latency", "interval_calls")
	" UNION ALL "
	BUCKETS("t.interval, t.series", "interval, series", "size", "interval_calls") ";\n";

/* For people with the sqlite3 shell. */
static const char views_sql[] =
	"CREATE VIEW by_device AS SELECT device, driver, op, direction, sum(calls) AS calls, "
	"sum(errors) AS errors, sum(bytes) AS bytes, sum(latency_sum) / sum(latency_count) "
	"AS mean_ns, max(latency_max) AS max_ns FROM aggregates "
	"GROUP BY device, driver, op, direction ORDER BY device, op, direction;\n"
	"CREATE VIEW by_driver AS SELECT driver, op, sum(calls) AS calls, sum(errors) AS errors, "
	"sum(bytes) AS bytes, sum(latency_sum) / sum(latency_count) AS mean_ns, "
	"max(latency_max) AS max_ns FROM aggregates GROUP BY driver, op ORDER BY driver, op;\n"
	"CREATE VIEW timeline AS SELECT end_ns, device, op, sum(calls) AS calls, "
	"sum(errors) AS errors, sum(bytes) AS bytes FROM intervals "
	"JOIN interval_calls ON interval = intervals.id JOIN series ON series = series.id "
	"GROUP BY intervals.id, device, op ORDER BY end_ns, device, op;\n"
	"CREATE VIEW slowest AS SELECT latency_max AS max_ns, device, driver, op, direction, path, "
	"calls FROM aggregates WHERE latency_count > 0 ORDER BY latency_max DESC;\n"
	"CREATE VIEW bounces AS SELECT device, driver, reason, context, sum(calls) AS calls, "
	"sum(errors) AS errors, sum(bytes) AS bytes FROM aggregates WHERE op = 'bounce' "
	"GROUP BY device, driver, reason, context ORDER BY calls DESC;\n"
	"CREATE VIEW events AS SELECT e.id, time_ns, cpu, context, task, nullif(thread, 0) AS thread, "
	"device, bus, driver, op, direction, size, nullif(address, 0) AS address, "
	"nullif(phys, 0) AS phys, nullif(virt, 0) AS virt, "
	"CASE WHEN latency_known THEN latency_ns END AS latency_ns, path, reason, phase, failed, "
	"CASE WHEN failed THEN value END AS value, e.owner AS kind "
	"FROM event_rows e JOIN event_kinds k ON k.id = e.owner;\n";

/* Whatever print() writes, as one string; NULL without memory. */
static char *printed(void (*print)(FILE *out, int version), int version)
{
	char *sql = NULL;
	size_t size;
	FILE *out = open_memstream(&sql, &size);

	if (!out)
		return NULL;
	print(out, version);
	if (!fclose(out))
		return sql;
	free(sql);
	return NULL;
}

static void tables_print(FILE *out, int version)
{
	fputs("CREATE TABLE complete (whole INTEGER);\n", out);
	create_print(out, &shape_model, version);
	create_print(out, &shape_event_kind, version);
	create_print(out, &shape_event_frames, version);
	table_print(out, &shape_event, version);
	fputs(intervals_sql, out);
	fputs(views_sql, out);
}

static void deletes_print(FILE *out, int version)
{
	delete_print(out, &shape_model, version);
}

char *schema_create(int version)
{
	return printed(tables_print, version);
}

char *schema_empty(void)
{
	return printed(deletes_print, RECORDING_VERSION);
}

int schema_columns(const struct shape *shape)
{
	int count = shape->which ? 3 : 2;

	for_each_field(f, shape, RECORDING_VERSION)
		count += field_is_column(f) ? 1 : f->kind == FIELD_HIST ? 4 : 0;
	return count;
}
