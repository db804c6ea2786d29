#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the lints: run.sh [NAME...], all by default.  A lint is a program here that prints what it
# found, one "FILE:LINE: what" each, and fails; 77 means it could not run, and its last line why.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit 2

lints=(layers circles arch shared options names findings examples readme sizes format text
	scripts man static hardening install fields)
[ "$#" = 0 ] || lints=("$@")
passed=0 failed=0 skipped=0
for lint in "${lints[@]}"; do
	program=$(compgen -G "$here/$lint.*") || {
		echo "run.sh: no lint '$lint'; there are: $(cd "$here" && echo ./*)" >&2
		exit 2
	}
	found=$("$program" 2>&1)
	case $? in
	0)	echo "ok $lint"
		passed=$((passed + 1)) ;;
	77)	echo "ok $lint # SKIP ${found##*$'\n'}"
		skipped=$((skipped + 1)) ;;
	*)	echo "not ok $lint"
		[ -z "$found" ] || sed 's/^/# /' <<<"$found"
		failed=$((failed + 1)) ;;
	esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
