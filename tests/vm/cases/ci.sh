# SPDX-License-Identifier: GPL-2.0
# The CI jobs of examples/, as they stand there: their shell part, in a machine with a disk to test.
devices=nvme
modules=nvme
timeout=300

applies()
{
	[ "$KERNEL-$ARCH-$IOMMU" = 6.12-amd64-intel ] || { echo "one cell will do"; return 1; }
}

examples=$here/../../examples

# The shell of a YAML file: what is indented deeper than the line that ends in KEY.
shell_of()	# FILE KEY
{
	awk -v key="$2" '
	{ match($0, /^ */) }
	inside && RLENGTH <= depth { inside = 0 }
	inside { sub(/^ *(- )?/, ""); print }
	substr($0, length($0) - length(key) + 1) == key { inside = 1; depth = RLENGTH }' "$1"
}

eval "guest_files()
{
mkdir examples
cat >examples/dma.yml <<'END'
$(cat "$examples/dma.yml")
END
cat >ci <<'END'
$(cat "$examples/ci.sh")
END
cat >github <<'END'
$(shell_of "$examples/github-actions.yml" 'run: |')
END
cat >gitlab <<'END'
$(shell_of "$examples/gitlab-ci.yml" script: | tr '\n' ' ')
END
}"

guest_job()	# NAME COMMAND...
{
	local name=$1 code=0

	shift
	"$@" >"$name.out" 2>"$name.err" || code=$?
	echo "$code" >"$name.code"
	mv dma.xml "$name.xml"
	mv dma.db "$name.db"
}

guest()
{
	guest_files
	mkdir bin
	printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
	printf '#!/bin/sh\nexec dd if=/dev/nvme0n1 of=/dev/null bs=256K count=40\n' >run-tests
	chmod +x bin/sudo run-tests
	PATH=$PWD/bin:$PATH
	guest_job github sh -eu github
	guest_job gitlab sh -eu gitlab
	guest_job ci sh ci ./run-tests
	guest_job idle sh ci true
	cp ci.db base.db
	guest_job again sh ci ./run-tests
}

exits()	# NAME CODE
{
	[ "$(cat "$1.code")" = "$2" ] && return
	echo "$1: exit $(cat "$1.code"): $(grep -hE 'failed|incomplete|unmatched|dmatrace' "$1".???)"
	return 1
}

check()
{
	exits github 0
	exits gitlab 0
	exits ci 0
	exits idle 4
	grep -q "^a limit was not kept; 'dmatrace report -i dma.db' says more$" idle.out
	# so short a run, and so slow a machine: it may be too little to tell, or slower indeed
	grep -qE '^max-regression 50%' again.out
	xmllint --noout --schema "$here/../unit/junit.xsd" github.xml gitlab.xml ci.xml idle.xml
}
