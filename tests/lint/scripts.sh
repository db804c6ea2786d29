#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What shellcheck says of scripts, and of the pieces of shell they source.
set -eu
command -v shellcheck >/dev/null || {
	echo "shellcheck is not installed"
	exit 77
}
status=0
mapfile -t files < <(git ls-files -co --exclude-standard '*.sh' '*.inc' tests/vm/init)
for file in "${files[@]}"; do
	[ -f "$file" ] || continue
	options=(-e 'SC1090,SC2187')
	# A piece reads and sets what belongs to whoever sources it.
	head -n 1 "$file" | grep -q '^#!' || options=(-s bash -e 'SC1090,SC2034,SC2154')
	shellcheck -x -S warning -f gcc "${options[@]}" "$file" || status=1
done
exit $status
