# SPDX-License-Identifier: GPL-2.0
# amd64 with an area for contiguous allocations, which only the newest kernel there can have.
. "$here/cases/path.inc"
cmdline='cma=64M'

applies()
{
	[ "$KERNEL-$ARCH-$IOMMU" = 7.x-amd64-none ] || { echo "7.x-amd64-none only"; return 1; }
}

guest_steps()
{
	cat <<-END
		alloc 20 4K kernel : direct_pages
		alloc 21 64K kernel : direct_cma
		alloc 22 64K atomic : direct_pages
		alloc_pages 24 64K to_device : direct_cma
		alloc_noncontiguous 29 64K from_device : direct_cma
	END
}

guest()
{
	guest_classes
}

check()
{
	check_classes
}
