# SPDX-License-Identifier: GPL-2.0
# What tracing costs: instructions that a map and unmap of one buffer take more than bare, under
# a clock that counts instructions.
icount=yes
smp=1

# Elsewhere `make bench` sets a limit nobody reaches, to print what it costs there.
limit=${COST_LIMIT:-1330}

applies()
{
	[ "$KERNEL-$ARCH-$IOMMU" = 6.12-amd64-none ] || [ "${COST_LIMIT-}" ] ||
		{ echo "the limit is for 6.12-amd64-none"; return 1; }
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
	# 7.2 takes 531 instructions for a pair until the functions were traced once, then 179
	dmatrace stat -d 10ms >/dev/null
	guest_bench >bare
	echo 'echo reset >/dev/dmt_oracle; echo bench 20000 256 >/dev/dmt_oracle' >script
	dmatrace stat -f json -- sh script >stat.json
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
	[ "$added" -le "$limit" ] || { echo "added $added instructions, limit $limit"; return 1; }
}
