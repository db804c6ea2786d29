# SPDX-License-Identifier: GPL-2.0
# What diff says of recordings of a real kernel: of the same work done again, nothing; and it finds
# a mapping that takes a fifth longer, one leak in 10,000, and one bounce in a hundred.  The clock
# counts instructions: what noise there is, interrupts make.
. "$here/cases/rounds.inc"
timeout=900

# 834 maps a round; SIXTH: another.
guest_work()	# NAME ROUND [SIXTH]
{
	local name=$1

	shift
	guest_rounds "$@"
	dmatrace record --with live --interval 100ms -o "$name.db" -- sh -u script || return 1
}

guest_diff()	# NAME NAME
{
	dmatrace diff -f json "$1.db" "$2.db" >"$1-$2.json" || return 1
}

guest()
{
	local same='echo leak 0 834 >/dev/dmt_oracle' first second
	local leaks='echo leak 1 833 >/dev/dmt_oracle'
	local bounces='echo leak 0 826 >/dev/dmt_oracle; echo mask 32 >/dev/dmt_oracle;
		echo map 8 4096 from_device >/dev/dmt_oracle; echo mask 64 >/dev/dmt_oracle'

	insmod /dmt_oracle.ko
	echo slow 5000 >/dev/dmt_oracle
	for first in 1 2 3 4 5 6 7; do
		guest_work "$first" "$same" || return 1
	done
	guest_work bounces "$bounces" || return 1
	guest_work leaks "$same" "$leaks" || return 1
	echo slow 6100 >/dev/dmt_oracle
	guest_work slow "$same" || return 1
	rmmod dmt_oracle
	for first in 1 2 3 4 5 6; do
		second=$first
		while [ $second -lt 7 ]; do
			second=$((second + 1))
			guest_diff $first $second || return 1
		done
	done
	for second in bounces leaks slow; do
		guest_diff 7 $second || return 1
	done
	dmatrace diff 7.db slow.db
	dmatrace diff --exit-code 7.db slow.db >/dev/null
	echo $? >code
}

check()
{
	[ "$(cat code)" = 4 ] || { echo "exit $(cat code), not 4"; return 1; }
	python3 - <<-'END'
		import glob, json, sys
		def found(name, table):
		    return [row for row in json.load(open(name))[table]
		            if row["verdict"] in ("slower", "faster", "more", "fewer")]
		def expect(what, rows, **want):
		    if not any(all(row[k] == v for k, v in want.items()) for row in rows):
		        sys.exit(f"{what}: not found; {rows}")
		pairs = glob.glob("[1-7]-[1-7].json")
		wrong = {name: found(name, "latencies") + found(name, "counts") for name in pairs}
		wrong = {name: rows for name, rows in wrong.items() if rows}
		print(f"{len(wrong)} of {len(pairs)} pairs of the same work called changed")
		if len(pairs) != 21 or len(wrong) > 1:
		    sys.exit(f"{len(wrong)} of {len(pairs)} pairs: {wrong}")
		slow = found("7-slow.json", "latencies")
		expect("slow", slow, op="map", measure="mean", verdict="slower")
		if any(row["op"] != "map" for row in slow) or found("7-slow.json", "counts"):
		    sys.exit(f"slow: more than that; {slow}")
		expect("leak", found("7-leaks.json", "counts"), measure="held", op="map", before=0,
		       after=1, verdict="more")
		paths = json.load(open("7-leaks.json"))["held_paths"]
		if [path["after"] - path["before"] for path in paths] != [1] or \
		   not paths[0]["stack"][1].endswith(" [dmt_oracle]"):
		    sys.exit(f"leak: called from {paths}")
		expect("bounces", found("7-bounces.json", "counts"), measure="path", path="bounce",
		       before=0, after=96, calls_after=12 * 834, verdict="more")
	END
}
