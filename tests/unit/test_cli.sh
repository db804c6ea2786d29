#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What dmatrace says and how it exits when the command line, the streams or the privileges are
# not what it needs.  Needs no root.  Speaks TAP.
set -u
# shellcheck source=tests/unit/tap.inc
. "$(dirname "$0")/tap.inc"
escape=$(printf '\033')

# Exit code and stderr of a run that must print nothing on stdout; MESSAGE is the whole line
# after "dmatrace", empty for silence.
refuses()	# NAME CODE MESSAGE [ARGUMENT]...
{
	name=$1 want=$2 message=$3
	shift 3
	code=0
	timeout 5 "$dmatrace" "$@" >"$dir/out" 2>"$dir/err" </dev/null || code=$?
	if [ "$code" != "$want" ]; then
		verdict "$name" "exit $code, not $want: $(head -n 1 "$dir/err")"
	elif [ "$(cat "$dir/err")" != "dmatrace$message" ]; then
		verdict "$name" "said: $(cat "$dir/err")"
	elif [ -s "$dir/out" ]; then
		verdict "$name" "printed: $(head -n 1 "$dir/out")"
	else
		verdict "$name"
	fi
}

stat_help="; try 'dmatrace stat --help'"

usage_errors()
{
	refuses unknown-command 2 ": unknown command 'zzz'; try 'dmatrace help'" zzz
	refuses mistyped-command 2 \
		": unknown command 'stta'; did you mean 'stat'? try 'dmatrace help'" stta
	refuses mistyped-option 2 " stat: unknown option '--durration'; did you mean '--duration'?\
 try 'dmatrace stat --help'" --durration 1s
	refuses unknown-letter 2 " stat: unknown option '-q'$stat_help" -q
	refuses operand 2 " stat: unexpected argument 'foo'; a command to run goes after\
 '--'$stat_help" stat foo
	refuses empty-word 2 " stat: unexpected argument ''; a command to run goes after\
 '--'$stat_help" ''
	refuses command-where-none 2 \
		" hooks: unexpected argument 'true'; try 'dmatrace hooks --help'" hooks -- true
	refuses two-reports 2 " hooks: --facts, --kernel and --verifier are reports of their own; take one" \
		hooks --facts --verifier
	refuses mistyped-finding 2 " explain: unknown finding 'swiotbl-full'; did you mean\
 'swiotlb-full'? 'dmatrace explain' lists them" explain swiotbl-full
	refuses unknown-finding 2 " explain: unknown finding 'zzz'; 'dmatrace explain' lists them"\
		explain zzz
	refuses two-findings 2 " explain: one finding at a time; try 'dmatrace explain map-failed'"\
		explain map-failed alloc-failed
	refuses command-forgotten 2 " stat: missing COMMAND after '--'$stat_help" --
	refuses command-forgotten-options 2 \
		" stat: missing COMMAND after '--'$stat_help" stat -d 1s --
	refuses unknown-operation 2 \
		" stat: unknown operation 'mapp'; 'dmatrace hooks' lists them" -p mapp
	refuses unknown-layer 2 " stat: unknown layer 'x'; 'dmatrace hooks' lists them" -l x
	refuses unknown-way 2 " stat: unknown way 'x'; 'dmatrace hooks' lists them" -w x
	refuses unknown-format 2 \
		" stat: --format: 'xml' is not one of text or json$stat_help" -f xml
	refuses untimed-input 2 ": -i reads a recording; --no-latency cannot be combined with it" \
		stat -i nothing.db --no-latency
	refuses untimed-events 2 " record: --no-latency only counts: without --events and --with" \
		record --no-latency -e
	refuses untimed-with 2 " record: --no-latency only counts: without --events and --with" \
		record --no-latency -W live
	refuses duration-zero 2 " stat: --duration: '0' must be longer than 0$stat_help" -d 0
	refuses duration-unit 2 " stat: --duration: '10x' has no known unit (ns, us, ms, s, m, h,\
 d)$stat_help" -d 10x
	refuses duration-negative 2 " stat: --duration: '-5' is not a duration such as 10s, 500ms\
 or 1m30s$stat_help" -d -5
	refuses duration-huge 2 \
		" stat: --duration: '99999999999999999999s' is too large$stat_help" \
		-d 99999999999999999999s
	refuses duration-missing 2 " stat: -d needs a value: TIME$stat_help" -d
}

