# SPDX-License-Identifier: GPL-2.0
# `dmatrace devices` against sysfs: every PCI device with its driver, masks and domain type.
. "$here/cases/work.inc"

guest()
{
	dmatrace devices -f json >devices.json
	for device in /sys/bus/pci/devices/*; do
		driver=$(readlink "$device/driver") || driver=-
		type=$(cat "$device/iommu_group/type" 2>/dev/null) || type=-
		echo "${device##*/} ${driver##*/} $(cat "$device/dma_mask_bits") $(cat "$device/consistent_dma_mask_bits") $type"
	done >sysfs
}

check()
{
	python3 - <<-'END'
		import json, sys
		mine = sorted(" ".join(str(x if x is not None else "-") for x in (
		    d["device"], d["driver"], d["mask_bits"], d["coherent_mask_bits"], d["domain"]))
		    for d in json.load(open("devices.json"))["devices"] if d["bus"] == "pci")
		truth = sorted(line.strip() for line in open("sysfs"))
		if mine != truth:
		    sys.exit("differs from sysfs: %s" % sorted(set(mine) ^ set(truth)))
	END
}
