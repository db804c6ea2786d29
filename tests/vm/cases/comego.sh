# SPDX-License-Identifier: GPL-2.0
# A device unbound, bound again, unplugged, plugged in and unplugged during one run: every call
# under its name and driver, though it is gone when the report is made.

applies()
{
	case $ARCH-$IOMMU in
	amd64-intel | arm64-none)	;;
	*)	echo "two cells for each kernel will do"; return 1 ;;
	esac
}

guest()
{
	insmod /dmt_oracle.ko
	device=$(sed -n 's/^info device //p' /dev/dmt_oracle)
	echo "$device" >device
	cat >script <<-END
		pci=/sys/bus/pci
		echo map 100 4096 to_device >/dev/dmt_oracle || exit 1
		echo $device >\$pci/drivers/dmt_oracle/unbind
		echo $device >\$pci/drivers/dmt_oracle/bind
		echo map 20 4096 to_device >/dev/dmt_oracle || exit 2
		echo 1 >\$pci/devices/$device/remove
		echo 1 >\$pci/rescan
		[ -e /dev/dmt_oracle ] || echo $device >\$pci/drivers/dmt_oracle/bind
		echo map 3 4096 to_device >/dev/dmt_oracle || exit 3
		echo 1 >\$pci/devices/$device/remove
	END
	dmatrace stat -f json --op map --op unmap -- sh script >stat.json
	# as it was, for the cases after this one
	echo 1 >/sys/bus/pci/rescan
	rmmod dmt_oracle
}

check()
{
	python3 - <<-'END'
		import json, sys
		name = open("device").read().strip()
		rows = json.load(open("stat.json"))["aggregates"]
		for op in "map", "unmap":
		    calls = [a["calls"] for a in rows if a["op"] == op and a["device"] == name and
		             a["driver"] == "dmt_oracle" and a["direction"] == "to_device" and
		             a["bytes"] == a["calls"] * 4096]
		    if calls != [123]:
		        sys.exit("%s: %s, 123 made" % (op, calls))
		    if any(a["device"] is None for a in rows):
		        sys.exit("calls without a device")
	END
}
