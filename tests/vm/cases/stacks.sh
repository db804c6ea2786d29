# SPDX-License-Identifier: GPL-2.0
# Who calls: every call stands under one call path, which names the module's own functions in their
# order; and what an allocation does behind an IOMMU, as a chain.  A table too small for all paths
# loses what it does not keep, and says so.
. "$here/cases/cells.inc"
. "$here/cases/load.inc"
smp=$cpus

applies()
{
	eight_of_all && five_of_all
}

guest_more()
{
	case $KERNEL-$ARCH-$IOMMU in
	5.10-amd64-none | 6.12-amd64-intel | 7.x-arm64-smmuv3) ;;
	*)	return 1 ;;
	esac
}

guest()
{
	guest_load || return 1
	echo 'echo leak 0 300 >/dev/dmt_oracle' >script
	dmatrace stacks -f json -- sh script >stacks.json || return 1
	dmatrace stacks -f folded --op map -- sh script >folded || return 1
	echo 'echo alloc 5 64K kernel >/dev/dmt_oracle' >script
	dmatrace stacks -f json --op iommu_map -- sh script >alloc.json || return 1
	guest_more || return 0
	cat >script <<-'END'
		echo reset >/dev/dmt_oracle
		echo leak 0 50 >/dev/dmt_oracle
		echo alloc 20 4K kernel >/dev/dmt_oracle
		echo sg 20 4 4K to_device >/dev/dmt_oracle
		cat /dev/dmt_oracle >small.oracle
	END
	dmatrace stacks -f json --max-stacks 3 -D "$(sed -n 's/^info device //p' /dev/dmt_oracle)" \
		-- sh script >small.json
}

check_small()
{
	python3 - <<-'END'
		import json
		report = json.load(open("small.json"))
		truth = sum(int(w[2]) for w in map(str.split, open("small.oracle"))
		            if w[0] in ("map", "unmap", "alloc", "free", "map_sg", "unmap_sg"))
		kept = sum(r["calls"] for r in report["stacks"])
		lost = report["losses"]["stack_counts_full"]
		assert truth == 180, truth
		assert 0 < len(report["stacks"]) <= 3 and lost, (len(report["stacks"]), lost)
		assert lost == truth - kept, "%d lost, %d of %d kept" % (lost, kept, truth)
	END
}

check()
{
	! guest_more || check_small || return 1
	python3 - "$KERNEL-$ARCH-$IOMMU" <<-'END'
		import json, sys
		cell = sys.argv[1]

		def chain(frames, *names):
		    outermost_first = [f.split()[0] for f in reversed(frames)]
		    start = outermost_first.index(names[0]) if names[0] in outermost_first else 0
		    return tuple(outermost_first[start:start + len(names)]) == names

		rows = json.load(open("stacks.json"))
		for op, inner in ("map", "oracle_map_only"), ("unmap", "oracle_unmap"):
		    mine = [r for r in rows["stacks"] if r["op"] == op and r["device"]]
		    calls = sum(r["calls"] for r in mine)
		    assert calls == 300, "%s: %d calls have a call path, 300 were made" % (op, calls)
		    for r in mine:
		        names = [f.split()[0] for f in r["frames"]]
		        assert "cmd_leak" in names and inner in names, (op, names)
		        assert names.index(inner) < names.index("cmd_leak"), (op, names)
		        assert names[0].startswith("dma_" + op), (op, names)
		assert any(r["frames"][-1] == "sh" for r in rows["stacks"]) or cell.startswith("5.10-amd64")
		lines = [l.rsplit(" ", 1) for l in open("folded")]
		assert sum(int(n) for path, n in lines) == 300, lines
		assert all(";cmd_leak [dmt_oracle];" in path for path, n in lines), lines
		if cell == "5.10-arm64-smmuv3":
		    paths = [r["frames"] for r in json.load(open("alloc.json"))["stacks"]]
		    assert any(chain(f, "dma_alloc_attrs", "iommu_dma_alloc", "iommu_dma_alloc_remap")
		               for f in paths), paths
	END
}
