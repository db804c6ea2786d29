#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Both BPF objects use the same variables, so they must lay them out alike.
set -eu

variables()	# OBJECT
{
	llvm-nm "$1" | awk '$2 ~ /^[BdrR]$/ || $3 == "generation" { print $1, $2, $3 }' | sort
}

one=$(variables .output/dmatrace.bpf.o)
other=$(variables .output/session.bpf.o)
[ "$one" ] || { echo "bpf: no variables found"; exit 1; }
[ "$one" = "$other" ] || {
	echo "bpf: the objects differ in where variables are; initialise every one:"
	printf '%s\n--\n%s\n' "$one" "$other"
	exit 1
}
