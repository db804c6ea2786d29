# SPDX-License-Identifier: GPL-2.0
# The same by tracepoints alone, which came with 6.10.
. "$here/cases/oracle.inc"

applies()
{
	case $KERNEL in
	5.10 | 6.1)	echo "no dma: tracepoints before 6.10"; return 1 ;;
	esac
	enough_in 6.12-amd64-none 6.12-arm64-smmuv3 7.x-arm64-none 7.x-amd64-intel
}

guest()
{
	guest_compare 'mix 3 1' -w tracepoint
}

check()
{
	"$here/compare.py" stat.json oracle
}
