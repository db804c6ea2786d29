# SPDX-License-Identifier: GPL-2.0
# Buffers that the caller wants neither bounced nor cleaned from caches (DMA_ATTR_REQUIRE_COHERENT,
# bit 12): above the mask on amd64, of a device that is not coherent on arm64, and where neither is
# so.
. "$here/cases/findings.inc"
case $ARCH in
amd64)	mem=5120M ;;
arm64)	firmware=noncoherent ;;
esac

applies()
{
	[ "$KERNEL-$IOMMU" = 7.x-none ] || { echo "7.x without an IOMMU only"; return 1; }
}

guest_steps()
{
	[ "$ARCH" != amd64 ] || echo mask 32
	echo map_attrs 5 4096 4096 to_device
}

guest_healthy()
{
	echo mask 64
	[ "$ARCH" != amd64 ] || echo map_attrs 5 4096 4096 to_device
	echo map 5 4096 to_device
}

guest()
{
	guest_findings
}

check()
{
	local cause='the device is not cache-coherent' more=()

	[ "$ARCH" != amd64 ] || {
		cause='would have been bounced: it ends above what the device reaches'
		more=(mask-too-narrow 'mask of 32 bits')
	}
	check_findings stat.json map-failed \
		"; 5 of 5 maps failed; map returned DMA_MAPPING_ERROR; 4.0KiB asked for, with DMA_ATTR_REQUIRE_COHERENT; .*$cause" \
		"${more[@]}"
	check_healthy
}
