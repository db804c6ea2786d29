#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run cases in virtual machines and report in TAP's manner.  Owns how a case file is read and
# which cases share a boot; README.md says what a case file holds.
#
#	run.sh [KERNEL [ARCH [IOMMU [CASE]...]]]	an empty or missing word means: all
#
# Missing words come from the environment's KERNEL, ARCH, IOMMU and CASE, as make passes them on.
# ALL=1 runs cases in the cells as well that prove what others prove (cases/cells.inc).
# JOBS machines run at a time (4, as they wait a lot).  RESULTS names a directory to keep results
# in; without it they are kept only when something failed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
JOBS=${JOBS:-4}
TIMEOUT=200	# seconds a case may take, where it says nothing else: machines are slow

# What of a case decides how its machine boots, as boot.sh's options: equal lines share a boot.
settings_of()	# CASE
{
	local cmdline='' devices='' qemu='' firmware='' modules='' smp=1 mem=1G icount=''
	local -a options

	. "$here/cases/$1.sh"
	options=(-a "$cmdline" -d "$devices" -q "$qemu" -f "$firmware" -l "$modules" -c "$smp" -m "$mem")
	[ -z "$icount" ] || options+=(-i)
	echo "${options[*]@Q}"
}

# Of a case: how many seconds it may take, and the programs it takes along.
needs_of()	# CASE
{
	local timeout=$TIMEOUT programs=''

	. "$here/cases/$1.sh"
	# shellcheck disable=SC2086	# a list of words
	echo "$timeout" $programs
}

# All functions whose names start with guest go over, so that guest() can be cut in pieces.
script_of()	# CASE
{
	local timeout=$TIMEOUT

	. "$here/cases/$1.sh"
	printf '%s=%s\n' KERNEL "$KERNEL" ARCH "$ARCH" IOMMU "$IOMMU" RELEASE "$RELEASE" \
		LIMIT "$timeout"
	# shellcheck disable=SC2046	# a list of function names
	declare -f $(compgen -A function guest)
	echo guest
}

reason_to_skip()	# CASE: print why the cell cannot run it, or fail
{
	local kernels=$KERNELS

	applies() { :; }
	. "$here/cases/$1.sh"
	case " $kernels " in
	*" $KERNEL "*)	! applies ;;
	*)	echo "not made for the kernel '$KERNEL'" ;;
	esac
}

# A check that gives up says why itself; any other command that fails is named after what was said.
name_failure()	# COMMAND
{
	case $1 in
	return* | false)	;;
	*)	echo "failed: ${1%%$'\n'*}" ;;
	esac
}

# In a shell of its own, where every failing command ends the check.
run_check()	# CASE DIR
{
	local depth=$BASH_SUBSHELL

	set -Eeu
	trap '[ "$BASH_SUBSHELL" -gt "$depth" ] || name_failure "$BASH_COMMAND"' ERR
	check() { :; }
	. "$here/cases/$1.sh"
	cd "$2"
	check 2>&1
}

tap()	# TEXT CASE [REASON]
{
	echo "$1 $KERNEL-$ARCH-$IOMMU $2${3:+ # $3}" | tee -a "$results/tap"
}

