# SPDX-License-Identifier: GPL-2.0
# A device that keeps the offset in a page, as nvme does, and 256 KiB that begin at half a page:
# more than it can have bounced at once, with nothing of the pool taken.  The same on a bus that is
# not PCI.
. "$here/cases/cells.inc"
. "$here/cases/findings.inc"
cmdline='swiotlb=8192,force'

applies()
{
	[ "$IOMMU" = none ] || { echo "behind an IOMMU nothing bounces by force"; return 1; }
	enough_in 6.12-amd64-none 7.x-arm64-none
}

guest()
{
	guest_load || return 1
	for bus in pci platform; do
		guest_report $bus "$(printf 'limits 0 0 4095\nmap_at 5 256K 2K from_device\n')" &&
			guest_report $bus-fits "$(printf 'map_at 5 258048 2K from_device\n')" || return 1
		echo "other 1" >/dev/dmt_oracle
	done
	echo "other 0" >/dev/dmt_oracle
	rmmod dmt_oracle
}

# 5.10 does not tell BPF what is left in the pool, and on arm64 has no call path at a kretprobe.
check()
{
	local bus used='; 0 of 8192 slots used'

	[ "$KERNEL" != 5.10 ] || used=
	for bus in pci platform; do
		[ "$(counted $bus.oracle 'map from_device')" = 5 ] || { echo "$bus: no 5 maps"; return 1; }
		check_findings $bus.json swiotlb-full "; 5 of 5 bounces failed; 256.0KiB .128 slots. asked for$used.*segment limit.*min_align_mask, 4095, leaves this device 258048 bytes"
		check_findings $bus-fits.json bounce-forced '; 5 bounces'
		grep -q 'pieces of at most 258048 bytes' $bus.json || { echo "$bus: another remedy"; return 1; }
	done
}
