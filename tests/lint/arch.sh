#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A new architecture is one file: every BPF object compiles with a made-up one and nothing else that
# says which it is; and what such a file lacks is named by an #error.
set -u
here=$(cd "$(dirname "$0")" && pwd)
stub=$here/arch/stub.h
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

compile()	# OPTION...
{
	clang -g -O2 -fno-strict-aliasing -mcpu=v3 -target bpf -Wall -Wextra -Wno-unused-parameter \
		-Werror -idirafter "/usr/include/$(gcc -print-multiarch)" "$@" bpf/dmatrace.bpf.c
}

says()	# PATTERN OPTION...
{
	local pattern=$1

	shift
	compile -fsyntax-only -ferror-limit=0 "$@" >"$work/said" 2>&1 && {
		echo "bpf/arch.bpf.h: compiles without $pattern"
		status=1
	}
	grep -q "error: \"[^\"]*$pattern" "$work/said" || {
		echo "bpf/arch.bpf.h: no #error names $pattern"
		status=1
	}
}

command -v clang >/dev/null || { echo "clang is not installed"; exit 77; }
compile -DARCH_FILE="\"$stub\"" -c -o "$work/dmatrace.o" || status=1
mapfile -t variants < <(sed -n 's/^VARIANT_[a-z_]* := *//p' Makefile)
[ "${#variants[@]}" != 0 ] || { echo "Makefile: no variants found"; status=1; }
for options in "${variants[@]}"; do
	# shellcheck disable=SC2086	# a list of options
	compile $options -fsyntax-only -DARCH_FILE="\"$stub\"" || status=1
done
says "has no file in bpf/arch"
says "has no file in bpf/arch" -DARCH_FILE='"arch/none.h"'
for name in $(sed -n 's/^#define \([A-Za-z_]*\).*/\1/p' "$stub"); do
	grep -v "^#define $name" "$stub" >"$work/lacks.h"
	says "$name" -DARCH_FILE="\"$work/lacks.h\""
done
exit $status
