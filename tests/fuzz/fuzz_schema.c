// SPDX-License-Identifier: GPL-2.0
/*
 * Any SQL, applied to a valid recording: then that is read, or refused, and all reports are made of
 * what was read.  Bytes of a file, which fuzz_recording changes, hardly ever become another schema.
 *
 *	fuzz_schema --seeds DIR		writes hostile schemas to begin with
 *
 * Half of the mutations append one of forms[], for a table of the recording; libFuzzer makes the
 * others.
 */
#include "recording.h"
#include "base/list.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

/*
 * The changes themselves are bounded, so that what takes long or much memory is the reader's
 * fault.  SQLite cannot be interrupted within one function, which is why values are short.
 */
#define STEPS_AT_ONCE 500
#define STEPS_MOST 2000000	/* of SQLite's virtual machine, for all statements together */
/*
 * Rows changed, where those of a stack count as one and others as eight.  The reader's lists grow
 * row by row, for which ASan copies them, so their size is not the limit here.
 */
#define ROWS_MOST 1600
#define OF_STACKS 1
#define OF_OTHERS 8
#define VALUE_MOST 100000	/* bytes */
#define PAGES_MOST "4096"	/* of 512 bytes */
#define TABLES_MOST 64

/*
 * In the forms: $T is a table, $C its columns, $L the last of them and $K the others; $I the
 * columns of a row like those that are there, the xth of them; $U of one whose name is its own,
 * too.
 */
struct table_names {
	char table[64], columns[1024], others[1024], last[64], like[1024], unlike[1024];
};

#define MOVED "ALTER TABLE $T RENAME TO moved; "
#define ENDLESS "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "

static const char *const forms[] = {
	/* views in place of tables: the same rows; without end; with nothing, without end */
	MOVED "CREATE VIEW $T AS SELECT $C FROM moved;",
	MOVED "CREATE VIEW $T AS " ENDLESS "SELECT $C FROM moved, n;",
	MOVED "CREATE VIEW $T AS " ENDLESS "SELECT $C FROM moved, n WHERE x < 0;",
	MOVED "CREATE VIEW $T AS " ENDLESS "SELECT $K, (SELECT count(*) FROM n) AS $L FROM moved;",
	MOVED "CREATE VIEW $T AS " ENDLESS "SELECT $C FROM moved, n ORDER BY randomblob(1000000);",
	MOVED "CREATE VIEW $T AS SELECT * FROM $T;",
	/* of enormous values, and made of each other */
	MOVED "CREATE VIEW $T AS SELECT $K, zeroblob(1000000000) AS $L FROM moved;",
	MOVED "CREATE VIEW $T AS SELECT $K, hex(zeroblob(400000000)) AS $L FROM moved;",
	MOVED "CREATE VIEW v0 AS SELECT $C FROM moved; "
	      "CREATE VIEW v1 AS SELECT a.* FROM v0 a, v0 b, v0 c, v0 d, v0 e, v0 f, v0 g; "
	      "CREATE VIEW v2 AS SELECT a.* FROM v1 a, v1 b, v1 c, v1 d, v1 e, v1 f, v1 g; "
	      "CREATE VIEW $T AS SELECT a.* FROM v2 a, v2 b, v2 c, v2 d, v2 e, v2 f, v2 g;",
	/* table-valued functions and virtual tables */
	MOVED "CREATE VIEW $T AS SELECT $C FROM moved, pragma_function_list, pragma_function_list a, "
	      "pragma_function_list b, pragma_function_list c;",
	MOVED "CREATE VIEW $T AS SELECT $C FROM moved, json_each('[1,2,3]') a, dbstat b, dbstat c;",
	MOVED "CREATE VIRTUAL TABLE $T USING fts5($C); INSERT INTO $T SELECT $C FROM moved;",
	MOVED "CREATE VIRTUAL TABLE $T USING fts4($C); INSERT INTO $T SELECT $C FROM moved;",
	MOVED "CREATE VIRTUAL TABLE $T USING dbstat;",
	MOVED "CREATE VIRTUAL TABLE $T USING sqlite_dbpage;",
	MOVED "CREATE VIRTUAL TABLE $T USING rtree(id, a, b);",
	/* tables of other kinds */
	MOVED "CREATE TABLE $T ($K, $L AS (zeroblob(1000000000))); "
	      "INSERT INTO $T SELECT $K FROM moved;",
	MOVED "CREATE TABLE $T ($K, $L AS (hex(zeroblob(400000000)))); "
	      "INSERT INTO $T SELECT $K FROM moved;",
	MOVED "CREATE TABLE $T ($C, PRIMARY KEY ($L)) WITHOUT ROWID; "
	      "INSERT INTO $T SELECT $C FROM moved;",
	MOVED "CREATE TABLE $T ($C); INSERT INTO $T SELECT $C FROM moved;",
	MOVED "CREATE TABLE $T ($C COLLATE nocase UNIQUE CHECK ($L <> 7)) STRICT;",
	"ALTER TABLE $T DROP COLUMN $L;", "DROP TABLE $T;",
	"ALTER TABLE $T ADD COLUMN more DEFAULT 'x';",
	/* triggers and indexes */
	"CREATE TRIGGER t AFTER INSERT ON $T BEGIN DELETE FROM run; END;",
	"CREATE INDEX i ON $T (hex(zeroblob(length($L))) COLLATE nocase);",
	"CREATE INDEX i ON $T ($L) WHERE $L IS NOT NULL;",
	"DROP INDEX $T_owner; CREATE INDEX $T_owner ON $T (owner DESC, $L) WHERE owner = 1;",
	/* rows: more of the same, many with names of their own, deep stacks, values of any type */
	"INSERT INTO $T ($C) " ENDLESS "SELECT $I FROM n CROSS JOIN $T LIMIT 50;",
	"INSERT INTO $T ($C) " ENDLESS "SELECT $U FROM n CROSS JOIN $T LIMIT 50;",
	"INSERT INTO $T ($C) " ENDLESS "SELECT $C FROM $T, n LIMIT 50;",
	"INSERT INTO failed_frames " ENDLESS "SELECT 1, x, 'f' || x FROM n LIMIT 1200;",
	"INSERT INTO event_frames " ENDLESS "SELECT 1, x, 'f' || x FROM n LIMIT 1200;",
	"UPDATE $T SET $L = printf('%.*c', 90000, 'x');", "UPDATE $T SET $L = zeroblob(90000);",
	"UPDATE $T SET $L = NULL;", "UPDATE $T SET $L = -9223372036854775808;",
	"UPDATE $T SET $L = 9e999;", "UPDATE $T SET $L = x'00ff';", "UPDATE $T SET owner = -owner;",
	"DELETE FROM $T;",
	/* what SQLite believes of the file */
	"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = "
	"(SELECT rootpage FROM sqlite_schema WHERE name = 'aggregates') WHERE name = '$T';",
	"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = "
	"(SELECT rootpage FROM sqlite_schema WHERE name = '$T') WHERE name = '$T_owner';",
	"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 1 WHERE name = '$T';",
	"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET type = 'view' WHERE name = '$T';",
	"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '$L', '$L COLLATE x "
	"AS (zeroblob(1000000000))') WHERE name = '$T';",
	"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET name = 'sqlite_' || name WHERE name = "
	"'$T';",
	"PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = '$T_owner';",
	"PRAGMA user_version = 4;", "PRAGMA application_id = 0;", "PRAGMA schema_version = 0;",
};

