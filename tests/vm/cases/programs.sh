# SPDX-License-Identifier: GPL-2.0
# What is attached while a command runs is what tests/golden/programs has for it, no more and no
# less.  An IOMMU that comes later is not watched, and the report says so.
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
		stat stat
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
	done || return 1
	mkdir -p iommus/dmar0
	dmatrace stat -f json -- mount -o bind iommus /sys/class/iommu >came.json
	umount /sys/class/iommu
}

check()
{
	guest_commands | while read -r name _; do
		diff <(sed -n "s/:.* $name\( .*\)\?\$//p" "$here/../golden/programs/$KERNEL-$ARCH.txt" | sort) \
			<(grep -o '"name":"[a-z0-9_]*__[a-z]*"' "$name.json" | cut -d'"' -f4 |
				grep -v ^forget__ | sort)
	done
	python3 - <<-'END'
		import json
		report = json.load(open("came.json"))
		late = {h["op"] for h in report["hooks"] if h["reason"] == "an IOMMU came after the start"}
		assert late == {"iommu_alloc", "iommu_map", "iommu_unmap", "pgtable_map"}, late
		finding, = (f for f in report["findings"] if f["id"] == "data-incomplete")
		assert "an IOMMU came after the start" in finding["evidence"], finding
	END
}
