# SPDX-License-Identifier: GPL-2.0
# Histograms hold each call once: their rows add up to the calls and lifetimes that the module
# counted, in text and JSON.  Of a recording they are to the letter what was reported live, also on
# another machine, and `report` has in its parts what each command says of it.
. "$here/cases/load.inc"

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	5.10-amd64-none | 6.1-arm64-none | 6.12-amd64-intel | 7.x-amd64-none) ;;
	*)	echo "four cells will do"; return 1 ;;
	esac
}

# NAME.options are how to ask again, on the machine that runs the tests.
guest_both()	# NAME DEVICE OPTION...
{
	local name=$1

	shift
	echo "hist -D $*" >"$name.options"
	dmatrace hist -D "$@" -o "$name.db" -- sh script >"$name.live" || return 1
	mv oracle "$name.oracle"
	dmatrace hist -D "$@" -i "$name.db" >"$name.replay" || return 1
}

guest()
{
	guest_load || return 1
	device=$(sed -n 's/^info device //p' /dev/dmt_oracle)
	cat >script <<-'END'
		echo reset >/dev/dmt_oracle
		echo map 300 4096 to_device >/dev/dmt_oracle
		echo map 200 64K from_device >/dev/dmt_oracle
		echo alloc 40 64K kernel >/dev/dmt_oracle
		echo sg 30 4 4K to_device >/dev/dmt_oracle
		cat /dev/dmt_oracle >oracle
	END
	guest_both json "$device" -f json || return 1
	guest_both text "$device" || return 1
	guest_both size "$device" -f json --value size --by direction --by op || return 1
	cat >script <<-'END'
		echo reset >/dev/dmt_oracle
		echo hold 40 4096 >/dev/dmt_oracle && echo hold_alloc 20 4096 >/dev/dmt_oracle
		echo release >/dev/dmt_oracle
		cat /dev/dmt_oracle >oracle
	END
	guest_both lives "$device" -f json --value lifetime || return 1
	code=0
	dmatrace hist --value lifetime -i json.db >refused 2>refused.err || code=$?
	echo $code >refused.code
	rmmod dmt_oracle
}

check_report()	# RECORDING
{
	local command

	"$here/../../dmatrace" report -f json -i "$1" >report.json || return 1
	for command in stat swiotlb iommu; do
		"$here/../../dmatrace" $command -f json -i "$1" >$command.json || return 1
	done
	python3 - <<-'END'
		import json, sys
		whole = json.load(open("report.json"))
		if whole["not_recorded"] != ["stacks", "live"]:
		    sys.exit(f"report: not recorded: {whole['not_recorded']}")
		for command in "stat", "swiotlb", "iommu":
		    part = json.load(open(command + ".json"))
		    for key in part:
		        if part[key] != whole[key]:
		            sys.exit(f"report: '{key}' is not as {command} has it")
	END
}

check()
{
	local name

	for name in json text size lives; do
		[ -s "$name.live" ] || { echo "$name: no report"; return 1; }
		cmp "$name.live" "$name.replay" || return 1
		# shellcheck disable=SC2046	# words, indeed
		LC_ALL=C "$here/../../dmatrace" $(cat "$name.options") -i "$name.db" >"$name.elsewhere" ||
			return 1
		cmp "$name.live" "$name.elsewhere" || return 1
	done
	[ "$(cat refused.code)" = 3 ] || { echo "refused: exit $(cat refused.code)"; return 1; }
	[ "$(wc -l <refused.err)" = 1 ] && [ ! -s refused ] || { cat refused.err; return 1; }
	"$here/compare_hist.py" "$KERNEL-$IOMMU" || return 1
	check_report json.db
}
