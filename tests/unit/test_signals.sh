#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Signals, in each phase of a run, and inherited ignored or blocked.  What takes tracing is skipped
# where the kernel or the privileges do not allow it.  Speaks TAP.
#
# The shell starts background jobs with SIGINT and SIGQUIT ignored, so all runs here begin so.
set -u
# shellcheck source=tests/unit/tap.inc
. "$(dirname "$0")/tap.inc"

until_true()	# COMMAND...: for 20 seconds at most
{
	tries=400
	until "$@" 2>/dev/null; do
		sleep 0.05
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
	done
}

start()	# NAME COMMAND...: in the background, as $pid
{
	name=$1
	shift
	"$@" >"$dir/$name.out" 2>"$dir/$name.err" &
	pid=$!
}

# Once all is attached and COMMAND runs, it keeps only the capabilities in man/dmatrace.1.
is_tracing()
{
	grep -q '^CapPrm:.*c40000002[46]$' "/proc/$pid/status"
}

# It has no capability by then; and it catches SIGINT.
is_serving()
{
	grep -q '^CapPrm:.*0000$' "/proc/$pid/status" &&
		grep -q '^SigCgt:.*[2367abef]$' "/proc/$pid/status"
}

is_over()
{
	# a child that nobody waited for yet is a zombie
	! grep -q '^State:.[^Z]' "/proc/$pid/status"
}

signal()	# SIGNAL CONDITION...: send it once that is true
{
	sent=$1
	shift
	until_true "$@" || return
	kill "-$sent" "$pid"
}

ended()	# CODE: true when the run did so, of which $why then says how it was
{
	until_true is_over || kill -KILL "$pid"
	code=0
	wait "$pid" || code=$?
	why="exit $code, not $1: $(tail -n 1 "$dir/$name.err")"
	[ "$code" = "$1" ]
}

reported()
{
	why="no report: $(tail -n 1 "$dir/$name.err")"
	grep -q '^hooks: [1-9]' "$dir/$name.out"
}

says()	# LINE: the last one on stderr
{
	why="said: $(tail -n 1 "$dir/$name.err")"
	[ "$(tail -n 1 "$dir/$name.err")" = "dmatrace: $1" ]
}

holds()	# COMMAND...: the verdict of test $name, unless there was one
{
	[ -z "$missed" ] || return 0
	"$@" || missed=$why
}

# A test is a function, and its name that of the test.  All run at the same time.
run()	# FUNCTION [ARGUMENT]...
{
	test=$(echo "$*" | tr '_ ' '--')
	(
		missed='' why=''
		"$@"
		verdict "$test" ${missed:+"$missed"}
	) >"$dir/$test.tap" &
}

# With -vvv it says more than a pipe takes, so it cannot have attached before that is read.
attaching()	# SIGNAL CODE COMMAND
{
	name=attaching-$1-$3
	mkfifo "$dir/$name"
	"$dmatrace" "$3" -vvv -p map >"$dir/$name.out" 2>"$dir/$name" &
	pid=$!
	{
		grep -q -m 1 'trial of'
		kill "-$1" "$pid"
		cat >"$dir/$name.err"
	} <"$dir/$name"
	holds ended "$2"
	holds says "interrupted by SIG$1 while attaching; nothing was measured"
	why='printed something'
	holds [ ! -s "$dir/$name.out" ]
}

measuring()	# SIGNAL
{
	# tests may run under nohup(1)
	start "measuring-$1" env --default-signal=HUP "$dmatrace" stat -p map
	signal "$1" is_tracing
	holds ended 0
	holds reported
}

measuring_trace()
{
	start measuring-trace "$dmatrace" trace -p map
	signal INT is_tracing
	holds ended 0
	why='no end'
	holds grep -q 'events' "$dir/$name.out"
}

# SIGINT is blocked and SIGHUP ignored by the caller.
others_change_nothing()
{
	start others env --block-signal=INT --ignore-signal=HUP "$dmatrace" stat -p map
	signal HUP is_tracing
	kill -USR1 "$pid"
	kill -USR2 "$pid"
	sleep 0.3
	why='it ended'
	holds is_tracing
	signal INT true
	holds ended 0
	holds reported
}

