# SPDX-License-Identifier: GPL-2.0
# A device of 32 bits, buffers above them.
. "$here/cases/cells.inc"
. "$here/cases/path.inc"
mem=5120M

applies()
{
	[ "$IOMMU" = none ] || { echo "an IOMMU reaches all memory"; return 1; }
	enough_in 5.10-amd64-none 6.1-amd64-none 6.12-amd64-none 7.x-amd64-none 7.x-arm64-none
}

guest_steps()
{
	cat <<-END
		map 25 4096 to_device : direct
		mask 32 :
		bounce 20 600 to_device task : bounce
		bounce 21 600 from_device softirq : bounce
		bounce 22 4096 bidirectional hardirq : bounce
	END
}

guest()
{
	guest_classes
}

check()
{
	check_classes mask
}
