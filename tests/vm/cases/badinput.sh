# SPDX-License-Identifier: GPL-2.0
# What is missing is named in one line on stderr, with the right exit code: privileges, bpf(),
# BTF, fentry, tracefs, confidentiality, a device, a command.  Nobody borrows privileges.
. "$here/cases/cells.inc"
. "$here/cases/helpers.inc"
programs="$(helper deny)"
timeout=200
# a boot of its own, as lockdown stays
cmdline=case=badinput

applies()
{
	enough_in 6.1-arm64-none 7.x-amd64-none
}

# One operation, so that attaching is quick; NAME.{out,err,code} are left for check().
guest_try()	# NAME COMMAND...
{
	local name=$1 code=0

	shift
	"$@" >"$name.out" 2>"$name.err" || code=$?
	echo "$code" >"$name.code"
}

# For somebody who may trace, and not raise the limit that he has.
guest_limits()
{
	local stat='deny all-but-bpf -- dmatrace stat -p map -d 100ms'

	guest_try little sh -c "ulimit -l 4096; exec $stat"
	guest_try enough sh -c "ulimit -l 65536; exec $stat"
}

guest_denied()
{
	guest_try root deny root -- dmatrace stat -p map -d 100ms
	guest_try caps deny caps -- dmatrace hooks
	guest_try eperm deny bpf=1 -- dmatrace stat -p map -d 100ms
	guest_try enosys deny bpf=38 -- dmatrace stat -p map -d 100ms
	guest_try nobody deny all-but-bpf -- dmatrace stat -p map -d 100ms
	[ "$KERNEL" != 5.10 ] || guest_limits
	guest_try attach deny attach=1 -- dmatrace hooks -p map
	cp /bin/dmatrace borrowed
	chmod u+s borrowed
	guest_try setuid deny root -- ./borrowed stat -p map -d 100ms
	chmod u-s,g+s borrowed
	guest_try setgid deny root -- ./borrowed stat -p map -d 100ms
	rm borrowed
}

guest_unmounted()
{
	mount --bind /tmp /sys/kernel/btf
	guest_try btf dmatrace stat -p map -d 100ms
	umount /sys/kernel/btf
	umount /sys/kernel/tracing
	umount /sys/kernel/debug
	guest_try tracefs dmatrace stat -p map -w kprobe -d 100ms
	mount -t tracefs tracefs /sys/kernel/tracing
}

guest()
{
	guest_denied
	guest_unmounted
	guest_try device dmatrace stat -p map -D no-such-device -d 100ms
	guest_try false dmatrace stat -p map -- false
	guest_try killed dmatrace stat -p map -- sh -c 'kill -9 $$'
	guest_try full sh -c 'exec dmatrace stat -p map -d 100ms >/dev/full'
	guest_try quiet dmatrace stat -p map -d 100ms
	guest_try hooks dmatrace hooks -p map
	# fentry is refused late, so that what was attached is taken down and attached anew
	echo words | guest_try stdin deny attach=1 -- dmatrace stat -w kprobe -w tracepoint \
		-p map -p alloc -- cat
	# everything at once, of which there is little
	guest_try stack sh -c 'ulimit -s 64; exec dmatrace stat -d 100ms'
	guest_try memory sh -c 'ulimit -v 50000; exec dmatrace stat -p map -d 100ms'
	guest_try files sh -c 'ulimit -n 20; exec dmatrace stat -p map -d 100ms'
	guest_try links sh -c 'ulimit -n 64; exec dmatrace stat -d 100ms'
	guest_try memlock sh -c 'ulimit -l 0; exec dmatrace stat -p map -d 100ms'
	# nothing can take it back, so it comes last
	mount -t securityfs securityfs /sys/kernel/security
	echo confidentiality >/sys/kernel/security/lockdown || return 0
	guest_try lockdown dmatrace stat -p map -d 100ms
	guest_try lockdown_hooks dmatrace hooks -p map
	guest_try verifier dmatrace hooks -v -p map
}

