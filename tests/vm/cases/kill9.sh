# SPDX-License-Identifier: GPL-2.0
# kill -9: no BPF program, map or link stays, and the kprobe events that do go with the next run.
. "$here/cases/running.inc"

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	5.10-amd64-none | 6.12-amd64-none | 6.1-arm64-none | 7.x-amd64-none)	;;
	*)	echo "the same as elsewhere"; return 1 ;;
	esac
}

guest_kill()	# NAME ARGUMENT...
{
	guest_run "$@"
	guest_until guest_is_tracing
	bpfids >"$1.held"
	kill -9 "$pid"
	guest_wait "$1"
	guest_until guest_nothing_left
}

guest()
{
	guest_kill any -p map
	guest_kill kprobe -p map -w kprobe
	cat /sys/kernel/tracing/kprobe_events >left
	dmatrace hooks -p map >hooks
	guest_until guest_no_events
	guest_until guest_nothing_left
}

check()
{
	grep -q '^programs [1-9]' any.held
	grep -q '^programs [1-9]' kprobe.held
	[ "$(cat any.code kprobe.code | tr '\n' ' ')" = '137 137 ' ]
	grep -q '^p.*:dmatrace_' left
	grep -q '^map .* on ' hooks
}
