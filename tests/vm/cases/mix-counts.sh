# SPDX-License-Identifier: GPL-2.0
# The mix without latencies: counted as exactly, by fentry at one end and at both, and by kprobes.
. "$here/cases/oracle.inc"

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	5.10-amd64-none | 6.1-arm64-none | 6.12-amd64-intel | 7.x-amd64-none) ;;
	*)	echo "four cells have every way, with an IOMMU and without"; return 1 ;;
	esac
}

guest()
{
	guest_compare 'mix 5 1' --no-latency
}

check()
{
	"$here/compare.py" stat.json oracle kprobes
	check_paths stat.json oracle
	python3 - <<-'END'
		import json, sys
		stat = json.load(open("stat.json"))
		if any(a["latency"] is not None for a in stat["aggregates"]):
		    sys.exit("a latency without a clock")
		if stat["latencies"] != "not measured (--no-latency)":
		    sys.exit("no word of why: %s" % stat["latencies"])
	END
}
