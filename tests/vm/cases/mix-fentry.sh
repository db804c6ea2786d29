# SPDX-License-Identifier: GPL-2.0
# The same with fsession, which newer kernels prefer, forced off.
. "$here/cases/oracle.inc"

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	7.x-amd64-intel | 7.x-arm64-none)	;;
	7.x-*)	echo "with and without an IOMMU will do"; return 1 ;;
	*)	echo "mix uses fentry here, if anything does"; return 1 ;;
	esac
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
