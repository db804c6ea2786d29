#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel that runs right now: hooks attach, and a report has every device's calls in it.
# Says why not where this kernel, or these privileges, do not take BPF.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dmatrace=$here/../dmatrace
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0 failed=0 skipped=0

run()	# NAME ARGUMENT...
{
	local name=$1 status=0
	shift
	"$dmatrace" "$@" >"$out/stdout" 2>"$out/stderr" </dev/null || status=$?
	case $status in
	0)	echo "ok native $name: $(summary)"
		passed=$((passed + 1)) ;;
	3)	echo "ok native $name # SKIP $(tail -n 1 "$out/stderr")"
		skipped=$((skipped + 1)) ;;
	*)	echo "not ok native $name # exited $status: $(tail -n 1 "$out/stderr")"
		failed=$((failed + 1)) ;;
	esac
}

# Of a list of hooks the ways, of a report its line on hooks.
summary()
{
	if grep -q '^OP ' "$out/stdout"; then
		awk '$5 == "on" { n[$3]++ } END { for (way in n) printf "%d by %s ", n[way], way }' \
			"$out/stdout"
	else
		sed -n 's/^hooks: \([0-9a-z, ]*\).*/\1/p' "$out/stdout"
	fi
}

echo "# Linux $(uname -r) on $(uname -m), this machine"
run hooks hooks
run stat stat -d 1s
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