# The report cannot be written, as nobody reads: the first one ends the measurement.
second_one_kills()
{
	mkfifo "$dir/stuck"
	exec 8<>"$dir/stuck"
	dd if=/dev/zero bs=4096 count=16 2>/dev/null >&8
	"$dmatrace" stat -p map >&8 2>"$dir/second.err" &
	pid=$! name=second
	signal INT is_tracing
	sleep 0.5
	why='it ended by the first one'
	holds kill -0 "$pid"
	signal INT true
	holds ended 130
	exec 8>&-
}

# As timeout(1) sends them.
twice_at_once_is_once()
{
	start twice "$dmatrace" stat -p map
	until_true is_tracing
	kill -INT "$pid" "$pid"
	holds ended 0
	holds reported
}

child_ignored()
{
	start child-ignored env --ignore-signal=CHLD "$dmatrace" stat -p map -- sh -c 'exit 3'
	holds ended 1
	holds says "'sh' exited with 3"
}

# Up to the 28th: those of the C library, 32 and 33, are nobody else's.
signals_of()	# COMMAND...
{
	env --default-signal --ignore-signal=TERM --ignore-signal=USR1 --ignore-signal=CHLD \
		--block-signal=INT --block-signal=USR2 "$@" 2>/dev/null |
		sed -n 's/^\(Sig\(Blk\|Ign\|Cgt\):\).*\(.\{7\}\)$/\1 \3/p'
}

command_has_its_callers_signals()
{
	signals_of "$dmatrace" stat -p map -- cat /proc/self/status >"$dir/with"
	signals_of cat /proc/self/status >"$dir/without"
	why="it has $(tr '\n\t' '  ' <"$dir/with"), not $(tr '\n\t' '  ' <"$dir/without")"
	holds cmp -s "$dir/with" "$dir/without"
}

# Where there is nothing to report, one is enough: it waits for a reader here.
reading()
{
	mkfifo "$dir/unread"
	exec 9<>"$dir/unread"
	dd if=/dev/zero bs=4096 count=16 2>/dev/null >&9
	"$dmatrace" hooks -k "$root/tests/kernels/6.12-amd64.txt" >&9 2>"$dir/reading.err" &
	pid=$! name=reading
	sleep 0.3
	signal INT true
	holds ended 130
	exec 9>&-
}

serving_a_recording()
{
	sqlite3 "$dir/demo.db" <"$root/tests/recordings/demo.sql"
	start serving "$dmatrace" export openmetrics -i "$dir/demo.db" -L 0
	signal INT is_serving
	holds ended 0
}

larger_than_a_file_may_be()
{
	start large sh -c "ulimit -f 100; exec '$dmatrace' record -p map -d 100ms -o '$dir/large.db'"
	holds ended 1
	why="said: $(tail -n 1 "$dir/$name.err")"
	holds grep -q '^dmatrace: cannot .*large.db' "$dir/$name.err"
}

run reading
if [ "$(id -u)" != 0 ]; then
	skip serving-a-recording "it takes root to see that it serves"
elif command -v sqlite3 >/dev/null; then
	run serving_a_recording
else
	skip serving-a-recording "no sqlite3(1)"
fi
if [ "$(id -u)" != 0 ]; then
	skip signals-while-tracing "it takes root"
elif "$dmatrace" stat -p map -d 1ms >/dev/null 2>"$dir/err"; then
	run attaching INT 130 stat
	run attaching TERM 143 trace
	run attaching QUIT 131 hooks
	run measuring QUIT
	run measuring HUP
	run measuring_trace
	run others_change_nothing
	run second_one_kills
	run twice_at_once_is_once
	run child_ignored
	run command_has_its_callers_signals
	run larger_than_a_file_may_be
else
	skip signals-while-tracing "$(tail -n 1 "$dir/err")"
fi
wait
for tap in "$dir"/*.tap; do
	cat "$tap"
	case $(cat "$tap") in
	ok*)	passed=$((passed + 1)) ;;
	*)	failed=$((failed + 1)) ;;
	esac
done
total
