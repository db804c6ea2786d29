# SPDX-License-Identifier: GPL-2.0
# Limits held against what the oracle module did: what they exit with is what it did.
. "$here/cases/cells.inc"
. "$here/cases/load.inc"
timeout=400
mem=5120M

applies()
{
	enough_in 5.10-amd64-none 7.x-amd64-none
}

# What the module is to do, then the limits; exit code and report stay in NAME.code, NAME.json.
guest_check()	# NAME COMMANDS OPTION...
{
	local name=$1 code=0

	printf '%s\n' "$2" >commands
	shift 2
	echo reset >/dev/dmt_oracle
	cat >script <<-'END'
		while read -r command; do
			echo "$command" >/dev/dmt_oracle || exit 1
		done <commands
		cat /dev/dmt_oracle >oracle
	END
	dmatrace check -f json --junit "$name.xml" "$@" -- sh -u script \
		>"$name.json" 2>"$name.err" || code=$?
	echo "$code" >"$name.code"
	mv oracle "$name.oracle"
}

guest()
{
	guest_load || return 1
	set -- --driver dmt_oracle
	guest_check pass 'map 200 4096 to_device' "$@" --max errors=0 --max bounced=0 \
		--max 'map.max=10s' --min map.calls=200 --max map.calls=200 --max map.bytes=800K
	guest_check calls 'map 201 4096 to_device' "$@" --max map.calls=200
	guest_check idle 'map 199 4096 to_device' "$@" --min map.calls=200
	# a mask that memory is above of: without an IOMMU it bounces
	printf 'mask 32\nmap 30 4096 to_device\nmask 64\n' >bounces
	guest_check bounced "$(cat bounces)" "$@" --max bounced=29
	guest_check bounced30 "$(cat bounces)" "$@" --max bounced=30 --min map.calls=30
	# more memory than such a mask reaches
	guest_check errors "$(printf 'mask 28\nalloc 3 512M kernel\nmask 64')" "$@" --max errors=2
	guest_check leak 'leak 7 93' "$@" --max map.live-growth=6 --max unmap.calls=93
	guest_check leak7 'leak 7 93' "$@" --max map.live-growth=7 --min map.calls=100
	guest_check unmatched 'map 5 4096 to_device' "$@" --max map_sg.errors=0
	guest_check nobody 'map 5 4096 to_device' --max 'no-such-*:errors=0'
	# by tracepoints no time is known, on kernels without any nothing can be watched
	guest_check blind 'map 5 4096 to_device' "$@" --max map.p50=10s --ways tracepoint
	# more than are followed at a time
	guest_check lossy "$(printf 'hold 66000 64\nrelease')" "$@" --max live-growth=0
	guest_check failing "$(printf 'map 5 4096 to_device\nno such thing')" "$@" --max errors=0
	echo 'echo map 5 4096 to_device >/dev/dmt_oracle; exec sleep 60' >script
	dmatrace check --max errors=0 --junit cancelled.xml -- sh script \
		>/dev/null 2>cancelled.err &
	dmatrace=$!
	until pidof sleep >/dev/null; do usleep 100000; done
	kill "$dmatrace"
	code=0
	wait "$dmatrace" || code=$?
	echo "$code" >cancelled.code
	rmmod dmt_oracle
}

exits()	# NAME CODE
{
	[ "$(cat "$1.code")" = "$2" ] && return
	echo "$1: exit $(cat "$1.code"), not $2: $(head -n 1 "$1.err")"
	return 1
}

# What was measured of the first limit is what the module did.
measured()	# NAME NUMBER
{
	python3 - "$@" <<-'END'
		import json, sys
		got = json.load(open(sys.argv[1] + ".json"))["verdicts"][0]["measured"]
		if got != int(sys.argv[2]):
		    sys.exit(f"{sys.argv[1]}: measured {got}, not {sys.argv[2]}")
	END
}

check_grown()
{
	grep -qx 'info leaked 7' leak.oracle
	# where drivers need not unmap, nobody knows
	case $KERNEL-$IOMMU in
	7.x-none)	exits leak 5 && exits leak7 5 ;;
	*)		exits leak 4 && exits leak7 0 && measured leak 7 ;;
	esac
}

check_bounced()
{
	if [ "$IOMMU" = none ]; then
		exits bounced 4 && exits bounced30 0 && measured bounced 30
	else
		exits bounced 0 && exits bounced30 0 && measured bounced 0
	fi
}

check()
{
	exits pass 0
	exits calls 4
	measured calls 201
	exits idle 4
	measured idle 199
	check_bounced
	exits errors 4
	measured errors 3
	check_grown
	exits unmatched 2
	exits nobody 2
	case $KERNEL in
	5.10)	exits blind 3 ;;
	*)	exits blind 5 ;;
	esac
	case $KERNEL-$IOMMU in
	7.x-none)	;;
	*)	exits lossy 5
		grep -q '"why":"lost: held_full' lossy.json ;;
	esac
	exits failing 1
	grep -q "'sh' exited with 1" failing.err
	grep -q '<failure type="failed" message="measured 1"/>' failing.xml
	exits cancelled 5
	grep -q "'sh' was still running" cancelled.err
	grep -q '<error type="incomplete" .*a signal ended the run' cancelled.xml
	for name in pass calls leak unmatched failing cancelled; do
		xmllint --noout --schema "$here/../unit/junit.xsd" $name.xml
	done
}
