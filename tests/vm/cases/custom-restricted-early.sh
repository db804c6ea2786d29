# SPDX-License-Identifier: GPL-2.0
# A restricted pool of all of PCI, whose first device is there before late_initcall: its directory
# in debugfs is at the top, and who holds its slots is told as that pool's.
. "$here/cases/load.inc"
. "$here/cases/custom.inc"
kernels=$BUILT_KERNELS
firmware=restrictedbus

applies()
{
	restricted_applies
}

guest()
{
	guest_load || return 1
	ls -d /sys/kernel/debug/restricted@70000000 || return 1
	echo 'echo fill 5 64K to_device >/dev/dmt_oracle' >script
	dmatrace swiotlb -f json -- sh script >swiotlb.json && guest_pools >pools || return 1
	echo drain >/dev/dmt_oracle
	rmmod dmt_oracle
}

check()
{
	python3 - <<-'END'
		import json
		report = json.load(open("swiotlb.json"))
		pools = {words[0]: words[1:] for words in map(str.split, open("pools"))}
		assert pools["restricted@70000000"][:2] == ["2048", "160"], pools
		assert {p["pool"] for p in report["swiotlb"]} == {
		    {"swiotlb": "default"}.get(name, name) for name in pools}, report["swiotlb"]
		for pool in report["swiotlb"]:
		    held = [(h["driver"], h["count"], h["bytes"]) for h in pool["holders"]]
		    ours = pool["pool"] == "restricted@70000000"
		    assert held == [("dmt_oracle", 5, 5 << 16)] * ours, pool
		    assert not ours or (pool["nslabs"], pool["used"]) == (2048, 160), pool
	END
}
