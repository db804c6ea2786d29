# SPDX-License-Identifier: GPL-2.0
# The same without latencies, where a map is told to bounce by the address it returns.
. "$here/cases/oracle.inc"
cmdline='swiotlb=32768,force'

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	6.12-amd64-none | 7.x-amd64-none)	;;
	*)	echo "two cells watch a map at its return alone"; return 1 ;;
	esac
}

guest()
{
	guest_compare 'mix 6 1' --no-latency
}

check()
{
	"$here/compare.py" stat.json oracle kprobes
	check_paths --reason forced stat.json oracle
	grep -q '"reason":"not timed, watched at its return only"' stat.json ||
		{ echo "a map is watched at both ends"; return 1; }
}
