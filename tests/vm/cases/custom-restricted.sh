# SPDX-License-Identifier: GPL-2.0
# A restricted pool of 2048 slots, which all of edu's memory comes from: which way calls go, who
# holds its slots, also those of coherent memory, and what is said when it is full: its size is the
# device tree's matter.
. "$here/cases/findings.inc"
. "$here/cases/path.inc"
. "$here/cases/custom.inc"
kernels=$BUILT_KERNELS
firmware=restricted
smp=2
timeout=400

applies()
{
	restricted_applies
}

guest_steps()
{
	cat <<-'END'
		alloc 20 4K kernel : restricted_pool
		alloc 5 64K kernel : restricted_pool
		alloc 3 512K kernel : restricted_pool 0
		map 25 4096 to_device : bounce
		map 26 100 from_device : bounce
		sg 27 4 4096 bidirectional : bounce
	END
}

# Who holds what, seen by WAY: 5 buffers of 4 KiB and 3 pieces of coherent memory of 8 KiB.
guest_held()	# WAY
{
	cat >script <<-'END'
		echo fill 5 4K to_device >/dev/dmt_oracle && echo keep 3 8K kernel >/dev/dmt_oracle
	END
	dmatrace swiotlb -f json -w "$1" -- sh script >"held-$1.json" && guest_pools >"held-$1.pools"
	echo drain >/dev/dmt_oracle
	echo 'echo fill 5 4K to_device >/dev/dmt_oracle; echo keep 3 8K kernel >/dev/dmt_oracle
		echo drain >/dev/dmt_oracle' >script
	dmatrace swiotlb -f json -w "$1" -- sh script >"none-$1.json"
}

guest()
{
	guest_load || return 1
	guest_pools >pools
	dmatrace devices -f json >devices.json || return 1
	guest_held fentry && guest_held kprobe || return 1
	guest_report full 'fill 2000 4K to_device
keep 3 8K kernel
keep 1 512K kernel' || return 1
	echo drain >/dev/dmt_oracle
	guest_classes
}

check()
{
	local full='2048 of 2048 slots used.*exhausted.*restricted-dma-pool.* device tree'

	check_classes restricted_pool
	check_findings full.json bounce-restricted-pool ' 1024 bounces, 4.0MiB' \
		swiotlb-full " 976 of 2000 .*; $full" \
		alloc-failed ' 4 of 4 .*restricted pool.*restricted-dma-pool'
	python3 - <<-'END'
		import json

		pools = [line.split() for line in open("pools")]
		print(pools)
		assert ["restricted@70000000", "2048", "0"] in [pool[:3] for pool in pools], pools

		report = json.load(open("devices.json"))
		edu, = [d for d in report["devices"] if d["driver"] == "dmt_oracle"]
		assert edu["dma_ops"] == "restricted", edu
		assert edu["implies"].startswith("bounces always, through restricted@70000000;"), edu
		others = [d for d in report["devices"] if d is not edu and d["dma_ops"] == "restricted"]
		assert not others, others

		for way in "fentry", "kprobe":
		    report = json.load(open(f"held-{way}.json"))
		    truth = {line.split()[0]: line.split()[1:] for line in open(f"held-{way}.pools")}
		    pool, = [p for p in report["swiotlb"] if p["pool"] == "restricted@70000000"]
		    assert truth["restricted@70000000"][:2] == ["2048", "22"], truth
		    assert [pool["nslabs"], pool["used"]] == [2048, 22], pool
		    held = sorted((h["count"], h["bytes"]) for h in pool["holders"])
		    assert held == [(3, 3 * 8192), (5, 5 * 4096)], (way, pool["holders"])
		    for holder in pool["holders"]:
		        assert "[dmt_oracle]" in " ".join(holder["stack"]), (way, holder)
		    others = [p["holders"] for p in report["swiotlb"] if p is not pool]
		    assert not any(others), others

		    report = json.load(open(f"none-{way}.json"))
		    assert not [p for p in report["swiotlb"] if p["holders"]], (way, report["swiotlb"])
		    assert not [n for n in report["losses"].values() if n], report["losses"]
	END
}
