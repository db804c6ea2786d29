#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who may know whom: includes point down, reports build, renderers print, live alone sees libbpf;
# and the list of who is who names everybody.
# A rule is: files (of src, as a regex), what they must not contain (a regex), why.
set -eu
status=0

deny()	# FILES PATTERN WHY
{
	local files found

	files=$(find src -name '*.[ch]' | grep -E "^src/($1)\$" | sort)
	# shellcheck disable=SC2086	# a list of file names
	found=$(grep -nHE "$2" $files) || return 0
	sed "s|\$|	<- $3|" <<<"$found"
	status=1
}

include()	# HEADER...: a regex for including any of them
{
	local IFS='|'

	echo "^#include [<\"]($*)[>\"]"
}

builders='(report|report_.*|diagnose|diagnose_.*|findings|model|group|compare|comparison)\.[ch]'
builders="$builders|(check|limit|stats|hist|plan|hooks|doc)\.[ch]"
helpers='(attr|bytes|clock|cmd|doc|err|file|fmt|glob|hist|name|opt|outfile)\.[ch]'
not_live='live(_[a-z]+)?\.c|live_private\.h'

others=$(find src -name '*.[ch]' -printf '%f\n' | grep -vE "^($not_live|kernel_(probe|symbols)\.c)\$" |
	paste -sd '|')
deny "$others" "$(include 'bpf/.*')" "only live*.c, kernel_probe.c and kernel_symbols.c see libbpf"
deny "$others|kernel_probe.c|kernel_symbols.c" "$(include 'dmatrace\.skel\.h' 'live_private\.h')" \
	"only live*.c see the skeleton"
deny "$(find src -name '*.[ch]' -printf '%f\n' | grep -vE '^(record|replay)(_[a-z]+)?\.[ch]$' | paste -sd '|')" \
	"$(include 'sqlite3\.h')" "only record*.c and replay*.c see SQLite"
deny "$(find src -name '*.[ch]' ! -name policy.c -printf '%f\n' | paste -sd '|')" \
	"$(include 'yaml\.h')" "only policy.c sees libyaml"
deny "$(find src -name '*.[ch]' -printf '%f\n' | grep -vE '^listen(_[a-z]+)?\.c$|^listen_private\.h$' | paste -sd '|')" \
	"$(include 'microhttpd\.h')" "only listen*.c see libmicrohttpd"
deny "$(find src -name '*.[ch]' ! -name sandbox.c -printf '%f\n' | paste -sd '|')" \
	"$(include 'seccomp\.h')" "only sandbox.c sees libseccomp"
deny "$builders" "$(include 'live\.h' 'render\.h' 'kernel_probe\.h' 'run\.h')" \
	"values are built without knowing their source or their reader"
deny "$builders" '(^|[^a-z_])(printf|puts|putchar|fputs|fprintf) ?\(|[^a-z_]stdout' \
	"builds values, prints nothing"
deny '(diagnose|diagnose_.*|findings|model|compare|comparison)\.[ch]' "$(include 'report\.h' 'doc\.h')" \
	"reports are made of findings, models and comparisons, not the other way"
deny 'render.*\.[ch]' "$(include 'model\.h' 'report\.h' 'plan\.h' 'hooks\.h' 'live\.h')" \
	"renderers know documents only"
deny "$helpers" "$(include 'model\.h' 'report\.h' 'render\.h' 'plan\.h' 'live\.h' 'cmds\.h')" \
	"helpers know nothing above them"
deny "$(find src -name '*.[ch]' -printf '%f\n' | grep -vE '^(cmd_.*|main)\.c$' | paste -sd '|')" \
	"$(include 'cmds\.h')" "only main.c and commands know commands"

# src/README.md has a place for every file
mapfile -t places < <(sed '/^Includes point down/q' src/README.md | grep -oE '[a-z_]+\*?\.c')
for file in src/*.c; do
	for place in "${places[@]}"; do
		# shellcheck disable=SC2053	# a pattern
		[[ ${file#src/} != $place ]] || continue 2
	done
	echo "src/README.md: $file has no place in the list"
	status=1
done
exit $status
