#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What commands that read recordings ask of the kernel, seen by strace: they write to stdout and
# stderr alone, remove nothing, and have no capability left when they read the first byte.
# Speaks TAP.
set -u
# shellcheck source=tests/unit/tap.inc
. "$(dirname "$0")/tap.inc"
run=$dir/run.db

python3 - "$root/tests/recordings/demo.sql" "$run" <<'END'
import sqlite3, struct, sys
sqlite3.connect(sys.argv[2]).executescript(open(sys.argv[1]).read())
victim = (sys.argv[2] + '.victim').encode()
open(victim, 'w').close()
magic = bytes.fromhex('d9d505f920a163d7')
head = magic + struct.pack('>5I', 0, 0, 0, 512, 4096)
name = struct.pack('>I', 0x40001) + victim + struct.pack('>2I', len(victim), sum(victim)) + magic
open(sys.argv[2] + '-journal', 'wb').write(head.ljust(512, b'\0') + name)
END
sums=$(cat "$run" "$run-journal" | cksum)

# Calls that change files or start something; the first line is that of strace itself.
changes()	# TRACE
{
	local names='unlink|rename|link|symlink|mkdir|rmdir|truncate|ftruncate|chmod|fchmod|chown'
	names="$names|fchown|pwrite|creat|mknod|fallocate|socket|connect|execve|fork|vfork|clone"

	sed 1d "$1" | grep -aE "^([0-9]+ +)?($names)[a-z0-9]*\\("
	grep -aE '(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC)' "$1"
	grep -aE '^([0-9]+ +)?writev?\(' "$1" | grep -avE 'writev?\([12],'
}

reads()	# NAME CODE ARGUMENT...
{
	local name=$1 want=$2 code=0 line capset
	shift 2

	strace -f -o "$dir/trace" "$dmatrace" "$@" >"$dir/out" 2>"$dir/err" </dev/null || code=$?
	capset=$(grep -an 'capset({.*effective=0, permitted=0, inheritable=0})* *= 0' "$dir/trace" |
		head -n 1 | cut -d: -f1)
	line=$(grep -an 'pread64(.*SQLite format 3' "$dir/trace" | head -n 1 | cut -d: -f1)
	if [ "$code" != "$want" ]; then
		verdict "$name" "exit $code, not $want: $(tail -n 1 "$dir/err")"
	elif [ -n "$(changes "$dir/trace")" ]; then
		verdict "$name" "it asked for: $(changes "$dir/trace" | head -n 3)"
	elif [ ! -e "$run.victim" ] || [ "$(cat "$run" "$run-journal" | cksum)" != "$sums" ]; then
		verdict "$name" "files have changed"
	elif [ "$line" ] && [ "${capset:-999999}" -gt "$line" ]; then
		verdict "$name" "it read with capabilities"
	elif [ -z "$line" ] && [ "$1" != explain ]; then
		verdict "$name" "nothing was read: $(head -n 1 "$dir/err")"
	else
		verdict "$name"
	fi
}

if ! strace -f -o "$dir/trace" true 2>"$dir/err"; then
	skip reading "strace: $(head -n 1 "$dir/err")"
	total
	exit
fi
if sanitized; then
	skip reading 'built with a sanitizer'
	total
	exit
fi
for command in stat hist swiotlb iommu report; do
	reads "$command" 0 "$command" -i "$run"
	reads "$command-json" 0 "$command" -i "$run" -f json
done
for command in stacks live trace; do
	reads "$command" 3 "$command" -i "$run"
done
reads export 0 export openmetrics -i "$run"
reads check 4 check -i "$run" -m map.p99=1ns
reads check-baseline 4 check -i "$run" -m map.p99=1ns -b "$run" -R 10%
reads diff 0 diff "$run" "$run"
reads diff-again 0 diff -A "$run" "$run" "$run"
reads explain 0 explain swiotlb-full
total
