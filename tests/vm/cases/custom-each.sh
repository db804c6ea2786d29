# SPDX-License-Identifier: GPL-2.0
# What lives, one by one, is what the kernel's own book says of it: several of the same memory, in
# different sizes and directions, are several, and what is given back is the one that was made so.
. "$here/cases/load.inc"
kernels=custom
timeout=300

guest()
{
	guest_load || return 1
	cat >script <<-'END'
		for command in 'fill 3 4K to_device' 'fill 2 100 from_device' \
			'fill 1 512 bidirectional' 'fill 2 4K from_device' 'hold 5 8192' \
			'hold_alloc 3 4096' 'spill 4'; do
			echo "$command" >/dev/dmt_oracle || exit 1
		done
		grep '^dmt_oracle ' /sys/kernel/debug/dma-api/dump >dump
	END
	dmatrace live -f json --each -- sh script >live.json || return 1
	echo drain >/dev/dmt_oracle
	echo release >/dev/dmt_oracle
	rmmod dmt_oracle
}

check()
{
	python3 - <<-'END'
		import collections
		import json
		import re

		report = json.load(open("live.json"))
		assert not report["mappings_not_shown"], report["mappings_not_shown"]
		assert not any(report["losses"].values()), report["losses"]
		ops = {"single": "map", "coherent": "alloc"}
		truth = collections.Counter()
		for line in open("dump"):
		    words = line.split()
		    at, size = (int(re.search(f" {key}=([0-9a-f]+)", line)[1], 16) for key in "DL")
		    direction = re.search(r" DMA_(\w+)", line)[1].lower()
		    op = ops[words[2]]
		    truth[words[1], op, at, size, direction if op == "map" else "none"] += 1
		keys = "device", "op", "address", "size", "direction"
		seen = collections.Counter(tuple(m[key] for key in keys) for m in report["mappings"]
		                           if m["driver"] == "dmt_oracle")
		print(sum(truth.values()), "entries")
		assert sum(truth.values()) == 12, truth
		assert truth == seen, (truth - seen, seen - truth)
	END
}
