#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What users read in a report they find in a manual page: operations, losses, columns and keys.
set -eu
status=0

explained()	# WORD PAGE WHAT
{
	grep -qE "(^\.|[ (])Cm( [a-z0-9_]+ ,)* $1( |\$)" "$2" && return
	echo "$2: $3 '$1' is not explained"
	status=1
}

# The second word of each row of an X-macro
row_names()	# MACRO
{
	sed -n "/^#define $1(X)/,/[^\\\\]\$/s/.*X([A-Z0-9_]*, \"\\([a-z_]*\\)\".*/\\1/p" bpf/dmatrace.h
}

# What is for people only they know by its title.
columns_of()	# FILE
{
	sed -n '/SHOW_TEXT/!s/^	{ "\([a-z_]*\)", .*/\1/p' "$1"
	# of metrics, with their names
	grep -oE '(LABEL|METRIC)\((doc, )?"[a-z_]+' "$1" | sed 's/.*"//'
}

# The pages in which columns of a report are told, if only in passing.
pages_of()	# FILE
{
	case ${1#src/} in
	report/report.c)		echo man/dmatrace-hooks.1 ;;
	report/events.c)	echo man/dmatrace-trace.1 ;;
	report/metrics.c)	echo man/dmatrace-export.1 ;;
	report/findings.c)	echo man/dmatrace-stat.1 man/dmatrace-explain.1 ;;
	report/pgtable.c)	echo man/dmatrace-stat.1 ;;
	*)			echo "man/dmatrace-$(basename "$1" .c).1" ;;
	esac
}

for op in $(row_names DMT_OPS); do
	explained "$op" man/dmatrace.1 operation
done
for loss in $(row_names DMT_LOSSES) missed; do
	explained "$loss" man/dmatrace-stat.1 loss
done
for file in src/report/*.c; do
	pages=$(pages_of "$file")
	for column in $(columns_of "$file"); do
		# shellcheck disable=SC2086	# a list of pages
		grep -qw -- "$column" $pages && continue
		echo "${pages%% *}: column '$column' of $file is not explained"
		status=1
	done
done
for command in $(./dmatrace --dump-options | cut -f 1 | sort -u); do
	explained "$command" man/dmatrace.1 command
done
if [ -z "$(row_names DMT_OPS)" ] || [ -z "$(row_names DMT_LOSSES)" ] ||
	[ -z "$(columns_of src/report/stat.c)" ]; then
	echo "bpf/dmatrace.h, src/report/stat.c: no names found"
	status=1
fi
exit $status
