# SPDX-License-Identifier: GPL-2.0
# Allocations that this machine cannot serve, and what each would take: above the page allocator's
# largest piece with and without contiguous memory, and below a mask whose zone is used up.
. "$here/cases/cells.inc"
. "$here/cases/findings.inc"

applies()
{
	[ "$IOMMU" = none ] || { echo "an IOMMU maps any pages"; return 1; }
	enough_in 6.1-arm64-none 6.12-amd64-none 7.x-amd64-none 7.x-arm64-none
}

# The same once more on a bus that is not PCI.
guest()
{
	guest_load || return 1
	for bus in pci platform; do
		guest_report $bus-large 'alloc 3 8M kernel' || return 1
		case $(uname -m) in
		x86_64)		guest_report $bus-zone "$(printf 'mask 24\nkeep 256 64K kernel\n')" ;;
		*)		guest_report $bus-area "$(printf 'keep 1 4M kernel\nalloc 3 64M kernel\n')" &&
				guest_report $bus-more 'alloc 3 65M kernel' ;;
		esac || return 1
		echo drain >/dev/dmt_oracle
		guest_report $bus-healthy "$(printf 'mask 64\nalloc 3 4M kernel\n')" || return 1
		echo "other 1" >/dev/dmt_oracle
	done
	echo "other 0" >/dev/dmt_oracle
	rmmod dmt_oracle
}

check_large()	# FILE CAUSE REMEDY [CALLS]
{
	check_findings "$1.json" alloc-failed \
		"; 3 of ${4:-3} allocations failed; alloc returned NULL; [0-9.]*MiB asked for, may sleep.*; coherent mask of 64 bits; .*$2"
	grep -q "$3" "$1.json" || { echo "$1: another remedy"; return 1; }
}

check()
{
	local bus failed

	for bus in pci platform; do
		check_findings $bus-healthy.json
		if [ "$ARCH" = arm64 ]; then
			check_findings $bus-large.json
			check_large $bus-area 'of 64.0MiB contiguous memory no piece' cma= 4
			check_large $bus-more 'more than all contiguous memory, 64.0MiB' cma=
			continue
		fi
		if [ "$KERNEL" = 7.x ]; then
			check_large $bus-large 'up to 4.0MiB, and no contiguous memory is set' cma=
		else
			check_large $bus-large 'up to 4.0MiB, and this kernel has no contig' \
				'pieces of at most 4.0MiB'
		fi
		failed=$(sed -n 's/^alloc none [0-9]* \([0-9]*\) .*/\1/p' $bus-zone.oracle)
		[ "$failed" -gt 0 ] || { echo "$bus: the zone was not used up"; return 1; }
		check_findings $bus-zone.json alloc-failed \
			"; $failed of 256 allocations failed; .*64.0KiB asked for, may sleep.*; coherent mask of 24 bits; zone DMA has 1[0-9.]*MiB, .* free at the end.*below the coherent mask.*zone DMA"
		! grep -q cma= $bus-zone.json || { echo "$bus: cma= is no remedy"; return 1; }
	done
}
