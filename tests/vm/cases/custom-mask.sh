# SPDX-License-Identifier: GPL-2.0
# Pages of pools made for one buffer each are other memory again once the buffer is given back: a
# map of such memory, within the device's reach, is no bounce, also where it is watched at its
# return alone.
. "$here/cases/cells.inc"
. "$here/cases/load.inc"
kernels=$BUILT_KERNELS
cmdline='swiotlb=512'

applies()
{
	memory_around_28_bits
}

guest()
{
	guest_load || return 1
	cat >script <<-'END'
		for i in 1 2 3; do
			for command in 'mask 28' 'fill 300 4K to_device' drain 'mask 64' \
				'hold 2000 4096' release; do
				echo "$command" >/dev/dmt_oracle || exit 1
			done
		done
	END
	dmatrace stat -f json --no-latency -- sh script >counts.json || return 1
	cat /dev/dmt_oracle >counts.oracle
	dmatrace swiotlb -f json -- sh script >swiotlb.json || return 1
	rmmod dmt_oracle
}

check()
{
	python3 - <<-'END'
		import json
		report = json.load(open("counts.json"))
		truth, seen = {}, {}
		for words in map(str.split, open("counts.oracle")):
		    if words[:2] == ["path", "map"]:
		        truth[words[3]] = truth.get(words[3], 0) + int(words[4])
		for row in report["aggregates"]:
		    if row["op"] == "map" and row["driver"] == "dmt_oracle":
		        seen[row["path"]] = seen.get(row["path"], 0) + row["calls"]
		print(truth)
		assert truth == seen and truth["bounce"] and truth["direct"], (truth, seen)
		report = json.load(open("swiotlb.json"))
		assert not [p for p in report["swiotlb"] if p["holders"]], report["swiotlb"]
	END
}
