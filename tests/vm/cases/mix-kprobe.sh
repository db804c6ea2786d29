# SPDX-License-Identifier: GPL-2.0
# The same with fentry forced off.
. "$here/cases/oracle.inc"

guest()
{
	guest_compare 'mix 2 1' -w kprobe
}

check()
{
	"$here/compare.py" stat.json oracle kprobes
	check_paths stat.json oracle
}
