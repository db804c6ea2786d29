# SPDX-License-Identifier: GPL-2.0
# What each command, and each of the usual tools, adds to pairs of calls, in instructions, and how
# long it takes until it is on, for `make bench`, which also fetches the tools.
. "$here/cases/helpers.inc"
icount=yes
mem=2G		# bpftrace comes with a compiler of 200 MiB
timeout=3600
programs="$CACHE/tools-$ARCH/usr/bin/bpftrace $CACHE/tools-$ARCH/usr/sbin/funclatency
	$(helper empty)"

applies()
{
	[ "${BENCH-}" ] || { echo "make bench runs it"; return 1; }
}

# NAME|COMMAND, of which a word `script` is what it is to trace.
guest_rows()
{
	cat <<-'END'
		empty fentry + fexit|guest_empty
		clock fentry + fexit|guest_empty -c
		stat|dmatrace stat -- sh script
		stat --no-latency|dmatrace stat --no-latency -- sh script
		stat --layers all|dmatrace stat --layers all -- sh script
		live|dmatrace live -- sh script
		live --stack|dmatrace live --stack -- sh script
		stacks|dmatrace stacks -- sh script
		stacks --sample 100|dmatrace stacks --sample 100 -- sh script
		trace|dmatrace trace -- sh script
		record|dmatrace record --force -o run.db -- sh script
		record --events|dmatrace record --events --force -o run.db -- sh script
		bpftrace histogram|guest_histogram
		funclatency|guest_funclatency
		function_graph|guest_function_graph
		empty kprobe + kretprobe|guest_bpftrace kprobe {} kretprobe {}
		kprobe: stat|dmatrace stat -w kprobe -- sh script
		kprobe: stat --no-latency|dmatrace stat -w kprobe --no-latency -- sh script
		kprobe: stat --layers all|dmatrace stat -w kprobe --layers all -- sh script
		kprobe: live|dmatrace live -w kprobe -- sh script
		kprobe: live --stack|dmatrace live -w kprobe --stack -- sh script
		kprobe: stacks|dmatrace stacks -w kprobe -- sh script
		kprobe: stacks --sample 100|dmatrace stacks -w kprobe --sample 100 -- sh script
		kprobe: trace|dmatrace trace -w kprobe -- sh script
		kprobe: record|dmatrace record -w kprobe --force -o run.db -- sh script
		kprobe: bpftrace histogram|guest_histogram_by_kprobe
	END
}

# What all of them trace: one line ready, then three kinds of pairs.
guest_script()
{
	cat <<-'END'
		cut -d' ' -f1 /proc/uptime >on
		echo reset >/dev/dmt_oracle
		for command in 'bench 4000 256' 'bench_sg 4000 8 4096' 'bench_alloc 4000 4096'; do
			echo "$command" >/dev/dmt_oracle || exit
			sed -n 's/^info bench_ns_per_pair_thousandths //p' /dev/dmt_oracle >>took
		done
	END
}

# The functions called first and last in these pairs, as dmatrace has found them.
guest_functions()
{
	dmatrace hooks -w kprobe -p map -p unmap -p map_sg -p unmap_sg -p alloc -p free |
		awk '$1 ~ /^(un)?map(_sg)?$|^alloc$|^free$/ && $5 == "on" && $6 == "-" { print $4 }'
}

guest_empty()	# [-c]
{
	# shellcheck disable=SC2046	# a list of names
	empty "$@" $(cat functions) -- sh script
}

guest_bpftrace()	# AT-ENTRY BODY AT-RETURN BODY
{
	local text='' function

	for function in $(cat functions); do
		text="$text $1:$function $2 $3:$function $4"
	done
	bpftrace -e "$text" -c "/bin/sh $PWD/script"
}

guest_histogram()
{
	guest_bpftrace kfunc '{ @t[tid] = nsecs }' \
		kretfunc '/@t[tid]/ { @[args->dev] = hist(nsecs - @t[tid]); delete(@t[tid]); }'
}

# The device is known at the entry only.
guest_histogram_by_kprobe()
{
	local end='@[@d[tid]] = hist(nsecs - @t[tid]); delete(@t[tid]); delete(@d[tid]);'

	guest_bpftrace kprobe '{ @t[tid] = nsecs; @d[tid] = arg0 }' kretprobe "/@t[tid]/ { $end }"
}

# Of one function each.  It is on when it sleeps until somebody ends it; it says so into a buffer.
guest_funclatency()
{
	local function pids='' pid

	for function in $(cat functions); do
		funclatency "$function" &
		pids="$pids $!"
	done
	for pid in $pids; do
		until grep -q nanosleep "/proc/$pid/stack"; do
			kill -0 "$pid" || return 1
			usleep 5000
		done
	done
	sh script
	# shellcheck disable=SC2086	# a list of numbers
	kill -INT $pids
	wait
}

guest_function_graph()
{
	cat functions >/sys/kernel/tracing/set_ftrace_filter
	echo function_graph >/sys/kernel/tracing/current_tracer
	sh script
	tail -n 20 /sys/kernel/tracing/trace
	echo nop >/sys/kernel/tracing/current_tracer
	: >/sys/kernel/tracing/set_ftrace_filter
}

guest_row()	# DIRECTORY COMMAND...
{
	local dir=$1

	shift
	mkdir "$dir"
	# until what is left to be freed of the one before is freed
	sleep 2
	cut -d' ' -f1 /proc/uptime >"$dir/begin"
	"$@" >out 2>err </dev/null || echo "ended with $?" >>err
	tail -n 30 out >"$dir/out"
	tail -n 30 err >"$dir/err"
	[ ! -e took ] || mv took on "$dir"
}

guest()
{
	local number=0

	set -f
	insmod /dmt_oracle.ko
	guest_functions >functions
	guest_script >script
	# 7.2 takes 531 instructions for a pair until the functions were traced once, then 179
	dmatrace stat -d 10ms
	guest_row bare sh script
	guest_rows | cut -d'|' -f2 | while read -r command; do
		number=$((number + 1))
		# shellcheck disable=SC2086	# a list of words
		guest_row "$number" $command
	done
	guest_row after sh script
	rm -f run.db
}

# A line for each: NAME|MAP|SG|ALLOC|SECONDS|NOTE.  What adds next to nothing did not see the calls.
check()
{
	python3 - "$(guest_rows)" <<-'END'
		import pathlib, re, sys
		def text(row, name):
		    at = pathlib.Path(row, name)
		    return at.read_text() if at.exists() else ""
		def took(row):
		    return [int(n) / 1000 for n in text(row, "took").split()]
		def note(row, complete):
		    losses = re.findall("^(?:# )?losses: (?!none)(.*)", text(row, "out"), re.M)
		    errors = re.findall("ERROR: (.*)", text(row, "err")) or text(row, "err").split("\n")
		    return losses[0] if complete and losses else "" if complete else errors[0]
		bare = took("bare")
		for before, after in zip(bare, took("after"), strict=True):
		    assert abs(after / before - 1) < 0.02, f"bare {before} before and {after} after"
		print("|".join(["bare", *(f"{n:.0f}" for n in bare), "-", ""]))
		for number, row in enumerate(sys.argv[1].split("\n"), 1):
		    row, name = str(number), row.split("|")[0]
		    added = [n - b for n, b in zip(took(row), bare)]
		    if complete := len(added) == 3 and min(added) > 50:
		        seconds = float(text(row, "on")) - float(text(row, "begin"))
		        cells = [f"{n:.0f}" for n in added] + [f"{seconds:.2f}"]
		    else:
		        cells = ["-"] * 4
		    print("|".join([name, *cells, note(row, complete)]))
	END
}
