# SPDX-License-Identifier: GPL-2.0
# A device of 64 bits on a bus that carries 32, buffers above them.
. "$here/cases/cells.inc"
. "$here/cases/path.inc"
. "$here/cases/findings.inc"
mem=5120M
firmware=buslimit

applies()
{
	[ "$ARCH-$IOMMU" = arm64-none ] || { echo "arm64-none only"; return 1; }
	enough_in 5.10-arm64-none 7.x-arm64-none
}

guest_steps()
{
	cat <<-END
		bounce 20 600 to_device task : bounce
		bounce 21 600 from_device softirq : bounce
		bounce 22 4096 bidirectional hardirq : bounce
	END
}

guest()
{
	guest_classes && guest_report healthy 'alloc 20 4K kernel' || return 1
	rmmod dmt_oracle
}

check()
{
	check_classes bus_limit
	check_findings stat.json bounce-bus-limit '; 63 bounces, .*above what the bus' \
		mask-too-narrow 'the limit of the bus is 0xffffffff;.*above the limit of'
	check_healthy
}
