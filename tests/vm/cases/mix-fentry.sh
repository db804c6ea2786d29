# SPDX-License-Identifier: GPL-2.0
# The same with fsession, which newer kernels prefer, forced off.
. "$here/cases/oracle.inc"

applies()
{
	[ "$KERNEL" = 7.x ] || { echo "mix uses fentry here, if anything does"; return 1; }
}

guest()
{
	guest_compare 'mix 3 1' -w fentry
}

check()
{
	"$here/compare.py" stat.json oracle kprobes
	check_paths stat.json oracle
}
