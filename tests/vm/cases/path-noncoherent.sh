# SPDX-License-Identifier: GPL-2.0
# The ways a device's calls go that does not see what caches hold: memory mapped anew, or, where
# nobody may sleep, from a pool of such memory; and memory set aside for this device alone.
. "$here/cases/cells.inc"
. "$here/cases/path.inc"
firmware='noncoherent pool'

applies()
{
	[ "$ARCH" = arm64 ] || { echo "every device is coherent"; return 1; }
	enough_in 5.10-arm64-smmuv3 6.1-arm64-none 6.12-arm64-smmuv3 7.x-arm64-none
}

guest_steps()
{
	local small=direct_remap large=direct_cma_remap atomic=atomic_pool map=direct
	local contiguous=direct_cma_remap pages=direct_cma noncontiguous=direct_cma

	if [ "$IOMMU" != none ]; then
		small=iommu_remap large=iommu_remap atomic=iommu_pool map=iommu
		contiguous=iommu_contiguous
		pages=iommu_contiguous noncontiguous=iommu_noncontiguous
	fi
	cat <<-END
		alloc 20 4K kernel : $small
		alloc 21 64K kernel : $large
		alloc 22 4K atomic : $atomic
		alloc 1 1M atomic : $atomic 0
		alloc_contiguous 23 64K kernel : $contiguous
		alloc_pages 24 64K to_device : $pages
		map 25 4096 to_device : $map
		sg 27 4 4096 from_device : $map
		resource 28 : mmio
		pool 1 :
		alloc 31 4K kernel : dev_coherent_pool
		alloc 32 64K atomic : dev_coherent_pool
		alloc 2 4M kernel : dev_coherent_pool 0
		map 5 4096 to_device : $map
		pool 0 :
	END
	[ "$KERNEL" = 5.10 ] || echo "alloc_noncontiguous 29 64K from_device : $noncontiguous"
}

guest()
{
	guest_classes
}

check()
{
	check_classes
}
