# SPDX-License-Identifier: GPL-2.0
# How far a device reaches and what it takes at once: what stat, a recording and `dmatrace devices`
# say of it is what the kernel's own functions tell the module, on PCI and on the platform bus.
. "$here/cases/cells.inc"
. "$here/cases/load.inc"
case $ARCH-$IOMMU in
amd64-none)	cmdline='swiotlb=8192,force' ;;
esac

applies()
{
	enough_in 5.10-arm64-smmuv3 6.1-arm64-none 6.12-amd64-none 7.x-arm64-smmuv3
}

guest_seen()	# NAME
{
	printf 'mask 40\nlimits 8192 0xffffff 4095\nmap 3 4096 to_device\n' >commands
	cat >script <<-'END'
		while read -r command; do
			echo "$command" >/dev/dmt_oracle || exit 1
		done <commands
	END
	dmatrace record -o "$1.db" -- sh script || return 1
	cat /dev/dmt_oracle >"$1.oracle"
	dmatrace stat -i "$1.db" -f json >"$1.stat.json" &&
		dmatrace devices -i "$1.db" -f json >"$1.devices.json" &&
		dmatrace devices -f json -- sh script >"$1.live.json"
}

guest()
{
	guest_load && guest_seen pci || return 1
	echo other 1 >/dev/dmt_oracle
	guest_seen platform || return 1
	echo other 0 >/dev/dmt_oracle
	rmmod dmt_oracle
}

check()
{
	python3 - <<-'END'
		import json, sys
		for bus in ("pci", "platform"):
		    info = dict(l.split()[1:3] for l in open(f"{bus}.oracle") if l.startswith("info "))
		    most = int(info["max_mapping_size"])
		    want = {
		        "bus": bus, "driver": "dmt_oracle",
		        "mask_bits": int(info["dma_mask"], 16).bit_length(),
		        "coherent_mask_bits": int(info["coherent_mask"], 16).bit_length(),
		        "bus_limit": int(info["bus_limit"], 16) or None,
		        "cache_coherent": int(info["coherent"]),
		        "max_segment_size": int(info["max_segment_size"]),
		        "segment_boundary_mask": int(info["segment_boundary_mask"], 16),
		        "min_align_mask": int(info["min_align_mask"]),
		        "largest_bounce": 258048, "restricted_pool": 0 }
		    set_to = {"mask_bits": 40, "min_align_mask": 4095, "max_segment_size": 8192}
		    if {key: want[key] for key in set_to} != set_to:
		        sys.exit(f"{bus}: the module says {info}")
		    # 5.10 leaves min_align_mask out; it is no limit where nothing bounces
		    if most < 1 << 30 and most not in (258048, 262144):
		        sys.exit(f"{bus}: dma_max_mapping_size() is {most}")
		    for report in ("stat", "devices", "live"):
		        row, = [d for d in json.load(open(f"{bus}.{report}.json"))["devices"]
		                if d["device"] == info["device"]]
		        differ = [(key, row[key], want[key]) for key in want
		                  if row[key] != want[key]]
		        if differ:
		            sys.exit(f"{bus}, {report}: {differ}")
		        said = report == "stat" or "not cache-coherent" in row["implies"]
		        if report != "stat" and said == want["cache_coherent"]:
		            sys.exit(f"{bus}, {report}: {row['implies']}")
	END
}
