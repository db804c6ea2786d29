# SPDX-License-Identifier: GPL-2.0
# A call costs the same within a tenth, in instructions, whether there is one or many of a thing: 64
# devices, 8 CPUs that call all at once, 10,000 call paths, a million live mappings.  Among so many
# call paths some have one hash: each call is under its path, or lost and counted so.
#
# CPUs take turns here, and what all of them execute is counted.  An emulator has no caches: that
# more memory is further away, and what CPUs do to each other's, is not in these numbers.
icount=yes
smp=8

applies()
{
	[ "$KERNEL-$ARCH-$IOMMU" = 6.12-amd64-none ] || { echo "one cell will do"; return 1; }
}

# Into the file `script`: commands of the module, and what a pair took into PREFIX.COMMAND.MANY.
guest_script()	# COMMAND...
{
	local command to

	for command in "$@"; do
		to=\$1.${command%% *}.${command##* }
		echo "echo $command >/dev/dmt_oracle || exit 1"
		echo "sed -n 's/^info bench_ns_per_pair_thousandths //p' /dev/dmt_oracle >>$to"
	done >script
	echo "cat /dev/dmt_oracle >\$1.oracle" >>script
}

# First bare, then while dmatrace traces; on one CPU but for what the module spreads.
guest_scale()	# NAME ARGUMENT...
{
	local name=$1

	shift
	insmod /dmt_oracle.ko
	sh script bare || return 1
	rmmod dmt_oracle
	insmod /dmt_oracle.ko
	dmatrace "$@" -f json -- taskset 1 sh script "$name" >"$name.json" || return 1
	rmmod dmt_oracle
}

guest()
{
	guest_script 'scale_devices 38400 1' 'scale_devices 38400 64' 'scale_devices 38400 64' \
		'scale_devices 38400 1' 'scale_cpus 10000 1' 'scale_cpus 10000 8'
	guest_scale stat stat || return 1
	# each call of a path never seen before, and then of one that was
	guest_script 'scale_stacks 10000 1' 'scale_stacks 10000 10000' 'scale_stacks 10000 10000'
	guest_scale stacks stacks --op map || return 1
	guest_scale paths live --stack || return 1
	# without whole call paths, which cost more than all else
	guest_script 'scale_live 30000 1' 'scale_live 30000 1000000' 'scale_live 30000 1'
	guest_scale live live -m 1048576
}

check()
{
	python3 - <<-'END'
		import collections, json, sys

		def added(name, what, many):
		    bare = int(open(f"bare.{what}.{many}").readline())
		    return [(int(line) - bare) / 1000 for line in open(f"{name}.{what}.{many}")]

		def calls(name, op):
		    return sum(int(line.split()[2]) for line in open(name + ".oracle")
		               if line.split()[0] == op)

		def losses(report):
		    return {name: count for name, count in report["losses"].items() if count}

		steep = []
		for name, what, many in (("stat", "devices", 64), ("stat", "cpus", 8),
		                         ("stacks", "stacks", 10000), ("paths", "stacks", 10000),
		                         ("live", "live", 1000000)):
		    one, *again = added(name, "scale_" + what, 1)
		    costs = added(name, "scale_" + what, many)
		    said = f"{name} adds {one:.0f} with 1 of {what}, with {many} {costs}, after {again}"
		    print(said)
		    if any(not 0.9 < cost / one < 1.1 for cost in costs + again):
		        steep.append(said)
		if steep:
		    sys.exit("; ".join(steep))

		report = json.load(open("stat.json"))
		maps = collections.Counter()
		for row in report["aggregates"]:
		    if row["op"] == "map":
		        maps[row["device"]] += row["calls"]
		assert sum(maps.values()) == calls("stat", "map"), maps
		assert all(maps[f"dmt_scale.{i}"] == 1200 + 2 * 38400 * (not i) for i in range(64)), maps
		assert not losses(report), losses(report)

		report = json.load(open("stacks.json"))
		known = [row for row in report["stacks"] if row["frames"]]
		seen = sum(row["calls"] for row in known)
		lost = losses(report).pop("stacks_lost")
		print(f"of {calls('stacks', 'map')} calls {seen} have a path, {lost} have none")
		assert seen + lost == calls("stacks", "map") == 30000, (seen, lost)
		assert list(losses(report)) == ["stacks_lost"], losses(report)
		# 370 of 10,000 find their place taken, of which 27 twice, give or take five
		assert 10 <= lost <= 100, lost
		# they differ in where descend() calls itself, and rows in names
		assert len(known) == 1, len(known)
		names = collections.Counter(f.split()[0] for row in known for f in row["frames"])
		assert names["descend"] == 15 * len(known), names
		assert all(row["frames"][0].startswith("dma_map_page") for row in known)

		report = json.load(open("live.json"))
		given_back = sum(row["given_back"] for row in report["lifetimes"])
		assert given_back == calls("live", "unmap") == 30000 * 3 + 999999, given_back
		assert not report["live"] and not losses(report), losses(report)
	END
}
