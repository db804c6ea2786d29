#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the examples of README.md and of the manual pages that need no privilege; what README shows
# as their output must be what they print now, "..." standing for any lines.
#
#	examples.sh [--root]	--root: print those that need root instead, one a line, for a VM
#
# In README.md an example is a line after "$ " or "# " (root)
# in a ```console block, in a manual page a line of a literal display under EXAMPLES, a tab
# continuing the one before.  demo.db is the recording tests/recordings/demo.sql.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

# Numbered files: N.command with its source in the first line, N.output if one is shown.
collect()
{
	awk -v work="$work" '
	function begin(command) {
		name = sprintf("%s/%03d", work, ++count)
		printf "%s:%d\n%s\n", FILENAME, FNR, command > (name ".command")
	}
	function unescape(text) {
		gsub(/\\\(aq/, "\047", text); gsub(/\\-/, "-", text); gsub(/\\e/, "\\", text)
		return text
	}
	FNR == 1 { inside = 0; examples = 0 }
	FILENAME ~ /\.md$/ && /^```/ { inside = $0 == "```console"; next }
	FILENAME ~ /\.md$/ && inside && /^[$#] / { begin(substr($0, 3)); next }
	FILENAME ~ /\.md$/ && inside { print > (name ".output") }
	FILENAME ~ /\.[1-8]$/ && /^\.Sh / { examples = $2 == "EXAMPLES" }
	FILENAME ~ /\.[1-8]$/ && /^\.Bd / { inside = examples; next }
	FILENAME ~ /\.[1-8]$/ && /^\.Ed/ { inside = 0 }
	FILENAME ~ /\.[1-8]$/ && inside && /^\t/ { print unescape($0) > (name ".command"); next }
	FILENAME ~ /\.[1-8]$/ && inside { begin(unescape($0)) }' README.md man/*.[1-8]
}

needs_root()	# COMMAND
{
	case $1 in
	dmatrace\ help* | dmatrace\ --version | dmatrace*\ --help | dmatrace\ devices*)	return 1 ;;
	dmatrace\ explain*)	return 1 ;;
	dmatrace\ hooks*\ --kernel\ *)	return 1 ;;
	dmatrace*\ -i\ demo.db*)	return 1 ;;
	dmatrace*)	return 0 ;;
	*)		return 1 ;;
	esac
}

# Does what was printed fit what is shown?
fits()	# SHOWN PRINTED
{
	python3 - "$1" "$2" <<-'END'
	import re, sys
	shown, printed = (open(name).read() for name in sys.argv[1:])
	pattern = "".join("(?:.*\n)*" if line == "...\n" else re.escape(line)
	                  for line in shown.splitlines(keepends=True))
	sys.exit(not re.fullmatch(pattern, printed))
	END
}

run()	# NAME
{
	local where command

	where=$(head -n 1 "$1.command")
	command=$(tail -n +2 "$1.command")
	if [[ $command == *jq* ]] && ! command -v jq >/dev/null; then
		return
	fi
	if ! (cd "$work/place" && PATH="$top:$PATH" LC_ALL=C.UTF-8 bash -o pipefail -c "$command") \
			>"$work/out" 2>"$work/err" </dev/null; then
		echo "$where: '$command' failed: $(tail -n 1 "$work/err")"
		status=1
	elif [ -e "$1.output" ] && ! fits "$1.output" "$work/out"; then
		echo "$where: '$command' prints something else now:"
		diff "$1.output" "$work/out" | grep '^[<>]' || :
		status=1
	fi
}

cd "$top"
collect
# A place to write to, in which the paths of the examples exist.
mkdir "$work/place"
ln -s "$top/tests" "$work/place/tests"
python3 - tests/recordings/demo.sql "$work/place/demo.db" <<-'END'
import sqlite3, sys
sqlite3.connect(sys.argv[2]).executescript(open(sys.argv[1]).read())
END
for file in "$work"/*.command; do
	command=$(tail -n +2 "$file")
	if needs_root "$command"; then
		[ "${1-}" != --root ] || tr '\n' ' ' <<<"$command" | sed 's/ *$/\n/'
	elif [ "${1-}" != --root ]; then
		run "${file%.command}"
	fi
done
# What README.md has for CI systems stands in a file that is run: tests/vm/cases/ci.sh.
python3 - examples/* <<-'END' || status=1
	import re, sys
	files = [open(name).read() for name in sys.argv[1:]]
	section = re.search(r"^## In CI$(.*?)^## ", open("README.md").read(), re.M | re.S)[1]
	pieces = re.findall(r"^```yaml\n(.*?)^```", section, re.M | re.S)
	lost = [piece for piece in pieces if not any(piece in text for text in files)]
	for piece in lost:
	    print(f"README.md: no file of examples/ has this: {piece!r}")
	sys.exit(bool(lost or not pieces))
END
exit $status
