# SPDX-License-Identifier: GPL-2.0
# A restricted pool under swiotlb=noforce, which leaves no default pool: what is said is of the
# device's pool.  Where pools grow the kernel then searches none (default_nareas is 0).
. "$here/cases/findings.inc"
. "$here/cases/custom.inc"
kernels=$BUILT_KERNELS
firmware=restricted
cmdline='swiotlb=noforce'

applies()
{
	restricted_applies
}

guest()
{
	guest_report full 'fill 1500 4K to_device
keep 3 8K kernel' || return 1
	echo drain >/dev/dmt_oracle
	rmmod dmt_oracle
}

check()
{
	local full='2048 of 2048 slots used.*exhausted.*restricted-dma-pool.* device tree'
	local unsearched='; 0 of 2048 slots used.*SWIOTLB_DYNAMIC.*without swiotlb=noforce'

	case $KERNEL in
	custom)	check_findings full.json swiotlb-full " 1500 of 1500 .*$unsearched" \
			alloc-failed " 3 of 3 .*restricted pool.*without swiotlb=noforce" ;;
	*)	check_findings full.json bounce-restricted-pool ' 1024 bounces, 4.0MiB' \
			swiotlb-full " 476 of 1500 .*; $full" \
			alloc-failed ' 3 of 3 .*restricted pool.*restricted-dma-pool' ;;
	esac
}
