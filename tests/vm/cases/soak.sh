# SPDX-License-Identifier: GPL-2.0
# Half a minute of load by three tasks and a timer, recorded five times a second, while another
# dmatrace starts and stops as often as it can (a thousand times takes half an hour here): every
# call is counted, nothing of those that ended is left, and the recorder does not grow.
. "$here/cases/load.inc"
. "$here/cases/running.inc"
smp=2
timeout=240

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	6.12-amd64-none)	;;
	*)	echo "it takes a minute: one cell will do"; return 1 ;;
	esac
}

guest_now()	# in seconds
{
	cut -d. -f1 /proc/uptime
}

guest_work()	# COMMAND
{
	until [ -e enough ]; do
		echo "$1" >/dev/dmt_oracle || echo "$1" >>refused
	done
}

guest_size()	# of the recorder: descriptors, and KiB of memory
{
	local fds

	set -- /proc/"$recorder"/fd/*
	fds=$#
	sed -n "s/^VmRSS:[[:space:]]*\([0-9]*\) kB/$fds \1/p" "/proc/$recorder/status"
}

# What the kernel has: of all that is counted, and memory that is free, in KiB.
guest_kernel()
{
	bpfids
	wc -l </sys/kernel/tracing/kprobe_events
	sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo
}

# It attaches to nothing the load calls, see faults.sh.
guest_once()	# WAY
{
	dmatrace stat -f json -p mmap -w "$1" -- true >once.json || echo "$1" >>failed
}

guest_nothing_new()
{
	[ "$(bpfids)" = "$(head -n 1 before)" ]
}

guest()
{
	local end workers=''

	guest_load || return 1
	deny background -- dmatrace record -o run.db --interval 200ms 2>record.err &
	pid=$! recorder=$!
	guest_until guest_is_tracing
	for command in 'nest 400 200' 'alloc_pages 50 4096 to_device' 'sg 20 8 4096 from_device'; do
		guest_work "$command" &
		workers="$workers $!"
	done
	# once each, for what stays for good
	guest_once fentry
	guest_once kprobe
	guest_kernel >before
	guest_size >sizes
	end=$(($(guest_now) + 30))
	while [ "$(guest_now)" -lt $end ]; do
		guest_once fentry
		guest_once kprobe
		echo >>turns
	done
	guest_until guest_nothing_new
	guest_size >>sizes
	guest_kernel >after
	: >enough
	for worker in $workers; do
		wait "$worker"
	done
	kill -INT "$recorder"
	guest_wait record
	cat /dev/dmt_oracle >oracle
	dmatrace stat -f json -i run.db >stat.json
	rmmod dmt_oracle
	guest_until guest_nothing_left
}

check()
{
	[ "$(cat record.code)" = 0 ] || { echo "$(head -n 1 record.err)"; return 1; }
	[ ! -e refused ] && [ ! -e failed ]
	"$here/compare.py" stat.json oracle
	python3 - <<-'END'
		times = 2 * len(open("turns").readlines())
		(fds, rss), (fds_after, rss_after) = [map(int, line.split()) for line in open("sizes")]
		before, after = [open(name).read().split("\n") for name in ("before", "after")]
		print(f"{times} times; {before} then {after}; recorder {rss} then {rss_after} KiB")
		assert times >= 4, times
		assert after[:2] == before[:2], (before, after)
		# tables are given back in the kernel's own time; one dmatrace has 11 MiB of them
		assert int(before[2]) - int(after[2]) < 48 << 10, (before, after)
		# while it writes, SQLite has its journal open
		assert abs(fds_after - fds) <= 2, (fds, fds_after)
		assert rss_after < rss + 1024, (rss, rss_after)
	END
}
