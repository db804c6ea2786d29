# SPDX-License-Identifier: GPL-2.0
# The laboratory itself: the right kernel boots behind the right IOMMU with the devices asked
# for, and files come back whole.
. "$here/cases/work.inc"

guest()
{
	uname -r >release
	for device in /sys/bus/pci/devices/*; do
		driver=$(readlink "$device/driver") || driver=none
		group=$(readlink "$device/iommu_group") || group=none
		echo "${device##*/} $(cat "$device/vendor" "$device/device" | tr '\n' ' ')${driver##*/} ${group##*/}"
	done >pci
	ls /sys/class/iommu >iommu
	cat /proc/uptime >uptime
	head -c 1000000 /dev/urandom >random
	sha256sum random >sum
}

check()
{
	[ "$(cat release)" = "$RELEASE" ]
	grep -q '0x1234 0x11e8' pci
	grep -q ' nvme ' pci
	grep -q ' e1000e ' pci
	case $IOMMU in
	none)	[ ! -s iommu ] ;;
	*)	[ -s iommu ]
		[ -z "$(grep 'nvme none$' pci)" ] ;;
	esac
	sha256sum --quiet -c sum
}