# Words of the command line are escaped in messages, in the encoding of the locale.
hostile_words()
{
	word=$(printf 'z\\\342\200\256\033[31m\302\233\233\303\251')
	safe='z\\\u{202e}\x1b[31m\u{9b}\x9b'
	for where in C:'\u{e9}' C.UTF-8:"$(printf '\303\251')"; do
		export LC_ALL="${where%%:*}"
		shown=$safe${where#*:}
		refuses "hostile-command-$LC_ALL" 2 ": unknown command '$shown'; try 'dmatrace help'" \
			"$word"
		refuses "hostile-option-$LC_ALL" 2 \
			" stat: unknown option '--$shown'$stat_help" "--$word"
		refuses "hostile-value-$LC_ALL" 2 " stat: --duration: '$shown' is not a duration such\
 as 10s, 500ms or 1m30s$stat_help" -d "$word"
		refuses "hostile-operand-$LC_ALL" 2 " stat: unexpected argument '$shown'; a command to\
 run goes after '--'$stat_help" stat "$word"
		refuses "hostile-file-$LC_ALL" 1 \
			": cannot read $shown: No such file or directory" stat -i "$word"
		refuses "hostile-policy-$LC_ALL" 1 \
			": cannot read the policy $shown: No such file or directory" check --policy "$word"
		refuses "hostile-facts-$LC_ALL" 1 \
			": cannot read the kernel facts in $shown: No such file or directory" hooks -k "$word"
	done
	unset LC_ALL
}

histogram_wishes()
{
	refuses histogram-axis 2 " hist: --by: 'colour' is none of: device, driver, op, path,\
 layer, direction" hist --by op --by colour
	refuses histogram-value 2 " hist: --value: 'age' is not one of latency, size or\
 lifetime; try 'dmatrace hist --help'" hist --value age
	refuses lifetimes-by-path 2 " hist: --by: lifetimes are not known by path; take device,\
 driver, op or layer" hist --value lifetime --by path
	refuses lifetimes-of-none 2 " hist: --value lifetime: no such operation maps or\
 allocates; take others with -p or -l" hist --value lifetime --layers core
}

recordings()
{
	refuses recording-not-named 2 " report: missing -i FILE, the recording to report;\
 'dmatrace record' makes one" report
	refuses recording-missing 1 ": cannot read $dir/none: No such file or directory" \
		report -i "$dir/none"
	refuses recordings-not-two 2 " diff: it takes two recordings, of before and after;\
 'dmatrace record' makes them" diff "$dir/none"
	refuses recording-before-missing 1 ": cannot read $dir/none: No such file or directory" \
		diff "$dir/none" "$dir/nothing"
	refuses threshold-no-number 2 " diff: --threshold: 'x' is not a percentage such as 10% or\
 2.5%; try 'dmatrace diff --help'" diff --threshold x a b
	refuses threshold-too-large 2 " diff: --threshold: '2000%' is not between 0% and 1000%; try\
 'dmatrace diff --help'" diff --threshold 2000% a b
	echo nothing >"$dir/foreign"
	refuses recording-foreign 1 ": $dir/foreign is no recording of dmatrace: file is not a\
 database" report -i "$dir/foreign"
}

exports()
{
	refuses export-nothing 2 " export: no format named; there is: openmetrics" export
	refuses export-live-untimed 2 " export: --no-latency only counts: without --live" \
		export openmetrics --live --no-latency
	refuses export-format 2 " export: unknown format 'xml'; there is: openmetrics" export xml
	for where in x 127.0.0.1 127.0.0.1: :9777 127.0.0.1:65536; do
		refuses "listen-$where" 2 " export: --listen: '$where' is neither PORT nor\
 ADDRESS:PORT, such as 127.0.0.1:9777" export openmetrics -L "$where"
	done
	refuses listen-no-host 2 " export: --listen: 'no host' is neither an address nor the name\
 of a host" export openmetrics -L 'no host:9777'
	refuses listen-elsewhere 1 ": cannot listen on 192.0.2.1:9777: Cannot assign requested\
 address" export openmetrics -L 192.0.2.1:9777
}

# Found out before anything is attached, so that no privilege is needed to be told.
commands_to_run()
{
	refuses command-missing 127 \
		": cannot run 'no-such-command': No such file or directory" -- no-such-command
	refuses command-not-executable 126 ": cannot run '/etc/passwd': Permission denied" \
		-- /etc/passwd
	refuses command-directory 126 ": cannot run '/tmp': Is a directory" -- /tmp
	refuses command-below-a-file 127 ": cannot run '/etc/passwd/x': Not a directory" \
		-- /etc/passwd/x
	refuses command-empty 127 ": cannot run '': No such file or directory" -- ''
	mkdir "$dir/bin" "$dir/bin/folder"
	echo : >"$dir/bin/plain"
	PATH="$PATH:$dir/bin" refuses command-found-not-executable 126 \
		": cannot run 'plain': Permission denied" -- plain
	PATH="/etc/passwd:$PATH:$dir/bin" refuses command-path-directory 127 \
		": cannot run 'folder': No such file or directory" -- folder
}

# What is run comes after "--" and nowhere else, whatever operands there are.
stray_words()
{
	printf '#!/bin/sh\ntouch "%s"\n' "$dir/ran" >"$dir/stray"
	chmod +x "$dir/stray"
	names=$("$dmatrace" help | sed -n 's/^  \([a-z]*\) .*/\1/p')
	for name in $names; do
		operands=$("$dmatrace" "$name" --help |
			sed -n '1s/.*\[OPTION \.\.\.\]//; 1s/\[-- .*//; 1s/[][]//g; 1p')
		code=0
		# shellcheck disable=SC2086	# words, indeed
		timeout 10 "$dmatrace" "$name" $operands "$dir/stray" >"$dir/out" 2>"$dir/err" \
			</dev/null || code=$?
		if [ "$code" = 2 ] && [ ! -e "$dir/ran" ] && [ ! -s "$dir/out" ]; then
			verdict "stray-word-$name"
		else
			verdict "stray-word-$name" "exit $code: $(tail -n 1 "$dir/err")"
		fi
		rm -f "$dir/ran"
	done
	refuses stray-word-format 2 " export: unexpected argument 'true'; a command to run goes\
 after '--'; try 'dmatrace export --help'" export openmetrics true -d 1ms
	refuses format-after-dashes 2 " export: missing 'openmetrics' before '--'; try\
 'dmatrace export --help'" export -- openmetrics true
}

fact_files()
{
	anew="write it anew with 'dmatrace hooks --facts'"
	refuses facts-missing 1 ": cannot read the kernel facts in $dir/none: No such file or\
 directory" hooks -k "$dir/none"
	: >"$dir/empty"
	refuses facts-empty 1 ": $dir/empty names no kernel; $anew" hooks -k "$dir/empty"
	head -c 4096 /dev/zero | tr '\0' x >"$dir/garbage"
	refuses facts-garbage 1 ": $dir/garbage:1: not a kernel fact; write the file anew with\
 'dmatrace hooks --facts'" hooks -k "$dir/garbage"
	printf 'kernel 6.12\narch x86_64\nbtf yes\nfunction dma_alloc_at' >"$dir/cut"
	refuses facts-truncated 1 ": $dir/cut:4: not a kernel fact; write the file anew with\
 'dmatrace hooks --facts'" hooks -k "$dir/cut"
}

# Input that is no file.  A FIFO nobody writes to would have it wait for ever.
refuses_input()	# NAME MESSAGE-BEFORE-THE-PATH ARGUMENT..., the path comes last
{
	input=$1 before=$2
	shift 2
	refuses "$input-fifo" 1 ": $before $dir/input.fifo: it is a FIFO, not a file" \
		"$@" "$dir/input.fifo"
	refuses "$input-directory" 1 ": $before $dir: it is a directory, not a file" "$@" "$dir"
	refuses "$input-device" 1 ": $before /dev/zero: it is a device, not a file" \
		"$@" /dev/zero
}

no_files()
{
	mkfifo "$dir/input.fifo"
	refuses_input facts 'cannot read the kernel facts in' hooks -k
	refuses_input policy 'cannot read the policy' check -P
	ln -s "$dir/input.fifo" "$dir/input.link"
	refuses policy-link-to-fifo 1 \
		": cannot read the policy $dir/input.link: it is a FIFO, not a file" \
		check -P "$dir/input.link"
}

# A kernel that has one of the functions; its name holds what a terminal would obey.
facts()
{
	printf 'kernel 6.12\033[31m\narch x86_64\nbtf yes\ntry fentry 0\ntry kprobe -1\n'
	printf 'function dma_unmap_page_attrs 1 void(device*,dma_addr_t,size_t,'
	printf 'dma_data_direction,ulong)\nend\n'
}

prints()	# NAME CONDITION...: of the output of a run that ended with $code, silently
{
	name=$1
	if [ "$code" != 0 ]; then
		verdict "$1" "exit $code: $(head -n 1 "$dir/err")"
	elif [ -s "$dir/err" ]; then
		verdict "$1" "stderr is not silent: $(head -n 1 "$dir/err")"
	elif shift && "$@"; then
		verdict "$name"
	else
		verdict "$name" "printed, against '$*': $(head -n 5 "$dir/out")"
	fi
}

has()	# REGEX
{
	grep -q -e "$1" "$dir/out"
}

lacks()	# REGEX
{
	! has "$1"
}

reports()
{
	facts >"$dir/facts"
	code=0
	"$dmatrace" hooks -k "$dir/facts" >"$dir/out" 2>"$dir/err" || code=$?
	prints facts-plan has '^unmap .* fentry .* on '
	prints no-escape-in-a-file lacks "$escape"
	LC_ALL=C COLUMNS=40 "$dmatrace" hooks -k "$dir/facts" >"$dir/out" 2>"$dir/err" || code=$?
	prints reasons-whole has 'no such symbol: dma_alloc_noncontiguous$'
	"$dmatrace" stat --help >"$dir/out" 2>"$dir/err" || code=$?
	prints help has --duration
}

on_terminal()	# COMMAND LINE: its output as a terminal gets it, into $dir/out
{
	TERM=xterm script -qec "$1" /dev/null >"$dir/out" </dev/null
}

colours()
{
	if ! command -v script >/dev/null; then
		skip colour-on-terminal "no script(1)"
		return
	fi
	on_terminal "'$dmatrace' hooks -k '$dir/facts'"
	code=$?
	prints colour-on-terminal has "$escape"
	prints colour-not-from-names lacks "6.12$escape"
	NO_COLOR=1 on_terminal "'$dmatrace' hooks -k '$dir/facts'"
	code=$?
	prints no-colour lacks "$escape"
}

ends()	# NAME CODE MESSAGE, of a run that just ended with $code
{
	if [ "$code" = "$2" ] && [ "$(cat "$dir/err")" = "${3:+dmatrace: $3}" ]; then
		verdict "$1"
	else
		verdict "$1" "exit $code: $(cat "$dir/err")"
	fi
}

streams()
{
	code=0
	"$dmatrace" hooks -k "$dir/facts" >&- 2>"$dir/err" || code=$?
	ends stdout-closed 1 \
		"stdout is closed, so there is nowhere to report to; redirect it to a file"
	for words in "hooks -k $dir/facts" help 'stat --help' --version; do
		code=0
		# shellcheck disable=SC2086	# words, indeed
		"$dmatrace" $words >/dev/full 2>"$dir/err" || code=$?
		ends "stdout-full-${words%% *}" 1 "cannot write the report: No space left on device"
	done
	# a limit on file sizes is as a full disk; stderr is a pipe, where it does not hold
	(
		ulimit -f 0
		"$dmatrace" hooks -k "$dir/facts" 2>&1 >"$dir/limited"
		echo "exit $?"
	) | cat >"$dir/err"
	code=$(sed -n 's/^exit //p' "$dir/err")
	sed -i '/^exit /d' "$dir/err"
	ends stdout-limited 1 "cannot write the report: the limit on file sizes is reached; raise\
 it with 'ulimit -f'"
	code=0
	"$dmatrace" hooks -k "$dir/facts" <&- >"$dir/out" 2>&- || code=$?
	: >"$dir/err"
	prints stdin-stderr-closed has '^unmap '
	# the reader leaves before there is anything to read
	mkfifo "$dir/pipe"
	: <"$dir/pipe" &
	exec 9>"$dir/pipe"
	wait
	code=0
	"$dmatrace" hooks -k "$dir/facts" >&9 2>"$dir/err" || code=$?
	exec 9>&-
	ends reader-gone 0 ''
}

# What cannot be recorded makes no file, and replaces none.
not_recorded()	# NAME FILE PROGRAM...
{
	name=$1 file=$2
	shift 2
	code=0
	(cd "$dir/recordings" && exec "$@" record --force -o "$file") >"$dir/out" 2>"$dir/err" </dev/null ||
		code=$?
	if [ "$code" != 3 ]; then
		verdict "$name" "exit $code: $(cat "$dir/err")"
	elif [ "$(ls -A "$dir/recordings")" = old.db ] &&
	     [ "$(cat "$dir/recordings/old.db")" = old ]; then
		verdict "$name"
	else
		verdict "$name" "there is: $(ls -A "$dir/recordings")"
	fi
}

privileges()
{
	case $dmatrace in
	/*)	set -- "$dmatrace" ;;
	*)	set -- "$PWD/$dmatrace" ;;
	esac
	if [ "$(id -u)" = 0 ]; then
		if ! command -v setpriv >/dev/null; then
			skip no-privilege "no setpriv(1)"
			return
		fi
		set -- setpriv --bounding-set -all --inh-caps -all "$@"
	fi
	code=0
	"$@" hooks >"$dir/out" 2>"$dir/err" || code=$?
	if grep -q 'has no type information' "$dir/err"; then
		skip no-privilege "no BTF here"
		return
	fi
	ends no-privilege 3 \
		"no privilege to trace; run it as root (sudo), or with CAP_BPF and CAP_PERFMON"
	code=0
	"$@" hooks --facts >"$dir/facts.out" 2>"$dir/err" || code=$?
	ends no-privilege-facts 3 "trying what attaches takes privilege; run it as root (sudo), or\
 with CAP_BPF and CAP_PERFMON"
	if grep -q ' off .*EPERM' "$dir/out"; then
		verdict no-privilege-table
	else
		verdict no-privilege-table "no reasons: $(head -n 5 "$dir/out")"
	fi
	mkdir "$dir/recordings"
	echo old >"$dir/recordings/old.db"
	not_recorded recorded-new new.db "$@"
	not_recorded recorded-over-another old.db "$@"
	not_recorded recorded-in-memory :memory: "$@"
	not_recorded recorded-by-address file:old.db "$@"
}

# Of privileges, what it takes to write verdicts at the end is kept: where root may write, they are.
verdicts_after_tracing()
{
	mkdir -p "$dir/others"
	chmod 755 "$dir/others"
	if [ "$(id -u)" != 0 ] || ! chown 65534 "$dir/others" 2>/dev/null ||
	   ! "$dmatrace" check -n calls=0 -d 1ms >/dev/null 2>&1; then
		skip verdicts-after-tracing "cannot trace here"
		return
	fi
	"$dmatrace" check -n calls=0 -d 1ms -j "$dir/others/x.xml" >/dev/null 2>"$dir/err" || :
	if grep -q '^</testsuites>$' "$dir/others/x.xml"; then
		verdict verdicts-after-tracing
	else
		verdict verdicts-after-tracing "$(tail -n 1 "$dir/err")"
	fi
}

# Of a file's capabilities, which anybody would have who runs it; ambient ones are the caller's.
borrowed_privileges()
{
	if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null ||
			! command -v setcap >/dev/null; then
		skip file-capabilities "it takes root, setpriv(1) and setcap(8)"
		return
	fi
	chmod 755 "$dir"
	cp -L "$dmatrace" "$dir/capable"
	cp /bin/cat "$dir/cat"
	nobody='setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps -all'
	given=cap_bpf,cap_perfmon+ep
	setcap $given "$dir/capable" $given "$dir/cat" 2>/dev/null
	if ! $nobody "$dir/cat" /proc/self/status 2>/dev/null | grep -q '^CapPrm:.*c000000000$'; then
		skip file-capabilities "this file system has none"
		return
	fi
	code=0
	$nobody "$dir/capable" stat -d 1ms >"$dir/out" 2>"$dir/err" || code=$?
	ends file-capabilities 3 "refusing to run setuid, setgid or with file capabilities; use\
 sudo, or ambient capabilities"
	setcap -r "$dir/capable"
	code=0
	$nobody,+bpf,+perfmon --ambient-caps -all,+bpf,+perfmon "$dir/capable" help \
		>"$dir/out" 2>"$dir/err" || code=$?
	prints ambient-capabilities has '^usage: '
}

usage_errors
stray_words
hostile_words
exports
histogram_wishes
recordings
commands_to_run
fact_files
no_files
reports
colours
streams
privileges
borrowed_privileges
verdicts_after_tracing
total
