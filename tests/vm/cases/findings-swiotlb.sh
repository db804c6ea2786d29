# SPDX-License-Identifier: GPL-2.0
# A pool of 512 slots that is filled and stays so: why mappings fail, and who holds the slots.
. "$here/cases/cells.inc"
. "$here/cases/findings.inc"
smp=$cpus
cmdline='swiotlb=512,force'

applies()
{
	four_without_iommu
}

guest_steps()
{
	cat <<-'END'
		fill 64 64K to_device
		map 3 512K from_device
	END
}

guest_healthy()
{
	printf 'alloc 20 4K kernel\n'
}

guest()
{
	guest_report healthy "$(guest_healthy)" && guest_report stat "$(guest_steps)" || return 1
	echo drain >/dev/dmt_oracle
	dmatrace swiotlb -f json -- sh script >swiotlb.json || return 1
	sed -n 's/.*software IO TLB: area num \([0-9]*\).*/\1/p' /boot-messages >areas
	rmmod dmt_oracle
}

# 5.10 does not tell BPF what is left in the pool, and on arm64 has no call path at a kretprobe.
check()
{
	local report full='exhausted' used='; 512 of 512 slots used' caller='oracle_map.*'

	[ "$KERNEL" != 5.10 ] || full=unknown used=
	[ "$KERNEL-$ARCH" != 5.10-arm64 ] || caller=
	for report in stat swiotlb; do
		check_findings $report.json bounce-forced ' 16 bounces, 1.0MiB; 67 of 67 maps' \
			swiotlb-full "$caller; 48 of 67 .*64.0KiB .32 slots. asked for$used.*$full" \
			swiotlb-full "$caller; 3 of 67 .*512.0KiB .256 slots..*segment limit"
	done
	check_healthy
	python3 - $KERNEL-$ARCH <<-'END' || return 1
		import json, sys
		report = json.load(open("swiotlb.json"))
		old = sys.argv[1][:4] in ("5.10", "6.1-")
		pool, = report["swiotlb"]
		shown = [pool[key] for key in ("pool", "nslabs", "used", "used_hiwater")]
		if shown != ["default", 512, 512, None if old else 512]:
		    sys.exit(f"pool: {shown}")
		# 5.10 has one lock for all, and no areas
		areas = int(open("areas").read()) if sys.argv[1][:4] != "5.10" else None
		if pool["areas"] != areas:
		    sys.exit(f"areas: {pool['areas']}, the kernel's log says {areas}")
		holder, = pool["holders"]
		if (holder["driver"], holder["count"], holder["bytes"]) != ("dmt_oracle", 16, 1 << 20):
		    sys.exit(f"holder: {holder}")
		if sys.argv[1] != "5.10-arm64" and "oracle_map" not in " ".join(holder["stack"]):
		    sys.exit(f"stack: {holder['stack']}")
		sums = [sum(row[key] for row in report["bounces"]) for key in ("bounces", "failed", "bytes")]
		if sums != [67, 51, 1 << 20]:
		    sys.exit(f"bounces: {sums}")
		copies = [(row["phase"], row["copies"], row["bytes"]) for row in report["copies"]]
		if copies != ([] if sys.argv[1] == "5.10-arm64" else [("map", 16, 1 << 20)]):
		    sys.exit(f"copies: {copies}")
	END
}