verdict()	# CASE DIR: from what the guest left behind
{
	local status why

	status=$(cat "$2/status" 2>/dev/null) || status=none
	case $status in
	0)	set +e
		why=$(run_check "$1" "$2")
		status=$?
		set -e
		echo "$why" >"$2/check"
		if [ "$status" = 0 ]; then
			tap ok "$1"
		else
			tap 'not ok' "$1" "$(tail -n 2 <<<"$why" | paste -sd ';'); see $2, console ${2%/*}/console"
		fi ;;
	none)	tap 'not ok' "$1" "$(tail -n 1 "${2%/*}/boot.log")" ;;
	*)	why=$(tail -n 1 "$2/log")
		tap 'not ok' "$1" "guest exited $status: $why; see $2, console ${2%/*}/console" ;;
	esac
}

# QEMU's own faults: with a thread for each CPU it may run code that another CPU has just patched
# back (an int3 nobody owns any more), under load a guest may find no timer (both seen without
# dmatrace as well), and an interrupt may leave flags that no processor has, of 22 bits and more.
# Any other death of a guest is a failure.
emulator_broke()	# CONSOLE
{
	grep -qsE "Oops: int3|RIP: 0010:(asm_)?exc_int3|timer doesn't work through|BUG: unable to handle .* start_kernel" "$1" ||
		grep -qsE 'RSP: 0018:.* EFLAGS: (00[4-9a-f]|0[1-9a-f]|[1-9a-f])[0-9a-f]*' "$1"
}

boot_group()	# DIR LIMIT SETTINGS CASE...
{
	local dir=$1 limit=$2 settings=$3 case needs
	local -a options scripts=()
	local -A programs=()

	shift 3
	mkdir -p "$dir/.scripts"
	for case in "$@"; do
		(script_of "$case") >"$dir/.scripts/$case.sh"
		scripts+=("$dir/.scripts/$case.sh")
		needs=$(needs_of "$case")
		for needs in ${needs#"${needs%% *}"}; do
			programs[$needs]=yes
		done
	done
	eval "options=($settings)"
	options+=(-t "$limit")
	for needs in "${!programs[@]}"; do
		options+=(-p "$needs")
	done
	if ! "$here/boot.sh" "${options[@]}" "$KERNEL" "$ARCH" "$IOMMU" "$dir" "${scripts[@]}" \
		2>"$dir/boot.log" && emulator_broke "$dir/console"; then
		mv "$dir/console" "$dir/console.emulator"
		echo "# $KERNEL-$ARCH-$IOMMU: the emulator broke, booting again" \
			"(${dir##*/}/console.emulator)" >&2
		"$here/boot.sh" "${options[@]}" "$KERNEL" "$ARCH" "$IOMMU" "$dir" "${scripts[@]}" \
			2>"$dir/boot.log" || :
	fi
	for case in "$@"; do
		verdict "$case" "$dir/$case"
	done
}

# What a cell has to boot, into the plan: a line for each machine, of what boot_group() needs.
plan_cell()	# CASE...
{
	local case settings needs group=0 why
	local -A groups=() limits=()

	for case in "$@"; do
		if why=$(reason_to_skip "$case"); then
			tap ok "$case" "SKIP $why"
			continue
		fi
		settings=$(settings_of "$case")
		needs=$(needs_of "$case")
		groups[$settings]+=" $case"
		limits[$settings]=$((${limits[$settings]:-60} + ${needs%% *}))
	done
	for settings in "${!groups[@]}"; do
		group=$((group + 1))
		printf '%s\t' "${limits[$settings]}" "$KERNEL" "$ARCH" "$IOMMU" "$RELEASE" "$group" \
			"$settings"
		printf '%s\n' "${groups[$settings]}"
	done >>"$results/plan"
}

# Those that may take longest first, so that none of them is left to run by itself in the end.
boot_all()
{
	local limit group settings cases

	while IFS=$'\t' read -r limit KERNEL ARCH IOMMU RELEASE group settings cases; do
		while [ "$(jobs -rp | wc -l)" -ge "$JOBS" ]; do
			wait -n || :
		done
		# shellcheck disable=SC2086	# a list of case names
		boot_group "$results/$KERNEL-$ARCH-$IOMMU/$group" "$limit" "$settings" $cases </dev/null &
	done < <(sort -rn "$results/plan")
	wait
}

# Kernels that are built first take part where they are named only.
cells_of()	# KERNEL ARCH IOMMU, empty for all
{
	local kernel arch iommu kernels=$KERNELS

	! is_built "$1" || kernels=$1
	for kernel in $kernels; do
		for arch in $ARCHES; do
			for iommu in $(iommus_of "$arch"); do
				echo "$kernel $arch $iommu"
			done
		done
	done | grep -E "^${1:-.*} ${2:-.*} ${3:-.*}\$" || :
}

