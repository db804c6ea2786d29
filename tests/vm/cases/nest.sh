# SPDX-License-Identifier: GPL-2.0
# 20,000 pairs of a hard-interrupt timer over 3,000 or more of a task: some come inside a call of
# the task, every call is counted or known to be missed, and no latency is longer than the module's
# own clock around the same calls.
. "$here/cases/oracle.inc"

applies()
{
	nest_applies
}

guest()
{
	guest_compare 'nest 20000 3000'
}

check()
{
	"$here/compare.py" stat.json oracle kprobes
	"$here/compare_nest.py" stat.json oracle
}
