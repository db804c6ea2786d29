# SPDX-License-Identifier: GPL-2.0
# What happens to a machine while it is traced: a CPU goes and comes back, the clock is set on and
# back, and of three dmatrace two are stopped before the third.  Each counts every call, and times
# are those of a clock nobody sets.
. "$here/cases/load.inc"
. "$here/cases/running.inc"
smp=2

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	5.10-amd64-none | 7.x-amd64-none)	;;
	*)	echo "the oldest and the newest kernel will do"; return 1 ;;
	esac
}

guest_start()	# NAME ARGUMENT...: dmatrace, until it traces
{
	local name=$1

	shift
	deny background -- dmatrace "$@" >"$name.json" 2>"$name.err" &
	pid=$!
	guest_until guest_is_tracing
	echo "$pid $(guest_now)" >"$name.began"
}

guest_stop()	# NAME
{
	pid=$(cut -d' ' -f1 "$1.began")
	guest_now >"$1.ended"
	kill -INT "$pid"
	guest_wait "$1"
}

guest_now()
{
	cut -d' ' -f1 /proc/uptime
}

# Calls one after the other, by two tasks on any CPU, until the file is there.
guest_work()	# FILE
{
	for command in 'map 20 4096 to_device' 'sg 5 8 4096 from_device'; do
		until [ -e "$1" ]; do
			echo "$command" >/dev/dmt_oracle || echo "$command" >>refused
		done &
		workers="$workers $!"
	done
}

guest_worked()	# FILE
{
	: >"$1"
	for worker in $workers; do
		wait "$worker"
	done
	workers=''
}

guest_cpu()
{
	local turn

	for turn in 1 2 3; do
		echo 0 >/sys/devices/system/cpu/cpu1/online || return 1
		grep -c ^processor /proc/cpuinfo >>cpus
		echo 1 >/sys/devices/system/cpu/cpu1/online || return 1
		grep -c ^processor /proc/cpuinfo >>cpus
	done
}

guest_clock()	# SECONDS
{
	date -s "@$(($(date +%s) + $1))" >>dates
}

guest()
{
	local workers=''

	guest_load || return 1
	guest_start stat stat -f json
	guest_start record record -p map -p map_sg -o run.db --interval 200ms
	guest_start live live -f json
	guest_now >held
	echo hold_alloc 5 8192 >/dev/dmt_oracle
	guest_work first
	guest_cpu || { echo "no CPU went offline"; return 1; }
	guest_clock 1000000
	usleep 500000
	guest_clock -2000000
	usleep 500000
	# QEMU runs stale code where one CPU patches what another runs: nobody calls meanwhile
	guest_worked first
	guest_stop live
	guest_stop record
	cat /dev/dmt_oracle >record.oracle
	dmatrace stat -f json -i run.db >record.json
	guest_work second
	echo mix 1 1 >/dev/dmt_oracle
	echo release >/dev/dmt_oracle
	guest_worked second
	guest_stop stat
	cat /dev/dmt_oracle >stat.oracle
	guest_clock 1000000
	rmmod dmt_oracle
}

check()
{
	local name

	for name in stat record live; do
		[ "$(cat $name.code)" = 0 ] || { echo "$name: $(head -n 1 $name.err)"; return 1; }
	done
	[ ! -e refused ]
	[ "$(sort cpus | uniq -c | xargs)" = '3 1 3 2' ]
	"$here/compare.py" stat.json stat.oracle
	"$here/compare.py" record.json record.oracle
	python3 - <<-'END'
		import json, sqlite3
		number = lambda name: float(open(name).read().split()[-1])
		for name in "stat", "record", "live":
		    report = json.load(open(name + ".json"))
		    # /proc/uptime has hundredths; it takes a while until a signal is heard
		    least = number(name + ".ended") - number(name + ".began") - 0.02
		    took = report["duration_ns"] / 1e9
		    assert least <= took < least + 10, (name, took, least)
		    rows = report.get("aggregates", [])
		    assert all(a["latency"]["max_ns"] < report["duration_ns"]
		               for a in rows if a["latency"] and a["latency"]["count"]), name
		live = [(r["op"], r["count"], r["bytes"]) for r in report["live"]]
		assert live == [("alloc", 5, 40960)], live
		age = report["live"][0]["oldest_ns"] / 1e9
		least = number("live.ended") - number("held") - 0.5
		assert least <= age <= took, (least, age, took)
		ends = [end for end, in sqlite3.connect("run.db").execute(
		    "SELECT end_ns FROM intervals ORDER BY id")]
		assert ends == sorted(ends) and len(ends) > 5, ends
		assert ends[-1] == json.load(open("record.json"))["duration_ns"], ends[-1]
	END
}
