#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What tracing costs: instructions each command adds to a dma_map_single and its dma_unmap_single,
# in virtual machines whose clock counts instructions.  The test with the limit is
# tests/vm/cases/cost.sh.  Before that, what ten million events and a day of intervals take here, in
# a recording: about half an hour.  RECORDINGS=1: only that.
set -eu
cd "$(dirname "$0")/.."
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

make -s .output/dmatrace .output/unit/bench_events .output/unit/bench_intervals
.output/unit/bench_events
.output/unit/bench_intervals
[ ! "${RECORDINGS-}" ] || exit 0

row()	# WORD...
{
	printf '%-8s' "$1"
	printf '%11s' "${@:2}"
	echo
}

for kernel in ${KERNEL:-5.10 6.1 6.12 7.x}; do
	cell=$kernel-amd64-none
	BENCH=1 RESULTS=$results tests/vm/run.sh "$kernel" amd64 none bench >"$results/log" 2>&1 ||
		{ tail -n 3 "$results/log" >&2; exit 1; }
	check=$(echo "$results/$cell"/*/bench/check)
	mapfile -t names < <(cut -d' ' -f1 "$check")
	[ "${head-}" ] || row kernel "${names[@]}"
	head=printed
	mapfile -t added < <(cut -d' ' -f2 "$check")
	row "$kernel" "${added[@]}"
done
