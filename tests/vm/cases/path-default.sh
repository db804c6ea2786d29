# SPDX-License-Identifier: GPL-2.0
# The ways a coherent device's calls go on a machine as it comes: pages and contiguous memory
# without an IOMMU; behind one, pages remapped or not.
. "$here/cases/cells.inc"
. "$here/cases/path.inc"

applies()
{
	twelve_of_all
}

guest_steps()
{
	local small=direct_pages large=direct_pages atomic=direct_pages contiguous=direct_pages
	local pages=direct_pages noncontiguous=direct_pages map=direct

	case $KERNEL-$ARCH-$IOMMU in
	*-arm64-none)	large=direct_cma contiguous=direct_cma pages=direct_cma
			noncontiguous=direct_cma ;;
	*-none)		;;
	*)		small=iommu_remap large=iommu_remap atomic=iommu_contiguous
			contiguous=iommu_contiguous pages=iommu_contiguous
			noncontiguous=iommu_noncontiguous map=iommu ;;
	esac
	# that kernel cannot remap
	[ "$KERNEL-$ARCH-$small" != 5.10-amd64-iommu_remap ] ||
		small=iommu_contiguous large=iommu_contiguous
	cat <<-END
		alloc 20 4K kernel : $small
		alloc 21 64K kernel : $large
		alloc 22 4K atomic : $atomic
		alloc_contiguous 23 64K kernel : $contiguous
		alloc_pages 24 64K to_device : $pages
		map 25 4096 to_device : $map
		map 26 100 from_device : $map
		sg 27 4 4096 bidirectional : $map
		resource 28 : mmio
	END
	[ "$KERNEL" = 5.10 ] || echo "alloc_noncontiguous 29 64K from_device : $noncontiguous"
	[ "$KERNEL-$map" != 7.x-iommu ] || echo 'iova 30 8K : iommu'
}

guest()
{
	guest_classes_devices
}

check()
{
	check_classes_devices
}
