#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What `dmatrace hooks --layers all` plans for each kernel of tests/kernels, to the letter.  Needs
# no root; --update accepts what is printed now.  Speaks TAP.
set -eu
# shellcheck source=tests/unit/tap.inc
. "$(dirname "$0")/tap.inc"
cd "$root"
golden=tests/golden/hooks

# Goldens without their kernel are found by the comparison of the two lists.
names()
{
	(cd "$1" && ls)
}

for facts in tests/kernels/*.txt; do
	LC_ALL=C "$dmatrace" hooks --layers all --kernel "$facts" >"$dir/${facts##*/}"
done
if [ "${1-}" = --update ]; then
	rm -f "$golden"/*.txt
	cp "$dir"/*.txt "$golden"
	exit
fi
if [ "$(names "$golden")" = "$(names "$dir")" ]; then
	verdict hooks-one-golden-per-kernel
else
	verdict hooks-one-golden-per-kernel \
		"$golden and tests/kernels list other kernels; right? make golden"
fi
for file in "$dir"/*.txt; do
	name=${file##*/}
	if diff -u "$golden/$name" "$file" >"$dir/diff" 2>&1; then
		verdict "hooks-${name%.txt}"
	else
		sed 's/^/# /' "$dir/diff"
		verdict "hooks-${name%.txt}" "differs from $golden/$name; right? make golden"
	fi
done
total
