# SPDX-License-Identifier: GPL-2.0
# Every operation the module can make, on every kernel: calls, errors and bytes by operation and
# direction equal to its own; calls by function equal to the kernel's kprobe counts; and the way
# each call that worked went.
. "$here/cases/cells.inc"
. "$here/cases/oracle.inc"

applies()
{
	eight_of_all
}

guest()
{
	guest_compare 'mix 1 1' || return 1
	dmatrace hooks --facts >facts
}

check()
{
	"$here/compare.py" stat.json oracle kprobes
	check_paths stat.json oracle
}
