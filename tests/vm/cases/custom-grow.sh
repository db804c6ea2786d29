# SPDX-License-Identifier: GPL-2.0
# A pool of 512 slots that grows: what it lacks meanwhile are pools made for one buffer each.  Their
# slots are given back like all others, and told apart from those of the pool.  What bounced is
# the module's account, also where calls are watched at one end only.
. "$here/cases/load.inc"
. "$here/cases/custom.inc"
kernels=custom
cmdline='swiotlb=512,force'
timeout=400

applies()
{
	[ "$IOMMU" = none ] || { echo "behind an IOMMU nothing bounces by force"; return 1; }
}

guest_held()	# NAME COMMAND OPTION...
{
	local name=$1 command=$2

	shift 2
	echo "$command" >script
	dmatrace swiotlb -f json "$@" -- sh script >"$name.json" && guest_pools >"$name.pools"
}

guest()
{
	guest_load || return 1
	guest_held held 'echo fill 300 64K to_device >/dev/dmt_oracle' || return 1
	echo drain >/dev/dmt_oracle
	guest_held none 'for i in 1 2 3; do
		echo fill 300 64K to_device >/dev/dmt_oracle && echo drain >/dev/dmt_oracle
	done' || return 1
	echo reset >/dev/dmt_oracle
	# the pages of pools that are gone are those of others now, which a wide mask lets be
	echo 'for i in 1 2 3; do
		echo fill 300 64K to_device >/dev/dmt_oracle && echo drain >/dev/dmt_oracle
	done
	echo hold 4000 4096 >/dev/dmt_oracle' >script
	dmatrace stat -f json --no-latency -- sh script >counts.json || return 1
	cat /dev/dmt_oracle >counts.oracle
	echo release >/dev/dmt_oracle
	rmmod dmt_oracle
}

check()
{
	python3 - <<-'END'
		import json

		def default(name):
		    report = json.load(open(name + ".json"))
		    pool, = [p for p in report["swiotlb"] if p["pool"] == "default"]
		    truth, = [list(map(int, words[1:]))
		              for words in map(str.split, open(name + ".pools")) if words[0] == "swiotlb"]
		    losses = {key: n for key, n in report["losses"].items() if n}
		    assert not losses, losses
		    return pool, truth

		pool, (slots, used, transient) = default("held")
		print("slots, used, transient:", slots, used, transient)
		assert used == 300 * 32 and transient, (used, transient)
		assert used - transient <= slots, slots
		assert [pool["used"], pool["transient"]] == [used, transient], pool
		assert pool["used"] - pool["transient"] <= pool["nslabs"] <= slots, pool
		holder, = pool["holders"]
		assert (holder["count"], holder["bytes"]) == (300, 300 << 16), holder

		pool, (slots, used, transient) = default("none")
		assert (used, transient) == (0, 0) == (pool["used"], pool["transient"]), (pool, used)
		assert not pool["holders"], pool["holders"]

		report = json.load(open("counts.json"))
		truth = sum(int(words[4]) for words in map(str.split, open("counts.oracle"))
		            if words[:2] == ["path", "map"] and words[3] == "bounce")
		seen = sum(row["calls"] for row in report["aggregates"]
		           if (row["op"], row["path"], row["driver"]) == ("map", "bounce", "dmt_oracle"))
		assert truth == seen == 4900, (truth, seen)
	END
}
