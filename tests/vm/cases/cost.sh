# SPDX-License-Identifier: GPL-2.0
# What tracing costs: instructions that a map and unmap of one buffer take more than bare, under
# a clock that counts instructions.
icount=yes
smp=1

applies()
{
	[ "$KERNEL-$ARCH-$IOMMU" = 6.12-amd64-none ] || { echo "the budget is for 6.12-amd64-none"; return 1; }
}

guest_bench()
{
	echo reset >/dev/dmt_oracle
	echo bench 20000 256 >/dev/dmt_oracle
	sed -n 's/^info bench_ns_per_pair_thousandths //p' /dev/dmt_oracle
}

guest()
{
	insmod /dmt_oracle.ko
	guest_bench >bare
	dmatrace stat -f json -- sh -c 'echo reset >/dev/dmt_oracle; echo bench 20000 256 >/dev/dmt_oracle' >stat.json
	sed -n 's/^info bench_ns_per_pair_thousandths //p' /dev/dmt_oracle >traced
}

check()
{
	# the module warms up first: N, a tenth of it and one
	python3 - <<-'END'
		import json
		rows = {a["op"]: a for a in json.load(open("stat.json"))["aggregates"]}
		for op in "map", "unmap":
		    assert rows[op]["calls"] == rows[op]["latency"]["count"] == 22001, rows[op]["calls"]
	END
	added=$((($(cat traced) - $(cat bare)) / 1000))
	echo "bare $(($(cat bare) / 1000)), traced $(($(cat traced) / 1000)), added $added"
	[ "$added" -le 1350 ] || { echo "added $added instructions, budget 1350"; return 1; }
}
