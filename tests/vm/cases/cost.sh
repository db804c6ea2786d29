# SPDX-License-Identifier: GPL-2.0
# What tracing costs: instructions that a map and unmap of one buffer take more than bare, under a
# clock that counts instructions; timed, only counted, followed, and timed by kprobes.  While nobody
# calls, dmatrace itself does not run at all, but for writing a recording at intervals.  By the same
# clock, a start.
icount=yes

# What was measured, and some per cent.  `make bench` prints what it is elsewhere.
limits='stat 1260
no-latency 520
live 1960
kprobe 2560'
limit_on=1.5		# seconds of a core that executes 10^9 instructions in each

applies()
{
	[ "$KERNEL-$ARCH-$IOMMU" = 6.12-amd64-none ] ||
		{ echo "the limit is for 6.12-amd64-none"; return 1; }
}

guest_bench()
{
	echo reset >/dev/dmt_oracle
	echo bench 20000 256 >/dev/dmt_oracle
	sed -n 's/^info bench_ns_per_pair_thousandths //p' /dev/dmt_oracle
}

guest_traced()	# COMMAND NAME OPTION...
{
	command=$1 name=$2
	shift 2
	cut -d ' ' -f 1 /proc/uptime >"$name.begun"
	dmatrace "$command" -f json "$@" -- sh script "$name" >"$name.json"
	sed -n 's/^info bench_ns_per_pair_thousandths //p' /dev/dmt_oracle >"$name"
}

guest()
{
	insmod /dmt_oracle.ko
	# 7.2 takes 531 instructions for a pair until the functions were traced once, then 179
	dmatrace stat -d 10ms >/dev/null
	guest_bench >bare
	cat >script <<-'END'
		cut -d ' ' -f 1 /proc/uptime >"$1.on"
		echo reset >/dev/dmt_oracle
		echo bench 20000 256 >/dev/dmt_oracle
		for when in before after; do
			sleep 3
			cat "/proc/$PPID/schedstat"
			cut -d ' ' -f 14,15 "/proc/$PPID/stat"
			sed -n 's/^voluntary_ctxt_switches://p' "/proc/$PPID/status"
		done >"$1.ran"
	END
	guest_traced stat stat
	guest_traced stat no-latency --no-latency -o ticking.db --interval 1s
	guest_traced live live
	guest_traced stat kprobe -w kprobe
}

check()
{
	# the module warms up first: N, a tenth of it and one
	python3 - <<-'END'
		import json
		for name in "stat", "no-latency", "kprobe":
		    rows = {a["op"]: a for a in json.load(open(name + ".json"))["aggregates"]}
		    for op in "map", "unmap":
		        assert rows[op]["calls"] == 22001, (name, rows[op]["calls"])
		        latency = rows[op]["latency"]
		        assert latency is None if name == "no-latency" else latency["count"] == 22001
		    assert rows["map"]["path"] == "direct", rows["map"]["path"]
		row, = json.load(open("live.json"))["lifetimes"]
		assert (row["op"], row["given_back"]) == ("map", 22001), row
	END
	# ns on a CPU, in ticks of user and system, and switches; and all that once more
	[ "$(head -n 3 stat.ran)" = "$(tail -n 3 stat.ran)" ] ||
		{ cat stat.ran; echo "it ran while nothing was to be done"; return 1; }
	ticks=$(($(sed -n 6p no-latency.ran) - $(sed -n 3p no-latency.ran)))
	[ "$ticks" -ge 2 ] && [ "$ticks" -le 4 ] ||
		{ echo "in 3 s it woke $ticks times, with an interval of 1 s"; return 1; }
	for name in stat no-latency live; do
		paste -d ' ' "$name.begun" "$name.on" |
			awk -v name="$name" -v limit="$limit_on" '{ print name, "is on after", $2 - $1, "s" }
				$2 - $1 > limit { exit 1 }' || return 1
	done
	bare=$(cat bare)
	while read -r name most; do
		added=$((($(cat "$name") - bare) / 1000))
		echo "$name adds $added to $((bare / 1000)) instructions, limit $most"
		[ "$added" -le "$most" ] || return 1
	done <<<"$limits"
}
