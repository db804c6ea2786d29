# SPDX-License-Identifier: GPL-2.0
# What `stat --cost` says of its programs is what bpftool reads from the kernel, and they ran at
# both ends of each call.
programs=/usr/sbin/bpftool
smp=2

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	6.12-amd64-none | 7.x-amd64-none) ;;
	*)	echo "two cells will do"; return 1 ;;
	esac
}

guest()
{
	insmod /dmt_oracle.ko
	cat >script <<-'END'
		bpftool -j prog show >before.json
		echo map 1000 4096 to_device >/dev/dmt_oracle
		bpftool -j prog show >after.json
	END
	dmatrace stat --cost -f json -- sh script >stat.json || return 1
	dmatrace stat --cost -d 10ms -o recorded.db >live.txt || return 1
	dmatrace stat --cost -i recorded.db | cmp - live.txt || return 1
	rmmod dmt_oracle
}

check()
{
	python3 - <<-'END'
		import json
		report = json.load(open("stat.json"))
		calls = {a["op"]: a["calls"] for a in report["aggregates"]}
		def runs(name):
		    progs = [p for p in json.load(open(name + ".json")) if "run_cnt" in p]
		    found = {}
		    for p in progs:
		        op = {"map": "map", "unmap": "unmap"}.get(p["name"].split("_p")[0])
		        if op:
		            count, ns = found.get(op, (0, 0))
		            found[op] = (count + p["run_cnt"], ns + p["run_time_ns"])
		    return found
		before, after = runs("before"), runs("after")
		cost = {row["op"]: row for row in report["cost"]}
		for op in "map", "unmap":
		    row = cost[op]
		    assert calls[op] == 1000, calls
		    assert row["runs"] == 2000 == after[op][0] - before.get(op, (0, 0))[0], (row, after)
		    ns = after[op][1] - before.get(op, (0, 0))[1]
		    assert row["ns_per_run"] == ns // 2000, (row, ns)
		assert report["cost_ns_per_s"] >= cost["map"]["ns_per_s"] > 0, report["cost_ns_per_s"]
	END
}
