# SPDX-License-Identifier: GPL-2.0
# A device of 32 bits, buffers above them, and no swiotlb to bounce through.
. "$here/cases/cells.inc"
. "$here/cases/findings.inc"
mem=5120M
cmdline='swiotlb=noforce'

applies()
{
	[ "$IOMMU" = none ] || { echo "behind an IOMMU nothing bounces by force"; return 1; }
	enough_in 6.12-amd64-none
}

guest_steps()
{
	printf 'mask 32\nmap 30 4096 to_device\n'
}

guest_healthy()
{
	printf 'mask 64\nmap 30 4096 to_device\n'
}

guest()
{
	guest_findings
}

check()
{
	check_findings stat.json \
		swiotlb-full '; 30 of 30 maps failed; the mask has 32 bits; there is no pool' \
		mask-too-narrow 'mask of 32 bits.*no swiotlb'
	check_healthy
}
