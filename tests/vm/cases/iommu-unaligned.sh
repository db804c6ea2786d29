# SPDX-License-Identifier: GPL-2.0
# iommu_map() of addresses and a size that are no multiples of a page: refused with the error each
# kernel has for it, and reported with that error and who called.  It is the device's where the
# domain is the one its own calls go through, and nobody's where no device is attached.
. "$here/cases/cells.inc"

applies()
{
	eight_with_iommu
}

guest()
{
	insmod /dmt_oracle.ko
	printf '%s\n' unaligned_attached 'map 1 4K to_device' unaligned_attached unaligned >commands
	cat >script <<-'END'
		while read -r command; do
			echo "$command" >/dev/dmt_oracle
		done <commands
	END
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
	grep -qx 'iommu_map bidirectional 3 3 0' oracle || { cat oracle; return 1; }
	[ $name = ENXIO ] ||
		grep -q 'unaligned: iova 0xffffe000 pa 0x0*30830040 size 0x2001 ' dmesg ||
		{ echo "the kernel's log says nothing of it"; return 1; }
	python3 - $name "$(sed -n 's/^info device //p' oracle)" <<-'END' || return 1
		import json, sys
		error, device = sys.argv[1:]
		stat = json.load(open("stat.json"))
		# before the device's first call nobody knows its domain
		for whose, times in (device, 1), (None, 2):
		    rows = [a for a in stat["aggregates"]
		            if a["op"] == "iommu_map" and a["device"] == whose and a["errors"]]
		    values = [(v["value"], v["count"]) for a in rows for v in a["error_values"]]
		    assert sum(a["errors"] for a in rows) == times, (whose, rows)
		    assert values == [(error, times)], (whose, values)
		found = sorted((f["device"] or "", "cmd_unaligned_attached" in " ".join(f["stack"]),
		                f["count"]) for f in stat["iommu_failures"])
		assert found == [("", False, 1), ("", True, 1), (device, True, 1)], found
		for f in stat["iommu_failures"]:
		    names = [n.split()[0] for n in f["stack"]]
		    at = names.index("iommu_map")
		    assert any(n.startswith("cmd_unaligned") for n in names[at + 1:at + 3]), names
		    assert all("[unknown]" not in n for n in f["stack"]), names
	END
}