#define FORMS ARRAY_SIZE(forms)

static char path[64];
static uint8_t *valid;		/* the recording that is changed */
static size_t valid_size;
static struct table_names tables[TABLES_MOST];
static unsigned ntables;

static void column_add(char *list, size_t size, const char *column)
{
	must(strlen(list) + strlen(column) + 3 < size);
	strcat(strcat(list, *list ? ", " : ""), column);
}

static void columns_add(sqlite3 *db, struct table_names *t)
{
	sqlite3_stmt *stmt;

	must(!sqlite3_prepare_v2(db, "SELECT name FROM pragma_table_info(?)", -1, &stmt, NULL));
	sqlite3_bind_text(stmt, 1, t->table, -1, SQLITE_STATIC);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);
		bool own = !strcmp(name, "name") || !strcmp(name, "device");
		char id[128];

		/* rows are numbered without gaps */
		snprintf(id, sizeof(id), "id + x * (SELECT count(*) FROM %s)", t->table);
		strcpy(t->others, t->columns);
		snprintf(t->last, sizeof(t->last), "%s", name);
		column_add(t->columns, sizeof(t->columns), name);
		column_add(t->like, sizeof(t->like), strcmp(name, "id") ? name : id);
		column_add(t->unlike, sizeof(t->unlike),
			   own ? "'n' || x" : strcmp(name, "id") ? name : id);
	}
	sqlite3_finalize(stmt);
}

static void tables_list(void)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;

	must(!sqlite3_open(path, &db));
	must(!sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
				 -1, &stmt, NULL));
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		struct table_names *t = &tables[ntables++];

		must(ntables < TABLES_MOST);
		snprintf(t->table, sizeof(t->table), "%s",
			 (const char *)sqlite3_column_text(stmt, 0));
		columns_add(db, t);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

static void valid_make(void)
{
	struct model m = { 0 };
	FILE *in;

	model_fill(&m);
	recording_make(path, &m);
	model_release(&m);
	tables_list();
	in = fopen(path, "r");
	valid = malloc(1 << 20);
	must(in && valid);
	valid_size = fread(valid, 1, 1 << 20, in);
	must(valid_size > 0 && valid_size < 1 << 20);
	fclose(in);
	unlink(path);
}

static const char *filled(const struct table_names *t, char what)
{
	switch (what) {
	case 'T':
		return t->table;
	case 'C':
		return t->columns;
	case 'K':
		return t->others;
	case 'I':
		return t->like;
	case 'U':
		return t->unlike;
	default:
		return t->last;
	}
}

/* The caller's to free. */
static char *form_for(const char *form, const struct table_names *t)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	must(out != NULL);
	for (const char *s = form; *s; s++) {
		if (*s == '$')
			fputs(filled(t, *++s), out);
		else
			fputc(*s, out);
	}
	fputc('\n', out);
	must(!fclose(out));
	return text;
}

