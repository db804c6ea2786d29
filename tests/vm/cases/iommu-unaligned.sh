# SPDX-License-Identifier: GPL-2.0
# iommu_map() of addresses and a size that are no multiples of a page: refused with the error each
# kernel has for it, and reported with that error.
. "$here/cases/cells.inc"

applies()
{
	eight_with_iommu
}

guest()
{
	insmod /dmt_oracle.ko
	echo 'echo unaligned >/dev/dmt_oracle' >script
	dmatrace stat -f json -- sh script >stat.json || return 1
	cat /dev/dmt_oracle >oracle
	rmmod dmt_oracle
}

# Since 6.19 amd64's page tables are generic_pt's, which says ENXIO and logs nothing.
check()
{
	local error=-22 name=EINVAL

	[ "$KERNEL-$ARCH" != 7.x-amd64 ] || error=-6 name=ENXIO
	grep -qx "info unaligned_errno $error" oracle || { grep unaligned oracle; return 1; }
	[ $name = ENXIO ] ||
		grep -q 'unaligned: iova 0xffffe000 pa 0x0*30830040 size 0x2001 ' dmesg ||
		{ echo "the kernel's log says nothing of it"; return 1; }
	python3 - $name <<-'END' || return 1
		import json, sys
		rows = [a for a in json.load(open("stat.json"))["aggregates"]
		        if a["op"] == "iommu_map" and a["device"] is None]
		calls, errors = sum(a["calls"] for a in rows), sum(a["errors"] for a in rows)
		values = [(v["value"], v["count"]) for a in rows for v in a["error_values"]]
		if (calls, errors) != (1, 1) or values != [(sys.argv[1], 1)]:
		    sys.exit("%d calls, %d errors, %s" % (calls, errors, values))
	END
}
