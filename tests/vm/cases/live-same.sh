# SPDX-License-Identifier: GPL-2.0
# Without an IOMMU the same memory can be mapped more than once, and two CPUs may do so at the same
# time: all that was given back is, and what is not is counted as often as it is mapped, up to
# sixteen times; what is beyond is lost, and counted so.  A scatterlist of it is not given back by
# what unmaps a single buffer.
. "$here/cases/load.inc"
smp=2

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	5.10-amd64-none | 6.1-arm64-none | 6.12-amd64-none)	;;
	*)	echo "an IOMMU gives each mapping its own address; 7.x leaves such devices out"; return 1 ;;
	esac
}

guest_live()	# NAME OPTION...
{
	local name=$1

	shift
	echo reset >/dev/dmt_oracle
	dmatrace live -f json "$@" -- sh script >"$name.json" && cat /dev/dmt_oracle >"$name.oracle"
}

guest()
{
	guest_load || return 1
	cat >script <<-'END'
		for n in 1 2 3 4 5; do
			echo scale_cpus 10000 2 >/dev/dmt_oracle || exit 1
		done
	END
	guest_live both || return 1
	echo 'echo fill 10 512 to_device >/dev/dmt_oracle' >script
	guest_live ten --each || return 1
	echo drain >/dev/dmt_oracle
	echo 'echo fill 20 512 to_device >/dev/dmt_oracle && echo drain >/dev/dmt_oracle' >script
	guest_live beyond || return 1
	cat >script <<-'END'
		for command in 'hold_sg 0 4' 'fill 1 512 to_device' drain; do
			echo "$command" >/dev/dmt_oracle || exit 1
		done
	END
	guest_live list
	echo release >/dev/dmt_oracle
}

check()
{
	python3 - <<-'END'
		import json

		def read(name):
		    report = json.load(open(name + ".json"))
		    lives, = [row for row in report["lifetimes"] if row["op"] == "map"] or [None]
		    losses = {loss: count for loss, count in report["losses"].items() if count}
		    unmaps = [line.split() for line in open(name + ".oracle") if line.startswith("unmap ")]
		    return report, lives, losses, sum(int(words[2]) for words in unmaps)

		report, lives, losses, unmaps = read("both")
		print(lives["given_back"], "alone,", lives["shared"], "shared of", unmaps)
		assert unmaps == 100000 == lives["given_back"] + lives["shared"], (lives, unmaps)
		assert not lives["unseen"] and not report["live"] and not losses, (report["live"], losses)
		assert not report["findings"], report["findings"]

		report, _, losses, _ = read("ten")
		row, = report["live"]
		assert (row["op"], row["count"], row["bytes"]) == ("map", 10, 5120) and not losses, row
		each = report["mappings"]
		assert len(each) == 10 and len({row["address"] for row in each}) == 1, each
		assert not report["mappings_not_shown"], report["mappings_not_shown"]
		assert sum(row["age"]["count"] for row in report["ages"]) == 10, report["ages"]

		report, lives, losses, unmaps = read("beyond")
		assert unmaps == 20 and losses == {"held_full": 4}, (unmaps, losses)
		assert [lives[key] for key in ("given_back", "shared", "unseen")] == [0, 16, 4], lives
		assert not report["live"], report["live"]

		report, _, losses, unmaps = read("list")
		assert [(row["op"], row["count"]) for row in report["live"]] == [("map_sg", 1)], report["live"]
		assert unmaps == 1 and not losses, (unmaps, losses)
	END
}
