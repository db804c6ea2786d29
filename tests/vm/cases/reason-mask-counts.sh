# SPDX-License-Identifier: GPL-2.0
# Without latencies, a device some of whose maps bounce: those before, between and after do not.
# One that fails shows no address: its path is told by the bounces, which are as many.
. "$here/cases/path.inc"
mem=5120M

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	6.12-amd64-none | 6.12-arm64-none)	;;
	*)	echo "two cells watch a map at its return alone"; return 1 ;;
	esac
}

guest_steps()
{
	cat <<-END
		map 25 4096 to_device : direct
		mask 32 :
		map 20 600 to_device : bounce
		map 21 4096 from_device : bounce
		mask 64 :
		map 30 600 to_device : direct
		sg 27 4 4096 bidirectional : direct
	END
}

guest()
{
	guest_classes --no-latency || return 1
	guest_load || return 1
	cat >script <<-'END'
		echo 'mask 28' >/dev/dmt_oracle
		echo 'map 10 4096 to_device' >/dev/dmt_oracle
	END
	dmatrace stat --no-latency -f json -- sh script >failed.json || return 1
	rmmod dmt_oracle
}

check()
{
	check_classes mask
	# the kernel refuses such a mask where memory begins above it
	[ "$ARCH" = amd64 ] || return 0
	python3 - <<-'END'
		import json
		rows = [a for a in json.load(open("failed.json"))["aggregates"] if a["op"] == "map"]
		seen = [(a["path"], a["calls"], a["errors"]) for a in rows if a["driver"] == "dmt_oracle"]
		assert seen == [("bounce", 10, 10)], seen
	END
}
