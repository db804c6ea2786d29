# SPDX-License-Identifier: GPL-2.0
# With everything bounced: maps bounce, lists entry by entry; what is allocated does not.
. "$here/cases/cells.inc"
. "$here/cases/path.inc"
smp=$cpus
cmdline='swiotlb=32768,force'

applies()
{
	four_without_iommu
}

guest_steps()
{
	local large=direct_pages resources=28

	[ "$ARCH" != arm64 ] || large=direct_cma
	# dma_direct_map_phys() of v7.x gives up where it would have to bounce them
	[ "$KERNEL" != 7.x ] || resources=0
	cat <<-END
		alloc 20 4K kernel : direct_pages
		alloc 21 64K kernel : $large
		map 25 4096 to_device : bounce
		map 26 100 from_device : bounce
		sg 27 4 4096 bidirectional : bounce
		resource 28 : mmio $resources
	END
}

guest()
{
	guest_classes
}

check()
{
	check_classes forced
}
