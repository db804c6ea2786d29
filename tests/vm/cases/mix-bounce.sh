# SPDX-License-Identifier: GPL-2.0
# The mix with every mapping bounced: bounces counted as the function is called, and syncs, which
# 6.12 and later skip for a coherent device that does not bounce.
. "$here/cases/oracle.inc"
cmdline='swiotlb=32768,force'

applies()
{
	four_without_iommu
}

guest()
{
	guest_compare 'mix 4 1'
}

check()
{
	"$here/compare.py" stat.json oracle kprobes
	check_paths --reason forced stat.json oracle
	python3 - <<-'END'
		import json, sys
		stat = json.load(open("stat.json"))
		calls = {op: sum(h["calls"] or 0 for h in stat["hooks"] if h["op"] == op)
		         for op in ("bounce", "sync_cpu", "sync_device")}
		if not all(calls.values()):
		    sys.exit("nothing to compare: %s" % calls)
	END
}
