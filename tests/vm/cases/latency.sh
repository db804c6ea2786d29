# SPDX-License-Identifier: GPL-2.0
# Latency against the module's own clock around the same calls: p50 within 12.5 % plus what the
# probes cost, measured in the same boot.  The clock counts instructions, so nothing is noise.
. "$here/cases/cells.inc"
icount=yes

applies()
{
	enough_in 5.10-amd64-intel 6.12-amd64-none 6.12-arm64-smmuv3 7.x-amd64-none
}

guest()
{
	insmod /dmt_oracle.ko
	echo latency 2000 4096 >/dev/dmt_oracle
	cat /dev/dmt_oracle >bare
	echo 'echo reset >/dev/dmt_oracle; echo latency 2000 4096 >/dev/dmt_oracle' >script
	dmatrace stat -f json -- sh script >stat.json
	cat /dev/dmt_oracle >traced
}

check()
{
	python3 - <<-'END'
		import json, sys

		def info(path):
		    return {w[1]: int(w[2]) for w in map(str.split, open(path))
		            if w[0] == "info" and w[2].isdigit()}

		bare, traced = info("bare"), info("traced")
		rows = {a["op"]: a for a in json.load(open("stat.json"))["aggregates"]}
		for op in "map", "unmap":
		    assert rows[op]["calls"] == rows[op]["latency"]["count"] == 2000, rows[op]["calls"]
		    mine = rows[op]["latency"]["p50_ns"]
		    key = "latency_%s_p50_ns" % op
		    clock = bare["latency_clock_ns"]
		    cost = traced[key] - bare[key]
		    low, high = (bare[key] - clock) * 0.875, bare[key] * 1.125 + cost
		    print(op, "p50", mine, "module", bare[key], "traced", traced[key], "clock", clock)
		    if not low <= mine <= high:
		        sys.exit("%s p50 %d, expected %d to %d" % (op, mine, low, high))
	END
}
