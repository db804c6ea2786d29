# SPDX-License-Identifier: GPL-2.0
# The examples of README.md and of the manual pages that need root, as they stand there.
devices=nvme
modules=nvme
timeout=300

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	6.12-amd64-intel | 7.x-amd64-none)	;;
	*)	echo "two cells will do"; return 1 ;;
	esac
}

eval "guest()
{
$("$here/../lint/examples.sh" --root | sort -u | sed 's/.*/& >out || { echo "fails: &"; return 1; }/')
}"
