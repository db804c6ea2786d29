# SPDX-License-Identifier: GPL-2.0
# Masks below memory: one the pool is within, and one it is not; registers above a mask, and more
# memory than there is in one piece.
. "$here/cases/cells.inc"
. "$here/cases/findings.inc"
mem=5120M

applies()
{
	memory_around_28_bits
}

guest()
{
	local bits

	for bits in 32 28 64; do
		guest_report $bits "$(printf 'mask %s\nmap 30 4096 to_device\n' $bits)" || return 1
	done
	guest_report failed "$(printf 'mask 28\nresource 5\nalloc 3 64M kernel\n')" || return 1
	rmmod dmt_oracle
}

check()
{
	check_findings 32.json bounce-mask '; 30 bounces, 120.0KiB; 30 of 30 maps' \
		mask-too-narrow 'mask of 32 bits'
	check_findings 28.json swiotlb-out-of-reach '; 30 of 30 bounced maps .* 28 bits' \
		mask-too-narrow 'mask of 28 bits'
	check_findings 64.json
	check_findings failed.json map-failed '; 5 of 5 maps failed.*registers of another' \
		alloc-failed '; 3 of 3 allocations failed; alloc returned NULL'
}