static void seed(const char *dir, unsigned form, const struct table_names *t)
{
	char *text = form_for(forms[form], t), file[4096];
	FILE *out;

	snprintf(file, sizeof(file), "%s/%02u-%s", dir, form, t->table);
	out = fopen(file, "w");
	must(out && fputs(text, out) >= 0 && !fclose(out));
	free(text);
}

/* Each form for two tables, and more rows for all, as what they amount to differs. */
static void seeds(const char *dir)
{
	for (unsigned form = 0; form < FORMS; form++) {
		unsigned most = strstr(forms[form], "$I") || strstr(forms[form], "$U") ? ntables : 2;

		for (unsigned i = 0; i < most; i++)
			seed(dir, form, &tables[(2 * form + i) % ntables]);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	snprintf(path, sizeof(path), "/dev/shm/dmatrace-fuzz-schema.%d", getpid());
	valid_make();
	if (*argc == 3 && !strcmp((*argv)[1], "--seeds")) {
		seeds((*argv)[2]);
		exit(0);
	}
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	char *text;
	size_t len;

	if (seed % 2)
		return LLVMFuzzerMutate(data, size, max);
	srand(seed);
	text = form_for(forms[rand() % FORMS], &tables[rand() % ntables]);
	len = strlen(text);
	if (size + len > max)
		size = len > max ? max : max - len;
	len = size + len > max ? max - size : len;
	memcpy(data + size, text, len);
	free(text);
	return size + len;
}

/* No other file, and none of the settings that bound the changes. */
static int allowed(void *arg, int action, const char *what, const char *value, const char *schema,
		   const char *trigger)
{
	static const char *const pragmas[] = {
		"writable_schema", "application_id", "user_version", "schema_version", "encoding",
		"legacy_alter_table", "ignore_check_constraints",
	};

	(void)arg, (void)value, (void)schema, (void)trigger;
	if (action == SQLITE_ATTACH || action == SQLITE_DETACH)
		return SQLITE_DENY;
	if (action != SQLITE_PRAGMA)
		return SQLITE_OK;
	for (size_t i = 0; i < ARRAY_SIZE(pragmas); i++)
		if (!strcmp(what, pragmas[i]))
			return SQLITE_OK;
	return SQLITE_DENY;
}

struct spent {
	unsigned steps, rows;
};

static int too_much(const struct spent *spent)
{
	return spent->steps > STEPS_MOST || spent->rows > ROWS_MOST;
}

static int tick(void *arg)
{
	struct spent *spent = arg;

	spent->steps += STEPS_AT_ONCE;
	return too_much(spent);
}

static void row_changed(void *arg, int what, const char *schema, const char *table,
			sqlite3_int64 id)
{
	struct spent *spent = arg;

	(void)what, (void)schema, (void)id;
	spent->rows += strstr(table, "_frames") ? OF_STACKS : OF_OTHERS;
}

static sqlite3 *open_bounded(struct spent *spent)
{
	static const int limits[][2] = {
		{ SQLITE_LIMIT_LENGTH, VALUE_MOST }, { SQLITE_LIMIT_EXPR_DEPTH, 100 },
		{ SQLITE_LIMIT_COMPOUND_SELECT, 20 }, { SQLITE_LIMIT_VDBE_OP, 100000 },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50 }, { SQLITE_LIMIT_TRIGGER_DEPTH, 10 },
		{ SQLITE_LIMIT_ATTACHED, 0 },
	};
	sqlite3 *db;

	must(!sqlite3_open(path, &db));
	must(!sqlite3_exec(db, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; "
			   "PRAGMA temp_store = MEMORY; PRAGMA max_page_count = " PAGES_MOST,
			   NULL, NULL, NULL));
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		sqlite3_limit(db, limits[i][0], limits[i][1]);
	sqlite3_set_authorizer(db, allowed, NULL);
	sqlite3_progress_handler(db, STEPS_AT_ONCE, tick, spent);
	sqlite3_update_hook(db, row_changed, spent);
	return db;
}

/* Statement by statement: one that fails keeps none of the others from being tried. */
static void change(const char *sql)
{
	struct spent spent = { 0 };
	sqlite3 *db = open_bounded(&spent);

	while (*sql && !too_much(&spent)) {
		const char *rest = sql;
		sqlite3_stmt *stmt = NULL;

		/* nothing of a query stays in the file */
		if (!sqlite3_prepare_v2(db, sql, -1, &stmt, &rest) && stmt &&
		    sqlite3_strnicmp(sql, "SELECT", 6))
			sqlite3_step(stmt);
		sqlite3_finalize(stmt);
		/* behind what cannot be parsed */
		if (rest == sql || !rest)
			break;
		sql = rest + strspn(rest, " \t\n");
	}
	sqlite3_close(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *sql = strndup((const char *)data, size);
	FILE *out = fopen(path, "w");

	must(sql && out && fwrite(valid, 1, valid_size, out) == valid_size && !fclose(out));
	change(sql);
	free(sql);
	recording_read(path);
	unlink(path);
	return 0;
}
