# SPDX-License-Identifier: GPL-2.0
# The nesting of case nest, seen by kprobes.
. "$here/cases/oracle.inc"

applies()
{
	nest_applies
}

guest()
{
	guest_compare 'nest 20000 3000' -w kprobe
}

check()
{
	"$here/compare.py" stat.json oracle kprobes
	"$here/compare_nest.py" stat.json oracle
}
