#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every option a command takes stands in its manual page, under OPTIONS and in the synopsis, and
# the page describes no other.
set -eu
status=0

options_of_page()	# PAGE COMMAND: as --dump-options has them
{
	sed -n '/^\.Sh OPTIONS/,/^\.Sh [^O]/{s/ , / /;s/^\.It Fl //p}' "$1" |
		awk -v OFS='\t' -v command="$2" '
		$1 == "Fl" { print command, "--", "--" $2, $3 == "Ar" ? $4 : "-"; next }
		{ print command, "-" $1, "--" $4, $5 == "Ar" ? $6 : "-" }'
}

for command in $(./dmatrace --dump-options | cut -f 1 | sort -u); do
	page=man/dmatrace-$command.1
	if [ ! -e "$page" ]; then
		echo "$page: missing"
		status=1
		continue
	fi
	diff <(./dmatrace --dump-options | grep "^$command	" | sort) \
		<(options_of_page "$page" "$command" | sort) |
		sed -n "s|^< |$page: not described: |p; s|^> |$page: no such option: |p" | grep . && status=1
	for short in $(./dmatrace --dump-options | awk -v c="$command" \
			'$1 == c && $2 != "--" && $2 != "-h" { print substr($2, 2) }'); do
		sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/p' "$page" | grep -qE "^\.(Op )?Fl $short( |\$)" && continue
		echo "$page: -$short is not in the synopsis"
		status=1
	done
done
exit $status
