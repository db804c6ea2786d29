# SPDX-License-Identifier: GPL-2.0
# Behind a port that faces outwards: what shares a page with other data bounces.
. "$here/cases/cells.inc"
. "$here/cases/path.inc"
. "$here/cases/findings.inc"
firmware=external
mem=5120M

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	*-arm64-* | *-none)	echo "amd64 behind an IOMMU only"; return 1 ;;
	5.10-amd64-amd)		echo "its dma-iommu trusts everybody"; return 1 ;;
	esac
	enough_in 5.10-amd64-intel 7.x-amd64-amd
}

guest_steps()
{
	cat <<-END
		map 25 4096 to_device : iommu
		bounce 20 600 to_device task : iommu_bounce
		bounce 21 600 from_device softirq : iommu_bounce
		bounce 22 5000 bidirectional hardirq : iommu_bounce
	END
}

guest()
{
	guest_classes && guest_report healthy 'map 25 4096 to_device' || return 1
	rmmod dmt_oracle
}

# bounce_map_single() of v5.10's VT-d and iommu_dma_map_page() of v6.1 clear the slot of a mapping
# from the device, which swiotlb_tbl_map_single() has filled.
check()
{
	case $KERNEL in
	5.10 | 6.1)	check_classes untrusted --wiped ;;
	*)		check_classes untrusted ;;
	esac
	check_findings stat.json bounce-untrusted '; 63 bounces, .*not trusted'
	check_healthy
}
