# SPDX-License-Identifier: GPL-2.0
# A machine in which nothing can be seen: its devices with a driver are virtio past the DMA API.
# Every report says so, in a finding (nothing-seen) and where a table would be; so does one whose
# filter leaves everything out.  What was not watched is named where nothing was seen of it.
. "$here/cases/cells.inc"
. "$here/cases/load.inc"
qemu='-device virtio-rng-pci'
timeout=400

applies()
{
	enough_in 6.12-amd64-none 7.x-arm64-smmuv3
}

guest()
{
	local command

	for command in stat hist stacks live swiotlb iommu; do
		dmatrace $command -d 200ms -f json >"$command.json" &&
			dmatrace $command -d 200ms >"$command.txt" || return 1
	done
	dmatrace trace -d 200ms >trace.txt && dmatrace stat -d 200ms -p map >one.txt &&
		dmatrace record -d 200ms -o nothing.db &&
		dmatrace report -i nothing.db >report.txt &&
		dmatrace report -f json -i nothing.db >report.json || return 1
	dmatrace devices -f json >devices.json || return 1
	guest_load || return 1
	echo 'echo map 5 4096 to_device >/dev/dmt_oracle' >script
	dmatrace stat -D nobody -- sh script >filter.txt &&
		dmatrace stat -D nobody -f json -- sh script >filter.json || return 1
	rmmod dmt_oracle
}

check()
{
	# five maps and unmaps; behind an IOMMU what they do to its page tables, too
	python3 - "$([ "$IOMMU" = none ] && echo 10 || echo 25)" <<-'END' || return 1
		import json, sys
		calls = sys.argv[1]
		devices = json.load(open("devices.json"))["devices"]
		virtio = [d["device"] for d in devices if d["driver"] == "virtio-pci"]
		assert len(virtio) == 2, devices
		for name in "stat", "hist", "stacks", "live", "swiotlb", "iommu", "report":
		    found = [f for f in json.load(open(name + ".json"))["findings"]
		             if f["id"] != "data-incomplete"]
		    assert [f["id"] for f in found] == ["nothing-seen"], (name, found)
		    assert found[0]["evidence"] == "all 2 devices with a driver bypass the DMA API: " + \
		           ", ".join(virtio), (name, found)
		found = json.load(open("filter.json"))["findings"]
		assert [f["id"] for f in found] == ["nothing-seen"], found
		assert found[0]["evidence"] == calls + " calls of other devices", found
		assert "named 'nobody'" in found[0]["cause"], found
		def says(name, *texts):
		    got = " ".join(open(name + ".txt").read().split())
		    for text in texts:
		        assert text in got, (name, text, got)
		says("stat", "no DMA call was seen")
		says("hist", "no DMA call was seen")
		says("stacks", "no DMA call was seen")
		says("iommu", "no DMA call was seen")
		says("swiotlb", "no bounce was seen")
		says("live", "nothing was seen mapped or allocated that is not given back")
		says("one", "no DMA call was seen; not watched: alloc, free,")
		says("trace", "no call was printed")
		says("report", "not in this recording: 'dmatrace record --with live' keeps it")
		says("filter", f"no DMA call was seen left out: {calls} calls of devices that are "
		     "not named nobody")
	END
}
