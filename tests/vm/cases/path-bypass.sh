# SPDX-License-Identifier: GPL-2.0
# An IOMMU that lets the device through untranslated.
. "$here/cases/cells.inc"
. "$here/cases/path.inc"
cmdline='iommu.passthrough=1'

applies()
{
	[ "$IOMMU" != none ] || { echo "no IOMMU to go past"; return 1; }
	enough_in 5.10-arm64-smmuv3 6.1-amd64-intel 6.12-amd64-amd 7.x-arm64-smmuv3
}

guest_steps()
{
	local large=direct_pages

	[ "$ARCH" != arm64 ] || large=direct_cma
	cat <<-END
		alloc 20 4K kernel : direct_pages
		alloc 21 64K kernel : $large
		map 25 4096 to_device : bypass
		sg 27 4 4096 from_device : bypass
		resource 28 : mmio
	END
}

guest()
{
	guest_classes_devices
}

check()
{
	check_classes_devices
}
