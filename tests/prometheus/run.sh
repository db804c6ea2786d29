#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's Prometheus scrapes dmatrace: its quantiles and sums are those of `dmatrace stat`, and
# what dmatrace-export(1) says of Prometheus works.  Nothing is installed: the program comes into
# the cache.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/lib.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fetch()
{
	local new=$CACHE/.prometheus.$$

	[ ! -x "$CACHE/prometheus/usr/bin/prometheus" ] || return 0
	"$here/../vm/fetch.sh" --packages bookworm "$(dpkg --print-architecture)" "$new" prometheus ||
		return 1
	mv "$new" "$CACHE/prometheus"
}

if ! locked prometheus fetch >"$dir/log" 2>&1; then
	echo "ok prometheus # SKIP it cannot be fetched: $(tail -n 1 "$dir/log")"
	echo "0 passed, 0 failed, 1 skipped"
	exit
fi
cd "$here/../.."
.output/unit/test_report_metrics "$dir/run.db"
PYTHONPATH=tests python3 tests/prometheus/check.py ./dmatrace "$CACHE/prometheus/usr/bin" "$dir"
