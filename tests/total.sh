#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run parts of the tests one after the other, whatever fails, and add up their last lines:
# total.sh COMMAND...  A part that ends without "N passed, N failed, N skipped" counts as failed.
set -u
out=$(mktemp)
trap 'rm -f "$out"' EXIT
passed=0 failed=0 skipped=0

for part in "$@"; do
	begun=$SECONDS
	bash -c "$part" 2>&1 | tee "$out"
	status=${PIPESTATUS[0]}
	totals=$(grep -aE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$out" | tail -n 1)
	read -r p _ f _ s _ <<<"${totals:-0 passed, 0 failed, 0 skipped}"
	if [ "$f" = 0 ] && { [ "$status" != 0 ] || [ -z "$totals" ]; }; then
		f=1
	fi
	echo "# $((SECONDS - begun)) s: $part"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
