# SPDX-License-Identifier: GPL-2.0
# The same with fentry forced off.
. "$here/cases/cells.inc"
. "$here/cases/reason-forced.sh"

guest()
{
	guest_classes -w kprobe
}

applies()
{
	[ "$IOMMU" = none ] || { echo "behind an IOMMU nothing bounces by force"; return 1; }
	enough_in 6.1-amd64-none 7.x-amd64-none
}

# what tables hold has nothing to do with it
guest_more()
{
	return 1
}
