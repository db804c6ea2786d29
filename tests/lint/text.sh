#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What no file may hold: blanks at the end of a line, notes to oneself, kernel version
# comparisons, paths and hosts of the machine it was written on; and what each must: a licence.
set -eu
status=0
mapfile -t files < <(git ls-files -co --exclude-standard | grep -vx LICENSE | while read -r file; do
	[ ! -f "$file" ] || echo "$file"
done)

deny()	# PATTERN WHAT [FILES]
{
	local found

	found=$(printf '%s\n' "${files[@]}" | grep -E "${3:-.}" | xargs grep -nHIE -- "$1") || return 0
	sed "s|\$|	<- $2|" <<<"$found"
	status=1
}

defined()	# MACRO: once
{
	local found

	found=$(printf '%s\n' "${files[@]}" | grep -E '\.[ch]$' |
		xargs grep -nHE -- "#[[:blank:]]*define[[:blank:]]+$1\b" | tail -n +2)
	[ -z "$found" ] || {
		sed "s|\$|	<- $1 is defined elsewhere|" <<<"$found"
		status=1
	}
}

# Brackets keep the patterns from finding themselves.
deny '[[:blank:]]+$' 'blanks at the end'
deny '(TOD[O]|FIXM[E])' 'a note to oneself; do it or leave it'
deny '(LINUX|KERNEL)_VERSION[_A-Z]*' 'prototypes decide, not versions' '^(src|bpf)/'
deny '(^|[^a-zA-Z0-9_.$}/])/(wor[k]|hom[e]|roo[t])(/|$)' 'a path of one machine'
deny '(^|[^a-z])(deb|ftp|snapshot|security|archive|mirror)s?\.[a-z0-9.-]*\.?(debia[n]|ubunt[u])' \
	"a mirror's name; apt knows its own"
# bpf/dmatrace.h has OP() and BIT(), base/list.h ARRAY_SIZE(); modules have the kernel's.
code='^(src|tests/(unit|fuzz))/|^bpf/.*\.bpf\.'
deny '((^|[^)[:alnum:]_])1[uUlL]* << *\(?|\bBIT\()(DMT_OP_|[[:alnum:]_.>-]*\b(op\b|hook_op\())' \
	'a set of operations has 64 bits: OP(), op_bit()' "$code"
deny '# *define +[[:alnum:]_]+\(([a-z]+)\) +\(1[uUlL]* << (\(\1\)|[[:alnum:]_]+##\1)\)' \
	'BIT() is that macro' "$code"
deny 'sizeof\((.*)\) / sizeof\((\*\(?\1|\(?\1\)?\[0\])' 'ARRAY_SIZE()' \
	'^src/([^b]|base/[^l])|^tests/(unit|fuzz)/'
defined BIT
defined ARRAY_SIZE
for file in "${files[@]}"; do
	case $file in
	*.c | *.h | *.sh | *.py | *.inc | *.[1-8] | Makefile)
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0' && continue
		echo "$file:1: no SPDX line"
		status=1 ;;
	esac
done
exit $status
