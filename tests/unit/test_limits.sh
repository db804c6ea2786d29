#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tracing with little stack works; without memory or descriptors one line says which limit to raise.
# Skipped where the kernel or the privileges do not allow tracing.  Speaks TAP.
set -u
# shellcheck source=tests/unit/tap.inc
. "$(dirname "$0")/tap.inc"

limited()	# LIMIT ARGUMENT...
{
	limit=$1
	shift
	code=0
	# shellcheck disable=SC2086	# an option and its value
	(ulimit $limit && exec "$dmatrace" "$@") >"$dir/out" 2>"$dir/err" </dev/null || code=$?
}

lives()	# NAME ARGUMENT...: with the smallest stack that is of use
{
	name=$1
	shift
	limited '-s 64' "$@"
	if [ "$code" = 0 ]; then
		verdict "$name"
	else
		verdict "$name" "exit $code: $(tail -n 1 "$dir/err")"
	fi
}

fails()	# NAME LIMIT REGEX: of the one line that it says
{
	limited "$2" stat -p map -d 1ms
	if [ "$code" = 1 ] && [ "$(grep -c "^dmatrace: $3\$" "$dir/err")" = 1 ] &&
			[ "$(wc -l <"$dir/err")" = 1 ] && [ ! -s "$dir/out" ]; then
		verdict "$1"
	else
		verdict "$1" "exit $code: $(tail -n 1 "$dir/err")"
	fi
}

if ! "$dmatrace" stat -p map -d 1ms >/dev/null 2>"$dir/err"; then
	skip limits "$(tail -n 1 "$dir/err")"
	total
	exit
fi
lives little-stack-stat stat -d 1ms
lives little-stack-check check --min map.calls=0 --max-loss 100% \
	-o "$dir/run.db" --interval 100ms -d 1ms
lives little-stack-diff diff "$dir/run.db" "$dir/run.db"
# The least in which its libraries can be loaded, and what it reads of the kernel cannot.
room=30000
until [ $room -gt 200000 ] || (ulimit -v $room && "$dmatrace" --version) >/dev/null 2>&1; do
	room=$((room + 2000))
done
if sanitized; then
	skip no-memory 'built with a sanitizer'
else
	fails no-memory "-v $room" "cannot .*: Cannot allocate memory; .*'ulimit -v'.*"
fi
for few in 8 20 63; do
	fails few-descriptors-$few "-n $few" \
		"tracing takes more than $few descriptors; raise 'ulimit -n'"
done
total
