#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# mandoc has nothing to say about the manual pages, and those of commands are complete.
set -eu
command -v mandoc >/dev/null || {
	echo "mandoc is not installed"
	exit 77
}
mandoc -T lint -W warning man/*.[1-8]
for page in man/*.1; do
	for section in NAME SYNOPSIS DESCRIPTION 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
		grep -qx "\.Sh $section" "$page" || {
			echo "$page: no section $section"
			exit 1
		}
	done
done
