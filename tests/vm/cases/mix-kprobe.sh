# SPDX-License-Identifier: GPL-2.0
# The same with fentry forced off.
. "$here/cases/oracle.inc"

applies()
{
	[ "$IOMMU" != amd ] || { echo "intel's functions are kprobed the same way"; return 1; }
}

guest()
{
	guest_compare 'mix 2 1' -w kprobe
}

check()
{
	"$here/compare.py" stat.json oracle kprobes
	check_paths stat.json oracle
}
