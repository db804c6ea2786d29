#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run test programs that speak TAP (cmocka does) and add up: run.sh PROGRAM...
# Shows what failed or was skipped; the last line is "N passed, N failed, N skipped".
set -eu
export CMOCKA_MESSAGE_OUTPUT=TAP

[ "$#" != 0 ] || {
	echo "run.sh: nothing to run; 'make check-unit' builds the tests and runs them" >&2
	exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

count()	# REGEX
{
	grep -cE "$1" "$out" || :
}

run()	# PROGRAM DIR
{
	local status=0

	mkdir "$2"
	"$1" >"$2/out" 2>&1 </dev/null || status=$?
	echo "$status" >"$2/status"
}

# As many at a time as there are CPUs.
n=0
for program in "$@"; do
	while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
		wait -n || :
	done
	n=$((n + 1))
	run "$program" "$work/$n" &
done
wait

n=0
for program in "$@"; do
	n=$((n + 1))
	out=$work/$n/out
	status=$(cat "$work/$n/status")
	planned=$(sed -n 's/^1\.\.//p' "$out" | awk '{ n += $1 } END { print n + 0 }')
	# cmocka says "not ok" of what it skips
	skips=$(count '^(not )?ok .*# SKIP')
	oks=$(($(count '^ok ') - $(count '^ok .*# SKIP')))
	bad=$(($(count '^not ok ') - $(count '^not ok .*# SKIP')))
	# A program that died, or never began, leaves tests of its plan without a verdict.
	lost=$((planned - oks - skips - bad))
	if [ "$lost" -lt 0 ]; then
		lost=0
	fi
	if [ "$status" != 0 ] && [ $((bad + lost)) = 0 ]; then
		lost=1
	fi
	if [ $((bad + lost)) != 0 ]; then
		cat "$out"
	else
		grep '# SKIP' "$out" || :
	fi
	verdict=ok
	[ $((bad + lost)) = 0 ] || verdict="not ok (exit $status)"
	echo "$verdict ${program##*/}: $oks passed, $((bad + lost)) failed, $skips skipped"
	passed=$((passed + oks)) failed=$((failed + bad + lost)) skipped=$((skipped + skips))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
