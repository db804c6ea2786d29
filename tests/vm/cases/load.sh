# SPDX-License-Identifier: GPL-2.0
# This kernel's verifier passes every program in every configuration a command can ask for, and
# walks no more than half of what it is willing to.  By the ways that are taken here, and on one
# kernel by those that are not.
. "$here/cases/cells.inc"
timeout=500

applies()
{
	[ "$IOMMU" = none ] || { echo "programs load the same behind an IOMMU"; return 1; }
	enough_in 5.10-amd64-none 6.1-arm64-none 6.12-amd64-none 7.x-arm64-none
}

guest()
{
	dmatrace hooks --verifier -f json >chosen.json || return 1
	case $KERNEL-$ARCH in
	6.12-amd64)	dmatrace hooks --verifier -w kprobe -f json >kprobe.json ;;
	6.12-arm64)	dmatrace hooks --verifier -w tracepoint -f json >tracepoint.json ;;
	esac
}

check()
{
	python3 - "$here/../golden/hooks/$KERNEL-$ARCH.txt" <<-'END'
		import glob, json, sys
		bad, rows = [], {}
		for path in glob.glob("*.json"):
		    report = json.load(open(path))
		    if report["configurations"] != 12:
		        bad.append(f"{path}: {report['configurations']} configurations")
		    rows |= {(r["way"], r["target"]): r for r in report["programs"]}
		    if path != "chosen.json" and not {path[:-5]} == {r["way"] for r in report["programs"]}:
		        bad.append(f"{path} has other ways")
		limit = report["limit"] // 2
		bad += [f"{key}: refused, {r['refused']}" for key, r in rows.items() if r["refused"]]
		bad += [f"{key}: {r['instructions']} instructions, limit {limit}" for key, r in rows.items()
		        if not 0 < (r["instructions"] or 0) <= limit]
		# whatever is attached here
		planned = [l.split() for l in open(sys.argv[1])]
		bad += [f"{w[2]} {w[3]}: not loaded" for w in planned
		        if len(w) > 4 and w[4] == "on" and (w[2], w[3]) not in rows]
		if bad:
		    sys.exit("; ".join(bad))
		worst = sorted(rows.values(), key=lambda r: -r["instructions"])[:5]
		print(f"{len(rows)} hooks and ways; most of {limit * 2}: " + "; ".join(
		    f"{r['instructions']} {r['way']} {r['target']} for {r['most_for']}" for r in worst))
	END
}
