# SPDX-License-Identifier: GPL-2.0
# Signals end the measurement, not the report; a second one ends the program, and so does one
# that comes while attaching.  Also who ends first, the command or the duration, and two at once.
. "$here/cases/cells.inc"
. "$here/cases/running.inc"
smp=$cpus

applies()
{
	enough_in 6.12-amd64-none 6.1-arm64-none
}

guest_once()
{
	local signal

	for signal in INT TERM HUP QUIT; do
		guest_run $signal -p map
		guest_until guest_is_tracing
		kill -$signal "$pid"
		guest_wait $signal
	done
}

# The report cannot be written, because its pipe is full and never read.
guest_twice()
{
	mkfifo pipe
	exec 8<>pipe
	dd if=/dev/zero bs=4096 count=16 >&8 2>/dev/null
	deny background -- dmatrace stat -p map >&8 2>twice.err &
	pid=$!
	guest_until guest_is_tracing
	kill -INT "$pid"
	usleep 500000
	kill -INT "$pid"
	guest_wait twice
	exec 8>&-
	rm pipe
	guest_until guest_nothing_left
}

# 6.1 on arm64 has no fentry.
guest_ways()
{
	case $KERNEL-$ARCH in
	6.1-arm64)	echo kprobe ;;
	*)	echo kprobe fentry ;;
	esac
}

# In the midst of loading, from a shell's & that has SIGINT ignored.  Nothing is left, neither
# programs nor events.
guest_attaching()
{
	local way

	for way in $(guest_ways); do
		dmatrace stat -vv -w $way >$way.out 2>$way.err &
		pid=$!
		guest_until grep -q 'trial of' $way.err
		kill -INT "$pid"
		guest_wait $way
		guest_until guest_nothing_left
		guest_no_events || echo "$way" >>events.left
	done
	dmatrace hooks -p map >hooks
}

# What a caller ignores: SIGINT as a shell's & does, and SIGCHLD.
guest_ignored()
{
	local code=0

	dmatrace stat -p map >ignored.out 2>ignored.err &
	pid=$!
	guest_until guest_is_tracing
	kill -INT "$pid"
	guest_wait ignored
	(trap '' CHLD; exec dmatrace stat -p map -- sh -c 'exit 3') >child.out 2>child.err ||
		code=$?
	echo $code >child.code
}

guest_nohup()
{
	trap '' HUP
	guest_run nohup -p map
	trap - HUP
	guest_until guest_is_tracing
	kill -HUP "$pid"
	usleep 300000
	guest_is_tracing && echo yes >nohup.alive
	kill -TERM "$pid"
	guest_wait nohup
}

guest_command()
{
	local code=0

	dmatrace stat -p map -d 300ms -- sleep 1000 >command.out 2>command.err || code=$?
	echo $code >command.code
	usleep 300000
	pidof sleep >command.left
	code=0
	{ dmatrace stat -p map -d 300ms 2>reader.err || code=$?; echo $code >reader.code; } | true
	sync
}

guest()
{
	guest_once
	guest_twice
	guest_attaching
	guest_ignored
	guest_nohup
	guest_command
	insmod /dmt_oracle.ko
	dmatrace stat -f json -- dmatrace stat -f json -- sh -c 'echo mix 1 1 >/dev/dmt_oracle' >two
	cat /dev/dmt_oracle >oracle
	rmmod dmt_oracle
}

ended()	# NAME CODE: silently
{
	[ "$(cat "$1.code")" = "$2" ] && [ ! -s "$1.err" ] && return
	echo "$1: exit $(cat "$1.code"): $(head -n 1 "$1.err")"
	return 1
}

check_attaching()
{
	local way

	for way in $(guest_ways); do
		[ ! -s $way.out ] || { echo "$way: it reported"; return 1; }
		[ "$(cat $way.code)" = 130 ] || { echo "$way: exit $(cat $way.code)"; return 1; }
		grep -q '^dmatrace: interrupted by SIGINT while attaching; nothing' $way.err ||
			{ echo "$way: $(tail -n 1 $way.err)"; return 1; }
	done
	[ ! -e events.left ] || { echo "events of $(cat events.left)"; return 1; }
}

check()
{
	local name

	for name in INT TERM HUP QUIT nohup command; do
		ended $name 0
		# with those that tell its path
		grep -q '^hooks: [1-9] on, 0 off' $name.out || { echo "$name: no report"; return 1; }
	done
	ended twice 130
	ended ignored 0
	[ "$(cat child.code child.err)" = "1
dmatrace: 'sh' exited with 3" ]
	check_attaching
	grep -q '^map .* on ' hooks
	[ -s nohup.alive ]
	[ ! -s command.left ]
	ended reader 0
	head -n 1 two >inner
	tail -n 1 two >outer
	"$here/compare.py" inner oracle
	"$here/compare.py" outer oracle
}
