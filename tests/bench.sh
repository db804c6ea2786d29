#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What tracing costs: instructions added to a dma_map_single and its dma_unmap_single, in virtual
# machines whose clock counts instructions.  The test with the limit is tests/vm/cases/cost.sh.
set -eu
cd "$(dirname "$0")/.."
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

for kernel in ${KERNEL:-5.10 6.1 6.12 7.x}; do
	cell=$kernel-amd64-none
	COST_LIMIT=1000000 RESULTS=$results tests/vm/run.sh "$kernel" amd64 none cost >"$results/log" 2>&1 ||
		{ tail -n 3 "$results/log" >&2; exit 1; }
	printf '%-6s %s\n' "$kernel" "$(grep -h '^bare' "$results/$cell"/*/cost/check)"
done
