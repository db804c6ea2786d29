# SPDX-License-Identifier: GPL-2.0
# One line for each call: those of the mix equal to the module's own numbers by operation and
# direction; the failures alone; slow ones; a sample; and that a call is either printed or counted
# as lost, when the buffer is too small and when nobody reads it.
. "$here/cases/cells.inc"
. "$here/cases/load.inc"
. "$here/cases/running.inc"
smp=$cpus
timeout=400
devices=nvme modules=nvme	# others there are, too

applies()
{
	enough_in 5.10-amd64-intel 7.x-arm64-none
}

guest_trace()	# NAME MODULE-COMMAND OPTION...
{
	local name=$1 command=$2

	shift 2
	echo reset >/dev/dmt_oracle
	dmatrace trace -f json "$@" -- sh script "$command" >"$name.json" || return 1
	cat /dev/dmt_oracle >"$name.oracle"
}

# A reader that is stopped while calls are made.
guest_stopped()
{
	deny background -- dmatrace trace -v -f json -b 64k -p map -p unmap \
		>stopped.json 2>stopped.err &
	pid=$!
	guest_until grep -q 'tracing;' stopped.err
	kill -STOP "$pid"
	sh script 'map 3000 4096 to_device'
	kill -CONT "$pid"
	kill -INT "$pid"
	guest_wait stopped
}

guest_streams()
{
	local code=0

	{ dmatrace trace -- sh script 'map 500 4096 to_device' 2>head.err; echo $? >head.code; } |
		head -n 3 >head.out
	dmatrace trace -- sh script 'map 500 4096 to_device' >/dev/full 2>full.err || code=$?
	echo $code >full.code
	dmatrace trace -p map -- sh script 'map 20 4096 to_device' >text
}

# The buffer is for one device alone, also when it comes late, and while another has much to do.
guest_one_device()
{
	cat >later <<-'END'
		insmod /dmt_oracle.ko
		echo map 20 4096 to_device >/dev/dmt_oracle
		cat /dev/dmt_oracle >later.oracle
	END
	# the module tries other calls when it loads
	dmatrace trace -f json -r 'dmt_[!x]*' -D '*:0?.?' -p map -p unmap -- sh later >later.json ||
		return 1
	guest_load || return 1
	sed -n 's/^info device //p' /dev/dmt_oracle >device
	cat >both <<-'END'
		dd if=/dev/nvme0n1 of=/dev/null bs=64k count=64 2>/dev/null &
		echo reset >/dev/dmt_oracle
		echo map 3000 4096 to_device >/dev/dmt_oracle
		cat /dev/dmt_oracle >both.oracle
		wait
	END
	dmatrace trace -f json -b 4096 -D "$(cat device)" -- sh both >both.json
}

guest()
{
	guest_one_device || return 1
	# a name that would turn a terminal red
	cat >script <<-'END'
		printf '\033[31mred' >/proc/$$/comm
		echo "$1" >/dev/dmt_oracle
	END
	guest_trace mix 'mix 1 1' || return 1
	guest_trace errors 'mix 1 1' -e || return 1
	guest_trace timed 'mix 1 1' -m 1ns || return 1
	guest_trace slow 'mix 1 1' -m 10us || return 1
	guest_trace small 'mix 1 1' -b 4096 || return 1
	guest_trace sampled 'map 5000 4096 to_device' -p map -p unmap -s 10 || return 1
	guest_trace stack 'map 20 4096 to_device' -p map --stack || return 1
	guest_trace few 'map 2000 4096 to_device' -p map -w kprobe -S -s 10 || return 1
	guest_trace sg 'sg 5 4 4096 to_device' -p map_sg || return 1
	guest_trace device 'map 20 4096 to_device' -p map -D "$(cat device)" || return 1
	guest_trace nodevice 'map 20 4096 to_device' -p map -r 'none*' || return 1
	guest_stopped
	guest_streams
	rmmod dmt_oracle
}

check()
{
	"$here/compare_events.py"
	[ "$(cat stopped.code)" = 0 ]
	[ "$(cat head.code)" = 0 ]
	[ -z "$(grep -v "^dmatrace: 'sh' was still running when .*; sent it SIGTERM$" head.err)" ]
	[ "$(wc -l <head.out)" = 3 ]
	[ "$(cat full.code)" = 1 ]
	grep -q 'No space left' full.err
	[ "$(grep -c ' map .*to_device ' text)" -ge 20 ]
	grep -q '^ *TIME CPU TASK .* OP ' text
	[ "$(grep -c "$(printf '\033')" text)" = 0 ]
	grep -q 'x1b\[31mred' text
	tail -n 1 text | grep -q '^# losses: '
}
