# SPDX-License-Identifier: GPL-2.0
# What mapping behind an IOMMU is made of: ranges of I/O addresses, which of them the rcaches serve,
# flushes that an unmap waits for or a queue, and doorbells of MSIs: calls and bytes as the module
# made them, and as the kernel's kprobes count.
. "$here/cases/cells.inc"
. "$here/cases/oracle.inc"
. "$here/cases/work.inc"

applies()
{
	[ "$IOMMU" != none ] || { echo "no IOMMU"; return 1; }
	enough_in 5.10-amd64-intel 6.1-amd64-intel 6.12-amd64-amd 7.x-arm64-smmuv3
}

# All sizes are powers of two, to which callers round up before 5.16.  A queue is flushed within
# 10 ms; interrupts of a disk are prepared when its driver gets it.
guest_work()
{
	cat <<-'END'
		echo "map 300 4096 to_device" >/dev/dmt_oracle || exit 1
		echo "map 40 262144 from_device" >/dev/dmt_oracle || exit 1
		echo "sg 20 4 4096 to_device" >/dev/dmt_oracle || exit 1
		echo "alloc 30 8192 kernel" >/dev/dmt_oracle || exit 1
		cd /sys/bus/pci/drivers/nvme
		for disk in 0000:*; do
			echo $disk >unbind
			echo $disk >bind
		done
		cd - >/dev/null
		while [ ! -b /dev/nvme0n1 ]; do sleep 0.1; done
		sleep 1
	END
}

guest()
{
	set -- --op iova_fast_alloc --op iova_fast_free --op iotlb_sync --op iotlb_flush \
		--op msi_map --op map --op unmap --op map_sg --op unmap_sg --op alloc --op free
	guest_load || return 1
	guest_targets "$@" | sort -u >targets
	guest_work >work
	guest_script | sed 's|^echo "$1" .*|sh -u work|' >script
	dmatrace stat -f json "$@" -- sh -u script >stat.json || return 1
	cat /dev/dmt_oracle >oracle
	cat /sys/bus/pci/drivers/dmt_oracle/0000:*/iommu_group/type >domain
	dmatrace iommu -f json -- sh work >iommu.json || return 1
	rmmod dmt_oracle
}

# VT-d on 5.10 is lazy, and says DMA.
check()
{
	local mode=strict

	[ "$KERNEL" != 5.10 ] || mode=unseen
	[ "$(cat domain)" != DMA-FQ ] || mode=lazy
	"$here/compare_iommu.py" stat.json oracle kprobes 40 $mode
	python3 - "$ARCH" $mode <<-'END' || return 1
		import json, sys
		arch, mode = sys.argv[1:]
		report = json.load(open("iommu.json"))
		row, = [r for r in report["domains"] if r["driver"] == "dmt_oracle"]
		shown = [row[k] for k in ("iova_allocs", "iova_failed", "iova_frees", "above_rcache",
		                          "above_percent")]
		back = None if mode == "unseen" else 390
		if shown != [390, 0, back, 40, 10] or not 40 <= row["tree"] <= 390:
		    sys.exit(f"domains: {row}")
		if row["domain"] not in (mode, None) or row["latency"]["count"] < 390:
		    sys.exit(f"domain {row['domain']}, {row['latency']['count']} timed")
		flushes = {r["op"] for r in report["flushes"] if r["driver"] == "dmt_oracle"}
		if flushes != {"iotlb_sync" if mode == "strict" else "iotlb_flush"}:
		    sys.exit(f"flushes: {report['flushes']}")
		# the finding is what was measured
		cost = [r for r in report["flushes"] if r["op"] == "iotlb_sync" and
		        r["driver"] == "dmt_oracle" and r["unmap_percent"] > 50 and
		        r["ns"] * 100 >= report["duration_ns"]]
		found = [f for f in report["findings"] if f["id"] == "strict-flush-cost" and
		         "dmt_oracle" in f["subject"]]
		if len(found) != len(cost) or any("flushes took" not in f["evidence"] for f in found):
		    sys.exit(f"strict-flush-cost: {found}, measured {report['flushes']}")
		msis = [(r["driver"], r["failed"]) for r in report["msis"]]
		if msis != ([("nvme", 0)] if arch == "arm64" else []):
		    sys.exit(f"msis: {report['msis']}")
		if report["iova_failures"] or report["iommu_failures"]:
		    sys.exit("something failed")
	END
}
