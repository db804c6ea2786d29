# SPDX-License-Identifier: GPL-2.0
# Where an allocation's time goes: the page allocator, contiguous memory and mapping anew are seen
# exactly as often as its path takes them, and with all else they are the whole.
. "$here/cases/cells.inc"
. "$here/cases/path.inc"

# Every kernel once, and each way memory is got; machines that other cases boot as well.
applies()
{
	enough_in 5.10-amd64-none 5.10-arm64-none 6.1-amd64-intel 6.12-amd64-amd 6.12-arm64-smmuv3 \
		7.x-amd64-none 7.x-arm64-none
}
case $KERNEL-$ARCH in
7.x-amd64)		cmdline='cma=64M' ;;
6.12-arm64 | 7.x-arm64)	firmware='noncoherent pool' ;;
esac

guest_steps()
{
	local small=direct_pages large=direct_pages atomic=direct_pages pages=direct_pages

	case $KERNEL-$ARCH-$IOMMU in
	5.10-arm64-none)	large=direct_cma pages=direct_cma ;;
	7.x-amd64-none)		large=direct_cma pages=direct_cma ;;
	6.12-arm64-none | 7.x-arm64-none)
				small=direct_remap large=direct_cma_remap
				atomic=atomic_pool pages=direct_cma ;;
	6.12-arm64-smmuv3 | 7.x-arm64-smmuv3)
				small=iommu_remap large=iommu_remap
				atomic=iommu_pool pages=iommu_contiguous ;;
	*-intel | *-amd | *-smmuv3)
				small=iommu_remap large=iommu_remap
				atomic=iommu_contiguous pages=iommu_contiguous ;;
	esac
	cat <<-END
		alloc 20 4K kernel : $small
		alloc 21 64K kernel : $large
		alloc 22 4K atomic : $atomic
		alloc_pages 24 64K to_device : $pages
	END
}

guest()
{
	guest_classes -p alloc -p alloc_pages -p page_alloc -p remap
}

check()
{
	local contiguous=pages

	case $KERNEL-$ARCH in
	*-arm64 | 7.x-amd64)	contiguous=cma ;;
	esac
	check_paths stat.json oracle steps
	"$here/compare_split.py" stat.json steps $contiguous
}
