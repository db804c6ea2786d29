# SPDX-License-Identifier: GPL-2.0
# A report from a recording is, to the letter, the one given live at the end of the run; a recorder
# that is killed, or whose disk is full, leaves a file that holds all up to its last interval.
. "$here/cases/cells.inc"
. "$here/cases/load.inc"
. "$here/cases/running.inc"
timeout=240

applies()
{
	enough_in 5.10-amd64-none 6.1-arm64-none 6.12-amd64-intel 7.x-arm64-smmuv3
}

guest_both()	# NAME COMMAND OPTION...
{
	local name=$1

	shift
	dmatrace "$@" -o "$name.db" -- sh -u script >"$name.live" || return 1
	dmatrace "$@" -i "$name.db" >"$name.replay" || return 1
}

# Let it write some intervals in which something happens.
guest_intervals()	# FILE NAME
{
	dmatrace record -p map -o "$1" --interval 200ms >"$2.out" 2>"$2.err" &
	pid=$!
	guest_until guest_is_tracing
	echo 'map 40 4096 to_device' >/dev/dmt_oracle
	guest_until guest_written "$1"
}

# It can be read while it is written.
guest_written()	# FILE
{
	dmatrace stat -f json -i "$1" 2>/dev/null | grep -q '"direction":"to_device"'
}

guest_cut()
{
	guest_intervals cut.db cut
	kill -9 "$pid"
	guest_wait cut
	dmatrace stat -f json -i cut.db >cut.json 2>cut.message || return 1
}

guest_full()
{
	mkdir small
	mount -t tmpfs -o size=1m tmpfs small
	guest_intervals small/full.db full
	dd if=/dev/zero of=small/filler bs=4k 2>/dev/null
	echo 'map 2 4096 to_device' >/dev/dmt_oracle
	guest_wait full
	rm small/filler
	dmatrace stat -f json -i small/full.db >full.json 2>full.message || return 1
	cp small/full.db .
	umount small
}

guest()
{
	guest_load || return 1
	echo 'echo mix 1 1 >/dev/dmt_oracle' >script
	guest_both json stat -f json || return 1
	guest_both folded stacks -f folded -p alloc || return 1
	guest_both live live -f json || return 1
	echo reset >/dev/dmt_oracle
	guest_cut
	guest_full
	rmmod dmt_oracle
}

maps()	# FILE: how many calls it has of map
{
	python3 -c 'import json, sys
print(sum(a["calls"] for a in json.load(sys.stdin)["aggregates"] if a["op"] == "map"))' <"$1"
}

# There may have been room for one interval more.  What there is fits together.
check_full()
{
	python3 - "$(maps full.json)" <<-'END'
		import sqlite3, sys
		db = sqlite3.connect("full.db")
		ask = lambda sql: db.execute(sql).fetchone()[0]
		total = int(sys.argv[1])
		if ask("PRAGMA integrity_check") != "ok":
		    sys.exit("full: the file is damaged")
		if total not in (40, 42) or ask("SELECT sum(calls) FROM interval_calls JOIN series "
		                                "ON series = series.id WHERE op = 'map'") != total:
		    sys.exit(f"full: {total} maps")
	END
}

check()
{
	local name

	for name in json folded live; do
		[ -s "$name.live" ] || { echo "$name: no report"; return 1; }
		cmp "$name.live" "$name.replay"
	done
	[ "$(maps cut.json)" = 40 ] || { echo "cut: $(maps cut.json) maps"; return 1; }
	grep -q 'the run was cut short' cut.message
	[ "$(cat full.code)" = 1 ] || { echo "full: exit $(cat full.code)"; return 1; }
	grep -q '^dmatrace: cannot write small/full.db: database or disk is full$' full.err
	[ "$(wc -l <full.err)" = 1 ]
	check_full
}
