#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What tracing costs: instructions that each command, and each of the usual tools, adds to pairs of
# calls, in virtual machines whose clock counts instructions, and seconds until it is on.  The test
# with the limit is tests/vm/cases/cost.sh.  Before that, what ten million events, a day of
# intervals and reports of 100,000 rows take here, in a recording: about half an hour.
#
#	RECORDINGS=1	only the recordings; 0: all but those
#	KERNEL=6.12 ARCH=amd64	only these machines
#	RESULTS=DIR	keep what guests left behind
set -eu
cd "$(dirname "$0")/../.."
. tests/vm/lib.sh

machines='5.10 amd64
6.1 amd64
6.12 amd64
7.x amd64
6.12 arm64
7.x arm64'

# bpftrace and funclatency as Debian 12 has them, with all their libraries.
fetch_tools()	# ARCH
{
	local root=$CACHE/tools-$1 new

	[ ! -e "$root" ] || return 0
	new=$(mktemp -d "$CACHE/.tools.XXXXXX")
	# shellcheck disable=SC2064	# the value of now
	trap "rm -rf '$new'" EXIT
	mkdir -p "$new"/usr/{lib,bin,sbin}
	ln -s usr/lib usr/bin usr/sbin "$new"
	tests/vm/fetch.sh --packages --deps bookworm "$1" "$new" bpftrace libbpf-tools
	mv "$new" "$root"
}

if [ "${RECORDINGS-1}" = 1 ]; then
	make -s .output/unit/bench_events .output/unit/bench_intervals .output/unit/bench_reports
	.output/unit/bench_events
	.output/unit/bench_intervals
	.output/unit/bench_reports
	[ ! "${RECORDINGS-}" ] || exit 0
fi

results=${RESULTS:-$(mktemp -d)}
[ "${RESULTS-}" ] || trap 'rm -rf "$results"' EXIT
mkdir -p "$results"
mapfile -t machines < <(grep -E "^${KERNEL:-.*} ${ARCH:-.*}\$" <<<"$machines")
measured=()
for machine in "${machines[@]}"; do
	read -r kernel arch <<<"$machine"
	locked "tools-$arch" fetch_tools "$arch"
	BENCH=1 RESULTS=$results tests/vm/run.sh "$kernel" "$arch" none bench >"$results/log" 2>&1 ||
		{ grep '^not ok' "$results/log" >&2 || tail -n 3 "$results/log" >&2; exit 1; }
	measured+=("$machine" "$(echo "$results/$kernel-$arch-none"/*/bench/check)")
done
tests/bench/table.py "${measured[@]}"
