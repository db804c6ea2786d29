# SPDX-License-Identifier: GPL-2.0
# A device that does not see caches, and buffers smaller than a line of them.
. "$here/cases/cells.inc"
. "$here/cases/path.inc"
. "$here/cases/findings.inc"
firmware='noncoherent pool'

applies()
{
	case $KERNEL-$ARCH in
	6.12-arm64 | 7.x-arm64)	;;
	*-arm64)	echo "kmalloc() aligns to cache lines there"; return 1 ;;
	*)		echo "every device is coherent"; return 1 ;;
	esac
	enough_in 6.12-arm64-smmuv3 7.x-arm64-none
}

guest_steps()
{
	local map=direct bounce=bounce

	[ "$IOMMU" = none ] || map=iommu bounce=iommu_bounce
	cat <<-END
		map 25 32 to_device : $map
		map 26 4096 from_device : $map
		bounce 20 32 from_device task : $bounce
		bounce 21 32 from_device softirq : $bounce
		bounce 22 32 bidirectional hardirq : $bounce
	END
}

guest()
{
	guest_classes && guest_report healthy 'map 25 32 to_device' || return 1
	rmmod dmt_oracle
}

check()
{
	check_classes unaligned_kmalloc
	check_findings stat.json bounce-unaligned-kmalloc '; 63 bounces, .*cache lines'
	check_healthy
}
