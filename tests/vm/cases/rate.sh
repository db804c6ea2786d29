# SPDX-License-Identifier: GPL-2.0
# 100,000 events a second, in bursts of 10,000, and none is lost, where what makes the calls and
# what reads the events share one core, which executes an instruction a ns.  All of them would fill
# the buffer three times; that of a recording is smaller here than it is by default.  And where only
# counts are recorded, calls take no longer than they do for a report of them.
. "$here/cases/rounds.inc"
timeout=200

guest_rate()	# NAME COMMAND...
{
	local name=$1

	shift
	# bench makes a tenth of its calls before it measures
	cat >script <<-END
		cut -d ' ' -f 1 /proc/uptime >$name.time
		for round in 1 2 3 4 5 6 7 8 9 10; do
			echo bench 4545 256 >/dev/dmt_oracle
			usleep 65000
		done
		cut -d ' ' -f 1 /proc/uptime >>$name.time
	END
	dmatrace "$@" -- sh -u script >/tmp/rate.out || return 1
	grep -c dmt_oracle /tmp/rate.out >"$name.count"
	tail -n 1 /tmp/rate.out >"$name.end"
	rm /tmp/rate.out
}

# What a call takes, in thousandths of an instruction, with a clock that counts them.
guest_cost()	# COMMAND...
{
	echo 'echo bench 5000 256 >/dev/dmt_oracle' >script
	dmatrace "$@" -- sh -u script >"$1.cost.out" || return 1
	sed -n 's/^info bench_ns_per_pair_thousandths //p' /dev/dmt_oracle >"$1.cost"
}

guest()
{
	insmod /dmt_oracle.ko
	guest_rate text trace || return 1
	guest_rate json trace -f json || return 1
	guest_rate record record --events -b 4M -o record.db || return 1
	guest_cost stat || return 1
	guest_cost record -o cost.db || return 1
	rmmod dmt_oracle
}

check()
{
	python3 - <<-'END'
		import json, sqlite3, sys
		db = sqlite3.connect("record.db")
		lost = {"text": open("text.end").read().strip() != "# losses: none",
		        "json": json.loads(open("json.end").read())["losses"]["events_lost"],
		        "record": db.execute("SELECT count FROM losses WHERE name = 'events_lost'").fetchone()[0]}
		seen = {name: int(open(name + ".count").read()) for name in ("text", "json")}
		seen["record"] = db.execute("SELECT count(*) FROM events WHERE driver = 'dmt_oracle'").fetchone()[0]
		for name in lost:
		    begin, end = map(float, open(name + ".time").read().split())
		    rate = seen[name] / (end - begin)
		    print(f"{name}: {seen[name]} events, {rate:.0f} a second, lost: {lost[name]}")
		    if lost[name] or seen[name] != 100000 or rate < 100000:
		        sys.exit(f"{name}: {seen[name]} events, {rate:.0f} a second, lost: {lost[name]}")
		stat, record = (int(open(name + ".cost").read()) for name in ("stat", "record"))
		if record > stat * 1.01:
		    sys.exit(f"recorded, a call takes {record / 1000:.0f} instructions, not {stat / 1000:.0f}")
	END
}
