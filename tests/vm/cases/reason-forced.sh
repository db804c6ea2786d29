# SPDX-License-Identifier: GPL-2.0
# Everything bounced by the kernel's command line, from every context, every copy seen.
. "$here/cases/path.inc"
cmdline='swiotlb=32768,force'

applies()
{
	[ "$IOMMU" = none ] || { echo "behind an IOMMU nothing bounces by force"; return 1; }
}

guest_steps()
{
	cat <<-END
		bounce 20 600 to_device task : bounce
		bounce 21 600 from_device task : bounce
		bounce 22 4096 bidirectional task : bounce
		bounce 23 600 to_device softirq : bounce
		bounce 24 600 from_device softirq : bounce
		bounce 25 600 bidirectional softirq : bounce
		bounce 26 600 to_device hardirq : bounce
		bounce 27 600 from_device hardirq : bounce
		bounce 28 600 bidirectional hardirq : bounce
	END
}

guest()
{
	guest_classes
}

check()
{
	check_classes forced
}