ended()	# NAME CODE MESSAGE: the exit code, and all there is on stderr
{
	[ "$(cat "$1.code")" = "$2" ] && [ "$(cat "$1.err")" = "${3:+dmatrace: $3}" ] && return
	echo "$1: exit $(cat "$1.code"): $(head -n 1 "$1.err")"
	return 1
}

reports()	# NAME
{
	grep -q '^hooks: [1-9]' "$1.out" || { echo "$1: no report: $(head -n 1 "$1.out")"; return 1; }
}

# Capabilities are not all: the memory limit up to 5.10, tracefs where kprobes are all there is.
check_nobody()
{
	local limit="cannot load the BPF programs: Operation not permitted; up to 5.10 it needs \
'ulimit -l 65536' or more, try sudo"

	case $KERNEL-$ARCH in
	5.10-amd64)	ended nobody 3 "$limit"
		ended little 3 "$limit"
		ended enough 0 ''
		reports enough ;;
	6.1-arm64)	ended nobody 3 "this kernel offers kprobes only, and tracefs, which they \
need, is for root; try sudo" ;;
	*)	ended nobody 0 ''
		reports nobody ;;
	esac
}

check_lockdown()
{
	local why="kernel lockdown (confidentiality) forbids BPF to read kernel memory; boot with \
lockdown=integrity or without"

	ended lockdown 3 "$why"
	ended lockdown_hooks 3 "$why"
	grep -q '^map .* off .*refused' lockdown_hooks.out
	# the verifier's own words for what the kernel does not allow then
	grep -qE '(unknown func|cannot use helper) bpf_probe_read' verifier.err ||
		{ echo "no verifier's log"; return 1; }
}

check()
{
	local privilege="no privilege to trace; run it as root (sudo), or with CAP_BPF and \
CAP_PERFMON"
	local borrowed="refusing to run setuid, setgid or with file capabilities; use sudo, or \
ambient capabilities"

	ended root 3 "$privilege"
	ended caps 3 "$privilege"
	grep -q '^map .* off .*EPERM' caps.out
	ended eperm 3 "the kernel refuses BPF programs even from root: a container or seccomp \
filter forbids them; run it on the host"
	ended enosys 3 "no bpf() system call: the kernel lacks CONFIG_BPF_SYSCALL=y, or a seccomp \
filter hides it; run it elsewhere"
	ended setuid 3 "$borrowed"
	ended setgid 3 "$borrowed"
	ended attach 0 ''
	grep -q '^map .* kprobe .* on .*fentry' attach.out
	ended btf 3 "this kernel ($RELEASE) has no type information: /sys/kernel/btf/vmlinux is \
missing; it needs CONFIG_DEBUG_INFO_BTF=y"
	ended tracefs 3 "kprobes need tracefs, which is not mounted; mount -t tracefs tracefs \
/sys/kernel/tracing"
	ended device 0 "no device is named 'no-such-device' now; waiting for one"
	reports device
	ended false 1 "'false' exited with 1"
	reports false
	ended killed 1 "'sh' was killed by signal 9"
	ended full 1 'cannot write the report: No space left on device'
	ended quiet 0 ''
	ended stack 0 ''
	reports stack
	ended memory 1 "cannot load the BPF programs: Cannot allocate memory; their tables take \
more than there is, or than 'ulimit -v' or a cgroup's memory.max allows"
	ended files 1 "tracing takes more than 20 descriptors; raise 'ulimit -n'"
	[ "$(cat links.code)" = 1 ]
	grep -q "^dmatrace: cannot .*: Too many open files; raise 'ulimit -n'\$" links.err
	[ "$(wc -l <links.err)" = 1 ]
	ended memlock 0 ''
	reports memlock
	ended hooks 0 ''
	ended stdin 0 ''
	grep -q '^words$' stdin.out
	# its trampolines came later than those of x86
	[ "$KERNEL-$ARCH" != 6.1-arm64 ] ||
		grep -q '^map .* kprobe .* on .*fentry not available here (ENOTSUPP)' hooks.out
	check_nobody
	check_lockdown
}