count()	# REGEX
{
	grep -cE "$1" "$results/tap" || :
}

# What a run spends its time on: seconds of real time and of CPU, by machine.
slowest()
{
	(cd "$results" && find . -path './*/*/seconds' ! -path './*/*/*/seconds' -printf '%P\n' |
		while read -r file; do
			group=${file%/*}
			echo "# $(cat "$file") s ($(cat "$group/cpu-seconds") CPU) $group: $(
				for case in "$group"/*/seconds; do
					[ ! -e "$case" ] ||
						echo "$(basename "${case%/*}") $(cat "$case"),"
				done | xargs)"
		done | sort -k 2rn | head -n "$1")
}

# The other architecture's binary, of the same sources.  A stale one would test the past.
build_arm64()
{
	local output=.output/arm64

	[ -z "${DMATRACE_arm64-}" ] && [ "$(dpkg --print-architecture)" != arm64 ] || return 0
	env -u MAKEFLAGS -u MAKELEVEL -u ARCH make -s -C "$here/../.." "OUTPUT=$output" \
		CROSS_COMPILE=aarch64-linux-gnu- "SYSROOT=$CACHE/sysroot-arm64" "$output/dmatrace" >&2 && return
	say "run.sh: no dmatrace for arm64, as it does not build; cases that need it will fail"
	rm -f "$here/../../$output/dmatrace"
}

results=${RESULTS:-$(mktemp -d "${TMPDIR:-/tmp}/dmatrace-vm.XXXXXX")}
mkdir -p "$results"
results=$(cd "$results" && pwd)
: >"$results/tap"
: >"$results/plan"
kernel=${1-${KERNEL-}} arch=${2-${ARCH-}} iommu=${3-${IOMMU-}}
cases=("${@:4}")
[ "${cases[*]}" ] || read -ra cases <<<"${CASE-}"
[ "${cases[*]}" ] || mapfile -t cases < <(basename -s .sh -a "$here"/cases/*.sh)
for case in "${cases[@]}"; do
	[ -e "$here/cases/$case.sh" ] || die "no case '$case' in $here/cases"
done

mapfile -t cells < <(cells_of "$kernel" "$arch" "$iommu")
[ "${cells[*]}" ] || die "no cell ${kernel:-any}-${arch:-any}-${iommu:-any}; kernels: $KERNELS,
	and by name only $BUILT_KERNELS; $(
	for arch in $ARCHES; do echo -n "$arch: $(iommus_of "$arch"); "; done)"
mapfile -t names < <(printf '%s\n' "${cells[@]}" | sed 's/ \([^ ]*\) .*/-\1/' | uniq)
"$here/prepare.sh" "${names[@]}" || say "run.sh: see above; some cells will fail"
[[ "${cells[*]}" != *arm64* ]] || locked build build_arm64
for cell in "${cells[@]}"; do
	read -r KERNEL ARCH IOMMU <<<"$cell"
	if RELEASE=$(cat "$CACHE/kernels/$KERNEL-$ARCH/release" 2>/dev/null); then
		plan_cell "${cases[@]}"
	else
		for case in "${cases[@]}"; do
			tap 'not ok' "$case" 'no kernel in the cache'
		done
	fi
done
boot_all

echo '# machines that took longest, and how long each case in them did'
slowest 20
skipped=$(count '^ok .* # SKIP')
passed=$(($(count '^ok') - skipped))
# All the rest, so that a case whose verdict never came is no success.
failed=$((${#cells[@]} * ${#cases[@]} - passed - skipped))
echo "$passed passed, $failed failed, $skipped skipped"
if [ "$failed" != 0 ]; then
	say "results: $results"
	exit 1
fi
[ -n "${RESULTS-}" ] || rm -rf "$results"
