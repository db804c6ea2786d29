# SPDX-License-Identifier: GPL-2.0
# How long it takes until every hook of a default stat is on, by a clock that counts instructions,
# and that neither the report nor whoever reads it waits for the hooks to be taken off.  That
# /proc/kallsyms, which the kernel takes long to write, is read only where kprobes or a kernel that
# says no addresses make it necessary.
icount=yes
smp=2
# seconds of 10^9 instructions each, of both CPUs: what was measured, and some per cent
case $KERNEL-$ARCH in
7.x-amd64)	limit=2.5 ;;
7.x-arm64)	limit=2.2 ;;
*)		limit=1.5 ;;	# as cost has it
esac

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	6.12-amd64-none | 7.x-amd64-none | 7.x-arm64-none)	;;
	*)	echo "the limit is for 6.12 and 7.x"; return 1 ;;
	esac
}

guest_now()
{
	cut -d' ' -f1 /proc/uptime
}

guest_opened()
{
	awk '$1 == "opened" { print $2 }' /sys/kernel/tracing/kprobe_profile
}

guest_symbols()
{
	local restrict

	restrict=$(cat /proc/sys/kernel/kptr_restrict)
	echo 'p:symbols/opened kallsyms_open' >>/sys/kernel/tracing/kprobe_events
	echo 1 >/sys/kernel/tracing/events/symbols/opened/enable
	dmatrace stat -d 10ms >default
	guest_opened
	dmatrace hooks >hooks-asked
	guest_opened
	echo 2 >/proc/sys/kernel/kptr_restrict
	dmatrace hooks >hooks-read
	guest_opened
	echo "$restrict" >/proc/sys/kernel/kptr_restrict
	dmatrace stat -w kprobe -p map -d 10ms >by-kprobe
	guest_opened
	echo 0 >/sys/kernel/tracing/events/symbols/opened/enable
	echo '-:symbols/opened' >>/sys/kernel/tracing/kprobe_events
}

guest()
{
	for try in 1 2; do
		guest_now >begin
		dmatrace stat -f json -- sh -c "cut -d' ' -f1 /proc/uptime >on" | { cat >stat.json; guest_now >seen; }
		guest_now >end
		echo "$(cat begin) $(cat on) $(cat seen) $(cat end)"
	done >took
	dmatrace stat -v -d 100ms 2>progress >report
	guest_symbols >opened
}

check()
{
	cat took
	grep -q attaching progress
	[ "$(xargs <opened)" = "0 0 1 2" ] || { echo "kallsyms opened: $(xargs <opened)"; return 1; }
	grep -q ' on ' hooks-asked
	diff hooks-asked hooks-read
	[ "$(grep -o '"status":"on"' stat.json | wc -l)" -ge 22 ]
	awk -v limit="$limit" '{ on = $2 - $1; report = $3 - $2; gone = $4 - $3
	       if (on > limit) why = "hooks on after " on " s, limit " limit
	       if (report > 1 || report > gone + 0.5) why = "the report waited for the detach" }
	     END { if (why) { print why; exit 1 } }' took
}
