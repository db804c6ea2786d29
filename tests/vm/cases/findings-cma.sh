# SPDX-License-Identifier: GPL-2.0
# More contiguous memory asked for than there is in the area for it: the rest comes from elsewhere.
. "$here/cases/findings.inc"
case $KERNEL-$ARCH in
7.x-amd64)	cmdline='cma=64M' ;;
esac

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	*-arm64-none)		;;
	7.x-amd64-none)		;;
	*)	echo "no contiguous memory, or an IOMMU that needs none"; return 1 ;;
	esac
}

guest_steps()
{
	echo 'keep 20 4M kernel'
}

guest_healthy()
{
	printf 'alloc 5 64K kernel\nalloc 5 4K kernel\nalloc 5 64K atomic\n'
}

guest()
{
	guest_findings
}

check()
{
	local area other

	area=$(counted stat.oracle 'path alloc none direct_cma')
	other=$(counted stat.oracle 'path alloc none direct_pages')
	[ $((area + other)) = 20 ] && [ "$area" -gt 5 ] && [ "$other" -gt 3 ] ||
		{ echo "$area from the area, $other from elsewhere"; return 1; }
	check_findings stat.json cma-fallback \
		"; $other of 20 allocations got other pages; area .* has 64.0MiB"
	check_healthy
}
