# SPDX-License-Identifier: GPL-2.0
# The same with fentry forced off.
. "$here/cases/reason-forced.sh"

guest()
{
	guest_classes -w kprobe
}

applies()
{
	[ "$IOMMU" = none ] || { echo "behind an IOMMU nothing bounces by force"; return 1; }
	case $KERNEL-$ARCH in
	5.10-arm64 | 6.1-amd64 | 6.12-arm64 | 7.x-amd64)	;;
	*)	echo "four kernels will do"; return 1 ;;
	esac
}

# what tables hold has nothing to do with it
guest_more()
{
	return 1
}
