# SPDX-License-Identifier: GPL-2.0
# Memory of another device: for one behind the same switch its address on the bus, which the IOMMU
# does not see; for one that is not, across the host bridge, which AMD's do since Zen.
. "$here/cases/load.inc"
qemu='-cpu EPYC -object memory-backend-ram,id=memory,size=16M,share=on
	-device pcie-root-port,id=root,chassis=1 -device x3130-upstream,id=up,bus=root
	-device xio3130-downstream,id=left,bus=up,chassis=2,slot=0
	-device xio3130-downstream,id=right,bus=up,chassis=3,slot=1
	-device ivshmem-plain,memdev=memory,bus=left -device edu,bus=right'

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	7.x-amd64-none | 7.x-amd64-intel)	;;
	*)	echo "7.x on amd64: before, Debian's kernels have no P2PDMA"; return 1 ;;
	esac
}

guest()
{
	guest_load || return 1
	cat >script <<-'END'
		echo p2p 7 64K 1 >/dev/dmt_oracle && echo p2p 5 4K 0 >/dev/dmt_oracle
	END
	dmatrace stat -f json -- sh script >stat.json || return 1
	cat /dev/dmt_oracle >oracle
	lspci -t 2>/dev/null >tree || :
	rmmod dmt_oracle
}

check()
{
	python3 - <<-'END'
		import collections, json, sys
		info = {l.split()[1]: l.split()[2] for l in open("oracle") if l.startswith("info ")}
		want = {path: int(info.get(path + "_bytes", 0)) for path in ("p2p_bus", "p2p_host")}
		print(want, info.get("p2p_failed"))
		if (want["p2p_bus"], want["p2p_host"]) != (7 << 16, 5 << 12):
		    sys.exit(f"the module says {want}, {info.get('p2p_failed')} failed")
		got, devices = collections.Counter(), collections.defaultdict(set)
		for row in json.load(open("stat.json"))["aggregates"]:
		    if row["op"] == "map_sg" and row["bytes"]:
		        got[row["path"]] += row["bytes"]
		        devices[row["path"]].add(row["device"])
		        if row["path"] == "p2p_bus" and row["calls"] != 7:
		            sys.exit(f"{row['calls']} calls of p2p_bus")
		if {path: got[path] for path in want} != want:
		    sys.exit(f"{dict(got)}, not {want}")
		if devices["p2p_host"] != {info["device"]} or devices["p2p_bus"] & devices["p2p_host"]:
		    sys.exit(f"{dict(devices)}")
	END
}
