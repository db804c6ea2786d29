# SPDX-License-Identifier: GPL-2.0
# Mappings left behind among many that are not, from a call site of their own; then the driver
# goes, and leaves them pending.
. "$here/cases/cells.inc"
smp=$cpus

applies()
{
	eight_of_all && five_of_all
}

guest()
{
	insmod /dmt_oracle.ko
	device=$(sed -n 's/^info device //p' /dev/dmt_oracle)
	echo "$device" >device
	cat >script <<-END
		echo leak 7 93 >/dev/dmt_oracle || exit 1
		cat /dev/dmt_oracle >oracle
		echo $device >/sys/bus/pci/drivers/dmt_oracle/unbind
	END
	dmatrace stat -f json -- sh script >stat.json || return 1
	rmmod dmt_oracle
}

check()
{
	grep -qx 'info leaked 7' oracle
	python3 - <<-'END' || return 1
		import json, sys
		device = open("device").read().strip()
		rows = json.load(open("stat.json"))["aggregates"]
		for op, want in ("map", 100), ("unmap", 93):
		    got = [(a["calls"], a["bytes"]) for a in rows if a["op"] == op and
		           a["device"] == device and a["direction"] == "from_device"]
		    if [sum(x) for x in zip(*got)] != [want, want * 4096]:
		        sys.exit("%s: %s calls, bytes; %d made" % (op, got, want))
	END
}
