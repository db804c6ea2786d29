# SPDX-License-Identifier: GPL-2.0
# What each command adds to a map and unmap of one buffer, in instructions, for `make bench`.
icount=yes
timeout=600

applies()
{
	[ "${BENCH-}" ] || { echo "make bench runs it"; return 1; }
}

# Name, then the command without what it runs.
guest_commands()
{
	cat <<-'END'
		stat stat
		kprobe stat -w kprobe
		stacks stacks
		stacks:100 stacks -s 100
		live live
		live:100 live -s 100
		trace trace -f json
	END
}

guest_bench()
{
	echo reset >/dev/dmt_oracle
	echo bench 5000 256 >/dev/dmt_oracle
	sed -n 's/^info bench_ns_per_pair_thousandths //p' /dev/dmt_oracle >"$1"
}

guest()
{
	insmod /dmt_oracle.ko
	# 7.2 takes 531 instructions for a pair until the functions were traced once, then 179
	dmatrace stat -d 10ms >/dev/null
	guest_bench bare
	echo 'echo reset >/dev/dmt_oracle; echo bench 5000 256 >/dev/dmt_oracle' >script
	guest_commands | while read -r name command; do
		# shellcheck disable=SC2086	# a list of words
		dmatrace $command -- sh script >"$name.out" 2>"$name.err" || echo "$name failed"
		sed -n 's/^info bench_ns_per_pair_thousandths //p' /dev/dmt_oracle >"$name"
	done
}

check()
{
	guest_commands | while read -r name command; do
		echo "$name $((($(cat "$name") - $(cat bare)) / 1000))"
	done
}
