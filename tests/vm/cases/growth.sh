# SPDX-License-Identifier: GPL-2.0
# What grows and what does not, said the same by the report, a finding, a limit and a recording: a
# driver that unmaps other addresses than it maps, such that show it and such that do not; a ring
# that is turned once, slowly, or again and again; and memory that is not contiguous, left behind.
# Where drivers need not unmap nothing of it can be seen: on 7.x that takes a device that is not
# coherent.  Findings: mapping-leak, unmap-unseen.
. "$here/cases/cells.inc"
. "$here/cases/load.inc"
[ "$ARCH" != arm64 ] || firmware=noncoherent
timeout=400

applies()
{
	[ "$IOMMU" = none ] || { echo "an IOMMU gives back the page a wrong address is in"; return 1; }
	enough_in 5.10-amd64-none 6.12-amd64-none 7.x-arm64-none
}

# Nothing is behind such an address; to clean a cache there would be a fault.
guest_unreal()
{
	[ "$ARCH" = amd64 ]
}

# Eight times, so that there is some of it in most parts of the run.
guest_run()	# NAME COMMAND
{
	cat >script <<-END
		for i in 1 2 3 4 5 6 7 8; do
			echo $2 >/dev/dmt_oracle || exit 1
			sleep 0.4
		done
	END
	# an interval that is written delays the end, and so the parts of the run
	dmatrace live -f json -o "$1.db" --interval 1m -- sh script >"$1.json" &&
		dmatrace live -f json -i "$1.db" >"$1.again" || return 1
	dmatrace check -f json -i "$1.db" --max map.live-growth=0 >"$1.check"
	echo $? >"$1.exit"
	cat /dev/dmt_oracle >"$1.oracle"
}

guest()
{
	guest_load || return 1
	sed -n 's/^info device //p' /dev/dmt_oracle >device
	guest_run inside 'stray 25 64 0' || return 1
	if guest_unreal; then
		guest_run unreal 'stray 25 1T 4096' || return 1
	fi
	echo 'hold 200 4096' >/dev/dmt_oracle && guest_run slow 'refill 25' &&
		echo release >/dev/dmt_oracle || return 1
	echo 'hold 50 4096' >/dev/dmt_oracle && guest_run fast 'refill 100' &&
		echo release >/dev/dmt_oracle || return 1
	guest_run leak 'hold 25 4096' && echo release >/dev/dmt_oracle || return 1
	if [ "$KERNEL" != 5.10 ]; then
		guest_run pages 'hold_noncontiguous 2 64K' && echo release >/dev/dmt_oracle ||
			return 1
	fi
	rmmod dmt_oracle
}

check()
{
	"$here/compare_growth.py" "$(cat device)" inside slow fast leak || return 1
	! guest_unreal || "$here/compare_growth.py" "$(cat device)" unreal || return 1
	[ "$KERNEL" = 5.10 ] || "$here/compare_growth.py" "$(cat device)" pages || return 1
}
