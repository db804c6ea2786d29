#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Give each target here made-up bytes for a while, under ASan and UBSan:
#
#	run.sh [TARGET]...	all by default; FUZZ_SECONDS=20 for each
#
# The bytes that broke one are kept, and said how to try again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
clang=${CLANG:-clang}
out=.output/fuzz
checks=address,undefined
passed=0 failed=0 skipped=0

targets=("$@")
if [ $# = 0 ]; then
	mapfile -t targets < <(basename -s .c "$here"/fuzz_*.c)
fi

finish()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
	exit
}

# Is there what Debian has in libclang-rt-dev?
mkdir -p "$out"
if ! echo 'int LLVMFuzzerTestOneInput(const char *d, long n) { return !d && n; }' |
		"$clang" -fsanitize=fuzzer,address -x c - -o "$out/probe" 2>/dev/null; then
	echo "ok fuzz # SKIP $clang has no libFuzzer; install libclang-rt-dev"
	skipped=${#targets[@]}
	finish
fi

if ! make -s fuzzers OUTPUT="$out" BPF_OUTPUT=.output CC="$clang" \
		CFLAGS="-O1 -g -fsanitize=fuzzer-no-link,$checks -fno-sanitize-recover=$checks"; then
	echo "not ok fuzz: it does not build"
	failed=${#targets[@]}
	finish
fi

fuzz()	# TARGET
{
	local target=$1 work
	# a recording of so many bytes is read in less, and in no more memory
	local bounds=(-timeout=20 -rss_limit_mb=2048 -max_len=131072)

	work=$(mktemp -d)
	mkdir "$work/corpus"
	case $target in
	fuzz_policy)	cp "$here"/policies/* "$work/corpus" ;;
	fuzz_recording | fuzz_journal)	"$out/$target" --seeds "$work/corpus" ;;
	fuzz_schema)
		"$out/$target" --seeds "$work/corpus"
		bounds=(-timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=256 -max_len=8192)
		;;
	fuzz_http)	cp "$here"/requests/* "$work/corpus" ;;
	esac
	# freed memory is held back to find its use; more than this only takes time
	if ASAN_OPTIONS=quarantine_size_mb=16 "$out/$target" "${bounds[@]}" \
			-max_total_time="${FUZZ_SECONDS:-20}" -close_fd_mask=3 -print_final_stats=1 \
			-artifact_prefix="$work/" "$work/corpus" >"$work/log" 2>&1; then
		echo "ok $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log") inputs"
		rm -rf "$work"
	else
		grep -aE 'ERROR|SUMMARY|runtime error|^ +#[0-9]+ .* in ' "$work/log" |
			head -n 30 | sed 's/^/# /'
		echo "not ok $target: $out/$target $(find "$work" -maxdepth 1 -name '*-*')"
	fi
}

# All at the same time: each has one thread.
for target in "${targets[@]}"; do
	fuzz "$target" >"$out/$target.verdict" &
done
wait
for target in "${targets[@]}"; do
	cat "$out/$target.verdict"
	if grep -q "^ok $target" "$out/$target.verdict"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
finish
