# SPDX-License-Identifier: GPL-2.0
# dmatrace starts and stops, one plan after the other, for a minute, or CYCLES times: nothing is
# left of those that ended, neither what the kernel lists nor memory.
. "$here/cases/running.inc"
cycles=${CYCLES:-0}
timeout=$((200 + cycles * 6))

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	6.12-amd64-none)	;;
	*)	echo "it takes a minute: one cell will do"; return 1 ;;
	esac
}

eval "guest_wanted()
{
	echo $cycles
}"

# All of them are hooked seldom, as that takes three times as long.
guest_plan()	# NUMBER
{
	case $(($1 % 50)) in
	0)	echo live ;;
	25)	echo stat ;;
	*)	case $(($1 % 5)) in
		0)	echo record -o run.db -p mmap ;;
		1)	echo stat -p mmap -w fentry ;;
		2)	echo stat -p mmap -w kprobe ;;
		3)	echo stat -p map --no-latency ;;
		4)	echo trace -S -p mmap ;;
		esac ;;
	esac
}

guest_once()	# NUMBER
{
	# shellcheck disable=SC2046	# a list of options
	dmatrace $(guest_plan "$1") -- true >out 2>err ||
		{ echo "$(guest_plan "$1"): $(cat err)"; exit 1; }
	rm -f run.db
}

# NUMBER, what there is of programs, maps and links, of kprobe events and open files, and KiB of
# memory: slabs that cannot be had back, vmalloc()ed, per CPU, and free, each CPU's own included.
guest_sample()	# NUMBER
{
	guest_until guest_nothing_left
	sleep 2
	echo 3 >/proc/sys/vm/drop_caches
	# shellcheck disable=SC2046	# a list of numbers
	echo "$1" $(bpfids | tr -cd '0-9 ') $(wc -l </sys/kernel/tracing/kprobe_events) \
		$(cut -f 1 /proc/sys/fs/file-nr) \
		$(awk '/^(SUnreclaim|Percpu|VmallocUsed):/ { print $2 }
			/^MemFree:/ { free += $2 }
			/^ *count:/ { free += $2 * 4 }
			END { print free }' /proc/meminfo /proc/zoneinfo) >>samples
}

guest_on()	# NUMBER END
{
	if [ "$(guest_wanted)" = 0 ]; then
		[ "$(cut -d. -f1 /proc/uptime)" -lt "$2" ]
	else
		[ "$1" -lt "$(guest_wanted)" ]
	fi
}

guest()
{
	local end n=0

	end=$(($(cut -d. -f1 /proc/uptime) + 60))
	# once each, for what stays for good
	for plan in 0 1 2 3 4 5 25; do
		guest_once "$plan"
	done
	guest_sample 0
	while guest_on $n $end; do
		n=$((n + 1))
		guest_once $n
		[ $((n % 25)) != 0 ] || guest_sample $n
	done
	guest_sample $n
}

check()
{
	python3 - <<-'END'
		samples = [list(map(int, line.split())) for line in open("samples")]
		first, last = samples[0], samples[-1]
		files, slab, vmalloc, percpu, free = [b - a for a, b in zip(first[5:], last[5:])]
		print(f"{last[0]} times; files {files:+}, KiB of slabs {slab:+}, "
		      f"vmalloc {vmalloc:+}, per CPU {percpu:+}, free {free:+}")
		assert last[0] >= 5, last
		assert first[1:5] == last[1:5] == [0, 0, 0, 0], (first, last)
		assert files < 5, samples
		assert slab < 2048 and vmalloc < 256 and percpu < 256, samples
		assert free > -8192, samples
	END
}
