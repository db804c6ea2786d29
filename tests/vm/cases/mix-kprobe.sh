# SPDX-License-Identifier: GPL-2.0
# The same with fentry forced off.
. "$here/cases/oracle.inc"

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	*-none | 6.12-arm64-smmuv3 | 7.x-amd64-intel)	;;
	*)	echo "an IOMMU's functions are kprobed the same way elsewhere"; return 1 ;;
	esac
	enough_in 5.10-amd64-none 6.1-arm64-none 6.12-amd64-none 7.x-arm64-none \
		6.12-arm64-smmuv3 7.x-amd64-intel
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
