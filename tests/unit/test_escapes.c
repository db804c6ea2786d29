// SPDX-License-Identifier: GPL-2.0
/*
 * The escapes that all outputs share: they can be undone, and each message on stderr is one line
 * of them, in the encoding of the locale.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fmt.h"
#include "base/list.h"
#include "hostile.h"

#undef fail	/* cmocka's is another */
#undef fail_as

/* What base/fmt.h says its escapes mean. */
static void unescape(const char *from, char *to)
{
	unsigned code;
	int used;

	for (; *from; from += used) {
		used = 1;
		if (*from != '\\')
			*to++ = *from;
		else if (sscanf(from, "\\x%2x%n", &code, &used) == 1)
			*to++ = code;
		else if (sscanf(from, "\\u{%x}%n", &code, &used) == 1 && code < 0x800)
			to += sprintf(to, "%c%c", 0xc0 | code >> 6, 0x80 | (code & 0x3f));
		else if (used > 1 && code < 0x10000)
			to += sprintf(to, "%c%c%c", 0xe0 | code >> 12, 0x80 | (code >> 6 & 0x3f),
				      0x80 | (code & 0x3f));
		else if (used > 1)
			to += sprintf(to, "%c%c%c%c", 0xf0 | code >> 18, 0x80 | (code >> 12 & 0x3f),
				      0x80 | (code >> 6 & 0x3f), 0x80 | (code & 0x3f));
		else
			*to++ = from[1], used = 2;
	}
	*to = '\0';
}

static void check_undone(const char *text)
{
	char undone[256];

	for (int utf8 = 0; utf8 < 2; utf8++) {
		char *safe = fmt_escaped(text, utf8, ";%");

		check_harmless(safe, strlen(safe), utf8);
		assert_null(strpbrk(safe, ";%\n"));
		unescape(safe, undone);
		assert_string_equal(undone, text);
		free(safe);
	}
}

/* Text of the bytes that UTF-8 and the escapes are made of, at random and the same each time. */
static void escapes_can_be_undone(void **state)
{
	static const unsigned char bytes[] = {
		'\\', 'x', 'u', '{', '}', '2', '0', 'e', ';', '\n', 0x1b, 0x7f, 0x80, 0x85, 0x8e,
		0x9b, 0xa0, 0xae, 0xbf, 0xc0, 0xc2, 0xc3, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf3, 0xf4,
		0xff,
	};
	char text[13];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++)
		check_undone(hostile[i]);
	srand(1);
	for (int i = 0; i < 50000; i++) {
		int len = rand() % sizeof(text);

		for (int at = 0; at < len; at++)
			text[at] = (char)bytes[rand() % sizeof(bytes)];
		text[len] = '\0';
		check_undone(text);
	}
}

/* What was said on stderr; freed by the caller. */
static char *said(const char *name)
{
	FILE *log = tmpfile();
	int saved = dup(STDERR_FILENO);
	char *text = calloc(1, 16384);

	dup2(fileno(log), STDERR_FILENO);
	fail(-EINVAL, "no '%s'", name);
	fail_as(-EINVAL, "stat", "no '%s'", name);
	warn("no '%s'", name);
	verbose = 1;
	note("no '%s'", name);
	debug("no '%s'", strchr(name, '\n') ? "a" : name);
	verbose = 0;
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(log);
	assert_in_range(fread(text, 1, 16383, log), 1, 16382);
	fclose(log);
	return text;
}

static void messages_are_one_harmless_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(hostile); i++) {
		const char *name = hostile[i / 2];
		bool utf8 = i % 2;
		char *safe = fmt_printable(name, utf8), *text, expected[128];

		setlocale(LC_ALL, utf8 ? "C.UTF-8" : "C");
		text = said(name);
		snprintf(expected, sizeof(expected), "dmatrace: no '%s'\ndmatrace stat: no '%s'\n",
			 safe, safe);
		check_harmless(text, strlen(text), utf8);
		assert_memory_equal(text, expected, strlen(expected));
		assert_int_equal(breaks(text), 5);
		free(safe);
		free(text);
	}
	setlocale(LC_ALL, "C");
}

/* One that does not fit is cut, perhaps in the middle of a character. */
static void long_messages_are_cut_harmlessly(void **state)
{
	char name[2048], *text;

	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	for (size_t first = 0; first < 3; first++) {
		memset(name, 'x', first);
		for (size_t i = 0; i < 600; i++)
			memcpy(name + first + 3 * i, "\xe4\xb8\xad", 3);
		name[first + 1800] = '\0';
		setlocale(LC_ALL, "C.UTF-8");
		text = said(name);
		check_harmless(text, strlen(text), true);
		free(text);
	}
	setlocale(LC_ALL, "C");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_can_be_undone),
		cmocka_unit_test(messages_are_one_harmless_line),
		cmocka_unit_test(long_messages_are_cut_harmlessly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
