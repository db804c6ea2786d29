# SPDX-License-Identifier: GPL-2.0
# One program refused at a time: what it was for is off and the report says why, all the rest is
# exact.  That the same holds for each hook of each kernel the plan's unit test says.
. "$here/cases/helpers.inc"
. "$here/cases/load.inc"
programs="$(helper deny)"

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	5.10-amd64-none | 6.12-amd64-intel)	;;
	*)	echo "with and without an IOMMU will do"; return 1 ;;
	esac
}

guest_without()	# PROGRAM DMATRACE-OPTION...
{
	local name=$1

	shift
	deny "load=$name" -- dmatrace stat -f json "$@" -- sh script >"$name.json" || return 1
	cat /dev/dmt_oracle >"$name.oracle"
}

guest()
{
	guest_load || return 1
	echo 'echo reset >/dev/dmt_oracle; echo mix 1 1 >/dev/dmt_oracle' >script
	# of dma_map_page_attrs or dma_map_phys by any way, of others by the best: each takes long
	guest_without map_p -p map -p unmap -p map_resource -p sync_cpu &&
		guest_without alloc__ -w fsession -w fentry --layers api &&
		guest_without iommu_map -w fsession -w fentry --layers api --layers core || return 1
	rmmod dmt_oracle
}

check()
{
	local name

	for name in map_p alloc__ iommu_map; do
		"$here/compare.py" $name.json $name.oracle || { echo "without $name"; return 1; }
	done
	python3 - <<-'END'
		import json
		for name, op in ("map_p", "map"), ("alloc__", "alloc"), ("iommu_map", "iommu_map"):
		    report = json.load(open(name + ".json"))
		    off = {h["op"] for h in report["hooks"]
		           if h["status"] == "off" and "refused (EACCES)" in (h["reason"] or "")}
		    assert off == {op}, (name, off)
		    # others tell the path of an allocation, and count nothing
		    on = {h["op"] for h in report["hooks"] if h["calls"] is not None}
		    assert op not in on and len(on) > 1, (name, on)
		    assert not [a for a in report["aggregates"] if a["op"] == op], name
		    assert "data-incomplete" in {f["id"] for f in report["findings"]}, name
	END
}
