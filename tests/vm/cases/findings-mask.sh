# SPDX-License-Identifier: GPL-2.0
# Masks below memory: one the pool is within, and one it is not.
. "$here/cases/findings.inc"
mem=5120M

applies()
{
	case $ARCH-$IOMMU in
	amd64-none)	;;
	amd64-*)	echo "an IOMMU reaches all memory"; return 1 ;;
	*)		echo "memory starts above 28 bits"; return 1 ;;
	esac
}

guest_steps()
{
	printf 'mask %s\nmap 30 4096 to_device\n' "$1"
}

guest()
{
	local bits

	for bits in 32 28 64; do
		guest_load || return 1
		guest_steps $bits >steps
		cat >script <<-'END'
			while read -r command; do
				echo "$command" >/dev/dmt_oracle
			done <steps
		END
		dmatrace stat -f json -- sh script >$bits.json || return 1
	done
	rmmod dmt_oracle
}

check()
{
	check_findings 32.json bounce-mask '; 30 bounces, 120.0KiB; 30 of 30 maps' \
		mask-too-narrow 'mask of 32 bits'
	check_findings 28.json swiotlb-out-of-reach '; 30 of 30 bounced maps .* 28 bits' \
		mask-too-narrow 'mask of 28 bits'
	check_findings 64.json
}
