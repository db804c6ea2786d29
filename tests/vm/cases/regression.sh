# SPDX-License-Identifier: GPL-2.0
# A job in CI: mapping that takes a fifth longer than in the baseline fails, by its name, and the
# same work again does not.  The clock counts instructions: a busy machine makes nothing slower.
. "$here/cases/rounds.inc"
timeout=200

guest_check()	# NAME OPTION...
{
	local name=$1 code=0

	shift
	dmatrace check --baseline base.db --max-regression 10% --interval 100ms -o "$name.db" "$@" \
		-- sh -u script >"$name.out" || code=$?
	echo "$code" >"$name.code"
}

guest()
{
	insmod /dmt_oracle.ko
	echo slow 5000 >/dev/dmt_oracle
	guest_rounds 'echo map 834 4096 to_device >/dev/dmt_oracle'
	dmatrace record --interval 100ms -o base.db -- sh -u script || return 1
	guest_check again
	echo slow 6100 >/dev/dmt_oracle
	guest_check slow -f json
	rmmod dmt_oracle
}

check()
{
	[ "$(cat again.code)" = 0 ] || { cat again.out; echo "again: exit $(cat again.code)"; return 1; }
	grep -q '^max-regression 10%.* passed ' again.out
	[ "$(cat slow.code)" = 4 ] || { cat slow.out; echo "slow: exit $(cat slow.code)"; return 1; }
	python3 - <<-'END'
		import json, sys
		rows = json.load(open("slow.out"))["verdicts"]
		failed = [row for row in rows if row["verdict"] == "failed"]
		device = "0000:00:01.0 (dmt_oracle) map to_device direct "
		# the delay is 1100 ns of some 6000, and no quantile is nearer than a sixteenth
		if not any(row["subject"] == device + "mean" and 1000 < row["measured"] < 2500
		           for row in failed):
		    sys.exit(f"slow: map is not named; {rows}")
		if any(not row["subject"].startswith(device) for row in failed):
		    sys.exit(f"slow: more than map; {rows}")
	END
}
