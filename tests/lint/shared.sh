#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Both BPF objects use the same variables, so they must lay them out alike; so must that of counts,
# which goes by the skeleton of the first.
set -eu

variables()	# OBJECT
{
	llvm-nm "$1" | awk '$2 ~ /^[BdrR]$/ || $3 == "generation" { print $1, $2, $3 }' | sort
}

one=$(variables .output/dmatrace.bpf.o)
[ "$one" ] || { echo "bpf: no variables found"; exit 1; }
for name in session counts; do
	other=$(variables ".output/$name.bpf.o")
	[ "$one" = "$other" ] || {
		echo "bpf: dmatrace and $name differ in where variables are; initialise every one:"
		printf '%s\n--\n%s\n' "$one" "$other"
		exit 1
	}
done
