#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the compiler and the linker are told to make exploits harder is in the program, and in that
# for arm64 where it is built.  DMATRACE names another one.
set -eu
status=0

lacks()	# WHAT: of $program
{
	echo "$program: it has no $1; 'make clean all' with the Makefile's flags"
	status=1
}

has()	# WHAT REGEX TEXT
{
	grep -qE "$2" <<<"$3" || lacks "$1"
}

elf_check()
{
	local headers symbols

	headers=$(readelf -hldW "$program")
	symbols=$(readelf --dyn-syms -W "$program")
	has 'load address that varies (PIE)' 'Type: +DYN' "$headers"
	has 'load address that varies (PIE)' 'FLAGS_1.* PIE' "$headers"
	has 'read-only relocations (RELRO)' ' GNU_RELRO ' "$headers"
	has 'binding at its start (BIND_NOW)' 'FLAGS.* BIND_NOW' "$headers"
	has 'stack without execution' ' GNU_STACK .* RW ' "$headers"
	has 'stack protector' ' __stack_chk_fail@' "$symbols"
	# with this one alone user's bytes are printed
	has 'checked sizes (_FORTIFY_SOURCE)' ' __vsnprintf_chk@' "$symbols"
}

# Our objects have it; the program has it where all it is linked with does.
branches_check()	# PROPERTY OBJECT
{
	has "$1" "Properties:.*\\<$1\\>" "$(readelf -nW "$2" | tr '\n' ' ')"
}

program=${DMATRACE:-.output/dmatrace}
command -v readelf >/dev/null || { echo "no readelf"; exit 77; }
elf_check
if [ -z "${DMATRACE:-}" ]; then
	program=.output/main.o
	case $(readelf -h "$program") in
	*X86-64*)	branches_check IBT "$program"
		branches_check SHSTK "$program" ;;
	*AArch64*)	branches_check BTI "$program" ;;
	esac
	program=.output/arm64/dmatrace
	[ ! -e "$program" ] || elf_check
fi
exit $status
