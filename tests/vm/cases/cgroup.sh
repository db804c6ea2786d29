# SPDX-License-Identifier: GPL-2.0
# Memory a cgroup does not give: where it is too little for the kernel's tables one line says so,
# where it is too little for the program the kernel ends it, and nothing is left of either; where it
# just fits every call is counted.  And what of its privileges a tracer keeps.
. "$here/cases/load.inc"
. "$here/cases/running.inc"

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	6.12-amd64-none)	;;
	*)	echo "from 5.11 on all charge cgroups alike"; return 1 ;;
	esac
}

guest_within()	# NAME BYTES ARGUMENT...
{
	local name=$1 group=/sys/fs/cgroup/$1 code=0

	mkdir "$group"
	echo "$2" >"$group/memory.max"
	shift 2
	# shellcheck disable=SC2016	# for the other shell
	sh -c 'echo $$ >$0/cgroup.procs; exec dmatrace "$@"' "$group" "$@" >"$name.json" \
		2>"$name.err" || code=$?
	echo $code >"$name.code"
	cat /dev/dmt_oracle >"$name.oracle"
	cat "$group/memory.peak" >"$name.peak"
	guest_until guest_nothing_left
	rmdir "$group"
}

guest_privileges()
{
	# shellcheck disable=SC2016	# for the other shell
	dmatrace stacks -p map -- sh -c 'echo map 7 4096 to_device >/dev/dmt_oracle
		cat /proc/$PPID/status >tracer; cat /proc/self/status >command' >stacks
	cat /proc/self/status >shell
}

# Where root has no more rights than anybody, but for what it may override.
guest_theirs()
{
	mkdir -m 700 theirs
	chown 1000 theirs
	# shellcheck disable=SC2016	# for the other shell
	dmatrace record -o theirs/run.db -p map -- \
		sh -c 'usleep 100000; cat /proc/$PPID/status >recorder' &&
		dmatrace stat -i theirs/run.db >recorded
	rm -r theirs
	chown 1000 /sys/kernel/tracing/kprobe_events
	dmatrace stat -p map -w kprobe -- true >kprobe
	chown 0 /sys/kernel/tracing/kprobe_events
	wc -l </sys/kernel/tracing/kprobe_events >probes
}

guest()
{
	guest_load || return 1
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	echo 'echo reset >/dev/dmt_oracle; echo mix 1 1 >/dev/dmt_oracle' >script
	guest_within whole max stat -f json -- sh script
	guest_within tables 128M live --max-mappings 4000000 -d 1s
	guest_within program 3M stat -d 1s
	guest_within fits $(($(cat whole.peak) + 1048576)) stat -f json -- sh script
	guest_privileges
	guest_theirs
	rmmod dmt_oracle
}

kept()	# FILE WORD
{
	sed -n "s/^$2:[[:space:]]*//p" "$1"
}

check()
{
	[ "$(cat whole.code)" = 0 ] || { echo "$(cat whole.err)"; return 1; }
	[ "$(cat tables.code)" = 1 ] || { echo "tables: exit $(cat tables.code)"; return 1; }
	[ "$(cat tables.err)" = "dmatrace: cannot load the BPF programs: Cannot allocate memory; \
their tables take more than there is, or than 'ulimit -v' or a cgroup's memory.max allows" ]
	[ "$(cat program.code)" = 137 ]
	[ ! -s program.json ]
	[ "$(cat fits.code)" = 0 ] || { echo "fits: $(cat fits.err)"; return 1; }
	"$here/compare.py" whole.json whole.oracle
	"$here/compare.py" fits.json fits.oracle
	# BPF, PERFMON, SYSLOG, DAC_READ_SEARCH, KILL
	[ "$(kept tracer CapEff)" = 000000c400000024 ]
	[ "$(kept tracer CapPrm)" = 000000c400000024 ]
	# and DAC_OVERRIDE
	[ "$(kept recorder CapEff)" = 000000c400000026 ]
	grep -q '^hooks: [1-9]' recorded
	grep -q '^hooks: [1-9]' kprobe
	[ "$(cat probes)" = 0 ]
	[ "$(kept tracer NoNewPrivs)" = 1 ]
	[ "$(kept command CapEff)" = "$(kept shell CapEff)" ]
	[ "$(kept command NoNewPrivs)" = 0 ]
	grep -q '^ *7 .*oracle_map_only \[dmt_oracle\]' stacks
}
