# SPDX-License-Identifier: GPL-2.0
# What is attached while a command runs is what tests/golden/programs has for it, no more and no
# less.
programs=/usr/sbin/bpftool

applies()
{
	[ "$KERNEL-$ARCH-$IOMMU" = 6.12-amd64-none ] ||
		{ echo "unit tests have the plan of every kernel"; return 1; }
}

# As the golden text names them, and how they are run.
guest_commands()
{
	cat <<-'END'
		no-latency stat --no-latency
		trace trace
		live live
		swiotlb swiotlb
	END
}

guest()
{
	guest_commands | while read -r name command; do
		# shellcheck disable=SC2086	# a list of words
		dmatrace $command -- sh -c "bpftool -j prog show >$name.json" >"$name.out" </dev/null ||
			return 1
	done
}

check()
{
	guest_commands | while read -r name _; do
		diff <(sed -n "s/:.* $name\( .*\)\?\$//p" "$here/../golden/programs/$KERNEL-$ARCH.txt" | sort) \
			<(grep -o '"name":"[a-z0-9_]*__[a-z]*"' "$name.json" | cut -d'"' -f4 |
				grep -v ^forget__ | sort)
	done
}
