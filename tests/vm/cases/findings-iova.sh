# SPDX-License-Identifier: GPL-2.0
# Mapping what the rcaches of I/O addresses do not keep is too much when it is done all the time,
# and so is mapping more than the mask reaches; mapping small buffers is healthy.
. "$here/cases/findings.inc"

applies()
{
	case $KERNEL-$IOMMU in
	6.12-intel | 7.x-smmuv3)	;;
	*)	echo "the same in all cells"; return 1 ;;
	esac
}
cmdline='iommu.strict=0'

guest_report()	# FILE COMMAND...
{
	local file=$1

	shift
	printf '%s\n' "$@" >steps
	cat >script <<-'END'
		while read -r command; do
			echo "$command" >/dev/dmt_oracle || { echo "cannot $command" >&2; exit 1; }
		done <steps
	END
	dmatrace iommu -f json -- sh script >$file || return 1
}

guest()
{
	guest_load || return 1
	guest_report healthy.json 'map 20000 4096 to_device' || return 1
	guest_report large.json 'map 20000 262144 to_device' || return 1
	guest_report exhausted.json 'mask 24' 'fill 100 262144 to_device' drain 'mask 32' ||
		return 1
	guest_report high.json 'mask 64' 'fill 1100 4194304 to_device' drain 'mask 32' || return 1
	printf '%s\n' 'map 3 4096 to_device' 'mask 24' 'fill 70 262144 to_device' drain \
		'mask 32' >steps
	dmatrace trace --op map --op iova_fast_alloc -f json -- sh script >trace.json || return 1
	rmmod dmt_oracle
}

check()
{
	check_findings healthy.json
	check_findings large.json iova-pressure \
		'20000 of 20000 .*100 %.*20000 were too large for the rcache'
	check_findings exhausted.json iova-pressure \
		'[0-9]+ of 100 ranges .* were not to be had; the lowest limit was 0xffffff'
	python3 - <<-'END' || return 1
		import json, sys
		# lazy: a timer flushes the queue, for the device alone in its domain
		flushes = json.load(open("healthy.json"))["flushes"]
		if ("dmt_oracle", "iotlb_flush") not in {(r["driver"], r["op"]) for r in flushes}:
		    sys.exit(f"flushes: {flushes}")
		report = json.load(open("exhausted.json"))
		row, = [r for r in report["domains"] if r["driver"] == "dmt_oracle"]
		failed, = report["iova_failures"]
		# 16 MiB hold 64 of them, less what is reserved
		if not 36 <= row["iova_failed"] <= 40 or failed["count"] != row["iova_failed"]:
		    sys.exit(f"failed: {row}, {failed}")
		if failed["size"] != 262144 or failed["limit"] != 0xffffff:
		    sys.exit(f"failed: {failed}")
		# a mapping begins where its range does, and one that got none has no address
		events = [json.loads(line) for line in open("trace.json")]
		where = {op: [e["address"] for e in events if e.get("op") == op]
		         for op in ("iova_fast_alloc", "map")}
		got = [a for a in where["iova_fast_alloc"] if a]
		if len(where["map"]) != 73 or got != [a for a in where["map"] if a] or \
		   where["iova_fast_alloc"].count(None) != 73 - len(got) or len(got) > 67:
		    sys.exit(f"trace: {where}")
		# more than there is below 4 GiB: one try there is in vain, then none is made
		report = json.load(open("high.json"))
		row, = [r for r in report["domains"] if r["driver"] == "dmt_oracle"]
		shown = [row[k] for k in ("iova_allocs", "iova_failed", "retried", "above_percent")]
		if shown != [1100, 0, 1, 100] or report["iova_failures"]:
		    sys.exit(f"above 4 GiB: {row}")
	END
}
