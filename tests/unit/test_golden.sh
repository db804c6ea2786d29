#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What `dmatrace hooks` plans for each kernel of tests/kernels, to the letter.  Needs no root;
# DMATRACE names another binary; --update accepts what is printed now.  Speaks TAP.
set -eu
cd "$(dirname "$0")/../.."
dmatrace=${DMATRACE:-./dmatrace}
golden=tests/golden/hooks
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
passed=0 failed=0

verdict()	# NAME [WHY NOT]
{
	if [ $# = 1 ]; then
		passed=$((passed + 1))
		echo "ok $1"
	else
		failed=$((failed + 1))
		echo "not ok $1 # $2; right? make golden"
	fi
}

# Goldens without their kernel are found by the comparison of the two lists.
names()
{
	(cd "$1" && ls)
}

for facts in tests/kernels/*.txt; do
	env -u COLUMNS LC_ALL=C "$dmatrace" hooks --kernel "$facts" >"$new/${facts##*/}"
done
if [ "${1-}" = --update ]; then
	rm -f "$golden"/*.txt
	cp "$new"/*.txt "$golden"
	exit
fi
if [ "$(names "$golden")" = "$(names "$new")" ]; then
	verdict hooks-one-golden-per-kernel
else
	verdict hooks-one-golden-per-kernel "$golden and tests/kernels list other kernels"
fi
for file in "$new"/*.txt; do
	name=${file##*/}
	if diff -u "$golden/$name" "$file" >"$new/diff" 2>&1; then
		verdict "hooks-${name%.txt}"
	else
		sed 's/^/# /' "$new/diff"
		verdict "hooks-${name%.txt}" "differs from $golden/$name"
	fi
done
echo "1..$((passed + failed))"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
