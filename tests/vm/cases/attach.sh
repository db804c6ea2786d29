# SPDX-License-Identifier: GPL-2.0
# How long it takes until every hook of a default stat is on, and that neither the report nor
# whoever reads it waits for the hooks to be taken off.
alone=yes
smp=2
limit=3
# 2.5 s here; a busier machine is to fail nobody's change
[ "$KERNEL" != 7.x ] || limit=3.5

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

guest()
{
	for try in 1 2 3 4 5; do
		guest_now >begin
		dmatrace stat -f json -- sh -c "cut -d' ' -f1 /proc/uptime >on" | { cat >stat.json; guest_now >seen; }
		guest_now >end
		echo "$(cat begin) $(cat on) $(cat seen) $(cat end)"
	done >took
	dmatrace stat -v -d 100ms 2>progress >report
}

check()
{
	cat took
	grep -q attaching progress
	[ "$(grep -o '"status":"on"' stat.json | wc -l)" -ge 22 ]
	awk -v limit="$limit" '{ on = $2 - $1; report = $3 - $2; gone = $4 - $3
	       if (!NR || on < best) best = on
	       if (report > 1 || report > gone + 0.5) late = 1 }
	     NR == 1 { best = on }
	     END { if (best > limit) { print "hooks on after " best " s, limit " limit; exit 1 }
	           if (late) { print "the report waited for the detach"; exit 1 } }' took
}
