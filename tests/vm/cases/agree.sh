# SPDX-License-Identifier: GPL-2.0
# Every command beside the same load says the same of what failed: the cause that `dmatrace stat`
# tells, or that this command does not watch what tells it, and which one does.
. "$here/cases/cells.inc"
. "$here/cases/load.inc"
[ "$IOMMU" != none ] || mem=5120M
timeout=600

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	6.12-amd64-none | 7.x-amd64-none | 6.12-amd64-intel | 7.x-arm64-smmuv3)	;;
	*)	echo "these have slots out of reach, and no I/O addresses left"; return 1 ;;
	esac
	enough_in 6.12-amd64-none 7.x-arm64-smmuv3
}

guest_steps()
{
	if [ "$IOMMU" = none ]; then
		printf 'mask 28\nmap 30 4096 to_device\nresource 5\nalloc 3 64M kernel\nmask 64\n'
	else
		printf 'mask 24\nfill 300 64K to_device\ndrain\nmask 64\n'
	fi
}

guest()
{
	local command

	guest_load || return 1
	guest_steps >commands
	cat >script <<-'END'
		while read -r command; do
			echo "$command" >/dev/dmt_oracle
		done <commands
		:
	END
	for command in stat 'stat --no-latency' hist 'hist --value lifetime' stacks live swiotlb \
		iommu; do
		# shellcheck disable=SC2086	# words
		dmatrace $command -f json -- sh script >"$command.json" || return 1
	done
	dmatrace record -o all.db --with live -- sh script &&
		dmatrace report -f json -i all.db >report.json &&
		dmatrace live -f json -i all.db >again.json || return 1
	rmmod dmt_oracle
}

check()
{
	python3 - "$IOMMU" <<-'END' || return 1
		import glob, json, sys
		def findings(name):
		    return {(f["id"], f["cause"]) for f in json.load(open(name))["findings"]
		            if f["id"] != "data-incomplete"}
		stat = findings("stat.json")
		ids = {i for i, cause in stat}
		wanted = {"swiotlb-out-of-reach", "map-failed", "alloc-failed"} if sys.argv[1] == "none" \
		    else {"map-failed"}
		assert wanted <= ids, stat
		assert not [c for i, c in stat if "not known" in c], stat
		# all of them watch maps; one sees the I/O addresses that were missing themselves
		first = "swiotlb-out-of-reach" if sys.argv[1] == "none" else "map-failed"
		for name in glob.glob("*.json"):
		    got = findings(name)
		    if name == "iommu.json" and sys.argv[1] != "none":
		        assert {i for i, cause in got} == {"iova-pressure"}, (name, got)
		        continue
		    assert first in {i for i, cause in got}, (name, got)
		    for i, cause in got - stat:
		        assert i in ids and "'dmatrace stat'" in cause, (name, i, cause, stat)
	END
}
