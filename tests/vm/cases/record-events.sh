# SPDX-License-Identifier: GPL-2.0
# A recording of events has every call of the module, or counts it as lost; trace prints of it what
# is there, and what it printed while the calls were made; latencies one by one and the histograms
# beside them have the same quantiles.  Two recorders get a file each; one that is killed leaves
# what was written.
. "$here/cases/cells.inc"
. "$here/cases/load.inc"
. "$here/cases/running.inc"
timeout=400

applies()
{
	enough_in 5.10-amd64-none 7.x-arm64-smmuv3
}

guest_record()	# NAME MODULE-COMMAND OPTION...
{
	local name=$1 command=$2

	shift 2
	echo reset >/dev/dmt_oracle
	dmatrace record --events -o "$name.db" "$@" -- sh script "$command" || return 1
	cat /dev/dmt_oracle >"$name.oracle"
	dmatrace trace -f json -i "$name.db" >"$name.trace" || return 1
	dmatrace stat -f json -i "$name.db" >"$name.stat" || return 1
}

# In the background, as $pid.
guest_background()	# NAME OPTION...
{
	local name=$1

	shift
	deny background -- dmatrace record --events --interval 200ms -p map "$@" >"$name.out" \
		2>"$name.err" &
	pid=$!
	guest_until guest_is_tracing
}

guest_refused()	# NAME OPTION...
{
	local name=$1 code=0

	shift
	dmatrace record -p map -o first.db -d 1s "$@" 2>"$name.err" || code=$?
	echo $code >"$name.code"
}

# Both see all; whoever wants a file that is being written gets none, and does it no harm.
guest_two()
{
	local first

	guest_background first -o first.db
	first=$pid
	guest_background second -o second.db
	echo 'map 500 4096 to_device' >/dev/dmt_oracle
	guest_refused third
	guest_refused forced --force
	kill -INT "$pid"
	guest_wait second
	pid=$first
	kill -INT "$pid"
	guest_wait first
}

# One traces what another records.
guest_live()
{
	dmatrace record --events -o live.db -p map -p unmap -- \
		dmatrace trace -f json -p map -p unmap -- \
		sh script 'map 200 4096 to_device' >live.live || return 1
	dmatrace trace -f json -p map -p unmap -i live.db >live.trace || return 1
}

guest_written()	# FILE
{
	dmatrace trace -i "$1" 2>/dev/null | grep -q ' to_device '
}

guest_killed()
{
	guest_background cut -o cut.db
	echo 'map 300 4096 to_device' >/dev/dmt_oracle
	guest_until guest_written cut.db
	kill -9 "$pid"
	guest_wait cut
	dmatrace trace -f json -i cut.db >cut.trace 2>cut.message || return 1
}

guest()
{
	guest_load || return 1
	sed -n 's/^info device //p' /dev/dmt_oracle >device
	echo 'echo "$1" >/dev/dmt_oracle' >script
	guest_record mix 'mix 1 1' || return 1
	guest_record small 'mix 1 1' -b 4096 || return 1
	guest_record stacks 'sg 20 4 4096 to_device' --with stacks -p map_sg || return 1
	dmatrace trace -f json -S -i stacks.db >stacks.deep || return 1
	dmatrace stacks -f json -p map_sg -i stacks.db >stacks.json || return 1
	guest_live || return 1
	guest_two
	guest_killed || return 1
	rmmod dmt_oracle
}

check()
{
	"$here/compare_recording.py"
	for name in third forced; do
		[ "$(cat $name.code)" = 1 ] || { echo "$name: exit $(cat $name.code)"; return 1; }
		[ "$(wc -l <$name.err)" = 1 ]
	done
	grep -q '^dmatrace: first.db exists; --force replaces it$' third.err
	grep -q '^dmatrace: first.db is being written by another recorder; ' forced.err
	grep -q 'the run was cut short' cut.message
}
